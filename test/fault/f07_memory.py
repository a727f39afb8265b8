"""F7: an allocation of the program's own code fails (its libraries keep theirs: DuckDB's and libc's are not ours to mend) while it reads
requests of all kinds, journals and applies."""
from kit import *


def ask(s, n):
    """Requests through the parsers: line protocol, JSON, CSV, gzip, figures, points, why; any answer will do, and so will a closed connection."""
    import gzip
    asks = [request(b"m,k=%d v=%d %d\n" % (n, n, T0 + n)), request(b'[{"series":"j,k=%d v","time":%d,"value":1.5}]' % (n, T0 * 1000 + n), "/api/v1/readings", "Content-Type: application/json\r\n"),
            request(b"time,series,value\n%d,c v,1\n" % (T0 * 1000 + n), "/api/v1/readings", "Content-Type: text/csv\r\n"),
            request(gzip.compress(b"g v=1 %d\n" % (T0 + n)), extra="Content-Encoding: gzip\r\n")]
    asks += [("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token %s\r\n\r\n" % (p, tokens()[1])).encode()
             for p in ("/api/v1/points", "/api/v1/figures", "/api/v1/catalogue", "/metrics", "/api/v1/collectors", "/openapi.json")]
    for a in asks:
        try:
            with socket.create_connection(("127.0.0.1", s.port), 30) as c:
                c.settimeout(30)
                c.sendall(a)
                c.recv(100)
        except OSError:
            pass


def run():
    n, failed, restarts = trials(150, 20000), 0, 0
    folder = copy(CITY)
    control = Control(folder)
    acked, sent, first = set(), 0, 0
    s = Server(folder, env=control.env())
    expect(s.start(), "does not start")
    for i in range(n):
        control.put(8, 0)
        control.put(7, 1 + rng.randrange(60 if i % 3 else 600))
        w = Sender(s.port, first=first, count=first + 15, batch=5)
        w.start()
        ask(s, i)
        until(lambda: not w.is_alive(), 60)
        w.end()
        control.put(7, 0)
        failed += control.get(8)
        acked, sent, first = acked | w.acked, max(sent, w.sent), w.next
        health = s.health()
        if health != 200:
            if not health:  # on its way out: it answers nothing before it has ended
                until(lambda: s.p.poll() is not None, 30)
            rc = s.p.poll()
            expect(rc == 3 or (rc is None and health), "an allocation failed and the server ended with %s, /healthz %d: %s" % (rc, health, s.said()[-400:]))
            s.stop()
            restarts += 1
            s = Server(folder, env=control.env())
            if not expect(s.start(), "does not start again: " + s.said()[-300:]):
                return
    expect(failed > n / 4, "only %d allocations failed" % failed)
    compare("memory", s, "f", acked, sent)
    expect(s.stop() == 0, "does not stop")
    rc, report, err = verify(folder)
    expect(rc == 0, "verify: " + err)
    row("F7", "an allocation of our code fails while it parses, answers, journals, applies", n,
        "%d failed; %d times it stopped taking and was restarted, 0 crashes; %d acknowledged, 0 lost" % (failed, restarts, len(acked)), "no crash; 0 lost")


main(run)
