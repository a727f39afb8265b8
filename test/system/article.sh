#!/usr/bin/env bash
# The article's figures. Each is compared with an independent sum over the sample CSV (python, not our SQL) and with the digits the
# article prints; why adds up to the figure; districts add up to the city; the traps speak; a rebuild gives the same. That a changed
# record changes its own figures only is test/demo/article_test.c.
. test/system/lib.sh
"$QF" demo --data "$work/d" --no-serve --days 1 >/dev/null 2>"$work/err"
is "demo exit" $? 0
serve "$work/d" || { bad "serve"; finish; }
"$QF" report --data "$work/d" --period 2025 >"$work/report" 2>/dev/null
is "report exit" $? 0
python3 test/system/article.py "$url" "$work/d" "$work/report" "$QF" >"$work/py" 2>&1
tail -n 40 "$work/py"
read -r _ p f <<<"$(grep '^PY ' "$work/py" || echo 'PY 0 1')"
pass=$((pass + p)) fail=$((fail + f))
stop "$pid"
code 0 "$QF" rebuild --data "$work/d"
python3 test/system/article.py --folder "$QF" "$work/d" >"$work/after" 2>/dev/null
if cmp -s "$work/d/figures.before" "$work/after"; then ok; else bad "a rebuild gives other figures"; diff "$work/d/figures.before" "$work/after" | head; fi
finish
