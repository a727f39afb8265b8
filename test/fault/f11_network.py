"""F11: the network between sender and server, by a proxy of our own: delay with jitter, bytes in small pieces, cut connections, half-open
ones (one direction goes silent), changed bytes. The sender begins again where it was not answered, as gateways do."""
import selectors
from kit import *


class Proxy(threading.Thread):
    """Between a free port and the server's. `plan(rng)` gives for each connection a dict: delay (s), piece (bytes), cut (after so many bytes
    from the sender), mute (answers are dropped after so many bytes), flip (one bit of the sender's byte of that number)."""

    def __init__(self, to, plan):
        super().__init__(daemon=True)
        self.to, self.plan, self.connections, self.struck, self.over = to, plan, 0, 0, False
        self.l = socket.create_server(("127.0.0.1", 0))
        self.port = self.l.getsockname()[1]

    def run(self):
        while not self.over:
            try:
                a, _ = self.l.accept()
                b = socket.create_connection(("127.0.0.1", self.to), 10)
            except OSError:
                continue
            self.connections += 1
            threading.Thread(target=self.pipe, args=(a, b, self.plan(rng)), daemon=True).start()

    def pipe(self, a, b, p):
        seen = back = 0
        sel = selectors.DefaultSelector()
        sel.register(a, selectors.EVENT_READ, b)
        sel.register(b, selectors.EVENT_READ, a)
        try:
            while True:
                ready = sel.select(p.get("patience"))  # a changed length leaves both sides waiting: cut by us, else after 60 s by the server
                if not ready:
                    return
                for key, _ in ready:
                    d = key.fileobj.recv(p.get("piece", 65536))
                    if not d:
                        return
                    if p.get("delay"):
                        time.sleep(p["delay"] * rng.random())
                    if key.fileobj is a:
                        if seen <= p.get("flip", -1) < seen + len(d):
                            i = p["flip"] - seen
                            d = d[:i] + bytes([d[i] ^ 1 << p["flip"] % 8]) + d[i + 1:]
                            self.struck += 1
                        seen += len(d)
                        if seen > p.get("cut", 1 << 60):
                            self.struck += 1
                            b.sendall(d[:max(0, len(d) - (seen - p["cut"]))])
                            return
                    else:
                        back += len(d)
                        if back > p.get("mute", 1 << 60):  # half open: the sender hears nothing more, nobody closes
                            self.struck += 1
                            time.sleep(0.3)
                            return
                    key.data.sendall(d)
        except OSError:
            pass
        finally:
            a.close()
            b.close()

    def end(self):
        self.over = True
        self.l.close()


def carry(s, how, plan, count, series, flipped=False):
    """Send `count` values through the proxy, beginning again after each break; what was acknowledged, what was sent."""
    proxy = Proxy(s.port, plan)
    proxy.start()
    acked, sent, first, turns = set(), 0, 0, 0
    while first < count and turns < 2000:
        w = Sender(proxy.port, series=series, first=first, count=count, batch=5)
        w.start()
        until(lambda: not w.is_alive())
        w.end()
        acked |= w.acked
        first, sent, turns = w.next, max(sent, w.sent), turns + 1
    proxy.end()
    expect(first >= count, "%s: only %d of %d got through in %d connections" % (how, first, count, turns))
    expect(proxy.struck > 0 or "delay" in how, how + ": the fault never struck")
    if not flipped:
        compare(how, s, series, acked, sent)
    return turns


def run():
    s = Server(copy(CITY))
    expect(s.start(), "does not start")
    n = trials(400, 20000)
    cases = [("delay with jitter, in pieces of 40 bytes", lambda r: dict(delay=0.001, piece=40), "d"),
             ("connections cut in the middle of a request", lambda r: dict(cut=200 + r.randrange(8000)), "c"),
             ("half-open connections: answers are lost", lambda r: dict(mute=r.randrange(4000)), "m")]
    for how, plan, series in cases:
        turns = carry(s, how, plan, n // 4 if series == "d" else n, series)
        row("F11", how, turns, "%d acknowledged over %d connections, 0 lost, 0 doubled" % (n, turns), "0 lost, 0 doubled")
    # TCP's own checksum is weak and HTTP has none: a changed byte may change a value that then is what the server was told. It must
    # be answered, the connection must not poison the next, and the journal must stay whole.
    turns = carry(s, "flipped bits", lambda r: dict(flip=r.randrange(6000), cut=9000, patience=1), n, "x", True)
    expect(s.get("/healthz", None)[0] == 200, "not healthy after flipped bits")
    w = Sender(s.port, series="after", count=100)
    w.start()
    until(lambda: not w.is_alive())
    expect(len(w.acked) == 100, "after flipped bits: %s %s" % (w.gone, w.refused[:1]))
    compare("after flipped bits", s, "after", w.acked, w.sent)
    expect(s.stop() == 0, "does not stop")
    expect(verify(s.folder)[0] == 0, "verify")
    row("F11", "one bit changed on each connection", turns, "server healthy, others unharmed, journal whole (plain HTTP cannot tell a changed digit: use TLS)",
        "next request unharmed")


main(run)
