#!/usr/bin/env bash
# Collectors of a running server: folder, stations, vehicles, polled slaves, each beside wrong files; what they took and refused is
# in the API and in the metrics, and what was taken is there after a restart.
. test/system/lib.sh
pause() { python3 -c 'import select;select.select([],[],[],0.1)'; }
mkdir -p "$work/d/collect" "$work/in"
c=$work/d/collect
printf '[collector]\nprotocol = folder\npath = %s\nmap = %s\nsettle_s = 0\nscan_s = 1\n' "$work/in" "$PWD/docs/examples/boiler-house.ini" >"$c/drop.ini"
printf '[collector]\nprotocol = hj212\nlisten = 127.0.0.1:0\naccept = any\n' >"$c/stacks.ini"
printf '[collector]\nprotocol = gbt32960\nlisten = 127.0.0.1:0\naccept = any\n' >"$c/buses.ini"
printf '[collector]\nprotocol = hj212\nlisten = 0.0.0.0:0\naccept = any\n' >"$c/open.ini"
printf '[collector]\nprotocol = telegraph\nlisten = 127.0.0.1:0\n' >"$c/wrong.ini"
printf '[collector]\nprotocol = folder\npath = %s\nmap = %s\npatern = *.csv\n' "$work/in" "$PWD/docs/examples/boiler-house.ini" >"$c/slip.ini"
"$QF" simulate modbus --units 20 --per-gateway 10 --registers 4 --dead 0 --ini "$c/works.ini" >"$work/sim.json" 2>"$work/sim.err" &
sim=$!; pids="$pids $sim"
for _ in $(seq 1 100); do grep -q '^\[slave' "$c/works.ini" 2>/dev/null && break; pause; done
sed -i 's/^interval_ms.*/interval_ms = 1000/' "$c/works.ini"
serve "$work/d" || { bad "the server does not start"; finish; }
write=$("$QF" token add --data "$work/d" --scope write)
token=$("$QF" token add --data "$work/d" --scope read,manage)
api() { curl -sf -H "Authorization: Token $token" "$url/api/v1/collectors$1"; }
of() { api "" | python3 -c 'import json,sys
for c in json.load(sys.stdin)["collectors"]:
  if c["name"]==sys.argv[1]: print(eval(sys.argv[2],{},{"c":c}))' "$1" "$2"; }
links() { api "?collector=$1&size=1000" | python3 -c 'import json,sys
l=json.load(sys.stdin)["links"]
print(eval(sys.argv[1],{"l":l,"len":len,"sum":sum,"min":min,"max":max}))' "$2"; }
metric() { curl -sf -H "Authorization: Token $token" "$url/metrics" | awk -v k="qingfeng_$1" 'index($0,k)==1 {n+=$NF} END {printf "%d", n}'; }
# -- files that are wrong stop themselves only
is "all six and one polled are listed" "$(api "" | python3 -c 'import json,sys;print(len(json.load(sys.stdin)["collectors"]))')" 7
for n in drop stacks buses works; do is "$n runs" "$(of $n 'c["error"]')" None; done
has "an unknown protocol is named" "$(of wrong 'c["error"]["en"]')" telegraph
has "a slip of the pen is named with its line" "$(of slip 'c["error"]["en"]')" patern
has "in Chinese too" "$(of slip 'c["error"]["zh"]')" 5
has "an open address without TLS is refused" "$(of open 'c["error"]["en"]')" "plain = yes"
# -- without rights nothing is shown
is "nobody" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/collectors")" 401
is "a sender" "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Token $write" "$url/api/v1/collectors")" 403
# -- the folder: a file with one wrong row, and one that is no table of this map
{ cat docs/examples/boiler-house.csv; printf '31.12.2025;07:00;G-1;zwei;m3\n'; } >"$work/in/.a" && mv "$work/in/.a" "$work/in/a.csv"
cp README.md "$work/in/.b" && mv "$work/in/.b" "$work/in/b.csv"
for _ in $(seq 1 200); do [ -f "$work/in/a.csv.result.json" ] && [ -f "$work/in/b.csv.result.json" ] && break; pause; done
is "a.csv" "$(field outcome <"$work/in/a.csv.result.json")" taken
is "its wrong row" "$(field report.errors.0.found <"$work/in/a.csv.result.json")" zwei
is "b.csv" "$(field outcome <"$work/in/b.csv.result.json")" refused
rows=$(field report.readings <"$work/in/a.csv.result.json")
is "a link takes what the result says" "$(links drop 'l[0]["taken"]')" "$rows"
is "two refusals" "$(links drop 'l[0]["refused"]')" 2
has "with their reason" "$(links drop 'l[0]["refusal"]["zh"]')" "b.csv"
is "and their bytes" "$(links drop 'bytes.fromhex(l[0]["refusal"]["raw_hex"])[:60].decode("utf-8","ignore")')" "$(head -c 60 README.md)"
is "the folder in the metrics" "$(metric 'collector_readings_total{collector="drop"')" "$rows"
# -- stations and vehicles
for p in "hj212 stacks" "gbt32960 buses"; do
  read -r protocol name <<<"$p"
  "$QF" simulate "$protocol" --to "127.0.0.1:$(of "$name" 'c["port"]')" --senders 3 --messages 20 --period 0 >"$work/$name.json" || bad "simulate $protocol"
  is "$protocol: nothing lost" "$(field lost <"$work/$name.json")" 0
  is "$protocol: links" "$(links "$name" 'sum(x["taken"] > 0 for x in l)')" 3
  is "$protocol: metrics and links agree" "$(metric "collector_readings_total{collector=\"$name\"")" "$(links "$name" 'sum(x["taken"] for x in l)')"
done
# -- bytes that are no message
python3 - "$(of stacks 'c["port"]')" <<'END'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"##0005helloFFFF\r\n" * 3)
s.shutdown(socket.SHUT_WR)
s.settimeout(20)
while s.recv(4096):
    pass
END
has "no message is refused and told" "$(links stacks 'max(x["refused"] for x in l) > 0')" True
# -- polled slaves
for _ in $(seq 1 300); do [ "$(links works 'len(l) == 20 and min(x["taken"] for x in l) >= 4')" = True ] && break; pause; done
is "every slave answered" "$(links works 'len(l) == 20 and min(x["taken"] for x in l) >= 4')" True
is "up, in the metrics" "$(metric 'collector_links{collector="works",protocol="modbus",state="up"')" 20
if [ "$(metric 'collector_cycles_total{collector="works",protocol="modbus"}')" -ge 2 ]; then ok; else bad "poll cycles of works"; fi
is "a wrong file has none" "$(metric 'collector_messages_total{collector="slip"')" 0
if [ "$(metric 'collector_last_seen_age_seconds{collector="works"')" -le 60 ]; then ok; else bad "works: last seen"; fi
is "refused, by reason: links and metrics agree" "$(metric 'collector_refused_total{collector="stacks"')" "$(links stacks 'sum(x["refused"] for x in l)')"
is "every line is labelled with collector and protocol only" "$(curl -sf -H "Authorization: Token $token" "$url/metrics" | grep '^qingfeng_collector_' | grep -cvE '\{collector="[a-z]+",protocol="[a-z0-9_]+"(,(state|reason)="[a-z_]+")?\} [0-9.e+]+$')" 0
# -- line protocol over HTTP: one link a token
"$QF" simulate lineproto --to "${url#http://}" --token "$write" --senders 4 --messages 25 --points 5 --period 0 >"$work/http.json" || bad "simulate lineproto"
is "messages answered" "$(field answered <"$work/http.json")" 100
is "one link a token" "$(links http 'len(l)')" 1
is "500 readings by HTTP" "$(links http 'l[0]["taken"]')" 500
"$QF" simulate lineproto --to "${url#http://}" --token wrong --messages 1 --period 0 >"$work/out" 2>"$work/err"
is "a wrong token is the answer no" "$?" 1
has "with its status" "$(cat "$work/err")" 401
curl -s -o /dev/null -H "Authorization: Token $write" --data-binary 'meter,a=1 kwh=abc' "$url/write"
has "a bad line is shown with its bytes" "$(links http 'l[0]["refusal"]["raw_text"]')" "kwh=abc"
# -- who reads, but may not let senders in, sees no bytes and no addresses; HJ 212's password nobody
reader=$("$QF" token add --data "$work/d" --scope read)
python3 - "$(of stacks 'c["port"]')" <<'END'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
body = b"QN=20261123083000000;ST=31;CN=2011;PW=hush77;MN=A1;Flag=5;CP=&&DataTime=20261123083000;a-Rtd=1&&"
s.sendall(b"##%04d%sFFFF\r\n" % (len(body), body)) # the check sum is wrong
s.shutdown(socket.SHUT_WR)
s.settimeout(20)
while s.recv(4096):
    pass
END
seen() { curl -sf -H "Authorization: Token $1" "$url/api/v1/collectors?size=1000"; }
has "an administrator sees the bytes" "$(seen "$token")" "PW=******;MN=A1"
case $(seen "$token") in *hush77*|*687573683737*) bad "a password is shown" ;; *) ok ;; esac
is "a reader sees reasons, no bytes, no addresses" "$(seen "$reader" | python3 -c 'import json,sys
l=json.load(sys.stdin)["links"]
print(any(x["refusal"] and x["refusal"]["zh"] for x in l), any(x["peer"] or x["refusal"] and (x["refusal"]["raw_hex"] or x["refusal"]["raw_text"]) for x in l))')" "True False"
# -- what was taken is there after a kill, and the folder's files are not taken again
kill "$sim"; wait "$sim" 2>/dev/null
taken=$(metric collector_readings_total)
kill -9 "$pid"; wait "$pid" 2>/dev/null
rm "$c/works.ini"
cp "$work/in/a.csv" "$work/in/.c" && mv "$work/in/.c" "$work/in/c.csv"
serve "$work/d" || { bad "the server does not start again"; finish; }
for _ in $(seq 1 200); do [ -f "$work/in/c.csv.result.json" ] && break; pause; done
is "the same bytes under another name" "$(field outcome <"$work/in/c.csv.result.json")" known
is "nothing is taken twice" "$(metric collector_readings_total)" 0
kept=$(metric readings_stored)
if [ "$kept" -ge "$((taken))" ]; then ok; else bad "$taken were called taken, $kept are there"; fi
finish
