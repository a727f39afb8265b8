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
readings() { get "/api/v1/readings/$(python3 -c 'import sys,urllib.parse;print(urllib.parse.quote(sys.argv[1],safe=""))' "$1")?from=$2&to=$3&limit=1000"; }

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
