"""F15: a second server, and the command line, on the folder of a running server."""
from kit import *


def run():
    folder = copy(CITY)
    s = Server(folder)
    expect(s.start(), "does not start")
    w = Sender(s.port, rest=0.002)
    w.start()
    until(lambda: len(w.acked) > 50)
    n = trials(3, 50)
    for i in range(n):
        second = Server(folder)
        rc = second.kill(0) if until(lambda: second.p.poll() is not None, 60) else None
        expect(rc == 3, "the second server: exit code %s" % rc)
        with open(os.path.join(folder, "server.json")) as f:
            expect(json.load(f)["pid"] == s.pid, "the second server took the address of the first")
    expect("another process" in s.said() and "另一进程" in s.said(), "the second does not say why: " + s.said()[-300:])
    rc, out, err = qf("rebuild", "--data", folder)
    expect(rc == 3, "rebuild beside a running server: exit code %d" % rc)
    w.end()
    expect(not w.gone and not w.refused, "the sender was disturbed: %s %s" % (w.gone, w.refused[:1]))
    compare("two servers", s, "f", w.acked, w.sent)
    expect(s.stop() == 0, "does not stop")
    expect(verify(folder)[0] == 0, "verify")
    row("F15", "second server, and rebuild, on the folder of a running server", n, "refused with exit code 3 and the reason; the first goes on, %d acknowledged, 0 lost" % len(w.acked),
        "refused with the reason")


main(run)
