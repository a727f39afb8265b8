"""F6: one bit of a file of a stopped folder is flipped: journal, heads, tree, book, readings, states, keys. Detected - by verify, by the
start, by the program setting the file aside - or harmless: then everything acknowledged is there. Never silent."""
from kit import *

DETECTED, HARMLESS, SILENT = "detected", "harmless", "silent"


def filled():
    folder = copy(CITY)
    s = Server(folder)
    expect(s.start(), "does not start: " + s.said()[-300:])
    w = Sender(s.port, count=1000)
    w.start()
    until(lambda: not w.is_alive())
    expect(len(w.acked) == 1000, "not all acknowledged")
    s.applied()
    expect(s.stop() == 0, "does not stop")
    return folder


def flip(path, bit):
    with open(path, "r+b") as f:
        f.seek(bit // 8)
        b = f.read(1)[0]
        f.seek(bit // 8)
        f.write(bytes([b ^ 1 << bit % 8]))


def judge(folder, what, start):
    """verify first, as an operator would each hour; then, sometimes, the start."""
    rc, report, err = verify(folder)
    if not expect(rc in (0, 1, 3), "%s: verify ended with %d: %s" % (what, rc, err[-200:])):
        return SILENT
    if rc or report.get("book_set_aside") or report.get("torn_tail"):
        return DETECTED
    if report.get("readings", 0) != 1000:
        bad("%s: silent: verify is content with %s of 1000 readings" % (what, report.get("readings")))
        return SILENT
    if not start:
        return HARMLESS
    s = Server(folder)
    if not s.start():
        expect(s.kill() == 3, what + ": the start ends otherwise than with 3")
        return DETECTED
    got = {int(v) for t, v in s.values("f,s=1 v") if t == v}
    if not expect(got == set(range(1000)), "%s: silent: %d of 1000 right" % (what, len(got))):
        return SILENT
    expect(s.kill() == -signal.SIGKILL, what + ": does not end")
    return HARMLESS


def run():
    whole = filled()
    count = {}
    groups = [("journal", lambda p: p.endswith(".qfj"), trials(4, 700)), ("heads and tree", lambda p: p.startswith("proof/"), trials(2, 200)),
              ("book", lambda p: p == "book.duckdb", trials(2, 600)), ("readings", lambda p: p.startswith("readings/"), trials(2, 400)),
              ("states", lambda p: p == "meter.state", trials(1, 100))]
    files = [os.path.relpath(os.path.join(b, n), whole) for b, _, names in os.walk(whole) for n in names]
    total = 0
    for name, mine, n in groups:
        some = sorted(p for p in files if mine(p) and os.path.getsize(os.path.join(whole, p)))
        sizes = [os.path.getsize(os.path.join(whole, p)) for p in some]
        if not expect(some, "no file of " + name):
            continue
        c = count[name] = {DETECTED: 0, HARMLESS: 0, SILENT: 0}
        for i in range(n):
            path = some[i % len(some)] if rng.random() < 0.5 else rng.choices(some, sizes)[0]
            bit = rng.randrange(8 * os.path.getsize(os.path.join(whole, path)))
            folder = copy(whole)
            flip(os.path.join(folder, path), bit)
            c[judge(folder, "bit %d of %s" % (bit, path), SOAK or i == n - 1)] += 1
            shutil.rmtree(os.path.dirname(folder), ignore_errors=True)
            total += 1
    c = count.get("journal", {})
    expect(c.get(HARMLESS) == 0, "a bit of the journal is harmless")
    expect(count.get("readings", {}).get(SILENT) == 0, "readings")
    row("F6", "one bit flipped in a file of the folder", total,
        "detected/harmless: " + ", ".join("%s %d/%d" % (k, v[DETECTED], v[HARMLESS]) for k, v in count.items()), "0 silent")


main(run)
