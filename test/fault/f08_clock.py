"""F8: the clock is set while the server works - an hour on and back, eight hours back (a wrong zone), to 1970, to 2040 - and put right; then
it starts with a clock that is behind its own journal. The time of day is moved in the program by the preloaded library; monotonic time,
on which its waits and sessions are, goes on as in a real step of the clock."""
from kit import *


def run():
    folder = copy(CITY)
    control = Control(folder)
    s = Server(folder, env=control.env())
    expect(s.start(), "does not start")
    now = int(time.time())
    steps = [("+1 h", 3600), ("-1 h", -3600), ("-8 h", -8 * 3600), ("+8 h", 8 * 3600), ("1970", 86400 - now), ("2040", 2209000000 - now), ("right", 0)]
    if SOAK:
        steps = steps * trials(1, 20) + [("%+d s" % d, d) for d in (rng.randrange(-10 ** 9, 10 ** 9) for _ in range(100))] + [("right", 0)]
    acked, sent, first, refused = set(), 0, 0, 0
    for name, by in steps:
        control.put(6, by)
        w = Sender(s.port, first=first, count=first + 100)
        w.start()
        until(lambda: not w.is_alive())
        w.end()
        expect(len(w.acked) == 100, "clock %s: %s %s" % (name, w.gone, w.refused[:1]))
        acked, sent, first = acked | w.acked, max(sent, w.sent), w.next
        # a tick, a commit of the book, a head are due within seconds whatever the clock says
        expect(until(lambda: s.get("/healthz", None)[0] == 200, 60), "clock %s: not healthy: %s" % (name, s.get("/healthz", None)))
        expect(s.get("/api/v1/figures")[0] == 200, "clock %s: no figures" % name)
    compare("clock", s, "f", acked, sent)
    control.put(6, 0)
    expect(s.stop() == 0, "does not stop: " + s.said()[-300:])
    for name, by in (("right", 0), ("a day behind", -86400)):
        control.put(6, by)
        s = Server(folder, env=control.env())
        expect(s.start(), "clock %s: does not start: %s" % (name, s.said()[-300:]))
        compare("start, clock " + name, s, "f", acked, sent)
        expect(s.stop() == 0, "clock %s: does not stop" % name)
    rc, report, err = verify(folder)
    expect(rc == 0 and report.get("readings") == len(acked), "verify: %d %s" % (rc, err))
    row("F8", "the clock of the running server is set: +1 h, -1 h, -8 h, 1970, 2040, right", len(steps),
        "%d acknowledged, 0 lost; healthy at each step; order is the sequence; verify content" % len(acked), "order by sequence; 0 lost; nothing stops")


main(run)
