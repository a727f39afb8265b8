#!/usr/bin/env bash
# Clients as they are, each a program that others keep: Prometheus by remote write - also while our server is killed - and requests by hand.
. test/system/lib.sh
pause() { python3 -c 'import select;select.select([],[],[],0.1)'; }
free_port() { python3 -c 'import socket;s=socket.socket();s.bind(("127.0.0.1",0));print(s.getsockname()[1])'; }
serve "$work/d" || { bad "the server does not start"; finish; }
port=${url##*:}
write=$("$QF" token add --data "$work/d" --scope write)
token=$("$QF" token add --data "$work/d" --scope read,manage)
get() { curl -sf -H "Authorization: Token $token" "$url$1"; }
metric() { get /metrics | awk -v k="qingfeng_$1" 'index($0,k)==1 {n+=$NF} END {printf "%d", n}'; }
again() { # after a kill: the same folder and port
  "$QF" serve --data "$work/d" --listen "127.0.0.1:$port" >>"$work/serve.log" 2>&1 &
  pid=$!; pids="$pids $pid"
  for _ in $(seq 1 300); do curl -sf "$url/healthz" >/dev/null && return 0; pause; done
  return 1
}
applied() { # what is durable is applied a little later
  for _ in $(seq 1 300); do [ "$(metric applied_seq)" -ge "$(metric journal_last_seq)" ] && return 0; pause; done; }
readings() { applied; get "/api/v1/readings/$(python3 -c 'import sys,urllib.parse;print(urllib.parse.quote(sys.argv[1],safe=""))' "$1")?from=$2&to=$3&limit=1000"; }

# -- remote write by hand
python3 test/system/remote_write.py "$url" "$write" >"$work/hand" 2>"$work/hand.err" || bad "by hand: $(cat "$work/hand.err")"
said() { sed -n "s/^$1 //p" "$work/hand"; }
is "good" "$(said good)" "(204, '')"
is "the same again" "$(said again)" "(204, '')"
has "partial" "$(said partial)" "(400, "
has "counts" "$(said partial)" '"accepted":3,"refused":2'
has "names the series" "$(said partial)" '{"series":"hand_nan,job=j","message":"nan is no value'
has "and the one without a name" "$(said partial)" '{"series":"","message":"no __name__'
is "an empty request" "$(said empty)" "(204, '')"
is "2.0 is refused" "$(said v2)" 415
is "1.0 by its full name" "$(said v1)" 204
is "another type" "$(said json)" 415
is "not packed" "$(said plain)" 415
is "a length that is not true" "$(said lie)" 400
is "a bomb" "$(said bomb)" 413
is "cut" "$(said cut)" 400
is "one byte changed" "$(said flip)" 400
is "no token" "$(said token)" 401
is "exact, and once" "$(readings "hand_kwh,job=j value" 1763999999000 1764000009000 | python3 -c 'import json,sys;print(json.load(sys.stdin,parse_float=str)["readings"])')" "[[1764000000000, '0.1'], [1764000001000, '88017.12']]"
is "stale markers are counted" "$(metric write_stale_markers_total)" 4

links() { get "/api/v1/collectors?collector=http&size=100" | python3 -c 'import json,sys
l=[x for x in json.load(sys.stdin)["links"] if x["protocol"]==sys.argv[1]][0];print(eval(sys.argv[2],{"l":l}))' "$1" "$2"; }
is "its readings on the page of collectors" "$(links remote_write 'l["taken"]')" 9
has "the last refusal and its bytes" "$(links remote_write 'l["refusal"]["en"]+l["refusal"]["raw_hex"]')" 'protobuf, byte 0: a group or an unknown wire type'

# -- JSON and CSV
push() { curl -s -w '\n%{http_code}' -H "Authorization: Token $write" "$@" "$url/api/v1/readings"; }
json() { push -H 'Content-Type: application/json' "$@"; }
csv() { push -H 'Content-Type: text/csv' "$@"; }
values() { readings "$1" 1764000000000 1764009000000 | python3 -c 'import json,sys;print(json.load(sys.stdin,parse_float=str)["readings"])'; }
is "json" "$(json -d '[{"series":"push,unit=u1 kwh","time":1764000000000,"value":"88017.10"},{"series":"push,unit=u1 kwh","time":"2025-11-25T00:01:00+08:00","value":0.1}]')" '{"accepted":2,"refused":0}
200'
is "every digit" "$(values "push,unit=u1 kwh")" "[[1764000000000, '88017.10'], [1764000060000, '0.1']]"
printf '{"readings":[{"point":"push,unit=u1 kwh","time":1764000120000,"value":7}]}' | gzip >"$work/j.gz"
has "json, gzip, by point" "$(json -H 'Content-Encoding: gzip' --data-binary @"$work/j.gz")" 200
r=$(json -d '[{"point":"nobody","time":1764000000000,"value":1},{"series":"push,unit=u1 kwh","time":1764000180000,"value":8},{"series":"a b","time":1,"value":"x"}]')
has "partial: counts" "$r" '"accepted":1,"refused":2'
has "partial: where" "$r" '{"item":1,"message":"point nobody'
has "partial: the other" "$r" '{"item":3,"message":"value x'
is "partial: status" "${r##*$'\n'}" 400
has "cut" "$(json -d '[{"series":"cut v","time":1,"value":1}')" 400
is "nothing of a cut one" "$(get "/api/v1/points?q=cut" | field total)" 0
has "a refusal with its bytes" "$(links json 'l["refusal"]["raw_text"]')" '[{"series":"cut v"'
has "another type" "$(push -H 'Content-Type: text/xml' -d '<a/>')" 415
has "csv" "$(csv --data-binary $'time,series,value\n1764000000000,"csv,unit=u1 t",12.50\n2025-11-25 00:01,"csv,unit=u1 t",13\n')" '{"accepted":2'
is "csv: every digit" "$(values "csv,unit=u1 t")" "[[1764000000000, '12.50'], [1764000060000, 13]]"
has "csv: which line" "$(csv --data-binary $'time;point;value\n1764000120000;csv,unit=u1 t;1\n1764000180000;csv,unit=u1 t;1,5\n')" '"accepted":1,"refused":1,"lines":[{"line":3'
has "csv: a header of others" "$(csv --data-binary $'when,series,value\n')" 'column when'
# byte by byte, and broken off in the body: nothing of a request that did not end
python3 - "${url#http://}" "$write" >"$work/slow" <<'END'
import socket, sys
host, port = sys.argv[1].split(":")
body = b'[{"series":"slow v","time":1764000000000,"value":%d}]'
def send(i, piece, whole):
    b = body % i
    m = b"POST /api/v1/readings HTTP/1.1\r\nHost: %s\r\nAuthorization: Token %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        sys.argv[1].encode(), sys.argv[2].encode(), len(b)) + b
    s = socket.create_connection((host, int(port)), 10)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, len(m) - (0 if whole else 1), piece):
        s.sendall(m[at:at + piece][:len(m) - (0 if whole else 1) - at])
    if whole:
        print(s.recv(1000).split(b"\r\n")[0].decode())
    s.close()
send(7, 1, True)
send(8, 1000, False)
END
is "byte by byte" "$(cat "$work/slow")" "HTTP/1.1 200 OK"
is "only what ended is there" "$(values "slow v")" "[[1764000000000, 7]]"
# units against the description of the point
curl -sf -H "Authorization: Token $token" "$url/api/v1/records/subject" -d '{"id":"u901","data":{"parent":"210804","kind":"unit","name_zh":"甲","name_en":"A","sample":true}}' >/dev/null || bad "subject"
curl -sf -H "Authorization: Token $token" "$url/api/v1/records/point" -d '{"id":"push,unit=u1 kwh","data":{"subject":"u901","name_zh":"表","name_en":"M","carrier":"electricity","flow":"purchase","kind":"register","unit":"kWh","k":"1","digits":6,"period_s":900,"level":1}}' >/dev/null || bad "point"
has "MWh into kWh" "$(json -d '[{"point":"push,unit=u1 kwh","time":1764000240000,"value":"1.2345","unit":"MWh"}]')" '"accepted":1'
has "an exact shift" "$(values "push,unit=u1 kwh")" "[1764000240000, '1234.5']"
has "not of one kind" "$(json -d '[{"point":"push,unit=u1 kwh","time":1764000300000,"value":1,"unit":"m3"}]')" 'unit m3: the point is read in kWh'
has "not described" "$(json -d '[{"series":"new,unit=u1 kwh","time":1764000300000,"value":1,"unit":"kWh"}]')" 'not described yet'
is "and not made" "$(get "/api/v1/points?q=new,unit" | field total)" 0
# by a map
mkdir -p "$work/d/collect/maps"; cp docs/examples/boiler-house.ini "$work/d/collect/maps/boiler.ini"
bymap() { curl -s -w '\n%{http_code}' -H "Authorization: Token $write" -H 'Content-Type: text/csv' "$@"; }
r=$(bymap --data-binary @docs/examples/boiler-house.csv "$url/api/v1/readings?map=boiler")
is "by a map" "${r##*$'\n'}" 200
rows=$(head -1 <<<"$r" | field rows); is "all rows taken" "$(head -1 <<<"$r" | field taken)" "$rows"
r=$({ cat docs/examples/boiler-house.csv; printf '31.12.2025;07:00;G-1;zwei;m3\n'; } | bymap --data-binary @- "$url/api/v1/readings?map=boiler")
has "a wrong row" "$r" '"found":"zwei"'; is "a wrong row: status" "${r##*$'\n'}" 400
python3 - "$work" <<'END'
import sys
ini = open("docs/examples/boiler-house.ini", encoding="utf-8").read().replace("[file]\n", "[file]\nencoding = gb18030\n", 1).replace("series = meter,", "series = gb,")
open(sys.argv[1] + "/d/collect/maps/gb.ini", "w", encoding="utf-8").write(ini)
open(sys.argv[1] + "/gb.csv", "wb").write(open("docs/examples/boiler-house.csv", encoding="utf-8").read().encode("gb18030"))
END
r=$(bymap --data-binary @"$work/gb.csv" "$url/api/v1/readings?map=gb")
is "the same in GB18030" "$(head -1 <<<"$r" | field taken)" "$rows"
has "no such map" "$(bymap -d x "$url/api/v1/readings?map=nothing")" 404
has "no way out of the folder" "$(bymap -d x "$url/api/v1/readings?map=..%2Fboiler")" 404

# -- Idempotency-Key: the same answer, also after a kill; another body is refused; one of many at once
one='[{"series":"once v","time":1764000000000,"value":1},{"series":"once v","time":1764000060000,"value":"x"}]'
two='[{"series":"once v","time":1764000000000,"value":2}]'
first=$(json -H 'Idempotency-Key: k-1' -d "$one")
has "first" "$first" '"accepted":1,"refused":1'
is "again" "$(json -H 'Idempotency-Key: k-1' -d "$one")" "$first"
printf '%s' "$one" | gzip >"$work/one.gz"
is "again, packed" "$(json -H 'Idempotency-Key: k-1' -H 'Content-Encoding: gzip' --data-binary @"$work/one.gz")" "$first"
r=$(json -H 'Idempotency-Key: k-1' -d "$two"); is "another body" "${r##*$'\n'}" 422
kill -9 "$pid"; wait "$pid" 2>/dev/null; again || bad "the server does not come back"
is "again after a kill" "$(json -H 'Idempotency-Key: k-1' -d "$one")" "$first"
r=$(json -H 'Idempotency-Key: k-1' -d "$two"); is "another body after a kill" "${r##*$'\n'}" 422
is "nothing was changed by them" "$(values "once v")" "[[1764000000000, 1]]"
other=$("$QF" token add --data "$work/d" --scope write)
r=$(write=$other; json -H 'Idempotency-Key: k-1' -d "$two"); is "another token has keys of its own" "${r##*$'\n'}" 200
r=$(json -H 'Idempotency-Key;' -d "$two"); is "an empty key" "${r##*$'\n'}" 400
r=$(json -H 'Idempotency-Key: k-2' -d '[{'); is "what is refused whole" "${r##*$'\n'}" 400
r=$(json -H 'Idempotency-Key: k-2' -d "$two"); is "leaves the key free" "${r##*$'\n'}" 200
python3 - "$url" "$write" >"$work/many" <<'END' || bad "many at once"
import concurrent.futures as f, json, sys, urllib.error, urllib.request
def one(i):
    body = json.dumps([{"series": "many v", "time": 1764000000000 + 1000 * k, "value": k} for k in range(2000)]).encode()
    q = urllib.request.Request(sys.argv[1] + "/api/v1/readings", body, {"Authorization": "Token " + sys.argv[2], "Content-Type": "application/json",
                                                                        "Idempotency-Key": "many"})
    for _ in range(1000):
        try:
            return urllib.request.urlopen(q, timeout=30).read().decode()
        except urllib.error.HTTPError as e:
            if e.code not in (409, 503):
                return e.code
with f.ThreadPoolExecutor(12) as p:
    print(sorted(set(map(str, p.map(one, range(24))))))
END
is "one answer for all" "$(cat "$work/many")" "['{\"accepted\":2000,\"refused\":0}']"
is "once" "$(grep -c '"accepted":2000' "$work/d/answers")" 1

# -- many gateways at once, by our own senders: each message answered, each reading there
for p in remote_write json lineproto; do
  "$QF" simulate "$p" --to "${url#http://}" --token "$write" --senders 40 --messages 20 --points 5 --period 0 --window 1 --seed 7 >"$work/sim" 2>"$work/sim.err" || bad "simulate $p: $(cat "$work/sim.err")"
  is "$p: all answered" "$(field answered <"$work/sim")" 800
done
applied
is "every reading of them" "$(get "/api/v1/readings/$(python3 -c 'import urllib.parse;print(urllib.parse.quote("meter_kwh,gateway=00039,point=004,sim=7 value",safe=""))')?limit=100" | python3 -c 'import json,sys
from decimal import Decimal as D
v=[D(x[1]) for x in json.load(sys.stdin,parse_float=str)["readings"]];print(len(v),all(x==v[0]*(i+1) for i,x in enumerate(v)))')" "20 True"

# -- InfluxDB's own clients: version 2 for JavaScript, version 1 for Python
range() { readings "$1" 1764000000000 1764009000000 >"$work/range"; python3 -c 'import json,sys;from decimal import Decimal as D
r=[[t,str(D(v).normalize())] for t,v in json.load(open(sys.argv[1]),parse_float=str)["readings"]];print(len(r),r[0],r[-1])' "$work/range"; }
if [ -d node_modules/@influxdata/influxdb-client ]; then
  node test/system/influx_v2.mjs "$url" "$write" >"$work/v2" 2>"$work/v2.err" || bad "influxdb-client: $(head -3 "$work/v2.err")"
  is "floats of version 2" "$(range 'js,site=v2,unit=u\ 1 kwh')" "1000 [1764000000000, '88017.5'] [1764000999000, '89016.5']"
  is "integers" "$(range 'js,site=v2,unit=u\ 1 n')" "1000 [1764000000000, '0'] [1764000999000, '999']"
  is "its error" "$(sed -n 1p "$work/v2")" "true 400 invalid partial write"
  is "a wrong token" "$(sed -n 2p "$work/v2")" 401
  is "the good line of a partial write" "$(range 'js,site=v2 ok')" "1 [1764000000000, '1'] [1764000000000, '1']"
else
  echo "SKIP @influxdata/influxdb-client is not installed"; skip=$((skip + 1))
fi
if /usr/bin/python3 -c 'import influxdb' 2>/dev/null; then
  /usr/bin/python3 test/system/influx_v1.py "$url" "$write" >"$work/v1" 2>"$work/v1.err" || bad "influxdb: $(tail -3 "$work/v1.err")"
  said() { sed -n "s/^$1 //p" "$work/v1"; }
  is "ping" "$(said ping)" "1.8.10"
  is "databases" "$(said databases)" "[{'name': 'qingfeng'}]"
  for n in write lines gzip; do is "$n" "$(said $n)" True; done
  has "partial" "$(said partial)" '400 400: {"error":{"code":"partial"'
  has "a query" "$(said select)" "only SHOW DATABASES"
  has "a wrong token" "$(said wrong)" 401
  is "floats of version 1" "$(range 'py,unit=u\,1 kwh')" "103 [1764000000000, '0.1'] [1764000180099, '99']"
  is "integers of version 1" "$(range 'py,unit=u\,1 n')" "1 [1764000000000, '7'] [1764000000000, '7']"
else
  echo "SKIP python3-influxdb is not installed"; skip=$((skip + 1))
fi
is "a form, as Telegraf sends it" "$(curl -s -u "gateway:$write" --data-urlencode 'q=CREATE DATABASE "telegraf"' "$url/query")" '{"results":[{"statement_id":0}]}'
is "the token as p=" "$(curl -s "$url/query?u=x&p=$write&q=show+databases" -o /dev/null -w '%{http_code}')" 200
is "nobody may ask" "$(curl -s "$url/query?q=SHOW%20DATABASES" -o /dev/null -w '%{http_code}')" 401
is "ping by HEAD" "$(curl -sI "$url/ping" -o /dev/null -w '%{http_code}')" 204

# -- Prometheus: it scrapes our metrics and writes what it got back to us; our server is killed in between, and what Prometheus has
# is what we have: nothing lost, nothing twice
if command -v prometheus >/dev/null; then
  prom=$(free_port)
  cat >"$work/prom.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 900ms, external_labels: {site: works}}
scrape_configs:
  - job_name: qingfeng
    authorization: {credentials: $token}
    static_configs: [{targets: ["127.0.0.1:$port"]}]
  - job_name: itself
    static_configs: [{targets: ["127.0.0.1:$prom"]}]
remote_write:
  - url: $url/api/v1/write
    authorization: {credentials: $write}
    queue_config: {batch_send_deadline: 500ms, min_backoff: 100ms, max_backoff: 500ms}
END
  from=$(date +%s)000
  prometheus --config.file="$work/prom.yml" --storage.tsdb.path="$work/prom" --web.listen-address="127.0.0.1:$prom" >"$work/prom.log" 2>&1 &
  prompid=$!; pids="$pids $prompid"
  up="up,instance=127.0.0.1:$prom,job=itself,site=works value"
  count() { readings "$up" "$from" "$(date +%s)999" 2>/dev/null | python3 -c 'import json,sys;print(len(json.load(sys.stdin)["readings"]))' 2>/dev/null || echo 0; }
  until_count() { for _ in $(seq 1 300); do [ "$(count)" -ge "$1" ] && return 0; pause; done; return 1; }
  until_count 3 || bad "nothing comes from Prometheus: $(tail -3 "$work/prom.log")"
  kill -9 "$pid"; wait "$pid" 2>/dev/null
  pause; pause; pause; pause; pause; pause; pause; pause; pause; pause; pause; pause
  again || bad "the server does not come back"
  before=$(count)
  until_count $((before + 3)) || bad "Prometheus does not go on: $(tail -3 "$work/prom.log")"
  curl -sf "http://127.0.0.1:$prom/api/v1/query" --data-urlencode 'query=up{job="itself"}[1h]' >"$work/prom.up"
  last=$(python3 -c 'import json,sys;v=json.load(open(sys.argv[1]))["data"]["result"][0]["values"];print(round(v[-1][0]*1000))' "$work/prom.up")
  for _ in $(seq 1 100); do readings "$up" "$from" $((last + 1)) >"$work/our.up"; grep -q "$last" "$work/our.up" && break; pause; done
  is "what Prometheus has is what we have" "$(python3 -c 'import json,sys
theirs=[[round(t*1000),float(v)] for t,v in json.load(open(sys.argv[1]))["data"]["result"][0]["values"]]
ours=[[t,float(v)] for t,v in json.load(open(sys.argv[2]))["readings"]]
print("yes" if ours==theirs and len(ours)>5 else (theirs,ours))' "$work/prom.up" "$work/our.up")" yes
  is "refused was only what is not a number" "$(grep 'non-recoverable' "$work/prom.log" | grep -vc 'first: nan is no value')" 0
  kill "$prompid"; wait "$prompid" 2>/dev/null
else
  echo "SKIP prometheus is not installed"; skip=$((skip + 1))
fi

finish
