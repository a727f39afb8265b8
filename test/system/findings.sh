#!/usr/bin/env bash
# Every other rule of the packs that reads records or accounts, on a city of its own: faults planted beside clean twins. What each rule must find is written here, and it
# finds that and nothing else. (Gate and two-high projects: rules.sh. Laboratory reports: forgery_test. Balance by days, form P205-1: test/book/rules_test.)
. test/system/lib.sh
d=$work/d
mkdir "$d"
serve "$d" || { bad "serve"; finish; }
write=$("$QF" token add --data "$d" --scope write | tail -1)
manage=$("$QF" token add --data "$d" --scope manage | tail -1)
cat >"$work/plant.py" <<'P'
import json, sys, urllib.request, urllib.error
url, write, manage = sys.argv[1:4]
def post(path, body, token):
    try: return urllib.request.urlopen(urllib.request.Request(url + path, method="POST", data=body, headers={"Authorization": "Token " + token}), timeout=120).status
    except urllib.error.HTTPError as e: print("FAILED:", path, e.code, e.read().decode()[:300]); return e.code
def put(type, rows): return post("/api/v1/records/" + type, json.dumps([{"id": i, "data": r} for i, r in rows.items()]).encode(), manage)
D, M = "210804", 24302                        # a district; 2025-03
def of(**fixed): return lambda **more: dict(fixed, **more)
subject = of(parent=D, kind="unit", name_zh="试验", name_en="Test", sample=False)
put("subject", {"u1": subject(), "u2": subject(), "u3": subject(), "u1.bf": subject(parent="u1", kind="process", product="hot_metal"), "u1.bof": subject(parent="u1", kind="process", product="crude_steel")})
# ---- buildings
wall = of(subject=D, floor_m2="1000", volume_m3="3000", ekf_w_k="1500", wall_k="0.45", roof_k="0.25", window_k="2.2", storeys=10, designed="2025-03-01")
put("envelope_design", {k: dict(v, project=k) for k, v in {"w-limit": wall(), "w-over": wall(wall_k="0.46"), "w-low": wall(wall_k="0.36", window_k="1.8", storeys=3), "w-low-ok": wall(wall_k="0.35", window_k="1.8", storeys=3)}.items()})
house = of(subject=D, name="h", use_kind="residential", area_m2="100", saving_standard=75)
put("construction_project", {"h-75": house(), "h-72": house(saving_standard=72), "h-public": house(use_kind="public", saving_standard=72), "h-public-0": house(use_kind="public", saving_standard=0),
    "h-two": house(stars=2), "h-three": house(stars=3), "h-83": house(prefab_rate="83.3"), "h-80": house(prefab_rate="80"),
    "h-early": house(use_kind="industrial", saving_standard=0, area_m2="150", permit="2025-03-05"), "h-green": house(green_design=True, permit="2025-11-05")})
# (400 + 60 + 55 + 62 + 110 + 58 + 15) / 10 = 76 points and table 3.2.8 for two stars: two stars
score = of(subject=D, rated="2025-03-01", control_items=True, full_fitout=True, q1="60", q2="55", q3="62", q4="110", q5="58", qa="15", table_star=3)
put("green_rating", {k: score(project=k) for k in ("h-two", "h-three")})
# (40 + 15 + 20) / (100 - 10) = 83.33 %
put("prefab_rating", {k: dict(subject=D, project=k, rated="2025-03-01", q1="40", q2="15", q3="20", q4="10") for k in ("h-83", "h-80")})
pipe = of(subject=D, name="p", accepted="2025-10-01")
put("heat_network_segment", {"p-over": pipe(plan_year=2025, plan_km="10", done_km="12"), "p-under": pipe(plan_year=2024, plan_km="10", done_km="9")})
# flat, diffuse sky of 500 W/m2 for an hour, no loss by temperature: 10 kWp x 0.5 x 0.8 = 4 kWh, of which 75 % are 3
put("pv_plant", {"s1": dict(subject=D, name="s", kwp="10", latitude="40.67", longitude="122.23", tilt="0", azimuth="180", gamma_per_k="0", noct_c="45", system_eta="0.8", in_service="2024-01-01")})
put("irradiance_hour", {f"{D}:2025-06-0{n}T04:00:00Z": dict(subject=D, started=f"2025-06-0{n}T04:00:00Z", ghi="500", dni="0", dhi="500", air_c="20") for n in (1, 2)})
put("pv_day", {f"s1:2025-06-0{n}": dict(subject=D, plant="s1", day=f"2025-06-0{n}", kwh=kwh) for n, kwh in ((1, "2.9"), (2, "3.01"))})
# ---- people
put("methodology", {"walk:1": dict(act="walk", edition=1, grams_per_unit="1", unit="km", daily_cap="100", valid_from="2024-01-01", certainty="M", source="test")})
def act(person, amount="1", consent=True): return dict(subject=D, month=M, person=person, act="walk", device="d", started="2025-03-05T01:00:00Z", amount=amount, consent=consent)
acts = {p: act(p) for p in ("with", "without", "late", "withdrawn", "erased", "far", "near")}
acts["far"]["amount"], acts["near"]["amount"] = "19.6", "19.5"
acts["refused"] = act("refused", consent=False)
put("low_carbon_act", {f"{p}:walk:d:2025-03-05T01:00:00Z": a for p, a in acts.items()})
put("carbon_consent", {f"{p}:walk": dict(subject=D, person=p, scene="walk", given=g, withdrawn=w) for p, g, w in
    (("with", "2025-03-05", None), ("late", "2025-03-06", None), ("withdrawn", "2025-03-01", "2025-03-05"), ("erased", "2025-03-01", None), ("far", "2025-03-01", None), ("near", "2025-03-01", "2025-03-06"))})
put("carbon_erasure", {"erased": dict(subject=D, person="erased", requested="2025-03-05")})
put("appliance_sale", {f"{D}:{m}:{shop}:tv:1": dict(subject=D, month=m, merchant=shop, category="tv", grade=1, value_cny="1", above_quota=True) for shop, m in (("both", M), ("both", M - 12), ("new", M))})
# ---- transport, innovation
put("rail_sea_container", {"u1:24302:north:to_sea:20": dict(subject="u1", month=M, corridor="north", direction="to_sea", size_ft=20, boxes=1, stands_for="a port")})
put("vessel_call", {"v": dict(subject="u1", berth="b", ship="s", arrived="2025-03-01", hours="3", kwh_shore="0", kwh_needed="1")})
put("lab_member", {f"{l}:{m}": dict(subject=D, lab=l, member=m, joined="2025-01-01") for l, m in (("l1", "twice"), ("l2", "twice"), ("l1", "once"))})
put("rd_project", {"r": dict(subject=D, name="r", unit="u", programme="provincial_key", field="f", started="2025-01-01", stands_for="a project")})
# ---- city
loan = of(subject=D, bank="b", product="pv", balance_wan="1")
put("green_loan", {"b:pv:2025:24308": loan(directory_version="2025", month=24308), "b:pv:2025:24309": loan(directory_version="2025", month=24309), "b:pv:2019:24308": loan(directory_version="2019", month=24308)})
row = of(subject="210800", month=24299, source="test")
put("inventory_row", {"24299:I.1.1": row(ref="I.1.1", notation="value", co2_t="5"), "24299:I.2.1": row(ref="I.2.1", notation="NE"), "24299:Z.9": row(ref="Z.9", notation="NO"),
    "24299:II.1.1": row(ref="II.1.1", notation="IE", included_in="I.1.1"), "24299:I.3.1": row(ref="I.3.1", notation="IE", included_in="I.2.1")})
point = of(subject="u3", name_zh="点", name_en="Point", carrier="electricity", flow="none", unit="kWh", kind="register", k="1", period_s=3600)
points = {"p,n=gauge v": point(kind="gauge", flow="purchase"), "p,n=level v": point(flow="export", level=2), "p,n=unit v": point(flow="consume"), "p,n=watched v": point(kind="gauge"), "p,n=process v": point(subject="u1.bof", flow="consume", level=2),
    "p,n=carrier v": point(carrier="unobtainium", flow="purchase", unit="t"),
    "p,n=whole1 v": point(subject="u1", flow="purchase", level=1), "p,n=part1 v": point(subject="u1.bf", flow="consume", level=2, parent="p,n=whole1 v"),
    "p,n=whole2 v": point(subject="u2", flow="purchase", level=1), "p,n=part2 v": point(subject="u2.x", flow="none", parent="p,n=whole2 v")}
del points["p,n=part2 v"]
points["p,n=part2 v"] = point(subject="u2", flow="none", parent="p,n=whole2 v")
put("point", points)
# one day of 2025-03, a register of 100 a day for the whole; the parts: 94 of it, and 95
zero = 1741017600                             # 2025-03-04 00:00 in Beijing
lines = [f"p,n={n} v={1000 + e * h / 24:.4f} {zero + 3600 * h}" for n, e in (("whole1", 2400), ("part1", 2256), ("whole2", 2400), ("part2", 2280)) for h in range(25)]
print("readings", post("/write?precision=s", "\n".join(lines).encode(), write))
# ---- industry
move = of(month=M, goods="ore", direction="in", leg="gate", doc_type="rail_waybill")
def moves(who, *parts): return {f"{who}-{mode}": move(subject=who, mode=mode, net_t=str(t), doc_no=f"{who}-{mode}", **({"stands_for": "a works"} if who == "u1" else {})) for mode, t in parts}
put("bulk_movement", {**moves("u1", ("rail", 79), ("diesel5_truck", 21)), **moves("u2", ("rail", 80), ("diesel5_truck", 20)), **moves("u3", ("rail", 50), ("nev_truck", 10), ("diesel6_truck", 40))})
used = of(subject="u1", month=M, flow="purchase", source="test")
put("energy_monthly", {"u1:24302:electricity:purchase": used(carrier="electricity", quantity="2450"), "u2:24302:electricity:purchase": used(subject="u2", carrier="electricity", quantity="2410"),
    "u1:24302:unobtainium:purchase": used(carrier="unobtainium", quantity="1"), "u1:24302:coke:purchase": used(carrier="coke", quantity="1", own_factor="1262.9"), "u2:24302:coke:purchase": used(subject="u2", carrier="coke", quantity="1", own_factor="1262.7"),
    "u3:24302:coke:purchase": used(subject="u3", carrier="coke", quantity="1", own_factor="0.9714"), "u1.bf:24303:coke:consume": used(subject="u1.bf", month=24303, carrier="coke", flow="consume", quantity="1"),
    "u1.bof:24303:coke:consume": used(subject="u1.bof", month=24303, carrier="coke", flow="consume", quantity="1")})
put("output_monthly", {"u1.bof:24303:crude_steel": dict(subject="u1.bof", month=24303, product="crude_steel", quantity="1")})
put("above_scale_stat", {f"{D}:24302": dict(subject=D, month=M, months_covered=1, energy_tce="1", value_added_wan="1", price_base="2020", source="test")})
award = of(subject=D, kind="factory", awarded="2025-01-01")
put("green_award", {"a1": award(entity="climbed", level="provincial"), "a2": award(entity="climbed", level="national"), "a3": award(entity="stayed", level="municipal")})
motor = of(subject="u1", kind="motor", model="m", rated_kw="75", poles=4, mean_load="0.7", hours="6000", seen="2025-03-01", low_efficiency=False)
put("equipment", {"m-under": motor(efficiency="94.9"), "m-at": motor(efficiency="95.1"), "m-found": motor(efficiency="90", low_efficiency=True)})   # IE3, 75 kW, 4 poles: 95.0
put("va_monthly", {"u1:24302": dict(subject="u1", month=M, value_added_cny="1", price_base="2020"), "u1:24314": dict(subject="u1", month=24314, value_added_cny="1", price_base="2025"),
    "u2:24302": dict(subject="u2", month=M, value_added_cny="1", price_base="2020")})
P
python3 "$work/plant.py" "$url" "$write" "$manage" >"$work/planted" 2>&1
is "all planted" "$(grep -v '^readings 204$' "$work/planted" | head -5)" ""
stop "$pid"
serve "$d" || { bad "serve again"; finish; }
curl -s -H "Authorization: Token $manage" "$url/api/v1/findings?size=5000" >"$work/findings"
cat >"$work/judge.py" <<'P'
import csv, json, os, re, sys
items = json.load(open(sys.argv[1]))
items = items.get("items", items) if isinstance(items, dict) else items
placeholders = [r["id"] for r in csv.DictReader(open("packs/city/data/factors.csv", encoding="utf-8")) if r["certainty"] == "L"]
walk = lambda p: f"{p}:walk:d:2025-03-05T01:00:00Z"
want = {
    "buildings.envelope_over_limit": ["w-over", "w-low"], "buildings.standard_level": ["h-72", "h-public-0"], "buildings.green_stars_differ": ["h-three"], "buildings.prefab_rate_differs": ["h-80"],
    "buildings.heat_network_wording": [""], "buildings.pv_low": ["s1:2025-06-01"], "buildings.starts_scopes": [""],
    "people.account_not_inventory": [""], "people.act_plausible": [walk("far")], "people.act_without_consent": [walk(p) for p in ("without", "late", "withdrawn", "erased")], "people.sales_growth_not_share": ["new"],
    "transport.port_stands_for": ["u1"], "transport.shore_power_two_rates": [""], "innovation.lab_member_twice": [""], "innovation.names_stand_for": [""],
    "city.factor_placeholder": placeholders, "city.green_loan_directory_day": ["b:pv:2025:24308"], "city.green_loan_series": [""], "city.inventory_incomplete": [""], "city.inventory_ref": ["24299:Z.9", "24299:I.3.1"],
    "city.point_not_accounted": ["p,n=gauge v", "p,n=level v", "p,n=unit v"], "city.point_without_factor": ["p,n=carrier v"],
    "industry.clean_transport_compliance": ["u1"], "industry.two_transport_shares": ["u3"], "industry.transport_stands_for": ["u1"], "industry.intensity_scope": [""], "industry.ladder_overlap": ["climbed"],
    "industry.low_efficiency_unseen": ["m-under"], "industry.own_factor_range": ["u1:24302:coke:purchase", "u3:24302:coke:purchase"], "industry.process_one_sided": ["u1.bf", "u1.bf"], "industry.va_price_base": ["u1"],
    "industry.filing_without_factor": ["u1:24302:unobtainium:purchase"], "industry.filing_set_aside": ["u1:24302:electricity:purchase", "u2:24302:electricity:purchase"], "industry.metered_balance": ["p,n=whole1 v"],
}
good = bad = 0
def check(what, yes, said=""):
    global good, bad
    good += bool(yes); bad += not yes
    if not yes: print("FAILED:", what, said)
by = {}
for f in items: by.setdefault(f["rule"], []).append(f)
for rule, evidence in want.items():
    got = by.get(rule, [])
    check(rule, sorted(f["evidence"] or "" for f in got) == sorted(evidence), sorted(f["evidence"] or "" for f in got))
    for f in got[:3]: check(rule + " in both languages", f["text"]["zh"] and f["text"]["en"] and re.search("[\u4e00-\u9fff]", f["text"]["zh"]) and not re.search("[\u4e00-\u9fff]", f["text"]["en"].replace("试验", "")), f["text"])
def said(rule, evidence, *words):
    for w in words: check(f"{rule} of {evidence} says {w}", any(w in f["text"]["en"] for f in by.get(rule, []) if f["evidence"] == evidence), [f["text"]["en"] for f in by.get(rule, [])])
said("buildings.green_stars_differ", "h-three", "3 stars", "give 2"); said("buildings.prefab_rate_differs", "h-80", "80.00", "83.33"); said("buildings.heat_network_wording", "", "12.00", "22.00")
said("buildings.pv_low", "s1:2025-06-01", "72.5"); said("industry.low_efficiency_unseen", "m-under", "94.9", "95.0"); said("industry.filing_set_aside", "u1:24302:electricity:purchase", "2450", "2400")
severity = {f["evidence"]: f["severity"] for f in by.get("industry.filing_set_aside", [])}
check("over 2 % is a warning, under it a remark", severity == {"u1:24302:electricity:purchase": "warn", "u2:24302:electricity:purchase": "info"}, severity)
severity = {f["evidence"]: f["severity"] for f in by.get("industry.own_factor_range", [])}
check("a unit confused is an error", severity == {"u1:24302:coke:purchase": "warn", "u3:24302:coke:purchase": "error"}, severity)
# no rule without a test: this one, rules.sh, or the C tests named above
elsewhere = open("test/system/rules.sh").read() + open("test/system/saving.sh").read() + open("test/demo/forgery_test.c").read() + open("test/book/rules_test.c").read()
for area in sorted(os.listdir("packs")):
    for f in sorted(os.listdir(f"packs/{area}/rules")):
        id = re.search(r"^-- id: (\S+)", open(f"packs/{area}/rules/{f}", encoding="utf-8").read(), re.M).group(1)
        check(f"{id} has a test", id in want or f[:-4] in elsewhere)
print("PY", good, bad)
P
python3 "$work/judge.py" "$work/findings" >"$work/py" 2>&1
grep -v '^PY' "$work/py" | head -30
read -r _ p f <<<"$(grep '^PY ' "$work/py" || echo 'PY 0 1')"
pass=$((pass + p)) fail=$((fail + f))
stop "$pid"
finish
