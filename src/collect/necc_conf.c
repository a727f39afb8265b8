/* The platform's file: who may upload, with which key, at what time of the day, and what is expected of whom. */
#include "collect/necc_int.h"
#include "domain/uscc.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ITEMS_MAX = 2000 };

static const char *const stat_name[] = {"rt", "day", "month", "year"};

const char *qf_necc_stat_name(uint8_t stat)
{
  return stat_name[stat & 3];
}

size_t qf_necc_series(const char *unit, const char *code, uint8_t stat, char out[128])
{
  int n = snprintf(out, 128, "necc,code=%s,stat=%s,unit=%s value", code, qf_necc_stat_name(stat), unit);
  return n > 0 && n < 128 ? (size_t)n : 0;
}

bool qf_necc_series_read(const char *key, char code[QF_NECC_CODE + 1], uint8_t *stat, char unit[33])
{
  char name[8], field[8];
  if (sscanf(key, "necc,code=%20[0-9-],stat=%6[a-z],unit=%32[0-9A-Z] %7s", code, name, unit, field) != 4)
    return false;
  for (uint8_t i = 0; i < 4; i++)
    if (strcmp(name, stat_name[i]) == 0) {
      *stat = i;
      return strcmp(field, "value") == 0 && strlen(code) == QF_NECC_CODE;
    }
  return false;
}

/* ---- the secret all keys are made of */

static qf_rc io(qf_err *err, const char *path)
{
  return qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", path, strerror(errno));
}

static bool write_whole(int fd, const void *p, size_t n)
{
  return write(fd, p, n) == (ssize_t)n && fsync(fd) == 0;
}

/* 32 bytes by chance, made at the first start; under its name only when whole. */
static qf_rc make_secret(qf_necc_platform *p, const char *path, const char *folder, qf_err *err)
{
  char aside[4600];
  snprintf(aside, sizeof aside, "%s.part", path);
  if (RAND_bytes(p->secret, sizeof p->secret) != 1)
    return qf_fail(err, QF_STATE, "no random numbers", "无法取得随机数");
  int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && write_whole(fd, p->secret, sizeof p->secret) && rename(aside, path) == 0;
  qf_rc rc = ok ? QF_OK : io(err, path);
  if (fd >= 0)
    close(fd);
  int dir = ok ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (ok && (dir < 0 || fsync(dir)))
    rc = io(err, folder);
  if (dir >= 0)
    close(dir);
  return rc;
}

static qf_rc read_secret(qf_necc_platform *p, qf_err *err)
{
  char path[4500], folder[4400];
  snprintf(folder, sizeof folder, "%.4300s/collect", qf_city_dir(p->door.env->city));
  snprintf(path, sizeof path, "%s/%s.secret", folder, p->door.name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? make_secret(p, path, folder, err) : io(err, path);
  ssize_t n = read(fd, p->secret, sizeof p->secret);
  close(fd);
  return n == (ssize_t)sizeof p->secret
             ? QF_OK
             : qf_fail(err, QF_CORRUPT, "%.200s: not 32 bytes", "%.200s：应为 32 字节", path);
}

/* Key and number of a unit's device: HMAC-SHA256 of the secret over the unit and its generation. */
static qf_rc derive(const qf_necc_platform *p, qf_necc_unit *u, int64_t generation, qf_err *err)
{
  char text[80];
  uint8_t sum[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  for (int i = 0; i < 2; i++) {
    int len = snprintf(text, sizeof text, "%s %s %lld", i ? "device" : "key", u->guest.name, (long long)generation);
    if (!HMAC(EVP_sha256(), p->secret, sizeof p->secret, (const uint8_t *)text, (size_t)len, sum, &n))
      return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    if (i)
      qf_hex(sum, 16, u->device);
    else
      memcpy(u->key, sum, QF_NECC_KEY);
  }
  return QF_OK;
}

/* ---- units */

static qf_rc add_items(qf_necc_unit *u, uint8_t stat, const char *list, qf_err *err)
{
  static const char apart[] = " ,;\t";
  qf_rc rc = QF_OK;
  for (const char *s = list ? list + strspn(list, apart) : ""; !rc && *s; s += strspn(s, apart)) {
    size_t n = strcspn(s, apart);
    qf_necc_item *more = realloc(u->item, (u->items + 1) * sizeof *more);
    if (!more)
      return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    u->item = more;
    if (u->items == ITEMS_MAX)
      return qf_fail(err, QF_RANGE, "more than %d items", "采集项超过 %d 个", ITEMS_MAX);
    rc = qf_necc_code(s, n, more[u->items].code, err);
    more[u->items++].stat = stat;
    s += n;
  }
  return rc;
}

/* A unit's key, else the collector's. */
static const char *either(qf_conf *c, const char *section, const char *key)
{
  const char *all = qf_conf_get(c, "collector", key), *own = qf_conf_get(c, section, key);
  return own ? own : all;
}

static qf_rc unit_numbers(qf_necc_platform *p, qf_necc_unit *u, qf_conf *c, const char *section, qf_err *err)
{
  int64_t minutes = 15, generation = 1;
  const char *since = qf_conf_get(c, section, "since"), *key = qf_conf_get(c, section, "key");
  qf_rc rc = qf_conf_int(c, "collector", "realtime_min", 15, 60, 15, &minutes, err);
  if (!rc)
    rc = qf_conf_int(c, section, "realtime_min", 15, 60, minutes, &minutes, err);
  if (!rc && minutes != 15 && minutes != 30 && minutes != 60)
    rc = qf_fail(err, QF_RANGE, "realtime_min: 15, 30 or 60", "realtime_min 应为 15、30 或 60");
  if (!rc)
    rc = qf_conf_int(c, section, "generation", 1, 1000000, 1, &generation, err);
  if (!rc && since && qf_tm_parse(since, strlen(since), &u->since))
    rc =
        qf_fail(err, QF_SYNTAX, "[%.60s] since = %.40s: not a date", "[%.60s] since = %.40s：不是日期", section, since);
  u->minutes = (uint32_t)minutes;
  if (!rc)
    rc = derive(p, u, generation, err);
  if (!rc && key && !qf_necc_key(key, u->key))
    rc = qf_fail(err, QF_SYNTAX, "[%.60s] key: 32 hexadecimal digits", "[%.60s] key 应为 32 位十六进制数", section);
  return rc ? rc : qf_necc_cipher_new(u->key, &u->cipher, err);
}

static qf_rc add_unit(qf_necc_platform *p, qf_conf *c, const char *section, qf_err *err)
{
  const char *name = section + 5, *region = either(c, section, "region");
  qf_rc rc = qf_uscc_check(name, strlen(name), err);
  if (rc)
    return rc;
  if (!region || strlen(region) != 6 || strspn(region, "0123456789") != 6)
    return qf_fail(err, QF_SYNTAX, "[%.60s] region: six digits (GB/T 2260)", "[%.60s] region 应为 6 位行政区划代码",
                   section);
  qf_necc_unit **more = realloc(p->unit, (p->units + 1) * sizeof *more);
  qf_guest *g = more ? qf_door_add(&p->door, name) : NULL;
  if (more)
    p->unit = more;
  if (!g)
    return qf_fail(err, QF_FULL, "more units than units_max = %u", "单位数超过 units_max = %u", p->door.guests_max);
  qf_necc_unit *u = (qf_necc_unit *)g;
  p->unit[p->units++] = u;
  g->listed = true;
  memcpy(u->region, region, 6);
  u->title = qf_conf_get(c, section, "name");
  u->from = either(c, section, "from");
  rc = unit_numbers(p, u, c, section, err);
  if (!rc)
    rc = add_items(u, QF_NECC_REALTIME, either(c, section, "realtime"), err);
  if (!rc)
    rc = add_items(u, QF_NECC_DAY, either(c, section, "daily"), err);
  return rc ? rc : add_items(u, QF_NECC_MONTH, either(c, section, "monthly"), err);
}

void qf_necc_unit_fini(qf_guest *g)
{
  qf_necc_unit *u = (qf_necc_unit *)g;
  qf_necc_cipher_free(u->cipher);
  free(u->item);
}

/* Slots one after the other over the hours that are set aside for them. */
static qf_rc stagger(qf_necc_platform *p, qf_conf *c, qf_err *err)
{
  const char *a = qf_conf_get(c, "collector", "slot_from"), *b = qf_conf_get(c, "collector", "slot_to");
  uint32_t from = 0, to = 0;
  if (qf_necc_slot(a ? a : "00:30:00", &from) || qf_necc_slot(b ? b : "05:30:00", &to) || from >= to)
    return qf_fail(err, QF_SYNTAX, "slot_from, slot_to: times of the day such as 00:30:00, the first the earlier",
                   "slot_from、slot_to 应为形如 00:30:00 的时刻，且前者较早");
  for (uint32_t i = 0; i < p->units; i++)
    p->unit[i]->slot_s = from + (uint32_t)((uint64_t)(to - from) * i / p->units);
  return QF_OK;
}

/* Who has a series here has uploaded: its key is known to it. */
static void remember(qf_necc_platform *p)
{
  uint32_t n = qf_city_series_count(p->door.env->city);
  for (uint32_t i = 1; i <= n; i++) {
    char code[QF_NECC_CODE + 1], unit[33];
    uint8_t stat = 0;
    const char *key = qf_city_series_key(p->door.env->city, i);
    qf_guest *g = key && qf_necc_series_read(key, code, &stat, unit) ? qf_door_find(&p->door, unit) : NULL;
    if (g)
      ((qf_necc_unit *)g)->known = true;
  }
}

qf_rc qf_necc_conf(qf_necc_platform *p, qf_conf *conf, qf_err *err)
{
  int64_t units = 0, series = 0;
  const char *give = qf_conf_get(conf, "collector", "register"), *section;
  p->url = qf_conf_get(conf, "collector", "url");
  p->always = give && strcmp(give, "always") == 0;
  static const char *const shared[] = {"region", "from", "realtime", "daily", "monthly"};
  for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) /* known keys, with or without units */
    (void)qf_conf_get(conf, "collector", shared[i]);
  if (give && !p->always && strcmp(give, "once") != 0)
    return qf_fail(err, QF_SYNTAX, "register = %.40s: not once or always", "register = %.40s：应为 once 或 always",
                   give);
  qf_rc rc = qf_conf_int(conf, "collector", "units_max", 1, 100000, 5000, &units, err);
  if (!rc)
    rc = qf_conf_int(conf, "collector", "series_max", 1, 100000, 2000, &series, err);
  p->door.guests_max = (uint32_t)units;
  p->door.series_max = (uint32_t)series;
  if (!rc)
    rc = read_secret(p, err);
  for (uint32_t i = 0; !rc && (section = qf_conf_section(conf, i)); i++)
    if (strncmp(section, "unit ", 5) == 0)
      rc = add_unit(p, conf, section, err);
  if (!rc && !p->units)
    rc = qf_fail(err, QF_SYNTAX, "no [unit USCC] is listed", "没有列出 [unit 统一社会信用代码]");
  if (!rc)
    rc = stagger(p, conf, err);
  if (!rc)
    rc = qf_necc_dictionary_version(p->dictionary);
  if (!rc)
    remember(p);
  return rc;
}
