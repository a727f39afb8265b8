"""mqtt.py PORT USER PASSWORD CLIENT QOS FIRST COUNT [PID KILL_AT]: publish readings FIRST .. FIRST+COUNT-1, one a second from
2026-01-05T00:00:00Z, value = number, to plant/CLIENT/json, at most 8 unacknowledged, session kept; kill PID when KILL_AT were acknowledged.
Prints how many were acknowledged. The packets are made here, not by our code."""
import os, signal, socket, struct, sys

port, user, password, client, qos, first, count = int(sys.argv[1]), *sys.argv[2:5], *map(int, sys.argv[5:8])
pid, kill_at = (int(sys.argv[8]), int(sys.argv[9])) if len(sys.argv) > 9 else (0, -1)
T0 = 1767571200000


def text(s):
    b = s.encode()
    return struct.pack('>H', len(b)) + b


def packet(head, body):
    n, out = len(body), b''
    while True:
        n, d = n >> 7, n & 127
        out += bytes([d | (128 if n else 0)])
        if not n:
            return bytes([head]) + out + body


def publish(i, dup=False):
    body = text(f'plant/{client}/json') + struct.pack('>H', i % 65535 + 1) + b'{"ts":%d,"v":%d}' % (T0 + 1000 * i, i)
    return packet(0x30 | qos << 1 | (8 if dup else 0), body)


s = socket.create_connection(('127.0.0.1', port), 20)
s.sendall(packet(0x10, text('MQTT') + bytes([4, 0xC0]) + struct.pack('>H', 60) + text(client) + text(user) + text(password)))
buf, sent, done = b'', first, 0
order = []


def take():
    """Whole packets from buf."""
    global buf
    while len(buf) >= 2 and len(buf) >= 2 + buf[1]:
        p, buf = buf[:2 + buf[1]], buf[2 + buf[1]:]
        yield p


try:
    while True:
        more = s.recv(65536)
        if not more:
            raise OSError
        buf += more
        for p in take():
            if p[0] == 0x20:
                if p[3]:
                    sys.exit('refused: %d' % p[3])
            elif p[0] == (0x40 if qos == 1 else 0x50):
                order.append(struct.unpack('>H', p[2:4])[0])
                done += 1
                if qos == 2:
                    s.sendall(packet(0x62, p[2:4]))
        if 0 <= kill_at <= done:
            os.kill(pid, signal.SIGKILL)
            kill_at = -1
        if done == count:
            break
        while sent < first + count and sent - first - done < 8:
            s.sendall(publish(sent))
            sent += 1
except OSError:
    pass
if order != [i % 65535 + 1 for i in range(first, first + len(order))]:
    sys.exit('acknowledged out of order')
if done == count and qos == 2:  # the last one again, before its release is known: answered, taken once
    s.settimeout(20)
    s.sendall(publish(first + count - 1, True))
    buf = b''
    while not any(p[0] == 0x50 for p in take()):
        more = s.recv(65536)
        if not more:
            sys.exit('a message sent again ends the connection')
        buf += more
print(done)
