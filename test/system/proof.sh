#!/usr/bin/env bash
# Signed heads, proofs, receipts, from outside; then a forger with the whole folder but not the key and not what others hold.
. test/system/lib.sh
serve "$work/d" || { bad "does not start"; finish; }
tok=$("$QF" token add --data "$work/d" --scope manage)
# the security log notes the new token within a second: have it written now, so that the entries below keep their numbers
curl -s -o /dev/null -H "Authorization: Bearer $(field secret <"$work/d/server.json")" "$url/api/v1/audit"
file() { curl -s -H "Authorization: Token $tok" -d "{\"id\":\"$1\",\"data\":{\"parent\":\"210804\",\"kind\":\"unit\",\"name_zh\":\"甲$1\",\"name_en\":\"A\",\"sample\":false}}" "$url/api/v1/records/subject"; }
for i in 1 2 3 4 5 6 7 8; do seq=$(file "u00$i" | field seq); done
wtok=$("$QF" token add --data "$work/d" --scope write)
is "write" "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Token $wtok" -d 'm v=1 1700000000000000000' "$url/write")" 204
# every acceptance is under a head at once
curl -s -H "Authorization: Token $tok" "$url/api/v1/receipts/$seq" >"$work/r.json"
curl -s "$url/api/v1/heads/latest" >"$work/head.txt"
curl -s "$url/api/v1/heads/key" >"$work/key.txt"
is "receipt names the record" "$(field records.0.id <"$work/r.json")" u008
is "receipt names the submitter" "$(field submitter <"$work/r.json")" "$(field body <"$work/r.json" | field records.0.by)"
is "heads grow" "$(curl -s "$url/api/v1/heads?limit=1000" | python3 -c 'import json,sys
s=[h["size"] for h in json.load(sys.stdin)["heads"]]; print(s==sorted(set(s)) and len(s)>=8)')" True
# an independent hand: leaf, path, root and signature by Python's hashlib and OpenSSL's Ed25519
python3 - "$work" <<'P' >"$work/independent" 2>&1
import base64, hashlib, json, subprocess, sys
w = sys.argv[1]; r = json.load(open(w + "/r.json")); key = open(w + "/key.txt").read().strip()
H = lambda b: hashlib.sha256(b).digest()
assert H(r["body"].encode()).hex() == r["body_sha256"]
leaf = bytes.fromhex(r["leaf"])
assert int.from_bytes(leaf[:8], "little") == r["seq"] and leaf[24:].hex() == r["body_sha256"]
h = H(b"\0" + leaf); assert h.hex() == r["leaf_hash"]
def up(i, n, path):  # RFC 9162 2.1.3.1, from the definition, top down
    if n == 1: assert not path; return h
    k = 1
    while k * 2 < n: k *= 2
    s = bytes.fromhex(path[-1])
    return H(b"\1" + up(i, k, path[:-1]) + s) if i < k else H(b"\1" + s + up(i - k, n - k, path[:-1]))
root = up(r["index"], r["size"], r["inclusion"])
body, sigs = r["checkpoint"].split("\n\n"); body += "\n"
lines = body.split("\n"); assert base64.b64decode(lines[2]) == root and int(lines[1]) == r["size"]
name, kid, raw = key.split("+", 2); raw = base64.b64decode(raw); assert raw[0] == 1 and name == r["origin"]
assert H(name.encode() + b"\n" + raw)[:4].hex() == kid
mark, n2, sig = sigs.strip().split(" "); sig = base64.b64decode(sig); assert mark == "—" and n2 == name and sig[:4].hex() == kid
open(w + "/pub.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + raw[1:])
open(w + "/sig", "wb").write(sig[4:]); open(w + "/msg", "wb").write(body.encode())
subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", w + "/pub.der", "-keyform", "DER", "-rawin", "-in", w + "/msg", "-sigfile", w + "/sig"], check=True, stdout=subprocess.DEVNULL)
print("ok")
P
is "an independent verifier agrees" "$(tail -n 1 "$work/independent")" ok
# stand-alone verifier: no folder, no server
code 0 "$QF" verify --receipt "$work/r.json" --key "$work/key.txt"
has "says what was proved" "$(cat "$work/out")" '"key_pinned":true'
code 2 "$QF" verify --receipt "$work/r.json"
code 0 "$QF" verify --receipt "$work/r.json" --key "$(cat "$work/key.txt")"
for f in 's/u008/u009/' 's/"seq":1/"seq":2/' 's/accepted/rejected/' 's/"size":1/"size":2/' 's/"inclusion":\["0/"inclusion":["1/;t;s/"inclusion":\["./"inclusion":["0/' 's/"type":"record"/"type":"event"/' 's/"at":"2/"at":"1/'; do
  sed "$f" "$work/r.json" >"$work/forged.json"
  cmp -s "$work/r.json" "$work/forged.json" && bad "$f changed nothing"
  "$QF" verify --receipt "$work/forged.json" --key "$work/key.txt" >/dev/null 2>"$work/err"; rc=$?
  { [ $rc = 1 ] || [ $rc = 3 ]; } && ok || bad "a forged receipt ($f) passes: $rc"
done
has "printable" "$(curl -s -H "Authorization: Token $tok" "$url/api/v1/receipts/$seq?format=html")" '<svg'
has "html says hash" "$(curl -s -H "Authorization: Token $tok" "$url/api/v1/receipts/$seq?format=html")" "$(field leaf_hash <"$work/r.json")"
# what is secret is not handed round
toks=$(curl -s "$url/api/v1/heads?limit=1000" | python3 -c 'import json,sys;print(json.load(sys.stdin)["heads"][-1]["size"])')
is "a token's entry keeps its body" "$(for s in $(seq 1 "$toks"); do curl -s -H "Authorization: Token $tok" "$url/api/v1/receipts/$s"; done | grep -c '\\"type\\":\\"token\\"')" 0
is "beyond the tree" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/proof/999999")" 404
is "not a number" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/proof/1x")" 400
is "no size 0" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/consistency?from=0&to=3")" 400
# beside the running server
code 0 "$QF" verify --data "$work/d"; has "live" "$(cat "$work/out")" '"live":true'
file u009 >/dev/null
code 0 "$QF" proof 3 --data "$work/d"; code 1 "$QF" proof 999999 --data "$work/d"; code 2 "$QF" proof
# an older receipt under a newer head: by consistency
curl -s "$url/api/v1/heads/latest" >"$work/head2.txt"
old=$(field size <"$work/r.json"); new=$(sed -n 2p "$work/head2.txt")
curl -s "$url/api/v1/consistency?from=$old&to=$new" >"$work/c.json"
code 0 "$QF" verify --receipt "$work/r.json" --head "$work/head2.txt" --consistency "$work/c.json"
code 1 "$QF" verify --receipt "$work/r.json" --head "$work/head2.txt"
curl -s "$url/api/v1/consistency?from=$((old - 1))&to=$new" >"$work/c2.json"
code 1 "$QF" verify --receipt "$work/r.json" --head "$work/head2.txt" --consistency "$work/c2.json"
stop "$pid"
code 0 "$QF" verify --data "$work/d" --deep --key "$work/key.txt" --head "$work/head.txt"
has "book = replay" "$(cat "$work/out")" '"book_equals_replay":true'
# verify changes nothing, not even times
find "$work/d" -printf '%P %s %T@ %i\n' | sort >"$work/before"; sums=$(cd "$work/d" && find . -type f -exec sha256sum {} + | sort)
code 0 "$QF" verify --data "$work/d" --deep
find "$work/d" -printf '%P %s %T@ %i\n' | sort >"$work/after"
is "verify leaves the folder alone" "$(cat "$work/after")" "$(cat "$work/before")"
is "verify leaves the bytes alone" "$(cd "$work/d" && find . -type f -exec sha256sum {} + | sort)" "$sums"
# ---- the forger
attack() { # name, kind expected, words expected, rewrite arguments...
  local name=$1 kind=$2 words=$3; shift 3
  rm -rf "$work/f"; cp -a "$work/d" "$work/f"
  python3 test/system/rewrite.py "$work/f" "$@" >/dev/null || bad "$name: not rewritten"
  code 1 "$QF" verify --data "$work/f"
  has "$name: kind" "$(cat "$work/out")" "\"kind\":\"$kind\""
  has "$name: words" "$(cat "$work/err")" "$words"
}
rm -rf "$work/f"; cp -a "$work/d" "$work/f"; python3 test/system/rewrite.py "$work/f" same >/dev/null
code 0 "$QF" verify --data "$work/f" # the rewriting itself is faultless: the chain alone sees nothing
attack "edit" edited "entries 6 to 6" edit 6
is "edit: one finding" "$(field findings <"$work/out" | grep -o "'kind'" | wc -l)" 1
code 3 timeout 20 "$QF" serve --data "$work/none/none" --listen 127.0.0.1:0
attack "drop" dropped "entries 6 to 6" drop 6
attack "swap" reordered "entries 5 to 7" swap 5 7
attack "swap, times kept" reordered "entries 5 to 7" swap-keep-times 5 7
attack "back-date" back-dated "entry 6: its time was changed" backdate 6 86400
attack "insert" inserted "entries 6 to 6" insert 6
attack "truncate" truncated "entries 8 to $(sed -n 2p <("$QF" heads --latest --data "$work/d"))" truncate 8
code 3 timeout 20 "$QF" serve --data "$work/f" --listen 127.0.0.1:0
has "does not go on after a cut" "$(cat "$work/err")" "signed"
# without the stored tree the range between two heads is named
rm -rf "$work/f"; cp -a "$work/d" "$work/f"; python3 test/system/rewrite.py "$work/f" edit 6 >/dev/null; rm "$work/f"/proof/tree.* "$work/f/proof/at"
code 1 "$QF" verify --data "$work/f"; has "altered range" "$(cat "$work/out")" '"kind":"altered","from":6,"to":6'
code 3 timeout 20 "$QF" serve --data "$work/f" --listen 127.0.0.1:0
has "does not go on over another history" "$(cat "$work/err")" "are not those that were signed"
# who removes the heads too is found out by a head that somebody else kept, and by the pinned key
rm -rf "$work/f"; cp -a "$work/d" "$work/f"; python3 test/system/rewrite.py "$work/f" edit 6 >/dev/null; rm -r "$work/f/proof" "$work/f/keys"
code 0 "$QF" verify --data "$work/f"; has "nothing signed: said so" "$(cat "$work/out")" '"heads":0'
code 1 "$QF" verify --data "$work/f" --head "$work/head.txt" --key "$work/key.txt"
has "an outside head finds it" "$(cat "$work/out")" '"kind":"altered"'
# signed anew with another key
serve "$work/f" && { file u010 >/dev/null; stop "$pid"; }
code 1 "$QF" verify --data "$work/f" --key "$work/key.txt"
code 1 "$QF" verify --data "$work/f"; has "entry 1 names the true key" "$(cat "$work/out")" '"kind":"key"'
# a head that was changed
rm -rf "$work/f"; cp -a "$work/d" "$work/f"
python3 - "$work/f/proof/heads" <<'P'
import sys
d=bytearray(open(sys.argv[1],"rb").read()); i=d.index(b"\n")+1; d[i]=d[i]%57+1 if d[i]>=49 else 50; open(sys.argv[1],"wb").write(d)
P
code 1 "$QF" verify --data "$work/f"; has "a forged head" "$(cat "$work/out")" '"kind":"head"'
# a book that says something else
rm -rf "$work/f"; cp -a "$work/d" "$work/f"; python3 test/system/rewrite.py "$work/f" append >/dev/null
code 1 "$QF" verify --data "$work/f" --deep; has "book" "$(cat "$work/err")" "the book is not what the journal says"
# backup takes the evidence along, not the secret
code 0 "$QF" backup --data "$work/d" --out "$work/b"
[ -f "$work/b/proof/heads" ] && [ ! -e "$work/b/keys" ] && ok || bad "backup: heads and no key"
code 0 "$QF" verify --data "$work/b" --key "$work/key.txt"
code 0 "$QF" restore --from "$work/b" --data "$work/r"
code 0 "$QF" verify --data "$work/r"
finish
