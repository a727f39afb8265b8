#!/usr/bin/env bash
# Stations (HJ 212) and vehicles (GB/T 32960) as a stranger's program sends them - the frames are made here, not by our code -,
# and kill -9 while they send: nothing that was answered is lost, nothing is doubled.
. test/system/lib.sh
mkdir -p "$work/d/collect"
cat >"$work/d/collect/air.ini" <<'INI'
[collector]
protocol = hj212
listen = 127.0.0.1:0
[station 010000A8900016F000169DC0]
pw = Q4x7zk
[station 010000A8900016F000169DC1]
pw = Q4x7zk
crc = modbus
INI
cat >"$work/d/collect/bus.ini" <<'INI'
[collector]
protocol = gbt32960
listen = 127.0.0.1:0
vins = LNBSCYINGKOU00001 LNBSCYINGKOU00002
INI
cat >"$work/send.py" <<'P'
"""send.py hj|gbt PORT WHO FROM COUNT [PID KILL_AT]: send COUNT readings, one a second from second FROM on, at most 8 unanswered;
kill PID when KILL_AT were answered. Prints how many were answered."""
import datetime, os, signal, socket, struct, sys
kind, port, who, first, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
pid, kill_at = (int(sys.argv[6]), int(sys.argv[7])) if len(sys.argv) > 7 else (0, -1)
T0 = datetime.datetime(2026, 1, 5, 8, 0, 0)
def crc(b, modbus):
    r = 0xFFFF
    for c in b:
        r = (r if modbus else r >> 8) ^ c
        for _ in range(8):
            r = r >> 1 ^ 0xA001 if r & 1 else r >> 1
    return r
def hj(i):
    t = T0 + datetime.timedelta(seconds=i)
    now = datetime.datetime.utcnow() + datetime.timedelta(hours=8)
    d = ("QN=%s000;ST=31;CN=2011;PW=Q4x7zk;MN=%s;Flag=5;CP=&&DataTime=%s;a05001-Rtd=%d.25,a05001-Flag=N&&" % (now.strftime("%Y%m%d%H%M%S"), who, t.strftime("%Y%m%d%H%M%S"), i)).encode()
    return b"##%04d%s%04X\r\n" % (len(d), d, crc(d, who.endswith("1")))
def gb(cmd, data):
    b = bytes([cmd, 0xFE]) + who.encode() + b"\x01" + struct.pack(">H", len(data)) + data
    x = 0
    for c in b: x ^= c
    return b"##" + b + bytes([x])
def stamp(i):
    t = T0 + datetime.timedelta(seconds=i)
    return bytes([t.year - 2000, t.month, t.day, t.hour, t.minute, t.second])
def gbt(i): return gb(2, stamp(i) + b"\x01\x01\x03\x01" + struct.pack(">HIHHBBBHBB", 300, 100000 + i, 5400, 10500, 80, 1, 14, 1000, 0, 0))
def count_hj(buf):
    n = 0
    while len(buf) >= 6 and len(buf) >= 12 + int(buf[2:6]):
        n += b"CN=9014;" in buf[:12 + int(buf[2:6])]
        buf = buf[12 + int(buf[2:6]):]
    return n, buf
def count_gbt(buf):
    n = 0
    while len(buf) >= 25 and len(buf) >= 25 + buf[22] * 256 + buf[23]:
        n += buf[2] == 2 and buf[3] == 1
        buf = buf[25 + buf[22] * 256 + buf[23]:]
    return n, buf
s = socket.create_connection(("127.0.0.1", port), 20)
sent = done = 0
buf = b""
try:
    if kind == "gbt":
        s.sendall(gb(1, stamp(0) + b"\0\1" + b"8" * 20 + b"\1\0"))
    while done < count:
        while sent < count and sent - done < 8:
            s.sendall((hj if kind == "hj" else gbt)(first + sent))
            sent += 1
        more = s.recv(65536)
        if not more: break
        n, buf = (count_hj if kind == "hj" else count_gbt)(buf + more)
        done += n
        if 0 <= kill_at <= done:
            os.kill(pid, signal.SIGKILL)
            kill_at = -1
except OSError:
    pass
print(done)
P
port() { curl -s -H "Authorization: Token $reader" "$url/api/v1/collectors" | python3 -c 'import json,sys
d=json.load(sys.stdin)
print([c["port"] for c in (d["collectors"] if isinstance(d,dict) else d) if c["name"]==sys.argv[1]][0])' "$1"; }
# readings of a series: their count, when they are offset + 0, 1, 2 ... steps, each once; waits until at least so many are applied
run() { # series offset step at_least
  for _ in $(seq 1 600); do
    curl -s -H "Authorization: Token $reader" "$url/api/v1/readings/$1?from=1767571200000&to=1767657600000&limit=100000" | python3 -c 'import json,sys
r=[round(float(v)-float(sys.argv[1]),3) for t,v in json.load(sys.stdin)["readings"]]
s=float(sys.argv[2])
print(len(r) if r==[round(i*s,3) for i in range(len(r))] else "lost or doubled: %s" % r[:20])' "$2" "$3" >"$work/run"
    [ "$(cat "$work/run")" -lt "$4" ] 2>/dev/null || break
    python3 -c 'import select;select.select([],[],[],0.1)'
  done
  cat "$work/run"
}
serve "$work/d" || { bad "does not start"; finish; }
reader=$("$QF" token add --data "$work/d" --scope read)
M0=010000A8900016F000169DC0 M1=010000A8900016F000169DC1 V1=LNBSCYINGKOU00001 V2=LNBSCYINGKOU00002
is "whole, HJ 212" "$(python3 "$work/send.py" hj "$(port air)" $M0 0 50)" 50
is "Modbus's CRC where it is set" "$(python3 "$work/send.py" hj "$(port air)" $M1 0 50)" 50
is "whole, GB/T 32960" "$(python3 "$work/send.py" gbt "$(port bus)" $V1 0 50)" 50
is "kept" "$(run "hj212,code=a05001,mn=$M0%20rtd" 0.25 1 50)" 50
is "kept, other CRC" "$(run "hj212,code=a05001,mn=$M1%20rtd" 0.25 1 50)" 50
is "kept, vehicle" "$(run "gbt32960,vin=$V1%20mileage_km" 10000 0.1 50)" 50
is "stranger's VIN" "$(python3 "$work/send.py" gbt "$(port bus)" LNBSCYINGKOU00009 0 1 & p=$!; python3 -c 'import select;select.select([],[],[],1.5)'; kill $p 2>/dev/null; wait $p 2>/dev/null)" ""
has "is told" "$(curl -s -H "Authorization: Token $reader" "$url/api/v1/collectors")" "LNBSCYINGKOU00009"
# energy per vehicle-km: 540.0 V x 50.0 A = 27 kW for 49 s is 0.3675 kWh, over 4.9 km: 0.075 kWh/km
manage=$("$QF" token add --data "$work/d" --scope manage)
python3 - "$V1" >"$work/points.json" <<'PY'
import json,sys
def p(field, unit, kind): return {"id": "gbt32960,vin=%s %s" % (sys.argv[1], field), "data": {"subject": "210800", "name_zh": field, "name_en": field,
  "carrier": "electricity" if unit == "kWh" else "vehicle_km", "flow": "none", "unit": unit, "kind": kind, "period_s": 30, "rests": True}}
print(json.dumps([p("discharge_kwh", "kWh", "interval"), p("regen_kwh", "kWh", "interval"), p("mileage_km", "km", "register")]))
PY
is "points" "$(curl -s -o "$work/body" -w '%{http_code}' -H "Authorization: Token $manage" -d @"$work/points.json" "$url/api/v1/records/point")" 200
for _ in $(seq 1 600); do
  got=$(curl -s -H "Authorization: Token $reader" "$url/api/v1/figures/transport.vehicle_energy_per_km?period=2026-01" | python3 -c 'import json,sys;print(json.load(sys.stdin).get("value"))')
  [ "$got" = None ] || break
  python3 -c 'import select;select.select([],[],[],0.1)'
done
is "energy per vehicle-km" "$got" 0.075
# kill -9 while they send, both kinds one after the other; then everything is sent again from where the answers ended
for k in "hj air $M0" "gbt bus $V2"; do
  set -- $k
  acked=$(python3 "$work/send.py" "$1" "$(port "$2")" "$3" 0 5000 "$pid" 700)
  wait "$pid" 2>/dev/null
  [ "$acked" -ge 700 ] && [ "$acked" -lt 5000 ] && ok || bad "$1: $acked answered before the kill"
  serve "$work/d" || bad "does not start after kill -9"
  case $1 in hj) s="hj212,code=a05001,mn=$3%20rtd 0.25 1" ;; *) s="gbt32960,vin=$3%20mileage_km 10000 0.1" ;; esac
  set -- "$1" "$2" "$3" $s
  got=$(run "$4" "$5" "$6" "$acked")
  [ "$got" -ge "$acked" ] 2>/dev/null && [ "$got" -le $((acked + 8)) ] && ok || bad "$1 after kill -9: $acked answered, kept $got"
  is "$1 sent again" "$(python3 "$work/send.py" "$1" "$(port "$2")" "$3" 0 1000)" 1000
  is "$1 not doubled" "$(run "$4" "$5" "$6" 1000)" 1000
done
stop "$pid"
code 0 "$QF" verify --data "$work/d"
finish
