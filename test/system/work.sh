#!/usr/bin/env bash
# A month's campaign over HTTP in the sample city: owed, reminded, filed, stopped by a check, returned, corrected, accepted, counted.
. test/system/lib.sh
"$QF" demo --data "$work/d" --days 40 --no-serve >"$work/demo.log" 2>&1 || { bad "no demonstration city"; cat "$work/demo.log"; finish; }
serve "$work/d" || { bad "does not start"; finish; }
link=$(grep -o 'token=[0-9a-f]*' "$work/serve.log" | head -1 | cut -d= -f2)
python3 - "$url" "$link" >"$work/said" 2>"$work/trace" <<'P'
import datetime, json, sys, urllib.error, urllib.request, urllib.parse
url, link = sys.argv[1], sys.argv[2]
jar, csrf = {}, ""
def call(method, path, body=None, headers=None):
    h = {"Content-Type": "application/json", "Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
    if csrf: h["X-QF-CSRF"] = csrf
    h.update(headers or {})
    req = urllib.request.Request(url + path, method=method, headers=h, data=None if body is None else json.dumps(body).encode())
    try: r = urllib.request.urlopen(req)
    except urllib.error.HTTPError as e: r = e
    for c in r.headers.get_all("Set-Cookie") or []:
        k, v = c.split(";")[0].split("=", 1); jar[k] = v
    text = r.read().decode()
    try: j = json.loads(text)
    except ValueError: j = text
    return r.status, j, r.headers
def say(what, good, more=""): print(("OK " if good else "BAD ") + what, more if not good else "")
s, j, _ = call("POST", "/api/v1/login", {"token": link}); csrf = j.get("csrf", "")
def act(user):
    global csrf
    s, j, _ = call("POST", f"/api/v1/users/{user}/act", {})
    assert s == 200, (user, s, j)
    csrf = j["csrf"]
say("sign in", s == 200, j)

act("reviewer-industry")
today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
last = today.year * 12 + today.month - 2
path = f"/api/v1/campaigns/energy_p205/{last}"
s, before, _ = call("GET", path)
say("campaign", s == 200 and before["owed"] == 123 and len(before["units"]) == 123, (s, before if s != 200 else before["owed"]))
states = [u["state"] for u in before["units"]]
filed = sum(1 for x in states if x not in ("", "draft", "withdrawn"))
say("filed is what the units say", before["filed"] == filed, (before["filed"], filed))
say("accepted is what the units say", before["accepted"] == states.count("accepted"), before["accepted"])
say("coverage", before["coverage"]["num"] == filed and before["coverage"]["den"] == 123 and abs(before["coverage"]["value"] - filed / 123) < 6e-5)
unit = next(u for u in before["units"] if u["state"] == "")["subject"]
due = datetime.date.fromisoformat(before["due"])
say("due on or after the 10th, on a working day", due.day >= 10 and due >= datetime.date(today.year, today.month, 10), before["due"])
say("overdue only after the due day", (before["overdue"] > 0) == (today > due), before["overdue"])
s, j, _ = call("POST", path + "/remind", {"subjects": [unit]}); say("remind", s == 200 and j["reminded"] == 1, (s, j))
s, j, _ = call("GET", "/api/v1/tasks"); todo = [t for t in j["items"] if t["kind"] == "review"]
say("reviewer has reviews", s == 200 and len(todo) > 0 and j["counts"]["review"] == len(todo) == states.count("approved"), (s, len(todo), states.count("approved")))

act("filer-" + unit)
s, j, _ = call("GET", "/api/v1/tasks"); mine = [t for t in j["items"] if t["subject"] == unit and t["month"] == last]
say("filer owes it", len(mine) == 1 and mine[0]["kind"] == ("overdue" if today > due else "file") and mine[0]["reminders"] == 1, j)
say("nobody else's", all(t["subject"] == unit for t in j["items"]), j)
s, j, _ = call("GET", path); say("filer sees his own unit only", [u["subject"] for u in j["units"]] == [unit], j)
s, j, _ = call("POST", path + "/remind", {}); say("a filer reminds nobody", s in (403, 404), (s, j))
s, j, _ = call("POST", "/api/v1/filings", {"form": "energy_p205", "sheet": {"subject": unit, "month": last}})
say("draft", s in (200, 201), (s, j))
fid = j["id"]; q = "/api/v1/filings/" + urllib.parse.quote(fid, safe="")
s, f, h = call("GET", q)
def num(r, c): return round(float(r.get(c) or 0), 4)
rows = []
for r in f["last_month"]:
    n = {k: v for k, v in r.items() if k not in ("month", "purchase_value", "purchase_outside", "transport", "raw_material") and v is not None}
    n["subject"], n["month"] = unit, last
    n["opening_stock"] = num(r, "closing_stock"); n["closing_stock"] = n["opening_stock"]
    n["purchase"] = round(num(r, "industrial") * 1.0137 + num(r, "non_industrial"), 4)
    n["consumption"] = n["purchase"]; n["non_industrial"] = num(r, "non_industrial"); n["industrial"] = round(n["consumption"] - n["non_industrial"], 4)
    n["transform_input"] = min(num(r, "transform_input"), n["industrial"]); n["dispatched"] = num(r, "dispatched"); n["transform_output"] = num(r, "dispatched")
    rows.append({k: (str(v) if isinstance(v, float) else v) for k, v in n.items()})
say("last month is beside it", s == 200 and len(rows) > 0, f)
wrong = json.loads(json.dumps(rows)); wrong[0]["closing_stock"] = str(float(rows[0]["closing_stock"]) + 7)
s, j, _ = call("POST", "/api/v1/filings/check", {"form": "energy_p205", "sheet": {"subject": unit, "month": last}, "rows": wrong, "explain": {}})
hit = [x for x in j.get("findings", []) if "r01_stock" in x["id"]]
say("the check says by how much", len(hit) == 1 and hit[0]["severity"] == "block" and "7.00" in hit[0]["text_en"] and "7.00" in hit[0]["text_zh"], j)
def save(rows, explain={}):
    s, f, h = call("GET", q)
    return call("PUT", q, {"rows": rows, "explain": explain}, {"If-Match": h["ETag"]})
def step(name, reason=None):
    s, f, h = call("GET", q)
    return call("POST", q + "/" + name, {"reason": reason} if reason else {}, {"If-Match": h["ETag"]} if h["ETag"] else {})
s, j, _ = save(wrong); say("save", s == 200, (s, j))
s, j, _ = step("submit"); say("stopped at submit", s == 422, (s, j))
s, j, _ = save(rows); s, f, _ = call("GET", q)
explain = {x["id"]: "样本说明 sample explanation" for x in f["findings"] if x["severity"] == "explain"}
say("nothing blocks the right form", not [x for x in f["findings"] if x["severity"] == "block"], f["findings"])
save(rows, explain)
s, j, _ = step("submit"); say("submit", s == 200 and j["state"] == "submitted", (s, j))
s, j, _ = step("approve"); say("a filer approves nothing", s in (403, 409), (s, j))
act("approver-" + unit)
s, j, _ = call("GET", "/api/v1/tasks"); say("approver has it", any(t["kind"] == "approve" and t["filing"] == fid for t in j["items"]), j)
s, j, _ = step("approve"); say("approve", s == 200, (s, j))
act("reviewer-industry")
s, j, _ = call("GET", "/api/v1/tasks"); say("reviewer has it", any(t["kind"] == "review" and t.get("filing") == fid for t in j["items"]), j["counts"])
s, j, _ = step("return"); say("a return needs a reason", s in (400, 422), (s, j))
s, j, _ = step("return", "请附发票 invoices please"); say("return", s == 200, (s, j))
s, j, _ = call("GET", path); say("returned is counted, filed too", j["returned"] == before["returned"] + 1 and j["filed"] == before["filed"] + 1, j["returned"])
act("filer-" + unit)
s, j, _ = call("GET", "/api/v1/tasks"); say("back on the filer's desk", any(t.get("filing") == fid and t["state"] == "returned" for t in j["items"]), j)
s, j, _ = save(rows, explain); s, j, _ = step("submit"); say("submit again", s == 200, (s, j))
act("approver-" + unit); s, j, _ = step("approve"); say("approve again", s == 200, (s, j))
# delegation: the reviewer hands his work to the other reviewer, by day and person
act("reviewer-industry")
s, j, _ = call("POST", "/api/v1/delegations", {"to": "filer-" + unit, "from_day": str(today), "to_day": str(today), "reason": "x"}); say("not to another role", s == 403, (s, j))
s, j, _ = call("POST", "/api/v1/delegations", {"to": "reviewer2-industry", "from_day": str(today), "to_day": str(today), "reason": "出差 travelling"}); say("delegate", s == 200, (s, j))
did = j["id"]
s, j, _ = call("GET", "/api/v1/tasks"); say("his desk is empty", not [t for t in j["items"] if t["kind"] == "review"], j["counts"])
act("reviewer2-industry")
s, j, _ = call("GET", "/api/v1/tasks"); say("the other has it from him", any(t.get("filing") == fid and t.get("delegated_from") == "reviewer-industry" for t in j["items"]), j["items"][:3])
s, j, _ = step("accept"); say("accept", s == 200 and j["state"] == "accepted", (s, j))
s, j, _ = call("GET", "/api/v1/tasks?view=done"); say("done", any(t["filing"] == fid and t["kind"] == "accept" for t in j["items"]), j["items"][:3])
# what the accounts got: purchase + drawn from stock - other than industrial, in the carrier's unit
from decimal import Decimal as D
names = {"33": ("electricity", 10000), "15": ("natural_gas", 10000), "21": ("diesel", 1), "01": ("raw_coal", 1), "02": ("anthracite", 1), "32": ("heat", 1)}
for r in rows:
    if r["code"] not in names: continue
    carrier, per = names[r["code"]]
    want = (D(str(r["purchase"])) + D(str(r["opening_stock"])) - D(str(r["closing_stock"])) - D(str(r.get("non_industrial", 0)))) * per
    s, j, _ = call("GET", "/api/v1/records/energy_monthly/" + urllib.parse.quote(f"{unit}:{last}:{carrier}:purchase", safe=""))
    got = j.get("data", j).get("quantity") if isinstance(j, dict) else None
    say(f"the accounts have {carrier}", s == 200 and got is not None and D(str(got)) == want, (s, got, want))
act("reviewer-industry")
s, j, _ = call("POST", f"/api/v1/delegations/{did}/end", {}); say("end the delegation", s == 200, (s, j))
s, j, _ = call("POST", f"/api/v1/delegations/{did}/end", {}); say("once", s == 409, (s, j))
s, after, _ = call("GET", path)
say("one more filed and accepted", after["filed"] == before["filed"] + 1 and after["accepted"] == before["accepted"] + 1 and after["returned"] == before["returned"], (after["filed"], after["accepted"], after["returned"]))
say("the pass rate says of what", after["pass_rate"]["num"] == after["accepted"] and after["pass_rate"]["den"] == after["filed"], after["pass_rate"])
s, j, _ = call("POST", path + "/remind", {"subjects": [unit]}); say("who has filed is not reminded", s == 404, (s, j))
act("filer-" + unit)
s, j, _ = call("GET", "/api/v1/tasks?view=mine"); say("begun by me", any(t["filing"] == fid and t["state"] == "accepted" for t in j["items"]), j["items"][:2])
s, j, _ = call("GET", "/api/v1/findings"); say("findings of the own unit only", s == 200 and all((x.get("subject") or "").split(".")[0] == unit for x in j["items"]), j["items"][:2])
act("officer-industry")
s, j, _ = call("GET", "/api/v1/findings?size=1000"); say("findings", s == 200 and j["total"] > 0 and not any("did not finish" in x["text"]["en"] for x in j["items"]), [x["text"]["en"] for x in j["items"] if "did not finish" in x["text"]["en"]][:3])
s, j, _ = call("GET", "/api/v1/tasks"); say("findings on the officer's desk", j["counts"].get("finding", 0) > 0, j["counts"])
s, j, _ = call("GET", "/api/v1/calendar?year=2026"); d = {x["day"]: x["kind"] for x in j["days"]}
say("calendar", len(d) == 365 and d["2026-10-01"] == "holiday" and j["published"], d.get("2026-10-01"))
for bad in ("/api/v1/campaigns/energy_p205/2026-13", "/api/v1/tasks?view=all"):
    s, j, _ = call("GET", bad); say("bad " + bad, s == 400, (s, j))
s, j, _ = call("GET", f"/api/v1/campaigns/nothing/{last}"); say("no such form", s == 404, (s, j))
print("END")
# a form of the running month, begun before it is owed, stands on its filer's desk all the same, once
act("filer-" + unit)
s, j, _ = call("POST", "/api/v1/filings", {"form": "energy_p205", "sheet": {"subject": unit, "month": last + 1}}); early = j.get("id")
s, j, _ = call("GET", "/api/v1/tasks"); mine = [t for t in j["items"] if t.get("filing") == early]
say("a draft of the running month", s == 200 and len(mine) == 1 and mine[0]["kind"] == "file" and mine[0]["state"] == "draft", j)
say("each form once", len({t["filing"] for t in j["items"] if t.get("filing")}) == len([t for t in j["items"] if t.get("filing")]), j)
P
while IFS= read -r line; do
  case $line in "OK "*) ok ;; "BAD "*) bad "${line#BAD }" ;; esac
done <"$work/said"
grep -q '^END' "$work/said" || { bad "the campaign broke off"; tail -5 "$work/trace"; }
is "a stranger has no desk" "$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/tasks")" 401
finish
