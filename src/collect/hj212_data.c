/* What is kept of a data message. Series: hj212,code=CODE,mn=MN[,span=min|hour|day] FIELD. A realtime value is stamped with its
 * SampleTime where there is one, else with DataTime; a value of a span with the span's begin, as sent.
 *
 * A split message is taken part by part: a part with its own DataTime is kept and answered at once; one without waits, not
 * answered, for a part that tells the time. */
#include "collect/hj212_int.h"
#include <stdlib.h>
#include <string.h>

enum { SETS = 4, HELD_MAX = 65536 }; /* split messages of a station at a time; bytes that wait for their DataTime */

typedef struct held {
  struct held *next;
  qf_hj_packet p; /* cp points behind the struct */
  size_t n;
} held;

typedef struct set {
  uint16_t cn, pnum;
  bool open, timed;
  qf_us data_time, since;
  uint64_t seen;
  held *held;
} set;

struct hj_parts {
  set set[SETS];
  size_t held_bytes;
  uint16_t done_cn, done_pnum; /* the last that was whole, so that a part of it sent again opens no new one */
  qf_us done_time;
};

static const char *span_of(uint16_t cn)
{
  switch (cn) {
  case QF_HJ_MINUTE:
    return ",span=min";
  case QF_HJ_HOUR:
    return ",span=hour";
  case QF_HJ_DAY:
  case QF_HJ_RUN_DAY:
    return ",span=day";
  default:
    return "";
  }
}

bool hj_is_data(uint16_t cn)
{
  return cn == QF_HJ_REALTIME || cn == QF_HJ_STATE || span_of(cn)[0];
}

static bool code_ok(qf_hj_str c)
{
  for (size_t i = 0; i < c.n; i++) {
    char x = c.s[i];
    if (!((x >= '0' && x <= '9') || (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z') || x == '_' || x == '-'))
      return false;
  }
  return c.n > 0 && c.n <= 24;
}

static qf_rc bad_item(const qf_hj_item *it, qf_err *err)
{
  return qf_fail(err, QF_SYNTAX, "%.*s-%.*s=%.*s: not a number of a known kind; passed over",
                 "%.*s-%.*s=%.*s：不是可识别的数值；已略过", (int)(it->code.n < 24 ? it->code.n : 24),
                 it->code.s ? it->code.s : "", (int)(it->name.n < 24 ? it->name.n : 24), it->name.s ? it->name.s : "",
                 (int)(it->value.n < 40 ? it->value.n : 40), it->value.s ? it->value.s : "");
}

/* What a message says once for all values of a code. */
typedef struct about {
  qf_hj_str code, flag, sample;
} about;

enum { ABOUT_SLOTS = 512, ABOUT_MAX = 256 }; /* codes of one message; the standard's CP holds some fifty */

typedef struct table {
  about slot[ABOUT_SLOTS];
  uint32_t n;
} table;

static about *about_of(table *t, qf_hj_str code)
{
  uint32_t h = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < code.n; i++)
    h = (h ^ (uint8_t)code.s[i]) * 16777619u;
  uint32_t i = h % ABOUT_SLOTS;
  while (t->slot[i].code.n && (t->slot[i].code.n != code.n || memcmp(t->slot[i].code.s, code.s, code.n) != 0))
    i = (i + 1) % ABOUT_SLOTS;
  return &t->slot[i];
}

static bool named(qf_hj_str name, const char *what)
{
  return name.n == strlen(what) && memcmp(name.s, what, name.n) == 0;
}

/* Read them in one pass: looking for each value's flag anew would let a long message cost its square. */
static qf_rc read_about(table *t, qf_hj_str cp, qf_err *err)
{
  qf_hj_item it;
  for (size_t at = 0; qf_hj_item_next(cp, &at, &it);) {
    if (!it.code.n)
      continue;
    about *a = about_of(t, it.code);
    if (!a->code.n && ++t->n > ABOUT_MAX)
      return qf_fail(err, QF_RANGE, "more than %d codes in one message", "一条报文中的编码超过 %d 个", ABOUT_MAX);
    a->code = it.code;
    if (named(it.name, "Flag"))
      a->flag = it.value;
    else if (named(it.name, "SampleTime"))
      a->sample = it.value;
  }
  return QF_OK;
}

typedef struct job { /* one message on its way */
  visit *v;
  station *s;
  const qf_hj_packet *p;
  qf_us time;
  uint32_t bad, good;
  table about;
} job;

/* QF_SYNTAX: this item is bad; others: ours is the trouble. */
static qf_rc one(job *j, const qf_hj_item *it, qf_err *err)
{
  static const char *const passed[] = {"Flag", "EFlag", "SampleTime", "DataTime"};
  char key[160];
  bool exact = true;
  uint32_t point = 0;
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    if (named(it->name, passed[i]))
      return QF_OK;
  const char *field = qf_hj_field(it->name);
  qf_reading r = {.ts_us = j->time};
  if (!field || !code_ok(it->code) || qf_num_parse(it->value.s, it->value.n, &r.v, &exact))
    return bad_item(it, err);
  const about *a = about_of(&j->about, it->code);
  if (j->p->cn == QF_HJ_REALTIME && a->sample.n && qf_hj_time(a->sample, &r.ts_us))
    return bad_item(&(qf_hj_item){it->code, {"SampleTime", 10}, a->sample}, err);
  r.flags = qf_hj_reading_flags(a->flag);
  r.flags |= exact ? 0 : QF_RD_INEXACT;
  int n = snprintf(key, sizeof key, "hj212,code=%.*s,mn=%s%s %s", (int)it->code.n, it->code.s, j->s->guest.name,
                   span_of(j->p->cn), field);
  qf_rc rc = qf_door_series(j->v->v.door, &j->s->guest, key, (size_t)n, &point, err);
  if (!rc)
    rc = qf_gather_add(j->v->v.door->gather, point, &r, err);
  if (!rc)
    j->good++;
  return rc == QF_SYNTAX ? QF_STATE : rc;
}

/* The readings of p, stamped with time; acknowledged when durable. */
static qf_rc keep(visit *v, station *s, const qf_hj_packet *p, qf_us time, uint32_t *bad, qf_err *err)
{
  job j = {.v = v, .s = s, .p = p, .time = time};
  qf_gather *g = v->v.door->gather;
  qf_hj_item it;
  qf_rc rc = read_about(&j.about, p->cp, err);
  for (size_t at = 0; !rc && qf_hj_item_next(p->cp, &at, &it);) {
    rc = one(&j, &it, err);
    if (rc == QF_SYNTAX) {
      j.bad++;
      rc = QF_OK;
    }
  }
  if (!rc && j.bad && !j.good) /* nothing of it can be read: to say "stored" would be a lie */
    rc = QF_SYNTAX;
  *bad += j.bad;
  if (rc) {
    qf_gather_drop(g);
    return rc;
  }
  qf_gather_ack ack = {.link = s->guest.link, .conn = qf_conn_id(v->v.conn)};
  if (p->ack)
    ack.reply_len = hj_answer_bytes(v, p, QF_HJ_DATA_ACK, ack.reply, sizeof ack.reply);
  return qf_gather_packet(g, &ack, err);
}

/* ---- split messages */

static void drop_held(hj_parts *x, set *t)
{
  for (held *h = t->held, *next; h; h = next) {
    next = h->next;
    x->held_bytes -= h->n;
    free(h);
  }
  *t = (set){0};
}

void hj_parts_free(hj_parts *p)
{
  for (int i = 0; p && i < SETS; i++)
    drop_held(p, &p->set[i]);
  free(p);
}

static void give_up(visit *v, station *s, set *t)
{
  qf_err err;
  unsigned have = 0;
  for (unsigned i = 0; i < t->pnum; i++)
    have += (unsigned)(t->seen >> i & 1);
  qf_fail(&err, QF_PARTIAL, "CN %u: only %u of %u parts came in time%s", "CN %u：%u 包（共 %u 包）按时到达，其余未到%s",
          t->cn, have, t->pnum, t->held ? "; what had no DataTime was dropped, not answered" : "");
  qf_door_warn(&v->v, &s->guest, &err);
  drop_held(s->parts, t);
}

void hj_parts_tick(visit *v, station *s, qf_us now)
{
  int64_t limit = ((const hj *)v->v.door)->o.parts_s * QF_US_SECOND;
  for (int i = 0; s->parts && i < SETS; i++)
    if (s->parts->set[i].open && now - s->parts->set[i].since > limit)
      give_up(v, s, &s->parts->set[i]);
}

/* The set that part p belongs to: of the same time, or one that still lacks it; else a new one, if need be in place of the
 * oldest. */
static set *set_of(visit *v, station *s, const qf_hj_packet *p, bool timed, qf_us time)
{
  hj_parts *x = s->parts;
  set *fits = NULL, *oldest = &x->set[0];
  for (int i = 0; i < SETS; i++) {
    set *t = &x->set[i];
    bool same = t->open && t->cn == p->cn && t->pnum == p->pnum, lacks = !(t->seen >> (p->pno - 1) & 1);
    if (same && timed && t->timed && t->data_time == time)
      return t;
    if (same && lacks && !(timed && t->timed) && (!fits || t->since > fits->since))
      fits = t;
    if (!t->open || (oldest->open && t->since < oldest->since))
      oldest = t;
  }
  if (fits)
    return fits;
  if (oldest->open)
    give_up(v, s, oldest);
  *oldest = (set){.open = true, .cn = p->cn, .pnum = p->pnum, .since = qf_city_now(v->v.door->env->city)};
  return oldest;
}

static qf_rc hold(hj_parts *x, set *t, const qf_hj_packet *p, qf_err *err)
{
  size_t n = sizeof(held) + p->cp.n;
  held *h = x->held_bytes + n <= HELD_MAX ? malloc(n) : NULL;
  if (!h)
    return qf_fail(err, QF_FULL, "part %u of %u has no DataTime, and too many such parts wait",
                   "第 %u 包（共 %u 包）没有 DataTime，且等待的包过多", (unsigned)p->pno, (unsigned)p->pnum);
  h->next = t->held;
  h->p = *p;
  h->n = n;
  memcpy(h + 1, p->cp.s, p->cp.n);
  h->p.cp.s = (const char *)(h + 1);
  t->held = h;
  x->held_bytes += n;
  return QF_OK;
}

static qf_rc part(visit *v, station *s, const qf_hj_packet *p, const qf_us *time, uint32_t *bad, qf_err *err)
{
  hj_parts *x = s->parts ? s->parts : (s->parts = calloc(1, sizeof *s->parts));
  if (!x)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (time && x->done_pnum == p->pnum && x->done_cn == p->cn && x->done_time == *time)
    return keep(v, s, p, *time, bad, err);
  set *t = set_of(v, s, p, time != NULL, time ? *time : 0);
  if (time && !t->timed) {
    t->timed = true;
    t->data_time = *time;
  }
  qf_rc rc = t->timed ? keep(v, s, p, t->data_time, bad, err) : hold(x, t, p, err);
  if (rc)
    return rc;
  t->seen |= UINT64_C(1) << (p->pno - 1);
  for (held *h = t->timed ? t->held : NULL; h && !rc; h = h->next)
    rc = keep(v, s, &h->p, t->data_time, bad, err);
  bool whole = t->timed && t->seen == (t->pnum == 64 ? UINT64_MAX : (UINT64_C(1) << t->pnum) - 1);
  if (whole) {
    x->done_cn = t->cn;
    x->done_pnum = t->pnum;
    x->done_time = t->data_time;
    drop_held(x, t);
  } else if (t->timed) {
    set kept = *t;
    drop_held(x, t);
    kept.held = NULL;
    *t = kept;
  }
  return rc;
}

qf_rc hj_data(visit *v, station *s, const qf_hj_packet *p, uint32_t *bad, qf_err *err)
{
  qf_hj_str x = {0};
  qf_us time = 0;
  bool timed = qf_hj_find(p->cp, 0, NULL, "DataTime", &x);
  if (timed && qf_hj_time(x, &time))
    return qf_fail(err, QF_SYNTAX, "DataTime=%.*s: not a time", "DataTime=%.*s：不是时间", (int)(x.n < 40 ? x.n : 40),
                   x.s);
  if (p->pnum > 1)
    return part(v, s, p, timed ? &time : NULL, bad, err);
  if (!timed)
    return qf_fail(err, QF_SYNTAX, "data without DataTime", "数据缺少 DataTime");
  return keep(v, s, p, time, bad, err);
}
