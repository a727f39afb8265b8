"""F3: the disk fills up - a tmpfs of 48 MiB in a mount namespace of its own - while a client writes, and is given room again; a backup and
an import to a full disk. Run as root, or where user namespaces are allowed; else skipped."""
from kit import *

HOW = "a disk of 48 MiB fills up and gets room again"


def inside():
    """Is this the namespace? Else begin again in one; False when there is none to be had."""
    if os.environ.get("QF_FAULT_NS") == "1":
        return True
    cmd = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    with contextlib.suppress(OSError):
        if subprocess.run([*cmd, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True).returncode == 0:
            os.environ["QF_FAULT_NS"] = "1"
            os.execvp(cmd[0], [*cmd, sys.executable, "-B", os.path.abspath(__file__)])
    return False


def fill(path, leave):
    """A file that takes all space but `leave` bytes."""
    with contextlib.suppress(OSError), open(path, "ab", 0) as f:
        while True:
            f.write(bytes(65536))
    st = os.statvfs(os.path.dirname(path))
    size = os.path.getsize(path) - max(0, leave - st.f_bavail * st.f_frsize)
    os.truncate(path, max(0, size))


def bulk(port, seconds):
    """Texts that do not pack, until one is refused: the journal takes room in advance, that too must be used up."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    for i in range(200):
        c.request("POST", "/api/v2/write?precision=s", b"".join(b'bulk t="%s" %d\n' % (os.urandom(15000).hex().encode(), T0 + i * 10 + k) for k in range(10)),
                  {"Authorization": "Token " + tokens()[0]})
        r = c.getresponse()
        r.read()
        if r.status != 204:
            return r.status
    return 204


def one(i, disk):
    """Fill, look, make room, go on: (how many were acknowledged, answers of refused writes, how it ended)."""
    folder = copy(CITY, os.path.join(disk, "city"))
    s = Server(folder)
    expect(s.start(), "does not start: " + s.said()[-300:])
    w = Sender(s.port, batch=50, rest=0.002)
    w.start()
    until(lambda: len(w.acked) > 200)
    fill(os.path.join(disk, "filler"), rng.choice([0, 4096, 65536, 500000]))
    statuses = {bulk(s.port, WAIT)}
    until(lambda: w.refused or w.gone, 3)
    code = s.get("/healthz", None)[0]
    expect(code in (200, 503), "health on a full disk: %d" % code)
    expect(s.get("/api/v1/points")[0] == 200, "nothing can be read on a full disk")
    rc, out, err = qf("backup", "--data", folder, "--out", os.path.join(disk, "backup"))
    expect(rc == 3, "a backup to a full disk: exit code %d" % rc)
    shutil.rmtree(os.path.join(disk, "backup"), ignore_errors=True)
    os.remove(os.path.join(disk, "filler"))
    w.end()
    statuses |= {c for c, _ in w.refused}
    expect(statuses <= {204, 503, 507}, "answers: %s" % statuses)
    again = Sender(s.port, first=w.next, count=w.next + 100, batch=10)
    again.start()
    until(lambda: not again.is_alive(), 60)
    again.end()
    acked, sent, end = w.acked | again.acked, max(w.sent, again.sent), "went on by itself"
    # heads are tried again each second; applying that stopped stays so
    dead = lambda: s.p.poll() is not None or "applying stopped" in s.said()
    expect(until(lambda: dead() or s.get("/healthz", None)[0] == 200), "with room again it is not healthy: " + s.said()[-300:])
    if dead():
        end = "applying stopped, a restart was needed"
        rc = s.stop()
        expect(0 <= rc <= 3, "a server whose disk was full ended with %d: %s" % (rc, s.said()[-600:]))
        s = Server(folder)
        expect(s.start(), "does not start when there is room again: " + s.said()[-400:])
    else:
        expect(len(again.acked) == 100, "with room again writes are refused: %s %s" % (again.gone, again.refused[:2]))
    compare("full disk %d" % i, s, "f", acked, sent)
    expect(s.stop() == 0, "does not stop")
    rc, report, err = verify(folder)
    expect(rc == 0, "verify: %s" % err)
    shutil.rmtree(folder)
    return len(acked), statuses - {204}, end


def run():
    if not inside():
        skip("F3", HOW, "no mount namespace: neither root nor user namespaces", "")
        return
    disk = new_dir("disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", disk]).returncode:
        skip("F3", HOW, "tmpfs cannot be mounted", "")
        return
    n, acks = trials(2, 60), 0
    ends = {}
    for i in range(n):
        acked, statuses, end = one(i, disk)
        acks += acked
        for c in statuses:
            ends[c] = ends.get(c, 0) + 1
        ends[end] = ends.get(end, 0) + 1
    subprocess.run(["umount", "-l", disk])
    expect(507 in ends or 503 in ends, "no write was told that the disk is full: %s" % ends)
    row("F3", HOW, n, "%d acknowledged, 0 lost; %s" % (acks, ", ".join("%s: %d times" % (k, v) for k, v in sorted(ends.items(), key=str))),
        "507 or 503; 0 lost; goes on when there is room")


main(run)
