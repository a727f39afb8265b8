#!/usr/bin/env bash
# The MQTT server with real clients: mosquitto_pub in both versions and all qualities of service, a mosquitto broker that bridges to us,
# and a client of our own that is cut off: what was acknowledged is there after kill -9, nothing is there twice.
. test/system/lib.sh
command -v mosquitto_pub >/dev/null || { echo "SKIP mqtt: no mosquitto_pub"; skip=1; finish; }
d=$work/d c=$work/d/collect
mkdir -p "$c"
"$QF" demo --no-serve --days 1 --data "$d" >"$work/log" 2>&1 || bad "demo: $(tail -3 "$work/log")"
cat >"$c/gates.ini" <<'INI'
[collector]
protocol = mqtt
listen = 127.0.0.1:0
[user gate]
password = s3cret-gate
publish = plant/# spBv1.0/#
[user guest]
password = other
publish = guests/#
[map kiln]
topic = plant/+/kiln/+/temperature
payload = number
series = kiln,plant={1},kiln={2} temperature
[map json]
topic = plant/+/json
payload = json
series = site,plant={1} {name}
time = ts
tags = dev
[map spb]
topic = spBv1.0/#
payload = sparkplug
[map lines]
topic = plant/+/lines
payload = lineproto
time_unit = s
INI
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$c/server.key" -out "$c/server.pem" -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null || bad "no certificate"
printf '[collector]\nprotocol = mqtt\nlisten = 127.0.0.1:0\ntls_cert = server.pem\ntls_key = server.key\n[user gate]\npassword = s3cret-gate\n[map n]\ntopic = tls/+\npayload = number\nseries = tls,who={1} v\n' >"$c/safe.ini"
serve "$d" || { bad "serve: $(cat "$work/serve.log")"; finish; }
token=$("$QF" token add --data "$d" --scope read,write | tail -1)
manage=$("$QF" token add --data "$d" --scope manage | tail -1)
api() { curl -sf -H "Authorization: Token $manage" "$url/api/v1/$1"; }
port_of() { api collectors | python3 -c 'import json,sys;print([c["port"] for c in json.load(sys.stdin)["collectors"] if c["name"]=="gates"][0])'; }
pause() { python3 -c 'import select;select.select([],[],[],0.1)'; }
port=$(port_of)
pub() { timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -u gate -P s3cret-gate "$@"; }
# readings of a series from 2026-01-05 on: their count, when they are 0, 1, 2 .. each once; waits until at least so many are applied
run() { # series at_least
  for _ in $(seq 1 300); do
    curl -s -H "Authorization: Token $token" "$url/api/v1/readings/$1?from=1767571200000&to=1767657600000&limit=100000" | python3 -c 'import json,sys
r=[float(v) for t,v in json.load(sys.stdin)["readings"]]
print(len(r) if r==list(range(len(r))) else "lost or doubled: %s" % r[:20])' >"$work/run" 2>/dev/null
    [ "$(cat "$work/run")" -lt "$2" ] 2>/dev/null || break
    pause
  done
  cat "$work/run"
}
link() { api collectors | python3 -c 'import json,sys
for k in json.load(sys.stdin)["links"]:
  if k["protocol"]=="mqtt" and k["name"]==sys.argv[1]: print(json.dumps(k))' "$1"; }
n=0
for v in mqttv311 mqttv5; do for q in 0 1 2; do n=$((n + 1))
  pub -V $v -q $q -i "c-$v-$q" -t "plant/a/kiln/$n/temperature" -m " 1$n.50 " || bad "publish $v QoS $q"
done; done
for _ in $(seq 1 50); do [ "$(link c-mqttv5-2 | field taken 2>/dev/null)" = 1 ] && [ "$(link c-mqttv5-0 | field taken 2>/dev/null)" = 1 ] && break; pause; done
for v in mqttv311 mqttv5; do for q in 0 1 2; do is "taken of $v QoS $q" "$(link "c-$v-$q" | field taken)" 1; done; done
pub -q 1 -i j -t plant/b/json -m '[{"ts":1767225600000,"dev":"m 1","p":12.340,"on":true,"note":"x","deep":{"q":7}},{"ts":"2026-01-01T08:15:00+08:00","dev":"m 1","p":13}]' || bad "json"
is "values of the JSON message: p on deep.q, p" "$(link j | field taken)" 4
pub -q 1 -i l -t plant/c/lines -m 'm,x=1 v=5i 1767225600' || bad "lines"
is "line protocol" "$(link l | field taken)" 1
# refused: not read, no map, not allowed, wrong password
pub -q 1 -i bad -t plant/a/kiln/1/temperature -m 'hot' || bad "3.1.1 is acknowledged"
has "told with the bytes" "$(link bad)" "not a number"
pub -V mqttv5 -q 1 -i bad5 -t plant/a/kiln/1/temperature -m 'hot' 2>"$work/err"; has "5.0 is told" "$(link bad5)" "not a number"
pub -q 1 -i nomap -t plant/z -m 1; has "no map" "$(link nomap)" "no [map]"
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -u guest -P other -q 1 -i g -t plant/a/kiln/1/temperature -m 1 >/dev/null 2>&1
has "another's topic" "$(link g)" "may not publish"
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -u gate -P wrong -q 1 -i w -t plant/a/kiln/1/temperature -m 1 >"$work/out" 2>&1 && bad "a wrong password passes" || ok
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -i w -t plant/a/kiln/1/temperature -m 1 >"$work/out" 2>&1 && bad "nobody passes" || ok
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -u any -P "$token" -q 1 -i tok -t plant/a/kiln/9/temperature -m 1 && ok || bad "a token of the city does not pass"
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -u any -P "$manage" -q 1 -i tok2 -t plant/a/kiln/9/temperature -m 1 >/dev/null 2>&1 && bad "a token that may not write passes" || ok
timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -u gate -P s3cret-gate -t 'plant/#' -W 2 -C 1 >"$work/out" 2>&1; has "subscribing is refused politely" "$(cat "$work/out")" "denied"
# TLS: by the certificate, and not in the open
safe=$(api collectors | python3 -c 'import json,sys;print([c["port"] for c in json.load(sys.stdin)["collectors"] if c["name"]=="safe"][0])')
timeout 20 mosquitto_pub -h localhost -p "$safe" --cafile "$c/server.pem" -u gate -P s3cret-gate -V mqttv5 -q 2 -i tls -t tls/a -m 7 && ok || bad "TLS"
is "taken over TLS" "$(link tls | field taken)" 1
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$safe" -u gate -P s3cret-gate -q 1 -i open -t tls/a -m 7 >/dev/null 2>&1 && bad "a plain client passes where TLS is spoken" || ok
# a broker that bridges
bp=$(python3 -c 'import socket;s=socket.socket();s.bind(("127.0.0.1",0));print(s.getsockname()[1])')
if command -v mosquitto >/dev/null; then
  printf 'listener %s 127.0.0.1\nallow_anonymous true\nconnection up\naddress 127.0.0.1:%s\nremote_username gate\nremote_password s3cret-gate\nremote_clientid bridge\ntry_private false\nnotifications false\ntopic plant/# out 1\n' "$bp" "$port" >"$work/m.conf"
  mosquitto -c "$work/m.conf" >"$work/m.log" 2>&1 & pids="$pids $!"
  for _ in $(seq 1 100); do link bridge | grep -q '"up"' && break; pause; done
  mosquitto_pub -h 127.0.0.1 -p "$bp" -q 1 -t plant/d/kiln/1/temperature -m 88 || bad "to the broker"
  for _ in $(seq 1 100); do [ "$(link bridge | field taken 2>/dev/null)" = 1 ] && break; pause; done
  is "through a bridging broker" "$(link bridge | field taken)" 1
fi
# npm's clients: mqtt.js, and an edge node with sparkplug-payload
if [ -d node_modules/mqtt ]; then
  has "npm mqtt and sparkplug-payload" "$(timeout 60 node test/system/mqtt.mjs "$port" gate s3cret-gate 2>&1 | tail -3)" "OK 7"
  is "values of mqtt.js" "$(run "site,plant=npm4%20v" 50) $(run "site,plant=npm5%20v" 50)" "50 50"
  readings() { curl -s -H "Authorization: Token $token" "$url/api/v1/readings/$1?from=1767570000000&to=1767657600000&limit=100" | python3 -c 'import json,sys;print([(t-1767571200000)/1000 for t,v in json.load(sys.stdin)["readings"]],end=" ")'; curl -s -H "Authorization: Token $token" "$url/api/v1/readings/$1?from=1767570000000&to=1767657600000&limit=100" | python3 -c 'import json,sys;print([str(v) for t,v in json.load(sys.stdin)["readings"]])'; }
  for _ in $(seq 1 50); do case $(readings 'sparkplug,device=boiler%5C%201,group=works,node=edge%20steam/flow') in *-8*) break ;; esac; pause; done
  is "a device by alias, late, after a gap" "$(readings 'sparkplug,device=boiler%5C%201,group=works,node=edge%20steam/flow')" "[-60.0, 0.0, 1.0, 2.0, 3.0] ['-4', '-5', '-6', '-7', '-8']"
  is "a node by alias" "$(readings 'sparkplug,group=works,node=edge%20load')" "[0.0, 1.0] ['0.1', '0.2']"
else
  echo "SKIP mqtt: no npm packages for the tests"; skip=$((skip + 1))
fi
# kill -9 while a client sends; then everything is sent again from the beginning
for q in 1 2; do
  acked=$(python3 test/system/mqtt.py "$port" gate s3cret-gate "k$q" $q 0 5000 "$pid" 700 2>"$work/err") || bad "sender: $(cat "$work/err")"
  wait "$pid" 2>/dev/null
  [ "${acked:-0}" -ge 700 ] && [ "$acked" -lt 5000 ] && ok || bad "QoS $q: $acked acknowledged before the kill"
  serve "$d" || { bad "serve after kill -9"; finish; }
  port=$(port_of)
  got=$(run "site,plant=k$q%20v" "$acked")
  [ "$got" -ge "$acked" ] 2>/dev/null && ok || bad "QoS $q after kill -9: $acked acknowledged, kept $got"
  is "QoS $q sent again" "$(python3 test/system/mqtt.py "$port" gate s3cret-gate "k$q" $q 0 3000 2>&1)" 3000
  is "QoS $q not doubled" "$(run "site,plant=k$q%20v" 3000)" 3000
done
stop "$pid"
code 0 "$QF" verify --data "$d"
finish
