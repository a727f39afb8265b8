"""Remote write by hand: WriteRequest and snappy written out byte by byte (prometheus/prompb, google/snappy format_description.txt)."""
import http.client, struct, sys, urllib.parse


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, data):  # length-delimited
    return varint(number << 3 | 2) + varint(len(data)) + data


def series(labels, samples):
    out = b"".join(field(1, field(1, k.encode()) + field(2, v.encode())) for k, v in labels.items())
    for t, v in samples:
        bits = v if isinstance(v, bytes) else struct.pack("<d", v)
        out += field(2, b"\x09" + bits + b"\x10" + varint(t))
    return field(1, out)


def snappy(data):  # literals only
    out = varint(len(data))
    for i in range(0, len(data), 60):
        part = data[i:i + 60]
        out += bytes([(len(part) - 1) << 2]) + part
    return out


STALE = bytes.fromhex("020000000000f07f")


def post(url, token, body, headers=None):
    u = urllib.parse.urlparse(url)
    c = http.client.HTTPConnection(u.hostname, u.port, timeout=30)
    h = {"Authorization": "Bearer " + token, "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
         "X-Prometheus-Remote-Write-Version": "0.1.0"}
    h.update(headers or {})
    c.request("POST", "/api/v1/write", body, h)
    r = c.getresponse()
    return r.status, r.read().decode()


def main():
    url, token = sys.argv[1:3]
    t = 1764000000000
    good = series({"__name__": "hand_kwh", "job": "j"}, [(t, 0.1), (t + 1000, 88017.12), (t + 2000, STALE)])
    nan = series({"__name__": "hand_nan", "job": "j"}, [(t, float("nan")), (t + 1000, 2.5)])
    noname = series({"job": "j"}, [(t, 1.0)])
    print("good", post(url, token, snappy(good)))
    print("again", post(url, token, snappy(good)))
    print("partial", post(url, token, snappy(good + nan + noname)))
    print("empty", post(url, token, snappy(b"")))
    print("v2", post(url, token, snappy(good), {"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"})[0])
    print("v1", post(url, token, snappy(good), {"Content-Type": "application/x-protobuf;proto=prometheus.WriteRequest"})[0])
    print("json", post(url, token, snappy(good), {"Content-Type": "application/json"})[0])
    print("plain", post(url, token, good, {"Content-Encoding": "identity"})[0])
    print("lie", post(url, token, varint(1 << 31) + b"\x10hello")[0])
    print("bomb", post(url, token, varint(200 << 20) + b"\x00x" + b"\xfe\x01\x00" * (200 * (1 << 20) // 64))[0])
    print("cut", post(url, token, snappy(good[:-1]))[0])
    print("flip", post(url, token, snappy(bytes([good[0] ^ 1]) + good[1:]))[0])
    print("token", post(url, "x" * 20, snappy(good))[0])


main()
