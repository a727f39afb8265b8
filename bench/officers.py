"""A hundred officers at their pages: each has a seat and a session and does one thing about every THINK seconds. Standard library only."""
import http.client, json, random, subprocess, threading, time
from urllib.parse import quote

SEATS = ([("filer-u001", "filer")] * 5 + [("officer-industry", "officer")] * 2 + [("reviewer-industry", "officer")] * 2 +
         [("approver-u001", "desk")])  # of every ten
# What a person of the kind asks for, with weights.
MIX = {
    "filer": (("tasks", 3), ("list", 2), ("one form", 3), ("check while typing", 6), ("save draft", 2), ("enterprise page", 2), ("figures", 1)),
    "officer": (("tasks", 3), ("list", 3), ("one form", 3), ("campaign", 3), ("figures", 3), ("enterprise page", 3)),
    "desk": (("tasks", 3), ("list", 2), ("one form", 3)),
}


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


class Officer(threading.Thread):
    def __init__(self, number, session, kind, forms, until, think, out):
        super().__init__(daemon=True)
        self.s, self.kind, self.forms, self.until, self.think, self.out = session, kind, forms, until, think, out
        self.r, self.n, self.draft = random.Random(number), number, None
        self.month = 12 * 2040 + number

    def ask(self, what, method, path, body=None, headers=None, good=(200,)):
        t = time.monotonic()
        s, j = self.s.call(method, path, body, headers)
        self.out.append((what, (time.monotonic() - t) * 1e3, s in good, s))
        return s, j

    def one(self, what):
        form = self.r.choice(self.forms)
        if what == "tasks":
            self.ask(what, "GET", "/api/v1/tasks?view=todo")
        elif what == "list":
            self.ask(what, "GET", "/api/v1/filings?form=energy_p205&size=50")
        elif what == "one form":
            self.ask(what, "GET", "/api/v1/filings/" + quote(form["id"], safe=""))
        elif what == "check while typing":
            rows = [dict(r) for r in form["rows"]]
            rows[0]["purchase"] = f"{self.r.random() * 1e4:.2f}"
            self.ask(what, "POST", "/api/v1/filings/check", {"form": "energy_p205", "sheet": form["sheet"], "rows": rows})
        elif what == "save draft":
            self.save(form)
        elif what == "campaign":
            self.ask(what, "GET", f"/api/v1/campaigns/energy_p205/{form['month']}")
        elif what == "figures":
            self.ask(what, "GET", "/api/v1/figures")
        else:
            self.ask(what, "GET", "/api/v1/subjects/u001")

    def save(self, form):
        rows = [{k: v for k, v in r.items() if k not in ("subject", "month")} for r in form["rows"]]
        rows[0]["purchase"] = f"{self.r.random() * 1e4:.2f}"
        if not self.draft:
            s, j = self.ask("new draft", "POST", "/api/v1/filings", {"form": "energy_p205", "sheet": {"subject": "u001", "month": self.month},
                            "rows": rows}, good=(201,))
        else:
            s, j = self.ask("save draft", "PUT", "/api/v1/filings/" + quote(self.draft[0], safe=""), {"rows": rows},
                            {"If-Match": f'"{self.draft[1]}"'})
        if s < 300:
            self.draft = (j["id"], j["version"])

    def run(self):
        kinds, weights = zip(*MIX[self.kind])
        time.sleep(self.r.random() * self.think)
        while time.monotonic() < self.until:
            self.one(self.r.choices(kinds, weights)[0])
            time.sleep(self.r.random() * 2 * self.think)


def measure(qf, folder, port, officers, seconds, think):
    """{what: (count, p50, p99, failed)} in milliseconds."""
    sessions = {}
    for user, _ in SEATS:
        if user not in sessions:
            sessions[user] = Session(port)
            sessions[user].seat(qf, folder, user)
    filer = sessions["filer-u001"]
    ids = [x["id"] for x in filer.call("GET", "/api/v1/filings?form=energy_p205&state=accepted&size=100")[1]["items"]]
    forms = [filer.call("GET", "/api/v1/filings/" + quote(i, safe=""))[1] for i in ids[:12]]
    out, people, until = [], [], time.monotonic() + seconds
    for i in range(officers):
        user, kind = SEATS[i % len(SEATS)]
        s = sessions[user]
        people.append(Officer(i, Session(port, s.cookie, s.csrf), kind, forms, until, think, out))
    for p in people:
        p.start()
    for p in people:
        p.join(max(0.1, until + 30 - time.monotonic()))
    out = list(out)
    table = {}
    for what in sorted({o[0] for o in out}):
        ms = sorted(o[1] for o in out if o[0] == what)
        table[what] = (len(ms), ms[len(ms) // 2], ms[min(len(ms) - 1, int(len(ms) * 0.99))], sum(1 for o in out if o[0] == what and not o[2]))
    return table
