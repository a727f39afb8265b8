"""F10 and F13: clients that are slow, never read, break off, come in thousands or send bombs, each from an address of its own, while
another client from 127.0.0.1 goes on being served. The peak of memory of each attack is measured."""
import struct, zlib
from kit import *

MIB = 1 << 20


def connect(port, source):
    s = socket.create_connection(("127.0.0.1", port), 30, source_address=(source, 0))
    s.settimeout(30)
    return s


def answer(s):
    """Status of an answer; 0 when the connection was closed instead."""
    try:
        line = s.makefile("rb").readline()
        return int(line.split()[1]) if line else 0
    except (OSError, IndexError, ValueError):
        return 0


def drip(port, source, n, head):
    """n connections that each send one byte at a time."""
    socks, data = [], head + b"x" * 100000
    for _ in range(n):
        with contextlib.suppress(OSError):
            socks.append(connect(port, source))
    for i in range(trials(60, 600)):
        for s in socks:
            with contextlib.suppress(OSError):
                s.send(data[i:i + 1])
        pause(0.02)
    return socks


def slow_header(port, source):
    return drip(port, source, 60, b"POST /api/v2/write?precision=s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")


def slow_body(port, source):
    socks, head = [], request(b"x" * 100000)[:-100000]
    for _ in range(60):
        s = connect(port, source)
        s.sendall(head)
        socks.append(s)
    for _ in range(trials(60, 600)):
        for s in socks:
            with contextlib.suppress(OSError):
                s.send(b"m")
        pause(0.02)
    return socks


def never_reads(port, source):
    socks = []
    ask = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for _ in range(40):
        s = connect(port, source)
        s.setblocking(False)
        with contextlib.suppress(OSError):
            for _ in range(100):
                s.send(ask)
        socks.append(s)
    pause(0.5)
    return socks


def reset_in_body(port, source):
    for i in range(trials(200, 5000)):
        s = connect(port, source)
        s.sendall(request(b"reset,s=1 v=1 %d\n" % T0 * 50)[:400 + i])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()


def pipelined(port, source):
    s = connect(port, source)
    s.sendall(b"".join(request(b"pipe,s=1 v=%d %d\n" % (i, T0 + i)) for i in range(100)))
    f, got = s.makefile("rb"), 0
    while got < 100:
        line = f.readline()
        if not line:
            break
        got += line.startswith(b"HTTP/1.1 204")
    expect(got == 100, "pipelined: %d of 100 answered 204" % got)
    s.close()


def idle(port, source):
    socks = []
    for _ in range(2000):
        with contextlib.suppress(OSError):
            socks.append(connect(port, source))
    kept = 0
    for s in socks:
        s.setblocking(False)
        try:
            kept += s.recv(1) != b""
        except BlockingIOError:
            kept += 1
        except OSError:
            pass
    expect(kept <= 128, "2,000 idle: %d of one address are kept" % kept)
    return socks


def refused(what, port, source, data, allowed, pieces=1):
    s = connect(port, source)
    with contextlib.suppress(OSError):
        for _ in range(pieces):
            s.sendall(data)
    got = answer(s)
    s.close()
    expect(got in allowed, "%s: answered %d" % (what, got))


def gigabyte(port, source):
    head = request(b"")[:-4].replace(b"Content-Length: 0", b"Content-Length: 1000000000")
    refused("1 GB announced", port, source, head + b"\r\n\r\n" + b"x" * 65536, (413,))


def endless(port, source):
    head = request(b"")[:-4].replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + b"\r\n\r\n"
    s = connect(port, source)
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0
    with contextlib.suppress(OSError):
        s.sendall(head)
        for _ in range(3000):  # closed after 32 MiB that are kept and 32 MiB that are not
            s.sendall(chunk)
            sent += 1
    got = answer(s)
    expect(got in (0, 413) and sent < 3000, "a body without end: answered %d after %d chunks" % (got, sent))
    s.close()


def packed(n):
    c = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([c.compress(b"m v=1 1\n" * (MIB // 8)) for _ in range(n)]) + c.flush()


def bomb(port, source):
    refused("a gzip bomb", port, source, request(packed(trials(100, 1000)), extra="Content-Encoding: gzip\r\n"), (413,))


def deep(port, source):
    for b in (b"[" * 1000000, b'{"a":' * 1000000):
        refused("JSON 1,000,000 deep", port, source, request(b, "/api/v1/readings", "Content-Type: application/json\r\n"), (400,))


def long_line(port, source):
    refused("a line of 20 MB", port, source, request(b"m v=" + b"1" * 20000000 + b" 1\n"), (400,))
    refused("10,000,000 tags", port, source, request(b"m" + b",a=1" * 5000000 + b" v=1 1\n"), (400,))


def long_header(port, source):
    refused("a header of 1 MB", port, source, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"a" * MIB + b"\r\n\r\n", (0, 400, 413, 431))


def peak(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) * 1024


def run():
    s = Server(copy(CITY), listen="0.0.0.0:0", args=("--insecure",))
    expect(s.start(), "does not start: " + s.said()[-300:])
    good = Sender(s.port, rest=0.003)
    good.start()
    until(lambda: len(good.acked) > 500)
    attacks = [("F10", "header a byte at a time, 60 connections", slow_header), ("F10", "body a byte at a time, 60 connections", slow_body),
               ("F10", "100 requests, no answer read, 40 connections", never_reads), ("F10", "reset in the middle of a body, 200 times", reset_in_body),
               ("F10", "100 requests in one go", pipelined), ("F10", "2,000 idle connections of one address", idle),
               ("F13", "a body of 1 GB announced", gigabyte), ("F13", "a chunked body without end", endless), ("F13", "gzip 1000 : 1", bomb),
               ("F13", "JSON a million deep", deep), ("F13", "a line of 20 MB, millions of tags", long_line), ("F13", "a header of 1 MB", long_header)]
    for i, (number, how, attack) in enumerate(attacks):
        with open("/proc/%d/clear_refs" % s.pid, "w") as f:
            f.write("5")  # the peak begins again
        rss, before, n = s.rss(), len(good.acked), len(good.latency)
        held = attack(s.port, "127.0.0.%d" % (i + 10))
        served = len(good.acked) - before
        expect(until(lambda: len(good.acked) >= before + 50), how + ": the other client waits: " + good.gone)
        expect(s.get("/healthz", None)[0] == 200, how + ": not healthy")
        # what one request may hold: 32 MiB packed and 128 MiB unpacked
        more = max(0, peak(s.pid) - rss) / MIB
        expect(more <= 192, how + ": %.0f MiB more memory" % more)
        lat = sorted(good.latency[n:]) or [0]
        for h in held or ():
            h.close()
        row(number, how, 1, "the other client got %d answers meanwhile, worst %.0f ms; peak +%.0f MiB" % (served / 5, lat[-1] * 1000, more),
            "other client served; bounded memory; refused cleanly")
    good.end()
    expect(not good.gone and not good.refused, "the other client was refused: %s %s" % (good.gone, good.refused[:2]))
    expect(s.p.poll() is None, "the server is gone")
    compare("the other client", s, "f", good.acked, good.sent)
    expect(s.values("reset,s=1 v") == [], "something of a request that did not end is stored")
    expect(s.stop() == 0, "does not stop cleanly")
    row("F10/F13", "the other client, through all of it", 1, "%d acknowledged, 0 lost, 0 refused" % len(good.acked), "0 lost")


main(run)
