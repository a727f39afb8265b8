"""A hundred officers at their pages: seats, sessions and what each kind of person asks for; bench/officers.c does the asking. Standard library only."""
import http.client, json, os, subprocess
from urllib.parse import quote

SEATS = ((("filer-u001", "filer"), 5), (("officer-industry", "officer"), 2), (("reviewer-industry", "officer"), 2), (("approver-u001", "desk"), 1))  # of every ten
# What a person of the kind asks for, with weights.
MIX = {
    "filer": (("tasks", 3), ("list", 2), ("one form", 3), ("check while typing", 6), ("save draft", 2), ("enterprise page", 2), ("figures", 1)),
    "officer": (("tasks", 3), ("list", 3), ("one form", 3), ("campaign", 3), ("figures", 3), ("enterprise page", 3)),
    "desk": (("tasks", 3), ("list", 2), ("one form", 3)),
}

rounds = []


class Session:
    def __init__(self, port, cookie="", csrf=""):
        self.port, self.cookie, self.csrf = port, cookie, csrf
        self.c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body=None, headers=None):
        h = {"Cookie": self.cookie, "X-QF-CSRF": self.csrf, "Content-Type": "application/json", **(headers or {})}
        self.c.request(method, path, None if body is None else json.dumps(body), h)
        r = self.c.getresponse()
        text = r.read()
        for k, v in r.getheaders():
            if k.lower() == "set-cookie":
                self.cookie = v.split(";")[0]
        return r.status, json.loads(text) if text[:1] in (b"{", b"[") else {}

    def seat(self, qf, folder, user):
        link = subprocess.run([qf, "user", "link", "--data", folder], stdout=subprocess.PIPE, check=True).stdout.decode()
        s, j = self.call("POST", "/api/v1/login", {"token": link.split("token=")[1].split()[0]})
        self.csrf = j["csrf"]
        s, j = self.call("POST", f"/api/v1/users/{user}/act", {})
        if s != 200:
            raise SystemExit(f"no seat for {user}: {s} {j}")
        self.csrf = j["csrf"]


def one_line(j):
    return json.dumps(j, separators=(",", ":"))


def asks(kind, what, weight, forms):
    """Lines of the plan for one page of one kind of person; a page of a form is asked for each of the forms in turn."""
    def line(path, body="", method="GET", part=1.0):
        return f"ask\t{kind}\t{what}\t{weight / part}\t{method}\t{path}\t{body}"
    if what == "tasks":
        return [line("/api/v1/tasks?view=todo")]
    if what == "list":
        return [line("/api/v1/filings?form=energy_p205&size=50")]
    if what == "figures":
        return [line("/api/v1/figures")]
    if what == "enterprise page":
        return [line("/api/v1/subjects/u001")]
    if what == "one form":
        return [line("/api/v1/filings/" + quote(f["id"], safe=""), part=len(forms)) for f in forms]
    if what == "campaign":
        return [line(f"/api/v1/campaigns/energy_p205/{f['month']}", part=len(forms)) for f in forms]
    out = []
    for f in forms:
        rows = [dict(r) for r in f["rows"]]
        rows[0]["purchase"] = "@N"
        if what == "check while typing":
            out.append(line("/api/v1/filings/check", one_line({"form": "energy_p205", "sheet": f["sheet"], "rows": rows}), "POST", len(forms)))
        elif not out:
            rows = [{k: v for k, v in r.items() if k not in ("subject", "month")} for r in rows]
            body = one_line({"form": "energy_p205", "sheet": {"subject": "u001", "month": "@M"}, "rows": rows}).replace('"@M"', "@M")
            out = [f"new\t{kind}\t/api/v1/filings\t{body}", f"save\t{kind}\t{weight}\t{one_line({'rows': rows})}"]
    return out


def measure(qf, folder, port, officers, seconds, think):
    """{what: (count, p50, p99, failed)} in milliseconds."""
    build = os.environ.get("QF_BUILD", os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "build"))
    subprocess.run(["cmake", "--build", build, "--target", "officers"], check=True, stdout=subprocess.DEVNULL)
    sessions, plan, month = {}, [], 12 * 2040 + 100 * len(rounds)  # a draft of one's own in every round
    rounds.append(month)
    for (user, kind), share in SEATS:
        sessions[user] = Session(port)
        sessions[user].seat(qf, folder, user)
        plan.append(f"seat\t{kind}\t{officers * share // 10}\t{sessions[user].cookie}\t{sessions[user].csrf}")
    filer = sessions["filer-u001"]
    ids = [x["id"] for x in filer.call("GET", "/api/v1/filings?form=energy_p205&state=accepted&size=100")[1]["items"]]
    forms = [filer.call("GET", "/api/v1/filings/" + quote(i, safe=""))[1] for i in ids[:12]]
    for kind, pages in MIX.items():
        for what, weight in pages:
            plan += asks(kind, what, weight, forms)
    out = subprocess.run([build + "/bench/officers", "--port", str(port), "--seconds", str(seconds), "--think", str(think), "--month", str(month), "--seed", str(port)],
                         input="\n".join(plan).encode() + b"\n", stdout=subprocess.PIPE, check=True).stdout
    rows = [json.loads(l) for l in out.decode().splitlines()]
    return {r["page"]: (r["n"], r["p50"], r["p99"], r["failed"]) for r in rows}
