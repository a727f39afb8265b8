#!/usr/bin/env bash
# The real steel works (UCI 851): every row accounted for, and the figures equal an independent sum over the file by awk.
. test/system/lib.sh
csv=../shared/data/steel_uci/Steel_industry_data.csv
if [ ! -f "$csv" ]; then echo "SKIP steel: $csv is not there"; skip=1; finish; fi
out=$("$QF" import readings --data "$work/d" --map docs/examples/steel-uci.ini --json "$csv" 2>/dev/null); is "import exit" $? 0
is "rows" "$(echo "$out" | field rows)" 35040
is "taken" "$(echo "$out" | field taken)" 35040
is "refused" "$(echo "$out" | field refused)" 0
kwh=$(awk -F, 'NR>1{s+=$2} END{printf "%.2f",s}' "$csv")
peak=$(awk -F, 'NR>1&&$2>m{m=$2} END{printf "%.2f",m*4}' "$csv")
co2=$(awk -F, 'NR>1{s+=$5} END{printf "%.2f",s}' "$csv")
tce=$(awk -F, 'NR>1{s+=$2} END{printf "%.4f",s*0.1229/1000}' "$csv")
f() { "$QF" figure "$1" --data "$work/d" --period 2018 --json 2>/dev/null | field value; }
is "electricity" "$(f industry.electricity)" "$kwh"
is "peak" "$(f industry.peak_demand)" "$peak"
is "measured CO2" "$(f industry.co2_measured)" "$co2"
is "tce" "$(f industry.energy_total | xargs printf %.4f)" "$tce"
# purchased power x the factor published nearest (Liaoning 2021, 0.5876), and the figure says that it is outside its validity
is "tCO2" "$(f industry.co2_total | xargs printf %.4f)" "$(awk -F, 'NR>1{s+=$2} END{printf "%.4f",s*0.5876/1000}' "$csv")"
has "flag" "$("$QF" figure industry.co2_total --data "$work/d" --period 2018 --json 2>/dev/null)" factor_outside_validity
march=$(awk -F, 'NR>1{split($1,a,/[\/ ]/); if(a[2]+0==3) s+=$2} END{printf "%.2f",s}' "$csv")
is "March" "$("$QF" figure industry.electricity --data "$work/d" --period 2018-03 --json 2>/dev/null | field value)" "$march"
"$QF" why industry.electricity --data "$work/d" --period 2018-03 --depth 6 --json 2>/dev/null >"$work/why"
is "why adds up" "$(python3 - "$work/why" <<'P'
import json,sys
from decimal import Decimal
t=json.load(open(sys.argv[1]),parse_float=Decimal,parse_int=Decimal)
bad=0
def walk(n):
    global bad
    c=n.get("children") or []
    if c and not n.get("more") and n.get("op")=="sum" and sum(x["value"] for x in c)!=n["value"]: bad+=1
    for x in c: walk(x)
walk(t); print(bad)
P
)" 0
again=$("$QF" import readings --data "$work/d" --map docs/examples/steel-uci.ini --json "$csv" 2>/dev/null)
is "again: same rows" "$(echo "$again" | field rows)" 35040
is "again: same figure" "$(f industry.electricity)" "$kwh"
code 0 "$QF" verify --data "$work/d"
"$QF" export book --data "$work/d" --out "$work/before" >/dev/null 2>&1
code 0 "$QF" rebuild --data "$work/d"
"$QF" export book --data "$work/d" --out "$work/after" >/dev/null 2>&1
if diff -rq "$work/before" "$work/after" >"$work/diff"; then ok; else bad "rebuild gives another book: $(cat "$work/diff")"; fi
code 0 "$QF" backup --data "$work/d" --out "$work/b"
code 0 "$QF" restore --from "$work/b" --data "$work/r"
is "restored figure" "$("$QF" figure industry.electricity --data "$work/r" --period 2018 --json 2>/dev/null | field value)" "$kwh"
finish
