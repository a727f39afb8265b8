"""F16: a data folder made by an earlier program (fixture/city-0.1.tar.xz, made by `f16_upgrade.py --make FILE`) is opened by this one: its
readings, record, figure and signed heads are what they were. Until there is an earlier release whose formats differ this shows that a
folder on disk stays readable, not that a migration works. And downwards: folders that a later program would write are refused."""
import struct, tarfile
import kit
from kit import *

FIXTURE = os.path.join(ROOT, "test", "fault", "fixture", "city-0.1.tar.xz")
POINT = {"id": "f,s=1 v", "data": {"subject": "210800", "name_zh": "总表", "name_en": "main", "carrier": "electricity", "flow": "purchase",
                                   "unit": "kWh", "kind": "register", "period_s": 60}}
FIGURE = "/api/v1/figures/industry.electricity?period=2026-01"


def crc32c(b):
    """Castagnoli, RFC 3720: reflected 0x1EDC6F41; of "123456789" it is 0xE3069283."""
    r = 0xFFFFFFFF
    for x in b:
        r ^= x
        for _ in range(8):
            r = r >> 1 ^ (0x82F63B78 if r & 1 else 0)
    return r ^ 0xFFFFFFFF


def make(out):
    folder = copy(CITY)
    s = Server(folder)
    expect(s.start(), "does not start")
    c = http.client.HTTPConnection("127.0.0.1", s.port)
    c.request("POST", "/api/v1/records/point", json.dumps([POINT]), {"Authorization": "Token " + tokens()[1]})
    expect(c.getresponse().status == 200, "the point is refused")
    # a register of 0, 10, 20 ... 7200 kWh, one reading a minute for twelve hours
    body = "".join("f,s=1 v=%d %d\n" % (10 * i, T0 + 60 * i) for i in range(721)).encode()
    c = http.client.HTTPConnection("127.0.0.1", s.port)
    c.request("POST", "/api/v2/write?precision=s", body, {"Authorization": "Token " + tokens()[0]})
    expect(c.getresponse().status == 204, "the readings are refused")
    until(lambda: json.loads(s.get(FIGURE)[1])["value"] is not None, 30)
    print(s.get(FIGURE)[1])
    expect(s.stop() == 0, "does not stop")
    shutil.rmtree(folder + "/keys")  # no secrets in a fixture: the program makes a new key and goes on
    with tarfile.open(out, "w:xz") as t:
        t.add(folder, "city")


def unpacked():
    base = new_dir("f")
    with tarfile.open(FIXTURE) as t:
        t.extractall(base)
    return os.path.join(base, "city")


def look(folder, what):
    rc, report, err = verify(folder)
    expect(rc == 0 and report.get("readings") == 721, "%s: verify: %d %s %s" % (what, rc, err, report.get("findings")))
    secret = qf("token", "add", "--data", folder, "--scope", "read,manage")[1].strip()
    write = qf("token", "add", "--data", folder, "--scope", "write")[1].strip()
    kit.tokens = lambda: [write, secret]
    s = Server(folder)
    if not expect(s.start(), what + ": does not start: " + s.said()[-300:]):
        return
    got = s.values("f,s=1 v")
    expect(got == [(60 * i, 10.0 * i) for i in range(721)], what + ": readings differ")
    record = s.get("/api/v1/records/point/" + urllib.parse.quote(POINT["id"], safe=""))[1].decode()
    expect("总表" in record, what + ": the record differs: " + record[:300])
    v = until(lambda: json.loads(s.get(FIGURE)[1])["value"], 30)
    expect(v is not None and float(v) == 7200, "%s: the figure is %s, not 7200 - 0 kWh" % (what, v))
    w = Sender(s.port, series="new", count=50)
    w.start()
    until(lambda: not w.is_alive())
    expect(len(w.acked) == 50, what + ": it takes no new readings")
    expect(s.stop() == 0, what + ": does not stop")
    expect(verify(folder)[0] == 0, what + ": verify afterwards")


def later(folder, what, change):
    path = os.path.join(folder, "journal", "00000000000000000001.qfj")
    with open(path, "r+b") as f:
        b = bytearray(f.read())
        change(b)
        f.seek(0)
        f.write(b)
    s = Server(folder)
    expect(not s.start(), what + ": opened")
    expect(s.kill() == 3, what + ": exit code")
    return s.said()


def version_two(b):
    struct.pack_into("<I", b, 8, 2)
    struct.pack_into("<I", b, 124, crc32c(b[:124]))


def run():
    expect(crc32c(b"123456789") == 0xE3069283, "our own CRC")
    look(unpacked(), "as it was")
    shown = unpacked()
    os.remove(shown + "/book.duckdb")
    look(shown, "without its book: made again from the journal")
    row("F16", "a folder of version 0.1 (fixture, made by this version) is opened, with and without its book", 2,
        "readings, record, figure and heads as they were; it goes on", "opens; nothing differs")
    said = later(unpacked(), "a segment of format version 2", version_two)
    expect("version" in said, "it does not name the version: " + said[-300:])
    row("F16", "a folder of a later format version is opened", 1, "refused with exit code 3, the version is named", "refused cleanly")


if __name__ == "__main__" and sys.argv[1:2] == ["--make"]:
    with ended():
        make_city()
        make(sys.argv[2])
    sys.exit(bool(broken))
main(run)
