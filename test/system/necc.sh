#!/usr/bin/env bash
# 重点用能单位 upload, both sides against each other: one server is the platform, another a unit's terminal. kill -9 of either while data
# flow, the platform away for a while; and a stranger's terminal whose fields are encrypted by the openssl program, not by our code:
# re-sent, wrong key, wrong device, cut off.
. test/system/lib.sh
pause() { python3 -c 'import select;select.select([],[],[],0.1)'; }
U1=91210800QF00000011 U2=91210800QF00000024
read -r port t0 month0 <<<"$(python3 - <<'P'
import datetime, socket
s = socket.socket(); s.bind(("127.0.0.1", 0))
now = datetime.datetime.utcnow() + datetime.timedelta(hours=8)
first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
start = first - datetime.timedelta(days=3)  # the last three days of last month, in Beijing
print(s.getsockname()[1], int((start - datetime.timedelta(hours=8) - datetime.datetime(1970, 1, 1)).total_seconds()), start.strftime("%Y-%m"))
P
)"
day() { date -u -d "@$((t0 + 28800 + $1 * 86400))" +%F; }
p=$work/platform u=$work/unit
mkdir -p "$p/collect" "$u/collect"
cat >"$p/collect/province.ini" <<INI
[collector]
protocol = necc
listen = 127.0.0.1:$port
region = 210800
[unit $U1]
name = 甲厂
since = $(day 0)
realtime = 00-00-0000-023300-11
daily = 00-00-0000-023300-11
monthly = 00-00-0000-023300-11
[unit $U2]
since = $(day 0)
realtime = 00-00-0000-023300-11 00-00-0000-011500-11
INI
cat >"$u/collect/up.ini" <<INI
[collector]
protocol = necc_unit
connect = 127.0.0.1:$port
enterprise = $U1
region = 210800
wait_slot = no
delay_min = 0
batch = 20
pace_ms = 20
backoff_ms = 100
backoff_max_ms = 400
[item main meter]
code = 0000000002330011
point = meter,unit=a kwh
scale = 0.0001
INI
start() { # folder name: sets NAME_url and NAME_pid
  serve "$1" || { bad "$2 does not start"; cat "$work/serve.log"; finish; }
  eval "$2_url=$url $2_pid=$pid"
}
sim=$(python3 -c 'import socket
s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
"$QF" simulate necc --to "127.0.0.1:$sim" --senders 5 --ini "$p/collect/sim.ini" || bad "simulate --ini"
start "$p" P
start "$u" U
"$QF" simulate necc --to "127.0.0.1:$sim" --senders 5 --messages 21 --period 0 >"$work/sim.json" || bad "simulate"
is "simulated terminals are all answered" "$(field answered <"$work/sim.json") $(field lost <"$work/sim.json")" "105 0"
P_token=$("$QF" token add --data "$p" --scope read,manage)
U_token=$("$QF" token add --data "$u" --scope read,manage,write)
fill() { # from quarter, count: the register climbs 2.5 kWh a quarter
  python3 -c 'import sys
t,a,n=map(int,sys.argv[1:])
for i in range(a,a+n): print("meter,unit=a kwh=%s %d" % (1000+i*2.5, t+i*900))' "$t0" "$1" "$2" >"$work/lines"
  is "written" "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Token $U_token" --data-binary @"$work/lines" "$U_url/api/v2/write?precision=s")" 204
}
# readings the platform keeps of an item: how many, when all are what they should be and each window is there once
kept() { # unit code stat value
  curl -s -H "Authorization: Token $P_token" "$P_url/api/v1/readings/necc,code=$2,stat=$3,unit=$1%20value?from=${t0}000&to=$((t0 + 9000000))000&limit=100000" | python3 -c 'import json,sys
d=json.load(sys.stdin).get("readings",[])
times=[t for t,v in d]
wrong=[v for t,v in d if float(v)!=float(sys.argv[1])]
print("wrong: %s" % wrong[:5] if wrong else "doubled" if len(set(times))!=len(times) else len(times))' "$4"
}
until_kept() { # unit code stat value count
  for _ in $(seq 1 900); do [ "$(kept "$1" "$2" "$3" "$4")" = "$5" ] && break; pause; done
  is "$3 of $2 at the platform" "$(kept "$1" "$2" "$3" "$4")" "$5"
}
link() { curl -s -H "Authorization: Token $2" "$1/api/v1/collectors" | python3 -c 'import json,sys
l=json.load(sys.stdin)["links"]
print(eval(sys.argv[1],{"l":l,"sum":sum,"any":any,"sorted":sorted,"str":str,"U2":sys.argv[2]}))' "$3" "$U2"; }
share() { curl -s -H "Authorization: Token $P_token" "$P_url/api/v1/necc?month=$month0&unit=$1" | field "platforms.0.units.0.$2"; }
E=00-00-0000-023300-11
is "three items of twenty windows each" "$(link "$P_url" "$P_token" 'sorted(x["taken"] for x in l if x["collector"]=="sim" and x["taken"])')" "[60, 60, 60, 60, 60]"
rm "$p/collect/sim.ini"
python3 - <<P >"$work/point.json"
import json
print(json.dumps([{"id": "meter,unit=a kwh", "data": {"subject": "210800", "name_zh": "a", "name_en": "a", "carrier": "electricity", "flow": "none", "unit": "kWh", "kind": "register", "period_s": 900}}]))
P
is "point" "$(curl -s -o "$work/out" -w '%{http_code}' -H "Authorization: Token $U_token" -d @"$work/point.json" "$U_url/api/v1/records/point")" 200
# -- three days, whole: 288 quarters of 2.5 kWh = 0.00025 x 10^4 kWh, 3 days of 240 kWh
fill 0 289
until_kept "$U1" $E rt 0.00025 288
until_kept "$U1" $E day 0.024 3
is "expected" "$(share "$U1" expected)" 291
is "received" "$(share "$U1" received)" 291
is "share" "$(share "$U1" share)" 1.0
has "the unit's page says how complete it is" "$(link "$U_url" "$U_token" 'l[0]["note"]["zh"] if l[0]["note"] else ""')" 应传
is "the dictionary came" "$(field data.energy.32.name <"$u/collect/up.dictionary")" 电力
is "the key is the owner's only" "$(stat -c %a "$u/collect/up.device")" 600
# -- over TLS, both sides with certificates: the platform's name is checked, and the unit's code is that of its certificate
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
cert() { # file subject alternative-name
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null &&
    openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 -extfile <(printf 'subjectAltName=%s' "$3") -out "$work/$1.pem" 2>/dev/null
}
cert server platform DNS:localhost; cert other other DNS:elsewhere.example; cert unit "$U1" DNS:unit
read -r tls other <<<"$(python3 -c 'import socket
s=[socket.socket() for _ in range(2)]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')"
for n in "secure $tls server" "wrong $other other"; do
  set -- $n
  printf '[collector]\nprotocol = necc\nlisten = localhost:%s\ntls_cert = %s\ntls_key = %s\ntls_ca = %s\nregion = 210800\n[unit %s]\nname = b\n' \
    "$2" "$work/$3.pem" "$work/$3.key" "$work/ca.pem" "$U1" >"$p/collect/$1.ini"
  printf '[collector]\nprotocol = necc_unit\nconnect = localhost:%s\ntls_ca = %s\ntls_cert = %s\ntls_key = %s\nenterprise = %s\nregion = 210800\nwait_slot = no\ndelay_min = 0\nbackoff_ms = 100\n[item m]\ncode = 00-00-0000-023300-12\npoint = meter,unit=a kwh\nwindows = day\n' \
    "$2" "$work/ca.pem" "$work/unit.pem" "$work/unit.key" "$U1" >"$u/collect/$1.ini"
done
# and another province's platform, not ours: no dictionary, answers in chunks, and one code it does not know
cat >"$work/strict.py" <<'P'
import http.server, json, subprocess, sys
KEY = "0123456789ABCDEFFEDCBA9876543210"
seal = lambda s: subprocess.run(["openssl", "enc", "-sm4-ecb", "-K", KEY], input=s.encode(), stdout=subprocess.PIPE, check=True).stdout.hex()
bad, got, asked = seal("00-00-0000-029900-11"), set(), 0
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        global asked
        d = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/province/register":
            a = {"responseCode": "0", "deviceId": "SN-7", "secretKey": KEY, "centerDataURL": "http://elsewhere.example/up?v=1", "uploadTime": "01:38:00"}
        else:
            asked += 1
            refuse = bad in [x["dataCode"] for x in d["data"]] or d["deviceId"] != "SN-7" or self.path != "/up?v=1"
            a = {"responseCode": "1", "responseMessage": "unknown code"} if refuse else {"responseCode": "0"}
            if not refuse: got.update((x["dataCode"], x["statType"], x["statDate"]) for x in d["data"])
        raw = json.dumps(a).encode()
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(0, len(raw), 7): self.wfile.write(b"%x\r\n%s\r\n" % (len(raw[i:i + 7]), raw[i:i + 7]))
        self.wfile.write(b"0\r\n\r\n")
        with open(sys.argv[1], "w") as f: print(len(got), asked, file=f)
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_address[1], flush=True)
s.serve_forever()
P
python3 "$work/strict.py" "$work/strict.count" >"$work/strict.port" 2>"$work/strict.err" & pids="$pids $!"
for _ in $(seq 1 100); do [ -s "$work/strict.port" ] && break; pause; done
printf '[collector]\nprotocol = necc_unit\nconnect = 127.0.0.1:%s\npath = /province/register\nenterprise = %s\nregion = 210800\nwait_slot = no\ndelay_min = 0\npace_ms = 0\n[item good]\ncode = 00-00-0000-023300-11\npoint = meter,unit=a kwh\nwindows = 15 day\n[item bad]\ncode = 00-00-0000-029900-11\npoint = meter,unit=a kwh\nwindows = day\n' \
  "$(cat "$work/strict.port")" "$U1" >"$u/collect/strict.ini"
stop "$P_pid"; stop "$U_pid"; start "$p" P; start "$u" U
until_kept "$U1" 00-00-0000-023300-12 day 240 3
for _ in $(seq 1 200); do grep -q '^291 ' "$work/strict.count" 2>/dev/null && break; pause; done
is "what the other platform knows has arrived" "$(cut -d' ' -f1 "$work/strict.count")" 291
for _ in $(seq 1 100); do [ "$(link "$U_url" "$U_token" '[x["state"] for x in l if x["collector"]=="strict"][0]')" = up ] && break; pause; done
is "and what it refuses holds up nothing" "$(link "$U_url" "$U_token" '[(x["state"], x["taken"], "029900-11" in x["refusal"]["en"] and "left out" in x["refusal"]["en"]) for x in l if x["collector"]=="strict"][0]')" "('up', 291, True)"
[ "$(cut -d' ' -f2 "$work/strict.count")" -le 60 ] && ok || bad "asked $(cut -d' ' -f2 "$work/strict.count") times"
is "its key is its certificate's: given out again" "$(curl -s --cacert "$work/ca.pem" --cert "$work/unit.pem" --key "$work/unit.key" -d "{\"region\":\"210800\",\"enterpriseCode\":\"$U1\"}" "https://localhost:$tls/enterprise/register" | field responseCode)" 0
curl -s --cacert "$work/ca.pem" -d '{}' "https://localhost:$tls/enterprise/register" >"$work/out" && bad "without a certificate it is answered" || ok
for _ in $(seq 1 100); do [ "$(link "$U_url" "$U_token" '[x["state"] for x in l if x["collector"]=="wrong"][0]')" = backoff ] && break; pause; done
has "another platform's certificate" "$(link "$U_url" "$U_token" '[x["refusal"]["en"] for x in l if x["collector"]=="wrong"][0]')" "ertificate"
rm "$u/collect/strict.ini" "$u/collect/wrong.ini" "$u/collect/secure.ini" "$p/collect/wrong.ini" "$p/collect/secure.ini"
stop "$P_pid"; stop "$U_pid"; start "$p" P; start "$u" U
# -- the platform goes away, is killed, comes back: nothing is lost, nothing is there twice
fill 289 1000
for _ in $(seq 1 300); do [ "$(kept "$U1" $E rt 0.00025)" -ge 350 ] 2>/dev/null && break; pause; done
kill -9 "$P_pid"; wait "$P_pid" 2>/dev/null
start "$p" P
got=$(kept "$U1" $E rt 0.00025)
[ "$got" -ge 288 ] && [ "$got" -le 1288 ] && ok || bad "after kill -9 of the platform: $got"
for _ in $(seq 1 300); do [ "$(kept "$U1" $E rt 0.00025)" -ge $((got + 60)) ] 2>/dev/null && break; pause; done
kill -9 "$U_pid"; wait "$U_pid" 2>/dev/null
start "$u" U
until_kept "$U1" $E rt 0.00025 1288
before=$(link "$U_url" "$U_token" 'l[0]["taken"]')
[ "$before" -lt 1288 ] && ok || bad "after its kill -9 the terminal sent $before: everything again"
stop "$P_pid"
fill 1289 96
for _ in $(seq 1 300); do [ "$(link "$U_url" "$U_token" 'l[0]["state"]')" = backoff ] && break; pause; done
is "without its platform" "$(link "$U_url" "$U_token" 'l[0]["state"]')" backoff
start "$p" P
until_kept "$U1" $E rt 0.00025 1384
for _ in $(seq 1 300); do [ "$(link "$U_url" "$U_token" 'l[0]["state"]')" = up ] && break; pause; done
is "with it again" "$(link "$U_url" "$U_token" 'l[0]["state"]')" up
# -- a stranger's terminal
cat >"$work/stranger.py" <<'P'
"""stranger.py PORT USCC WHAT T0 STATE: a terminal made with json, sockets and the openssl program."""
import datetime, json, socket, subprocess, sys
port, uscc, what, t0 = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
def ask(path, body, cut=None):
    s = socket.create_connection(("127.0.0.1", port), 20)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = ("POST %s HTTP/1.1\r\nHost: platform\r\nContent-Length: %d\r\n\r\n" % (path, len(raw))).encode()
    s.sendall((head + raw)[:cut])
    if cut: s.shutdown(socket.SHUT_WR)
    got = b""
    while b"\r\n\r\n" not in got or len(got.split(b"\r\n\r\n", 1)[1]) < int(got.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
        more = s.recv(65536)
        if not more: break
        got += more
    return json.loads(got.split(b"\r\n\r\n", 1)[1]) if got else {}
def seal(key, text):
    return subprocess.run(["openssl", "enc", "-sm4-ecb", "-K", key], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.hex()
def when(t): return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=t + 28800)).strftime("%Y-%m-%d %H:%M:%S")
def datum(key, i, code="00-00-0000-023300-11", **change):
    now = datetime.datetime.utcnow() + datetime.timedelta(hours=8)
    d = dict(dataCode=code, dataValue="%d.50" % (i + 1), inputType="1", statType="0", statDate=when(t0 + 900 * i),
             uploadDate=now.strftime("%Y-%m-%d %H:%M:%S"), scope="1", valid="0")
    d.update(change)
    return {k: seal(key, v) for k, v in d.items()}
if what == "register":
    r = ask("/enterprise/register", {"region": "210800", "enterpriseCode": uscc})
    if r.get("responseCode") == "0": json.dump(r, open(sys.argv[5], "w"))
    print(r["responseCode"], r["responseMessage"])
    sys.exit()
me = json.load(open(sys.argv[5]))
key, dev = me["secretKey"], me["deviceId"]
path = "/" + me["centerDataURL"].split("/", 3)[3]
body = {"deviceId": dev, "enterpriseCode": uscc}
if what == "upload": body["data"] = [datum(key, i) for i in range(3)] + [datum(key, 0, "00-00-0000-011500-11", valid="1")]
if what == "wrongkey": body["data"] = [datum("00" * 16, 3)]
if what == "device": body.update(deviceId="0" * 32, data=[datum(key, 3)])
if what == "half": body["data"] = [datum(key, 3), datum(key, 4, scope="9")]
if what == "future": body["data"] = [datum(key, 3, statDate="2999-01-01 00:00:00")]
if what == "cut":
    body["data"] = [datum(key, 3)]
    print(ask(path, body, cut=600))
    sys.exit()
if what == "flip":
    body["data"] = [datum(key, 3)]
    body = json.dumps(body).replace('"dataValue": "', '"dataValue": "0', 1).encode()
if what == "dictionary":
    v = ask("/" + me["loadDicVersionURL"].split("/", 3)[3], body)
    d = ask("/" + me["downloadBaseDataURL"].split("/", 3)[3], body)
    c = ask("/" + me["centerInfoDownloadURL"].split("/", 3)[3], body)
    print(v["dicVersion"] == d["dicVersion"], [x["unit"] for x in d["data"]["energy"] if x["code"] == "3300"][0], [x["dataCode"] for x in c["data"]], c["uploadTime"] == me["uploadTime"])
    sys.exit()
r = ask(path, body)
print(r["responseCode"], r["responseMessage"])
P
stranger() { python3 "$work/stranger.py" "$port" "$U2" "$1" "$t0" "$work/stranger.json"; }
is "registers" "$(stranger register)" "0 RECEIVE SUCCESS"
is "registers again, as long as it has not uploaded" "$(stranger register)" "0 RECEIVE SUCCESS"
is "the slot is staggered" "$(field uploadTime <"$work/stranger.json")" 03:00:00
is "dictionary and items" "$(stranger dictionary)" "True 万千瓦时 ['00-00-0000-023300-11', '00-00-0000-011500-11'] True"
rows() { curl -s -H "Authorization: Token $P_token" "$P_url/api/v1/readings/necc,code=$1,stat=rt,unit=$U2%20value?from=${t0}000&to=$((t0 + 9000000))000&limit=100000" | python3 -c 'import json,sys
print(" ".join(str(v) for t,v in json.load(sys.stdin).get("readings",[])))'; }
is "uploads" "$(stranger upload)" "0 RECEIVE SUCCESS"
is "uploads the same again" "$(stranger upload)" "0 RECEIVE SUCCESS"
for _ in $(seq 1 100); do [ -n "$(rows $E)" ] && break; pause; done
is "each once" "$(rows $E)" "1.5 2.5 3.5"
is "of the item marked invalid nothing counts" "$(share "$U2" items.0.received) $(share "$U2" items.1.received)" "0 3"
is "its key is not given out again" "$(stranger register | cut -c1)" 1
has "another key" "$(stranger wrongkey)" "1 解密失败"
has "another device" "$(stranger device)" "1 序列号与企业统一社会信用代码不符"
has "one datum wrong" "$(stranger half)" "1 第 2 条：scope"
has "the future" "$(stranger future)" "1 第 1 条：statDate"
has "a field of broken digits" "$(stranger flip)" "1 第 1 条：dataValue"
is "cut off: no answer" "$(stranger cut)" "{}"
has "which is told" "$(link "$P_url" "$P_token" 'str([x["refusal"] for x in l])')" "中途断开"
is "another's code" "$(python3 "$work/stranger.py" "$port" 91210800QF00000099 register 0 /dev/null | cut -c1)" 1
is "nothing of these was taken" "$(rows $E)" "1.5 2.5 3.5"
has "the page says why" "$(link "$P_url" "$P_token" '[str(x["refusal"]) for x in l if x["name"]==U2][0]')" "dataValue"
# -- after a restart the key is still not given out, and still good
stop "$P_pid"; start "$p" P
is "not given out after a restart" "$(stranger register | cut -c1)" 1
is "still good" "$(stranger upload)" "0 RECEIVE SUCCESS"
is "each once, still" "$(rows $E)" "1.5 2.5 3.5"
stop "$P_pid"; stop "$U_pid"
code 0 "$QF" verify --data "$p"
finish
