/* Electricity meters by DL/T 645 behind transparent serial servers (docs/collectors.md).
 *
 *   [meter NAME]   address (12 digits), connect, ratios of its transformers
 *   [item NAME]    di = 00010000: what is read of every meter
 *
 * One request at a time on a gateway's line. An answer is taken when address, identifier and part are those asked for; what
 * comes later is dropped. */
#include "wire/dlt645.h"
#include "collect/device.h"
#include "collect/field.h"
#include "collect/poll.h"
#include "wire/scale.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 200, BLOCK_MAX = 64 }; /* items of a file, values of one item */

typedef struct item {
  char field[60];
  uint32_t di;
  int edition; /* this item's; a meter reads the items of its own */
  qf_d645_format format;
  bool block;
  qf_ratio by;
  qf_num scale;
} item;

typedef struct meter {
  struct dlt645 *d;
  uint8_t address[6];
  int edition;
  char series[QF_LP_KEY_MAX];
  qf_num by[QF_RATIOS];
  uint32_t *points; /* of items x BLOCK_MAX */
  uint32_t taken;   /* values of the item being read, from the parts before */
} meter;

typedef struct dlt645 {
  const qf_collect_env *env;
  qf_poll *poll;
  item *items;
  meter **meters;
  uint32_t items_n, n, cap;
} dlt645;

static const item *item_of(const meter *m, uint32_t step)
{
  for (uint32_t i = 0; i < m->d->items_n; i++)
    if (m->d->items[i].edition == m->edition && step-- == 0)
      return &m->d->items[i];
  return NULL;
}

static size_t ask(const qf_poll_talk *t, uint8_t *out)
{
  const meter *m = t->device;
  const item *it = item_of(m, t->step);
  qf_d645_frame f;
  if (!it)
    return 0;
  qf_d645_ask(m->address, it->di, m->edition, (uint8_t)t->part, &f);
  return qf_d645_write(&f, out);
}

/* The values of an answer, or of one part of it. */
static qf_rc take(meter *m, const item *it, const qf_d645_reply *r, qf_poll_talk *t)
{
  unsigned width = it->format.bytes + it->format.skip, n = it->block ? r->n / width : r->n >= width;
  uint32_t *points = m->points + (size_t)(it - m->d->items) * BLOCK_MAX, from = t->part ? m->taken : 0;
  qf_rc rc = QF_OK;
  if (n == 0 || from + n > BLOCK_MAX)
    return qf_fail(&t->why, QF_SYNTAX, "item %s: %u bytes of data, expected %u", "数据项 %s：数据 %u 字节，应为 %u",
                   it->field, r->n, width);
  if (qf_batch_reserve(t->batch, n))
    return qf_fail(&t->why, QF_NOMEM, "out of memory", "内存不足");
  for (unsigned i = 0; !rc && i < n; i++) {
    char field[72];
    qf_num v = {0, 0};
    bool exact = true;
    if (it->block)
      snprintf(field, sizeof field, "%s_%u", it->field, it->format.first + from + i);
    else
      snprintf(field, sizeof field, "%s", it->field);
    qf_rc got = qf_d645_value(&it->format, r->data + i * width, &v);
    if (got == QF_RANGE ||
        (!got && (qf_num_times(v, it->scale, &v, &exact) || qf_num_times(v, m->by[it->by], &v, &exact))))
      rc = qf_fail(&t->why, QF_RANGE, "item %s: a digit above 9, or out of range",
                   "数据项 %s：有大于 9 的数字或超出范围", field);
    else if (!(rc = qf_device_point(m->d->env->city, m->series, field, &points[from + i], &t->why)))
      qf_batch_add(t->batch, points[from + i], t->now, v,
                   (uint8_t)((got ? QF_RD_SENTINEL : 0) | (exact ? 0 : QF_RD_INEXACT)));
  }
  m->taken = from + n;
  return rc;
}

static qf_heard judge(qf_poll_talk *t, const qf_d645_frame *f)
{
  static const uint8_t anybody[6] = {0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA};
  meter *m = t->device;
  const item *it = m ? item_of(m, t->step) : NULL;
  qf_d645_reply r;
  if (!it || !(f->control & QF_D645_REPLY) ||
      (memcmp(f->address, m->address, 6) != 0 && memcmp(m->address, anybody, 6) != 0))
    return QF_HEARD_NOTHING;
  qf_rc rc = qf_d645_read_reply(f, m->edition, &r, &t->why);
  if (rc == QF_SYNTAX)
    return QF_HEARD_NOTHING; /* the answer to somebody's writing, say */
  if (rc)
    return QF_HEARD_REFUSED;
  if (r.di != it->di || (m->edition == 2007 && r.part != t->part))
    return QF_HEARD_NOTHING;
  if (take(m, it, &r, t))
    return QF_HEARD_REFUSED;
  return r.more && t->part < 250 ? QF_HEARD_MORE : QF_HEARD_ANSWER;
}

static size_t hear(qf_poll_talk *t, const uint8_t *p, size_t n, qf_heard *what)
{
  qf_d645_frame f;
  bool found;
  uint32_t bad = 0;
  size_t used = qf_d645_find(p, n, &f, &found, &bad);
  *what = QF_HEARD_NOTHING;
  if (found)
    *what = judge(t, &f);
  else if (bad && used > 0) {
    qf_fail(&t->why, QF_CORRUPT, "a frame with a wrong check sum or end", "帧校验和或结束符错误");
    *what = QF_HEARD_BROKEN;
  }
  return used;
}

static const qf_poll_ops ops = {.ask = ask, .hear = hear};

/* ---- the file ---- */

static qf_rc read_edition(const qf_conf *c, const char *section, int fallback, int *out, qf_err *err)
{
  const char *v = qf_conf_get(c, section, "edition");
  *out = !v ? fallback : strcmp(v, "1997") == 0 ? 1997 : strcmp(v, "2007") == 0 ? 2007 : 0;
  return *out ? QF_OK : qf_conf_wrong(section, "edition", "2007 or 1997", " 2007 或 1997", err);
}

static qf_rc read_format(const qf_conf *c, const char *section, item *it, qf_err *err)
{
  int64_t bytes = 0, decimals = 0, sign = 0, block = 0;
  qf_rc rc = qf_conf_int(c, section, "bytes", 0, 8, 0, &bytes, err);
  if (rc || (rc = qf_conf_int(c, section, "decimals", 0, 9, 0, &decimals, err)) ||
      (rc = qf_conf_int(c, section, "signed", 0, 1, 0, &sign, err)) ||
      (rc = qf_conf_int(c, section, "block", 0, 1, 0, &block, err)))
    return rc;
  if (bytes) {
    it->format = (qf_d645_format){.bytes = (uint8_t)bytes, .decimals = (int8_t)decimals, .sign = sign != 0, .unit = ""};
    it->block = block != 0;
  } else if (qf_d645_format_of(it->di, it->edition, &it->format, &it->block))
    return qf_conf_wrong(section, "bytes", "1 to 8, with decimals: this identifier is not in the tables",
                         " 1 至 8，并给出 decimals：该数据标识不在表中", err);
  return QF_OK;
}

/* section: "item NAME" */
static qf_rc read_item(dlt645 *d, const qf_conf *c, const char *section, int edition, qf_err *err)
{
  const char *di = qf_conf_get(c, section, "di"), *field = qf_conf_get(c, section, "field");
  item *it = &d->items[d->items_n];
  if (d->items_n == ITEMS_MAX)
    return qf_fail(err, QF_FULL, "more than %d items", "数据项超过 %d 个", ITEMS_MAX);
  qf_rc rc = read_edition(c, section, edition, &it->edition, err);
  if (rc)
    return rc;
  size_t want = it->edition == 1997 ? 4 : 8;
  if (!di || strlen(di) != want || strspn(di, "0123456789ABCDEFabcdef") != want)
    return qf_conf_wrong(section, "di", "8 hexadecimal digits DI3..DI0 (1997: 4)",
                         " 8 位十六进制 DI3…DI0（1997 版为 4 位）", err);
  it->di = (uint32_t)strtoul(di, NULL, 16);
  if (!field)
    field = section + strlen("item ");
  if (!*field || strlen(field) >= sizeof it->field)
    return qf_conf_wrong(section, "field", "1 to 59 bytes", " 1 至 59 字节", err);
  snprintf(it->field, sizeof it->field, "%s", field);
  if ((rc = read_format(c, section, it, err)) || (rc = qf_conf_ratio(c, section, &it->by, err)) ||
      (rc = qf_conf_factor(c, section, "scale", &it->scale, err)))
    return rc;
  d->items_n++;
  return QF_OK;
}

static meter *new_meter(dlt645 *d)
{
  if (d->n == d->cap) {
    uint32_t cap = d->cap ? d->cap * 2 : 16;
    meter **more = realloc(d->meters, cap * sizeof *more);
    if (!more)
      return NULL;
    d->meters = more;
    d->cap = cap;
  }
  meter *m = calloc(1, sizeof *m);
  if (!m)
    return NULL;
  m->d = d;
  d->meters[d->n++] = m;
  m->points = calloc((size_t)d->items_n * BLOCK_MAX, sizeof *m->points);
  return m->points ? m : NULL;
}

/* section: "meter NAME" */
static qf_rc read_meter(dlt645 *d, const qf_conf *c, const char *section, int edition, qf_err *err)
{
  char host[256];
  uint16_t port;
  const char *name = section + strlen("meter "), *address = qf_conf_get(c, section, "address");
  qf_rc rc = qf_conf_addr(c, qf_conf_get(c, section, "connect") ? section : "collector", "connect", host, sizeof host,
                          &port, err);
  if (rc)
    return rc;
  meter *m = new_meter(d);
  if (!m)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (!address || qf_d645_address_parse(address, m->address))
    return qf_conf_wrong(section, "address", "the meter's number, at most 12 digits", "表号，至多 12 位数字", err);
  const qf_device_name dn = {"dlt645", "meter", name, qf_conf_get(c, section, "series"), 0};
  if ((rc = read_edition(c, section, edition, &m->edition, err)) || (rc = qf_conf_ratios(c, section, m->by, err)) ||
      (rc = qf_device_series(c, &dn, m->series, err)))
    return rc;
  if (!item_of(m, 0))
    return qf_conf_wrong(section, "edition", "an edition that some [item NAME] is of", "某个 [item 名称] 所属的版本",
                         err);
  return qf_poll_add(d->poll, host, port, name, m, err);
}

static bool begins(const char *s, const char *with)
{
  return strncmp(s, with, strlen(with)) == 0 && s[strlen(with)];
}

static qf_rc read_file(dlt645 *d, qf_conf *c, qf_err *err)
{
  int edition = 2007;
  const char *s;
  qf_rc rc = read_edition(c, "collector", 2007, &edition, err);
  for (uint32_t i = 0; !rc && (s = qf_conf_section(c, i)); i++)
    if (begins(s, "item "))
      rc = read_item(d, c, s, edition, err);
  for (uint32_t i = 0; !rc && (s = qf_conf_section(c, i)); i++)
    if (begins(s, "meter "))
      rc = read_meter(d, c, s, edition, err);
  if (!rc && d->n == 0)
    rc = qf_fail(err, QF_SYNTAX, "no [meter NAME] in the file", "文件中没有 [meter 名称]");
  return rc;
}

static void stop(void *self)
{
  dlt645 *d = self;
  qf_poll_free(d->poll);
  for (uint32_t i = 0; i < d->n; i++) {
    free(d->meters[i]->points);
    free(d->meters[i]);
  }
  free(d->meters);
  free(d->items);
  free(d);
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  qf_poll_opts o = {.collector = qf_conf_name(conf),
                    .protocol = "dlt645",
                    .interval_ms = 900000,
                    .timeout_ms = 2000,
                    .connect_ms = 3000,
                    .backoff_ms = 1000,
                    .backoff_max_ms = 300000,
                    .gap_ms = 30,
                    .retries = 1};
  dlt645 *d = calloc(1, sizeof *d);
  if (!d || !(d->items = calloc(ITEMS_MAX, sizeof *d->items))) {
    free(d);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  d->env = env;
  qf_rc rc = qf_poll_conf(conf, &o, err);
  if (!rc)
    rc = qf_poll_new(env, &o, &ops, &d->poll, err);
  if (!rc)
    rc = read_file(d, conf, err);
  if (!rc)
    rc = qf_poll_start(d->poll, err);
  if (rc) {
    stop(d);
    return rc;
  }
  *self = d;
  return QF_OK;
}

const qf_kind qf_kind_dlt645 = {.protocol = "dlt645", .start = start, .stop = stop};
