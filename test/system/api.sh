#!/usr/bin/env bash
# The HTTP face as strangers and senders meet it: rights, limits, bad input, durability across kill -9.
. test/system/lib.sh
serve "$work/d" || { bad "does not start"; finish; }
token=$("$QF" token add --data "$work/d" --scope write)
has "token" "$token" qf_
reader=$("$QF" token add --data "$work/d" --scope read)
g() { curl -s -H "Authorization: Token $reader" "$@"; } # a city that is no demonstration shows itself to those it knows
w() { curl -s -o "$work/body" -w '%{http_code}' -H "Authorization: Token $token" "$@"; }
is "write without token" "$(curl -s -o /dev/null -w '%{http_code}' -d 'm v=1' "$url/write")" 401
is "write with a wrong token" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Token nonsense' -d 'm v=1' "$url/write")" 401
is "write" "$(w -d 'm,p=1 v=1.5 1700000000000000000' "$url/write")" 204
is "v2 write, seconds" "$(w -d 'm,p=1 v=2.5 1700000060' "$url/api/v2/write?bucket=x&precision=s")" 204
printf 'm,p=2 v=1 1700000000\n' | gzip >"$work/z"
is "gzip" "$(w -H 'Content-Encoding: gzip' --data-binary @"$work/z" "$url/write?precision=s")" 204
is "not gzip" "$(w -H 'Content-Encoding: gzip' -d 'm v=1' "$url/write")" 400
is "other encoding" "$(w -H 'Content-Encoding: br' -d 'm v=1' "$url/write")" 415
head -c 30000000 /dev/zero | gzip >"$work/bomb"
is "gzip bomb" "$(w -H 'Content-Encoding: gzip' --data-binary @"$work/bomb" "$url/write")" 413
is "bad precision" "$(w -d 'm v=1' "$url/write?precision=years")" 400
is "partial write" "$(w --data-binary $'m,p=3 v=1 1700000000000000000\nnonsense\nm,p=3 v=2 1700000001000000000\n' "$url/write")" 400
has "names the line" "$(cat "$work/body")" '"line":2'
has "keeps the good" "$(cat "$work/body")" '"accepted":2'
is "too large" "$(head -c 34000000 /dev/zero | w --data-binary @- "$url/write")" 413
is "no such address" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/nothing")" 404
is "other method" "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$url/api/v1/city")" 405
is "reading needs a login" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/figures")" 401
is "unknown figure" "$(g -o "$work/body" -w '%{http_code}' "$url/api/v1/figures/industry.nothing")" 404
has "says which" "$(cat "$work/body")" industry.nothing
is "bad period" "$(g -o /dev/null -w '%{http_code}' "$url/api/v1/figures?period=2025-13")" 400
for q in "figures?perod=2025-01" "figures?period=2025-01&period=2025-02" "points?size=many" "city?lang=zh" "export?format=csv&view=%2Fapi%2Fv1%2Ffigures%3Fperod%3D2025"; do
  is "misspelt, doubled, no number: $q" "$(g -o "$work/body" -w '%{http_code}' "$url/api/v1/$q")" 400
  has "says what it takes: $q" "$(cat "$work/body")" "this address takes: "
done
is "clients of InfluxDB send what they like" "$(w -d 'm,p=4 v=1' "$url/write?precision=ns&consistency=one&rp=x")" 204
is "traversal" "$(curl -s --path-as-is -o /dev/null -w '%{http_code}' "$url/../../etc/passwd")" 404
is "write token cannot manage" "$(w "$url/api/v1/tokens")" 403
is "another's name in Host" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$url/")" 421
has "csp" "$(curl -sI "$url/")" "default-src 'none'"
for r in $(curl -s "$url/openapi.json" | python3 -c 'import json,sys
for p,o in json.load(sys.stdin)["paths"].items():
  if "get" in o and "{" not in p and "stream" not in p: print(p)'); do
  is "GET $r" "$(g -o /dev/null -w '%{http_code}' "$url$r" | sed 's/40[013]/200/;s/204/200/')" 200
done
link=$(grep -o 'token=[0-9a-f]*' "$work/serve.log" | cut -d= -f2)
is "login" "$(curl -s -c "$work/jar" -o "$work/body" -w '%{http_code}' -d "{\"token\":\"$link\"}" "$url/api/v1/login")" 200
csrf=$(field csrf <"$work/body")
is "login twice" "$(curl -s -o /dev/null -w '%{http_code}' -d "{\"token\":\"$link\"}" "$url/api/v1/login")" 401
is "no csrf" "$(curl -s -b "$work/jar" -o /dev/null -w '%{http_code}' -d '{"scopes":"read"}' "$url/api/v1/tokens")" 403
is "csrf" "$(curl -s -b "$work/jar" -o /dev/null -w '%{http_code}' -H "X-QF-CSRF: $csrf" -d '{"scopes":"read"}' "$url/api/v1/tokens")" 200
is "bad record" "$(curl -s -b "$work/jar" -o "$work/body" -w '%{http_code}' -H "X-QF-CSRF: $csrf" -d '{"id":"x","data":{"kind":"planet"}}' "$url/api/v1/records/subject")" 400
code 3 "$QF" serve --data "$work/d" --listen 127.0.0.1:0 # a second server on the same folder
# kill -9 while a sender sends: what was acknowledged is there, once
python3 - "$url" "$token" "$pid" >"$work/acked" <<'P'
import http.client,os,signal,sys,urllib.parse
u=urllib.parse.urlparse(sys.argv[1]); c=http.client.HTTPConnection(u.hostname,u.port); n=0
try:
    for i in range(400):
        if i==250: os.kill(int(sys.argv[3]),signal.SIGKILL)
        c.request("POST","/write?precision=s","".join(f"k,p={j} v={i} {1700001000+i}\n" for j in range(20)),{"Authorization":"Token "+sys.argv[2]})
        r=c.getresponse(); r.read()
        if r.status!=204: break
        n=i+1
except OSError: pass
except http.client.HTTPException: pass
print(n)
P
wait "$pid" 2>/dev/null
acked=$(cat "$work/acked"); [ "$acked" -ge 200 ] && ok || bad "only $acked acknowledged before the kill"
serve "$work/d" || bad "does not start after kill -9"
got=$(g "$url/api/v1/readings/k,p=7%20v?from=1700001000000&to=1700002000000&limit=1000" | python3 -c 'import json,sys
r=[v for t,v in json.load(sys.stdin)["readings"]]; n=int(sys.argv[1])
print("ok" if r==list(range(len(r))) and n<=len(r)<=n+1 else "lost or doubled: %d of %d"%(len(r),n))' "$acked")
is "after kill -9" "$got" ok
stop "$pid"
code 0 "$QF" verify --data "$work/d"
# one byte of the journal changed: verify says no and names the place; serve does not start
seg=$(ls "$work/d"/journal/*.qfj 2>/dev/null | head -1); [ -n "$seg" ] || seg=$(ls -S "$work/d"/journal/* | head -1)
python3 - "$seg" <<'P'
import sys
f=open(sys.argv[1],'r+b'); f.seek(2000); b=f.read(1); f.seek(2000); f.write(bytes([b[0]^1])); f.close()
P
code 1 "$QF" verify --data "$work/d"
has "names the place" "$(cat "$work/err")" "$(basename "$seg")"
code 3 "$QF" serve --data "$work/d" --listen 127.0.0.1:0
# wrong words on the command line
code 2 "$QF"; code 2 "$QF" nonsense; code 2 "$QF" figure; code 2 "$QF" serve --nonsense; code 2 "$QF" why x --depth many
code 2 "$QF" import readings; code 2 "$QF" report --format tables; code 3 "$QF" figure x --data "$work/none"; code 0 "$QF" --help
code 3 "$QF" serve --data "$work/e" --listen 0.0.0.0:0; code 3 "$QF" serve --data "$work/e" --listen here
code 3 "$QF" import readings --data "$work/e" --map /nonexistent.ini /nonexistent.csv
finish
