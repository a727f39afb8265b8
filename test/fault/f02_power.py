"""F2: a power cut at any moment of the whole program. Every change to the data folder is written down (shim.c), with the moment of each
acknowledgement; from that list the folder is made as a disk could hold it after a cut at any place, in five ways; then the program opens it.

A disk keeps what was synced: the bytes of a file after fsync/fdatasync of it, names after fsync of their folder. Of the rest it keeps
  drop     nothing, neither bytes nor names
  prefix   what came first, to some moment
  sectors  any sectors of 512 bytes; names all
  zero     names and sizes, but zeros where bytes were to be
  late     the bytes of everything, but no name that its folder's sync has not covered"""
import struct
from kit import *

WAYS = ("drop", "prefix", "sectors", "zero", "late")
WRITE_OP, SYNC_OP, TRUNCATE, ALLOCATE, RENAME, UNLINK, CREATE, MKDIR = range(1, 9)


def read_log(path, root):
    """(op, path below root, second path, offset, bytes, where the record ends)."""
    with open(path, "rb") as f:
        b = f.read()
    i, ops = 0, []
    while i < len(b):
        op, n1, n2, zero, at, n = struct.unpack_from("<IIIIQQ", b, i)
        i += 32
        one, two, data = b[i:i + n1].decode(), b[i + n1:i + n1 + n2].decode(), b[i + n1 + n2:i + n1 + n2 + n]
        i += n1 + n2 + n
        ops.append((op, os.path.relpath(one, root), os.path.relpath(two, root) if two else "", at, data, i))
    return ops


def put(data, at, b):
    if at > len(data):
        data.extend(bytes(at - len(data)))
    data[at:at + len(b)] = b


class File:
    def __init__(self, data=b""):
        self.safe, self.loose = bytearray(data), []

    def change(self, op, at, b):
        self.loose.append((op, at, b))

    def sync(self):
        self.safe, self.loose = self.held("all", None), []

    def held(self, way, upto, r=None):
        """The file's bytes after a cut; `upto` changes are kept by prefix."""
        d = bytearray(self.safe)
        if way == "drop":
            return d
        for i, (op, at, b) in enumerate(self.loose):
            if way == "prefix" and i >= upto:
                break
            if op == WRITE_OP and way == "zero":
                if at + len(b) > len(d):
                    d.extend(bytes(at + len(b) - len(d)))
            elif op == WRITE_OP and way == "sectors":
                if at + len(b) > len(d):
                    d.extend(bytes(at + len(b) - len(d)))
                p = at
                while p < at + len(b):
                    q = min(at + len(b), p + 512 - p % 512)
                    if r.random() < 0.5:
                        d[p:q] = b[p - at:q - at]
                    p = q
            elif op == WRITE_OP:
                put(d, at, b)
            elif op == TRUNCATE:
                if at < len(d):
                    del d[at:]
                else:
                    d.extend(bytes(at - len(d)))
            elif at > len(d):  # allocated
                d.extend(bytes(at - len(d)))
        return d


class Disk:
    """Names and files as the program sees them (now), and as a disk is sure to hold them (safe)."""

    def __init__(self, folder):
        self.now, self.folders = {}, set()
        for base, dirs, files in os.walk(folder):
            self.folders |= {os.path.relpath(os.path.join(base, d), folder) for d in dirs}
            for n in files:
                p = os.path.join(base, n)
                with open(p, "rb") as f:
                    self.now[os.path.relpath(p, folder)] = File(f.read())
        self.safe, self.names = dict(self.now), []

    def name(self, names, step):
        op, a, b = step[:3]
        if op == CREATE:
            names[a] = step[3]
        elif op == RENAME and a in names:
            names[b] = names.pop(a)
        elif op == UNLINK:
            names.pop(a, None)

    def step(self, op, a, b, at, data):
        if op in (CREATE, RENAME, UNLINK):
            s = (op, a, b, File() if op == CREATE else None)
            self.name(self.now, s)
            self.names.append(s)
        elif op == MKDIR:
            self.folders.add(a)
        elif op == SYNC_OP and (a in self.folders or a == "."):
            mine = [s for s in self.names if os.path.dirname(s[2] or s[1]) in (a, "" if a == "." else a)]
            for s in mine:
                self.name(self.safe, s)
                self.names.remove(s)
        elif a in self.now:
            if op == SYNC_OP:
                self.now[a].sync()
            else:
                self.now[a].change(op, at, data)

    def write(self, to, way, r):
        names = dict(self.safe)
        kept = len(self.names) if way in ("sectors", "zero") else r.randrange(len(self.names) + 1) if way == "prefix" else 0
        for s in self.names[:kept]:
            self.name(names, s)
        for d in sorted(self.folders):
            os.makedirs(os.path.join(to, d), exist_ok=True)
        for n, f in names.items():
            os.makedirs(os.path.dirname(os.path.join(to, n)), exist_ok=True)
            with open(os.path.join(to, n), "wb") as out:
                out.write(f.held(way, r.randrange(len(f.loose) + 1), r))


def trace():
    """A life of a server under the eye of the shim, of some seconds, ended by SIGTERM: start, writes, commits of the book, snapshot, stop."""
    folder = copy(CITY)
    base, log, acks = copy(folder), folder + ".ops", []
    s = Server(folder, env=Control(folder).env(log))
    expect(s.start(), "does not start under the shim: " + s.said()[-300:])

    def note(w):
        with open(os.path.join(folder, "journal", "head"), "rb") as f:
            acks.append((os.path.getsize(log), len(w.acked), f.read()))

    w = Sender(s.port, count=trials(150, 600) * 5, rest=0.015, on_ack=note)
    w.start()
    until(lambda: not w.is_alive())
    expect(not w.gone and not w.refused, "refused while nothing was wrong")
    expect(s.stop() == 0, "does not stop")
    return base, read_log(log, folder), acks, w.sent


def open_state(folder, what, acked, sent):
    s = Server(folder)
    if not expect(s.start(), "%s: does not open: %s" % (what, s.said()[-500:])):
        s.kill()
        return None
    health = json.loads(s.get("/healthz", None)[1])
    expect(not health.get("lost_from"), "%s: says that entries are lost: %s" % (what, health))
    ok = compare(what, s, "f", set(range(acked)), sent)
    aside = "set aside" in s.said()
    expect(s.stop() == 0, "%s: does not stop" % what)
    rc, report, err = verify(folder)
    expect(rc == 0, "%s: verify says %d %s %s" % (what, rc, report.get("findings"), err))
    return (ok, aside)


def run():
    n, count, aside = trials(5, 2000), {w: 0 for w in WAYS}, 0
    base, ops, acks, sent = trace()
    # cuts spread over all that was done, each way in turn; a long run meets every place
    cuts = sorted((rng.randrange(len(ops)) if i >= len(ops) * len(WAYS) or n < len(ops) else i // len(WAYS), WAYS[i % len(WAYS)]) for i in range(n))
    disk, at = Disk(base), 0
    for cut, way in cuts:
        while at <= cut:
            disk.step(*ops[at][:5])
            at += 1
        seen = [a for a in acks if a[0] <= ops[cut][5]]
        folder = os.path.join(new_dir("state"), "city")
        os.makedirs(folder)
        disk.write(folder, way, rng)
        head = os.path.join(folder, "journal", "head")  # mapped, never synced: as it was at some moment, or not there
        if os.path.exists(head):
            os.remove(head)
        if seen and rng.random() < 0.6:
            with open(head, "wb") as f:
                f.write(seen[-1][2])
        what = "cut after change %d of %d (%s %s), %s" % (cut, len(ops), ops[cut][0], ops[cut][1], way)
        r = open_state(folder, what, seen[-1][1] if seen else 0, sent)
        if r:
            count[way] += 1
            aside += r[1]
            shutil.rmtree(os.path.dirname(folder))
    row("F2", "power cut of the whole program: %d changes written down, replayed as %s" % (len(ops), ", ".join(WAYS)), n,
        "%d acknowledged by the end; %s opened, 0 lost; the book was set aside %d times" % (acks[-1][1], " ".join("%d" % count[w] for w in WAYS), aside),
        "0 acknowledged lost; opens by itself")


main(run)
