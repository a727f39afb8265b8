"""F17: what an operator can do to a folder by mistake or on purpose: delete, put an old backup beside newer files, take another city's
files, edit a row. Each is refused at the start, or found by verify, or harmless (everything acknowledged is there); never silent."""
import ctypes
from kit import *


def filled(first, count, folder=None):
    """A stopped city with readings first .. first+count-1."""
    folder = folder or copy(CITY)
    s = Server(folder)
    expect(s.start(), "does not start: " + s.said()[-300:])
    w = Sender(s.port, first=first, count=first + count)
    w.start()
    until(lambda: not w.is_alive())
    expect(len(w.acked) == count, "not all acknowledged")
    s.applied()
    expect(s.stop() == 0, "does not stop")
    return folder


def sql(book, text):
    """Run SQL on a book as any tool of DuckDB would."""
    lib = ctypes.CDLL(os.path.join(ROOT, "node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so"))
    db, con = ctypes.c_void_p(), ctypes.c_void_p()
    ok = lib.duckdb_open(book.encode(), ctypes.byref(db)) == 0 and lib.duckdb_connect(db, ctypes.byref(con)) == 0
    ok = ok and lib.duckdb_query(con, text.encode(), None) == 0
    lib.duckdb_disconnect(ctypes.byref(con))
    lib.duckdb_close(ctypes.byref(db))
    expect(ok, "sql: " + text)


def gone(path):
    (shutil.rmtree if os.path.isdir(path) else os.remove)(path)


def swap(folder, name, other):
    if os.path.exists(os.path.join(folder, name)):
        gone(os.path.join(folder, name))
    src = os.path.join(other, name)
    (shutil.copytree if os.path.isdir(src) else shutil.copy)(src, os.path.join(folder, name))


def judge(what, folder, want, words="", deep=False):
    """want: 'start' refuses, 'verify' finds, or 'harmless'. Where it starts, what was acknowledged is asked for."""
    rc, out, err = qf("verify", "--data", folder, *(["--deep"] if deep else []))
    s = Server(folder)
    started = s.start()
    said = err + out + s.said()
    got = "verify" if rc == 1 else "harmless"
    if not started:
        got = "start"
        expect(s.kill() == 3, what + ": the start ends with another code")
    else:
        whole = {int(v) for _, v in s.values("f,s=1 v")} >= set(range(300))
        if got == "harmless":
            expect(whole, what + ": silent loss")
        expect(s.stop() == 0, what + ": does not stop")
    expect(got == want, "%s: %s instead of %s: %s" % (what, got, want, said[-500:]))
    expect(words in said, "%s: '%s' is not in '%s'" % (what, words, said[-500:]))
    shutil.rmtree(os.path.dirname(folder), ignore_errors=True)


def run():
    old = filled(0, 200)
    new = filled(200, 100, copy(old))
    fork = filled(0, 400)  # the same city, with another history
    stranger = os.path.join(new_dir("s"), "city")
    expect(qf("token", "list", "--data", stranger)[0] == 0, "no second city")
    seg = "journal/00000000000000000001.qfj"
    n = 0

    def case(what, change, want, words="", **k):
        nonlocal n
        folder = copy(new)
        change(folder)
        judge(what, folder, want, words, **k)
        n += 1

    case("the only segment deleted", lambda f: gone(f + "/" + seg), "start", "missing")
    case("the journal deleted", lambda f: gone(f + "/journal"), "start", "")
    case("an old journal beside newer heads", lambda f: swap(f, "journal", old), "start", "signed and are missing")

    def old_journal(f):
        for name in ("journal", "proof"):
            swap(f, name, old)
    case("an old journal with its heads beside a newer book", old_journal, "start", "ahead of the journal")

    case("the same city's journal with another history", lambda f: swap(f, "journal", fork), "start", "not those that were signed")
    case("another city's journal", lambda f: swap(f, "journal", stranger), "start", "of the log")
    case("a book that knows more", lambda f: swap(f, "book.duckdb", fork), "start", "ahead of the journal")
    case("an old book", lambda f: swap(f, "book.duckdb", old), "harmless")
    case("book and meter states deleted", lambda f: (gone(f + "/book.duckdb"), gone(f + "/meter.state")), "harmless")
    case("readings deleted", lambda f: gone(f + "/readings"), "harmless")
    case("old readings", lambda f: swap(f, "readings", old), "harmless")
    case("a row edited in the book", lambda f: sql(f + "/book.duckdb", "UPDATE rec_factor SET value = value * 2"), "verify", "factor", deep=True)
    row("F17", "operator errors: journal, book, readings deleted, old, another city's; a row edited", n,
        "each refused at the start with its reason, found by verify, or harmless", "none silent")


main(run)
