"""F4 and F5: calls of the whole program to the disk - journal, book, readings, proof, whatever is below the data folder - fail, are cut
short, are interrupted or are the process's last, while it starts, serves or stops. Then the folder is opened by a program without faults."""
from kit import *

ALL = WRITE | SYNC | SIZE | NAME
# how, calls, for good, in which phase; the short run takes each once, the long run draws
SHORT = [("eio", WRITE, 0, "serve"), ("eio", SYNC, 0, "serve"), ("eio", ALL, 1, "serve"), ("enospc", ALL, 0, "serve"), ("enospc", ALL, 1, "serve"),
         ("half_eio", WRITE, 0, "serve"), ("eio", READ, 0, "start"), ("eio", ALL, 0, "start"), ("eio", ALL, 1, "stop"),
         ("short", WRITE | READ, 1, "serve"), ("eintr", WRITE | READ, 0, "serve"), ("die_half", WRITE, 0, "serve"), ("die_after", ALL, 0, "start"),
         ("die_before", ALL, 0, "stop")]
F5 = ("short", "eintr", "die_half", "die_after", "die_before")


def draw():
    how = rng.choice(sorted(HOW))
    classes = rng.choice([WRITE, SYNC, ALL]) if how in ("eio", "enospc") else WRITE if how in ("half_eio", "die_half") else ALL
    if how in ("eio", "short", "eintr") and rng.random() < 0.3:
        classes = READ
    return how, classes, int(rng.random() < 0.3 and how != "eintr"), rng.choice(["start", "serve", "serve", "stop"])


class City:
    def __init__(self):
        self.folder, self.acked, self.next, self.sent = copy(CITY), set(), 0, 0

    def send(self, s, batches, stop=lambda: False):
        w = Sender(s.port, first=self.next, count=self.next + 5 * batches, rest=0.002)
        w.start()
        until(lambda: not w.is_alive() or stop())
        w.end()
        self.acked |= w.acked
        self.next, self.sent = w.next, max(self.sent, w.sent)
        return w


def settled(s):
    """It answers and its journal takes writes, or it has ended."""
    try:
        return s.p.poll() is not None or json.loads(s.get("/healthz", None)[1])["journal"]
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return False


def trial(city, what):
    """One life with a fault; whether the fault was met, how it ended."""
    how, classes, sticky, phase = what
    control = Control(city.folder)
    if phase == "start":
        control.arm(how, 1 + rng.randrange(60), classes, sticky)
    s = Server(city.folder, env=control.env())
    if not s.start(healthy=False):
        rc = s.kill()
        if rc == -signal.SIGKILL and not how.startswith("die"):
            bad("%s: neither starts nor ends" % (what,))
        end = "refused to start" if rc >= 0 else "killed"
    else:
        if phase == "serve":
            control.arm(how, 1 + rng.randrange(40), classes, sticky)
        city.send(s, 60, lambda: s.p.poll() is not None)
        expect(until(lambda: settled(s)), "%s: its journal is dead and it does not end" % (what,))
        if phase == "stop":
            control.arm(how, 1 + rng.randrange(12), classes, sticky)
        rc = s.p.poll()
        expect(rc in (None, 3, -signal.SIGKILL), "%s: ended by itself with %s" % (what, rc))
        end = "went on" if rc is None else "ended with 3" if rc == 3 else "killed"
        rc = s.stop()
    allowed = (-signal.SIGKILL,) if how.startswith("die") and control.hits() else ()
    expect(0 <= rc <= 3 or rc in allowed, "%s: ended with %d: %s" % (what, rc, s.said()[-400:]))
    return control.hits() > 0, end


def sound(city, what):
    """A program without faults opens the folder: everything acknowledged is there, and it goes on."""
    s = Server(city.folder)
    if not expect(s.start(), "%s: does not start again: %s" % (what, s.said()[-400:])):
        s.kill()
        return False
    city.send(s, 3)
    ok = compare(str(what), s, "f", city.acked, city.sent)
    expect(s.stop() == 0, "%s: does not stop" % (what,))
    return ok


def run():
    plan = SHORT + [draw() for _ in range(trials(0, 2000))]
    count = {"F4": [0, 0, {}], "F5": [0, 0, {}]}
    city = City()
    for i, what in enumerate(plan):
        began = time.monotonic()
        met, end = trial(city, what)
        if time.monotonic() - began > 20:
            print("%d: %s took %.0f s, %s" % (i, what, time.monotonic() - began, end), file=sys.stderr)
        c = count["F5" if what[0] in F5 else "F4"]
        c[0] += 1
        c[1] += met
        c[2][end] = c[2].get(end, 0) + 1
        if not sound(city, what) or len(city.acked) > 60000:
            city = City()
    rc, report, err = verify(city.folder)
    expect(rc == 0, "verify: %d %s" % (rc, err))
    for number, (n, met, ends) in count.items():
        how = ("EIO and ENOSPC, once and for good, on write, sync, size, name, read" if number == "F4" else "short, interrupted, last calls")
        expect(met >= n / 2, "%s: only %d of %d faults were met" % (number, met, n))
        row(number, how + " of the whole program", n, "%d met; %s; 0 acknowledged lost" % (met, ", ".join("%d %s" % (v, k) for k, v in sorted(ends.items()))),
            "clean error or exit; 0 acknowledged lost")


main(run)
