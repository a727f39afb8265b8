#!/usr/bin/env bash
# 500 Modbus slaves, 50 of them dead, polled by the server: every living slave in every round, no round late - told by the slaves'
# own counts -, and what the server calls taken is in the folder.
. test/system/lib.sh
mkdir -p "$work/d/collect"
"$QF" simulate modbus --units 500 --per-gateway 25 --registers 60 --dead 10 --ini "$work/sim.ini" >"$work/sim.json" 2>"$work/sim.err" &
sim=$!; pids="$pids $sim"
for _ in $(seq 1 100); do grep -q '^\[slave' "$work/sim.ini" 2>/dev/null && break; python3 -c 'import select;select.select([],[],[],0.1)'; done
# 20 gateways of 25 slaves: the 50 dead cost the first round 2 or 3 time-outs a gateway. Rounds of 5 s, so that several fit a test.
sed -e 's/^interval_ms.*/interval_ms = 5000/' -e 's/^timeout_ms.*/timeout_ms = 500/' "$work/sim.ini" >"$work/d/collect/works.ini"
serve "$work/d" || { bad "the server does not start"; finish; }
token=$("$QF" token add --data "$work/d" --scope manage)
links() { curl -sf -H "Authorization: Token $token" "$url/api/v1/collectors?size=1000"; }
sum() { python3 -c '
import json,sys
d=json.load(sys.stdin)
l=[x for x in (d.get("links") if isinstance(d,dict) else d) or [] if x.get("protocol")=="modbus"]
up=[x for x in l if x["state"]=="up"]
print(len(l), len(up), sum(x["taken"] for x in l), min([x["taken"] for x in up] or [0]), sum(x["state"]=="backoff" and not x["taken"] for x in l))'; }
for _ in $(seq 1 600); do # four rounds of every living slave: 30 values each
  read -r all up taken least dead < <(links | sum)
  [ "${up:-0}" = 450 ] && [ "${least:-0}" -ge 120 ] && break
  python3 -c 'import select;select.select([],[],[],0.2)'
done
is "slaves known" "$all" 500
is "slaves up" "$up" 450
is "dead ones in back-off" "$dead" 50
kill "$sim"; wait "$sim" 2>/dev/null
kill -9 "$pid"; wait "$pid" 2>/dev/null
cat "$work/sim.json"
got() { field "$1" <"$work/sim.json"; }
is "units" "$(got units)" 500
is "dead" "$(got dead)" 50
is "connections, one a gateway" "$(got connections)" 20
if [ "$(got rounds_least)" -ge 4 ]; then ok; else bad "a living slave was asked $(got rounds_least) times only"; fi
# nobody is asked twice in a round and nobody left out: the counts of all living slaves differ by the round that was cut at the end
if [ $(($(got rounds_most) - $(got rounds_least))) -le 1 ]; then ok; else bad "rounds from $(got rounds_least) to $(got rounds_most)"; fi
# the dead: a try when 1, 2, 4 ... s are over, never one a round and slave
if [ "$(got dead_asked)" -le $((50 * ($(got rounds_most) + 2))) ]; then ok; else bad "the dead were asked $(got dead_asked) times"; fi
if [ "$(got slowest_round_ms)" -le 60000 ]; then ok; else bad "a round took $(got slowest_round_ms) ms"; fi
printf 'round times, first to last living slave [ms]: %s\n' "$(got round_ms)"
printf 'longest time between two askings of a living slave: %s ms (interval 5000 ms)\n' "$(got slowest_round_ms)"
# after kill -9: nothing that was called taken is lost
mv "$work/d/collect" "$work/no-collect"
serve "$work/d" || bad "the server does not start again"
metric() { curl -sf -H "Authorization: Token $token" "$url/metrics" | awk -v k="qingfeng_$1" '$1==k {printf "%d", $2}'; }
kept=$(metric readings_stored)
printf 'taken when last looked: %s; readings kept after kill -9: %s\n' "$taken" "$kept"
if [ "$kept" -ge "$taken" ]; then ok; else bad "$taken were called taken, $kept are there"; fi
is "series" "$(metric series)" 13500
stop "$pid"
# A substation: kill -9 while it sends; every reading in a frame that was confirmed is in the folder.
mkdir -p "$work/e/collect"
"$QF" simulate iec104 --objects 300 --rate 5000 --ini "$work/e/collect/station.ini" >"$work/104.json" 2>/dev/null &
sim=$!; pids="$pids $sim"
for _ in $(seq 1 100); do grep -q '^common_address' "$work/e/collect/station.ini" 2>/dev/null && break; python3 -c 'import select;select.select([],[],[],0.1)'; done
serve "$work/e" || bad "the server does not start with a substation"
token=$("$QF" token add --data "$work/e" --scope manage)
for _ in $(seq 1 300); do
  [ "$(curl -sf -H "Authorization: Token $token" "$url/api/v1/collectors" | python3 -c 'import json,sys; print(sum(x["taken"] for x in json.load(sys.stdin)["links"]))')" -ge 4000 ] && break
  python3 -c 'import select;select.select([],[],[],0.1)'
done
kill -9 "$pid"; wait "$pid" 2>/dev/null
kill "$sim"; wait "$sim" 2>/dev/null
cat "$work/104.json"
got() { field "$1" <"$work/104.json"; }
is "interrogations: all values, all counters" "$(got interrogations)" 2
is "numbers out of order" "$(got wrong)" 0
if [ "$(got readings_confirmed)" -ge 600 ]; then ok; else bad "only $(got readings_confirmed) readings were confirmed"; fi
mv "$work/e/collect" "$work/no-collect-104"
serve "$work/e" || bad "the server does not start again"
kept=$(metric readings_stored)
printf 'substation: %s readings in confirmed frames, %s in the folder after kill -9, %s sent\n' "$(got readings_confirmed)" "$kept" "$(got readings)"
if [ "$kept" -ge "$(got readings_confirmed)" ] && [ "$kept" -le "$(got readings)" ]; then ok; else bad "confirmed $(got readings_confirmed), kept $kept, sent $(got readings)"; fi
is "series of the substation" "$(metric series)" 600
stop "$pid"
# Meters on serial lines: electricity (DL/T 645) and water (CJ/T 188). Meter i, asked for the k-th time, shows i x 1000 + k hundredths.
mkdir -p "$work/m/collect"
"$QF" simulate dlt645 --units 40 --per-gateway 20 --ini "$work/power.ini" >"$work/power.json" 2>/dev/null &
power=$!; pids="$pids $power"
"$QF" simulate cjt188 --units 5 --ini "$work/water.ini" >"$work/water.json" 2>/dev/null &
water=$!; pids="$pids $water"
for _ in $(seq 1 100); do grep -q '^\[meter m40' "$work/power.ini" 2>/dev/null && grep -q '^\[meter m5' "$work/water.ini" 2>/dev/null && break; python3 -c 'import select;select.select([],[],[],0.1)'; done
for f in power water; do sed 's/^interval_ms.*/interval_ms = 1000/' "$work/$f.ini" >"$work/m/collect/$f.ini"; done
# and an item that no meter has
printf '\n[item nothing]\ndi = 02FE0000\nbytes = 2\ndecimals = 0\n' >>"$work/m/collect/power.ini"
serve "$work/m" || bad "the server does not start with meters"
token=$("$QF" token add --data "$work/m" --scope manage)
for _ in $(seq 1 300); do # two rounds of everybody: 40 x 7 values of electricity, 5 x 3 of water a round
  [ "$(links | python3 -c 'import json,sys; print(min([x["taken"] // (7 if x["protocol"] == "dlt645" else 3) for x in json.load(sys.stdin)["links"]] or [0]))')" -ge 2 ] && break
  python3 -c 'import select;select.select([],[],[],0.1)'
done
python3 - "$url" "$token" >"$work/meters" 2>&1 <<'P'
import json, sys, urllib.parse, urllib.request
from decimal import Decimal as D
url, token = sys.argv[1:3]
get = lambda p: json.load(urllib.request.urlopen(urllib.request.Request(url + p, headers={"Authorization": "Token " + token})), parse_float=D, parse_int=D)
rows = {r["key"]: r for r in get("/api/v1/points?size=1000")["rows"]}
def values(key): return [D(str(v)) for t, v, *_ in get(f"/api/v1/readings/{rows[key]['point']}?from=2020-01-01&to=2099-01-01&limit=50")["readings"]]
def say(what, good, more=""): print(("OK " if good else "BAD ") + what, more if not good else "")
say("series: 40 x (kwh, five tariffs, kw), 5 x (volume, settled, status)", len(rows) == 40 * 7 + 5 * 3, len(rows))
for i in (1, 20, 21, 40):
    v = values(f"dlt645,collector=power,meter=m{i} kwh")
    say(f"energy of meter {i} goes up by a hundredth each time", len(v) >= 2 and sorted(v) == [D(1000 * i + k) / 100 for k in range(1, len(v) + 1)], v[:5])
    say(f"power of meter {i}", set(values(f"dlt645,collector=power,meter=m{i} kw")) == {D(i) / 10000})
    t = [values(f"dlt645,collector=power,meter=m{i} tariff_{n}")[0] for n in range(5)]
    say(f"tariffs of meter {i} are its total", t[0] == sum(t[1:]) and t[0] > 0, t)
v = values("cjt188,collector=water,meter=m5 volume")
say("water", len(v) >= 2 and sorted(v) == [D(5000 + k) / 100 for k in range(1, len(v) + 1)], v[:5])
P
while read -r how what; do if [ "$how" = OK ]; then ok; else bad "$how $what"; fi; done <"$work/meters"
kill "$power" "$water"; wait "$power" "$water" 2>/dev/null
is "no line asked for a stranger" "$(field nobody <"$work/power.json")$(field nobody <"$work/water.json")" 00
if [ "$(field refused <"$work/power.json")" -ge 40 ]; then ok; else bad "refused $(cat "$work/power.json")"; fi
stop "$pid"
finish
