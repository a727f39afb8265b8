#!/usr/bin/env bash
# A failed fdatasync (README C5) and what the dead leave behind. C5: the writer is told 5xx, nothing it was told 204 for is lost, the process ends by itself
# with code 3 and says why in both languages; the next start goes on. A shim fails fdatasync once a file says so.
. test/system/lib.sh
cat >"$work/shim.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
int fdatasync(int fd)
{
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  const char *f = getenv("QF_SHIM_FAIL");
  if (f && access(f, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}
C
if ! cc -shared -fPIC -o "$work/shim.so" "$work/shim.c" -ldl; then bad "shim does not compile"; finish; fi
export QF_SHIM_FAIL="$work/fail"
LD_PRELOAD="$work/shim.so" "$QF" serve --data "$work/d" --listen 127.0.0.1:0 >"$work/serve.log" 2>&1 &
pid=$!; pids="$pids $pid"
for _ in $(seq 1 300); do
  url=$(python3 -c 'import json,sys;print(json.load(open(sys.argv[1]))["url"])' "$work/d/server.json" 2>/dev/null) && curl -sf "$url/healthz" >/dev/null && break
  python3 -c 'import select;select.select([],[],[],0.1)'
done
token=$("$QF" token add --data "$work/d" --scope write --note t)
put() { curl -s -o /dev/null -w '%{http_code}' "$1/api/v2/write?precision=s" -H "Authorization: Token $token" --data-binary "$2"; }
is "name of the city, from its subject record" "$(curl -s "$url/api/v1/city" | field name.en)" Yingkou
is "healthy" "$(curl -s "$url/healthz" | field journal)" True
is "proof fits" "$(curl -s "$url/healthz" | field proof)" True
is "before" "$(put "$url" 'm v=1 1780000000')" 204
touch "$work/fail"
has "told" "$(put "$url" 'm v=2 1780000060')" 50
wait "$pid"; is "exit code" $? 3
has "English" "$(cat "$work/serve.log")" "could not be made durable"
has "Chinese" "$(cat "$work/serve.log")" "日志未能落盘"
[ -e "$work/d/server.json" ] && bad "server.json is left" || ok
rm "$work/fail"
serve "$work/d" || bad "does not start again"
is "after" "$(put "$url" 'm v=3 1780000120')" 204
reader=$("$QF" token add --data "$work/d" --scope read --note r)
rows=$(curl -s "$url/api/v1/readings/1?from=2026-05-01&to=2026-06-30" -H "Authorization: Bearer $reader")
has "what was acknowledged is there" "$rows" 1780000000000
has "and what came after" "$rows" 1780000120000
stop "$pid"
code 0 "$QF" verify --data "$work/d"
# what a killed server or an interrupted demo leaves is cleared: no process can have this number (pid_max <= 4194304)
echo '{"url":"http://127.0.0.1:1","port":1,"pid":4194999,"secret":"x"}' >"$work/d/server.json"
"$QF" figure industry.electricity --data "$work/d" >/dev/null 2>&1
[ -e "$work/d/server.json" ] && bad "stale server.json is left" || ok
mkdir -p "$work/x.making-4194999/journal" "$work/x.making-$$"
code 0 "$QF" demo --data "$work/x" --no-serve --days 2
[ -e "$work/x.making-4194999" ] && bad "the half-made city is left" || ok
[ -d "$work/x.making-$$" ] && ok || bad "a folder of a living process is gone"
finish
