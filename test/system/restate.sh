#!/usr/bin/env bash
# A published figure that changes keeps old and new, with the reason: by a factor that two persons correct, by late readings; nothing
# typed gets into a publication; a rebuild keeps it all.
. test/system/lib.sh
"$QF" demo --data "$work/d" --days 70 --no-serve >"$work/demo.log" 2>&1 || { bad "no demonstration city"; cat "$work/demo.log"; finish; }
token=$("$QF" token add --data "$work/d" --scope write)
cat >"$work/restate.py" <<'P'
import datetime, decimal, json, sys, urllib.error, urllib.parse, urllib.request
url, link, token, kept, phase = sys.argv[1:6]
D = decimal.Decimal
jar, csrf = {}, ""
def call(method, path, body=None, headers=None):
    h = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
    if csrf: h["X-QF-CSRF"] = csrf
    if body is not None and not isinstance(body, bytes): body = json.dumps(body).encode(); h["Content-Type"] = "application/json"
    h.update(headers or {})
    req = urllib.request.Request(url + path, method=method, headers=h, data=body)
    try: r = urllib.request.urlopen(req, timeout=120)
    except urllib.error.HTTPError as e: r = e
    for c in r.headers.get_all("Set-Cookie") or []:
        k, v = c.split(";")[0].split("=", 1); jar[k] = v
    text = r.read().decode()
    try: return r.status, json.loads(text, parse_float=D, parse_int=D)
    except ValueError: return r.status, text
def say(what, good, more=""): print(("OK " if good else "BAD ") + what, more if not good else "", flush=True)
def act(user):
    global csrf
    s, j = call("POST", f"/api/v1/users/{user}/act", {}); assert s == 200, (user, s, j); csrf = j["csrf"]
def step(filing, version, name="accept", reason=None):
    return call("POST", "/api/v1/filings/" + urllib.parse.quote(filing, safe="") + "/" + name, {"reason": reason} if reason else {}, {"If-Match": f'"{int(version)}"'})
s, j = call("POST", "/api/v1/login", {"token": link}); csrf = j["csrf"]
now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
m = now.year * 12 + now.month - 2; month = f"{m // 12}-{m % 12 + 1:02d}"; running = f"{now.year}-{now.month:02d}"
FIG, SUB = "industry.co2_total", "u001"
ask = f"?subject={SUB}&period={month}"
figure = lambda: call("GET", f"/api/v1/figures/{FIG}{ask}")[1]
why = lambda: call("GET", f"/api/v1/why/{FIG}{ask}&depth=2")[1]
restated = lambda: call("GET", f"/api/v1/restatements?figure={FIG}&subject={SUB}")[1]["items"]
near = lambda a, b: abs(D(a) - D(b)) < D("1e-8")
def publish(**more): return call("POST", "/api/v1/publications", {"figure": FIG, "subject": SUB, "period": month, "reason": "monthly bulletin", **more})

if phase == "rebuilt":
    act("auditor-industry")
    old = json.load(open(kept))
    have = json.loads(json.dumps([restated(), call("GET", "/api/v1/publications")[1]["items"]], default=str))
    say("a rebuild keeps publications and restatements", have == old, (have, old))
    f = figure(); say("and the figure shows them", len(f["restated"]) == 2 and f["published"]["value"] is not None, f.get("restated"))
    sys.exit()

act("officer-industry")
point = {"subject": SUB, "name_zh": "补采气表", "name_en": "Late gas meter", "carrier": "natural_gas", "flow": "purchase", "unit": "m3", "kind": "interval", "k": "1",
         "period_s": 900, "stamp": "end", "level": 1}
s, j = call("POST", "/api/v1/records/point", {"id": "late,p=gas v", "data": point}); say("a gas meter", s == 200, (s, j))
def send(day, v):
    t0 = int(datetime.datetime(m // 12, m % 12 + 1, day, tzinfo=now.tzinfo).timestamp())
    lines = "\n".join(f"late,p=gas v={v} {t0 + 900 * (i + 1)}" for i in range(96))
    req = urllib.request.Request(url + "/write?precision=s", method="POST", data=lines.encode(), headers={"Authorization": "Token " + token})
    return urllib.request.urlopen(req).status
send(3, 10); restated()
before = figure(); say("nothing is published", "published" not in before and before["value"], before)
say("why says nothing of it", "restatement" not in why())

s, j = publish(value="1"); say("a value cannot be given", s == 400, (s, j))
s, j = call("POST", "/api/v1/publications", {"figure": FIG, "subject": SUB, "period": month}); say("a reason is needed", s == 400, (s, j))
s, j = publish(period=running); say("a month that runs cannot be published", s in (400, 409), (s, j))
s, j = publish(figure="industry.nothing"); say("no such figure", s in (400, 404), (s, j))
s, p = publish(); say("proposed", s == 202 and p["state"] == "proposed", (s, p))
say("not published by one", "published" not in figure())
s, j = step(p["filing"], p["version"]); say("not accepted by the same person", s == 403, (s, j))
# rows typed past the address are overwritten by what the kernel computes
sheet = {"figure": "industry.electricity", "subject": SUB, "period_from": m, "period_to": m}
s, j = call("POST", "/api/v1/filings", {"form": "publication", "sheet": sheet, "rows": [dict(sheet, value="1", unit="x", factors="[]", book_seq=0)]})
say("a draft", s in (200, 201), (s, j))
s, d = call("GET", "/api/v1/filings/" + urllib.parse.quote(j["id"], safe="")); e = call("GET", f"/api/v1/figures/industry.electricity{ask}")[1]
say("what is typed is overwritten", near(d["rows"][0]["value"], e["value"]) and d["rows"][0]["unit"] == e["unit"], (d["rows"], e["value"]))
act("filer-u001"); s, j = publish(); say("a filer proposes nothing", s == 403, (s, j))
act("reviewer-industry")
s, j = step(p["filing"], p["version"]); say("accepted by a second", s == 200 and j["state"] == "accepted", (s, j))
f = figure()
say("published is what was computed", near(f["published"]["value"], before["value"]) and near(f["value"], before["value"]) and f["restated"] == [], (f.get("published"), f["value"]))
say("a publication names its factors", "ef.grid.CN-LN@" in json.dumps(call("GET", "/api/v1/publications")[1]["items"][0]["factors"]))
say("nothing to restate", restated() == [])

# a factor, corrected by two persons: the figure moves by the share of electricity, by as much as the factor
s, t = call("GET", f"/api/v1/figures/{FIG}/trend{ask}&by=carrier")
power = next(x["months"][0]["num"] for x in t if x["key"] == "electricity")
edition = next(x["version"] for x in before["factors"] if x["id"] == "ef.grid.CN-LN")
s, r = call("GET", f"/api/v1/records/factor/ef.grid.CN-LN@{edition}")
data = {k: (str(v) if isinstance(v, D) else v) for k, v in r.items() if k not in ("id", "version", "by", "at", "seq") and v is not None}
data["edition"] = int(edition); data["value"] = format(round(D(r["value"]) * 2, 9), "f")
act("officer-industry")
later = dict(data, edition=99, valid_from="2031-01-01"); later.pop("valid_to", None)
s, j = call("POST", "/api/v1/records/factor", {"id": "ef.grid.CN-LN@99", "data": later, "reason": "of 2031"}); say("an edition of later years is proposed", s == 202, (s, j))
c = j["filings"][0]; act("reviewer-industry")
s, j = step(c["id"], c["version"]); say("decided, it moves nothing", s == 200 and restated() == [], (s, j))
act("officer-industry")
s, j = call("POST", "/api/v1/records/factor", {"id": r["id"], "data": data, "reason": "misprint in the notice"}); say("a correction is proposed", s == 202, (s, j))
say("proposed changes nothing", figure()["value"] == before["value"] and restated() == [])
c = j["filings"][0]; act("reviewer-industry")
s, j = step(c["id"], c["version"]); say("and decided by a second", s == 200, (s, j))
seq = j["seq"]
rs = restated(); f = figure()
say("the figure moved by the share of electricity", near(f["value"], before["value"] + power), (f["value"], before["value"], power))
say("one restatement", len(rs) == 1, rs); x = rs[0]
say("old and new", near(x["old"], before["value"]) and near(x["new"], f["value"]) and near(x["difference"], power), x)
say("the reason of the correction", x["reason"] == "misprint in the notice", x["reason"])
say("the cause is the factor's change", any(k["type"] == "factor" and k["id"] == r["id"] and k["seq"] == seq for k in x["cause"]["records"]) and x["cause"]["readings"] is False, x["cause"])
say("an edition that the figure does not use is no cause", "ef.grid.CN-LN@99" not in json.dumps(x["cause"], default=str), x["cause"])
say("told once", len(restated()) == 1)
say("the published value stays", near(f["published"]["value"], before["value"]) and near(f["restated"][0]["new"], f["value"]), f["published"])
w = why()
say("why shows both", near(w["restatement"]["published"], before["value"]) and near(w["restatement"]["now"], w["value"]) and near(w["restatement"]["difference"], power)
    and w["restatement"]["changes"][0]["reason"] == "misprint in the notice", w.get("restatement"))
say("and its sum is the figure of now", near(sum(k["value"] for k in w["children"]), w["value"]), w["value"])

# readings that come late into the published month: a day of 96 quarters of 10 m3
unit = call("GET", "/api/v1/records/factor?q=ef.natural_gas")[1]["items"]
gas = unit[0]["value"]
say("late readings are taken", send(5, 10) == 204)
rs = restated(); g = figure()
say("a second restatement", len(rs) == 2, len(rs)); x = rs[0]
say("it begins where the last one ended", near(x["old"], f["value"]) and near(x["new"], g["value"]) and near(x["published"], before["value"]), x)
say("late readings are the cause", x["cause"]["readings"] is True and x["cause"]["records"] == [] and "late readings" in x["reason"], x)
say("it grew by the gas of that day at least", x["difference"] and D(x["difference"]) >= 960 * gas - D("1e-6"), (x["difference"], gas))
say("the filed figure is untouched", g["published"] == f["published"], g["published"])

act("filer-u002"); say("another unit's restatements are not shown", restated() == [])
act("auditor-industry")
json.dump([restated(), call("GET", "/api/v1/publications")[1]["items"]], open(kept, "w"), default=str)
P
run() {
  serve "$work/d" || { bad "does not start"; finish; }
  link=$(grep -o 'token=[0-9a-f]*' "$work/serve.log" | head -1 | cut -d= -f2)
  python3 "$work/restate.py" "$url" "$link" "$token" "$work/kept.json" "$1" >"$work/said" 2>"$work/trace" || { cat "$work/trace"; bad "$1 broke off"; }
  while read -r how what; do case $how in OK) ok ;; *) bad "$what" ;; esac; done <"$work/said"
}
run first
month=$(python3 -c 'import datetime as d; n=d.datetime.now(d.timezone(d.timedelta(hours=8))); m=n.year*12+n.month-2; print(f"{m//12}-{m%12+1:02d}")')
has "the command line shows it" "$("$QF" figure industry.co2_total --subject u001 --period "$month" --data "$work/d")" "misprint in the notice"
stop "$pid"
code 0 "$QF" verify --data "$work/d"
code 0 "$QF" rebuild --data "$work/d"
run rebuilt
stop "$pid"
finish
