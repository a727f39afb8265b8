#!/usr/bin/env bash
# Faults planted beside clean twins, on the sample city: each rule names its fault, with its numbers, and not the twin. Bulk goods
# by the rules of the gate (one document once, document of its mode, stage from the register, weighing, balance), two-high projects
# (joint review, replacement, a retired unit once). Records come before the start, so that the first run of the rules sees them.
. test/system/lib.sh
d=$work/d
"$QF" demo --no-serve --days 1 --data "$d" >"$work/log" 2>&1
is "demo exit" $? 0
serve "$d" || { bad "serve"; finish; }
manage=$("$QF" token add --data "$d" --scope manage | tail -1)
python3 - >"$work/moves.json" <<'P'
import json
def m(id, mode="rail", doc="rail_waybill", no=None, **more):
    return {"id": id, "data": dict({"subject": "u009", "month": 24310, "goods": "iron_ore", "direction": "in", "leg": "gate", "mode": mode, "net_t": "30", "doc_type": doc, "doc_no": no or "no-" + id}, **more)}
truck = dict(mode="diesel6_truck", doc="weighbridge", stage_source="registration", plate="样A00001")
print(json.dumps([
    m("x-clean-rail"), m("x-clean-belt", "belt_gallery", "belt_scale"),
    m("x-doc-kind", "water", "rail_waybill"),                                     # a ship with a railway's paper
    m("x-doc-1", no="twice"), m("x-doc-2", no="twice"),                           # one paper, two movements
    m("x-driver", "diesel6_truck", "weighbridge", stage_source="driver"),
    m("x-nev-no", "nev_truck", "weighbridge", stage_source="registration", nev_confirmed=False),
    m("x-nev-yes", "nev_truck", "weighbridge", stage_source="registration", nev_confirmed=True),
    *[m(f"x-tare-{i}", tare_t="15.0", weighed_at=f"2025-11-0{i}T02:00:00Z", weighbridge="A", **truck) for i in range(1, 5)],
    m("x-tare-off", tare_t="15.46", weighed_at="2025-11-07T02:00:00Z", weighbridge="A", **truck),   # 3.07 % over the median of 15.0
    m("x-tare-in", tare_t="15.44", weighed_at="2025-11-08T02:00:00Z", weighbridge="A", **truck),    # 2.93 %
    m("x-two-a", tare_t="15.0", weighed_at="2025-11-09T02:00:00Z", weighbridge="A", **truck),
    m("x-two-b", tare_t="15.0", weighed_at="2025-11-09T02:04:00Z", weighbridge="B", **truck),       # four minutes later, elsewhere
    m("x-two-c", tare_t="15.0", weighed_at="2025-11-09T02:10:00Z", weighbridge="A", **truck),       # six minutes after that
]))
P
python3 - >"$work/accounts.json" <<'P'
import json
# 17 movements of 30 t came in: 510 t, and 15 / 495 = 3.03 %
print(json.dumps([{"id": "x-ma", "data": {"subject": "u009", "month": 24310, "direction": "in", "quantity": "495", "basis": "test"}}]))
P
python3 - >"$work/projects.json" <<'P'
import json
def p(id, **more):
    return {"id": id, "data": dict({"subject": "210802", "name": id, "sector": "钢铁", "state": "building", "decision": "go_on", "listed": "2025-03-01", "energy_tce": "1000", "joint_review": True}, **more)}
print(json.dumps([
    p("y-clean", new_capacity_t="100", retired_capacity_t="125", required_ratio="1.25", retired_ids="K1"),
    p("y-unreviewed", joint_review=False), p("y-stopped", joint_review=False, decision="stop"),
    p("y-short", new_capacity_t="100", retired_capacity_t="124", required_ratio="1.25", retired_ids="K2"),
    p("y-list-1", retired_ids="K3, K4"), p("y-list-2", retired_ids="K4；K5"),
]))
P
put() { is "$1 taken" "$(curl -s -o "$work/body" -w '%{http_code}' -H "Authorization: Token $manage" -d @"$2" "$url/api/v1/records/$1")" 200 || cat "$work/body"; }
put bulk_movement "$work/moves.json"
put material_account "$work/accounts.json"
put two_high_project "$work/projects.json"
stop "$pid"
serve "$d" || { bad "serve again"; finish; }
curl -s -H "Authorization: Token $manage" "$url/api/v1/findings?size=20000" >"$work/findings"
python3 - "$work/findings" >"$work/py" 2>&1 <<'P'
import json, sys
items = json.load(open(sys.argv[1]))
items = items.get("items", items) if isinstance(items, dict) else items
good = bad = 0
def check(what, yes, said=""):
    global good, bad
    good += bool(yes); bad += not yes
    if not yes: print("FAILED:", what, said)
by = {}
for f in items:
    by.setdefault(f["rule"], []).append(f)
def named(rule, evidence, *words):
    hit = [f for f in by.get(rule, []) if f.get("evidence") == evidence]
    check(f"{rule} names {evidence}", hit, [f.get("evidence") for f in by.get(rule, [])][:9])
    for f in hit[:1]:
        check(f"{rule} speaks both languages", f["text"]["zh"] and f["text"]["en"] and f["text"]["zh"] != f["text"]["en"], f["text"])
        for w in words: check(f"{rule} says {w}", w in f["text"]["en"] and (w in f["text"]["zh"] or not w.isdigit()), f["text"])
def silent(rule, *ids):
    for i in ids: check(f"{rule} is silent of {i}", not [f for f in by.get(rule, []) if f.get("evidence") == i], by.get(rule))
def exactly(rule, start, want):
    got = sorted(f["evidence"] for f in by.get(rule, []) if (f.get("evidence") or "").startswith(start))
    check(f"{rule}: exactly {want}", got == sorted(want), got)
named("industry.transport_document", "x-doc-kind"); named("industry.transport_document", "x-doc-1", "2")
exactly("industry.transport_document", "x-", ["x-doc-kind", "x-doc-1"])
named("industry.transport_stage_source", "x-driver"); named("industry.transport_stage_source", "x-nev-no")
exactly("industry.transport_stage_source", "x-", ["x-driver", "x-nev-no"])
named("industry.transport_weighing", "x-tare-off"); named("industry.transport_weighing", "x-two-a")
exactly("industry.transport_weighing", "x-", ["x-tare-off", "x-two-a"])
named("industry.transport_balance", "x-ma"); exactly("industry.transport_balance", "x-", ["x-ma"])
exactly("industry.transport_balance", "s-", [])
named("industry.two_high_unreviewed", "y-unreviewed"); exactly("industry.two_high_unreviewed", "y-", ["y-unreviewed"])
exactly("industry.two_high_unreviewed", "s-", [])
named("industry.capacity_short", "y-short", "124", "125"); exactly("industry.capacity_short", "y-", ["y-short"]); exactly("industry.capacity_short", "s-", [])
named("industry.retired_twice", "y-list-1", "K4"); exactly("industry.retired_twice", "y-", ["y-list-1"]); exactly("industry.retired_twice", "s-", [])
check("no rule failed", not [f for f in items if "did not finish" in f["text"]["en"]], [f["text"]["en"] for f in items if "did not finish" in f["text"]["en"]][:3])
print("PY", good, bad)
P
grep -v '^PY' "$work/py" | head -20
read -r _ p f <<<"$(grep '^PY ' "$work/py" || echo 'PY 0 1')"
pass=$((pass + p)) fail=$((fail + f))
stop "$pid"
finish
