#!/usr/bin/env bash
# What docs/security.md says of the program and of its HTTP, where no other test shows it: hardening of the binary, framing, headers of every address, error bodies, hostile words
# in every place of every address, forwarded addresses, plaintext elsewhere than on loopback, the live stream, files that are none of ours.
. test/system/lib.sh
bin=$QF
# S2, S38: the binary
is "no system, popen, execl in the program" "$(nm -D --undefined-only "$bin" | grep -cwE 'system|popen|execl|execlp|execvp|gets|strcpy|sprintf|vsprintf|strcat')" 0
is "position independent" "$(readelf -hW "$bin" | grep -c 'Type: *DYN')" 1
is "relocations read-only, bound at the start" "$(readelf -lW "$bin" | grep -c GNU_RELRO)$(readelf -dW "$bin" | grep -cE 'BIND_NOW|FLAGS_1.*NOW' | sed 's/[2-9]/1/')" 11
is "stack is no code" "$(readelf -lW "$bin" | grep GNU_STACK | grep -c 'RWE')" 0
if [ "$(nm -D --undefined-only "$bin" | grep -c __stack_chk_fail)" -ge 1 ]; then ok; else bad "no stack protector"; fi
if [ "$(nm -D --undefined-only "$bin" | grep -cE '__[a-z]+_chk')" -ge 5 ]; then ok; else bad "not fortified"; fi
case $(readelf -hW "$bin" | sed -n 's/ *Machine: *//p') in
  *X86-64*) if [ "$(objdump -d "$bin" | grep -c endbr64)" -ge 1000 ]; then ok; else bad "indirect jumps land anywhere"; fi ;;
  *) skip=$((skip + 1)); echo "SKIP landing marks are looked for on x86-64" ;;
esac
flags=$(readelf --debug-dump=info "$bin" 2>/dev/null | sed -n 's/.*DW_AT_producer.*: //p' | grep -c -- '-ftrivial-auto-var-init=zero') # gcc writes its options down
if readelf --debug-dump=info "$bin" 2>/dev/null | grep -m1 -q 'DW_AT_producer.*GNU C'; then
  if [ "$flags" -ge 100 ]; then ok; else bad "variables are not zeroed: $flags units"; fi
fi
is "paths of the machine it was built on" "$(strings "$bin" | grep -cF "$PWD")" 0
is "library path: the engine's, as seen from the program, nothing else" "$(readelf -dW "$bin" | sed -n 's/.*R\(UN\)\?PATH.*\[\(.*\)\]/\2/p' | grep -vE '^\$ORIGIN/[./]*node_modules/@duckdb/[^:/]*:\$ORIGIN/../lib$')" ""
# S39: what it is built with, the same twice, every part with version and a package name or hash, no address of a download
tools/sbom "$bin" >"$work/sbom" 2>"$work/err"; is "sbom" $? 0
tools/sbom "$bin" | cmp -s - "$work/sbom"; is "the same twice" $? 0
is "parts that say too little" "$(python3 -c 'import json,sys
b=json.load(open(sys.argv[1])); c=b["components"]
print(b["specVersion"], len(c) > 40, len({x["bom-ref"] for x in c}) == len(c), [x["name"] for x in c if not x.get("version") or not (x.get("purl") or x.get("hashes"))], "://" in json.dumps(b))' "$work/sbom")" "1.6 True True [] False"
# S37: the unit, scored offline where systemd is
if command -v systemd-analyze >/dev/null; then
  score=$(systemd-analyze security --offline=yes deploy/qingfeng.service 2>/dev/null | grep -o 'service: [0-9.]*' | tr -dc 0-9.)
  if python3 -c 'import sys; sys.exit(not 0 < float(sys.argv[1] or 99) <= 1.5)' "$score"; then ok; else bad "the unit scores $score"; fi
else
  skip=$((skip + 1)); echo "SKIP systemd-analyze is not there: the unit is not scored"
fi
# S11: no plaintext beyond loopback unless it is asked for
mkdir "$work/d"
"$QF" serve --data "$work/d" --listen 0.0.0.0:0 >"$work/open" 2>&1
is "0.0.0.0 without TLS is refused" $? 3
has "and says what to do" "$(cat "$work/open")" "--insecure"
serve "$work/d" || { bad "does not start"; finish; }
manage=$("$QF" token add --data "$work/d" --scope manage | tail -1)
other=$("$QF" token add --data "$work/d" --scope read | tail -1)
cat >"$work/attack.py" <<'P'
import http.client, json, re, select, socket, sys, urllib.parse
url, manage, other = sys.argv[1:4]
host, port = urllib.parse.urlsplit(url).hostname, urllib.parse.urlsplit(url).port
good = bad = 0
def check(what, yes, said=""):
    global good, bad
    good += bool(yes); bad += not yes
    if not yes: print("FAILED:", what, str(said)[:300])
def raw(data, more=b""):
    """What comes back to these bytes, until the server ends or is quiet."""
    s = socket.create_connection((host, port), timeout=20)
    out = b""
    try:
        s.sendall(data)
        if more: s.sendall(more)
        s.shutdown(socket.SHUT_WR)
        while True:
            p = s.recv(65536)
            if not p: break
            out += p
    except OSError: pass
    s.close()
    return out
def status(b): return int(b.split(b" ", 2)[1]) if b.startswith(b"HTTP/1.1 ") else 0
def call(method, path, body=None, headers={}):
    c = http.client.HTTPConnection(host, port, timeout=60)
    c.request(method, path, body, headers)
    r = c.getresponse()
    t = r.read()
    c.close()
    return r.status, t.decode("utf-8", "replace"), {k.lower(): v for k, v in r.getheaders()}
H = f"Host: {host}:{port}\r\n".encode()
TOKEN = {"Authorization": "Token " + manage}
# ---- S10 framing
smuggle = b"GET /healthz HTTP/1.1\r\n" + H + b"\r\n"
check("a body of two lengths", status(raw(b"POST /write HTTP/1.1\r\n" + H + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggle)) == 400)
answers = raw(b"POST /write HTTP/1.1\r\n" + H + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggle).count(b"HTTP/1.1 ")
check("nothing is smuggled behind it", answers <= 1, answers)
check("two lengths that differ", status(raw(b"POST /write HTTP/1.1\r\n" + H + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde")) in (0, 400, 401))
check("a length that is none", status(raw(b"POST /write HTTP/1.1\r\n" + H + b"Content-Length: -1\r\n\r\n")) in (0, 400))
check("two names of the host", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"Host: evil.example\r\n\r\n")) in (400, 421))
check("no name of the host", status(raw(b"GET /healthz HTTP/1.1\r\n\r\n")) in (400, 421))
check("another's name", status(raw(b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")) in (400, 403, 421))
for method in ("TRACE", "CONNECT", "PROPFIND", "get"):
    check(f"method {method}", status(raw(f"{method} /healthz HTTP/1.1\r\n".encode() + H + b"\r\n")) in (0, 400, 404, 405, 501))
check("an address of 9 kB", status(raw(b"GET /healthz?q=" + b"a" * 9000 + b" HTTP/1.1\r\n" + H + b"\r\n")) == 414)
check("and one of 8,000 bytes", status(raw(b"GET /healthz?q=" + b"a" * 8000 + b" HTTP/1.1\r\n" + H + b"\r\n")) == 200)
check("headers of 17 kB", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"X: " + b"a" * 17000 + b"\r\n\r\n")) == 431)
check("headers of 15 kB", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"X: " + b"a" * 15000 + b"\r\n\r\n")) == 200)
check("101 headers", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"".join(b"X%d: 1\r\n" % i for i in range(100)) + b"\r\n")) == 431)
check("100 headers", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"".join(b"X%d: 1\r\n" % i for i in range(99)) + b"\r\n")) == 200)
check("an address of 100 kB", status(raw(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n" + H + b"\r\n")) in (0, 400, 414, 431))
check("a header of 100 kB", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"X: " + b"a" * 100000 + b"\r\n\r\n")) in (0, 400, 413, 431))
check("20,000 headers", status(raw(b"GET /healthz HTTP/1.1\r\n" + H + b"".join(b"X%d: 1\r\n" % i for i in range(20000)) + b"\r\n")) in (0, 400, 413, 431))
check("bytes that are no HTTP", status(raw(bytes(range(256)) * 40)) in (0, 400))
check("and it lives", call("GET", "/healthz")[0] == 200)
# ---- every address
doc = json.loads(call("GET", "/openapi.json", headers=TOKEN)[1])
routes = [(m.upper(), p) for p, ms in doc["paths"].items() for m in ms if m in ("get", "post", "put", "patch", "delete")]
check("addresses are listed", len(routes) > 60, len(routes))
LEAK = re.compile(r"/root/|/home/|/tmp/|/usr/|\.sql\b|SELECT |rec_[a-z]+|duckdb|Traceback|0x[0-9a-f]{6,}|qf_[a-z]+\(|\.c:\d+", re.I)
HOSTILE = ["'", "';DROP TABLE rec_subject;--", "\" OR 1=1", "../../etc/passwd", "%00", "\u202e", "<script>alert(1)</script>", "{{7*7}}", "a" * 3000, "-1", "1e999", "NaN", "\x7f"]
OPEN_STREAM = {"/api/v1/stream"}
heads = 0
for m, p in routes:
    if m != "GET" or p in OPEN_STREAM: continue
    path = re.sub(r"\{[^}]+\}", "1", p)
    s, t, h = call("GET", path, headers=TOKEN)
    want = {"x-content-type-options": "nosniff"}
    ok = all(h.get(k) == v for k, v in want.items()) and "frame-ancestors 'none'" in h.get("content-security-policy", "") and "default-src 'none'" in h.get("content-security-policy", "") and h.get("referrer-policy") and "server" not in h
    check(f"headers of {path}", ok, h)
    if s == 200 and p.startswith("/api/") and "/public" not in p: check(f"{path} is not stored by others", "no-store" in h.get("cache-control", "") or "private" in h.get("cache-control", ""), h.get("cache-control"))
    check(f"{path} lets no other origin in", h.get("access-control-allow-origin") in (None,), h)
for m, p in routes:
    if p in OPEN_STREAM: continue
    for word in HOSTILE:
        w = urllib.parse.quote(word, safe="")
        path = re.sub(r"\{[^}]+\}", w, p)
        query = "" if m != "GET" else "?" + "&".join(f"{k}={w}" for k in ("period", "subject", "q", "from", "to", "size", "format", "id"))
        body = None if m == "GET" else json.dumps({"id": word, "data": {word: word}, word: word}).encode()
        try: s, t, h = call(m, path + query, body, dict(TOKEN, **({} if body is None else {"Content-Type": "application/json"})))
        except (OSError, http.client.HTTPException) as e:
            check(f"{m} {path[:60]} is answered", False, e); continue
        check(f"{m} {p} with {word[:20]!r} is no breakdown", s < 500 or s == 503, (s, t[:200]))
        if s >= 400: check(f"{m} {p} with {word[:20]!r} tells nothing of the inside", not LEAK.search(t.replace(word, "")), t)
# ---- S26: a hundred dear questions of one token do not keep another's waiting: when it is answered, most of them are still open
ask = lambda t: b"GET /api/v1/figures?area=industry HTTP/1.1\r\n" + H + b"Authorization: Token " + t.encode() + b"\r\n\r\n"
many = [socket.create_connection((host, port)) for _ in range(101)]
for s in many[:100]: s.sendall(ask(TOKEN["Authorization"].split()[1]))
many[100].sendall(ask(other))
many[100].settimeout(120); got = many[100].recv(20)
check("another is answered", got.startswith(b"HTTP/1.1 200"), got)
open_still = 100 - len(select.select(many[:100], [], [], 0)[0])
check("while most of the hundred wait", open_still > 50, open_still)
for s in many: s.close()
# ---- S27: who is far away cannot say he is near
seen = [call("GET", "/api/v1/me", headers={"X-Forwarded-For": a, "Forwarded": "for=" + a, "X-Real-IP": a})[0] for a in ("127.0.0.1", "::1", "10.0.0.1")]
check("a forwarded address opens nothing", set(seen) <= {401, 200} and len(set(seen)) == 1, seen)
for _ in range(12): last = call("POST", "/api/v1/login", json.dumps({"user": "nobody", "password": "wrong-password-1"}).encode(), {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"10.1.1.{_}"})
check("nor does it shake off the brake", last[0] == 429, last[:2])
# ---- S42: nothing but its own files
for path in ("/.git/config", "/.env", "/server.json", "/data/", "/keys/", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/css/", "/src/", "/app.js.map", "/debug", "/metrics/../.."):
    s, t, h = call("GET", path)
    check(f"{path} is nothing", s in (400, 401, 404) or (s == 200 and "<html" in t and "root:" not in t and "{" + '"url"' not in t), (s, t[:80]))
# ---- S45: the stream
check("no stream without a session", call("GET", "/api/v1/stream")[0] == 401)
check("nor by a token of gateways in the address", call("GET", "/api/v1/stream?token=" + manage)[0] == 401)
own = f"http://{host}:{port}"
for origin, want in ((own, 200), (own.upper(), 200), ("http://elsewhere.example", 403), ("null", 403), (f"http://{host}:1", 403), ("", 403)):
    c = http.client.HTTPConnection(host, port, timeout=20)
    c.request("GET", "/api/v1/stream", headers={"Authorization": "Token " + other, "Origin": origin}); s = c.getresponse().status; c.close()
    check(f"the stream for a page of {origin!r}", s == want, s)
lines = []
for _ in range(17):
    c = http.client.HTTPConnection(host, port, timeout=20); c.request("GET", "/api/v1/stream", headers=TOKEN); r = c.getresponse()
    lines.append((r.status, r.headers.get("Retry-After"), c, r))
check("sixteen streams of one token, not seventeen", [x[0] for x in lines] == [200] * 16 + [429] and lines[-1][1] == "30", [x[:2] for x in lines])
for x in lines: x[2].close()
print("PY", good, bad)
P
python3 "$work/attack.py" "$url" "$manage" "$other" >"$work/py" 2>&1
grep -v '^PY' "$work/py" | head -30
read -r _ p f <<<"$(grep '^PY ' "$work/py" || echo 'PY 0 1')"
pass=$((pass + p)) fail=$((fail + f))
if curl -sf "$url/healthz" >/dev/null; then ok; else bad "the server has died"; fi
# S37: what the server gave up (every right by itself: confine_test.c): a link in its folder that leads out of it is not followed, nothing new is gained by starting a program
is "no_new_privs" "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' "/proc/$pid/status")" 1
is "nothing of it elsewhere" "$(find /proc/"$pid"/fd -lname '/*' -printf '%l\n' 2>/dev/null | grep -v -e "^$work/" -e '^/proc/' -e '^/sys/' -e '^/dev/null' -e '/packs/' -e '/web/' | sort -u)" ""
stop "$pid"
if grep -q Landlock "$work/serve.log"; then
  skip=$((skip + 1)); echo "SKIP this kernel has no Landlock"
else
  mkdir "$work/l" && ln -s "$work/outside" "$work/l/book.opening" # the book makes this file first of all
  timeout 60 "$QF" serve --data "$work/l" --listen 127.0.0.1:0 >"$work/link" 2>&1
  is "a link out of the folder" $? 3
  has "is told" "$(cat "$work/link")" "book.opening: Permission denied"
  if [ -e "$work/outside" ]; then bad "it wrote outside of its folder"; else ok; fi
fi
finish
