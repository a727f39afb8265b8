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
since = x
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
sed -i '/^since = x/d' "$p/collect/province.ini"
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
start "$p" P
start "$u" U
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
print(eval(sys.argv[1],{"l":l,"sum":sum,"any":any,"str":str,"U2":sys.argv[2]}))' "$3" "$U2"; }
share() { curl -s -H "Authorization: Token $P_token" "$P_url/api/v1/necc?month=$month0&unit=$1" | field "platforms.0.units.0.$2"; }
E=00-00-0000-023300-11
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
stop "$P_pid"; stop "$U_pid"
finish
