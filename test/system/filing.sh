#!/usr/bin/env bash
# Forms, records and filings over HTTP in the sample city: description, template, check, four eyes, versions, evidence, import, other
# people's forms, two persons for a factor, fifty acceptances at once, and kill -9 in the middle of acceptances.
. test/system/lib.sh
"$QF" demo --data "$work/d" --days 35 --no-serve >"$work/demo.log" 2>&1 || { bad "no demonstration city"; cat "$work/demo.log"; finish; }
serve "$work/d" || { bad "does not start"; finish; }
cat >"$work/client.py" <<'P'
import json, sys, urllib.error, urllib.parse, urllib.request
class City:
    def __init__(self, url, link=None): self.url, self.jar, self.csrf = url, {}, ""; link and self.login(link)
    def raw(self, method, path, body=None, headers=None):
        h = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items())}
        if self.csrf: h["X-QF-CSRF"] = self.csrf
        if body is not None and not isinstance(body, bytes): body = json.dumps(body).encode(); h["Content-Type"] = "application/json"
        elif body is not None: h["Content-Type"] = "application/octet-stream"
        h.update(headers or {})
        req = urllib.request.Request(self.url + path, method=method, headers=h, data=body)
        try: r = urllib.request.urlopen(req, timeout=60)
        except urllib.error.HTTPError as e: r = e
        for c in r.headers.get_all("Set-Cookie") or []:
            k, v = c.split(";")[0].split("=", 1); self.jar[k] = v
        return r.status, r.read(), r.headers
    def call(self, *a, **k):
        s, b, h = self.raw(*a, **k)
        try: return s, json.loads(b), h
        except ValueError: return s, b, h
    def login(self, link): s, j, _ = self.call("POST", "/api/v1/login", {"token": link}); assert s == 200, j; self.csrf = j["csrf"]
    def act(self, user): s, j, _ = self.call("POST", f"/api/v1/users/{user}/act", {}); assert s == 200, (user, j); self.csrf = j["csrf"]
def say(what, good, more=""): print(("OK " if good else "BAD ") + what, more if not good else "", flush=True)
def quoted(s): return urllib.parse.quote(s, safe="")
P
cat >"$work/one.py" <<'P'
import concurrent.futures, datetime, hashlib, io, sys, zipfile
from client import *
url, link = sys.argv[1:3]
c = City(url, link)
c.act("filer-u001")
s, j, _ = c.call("GET", "/api/v1/types"); forms = {f["type"]: f for f in j["items"]}
say("types", s == 200 and "energy_p205" in forms and not {"token", "user", "grant", "filing", "comment", "evidence"} & set(forms), sorted(forms))
p205 = forms["energy_p205"]
say("flow", [x["name"] for x in p205["flow"]["steps"]][:3] == ["submit", "approve", "accept"] and p205["sheet"] == ["subject", "month"], p205["flow"])
say("evidence column", [x["name"] for x in p205["columns"] if x["evidence"]] == ["test_report"])
say("checks", any(k["id"] == "energy_p205.r01_stock" for k in p205["checks"]))
choices = [x.get("choices") for x in forms["energy_monthly"]["columns"] if x["name"] == "flow"][0]
say("choices out of CHECK", choices and "purchase" in choices and "sequester" in choices, choices)
s, b, h = c.raw("GET", "/api/v1/types/energy_p205/template?format=csv"); head = b.decode("utf-8-sig").strip().split(",")
say("template csv", s == 200 and len(head) == len(p205["columns"]) and head[0] == p205["columns"][0]["title"]["zh"], head)
s, b, h = c.raw("GET", "/api/v1/types/energy_p205/template?format=xlsx")
say("template xlsx", s == 200 and "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(b)).namelist())
for t in ("token", "user", "filing", "evidence", "nothing"):
    s, j, _ = c.call("GET", f"/api/v1/records/{t}"); say(f"no generic way to {t}", s == 404, (s, j))
s, j, _ = c.call("POST", "/api/v1/records/filing", {"id": "x", "data": {}}); say("nor to write a filing", s == 404, (s, j))

month = 2031 * 12  # far from the sample's own months: nothing metered, nothing filed before
sheet = {"subject": "u001", "month": month}
row = {"code": "01", "opening_stock": "0", "purchase": "10", "consumption": "10", "industrial": "10", "closing_stock": "0", "coefficient": "0.7143"}
s, j, _ = c.call("POST", "/api/v1/filings/check", {"form": "energy_p205", "sheet": sheet, "rows": [dict(row, purchase="1O"), dict(row, code="02", closing_stock="5")]})
ids = [f["id"] for f in j["findings"]]
say("judged while typed", s == 200 and any(i.startswith("value.purchase") for i in ids) and any(f["row_no"] == 2 and f["severity"] == "block" for f in j["findings"]), j)
say("sorted by row", [f["row_no"] or 10**6 for f in j["findings"]] == sorted(f["row_no"] or 10**6 for f in j["findings"]))
s, j, _ = c.call("POST", "/api/v1/filings/check", {"form": "energy_p205", "sheet": dict(sheet, subject="u002"), "rows": []}); say("not for another's", s == 403, (s, j))
s, j, _ = c.call("POST", "/api/v1/filings", {"form": "energy_p205", "sheet": dict(sheet, subject="u002"), "rows": []}); say("nor a draft", s == 403, (s, j))
s, j, _ = c.call("POST", "/api/v1/filings", {"form": "energy_p205", "sheet": sheet, "rows": [row], "more": 1}); say("unknown fields are refused", s == 400, (s, j))
s, j, h = c.call("POST", "/api/v1/filings", {"form": "energy_p205", "sheet": sheet, "rows": [dict(row, closing_stock="3")]})
say("draft", s == 201 and h["ETag"] == '"1"', (s, j)); fid = j["id"]; q = "/api/v1/filings/" + quoted(fid)
s, j, _ = c.call("POST", "/api/v1/filings", {"form": "energy_p205", "sheet": sheet}); say("once only", s == 409 and j["error"]["where"]["id"] == fid, (s, j))
s, j, _ = c.call("PUT", q, {"rows": [row]}); say("428 without If-Match", s == 428, (s, j))
s, j, _ = c.call("PUT", q, {"rows": [row]}, {"If-Match": '"9"'}); say("412 tells the present version", s == 412 and j["error"]["where"]["version"] == 1, (s, j))
s, j, h = c.call("POST", q + "/submit", {}, {"If-Match": '"1"'}); say("a check stops it", s == 422 and any(f["severity"] == "block" for f in j["error"]["where"]["findings"]), (s, j))

pdf = b"%PDF-1.4 laboratory"; sha = hashlib.sha256(pdf).hexdigest()
s, j, _ = c.call("POST", q + "/evidence?field=test_report&row_key=01&name=" + quoted("化验单.pdf"), pdf); say("evidence", s == 201 and j["sha256"] == sha and j["type"] == "pdf", (s, j))
for name, bad in (("a.html", b"<html><script>alert(1)</script>"), ("a.svg", b"<svg onload=alert(1)>"), ("a.exe", b"MZ\x00\x01"), ("../a.txt", b"x"), ("a.txt", b"")):
    s, j, _ = c.call("POST", q + "/evidence?field=test_report&name=" + quoted(name), bad); say(f"evidence {name} refused", s == 400, (s, j))
s, j, _ = c.call("POST", q + "/evidence?name=a.txt", b"x" * (20 << 20 | 1)); say("over 20 MiB refused", s == 400, (s, j))
s, b, h = c.raw("GET", f"/api/v1/evidence/{sha}")
say("served to be saved only", s == 200 and b == pdf and h["Content-Disposition"].startswith("attachment") and h["X-Content-Type-Options"] == "nosniff" and "sandbox" in h["Content-Security-Policy"] and h["Content-Type"] == "application/octet-stream", dict(h))
s, j, h = c.call("PUT", q, {"rows": [dict(row, coefficient="0.7100", test_report=sha)]}, {"If-Match": '"1"'}); say("saved", s == 200 and j["version"] == 2, (s, j))
s, j, h = c.call("GET", q)
say("one with everything", s == 200 and h["ETag"] == '"2"' and {"edit", "submit"} <= set(j["can"]) and "accept" not in j["can"] and j["evidence"][0]["name"] == "化验单.pdf" and j["org"] == "u001", j)
blocks = [f for f in j["findings"] if f["severity"] == "block"]; say("nothing blocks now", not blocks, blocks)
why = {f["id"]: "sample" for f in j["findings"] if f["severity"] == "explain"}
s, j, h = c.call("PUT", q, {"explain": why}, {"If-Match": '"2"'})
s, j, h = c.call("POST", q + "/submit", {}, {"If-Match": '"3"'}); say("submitted", s == 200 and j["state"] == "submitted" and j["receipt"], (s, j)); receipt = j["receipt"]
s, b, _ = c.raw("GET", receipt); open("receipt.json", "wb").write(b); say("receipt", s == 200 and fid.encode() in b, b[:300])
s, j, _ = c.call("PUT", q, {"rows": []}, {"If-Match": '"4"'}); say("submitted rows stand", s == 409, (s, j))

c.act("filer-u002")
for m, p, b in (("GET", q, None), ("PUT", q, {"rows": []}), ("POST", q + "/withdraw", {}), ("GET", q + "/history", None), ("GET", q + "/diff", None), ("POST", q + "/comments", {"text": "x"}), ("POST", q + "/evidence?name=a.txt", b"x"), ("GET", f"/api/v1/evidence/{sha}", None)):
    s, j, _ = c.call(m, p, b, {"If-Match": '"4"'}); say(f"another's: {m} {p[-12:]}", s == 404, (s, j))
s, j, _ = c.call("GET", "/api/v1/filings?size=1000"); say("lists hold own forms only", s == 200 and {x["subject"] for x in j["items"]} <= {"u002", None}, {x["subject"] for x in j["items"]})
s, j, _ = c.call("GET", "/api/v1/records/energy_monthly?size=1000"); own = {x["subject"].split(".")[0] for x in j["items"]}; say("and own records", s == 200 and own <= {"u002"}, own)
s, j, _ = c.call("GET", "/api/v1/records/subject?size=1000"); seen = {x["id"].split(".")[0] for x in j["items"] if x["kind"] not in ("city", "district")}; say("and own subjects", seen == {"u002"}, seen)

c.act("approver-u001")
s, j, _ = c.call("POST", q + "/comments", {"row_key": "01", "field": "coefficient", "text": "Which laboratory?"}); say("comment", s == 201, (s, j)); cid = j["id"]
s, j, _ = c.call("POST", q + f"/comments/{cid}/resolve", {}); say("comment resolved", s == 200, (s, j))
s, j, _ = c.call("POST", q + "/approve", {}, {"If-Match": '"4"'}); say("approved by another", s == 200 and j["state"] == "approved", (s, j))
s, j, _ = c.call("POST", q + "/accept", {}, {"If-Match": '"5"'}); say("an enterprise accepts nothing", s == 403, (s, j))
c.act("reviewer-industry")
s, j, _ = c.call("POST", q + "/return", {}, {"If-Match": '"5"'}); say("a return needs a reason", s == 400, (s, j))
def accept(_):
    return c.call("POST", q + "/accept", {}, {"If-Match": '"5"'})[0]
with concurrent.futures.ThreadPoolExecutor(50) as pool: got = list(pool.map(accept, range(50)))
say("fifty at once, one accepts", got.count(200) == 1 and got.count(412) == 49, sorted(got))
s, j, _ = c.call("GET", f"/api/v1/records/energy_p205?subject=u001&month={month}"); rows = j["items"]
s, j, _ = c.call("GET", q); say("rows stand in the filing's own entry", len(rows) == 1 and rows[0]["seq"] == j["seq"] and j["comments"][0]["resolved"], (rows, j["seq"]))
s, j, _ = c.call("GET", f"/api/v1/records/energy_monthly?subject=u001&month={month}"); say("what it gives", [(x["carrier"], float(x["quantity"])) for x in j["items"]] == [("raw_coal", 10.0)] and j["items"][0]["seq"] == rows[0]["seq"], j)
s, j, _ = c.call("GET", q + "/history"); say("history", [x["step"] for x in j["items"]] == ["accept", "approve", "submit", "edit", "edit", "edit"], j)
s, j, _ = c.call("GET", q + "/diff?from=1&to=2"); say("difference", sorted(x["field"] for x in j["items"]) == ["closing_stock", "coefficient", "test_report"], j)

# import: what is refused, what changes, into a draft; a workbook; the same again
c.act("filer-u001")
titles = {x["name"]: x["title"]["zh"] for x in p205["columns"]}
cols = ["code", "subject", "month", "purchase", "consumption", "industrial"]
csv = "\n".join([",".join(titles[x] for x in cols), "01,u001,2031-02,5,5,5", "02,u001,2031年2月,x,1,1", "01,u002,2031-02,5,5,5", '03,u001,203102,"1,234.5",0,0']).encode("gb18030")
s, j, _ = c.call("POST", "/api/v1/records/energy_p205/import?format=csv", csv)
say("dry run", s == 200 and not j["committed"] and j["new"] == 2 and [(x["row"], x["value"]) for x in j["refused"]] == [(3, "x"), (4, "u002")] and j["refused"][0]["header"] == titles["purchase"], j)
s, b, h = c.raw("POST", "/api/v1/records/energy_p205/import?format=csv&refused=csv", csv); say("refused rows as a file", s == 200 and b.decode("utf-8-sig").count("\r\n") == 3 and "x" in b.decode(), b)
s, j, _ = c.call("POST", "/api/v1/records/energy_p205/import?format=csv&commit=1", csv); say("into the draft", s == 200 and j["filings"] == [f"energy_p205:u001:{month + 1}"], j)
s, j, _ = c.call("POST", "/api/v1/records/energy_p205/import?format=csv&commit=1", csv); say("the same again changes nothing", s == 200 and j["filings"] == [], j)
x = io.BytesIO()
with zipfile.ZipFile(x, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>')
    z.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>')
    cell = lambda v: f'<c t="inlineStr"><is><t>{v}</t></is></c>'
    z.writestr("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>" + "".join(cell(titles[k]) for k in cols) + "</row><row>" + "".join(cell(v) for v in ("01", "u001", "2031-02")) + "<c><v>6.5</v></c><c><v>6.5</v></c><c><v>6.5</v></c></row></sheetData></worksheet>")
s, j, _ = c.call("POST", "/api/v1/records/energy_p205/import?format=xlsx&commit=1", x.getvalue()); say("workbook", s == 200 and j["filings"] == [f"energy_p205:u001:{month + 1}"] and not j["refused"], j)
s, j, _ = c.call("GET", f"/api/v1/filings/energy_p205:u001:{month + 1}"); say("one row changed, one kept", {r["code"]: r["purchase"] for r in j["rows"]} == {"01": "6.500000", "03": "1234.500000"}, j["rows"])
s, j, _ = c.call("POST", "/api/v1/records/energy_p205/import?format=xlsx", b"PK\x03\x04 no"); say("no workbook", s == 400, (s, j))

# a factor needs two persons
c.act("officer-industry")
factor = {"factor": "k.test", "edition": 1, "value": "1.5", "unit": "kgce/t", "valid_from": "2031-01-01", "source": "test", "certainty": "M", "name_zh": "试", "name_en": "Test"}
s, j, _ = c.call("POST", "/api/v1/records/factor", {"data": factor}); say("a proposal needs a reason", s == 400, (s, j))
s, j, _ = c.call("POST", "/api/v1/records/factor", {"id": "k.other@1", "data": factor, "reason": "new"}); say("an id that is not its key's", s == 400, (s, j))
s, j, _ = c.call("POST", "/api/v1/records/factor", {"id": "k.test@1", "data": factor, "reason": "new"}); say("proposed", s == 202 and j["filings"][0]["state"] == "proposed", (s, j)); f = j["filings"][0]
s, _, _ = c.call("GET", "/api/v1/records/factor/k.test@1"); say("not yet there", s == 404, s)
fq = "/api/v1/filings/" + quoted(f["id"])
s, j, _ = c.call("POST", fq + "/accept", {}, {"If-Match": f'"{f["version"]}"'}); say("not by the same", s == 403, (s, j))
c.act("reviewer-industry")
s, j, _ = c.call("POST", fq + "/accept", {}, {"If-Match": f'"{f["version"]}"'}); say("decided by a second", s == 200, (s, j))
s, j, h = c.call("GET", "/api/v1/records/factor/k.test@1"); say("there", s == 200 and j["value"] == 1.5 and h["ETag"] == '"1"', (s, j))
c.act("officer-industry")
made = 0
for i in range(80):
    s, j, _ = c.call("POST", "/api/v1/records/factor", {"data": dict(factor, factor=f"k.crash{i}"), "reason": "crash"}); made += s == 202
say("proposals for the crash", made == 80, made)
s, j, _ = c.call("POST", "/api/v1/records/carrier", {"id": "x", "data": {"name_zh": "x"}}); say("a bad record is told", s == 400, (s, j))
P
cat >"$work/crash.py" <<'P'
# Four threads accept; the server is killed when some have been answered. What was answered must be there afterwards.
import concurrent.futures, os, signal, sys, threading
from client import *
url, link, pid = sys.argv[1], sys.argv[2], int(sys.argv[3])
c = City(url, link); c.act("reviewer-industry")
done, lock = [], threading.Lock()
def accept(i):
    try: s = c.call("POST", f"/api/v1/filings/factor:k.crash{i}:1/accept", {}, {"If-Match": '"1"'})[0]
    except OSError: return
    except Exception: return
    if s == 200:
        with lock:
            done.append(i)
            if len(done) == 30: os.kill(pid, signal.SIGKILL)
with concurrent.futures.ThreadPoolExecutor(4) as pool: list(pool.map(accept, range(80)))
json.dump(done, open("done.json", "w"))
P
cat >"$work/after.py" <<'P'
import sys
from client import *
url, link = sys.argv[1:3]
c = City(url, link); c.act("reviewer-industry")
done = json.load(open("done.json")); wrong, lost, accepted = [], [], 0
for i in range(80):
    s, f, _ = c.call("GET", f"/api/v1/filings/factor:k.crash{i}:1"); r, rec, _ = c.call("GET", f"/api/v1/records/factor/k.crash{i}@1")
    there = r == 200; accepted += there
    if (f["state"] == "accepted") != there or (there and rec["seq"] != f["seq"]): wrong.append((i, f["state"], r))
    if i in done and not there: lost.append(i)
say("killed in the middle", 30 <= len(done) < 80, len(done))
say("no half-accepted form", not wrong, wrong)
say("nothing answered is lost", not lost and accepted >= len(done), lost)
P
link() { grep -o 'token=[0-9a-f]*' "$work/serve.log" | tail -n 1 | cut -d= -f2; }
counted() { while read -r mark rest; do case $mark in OK) ok ;; BAD) bad "$rest" ;; *) bad "$mark $rest" ;; esac; done <"$1"; }
root=$PWD
cd "$work" && python3 one.py "$url" "$(cd "$root" && link)" >said 2>trace; [ $? = 0 ] || bad "one.py: $(tail -n 3 trace)"
cd "$root"; counted "$work/said"
curl -s "$url/api/v1/heads/key" >"$work/key.txt"
code 0 "$QF" verify --receipt "$work/receipt.json" --key "$work/key.txt"
stop "$pid"; serve "$work/d" || bad "does not start again"
(cd "$work" && python3 crash.py "$url" "$(link)" "$pid") 2>"$work/trace" || bad "crash.py: $(tail -n 3 "$work/trace")"
wait "$pid" 2>/dev/null
serve "$work/d" || { bad "does not start after the crash"; finish; }
(cd "$work" && python3 after.py "$url" "$(link)" >said 2>trace) || bad "after.py: $(tail -n 3 "$work/trace")"
counted "$work/said"
stop "$pid"
code 0 "$QF" verify --data "$work/d"
finish
