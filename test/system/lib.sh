# Shared by the system tests: a folder of their own, servers on free loopback ports ended by their own pid, counted checks.
QF=${QF:-build/qingfeng}
work=$(mktemp -d)
pass=0 fail=0 skip=0
pids=""
cleanup() { for p in $pids; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$work"; }
trap cleanup EXIT
ok() { pass=$((pass + 1)); }
bad() { fail=$((fail + 1)); printf 'FAILED: %s\n' "$*"; }
is() { if [ "$2" = "$3" ]; then ok; else bad "$1: got '$2', expected '$3'"; fi; }
has() { case $2 in *"$3"*) ok ;; *) bad "$1: '$3' is not in '$2'" ;; esac; }
code() { local want=$1; shift; "$@" >"$work/out" 2>"$work/err"; is "exit of $*" $? "$want"; }
field() { python3 -c 'import json,sys
v=json.load(sys.stdin)
for k in sys.argv[1].split("."): v=v[int(k)] if isinstance(v,list) else v[k]
print(v)' "$1"; }
serve() { # folder -> $url, $pid
  "$QF" serve --data "$1" --listen 127.0.0.1:0 >"$work/serve.log" 2>&1 &
  pid=$!; pids="$pids $pid"; url=""
  for _ in $(seq 1 600); do
    url=$(python3 -c 'import json,sys;print(json.load(open(sys.argv[1]))["url"])' "$1/server.json" 2>/dev/null) && curl -sf "$url/healthz" >/dev/null && return 0
    kill -0 "$pid" 2>/dev/null || { cat "$work/serve.log"; return 1; }
    python3 -c 'import select;select.select([],[],[],0.1)'
  done
  return 1
}
stop() { kill "$1"; wait "$1" 2>/dev/null; }
finish() { printf 'COUNT %d %d %d\n' "$pass" "$fail" "$skip"; [ "$fail" = 0 ]; exit; }
