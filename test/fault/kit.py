"""What the fault tests share: a small city to copy, servers on free loopback ports ended by their own process number, a client of line
protocol whose packets are made here, and rows of the table. Standard library only."""
import contextlib, http.client, json, mmap, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QF = os.path.abspath(os.environ.get("QF") or os.path.join(ROOT, "build", "qingfeng"))
SOAK = float(os.environ.get("QF_SOAK") or 0)  # 1: the long run; a fraction: so much of it
SEED = int(os.environ.get("QF_FAULT_SEED") or (random.SystemRandom().randrange(1 << 32) if SOAK else 20260105))
T0 = 1767571200  # 2026-01-05T00:00:00Z, Beijing's 08:00
WAIT = 120  # seconds: an upper bound for whatever must happen, never a measure
rng = random.Random(SEED)
rows, broken = [], []
os.umask(0o077)


def trials(short, long):
    return max(short, int(long * SOAK)) if SOAK else short


def pause(s=0.05):
    time.sleep(s)


def until(what, seconds=WAIT, step=0.05):
    """Ask until the answer is true; the last answer."""
    end = time.monotonic() + seconds
    while True:
        v = what()
        if v or time.monotonic() > end:
            return v
        pause(step)


def bad(text):
    broken.append(text)
    print("FAILED: " + text, file=sys.stderr, flush=True)


def expect(true, text):
    if not true:
        bad(text)
    return bool(true)


def row(number, how, n, showed, aim):
    """One line of the table; it failed when something was found bad since the line before."""
    state = "failed" if broken else "passed"
    rows.append(dict(number=number, how=how, trials=n, showed="; ".join(broken)[:300] or showed, aim=aim, state=state))
    broken.clear()
    print("ROW " + json.dumps(rows[-1], ensure_ascii=False), flush=True)


def skip(number, how, why, aim):
    print("ROW " + json.dumps(dict(number=number, how=how, trials=0, showed=why, aim=aim, state="skipped"), ensure_ascii=False), flush=True)


def scratch_base():
    tmp = os.environ.get("TMPDIR")
    return tmp if tmp else "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"


WORK = os.environ.get("QF_FAULT_WORK") or tempfile.mkdtemp(prefix="qf-fault-", dir=scratch_base())
os.makedirs(WORK, exist_ok=True)
CITY = os.path.join(WORK, "city")  # an empty city with tokens, made once by the runner; never served, only copied
_alive = []


def end():
    for s in list(_alive):
        s.kill()
    shutil.rmtree(os.path.join(WORK, "t%d" % os.getpid()), ignore_errors=True)


def new_dir(name):
    base = os.path.join(WORK, "t%d" % os.getpid())
    os.makedirs(base, exist_ok=True)
    return tempfile.mkdtemp(prefix=name + "-", dir=base)


def copy(folder, to=None):
    to = to or os.path.join(new_dir("d"), "city")
    shutil.copytree(folder, to, symlinks=True)
    return to


def qf(*args, env=None, seconds=WAIT):
    """Run a command of the program: (exit code, what it printed, what it complained)."""
    e = dict(os.environ, **(env or {}))
    p = subprocess.run([QF, *args], capture_output=True, env=e, timeout=seconds, cwd=ROOT)
    return p.returncode, p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")


def make_city():
    """The folder that the tests copy, with its tokens beside it."""
    rc, out, err = qf("token", "add", "--data", CITY, "--scope", "write", "--note", "fault")
    rc2, out2, err2 = qf("token", "add", "--data", CITY, "--scope", "read,manage", "--note", "fault")
    if rc or rc2:
        sys.exit("no city: " + err + err2)
    with open(CITY + ".tokens", "w") as f:
        json.dump([out.strip().splitlines()[-1], out2.strip().splitlines()[-1]], f)


def tokens():
    with open(CITY + ".tokens") as f:
        return json.load(f)


def verify(folder):
    """`qingfeng verify` of a stopped folder: (exit code, its report or {}, stderr)."""
    rc, out, err = qf("verify", "--data", folder)
    try:
        return rc, json.loads(out.strip().splitlines()[-1]), err
    except (ValueError, IndexError):
        return rc, {}, err


class Server:
    """A server of a folder. start() waits until it is healthy, or has ended."""

    def __init__(self, folder, env=None, listen="127.0.0.1:0", args=(), wrap=()):
        self.folder, self.log = folder, folder + ".log"
        self.out = open(self.log, "ab")
        self.p = subprocess.Popen([*wrap, QF, "serve", "--data", folder, "--listen", listen, *args], stdout=self.out, stderr=self.out,
                                  env=dict(os.environ, **(env or {})), cwd=ROOT)
        self.pid, self.port = self.p.pid, 0
        _alive.append(self)

    def start(self, seconds=WAIT, healthy=True):
        def ready():
            if self.p.poll() is not None:
                return True
            try:
                with open(os.path.join(self.folder, "server.json")) as f:
                    j = json.load(f)
                if j["pid"] != self.pid:
                    return False
                self.port = j["port"]
                return not healthy or self.get("/healthz", token=None)[0] == 200
            except (OSError, ValueError, KeyError, http.client.HTTPException):
                return False
        until(ready, seconds)
        return self.port > 0 and self.p.poll() is None

    def get(self, path, token="read", seconds=30):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            c.request("GET", path, headers={"Authorization": "Token " + tokens()[1]} if token else {})
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def health(self):
        """The status of /healthz; 0 when nobody answers."""
        try:
            return self.get("/healthz", None)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def metric(self, name):
        m = re.findall(r"^qingfeng_%s(?:\{[^}]*\})? (\S+)$" % name, self.get("/metrics")[1].decode(), re.M)
        return sum(float(x) for x in m)

    def applied(self):
        """Wait until nothing waits to be applied. (Not for applied_seq: an entry that tells of a sealed day is not counted there.)"""
        until(lambda: self.metric("apply_queue_entries") == 0)

    def values(self, series, upto=100000):
        """(seconds after T0, value) of a series, in order; all that lie below `upto`."""
        self.applied()
        out = []
        for a in range(0, upto, 100000):  # the most that one answer holds
            status, body = self.get("/api/v1/readings/%s?from=%d&to=%d&limit=100000" % (urllib.parse.quote(series, safe=""), (T0 + a) * 1000, (T0 + a + 100000) * 1000))
            if status != 200 and status != 404:
                raise RuntimeError("readings: %d %s" % (status, body[:200]))
            out += [(t // 1000 - T0, float(v)) for t, v in json.loads(body)["readings"]] if status == 200 else []
        return out

    def rss(self):
        """Resident memory, bytes."""
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024

    def kill(self, how=signal.SIGKILL, seconds=WAIT):
        """End it; its exit code (negative: the signal)."""
        if self.p.poll() is None:
            self.p.send_signal(how)
        try:
            rc = self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            bad("the server does not end on signal %d" % how)
            self.p.kill()
            rc = self.p.wait()
        if self in _alive:
            _alive.remove(self)
        self.out.close()
        return rc

    def stop(self):
        return self.kill(signal.SIGTERM)

    def said(self):
        with open(self.log, errors="replace") as f:
            return f.read()


def request(body, path="/api/v2/write?precision=s", extra=""):
    return ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token %s\r\n%sContent-Length: %d\r\n\r\n" % (path, tokens()[0], extra, len(body))).encode() + body


class Sender(threading.Thread):
    """One connection, one request under way: values first, first+1 ... of a series, `batch` in a request, one second apart. Whatever
    was answered 204 is in `acked`; whatever was sent at all is below `sent`."""

    def __init__(self, port, series="f", first=0, batch=5, count=1 << 30, source=None, on_ack=None, rest=0):
        super().__init__(daemon=True)
        self.port, self.series, self.batch, self.count = port, series, batch, count
        self.next = self.sent = first
        self.acked, self.refused, self.gone, self.latency = set(), [], "", []
        self.source, self.on_ack, self.rest, self.halt = source, on_ack, rest, threading.Event()
        self.held = threading.Event()

    def one(self, f, s):
        vs = list(range(self.next, min(self.next + self.batch, self.count)))
        body = "".join("%s,s=1 v=%d %d\n" % (self.series, v, T0 + v) for v in vs).encode()
        self.sent = vs[-1] + 1
        began = time.monotonic()
        s.sendall(request(body))
        line = f.readline()
        if not line:
            raise OSError("closed")
        status, length = int(line.split()[1]), 0
        while True:
            h = f.readline()
            if not h:
                raise OSError("closed")
            if h in (b"\r\n", b"\n"):
                break
            if h.lower().startswith(b"content-length:"):
                length = int(h.split(b":")[1])
        text = f.read(length)
        self.latency.append(time.monotonic() - began)
        if status == 204:
            self.acked.update(vs)
            self.next = self.sent
            if self.on_ack:
                self.on_ack(self)
        else:
            self.refused.append((status, text))
            if len(self.refused) > 20:
                raise OSError("refused %d" % status)
            pause(0.02)  # and the same again

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), WAIT, source_address=(self.source, 0) if self.source else None) as s:
                s.settimeout(WAIT)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with s.makefile("rb") as f:
                    while not self.halt.is_set() and self.next < self.count:
                        self.one(f, s)
                        while self.held.is_set() and not self.halt.is_set():
                            pause()
                        if self.rest:
                            pause(self.rest)
        except (OSError, ValueError, IndexError) as e:
            self.gone = str(e) or type(e).__name__

    def end(self):
        self.halt.set()
        self.join(WAIT)
        return self


def compare(what, server, series, acked, sent):
    """Everything acknowledged is stored, once, with its value; nothing is stored that was not sent."""
    server.applied()
    got = until(lambda: (lambda g: g if acked <= {int(v) for _, v in g} else None)(server.values(series + ",s=1 v", sent + 1)), 30)
    got = got or server.values(series + ",s=1 v", sent + 1)
    seen = [int(v) for _, v in got]
    ok = expect(all(t == v for t, v in got), "%s: values moved" % what)
    ok &= expect(len(seen) == len(set(seen)), "%s: %d doubled" % (what, len(seen) - len(set(seen))))
    lost = sorted(acked - set(seen))
    ok &= expect(not lost, "%s: %d of %d acknowledged are lost: %s" % (what, len(lost), len(acked), lost[:5]))
    return ok & expect(not set(seen) - set(range(sent)), "%s: stored but never sent" % what)


def shim():
    """The preloaded library: built by CMake beside the tests, else here."""
    so = os.environ.get("QF_FAULT_SHIM") or os.path.join(ROOT, "build-check", "libfault_shim.so")
    if not os.path.exists(so):
        so = os.path.join(WORK, "libfault_shim.so")
        if not os.path.exists(so):
            subprocess.run([os.environ.get("CC", "cc"), "-O2", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", so + ".%d" % os.getpid(),
                            os.path.join(ROOT, "test", "fault", "shim.c"), "-ldl", "-lpthread"], check=True)
            os.replace(so + ".%d" % os.getpid(), so)
    return so


HOW = dict(eio=1, enospc=2, short=3, eintr=4, half_eio=5, die_before=6, die_half=7, die_after=8)
WRITE, SYNC, SIZE, NAME, READ = 1, 2, 4, 8, 16


class Control:
    """The shim's control file (shim.c): arm it, and ask how often it struck."""

    def __init__(self, folder):
        self.path, self.under = folder + ".ctl", folder
        with open(self.path, "wb") as f:
            f.write(bytes(72))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 72)

    def env(self, log=None):
        e = {"LD_PRELOAD": shim(), "QF_SHIM_CTL": self.path, "QF_SHIM_UNDER": self.under + "/"}
        return dict(e, QF_SHIM_LOG=log) if log else e

    def get(self, i):
        return int.from_bytes(self.map[8 * i:8 * i + 8], sys.byteorder, signed=True)

    def put(self, i, v):
        self.map[8 * i:8 * i + 8] = v.to_bytes(8, sys.byteorder, signed=True)

    def arm(self, how, k, classes, sticky=False):
        """The k-th call from now on."""
        self.put(1, 0)
        self.put(0, 0)
        self.put(4, 0)
        for i, v in ((2, HOW[how]), (3, int(sticky)), (5, classes), (1, k)):
            self.put(i, v)

    def rest(self):
        self.put(1, 0)

    def hits(self):
        return self.get(4)


@contextlib.contextmanager
def ended():
    try:
        yield
    finally:
        end()


def main(run):
    with ended():
        if not os.path.exists(CITY + ".tokens"):
            make_city()
        try:
            run()
        except Exception as e:  # a row that is missing is a failure: the runner counts the exit code
            import traceback
            traceback.print_exc()
            bad("%s: %s" % (type(e).__name__, e))
            for s in _alive:
                bad("server %d, exit code %s: %s" % (s.pid, s.p.poll(), s.said()[-600:]))
    if broken:
        sys.exit(1)
