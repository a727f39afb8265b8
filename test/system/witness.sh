#!/usr/bin/env bash
# Heads go to a witness by themselves (collector `witness`); the witness is a program of its own (witness.py) that checks signature and
# growth and cosigns. A witness that was away is caught up with; one that has seen more than we have is told as what it is.
. test/system/lib.sh
d=$work/d
"$QF" demo --no-serve --days 1 --data "$d" >"$work/log" 2>&1
is "demo exit" $? 0
key=$("$QF" heads --data "$d" --key)
python3 test/system/witness.py "$work" witness.example/w1 "$key" 2>"$work/witness.err" & pids="$pids $!"
wait_for() { for _ in $(seq 1 200); do if "$@" >/dev/null 2>&1; then return 0; fi; python3 -c 'import select;select.select([],[],[],0.1)'; done; return 1; }
wait_for test -s "$work/witness.port" || { bad "the witness: $(cat "$work/witness.err")"; finish; }
mkdir -p "$d/collect"
ini() { printf '[collector]\nprotocol = witness\nconnect = 127.0.0.1:%s\nkey = %s\ninterval_s = 1\n' "$(cat "$work/witness.port")" "$(cat "$work/witness.key")" >"$d/collect/w1.ini"; }
size_of() { sed -n 2p "$1" 2>/dev/null || echo 0; }
kept=$d/proof/witnessed/w1.head
ini
serve "$d" || { bad "serve"; finish; }
token=$("$QF" token add --data "$d" --scope manage,write | tail -1)
subject() { curl -sf -H "Authorization: Token $token" "$url/api/v1/records/subject" -d '{"id":"'"$1"'","data":{"parent":"210804","kind":"unit","name_zh":"甲","name_en":"A","sample":true}}' >/dev/null || bad "subject $1"; }
covers() { [ -s "$kept" ] && [ "$(size_of "$kept")" -ge "$1" ]; }
wait_for covers 2 && ok || bad "no cosigned head: $(cat "$work/witness.err" "$work/serve.log")"
first=$(size_of "$kept")
# more entries, a new head: it must be shown to contain the old one
curl -sf -H "Authorization: Token $token" -X POST --data-binary 'w,x=1 v=1' "$url/write" || bad "write"
subject w901 # an accepted record is signed at once, a token only with the head of its minute
wait_for covers $((first + 1)) && ok || bad "the next head was not cosigned: $(cat "$work/witness.json")"
# what is kept passes the verifier with the witness's key, and the log cannot do without it
cp "$kept" "$work/head"
"$QF" proof 1 --data "$d" --format receipt >"$work/receipt" 2>"$work/err" || bad "proof: $(cat "$work/err")"
"$QF" verify --receipt "$work/receipt" --key "$key" --head "$work/head" --witness "$(cat "$work/witness.key")" >"$work/out" 2>&1
rc=$?
if [ $rc != 0 ]; then # the receipt may rest on a newer head: join them by a consistency proof
  a=$(size_of "$work/head") b=$(field size <"$work/receipt")
  curl -sf "$url/api/v1/consistency?from=$((a < b ? a : b))&to=$((a < b ? b : a))" >"$work/cons"
  "$QF" verify --receipt "$work/receipt" --key "$key" --head "$work/head" --consistency "$work/cons" --witness "$(cat "$work/witness.key")" >"$work/out" 2>&1; rc=$?
fi
is "verify with the witness: $(cat "$work/out")" $rc 0
"$QF" verify --receipt "$work/receipt" --key "$key" --head "$work/head" --witness "${key}" >/dev/null 2>&1 && bad "another key passes for the witness's" || ok
# health
state() { curl -sf -H "Authorization: Token $token" "$url/api/v1/collectors" | python3 -c 'import json,sys
for k in json.load(sys.stdin)["links"]:
  if k["protocol"] == "witness": print(k["state"], k["name"], (k.get("refusal") or {}).get("en", ""))'; }
has "the page knows it" "$(state)" "up witness.example/w1"
# our own note of what it cosigned is lost: the witness says its size, and the proof starts there
stop "$pid"; rm "$kept"
serve "$d" || { bad "serve again"; finish; }
wait_for covers "$first" && ok || bad "not caught up after a lost file: $(state)"
has "the witness was asked from nothing and told its size" "$(python3 -c 'import json,sys;print([x[0] for x in json.load(open(sys.argv[1]))["seen"]][-2:])' "$work/witness.json")" "['conflict', 'cosigned']"
# a witness that has seen more than there is
printf '99999999\n' >"$work/claim"
subject w902
wait_for sh -c "curl -sf -H 'Authorization: Token $token' '$url/api/v1/collectors' | grep -q 'the journal was cut'" && ok || bad "a longer log at the witness is not told: $(state)"
rm "$work/claim"
# a file without the witness's key is refused, with its line of reason
stop "$pid"
sed -i '/^key/d' "$d/collect/w1.ini"
serve "$d" || { bad "serve a third time"; finish; }
has "no key" "$(curl -sf -H "Authorization: Token $token" "$url/api/v1/collectors")" "key is needed"
is "the witness saw nothing unsigned or inconsistent" "$(python3 -c 'import json,sys;print(sum(x[0] in ("unsigned","inconsistent") for x in json.load(open(sys.argv[1]))["seen"]))' "$work/witness.json")" 0
stop "$pid"
finish
