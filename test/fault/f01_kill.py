"""F1: kill -9 of the whole server at random moments, while a client writes. The same folder goes on from life to life."""
from kit import *


def run():
    lives, acked, killed, slowest = trials(5, 200), set(), 0, 0.0
    folder = copy(CITY)
    first, sent = 0, 0
    s = Server(folder)
    expect(s.start(), "does not start")
    for i in range(lives):
        w = Sender(s.port, first=first, batch=1 + rng.randrange(8))
        wanted, spin = 3 + rng.randrange(120), rng.random() * 0.02
        w.start()
        until(lambda: len(w.acked) >= wanted or w.gone, step=0.001)
        time.sleep(spin)
        killed += s.kill() == -signal.SIGKILL
        w.end()
        acked |= w.acked
        sent = max(sent, w.sent)
        began = time.monotonic()
        s = Server(folder)
        if not expect(s.start(), "life %d: does not start again: %s" % (i, s.said()[-300:])):
            break
        slowest = max(slowest, time.monotonic() - began)
        if not compare("life %d" % i, s, "f", acked, sent):
            break
        first = w.sent - w.sent % 3 if rng.random() < 0.5 else w.next  # some are sent again: they must not be doubled
        first = min(first, w.next)
    expect(s.stop() == 0, "does not stop cleanly")
    rc, report, err = verify(folder)
    expect(rc == 0 and report.get("readings", 0) >= len(acked), "verify: %d %s" % (rc, err))
    expect(killed == lives, "%d of %d killed" % (killed, lives))
    expect(slowest < 60, "a restart took %.0f s" % slowest)
    row("F1", "kill -9 of the server while a client writes; folder goes on", lives, "%d acknowledged, 0 lost, 0 doubled" % len(acked),
        "0 lost, 0 doubled")


main(run)
