#!/usr/bin/env python3
"""rights.py people URL LINK FOLDER BINARY STATE | matrix URL LINK: clients of the rights tests. Every line is `ok` or `FAILED: ...`."""
import base64, hashlib, hmac, http.client, json, statistics, struct, subprocess, sys, time, urllib.parse


def check(what, got, want):
    good = got in want if isinstance(want, set) else got == want
    print("ok" if good else f"FAILED: {what}: got {got!r}, expected {want!r}", flush=True)
    return good


def totp(secret, step):  # RFC 6238 by hand
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    o = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[o:o + 4])[0] & 0x7FFFFFFF) % 1000000)


class Client:
    def __init__(self, url, source="127.0.0.1"):
        u = urllib.parse.urlparse(url)
        self.host, self.port, self.source = u.hostname, u.port, source
        self.cookie, self.csrf, self.head = "", "", {}

    def __call__(self, method, path, body=None, headers=None, csrf=True):
        c = http.client.HTTPConnection(self.host, self.port, timeout=60, source_address=(self.source, 0))
        h = dict(headers or {})
        if self.cookie and "Cookie" not in h and "Authorization" not in h:
            h["Cookie"] = self.cookie
        if csrf and self.csrf:
            h.setdefault("X-QF-CSRF", self.csrf)
        data = body if isinstance(body, (bytes, str)) or body is None else json.dumps(body)
        if method == "POST" and data is None:
            data = ""
        c.request(method, path, data, h)
        r = c.getresponse()
        text = r.read()
        self.head = {k.lower(): v for k, v in r.getheaders()}
        new = self.head.get("set-cookie")
        if new:
            self.cookie = new.split(";")[0]
        try:
            j = json.loads(text)
        except ValueError:
            j = None
        if isinstance(j, dict) and j.get("csrf"):
            self.csrf = j["csrf"]
        c.close()
        return r.status, j

    def sid(self):
        return self.cookie.split("=", 1)[1] if self.cookie else ""


def people(url, link, folder, binary, state):
    secrets = []
    P = {n: f"{n} rides otters, {i}x7#kQ" for i, n in enumerate(["sys1", "sec1", "aud1", "fil1", "fil2", "off1", "rev1"])}
    none = Client(url)
    # nothing to try: no default account, no open reading
    for u in ["admin", "root", "setup", "system-admin", "demo", "local"]:
        for p in ["admin", "password", "", "qingfeng", "setup"]:
            if p == "admin" or u == "admin":
                check(f"default account {u}", Client(url, f"127.0.1.{len(secrets) + 1}")("POST", "/api/v1/login", {"user": u, "password": p})[0], {401, 429})
    check("anonymous me", none("GET", "/api/v1/me")[1]["user"], None)
    for path in ["/api/v1/figures", "/api/v1/points", "/api/v1/alarms", "/api/v1/records/subject", "/api/v1/users", "/api/v1/audit", "/api/v1/stream", "/metrics"]:
        check("anonymous " + path, none("GET", path)[0], 401)
    # the owner
    setup = Client(url)
    setup.cookie = "qf_sid=" + "a" * 64  # fixation: an id that somebody planted
    check("setup", setup("POST", "/api/v1/login", {"token": link})[0], 200)
    check("planted id is not taken", setup.sid() != "a" * 64 and len(setup.sid()) == 64, True)
    check("cookie flags", all(f in setup.head["set-cookie"] for f in ["HttpOnly", "SameSite=Strict", "Path=/"]), True)
    check("link once", Client(url)("POST", "/api/v1/login", {"token": link})[0], 401)
    check("me", setup("GET", "/api/v1/me")[1]["user"]["setup"], True)
    check("no seats in a real city", setup("POST", "/api/v1/users/filer-u001/act")[0], 403)
    check("unit", setup("POST", "/api/v1/records/subject", [
        {"id": "210800", "data": {"kind": "city", "name_zh": "营口市", "name_en": "Yingkou"}},
        {"id": "u001", "data": {"parent": "210804", "kind": "unit", "name_zh": "甲", "name_en": "A"}},
        {"id": "u002", "data": {"parent": "210802", "kind": "unit", "name_zh": "乙", "name_en": "B"}}])[0], 200)
    check("user record by /records", setup("POST", "/api/v1/records/user", {"id": "x", "data": {"name": "x", "state": "active"}})[0], 404)
    check("grant record by /records", setup("POST", "/api/v1/records/grant", {"id": "x", "data": {}})[0], 404)
    for t in ("user", "grant", "token"):
        check(f"{t} not listed", setup("GET", f"/api/v1/records/{t}")[0], 404)
        for sub in ("/x", "/x/history", "/template"):
            check(f"{t}{sub}", setup("GET", f"/api/v1/records/{t}{sub}")[0], 404)
            check(f"types {t}{sub}", setup("GET", f"/api/v1/types/{t}{sub}")[0], 404)
        check(f"type {t}", setup("GET", f"/api/v1/types/{t}")[0], 404)
        check(f"{t} not imported", setup("POST", f"/api/v1/records/{t}/import?format=csv&commit=1", "id,name\nx,y\n")[0], 404)
        check(f"{t} not filed", setup("POST", "/api/v1/filings", {"form": t, "sheet": {}})[0], {400, 403, 404})
        check(f"{t} not exported", setup("GET", f"/api/v1/export?view=/api/v1/records/{t}")[0], 404)
    links = {}
    for u in P:
        s, j = setup("POST", "/api/v1/users", {"id": u, "name": "甲" + u, "org": "u001"} if u.startswith("fil1") else {"id": u, "name": "某" + u})
        check("user " + u, s, 200)
        links[u] = j["link"].split("token=")[1]
        secrets.append(links[u])
    check("same id", setup("POST", "/api/v1/users", {"id": "sys1", "name": "z"})[0], 409)
    for bad in ["Local", "local", "a b", "x", "../x", "token:1", "a" * 41]:
        check("bad id " + bad, setup("POST", "/api/v1/users", {"id": bad, "name": "z"})[0], 400)
    check("unknown member", setup("POST", "/api/v1/users", {"id": "zz", "name": "z", "hash": "x"})[0], 400)
    check("duplicate key", setup("POST", "/api/v1/users", '{"id":"zz","id":"yy","name":"z"}')[0], 400)
    check("unknown unit", setup("POST", "/api/v1/users", {"id": "zz", "name": "z", "org": "u999"})[0], 404)
    check("CSRF missing", setup("POST", "/api/v1/users", {"id": "zz", "name": "z"}, {"X-QF-CSRF": "0" * 32})[0], 403)
    check("CSRF absent", setup("POST", "/api/v1/users", {"id": "zz", "name": "z"}, csrf=False)[0], 403)
    check("cross site", setup("POST", "/api/v1/users", {"id": "zz", "name": "z"}, {"Sec-Fetch-Site": "cross-site"})[0], 403)
    check("cross-site login", none("POST", "/api/v1/login", {"user": "a", "password": "b"}, {"Sec-Fetch-Site": "cross-site"})[0], 403)
    g = lambda c, u, role, **k: c("POST", "/api/v1/grants", dict({"user": u, "role": role, "reason": "test"}, **k))
    check("first system admin", g(setup, "sys1", "system_admin")[1]["state"], "approved")
    check("one each", g(setup, "fil2", "system_admin")[1]["state"], "proposed")
    check("not two of three", g(setup, "sys1", "audit_admin")[0], 403)
    check("first audit admin", g(setup, "aud1", "audit_admin")[1]["state"], "approved")
    check("others wait", g(setup, "fil1", "filer", org="u001")[1]["state"], "proposed")
    check("no unit, no filer", g(setup, "fil1", "filer")[0], 400)
    check("first security admin", g(setup, "sec1", "security_admin")[1]["state"], "approved")
    check("set-up is over", setup("GET", "/api/v1/users")[0], 401)
    check("set-up is over for figures", setup("GET", "/api/v1/figures")[0], 401)
    check("owner's link is shut", subprocess.run([binary, "user", "link", "--data", folder], capture_output=True).returncode, 3)
    # passwords
    C = {u: Client(url) for u in P}
    for u in P:
        secrets.append(P[u])
        s, j = C[u]("POST", "/api/v1/login", {"token": links[u]})
        check("link of " + u, (s, j["user"]["must"]), (200, "password"))
        check("a link gives no rights", C[u]("GET", "/api/v1/figures")[0], 403)
        check("a link gives no second factor", C[u]("POST", "/api/v1/me/totp", {"step": "begin"})[0], 403)
        for weak in ["short", "passwordpassword", u + "-qingfeng-2026", "1" * 12, "x" * 129]:
            check("weak password", C[u]("POST", "/api/v1/me/password", {"new": weak})[0], 400) if u == "sys1" else None
        before = C[u].sid()
        check("password of " + u, C[u]("POST", "/api/v1/me/password", {"new": P[u]})[0], 200)
        check("new id with new rights", C[u].sid() != before, True)
        old = Client(url)
        old.cookie = "qf_sid=" + before
        check("old id is dead", old("GET", "/api/v1/me")[1]["user"], None)
        check("used link", Client(url)("POST", "/api/v1/login", {"token": links[u]})[0], 401)
        secrets.append(C[u].sid())
    # second factor: administrators do nothing without
    check("no second factor yet", C["sys1"]("GET", "/api/v1/users")[0], 403)
    check("says what is needed", C["sys1"]("GET", "/api/v1/users")[1]["error"]["where"]["need"], "totp")
    T, used, rec = {}, {}, {}
    for u in ["sys1", "sec1", "aud1"]:
        s, j = C[u]("POST", "/api/v1/me/totp", {"step": "begin"})
        T[u] = j["secret"]
        secrets += [T[u], base64.b32decode(T[u]).hex()]
        check("uri", j["uri"].startswith("otpauth://totp/Qingfeng:" + u + "?secret=" + T[u]), True)
        check("wrong code", C[u]("POST", "/api/v1/me/totp", {"step": "confirm", "code": "000000" if totp(T[u], int(time.time()) // 30) != "000000" else "111111"})[0], 400)
        before = C[u].sid()
        used[u] = int(time.time()) // 30 - 1  # the step before: leaves two more to use
        s, j = C[u]("POST", "/api/v1/me/totp", {"step": "confirm", "code": totp(T[u], used[u])})
        check("confirm", s, 200)
        rec[u] = j["recovery"]
        secrets += rec[u]
        check("new id after it", C[u].sid() != before, True)
        check("strong", C[u]("GET", "/api/v1/me")[1]["user"]["strong"], True)
    c = Client(url)
    check("code asked for", (lambda r: (r[0], r[1]["error"]["where"].get("need")))(c("POST", "/api/v1/login", {"user": "sys1", "password": P["sys1"]})), (401, "code"))
    check("used code refused", c("POST", "/api/v1/login", {"user": "sys1", "password": P["sys1"], "code": totp(T["sys1"], used["sys1"])})[0], 401)
    used["sys1"] = max(used["sys1"] + 1, int(time.time()) // 30)
    check("right code", c("POST", "/api/v1/login", {"user": "sys1", "password": P["sys1"], "code": totp(T["sys1"], used["sys1"])})[0], 200)
    check("replayed", Client(url)("POST", "/api/v1/login", {"user": "sys1", "password": P["sys1"], "code": totp(T["sys1"], used["sys1"])})[0], 401)
    check("recovery code", Client(url)("POST", "/api/v1/login", {"user": "sys1", "password": P["sys1"], "code": rec["sys1"][3]})[0], 200)
    check("recovery code twice", Client(url)("POST", "/api/v1/login", {"user": "sys1", "password": P["sys1"], "code": rec["sys1"][3]})[0], 401)
    check("change needs the present code", C["sys1"]("POST", "/api/v1/me/totp", {"step": "begin"})[0], 403)
    # three apart
    check("system sees users", C["sys1"]("GET", "/api/v1/users")[0], 200)
    check("no secret in the list", [k for k in C["sys1"]("GET", "/api/v1/users")[1]["items"][0] if k in ("hash", "recovery", "link")], [])
    check("system does not approve", C["sys1"]("POST", "/api/v1/grants/x/approve")[0], 403)
    check("system does not audit", C["sys1"]("GET", "/api/v1/audit")[0], 403)
    check("security does not make users", C["sec1"]("POST", "/api/v1/users", {"id": "zz", "name": "z"})[0], 403)
    check("security does not audit", C["sec1"]("GET", "/api/v1/audit")[0], 403)
    check("audit does nothing else", [C["aud1"](m, p, b)[0] for m, p, b in [("GET", "/api/v1/users", None), ("POST", "/api/v1/users", {"id": "zz", "name": "z"}), ("POST", "/api/v1/grants/x/approve", None), ("POST", "/api/v1/tokens", {"scopes": "read"})]], [403] * 4)
    check("nobody proposes for himself into another's office", g(C["sys1"], "sys1", "security_admin")[0], 403)
    grants = {(x["user"], x["role"]): x for x in C["sec1"]("GET", "/api/v1/grants?state=proposed")[1]["items"]}
    fid = grants["fil1", "filer"]["id"]
    check("not yet", [x for x in C["fil1"]("GET", "/api/v1/me")[1]["may"]], [])
    check("nor the units behind a total", C["fil1"]("GET", "/api/v1/me")[1]["whole"], {})
    check("approve", C["sec1"]("POST", f"/api/v1/grants/{fid}/approve")[0], 200)
    check("twice", C["sec1"]("POST", f"/api/v1/grants/{fid}/approve")[0], 409)
    check("in force at once", "file" in C["fil1"]("GET", "/api/v1/me")[1]["may"], True)
    check("his organisation is no total", C["fil1"]("GET", "/api/v1/me")[1]["whole"], {})
    check("refuse", C["sec1"]("POST", "/api/v1/grants/" + grants["fil2", "system_admin"]["id"] + "/refuse")[0], 200)
    check("filer is no reviewer", g(C["sys1"], "fil1", "reviewer", area="industry")[0], 403)
    check("a grant of one day past", g(C["sys1"], "off1", "officer", area="industry", valid_to="2020-01-01")[0], 200)
    check("bad day", g(C["sys1"], "off1", "officer", valid_to="2020-13-01")[0], 400)
    past = [x for x in C["sec1"]("GET", "/api/v1/grants?state=proposed")[1]["items"] if x["user"] == "off1"][0]["id"]
    check("approve it", C["sec1"]("POST", f"/api/v1/grants/{past}/approve")[0], 200)
    check("does not count", C["off1"]("GET", "/api/v1/me")[1]["may"], [])
    check("own", C["fil1"]("GET", "/api/v1/subjects/u001")[0], 200)
    check("other", C["fil1"]("GET", "/api/v1/subjects/u002")[0], 403)
    check("own grants only", sorted({x["user"] for x in C["fil1"]("GET", "/api/v1/grants")[1]["items"]}), ["fil1"])
    # revoked in the middle of a session
    check("revoke", C["sec1"]("POST", f"/api/v1/grants/{fid}/revoke")[0], 200)
    check("next request", C["fil1"]("GET", "/api/v1/subjects/u001")[0], 403)
    sid = [x for x in C["sec1"]("GET", "/api/v1/grants?state=approved")[1]["items"] if x["role"] == "security_admin"][0]["id"]
    check("own office stays", C["sec1"]("POST", f"/api/v1/grants/{sid}/revoke")[0], 403)
    check("system does not reset an administrator", C["sys1"]("POST", "/api/v1/users/sec1/reset")[0], 403)
    check("system does not disable one", C["sys1"]("POST", "/api/v1/users/aud1/disable")[0], 403)
    check("nor himself", C["sys1"]("POST", "/api/v1/users/sys1/disable")[0], 403)
    # sessions
    second = Client(url)
    check("second session", second("POST", "/api/v1/login", {"user": "fil1", "password": P["fil1"]})[0], 200)
    check("wrong old password", second("POST", "/api/v1/me/password", {"old": "nonsense-nonsense", "new": P["fil2"]})[0], 403)
    new = "eleven purple herons, 9#q"
    secrets.append(new)
    check("password changed", second("POST", "/api/v1/me/password", {"old": P["fil1"], "new": new})[0], 200)
    check("other session ended", C["fil1"]("GET", "/api/v1/me")[1]["user"], None)
    check("own goes on", second("GET", "/api/v1/me")[1]["user"]["id"], "fil1")
    check("old password", Client(url)("POST", "/api/v1/login", {"user": "fil1", "password": P["fil1"]})[0], 401)
    check("logout", second("POST", "/api/v1/logout")[0], 200)
    third = Client(url)
    check("in again", third("POST", "/api/v1/login", {"user": "fil1", "password": new})[0], 200)
    keep = third.cookie
    check("out", third("POST", "/api/v1/logout")[0], 200)
    check("goodbye", third.head.get("clear-site-data"), '"cache"')
    third.cookie = keep
    check("reuse after logout", third("GET", "/api/v1/me")[1]["user"], None)
    check("disable", C["sys1"]("POST", "/api/v1/users/fil2/disable")[0], 200)
    check("ends sessions", C["fil2"]("GET", "/api/v1/me")[1]["user"], None)
    check("disabled login", Client(url, "127.0.2.9")("POST", "/api/v1/login", {"user": "fil2", "password": P["fil2"]})[0], 401)
    s, j = C["sys1"]("POST", "/api/v1/users/rev1/reset")
    check("reset", s, 200)
    secrets.append(j["link"].split("token=")[1])
    check("reset ends sessions", C["rev1"]("GET", "/api/v1/me")[1]["user"], None)
    check("reset ends the password", Client(url, "127.0.2.10")("POST", "/api/v1/login", {"user": "rev1", "password": P["rev1"]})[0], 401)
    # the same answer for nobody, wrong, disabled
    answers = set()
    for i, (u, p) in enumerate([("off1", "wrong wrong wrong"), ("nobody-of-that-name", "wrong wrong wrong"), ("fil2", P["fil2"]), ("rev1", "wrong wrong wrong")]):
        s, j = Client(url, f"127.0.3.{i + 1}")("POST", "/api/v1/login", {"user": u, "password": p})
        answers.add((s, j["error"]["code"], j["error"]["message"], json.dumps(j["error"]["where"])))
    check("one answer", len(answers), 1)
    times = {"off1": [], "no-such-user": []}
    for i in range(12):
        for u in times:
            c, t = Client(url, f"127.0.{10 + i}.{1 if u == 'off1' else 2}"), time.perf_counter()
            s, j = c("POST", "/api/v1/login", {"user": u + ("" if u == "off1" else str(i)), "password": "wrong wrong wrong"})
            if s == 401:
                times[u].append(time.perf_counter() - t)
    m = {u: statistics.median(t) for u, t in times.items() if t}
    check("the same work", len(m) == 2 and max(m.values()) < 2 * min(m.values()), True)
    # the brake: five, then wait; not for the owner at his own desk
    st = [Client(url, "127.0.5.5")("POST", "/api/v1/login", {"user": "ghost-account", "password": "guess %d guess" % i})[0] for i in range(7)]
    check("five, then a delay", st, [401] * 5 + [429] * 2)
    c = Client(url, "127.0.5.6")
    check("a stranger elsewhere too", c("POST", "/api/v1/login", {"user": "ghost-account", "password": "guess guess guess"})[0], 429)
    check("says how long", 1 <= int(c.head["retry-after"]) <= 181, True)
    st = [Client(url, "127.0.5.7")("POST", "/api/v1/login", {"user": "fil1", "password": "guess %d guess" % i})[0] for i in range(7)]
    check("another account", st[-1], 429)
    check("the owner's own address goes on", Client(url)("POST", "/api/v1/login", {"user": "fil1", "password": new})[0], 200)
    # bodies that are none
    for b in ['{"user":1,"password":2}', "[]", "null", '{"user":"a"}', '{"user":"a","password":"b","x":1}', "{", '{"user":"a\\u0000b","password":"c"}', '{"user":"' + "a" * 61 + '","password":"c"}', '{"token":"a","user":"b","password":"c"}', "\xff"]:
        check("body " + b[:30], Client(url, "127.0.6.1")("POST", "/api/v1/login", b.encode("latin-1"))[0], 400)
    # tokens: shown once, stored hashed, other route than the session
    s, j = C["sys1"]("POST", "/api/v1/tokens", {"scopes": "read"})
    check("token", s, 200)
    secrets.append(j["token"])
    check("token reads", none("GET", "/api/v1/points", headers={"Authorization": "Bearer " + j["token"]})[0], 200)
    check("token has no session rights", none("GET", "/api/v1/users", headers={"Authorization": "Bearer " + j["token"], "Cookie": C["sys1"].cookie})[0], 403)
    check("revoked", C["sys1"]("POST", f"/api/v1/tokens/{j['id']}/revoke")[0], 200)
    check("on the next request", none("GET", "/api/v1/points", headers={"Authorization": "Bearer " + j["token"]})[0], 401)
    # many logins at once: bounded, none lost
    import threading
    out = []
    ts = [threading.Thread(target=lambda i=i: out.append(Client(url, f"127.0.{20 + i // 200}.{i % 200 + 1}")("POST", "/api/v1/login", {"user": f"flood{i}", "password": "wrong wrong wrong"})[0])) for i in range(80)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    check("a flood is answered", set(out) <= {401, 429} and len(out) == 80 and 429 in out, True)
    check("and the server lives", none("GET", "/healthz")[0], 200)
    # the log
    s, j = C["aud1"]("GET", "/api/v1/audit?size=1000")
    check("audit", s, 200)
    seen = {(x["what"], x["result"]) for x in j["items"]}
    for want in [("login", "wrong"), ("login", "braked"), ("login", "two factors"), ("login", "recovery code"), ("login", "one-time link"), ("logout", "ok"), ("password", "ok"), ("totp", "ok"), ("user.add", "ok"), ("user.disable", "ok"), ("user.reset", "ok"), ("grant.propose", "ok"), ("grant.first", "ok"), ("grant.approve", "ok"), ("grant.revoke", "ok"), ("grant.refuse", "ok"), ("token.add", "ok"), ("token.revoke", "ok"), ("denied", "GET"), ("csrf", "POST")]:
        check(f"log has {want}", want in seen, True)
    Client(url, "127.0.7.1")("POST", "/api/v1/login", {"user": "x\r\nforged: y\u001b[31m\u202e", "password": "wrong wrong wrong"})
    s, j = C["aud1"]("GET", "/api/v1/audit?what=login&size=50")
    forged = [x["object"] for x in j["items"] if "forged" in x["object"]]
    check("control characters", forged, ["x??forged: y?[31m???"])
    check("filter", sorted({x["who"] for x in C["aud1"]("GET", "/api/v1/audit?who=sec1&size=50")[1]["items"]}), ["sec1"])
    text = json.dumps(C["aud1"]("GET", "/api/v1/audit?size=1000")[1])
    check("no secret in the log", [s for s in secrets if s in text], [])
    check("the log does not begin elsewhere", C["aud1"]("GET", "/api/v1/audit?from=nonsense")[0], 400)
    open(state, "w").write("\n".join(secrets) + "\n")


# Every route: who may, written by hand from docs/internals/filing.md. kind of object:
#   unit   figures of one unit (own u001, other u002)   meter  the same, without an area   total  the city's total
#   whole  everything below the city                    none   not about an object
SEATS = {"leader": "leader", "officer-industry": "officer", "reviewer-industry": "reviewer", "reviewer-210804": "reviewer of a district",
         "filer-u001": "filer", "approver-u001": "approver", "inspector-industry": "inspector", "auditor-industry": "auditor", "citizen": "citizen",
         "system-admin": "system", "security-admin": "security", "audit-admin": "audit"}
WIDE = {"leader", "officer", "reviewer", "inspector", "auditor"}
ALL = set(SEATS.values())
OWN = {"filer", "approver", "reviewer of a district"}
VIEW = {"unit": (WIDE | OWN, WIDE), "meter": (WIDE | OWN | {"system"}, WIDE | {"system"}), "total": (ALL, ALL),
        "whole": (WIDE | {"system"}, WIDE | {"system"}), "whole figure": (WIDE, WIDE)}
ACK = ({"officer", "filer", "approver", "system"}, {"officer", "system"})
nobody_may = set()


def rows():
    v, one = VIEW, lambda s: (s, s)
    r = {
        "POST /write": one(set()), "POST /api/v2/write": one(set()), "POST /api/v1/write": one(set()), "POST /api/v1/readings": one(set()),
        "GET /ping": one(None), "GET /query": one(set()), "POST /query": one(set()), "GET /api/v1/necc": v["whole"],
        "GET /healthz": one(None), "GET /openapi.json": one(None), "GET /metrics": one(ALL), "GET /api/v1/city": one(None),
        "GET /api/v1/catalogue": one(ALL), "GET /api/v1/barometer": one(ALL),
        "GET /api/v1/figures": (*v["unit"], "?area=industry&subject={u}"),
        "GET /api/v1/figures/{id}": (*v["unit"], "?subject={u}", "industry.electricity"),
        "GET /api/v1/figures/{id}/trend": (*v["unit"], "?subject={u}&by=child", "industry.electricity"),
        "GET /api/v1/why/{id}": (*v["unit"], "?subject={u}", "industry.electricity"),
        "GET /api/v1/why/{id} city": (*v["whole figure"], "", "industry.electricity"),
        "GET /api/v1/figures/{id} city": (*v["total"], "", "industry.electricity"),
        "GET /api/v1/subjects": one(ALL), "GET /api/v1/subjects/{id}": (*v["meter"], "", "{u}"),
        "GET /api/v1/subjects/{id}/sankey": (*v["meter"], "", "{u}"),
        "GET /api/v1/subjects/{id}/sankey district": (WIDE | {"system", "reviewer of a district"}, WIDE | {"system"}, "", "{d}"),
        "GET /api/v1/load/{subject}": (*v["meter"], "", "{u}"), "GET /api/v1/load/{subject} city": (*v["total"], "", "210800"),
        "GET /api/v1/balance/{subject}": (*v["meter"], "", "{u}"), "GET /api/v1/balance/{subject} city": (*v["whole"], "", "210800"),
        "GET /api/v1/points": one(ALL), "GET /api/v1/series/{point}": (*v["meter"], "", "{p}"), "GET /api/v1/readings/{point}": (*v["meter"], "", "{p}"),
        "GET /api/v1/alarms": one(ALL), "POST /api/v1/alarms/{id}/ack": (*ACK, "", "{a}"), "GET /api/v1/collectors": v["whole"], "GET /api/v1/open": one(None),
        "GET /api/v1/proof/{seq}": (None, None, "", "1"), "GET /api/v1/consistency": one(None), "GET /api/v1/heads": one(None),
        "GET /api/v1/heads/latest": one(None), "GET /api/v1/heads/key": one(None), "GET /api/v1/receipts/{seq}": (ALL, ALL, "", "1"),
        "GET /api/v1/export": (*v["meter"], "?view=/api/v1/load/{u}"), "GET /api/v1/stream": one(ALL),
        "POST /api/v1/import/readings": one(set()),
        "GET /api/v1/me": one(None), "POST /api/v1/me/password": one(set()), "POST /api/v1/me/totp": one(set()),
        "POST /api/v1/login": one(None), "POST /api/v1/login-link": one(set()), "POST /api/v1/logout": "apart",
        "GET /api/v1/users": one({"system"}), "POST /api/v1/users": one({"system"}),
        "POST /api/v1/users/{id}/disable": ({"system"}, {"system"}, "", "nobody-here"), "POST /api/v1/users/{id}/reset": ({"system"}, {"system"}, "", "nobody-here"),
        "POST /api/v1/users/{id}/act": (ALL, ALL, "", "nobody-here"), "GET /api/v1/grants": one(ALL), "POST /api/v1/grants": one({"system"}),
        "POST /api/v1/grants/{id}/approve": ({"security"}, {"security"}, "", "none"), "POST /api/v1/grants/{id}/refuse": ({"security"}, {"security"}, "", "none"),
        "POST /api/v1/grants/{id}/revoke": ({"security"}, {"security"}, "", "none"), "GET /api/v1/audit": one({"audit"}),
        "GET /api/v1/tokens": one({"system"}), "POST /api/v1/tokens": one({"system"}), "POST /api/v1/tokens/{id}/revoke": ({"system"}, {"system"}, "", "none"),
    }
    return r


# Routes whose rights are walked by the tests of their own room, by the beginning of the address; the gate is walked here.
GATE = {"view": ALL, "file": {"officer", "filer"}, "org_approve": {"approver"}, "review": {"reviewer", "reviewer of a district"}, "inspect": {"inspector"},
        "comment": {"officer", "reviewer", "reviewer of a district", "filer", "approver", "inspector", "auditor"}, "propose": {"officer"},
        "decide": {"reviewer", "reviewer of a district"}, "delegate": ALL - {"auditor", "citizen", "system", "security", "audit"},
        "register": {"officer", "system"}, "alarm_ack": {"officer", "filer", "approver", "system"}, "public": ALL}
ELSEWHERE = ("/api/v1/types", "/api/v1/records", "/api/v1/filings", "/api/v1/evidence", "/api/v1/tasks", "/api/v1/campaigns", "/api/v1/delegations",
             "/api/v1/findings", "/api/v1/calendar", "/api/v1/publications", "/api/v1/restatements", "/api/v1/factors", "/api/v1/changes", "/api/v1/deliveries")


def matrix(url, link):
    import re
    setup = Client(url)
    check("setup", setup("POST", "/api/v1/login", {"token": link})[0], 200)
    paths = setup("GET", "/openapi.json")[1]["paths"]
    routes = {(m.upper(), p): o["x-action"] for p, ops in paths.items() for m, o in ops.items()}
    table = rows()
    for m, p in routes:
        check(f"{m} {p} has a row", any(k.split(" ")[:2] == [m, p] for k in table) or p.startswith(ELSEWHERE), True)
    for k in table:
        check(f"{k} is a route", tuple(k.split(" ")[:2]) in routes, True)
    point = {u: setup("GET", f"/api/v1/points?subject={u}&size=1")[1]["rows"][0]["point"] for u in ("u001", "u002")}
    alarm = {}
    for u in ("u001", "u002"):
        a = setup("GET", f"/api/v1/alarms?subject={u}&size=1")[1]["rows"]
        alarm[u] = str(a[0]["id"]) if a else None
    district = {u: [x for x in setup("GET", f"/api/v1/subjects/{u}")[1]["path"] if x["kind"] == "district"][0]["id"] for u in point}
    check("u002 lies in another district", district["u001"] != district["u002"] == True or district["u001"] != district["u002"], True)

    def ask(c, method, pattern, row, u):
        path, query = pattern, row[2] if len(row) > 2 else ""
        if "{" in path:
            path = re.sub(r"\{[^}]*\}", lambda _: row[3], path, count=1)
        fill = lambda s: s.replace("{u}", u).replace("{d}", district[u]).replace("{p}", str(point[u])).replace("{a}", alarm[u] or "0")
        if pattern == "/api/v1/stream":
            k = http.client.HTTPConnection(c.host, c.port, timeout=30)
            k.request("GET", path, headers={"Cookie": c.cookie} if c.cookie else {})
            s = k.getresponse().status
            k.close()
            return s
        return c(method, fill(path) + fill(query), "{\"no such member\":1}" if method == "POST" else None)[0]

    for seat, role in SEATS.items():
        check("seat " + seat, setup("POST", f"/api/v1/users/{seat}/act")[0], 200)
        check("acting " + seat, setup("GET", "/api/v1/me")[1]["user"]["acting"], True)
        for k, row in table.items():
            method, pattern = k.split(" ")[:2]
            if row == "apart":
                continue
            for which, u in enumerate(("u001", "u002")):
                if "{a}" in row[-1:] and not alarm[u]:
                    continue
                s = ask(setup, method, pattern, row, u)
                may = row[which] is None or role in row[which]
                check(f"{role}: {k} {'own' if which == 0 else 'other'} ({s})", s not in (401, 403) if not (row[which] is None and pattern.endswith("login")) else True, may)
        for (method, p), act in routes.items():
            if not p.startswith(ELSEWHERE) or act not in GATE:
                continue
            if role not in GATE[act]:
                s = setup(method, re.sub(r"\{[^}]*\}", "none", p), "{}" if method != "GET" else None)[0]
                check(f"{role}: {method} {p} without {act}", s, 403)
    # nobody, with a made-up session: the demonstration may be looked at, nothing else
    none = Client(url)
    none.cookie = "qf_sid=" + "b" * 64
    for (method, p), act in routes.items():
        if act in ("view", "public"):
            continue
        s = none(method, re.sub(r"\{[^}]*\}", "none", p), "{}" if method != "GET" else None)[0]
        check(f"nobody: {method} {p}", s, 401)
    check("a wrong token reads nothing, open city or not", none("GET", "/api/v1/figures", headers={"Authorization": "Bearer wrong"})[0], 401)
    check("seat without the link", none("POST", "/api/v1/users/leader/act")[0], 401)
    check("sample people have no password", none("POST", "/api/v1/login", {"user": "system-admin", "password": "system-admin-system"})[0], 401)
    check("seat leader", setup("POST", "/api/v1/users/leader/act")[0], 200)
    live = http.client.HTTPConnection(setup.host, setup.port, timeout=60)
    live.request("GET", "/api/v1/stream", headers={"Cookie": setup.cookie})
    stream = live.getresponse()
    check("a live stream", stream.status, 200)
    check("logout", setup("POST", "/api/v1/logout")[0], 200)
    try:
        while stream.read1(65536): pass
        ended = True
    except OSError: # nothing for 60 s, and not ended
        ended = False
    live.close()
    check("the live stream ends with its session", ended, True)
    check("is out", setup("GET", "/api/v1/me")[1]["user"], None)


if __name__ == "__main__":
    {"people": people, "matrix": matrix}[sys.argv[1]](*sys.argv[2:])
