#!/usr/bin/env bash
# People at the door of a city that is no demonstration: no default account, bootstrap, three administrators apart, passwords,
# second factor, brake, sessions, CSRF, revocation; then every route x every role x own and other in a sample city.
. test/system/lib.sh
py() { python3 test/system/rights.py "$@"; }
serve "$work/d" || { bad "does not start"; finish; }
link=$(grep -o 'token=[0-9a-f]*' "$work/serve.log" | cut -d= -f2)
py people "$url" "$link" "$work/d" "$QF" "$work/state" >"$work/people" 2>&1 || bad "people: $(tail -3 "$work/people")"
cat "$work/people" | grep -v '^ok$'
n=$(grep -c '^ok$' "$work/people"); pass=$((pass + n)); fail=$((fail + $(grep -c '^FAILED' "$work/people")))
# nothing of this is in clear on disk: passwords, TOTP keys, links, session ids, recovery codes
while read -r secret; do
  grep -rqaF -- "$secret" "$work/d" && bad "a secret lies in clear in $(grep -rlaF -- "$secret" "$work/d" | head -1)" || ok
done <"$work/state"
[ "$(stat -c %a "$work/d/keys/secrets.key")" = 600 ] && ok || bad "mode of secrets.key"
stop "$pid"
# what guards accounts does not leave by the export either
code 0 "$QF" export book --data "$work/d" --out "$work/book"
is "no secret tables" "$(ls "$work/book" | grep -cE 'rec_(user|grant|token)')" 0
[ "$(ls "$work/book" | wc -l)" -gt 5 ] && ok || bad "export is empty"
code 0 "$QF" verify --data "$work/d" --deep
# administrators have names now: the owner's link is shut, also after a restart
serve "$work/d"
is "no link at start" "$(grep -c 'token=' "$work/serve.log")" 0
code 3 "$QF" user link --data "$work/d"
stop "$pid"
# TLS: the cookie is bound to this host and to TLS
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/k.pem" -out "$work/c.pem" -days 2 -subj /CN=localhost 2>/dev/null
"$QF" serve --data "$work/t" --listen 127.0.0.1:0 --tls-cert "$work/c.pem" --tls-key "$work/k.pem" --host energy.example >"$work/tls.log" 2>&1 &
tp=$!; pids="$pids $tp"
for _ in $(seq 1 200); do grep -q token= "$work/tls.log" && break; python3 -c 'import select;select.select([],[],[],0.1)'; done
port=$(field port <"$work/t/server.json"); link=$(grep -o 'token=[0-9a-f]*' "$work/tls.log" | cut -d= -f2)
has "link names the host" "$(cat "$work/tls.log")" "https://energy.example:$port/login"
curl -sk -D "$work/h" -o /dev/null --resolve "energy.example:$port:127.0.0.1" -d "{\"token\":\"$link\"}" "https://energy.example:$port/api/v1/login"
has "__Host- cookie" "$(cat "$work/h")" "Set-Cookie: __Host-qf_sid="
has "secure" "$(grep -i '^set-cookie' "$work/h")" "; Secure"
has "hsts" "$(cat "$work/h")" "Strict-Transport-Security"
is "foreign host" "$(curl -sk -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "https://127.0.0.1:$port/api/v1/city")" 421
stop "$tp"
# every route
[ -n "$ONLY_PEOPLE" ] && finish
code 0 "$QF" demo --data "$work/s" --no-serve --days 2
serve "$work/s" || { bad "sample city does not start"; finish; }
link=$(grep -o 'token=[0-9a-f]*' "$work/serve.log" | cut -d= -f2)
py matrix "$url" "$link" >"$work/matrix" 2>&1 || bad "matrix: $(tail -3 "$work/matrix")"
grep -v '^ok' "$work/matrix"
n=$(grep -c '^ok$' "$work/matrix"); pass=$((pass + n)); fail=$((fail + $(grep -c '^FAILED' "$work/matrix")))
[ "$n" -gt 500 ] && ok || bad "only $n cells walked"
finish
