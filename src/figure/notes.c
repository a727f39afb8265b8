/* Rules that speak of figures: packs/<area>/rules/<name>.sql with a header `-- about: id id`. What such a rule finds (subject,
 * month, severity, text_zh, text_en, evidence) stands as notes beside those figures wherever they are shown: the traps of a
 * figure are data like the figure itself. A rule that fails gives one note that says so. */
#include "book/packfile.h"
#include "figure/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 1000u /* kept of one rule */
#define NOTES_SHOWN 3u  /* of one rule beside one figure */

static qf_rc load_rule(void *ud, const char *dir, const char *name, qf_err *err)
{
  qf_figures *f = ud;
  char path[4400], about[590];
  qf_packfile file;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  qf_rc rc = qf_packfile_read(path, &file, err);
  if (rc)
    return rc;
  if (qf_packfile_get(&file, "about", about, sizeof about)) {
    qf_rule *p = realloc(f->rules, (f->nrules + 1) * sizeof *p);
    size_t n = strlen(file.sql);
    char *sql = malloc(n + 1);
    if (p)
      f->rules = p;
    if (p && sql) {
      qf_rule *r = &f->rules[f->nrules++];
      *r = (qf_rule){.sql = sql};
      memcpy(sql, file.sql, n + 1);
      while (n && strchr(" \t\r\n;", sql[n - 1]))
        sql[--n] = 0;
      snprintf(r->name, sizeof r->name, "%.*s", (int)strcspn(name, "."), name);
      snprintf(r->path, sizeof r->path, "%.511s", path);
      snprintf(r->about, sizeof r->about, " %s ", about);
      qf_sql_reads(f, sql, r->reads);
    } else {
      free(sql);
      rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    }
  }
  qf_packfile_fini(&file);
  return rc;
}

qf_rc qf_trap_rules_load(qf_figures *f, const char *area_dir, qf_err *err)
{
  char path[4400];
  snprintf(path, sizeof path, "%s/rules", area_dir);
  return qf_packdir_each(path, ".sql", load_rule, f, err);
}

void qf_trap_rules_free(qf_figures *f)
{
  for (uint32_t i = 0; i < f->nrules; i++)
    free(f->rules[i].sql);
  free(f->rules);
}

typedef struct reader {
  qf_figures *f;
  const qf_base *base;
  qf_notes *out;
  bool nomem;
} reader;

static const char *text(reader *r, const qf_cell *c)
{
  return c->kind == 4 ? qf_intern_put(r->f->intern, c->s, c->len) : NULL;
}

static bool add(reader *r, qf_note note)
{
  qf_notes *o = r->out;
  if (o->n == o->cap) {
    uint32_t cap = o->cap ? o->cap * 2 : 16;
    qf_note *p = realloc(o->note, cap * sizeof *p);
    if (!p) {
      r->nomem = true;
      return false;
    }
    o->note = p;
    o->cap = cap;
  }
  o->note[o->n++] = note;
  return o->n < NOTES_MAX;
}

static bool on_note(void *ud, const qf_cell *c, size_t n)
{
  reader *r = ud;
  if (n < 5)
    return false;
  uint32_t rank = c[0].kind == 4 ? qf_subject_find(r->base, c[0].s) : 0;
  return add(r, (qf_note){.rank = rank == UINT32_MAX ? 0 : rank,
                          .month = c[1].kind == 1 ? (int32_t)c[1].i : INT32_MIN,
                          .severity = text(r, &c[2]),
                          .zh = text(r, &c[3]),
                          .en = text(r, &c[4])});
}

/* The same order on every run, whatever order the statement gives. */
static int by_place(const void *pa, const void *pb)
{
  const qf_note *a = pa, *b = pb;
  if (a->rank != b->rank)
    return a->rank < b->rank ? -1 : 1;
  if (a->month != b->month)
    return a->month < b->month ? -1 : 1;
  return strcmp(a->en ? a->en : "", b->en ? b->en : "");
}

qf_rc qf_notes_load(qf_figures *f, const qf_rule *rule, const qf_base *base, qf_notes **out, qf_err *err)
{
  qf_notes *o = calloc(1, sizeof *o);
  qf_err words = {0};
  if (!o)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  atomic_store(&o->refs, 1);
  reader r = {.f = f, .base = base, .out = o};
  qf_rc rc = qf_book_query(f->book, rule->sql, NULL, 0, on_note, &r, &words);
  if (rc == QF_IO || rc == QF_CORRUPT || r.nomem) {
    qf_notes_drop(o);
    return qf_fail(err, r.nomem ? QF_NOMEM : rc, "%.90s: %.140s", "%.90s：%.140s", rule->path,
                   r.nomem ? "out of memory" : words.en);
  }
  if (rc) {
    const char *said = qf_intern_put(f->intern, words.en, strlen(words.en));
    (void)add(&r, (qf_note){.month = INT32_MIN, .severity = "error", .zh = said, .en = said});
  }
  if (o->n)
    qsort(o->note, o->n, sizeof *o->note, by_place);
  *out = o;
  return QF_OK;
}

void qf_notes_drop(qf_notes *n)
{
  if (!n || atomic_fetch_sub(&n->refs, 1) != 1)
    return;
  free(n->note);
  free(n);
}

static bool speaks_of(const qf_rule *r, const char *id)
{
  size_t n = strlen(id);
  for (const char *p = strstr(r->about, id); p; p = strstr(p + 1, id))
    if (p[-1] == ' ' && p[n] == ' ') /* about begins and ends with a blank */
      return true;
  return false;
}

void qf_put_notes(const qf_figures *f, const qf_scope *s, qf_buf *out)
{
  bool any = false;
  qf_buf_puts(out, ",\"notes\":[");
  for (uint32_t i = 0; i < s->v->nnotes; i++) {
    uint32_t shown = 0;
    const qf_notes *o = s->v->notes[i];
    for (uint32_t k = 0; speaks_of(&f->rules[i], s->ind->id) && k < o->n && shown < NOTES_SHOWN; k++) {
      const qf_note *n = &o->note[k];
      if (n->rank < s->r0 || n->rank >= s->r1 || (n->month != INT32_MIN && (n->month < s->from || n->month > s->to)))
        continue;
      qf_buf_puts(out, any ? ",{\"rule\":" : "{\"rule\":");
      qf_put_text(out, f->rules[i].name);
      qf_buf_puts(out, ",\"severity\":");
      qf_put_text(out, n->severity);
      qf_buf_puts(out, ",\"text\":");
      qf_put_pair(out, n->zh, n->en);
      qf_buf_putc(out, '}');
      any = true;
      shown++;
    }
  }
  qf_buf_putc(out, ']');
}
