#include "collect/link.h"
#include "serve/http.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void one(qf_buf *b, const char *name, const char *type, const char *help, double v)
{
  qf_buf_printf(b, "# HELP qingfeng_%s %s\n# TYPE qingfeng_%s %s\nqingfeng_%s %.17g\n", name, help, name, type, name,
                v);
}

static double resident_bytes(void)
{
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f || fscanf(f, "%*s %ld", &pages) != 1)
    pages = 0;
  if (f)
    fclose(f);
  return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

void qf_h_metrics(qf_req *r)
{
  qf_buf *b = &r->out;
  qf_city_stats c;
  qf_journal_stats j;
  qf_readings_stats d;
  qf_city_get_stats(r->city, &c);
  qf_journal_get_stats(qf_city_journal(r->city), &j);
  qf_readings_get_stats(qf_city_readings(r->city), &d);
  r->type = "text/plain; version=0.0.4; charset=utf-8";
  one(b, "journal_last_seq", "gauge", "last durable journal sequence",
      (double)qf_journal_last_seq(qf_city_journal(r->city)));
  one(b, "applied_seq", "gauge", "last journal sequence applied", (double)c.applied_seq);
  one(b, "apply_lag_seconds", "gauge", "age of the entry being applied", c.apply_lag_s);
  one(b, "apply_queue_entries", "gauge", "durable entries not yet applied", (double)c.queued_entries);
  one(b, "journal_entries_total", "counter", "entries journalled by this process", (double)j.entries);
  one(b, "journal_bytes_total", "counter", "bytes journalled by this process", (double)j.bytes);
  one(b, "journal_syncs_total", "counter", "fdatasync calls", (double)j.syncs);
  one(b, "journal_sync_seconds_mean", "gauge", "mean time of fdatasync", j.sync_ms_mean / 1000);
  one(b, "journal_sync_seconds_max", "gauge", "longest fdatasync", j.sync_ms_max / 1000);
  one(b, "series", "gauge", "series known", c.series);
  one(b, "points_adopted", "gauge", "series with a description", c.adopted);
  one(b, "readings_applied_total", "counter", "readings applied by this process", (double)c.readings_applied);
  one(b, "readings_stored", "gauge", "readings kept", (double)d.readings);
  one(b, "readings_memory", "gauge", "readings not yet in files", (double)d.readings_mem);
  one(b, "readings_bytes", "gauge", "bytes of reading files", (double)d.bytes_disk);
  one(b, "readings_files", "gauge", "reading files", (double)d.files);
  one(b, "meter_memory_bytes", "gauge", "memory of the meters' states",
      (double)qf_meter_memory(qf_city_meter(r->city)));
  one(b, "http_requests_total", "counter", "requests answered", (double)atomic_load(&r->s->requests));
  one(b, "http_errors_total", "counter", "answers of status 5xx", (double)atomic_load(&r->s->errors));
  one(b, "http_connections", "gauge", "open connections", atomic_load(&r->s->connections));
  one(b, "write_values_total", "counter", "values taken in over HTTP", (double)atomic_load(&r->s->lines_ok));
  one(b, "write_refused_total", "counter", "lines, samples and rows refused over HTTP",
      (double)atomic_load(&r->s->lines_bad));
  one(b, "write_stale_markers_total", "counter", "remote write: series said to have ended, no readings",
      (double)atomic_load(&r->s->stale_markers));
  one(b, "resident_bytes", "gauge", "resident memory", resident_bytes());
  qf_links_metrics(r->s->links, b);
}

void qf_h_health(qf_req *r)
{
  qf_city_stats c;
  qf_city_get_stats(r->city, &c);
  bool late = c.apply_lag_s > 60;
  if (late || c.dead || c.journal_dead || !c.proof_ok || c.no_room)
    r->status = 503;
  qf_buf_printf(&r->out,
                "{\"status\":\"%s\",\"version\":\"" QF_VERSION
                "\",\"journal\":%s,\"apply\":%s,\"proof\":%s,\"lost_from\":%llu,\"lost_to\":%llu,"
                "\"seq\":%llu,\"applied\":%llu,\"lag_s\":%.3f}",
                c.journal_dead || c.dead ? "stopped"
                : c.no_room              ? "full"
                : !c.proof_ok            ? "proof"
                : late                   ? "late"
                                         : "ok",
                c.journal_dead ? "false" : "true", c.dead ? "false" : "true", c.proof_ok ? "true" : "false",
                (unsigned long long)c.lost_from, (unsigned long long)c.lost_to,
                (unsigned long long)qf_journal_last_seq(qf_city_journal(r->city)), (unsigned long long)c.applied_seq,
                c.apply_lag_s);
}
