"""F18: backup of a folder - while its server takes in readings, and stopped as docs/operate.md tells - restored elsewhere and opened there."""
from kit import *


def restored(backup, acked, sent, what):
    to = os.path.join(new_dir("r"), "city")
    rc, out, err = qf("restore", "--from", backup, "--data", to)
    if not expect(rc == 0, "%s: restore: %d %s" % (what, rc, err)):
        return
    rc, report, err = verify(to)
    expect(rc == 0, "%s: verify of the restored folder: %s" % (what, err))
    s = Server(to)
    if expect(s.start(), what + ": the restored folder does not start: " + s.said()[-300:]):
        compare(what, s, "f", acked, sent)
        expect(s.stop() == 0, what + ": does not stop")
    shutil.rmtree(os.path.dirname(to))


def run():
    folder, n, whole, behind = copy(CITY), trials(1, 40), 0, 0
    s = Server(folder)
    expect(s.start(), "does not start")
    w = Sender(s.port)
    w.start()
    slowest = 0
    for i in range(n):
        until(lambda: len(w.acked) > 10000 * (i + 1))
        acked = set(w.acked)
        to = os.path.join(new_dir("b"), "backup")
        began = len(w.latency)
        rc, out, err = qf("backup", "--data", folder, "--out", to)
        slowest = max([slowest] + w.latency[began:])
        w.held.set()
        if rc == 0:
            whole += 1
            restored(to, acked, w.next + w.batch, "backup of a running server")
        else:  # allowed: it says so itself, and leaves nothing that passes for a backup
            behind += 1
            rc, out, err2 = qf("restore", "--from", to, "--data", to + ".x")
            expect(rc != 0, "a backup that failed was restored: " + err)
            print("a backup beside a running server failed: " + err, file=sys.stderr)
        shutil.rmtree(os.path.dirname(to), ignore_errors=True)
        w.held.clear()
    w.end()
    expect(not w.gone and not w.refused, "the sender was disturbed: " + w.gone)
    expect(slowest < 30, "a write waited %.0f s for the backup" % slowest)
    s.applied()
    expect(s.stop() == 0, "does not stop")
    row("F18", "backup beside a server that takes in readings; restore; compare", n,
        "%d whole and restored with all that was acknowledged before, %d said themselves that they are not; longest write meanwhile %.0f ms" % (whole, behind, slowest * 1000),
        "all whole")
    to = os.path.join(new_dir("b"), "backup")
    rc, out, err = qf("backup", "--data", folder, "--out", to)
    expect(rc == 0, "backup: " + err)
    told = json.loads(out.strip().splitlines()[-1])
    rc, report, err = verify(folder)
    expect(rc == 0 and report["chain"] == told["chain"] and report["last_seq"] == told["last_seq"], "the backup is not of this history")
    restored(to, w.acked, w.sent, "backup of a stopped folder")
    with open(os.path.join(to, "journal", "00000000000000000001.qfj"), "r+b") as f:
        f.seek(f.seek(0, 2) // 2)
        b = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([b[0] ^ 1]))
    rc, out, err = qf("restore", "--from", to, "--data", to + ".x")
    expect(rc == 3 and "damaged" in err, "a damaged backup is restored: %d %s" % (rc, err))
    row("F18", "backup of a stopped folder, restore, verify; a flipped bit in it", 1,
        "same chain value, %d readings, none lost; the damaged one is refused" % len(w.acked), "same chain; damage refused")


main(run)
