#!/usr/bin/env bash
# The pages in headless Chromium: against the fixture, then against the real server on a small demonstration city, where a month's
# campaign is walked from the desk to the verified receipt.
. test/system/lib.sh
export QF
run() { node test/browser/run.mjs "$@" | tee "$work/pages"; local rc=${PIPESTATUS[0]}; pass=$((pass + $(grep -oE '^[0-9]+ passed' "$work/pages" | cut -d' ' -f1))); [ "$rc" = 0 ] || bad "pages $*"; }
if [ ! -x /usr/bin/chromium ]; then echo "SKIP browser: no Chromium"; skip=1; finish; fi
[ -n "$(fc-list :lang=zh)" ] || bad "no Chinese font: every character would be a box"
run
"$QF" demo --no-serve --days 3 --data "$work/demo" >"$work/log" 2>&1 || bad "demo: $(tail -3 "$work/log")"
if serve "$work/demo" && QF_LINK=$("$QF" user link --data "$work/demo"); then
  export QF_LINK
  run "$url"
else
  bad "no server or no link: $(tail -3 "$work/serve.log")"
fi
finish
