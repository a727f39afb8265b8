#!/usr/bin/env python3
"""Ten faults planted one after the other in a copy of the sources; the simulation of test/city must find each, and must find nothing in the copy as it is. A fault whose place
in the sources is no longer there fails: it must be planted anew. Takes minutes: part of `make soak`. QF_SIM_SEEDS: courses until a fault counts as not found (12)."""
import os, shutil, subprocess, sys, tempfile, time

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
seeds = os.environ.get("QF_SIM_SEEDS", "12")
FAULTS = [
    ("what is acknowledged was not synced", "src/journal/journal.c", "if (!j->opts.no_sync && (rc = sync_segment(j)) != QF_OK)", "if (0 && (rc = sync_segment(j)) != QF_OK)"),
    ("a rollover is one digit short", "src/meter/series.c", "int64_t x = v + (m - s->r0);", "int64_t x = v + (m - s->r0) - 10000;"),
    ("late readings run nothing again", "src/meter/meter.c", "if (p->c.kind != QF_KIND_UNKNOWN && r->ts_us >= QF_OLDEST_US)\n    mark_dirty(m, p, r->ts_us);", "if (p->c.kind == QF_KIND_UNKNOWN)\n    mark_dirty(m, p, r->ts_us);"),
    ("rows that are booked again are not taken out first", "src/book/bulk.c", "\"DELETE FROM %s AS t USING %s AS p WHERE %s\"", "\"DELETE FROM %s AS t USING %s AS p WHERE FALSE AND (%s)\""),
    ("a start replays from the later of two places", "src/city/city.c", "rc = replay(c, from < d ? from : d, err);", "rc = replay(c, from > d ? from : d, err);"),
    ("the last row of an entry is lost when read back", "src/journal/batch.c", "out->n = d.n;", "out->n = d.n > 1 ? d.n - 1 : d.n;"),
    ("the book says it has one entry more", "src/book/book_duckdb.c", "WHERE name = 'applied_seq'\", seq);", "WHERE name = 'applied_seq'\", seq + 1);"),
    ("the readings say they have one entry more", "src/readings/store.c", "uint64_t seq = s->durable_seq;", "uint64_t seq = s->durable_seq + (s->durable_seq > 0);"),
    ("readings sent twice stay twice", "src/readings/cols.c", "return equal ? drop_duplicates(c, dropped) : QF_OK;", "return equal && !dropped ? drop_duplicates(c, dropped) : QF_OK;"),
    ("a day begins at midnight of UTC", "src/base/tm.c", "return (int32_t)(qf_floor(t + QF_CN_OFFSET, QF_US_DAY) / QF_US_DAY);", "return (int32_t)(qf_floor(t, QF_US_DAY) / QF_US_DAY);"),
]
work = tempfile.mkdtemp(prefix="qf-mutants-")
good = bad = 0


def tell(ok, what):
    global good, bad
    good += ok
    bad += not ok
    print(("ok      " if ok else "FAILED  ") + what, flush=True)


def build():
    got = subprocess.run(["ninja", "-C", work + "/build", "city_simulation_test"], capture_output=True, text=True)
    return got.returncode == 0, got.stdout[-1500:]


def simulate():
    """None when it finds nothing, else what it said first."""
    env = dict(os.environ, QF_SIM_SEEDS=seeds, CMOCKA_MESSAGE_OUTPUT="stdout", TMPDIR=work + "/tmp")
    shutil.rmtree(work + "/tmp", ignore_errors=True)
    os.mkdir(work + "/tmp")
    got = subprocess.run([work + "/build/city_simulation_test"], cwd=work, env=env, capture_output=True, text=True, timeout=1800)
    if got.returncode == 0:
        return None
    lines = [l for l in (got.stderr + got.stdout).splitlines() if "simulation:" in l or "seed" in l]
    return (lines or ["ended with %d" % got.returncode])[0][:160]


try:
    files = subprocess.run(["git", "ls-files", "src", "test", "packs", "cmake", "CMakeLists.txt", "bench", "fuzz"], cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
    for f in filter(None, files):
        if os.path.exists(root + "/" + f):
            os.makedirs(os.path.dirname(work + "/" + f) or work, exist_ok=True)
            shutil.copy(root + "/" + f, work + "/" + f, follow_symlinks=False)
    for d in ("node_modules", ".deps"):
        os.symlink(root + "/" + d, work + "/" + d)
    subprocess.run(["cmake", "-S", work, "-B", work + "/build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DQF_TESTS=ON"], check=True, capture_output=True)
    built, words = build()
    if not built:
        sys.exit(words)
    found = simulate()
    tell(found is None, "the sources as they are" + (f": {found}" if found else ""))
    for what, path, old, new in FAULTS:
        text = open(f"{work}/{path}", encoding="utf-8").read()
        if text.count(old) != 1:
            tell(False, f"{what}: its place in {path} is there {text.count(old)} times")
            continue
        open(f"{work}/{path}", "w", encoding="utf-8").write(text.replace(old, new))
        built, words = build()
        began = time.monotonic()
        found = simulate() if built else None
        tell(bool(found), f"{what} ({path}): " + (f"found in {time.monotonic() - began:.0f} s: {found}" if found else "not found" if built else words))
        open(f"{work}/{path}", "w", encoding="utf-8").write(text)
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"COUNT {good} {bad} 0")
sys.exit(bad > 0)
