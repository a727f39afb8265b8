#!/usr/bin/env bash
# A measure judged by its meter: two years of hourly register readings of a gas meter and the days' temperatures, made here by a known law. The year
# after the measure uses 80 % of what the law says, so the saving is a fifth of the law; month by month and in total.
. test/system/lib.sh
d=$work/d
mkdir "$d"
serve "$d" || { bad "serve"; finish; }
write=$("$QF" token add --data "$d" --scope write | tail -1)
manage=$("$QF" token add --data "$d" --scope manage | tail -1)
cat >"$work/saving.py" <<'P'
import datetime, json, math, sys, urllib.request, urllib.error
from decimal import Decimal as D
url, write, manage = sys.argv[1:4]
good = bad = 0
def check(what, yes, said=""):
    global good, bad
    good += bool(yes); bad += not yes
    if not yes: print("FAILED:", what, said)
def call(method, path, body=None, token=manage):
    r = urllib.request.Request(url + path, method=method, data=body, headers={"Authorization": "Token " + token})
    try: a = urllib.request.urlopen(r, timeout=120)
    except urllib.error.HTTPError as e: a = e
    t = a.read().decode()
    return a.status, json.loads(t, parse_float=D, parse_int=D) if t and t[0] in "{[" else t
def put(type, rows):
    s, j = call("POST", "/api/v1/records/" + type, json.dumps([{"id": i, "data": r} for i, r in rows]).encode())
    check(type + " taken", s == 200, (s, str(j)[:300]))
first = datetime.date(2023, 12, 1)                       # baseline: 2023-12-01 .. 2024-11-29, a year; reporting: the whole of 2025
days = [first + datetime.timedelta(i) for i in range(762)]
def temperature(day): return round(2 * (9 - 18 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365))) / 2
def law(day): return D(240) + 6 * max(D("12.5") - D(str(temperature(day))), D(0))   # m3 a day
def used(day): return law(day) * (D("0.8") if day.year == 2025 else 1)
put("subject", [("u1", {"parent": "210804", "kind": "unit", "name_zh": "试验单位", "name_en": "Test unit", "sample": False})])
point = {"subject": "u1", "name_zh": "气表", "name_en": "Gas", "carrier": "natural_gas", "flow": "purchase", "unit": "m3", "kind": "register", "k": "1", "digits": 9, "period_s": 3600, "stamp": "end", "level": 1}
put("point", [("gas,u=u1 r", point)])
zone = datetime.timezone(datetime.timedelta(hours=8))
at = int(datetime.datetime(first.year, first.month, first.day, tzinfo=zone).timestamp())
register, lines = D(1000), [f"gas,u=u1 r=1000 {at}"]
for day in days:
    for h in range(24):
        at += 3600; register += used(day) / 24
        lines.append(f"gas,u=u1 r={register} {at}")
for i in range(0, len(lines), 5000):
    s, j = call("POST", "/write?precision=s", "\n".join(lines[i:i + 5000]).encode(), write)
    check("readings taken", s == 204, (s, j))
put("weather_day", [(f"210800:{day}", {"subject": "210800", "day": str(day), "mean_c": str(temperature(day)), "source": "test"}) for day in days])
plan = {"subject": "u1", "measure": "new boiler", "point": "gas,u=u1 r", "weather": "210800", "baseline_from": "2023-12-01", "baseline_to": "2024-11-29", "report_from": "2025-01-01", "report_to": "2025-12-31"}
put("saving_plan", [("s-year", plan), ("s-short", dict(plan, baseline_from="2024-06-01", report_from="2026-01-01", report_to="2026-12-31"))])
k = None
total = D(0)
for m in range(1, 13):
    s, f = call("GET", f"/api/v1/figures/industry.verified_saving?subject=u1&period=2025-{m:02d}")
    want = sum((law(d) for d in days if d.year == 2025 and d.month == m), D(0)) * D("0.2")
    if k is None:
        s, w = call("GET", "/api/v1/records/factor?size=2000")
        k = [D(str(r["value"])) for r in w["items"] if r["factor"] == "k.natural_gas"][0]
    total += want
    check(f"2025-{m:02d}", s == 200 and f["value"] is not None and abs(D(f["value"]) - want * k / 1000) < D("0.000001"), (f.get("value"), want * k / 1000))
s, f = call("GET", "/api/v1/figures/industry.verified_saving?subject=u1&period=2025")
check("the year", abs(D(f["value"]) - total * k / 1000) < D("0.00001"), (f.get("value"), total * k / 1000))
s, w = call("GET", "/api/v1/why/industry.verified_saving?subject=u1&period=2025-01&depth=6")
check("why names plan and factor", s == 200 and "s-year" in json.dumps(w, default=str) and "k.natural_gas" in json.dumps(w, default=str), str(w)[:400])
print("PY", good, bad)
P
python3 "$work/saving.py" "$url" "$write" "$manage" >"$work/py" 2>&1
grep -v '^PY' "$work/py" | head -20
read -r _ p f <<<"$(grep '^PY ' "$work/py" || echo 'PY 0 1')"
pass=$((pass + p)) fail=$((fail + f))
stop "$pid"
serve "$d" || { bad "serve again"; finish; }
curl -s -H "Authorization: Token $manage" "$url/api/v1/findings?size=2000" >"$work/findings"
unsure=$(python3 -c 'import json,sys
j=json.load(open(sys.argv[1])); j=j.get("items",j) if isinstance(j,dict) else j
print(*sorted(f["evidence"] for f in j if f["rule"]=="industry.saving_unsure"))' "$work/findings")
is "a short baseline is unsure, a whole one is not" "$unsure" "s-short"
stop "$pid"
finish
