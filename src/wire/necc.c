#include "wire/necc.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN_MAX = 200, BLOCK = 16 };

/* ---- code, time, slot */

static bool digits(const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (s[i] < '0' || s[i] > '9')
      return false;
  return true;
}

qf_rc qf_necc_code(const char *s, size_t n, char out[QF_NECC_CODE + 1], qf_err *err)
{
  static const uint8_t group[] = {2, 2, 4, 6, 2};
  char plain[17];
  size_t at = 0, k = 0;
  bool dashes = n == QF_NECC_CODE;
  if (!dashes && n != 16)
    return qf_fail(err, QF_SYNTAX, "\"%.*s\": a code has 16 digits (PP-UU-TTNN-CCEEEE-YY)",
                   "“%.*s”：采集项编码应为 16 位数字（PP-UU-TTNN-CCEEEE-YY）", n < 40 ? (int)n : 40, s);
  for (size_t g = 0; g < sizeof group; g++) {
    if ((g && dashes && s[at++] != '-') || !digits(s + at, group[g]))
      return qf_fail(err, QF_SYNTAX, "\"%.*s\": a code is PP-UU-TTNN-CCEEEE-YY in digits",
                     "“%.*s”：采集项编码应为数字 PP-UU-TTNN-CCEEEE-YY", (int)n, s);
    memcpy(plain + k, s + at, group[g]);
    k += group[g];
    at += group[g];
  }
  plain[16] = 0;
  int kind = (plain[8] - '0') * 10 + plain[9] - '0';
  if (kind < 1 || kind > 10)
    return qf_fail(err, QF_SYNTAX, "\"%.*s\": kind of datum %02d is not 01 to 10",
                   "“%.*s”：采集数据类型 %02d 不在 01 至 10 之内", (int)n, s, kind);
  if (memcmp(plain + 4, "00", 2) == 0 && memcmp(plain + 6, "00", 2) != 0)
    return qf_fail(err, QF_SYNTAX, "\"%.*s\": a device number without a device type", "“%.*s”：有设备编号而无设备类型",
                   (int)n, s);
  for (size_t g = 0, from = 0, to = 0; g < sizeof group; from += group[g++]) {
    if (g)
      out[to++] = '-';
    memcpy(out + to, plain + from, group[g]);
    to += group[g];
  }
  out[QF_NECC_CODE] = 0;
  return QF_OK;
}

uint8_t qf_necc_scope(const char code[QF_NECC_CODE + 1])
{
  if (memcmp(code + 6, "00", 2) != 0)
    return 4;
  if (memcmp(code + 3, "00", 2) != 0)
    return 3;
  return memcmp(code, "00", 2) != 0 ? 2 : 1;
}

static int two(const char *s)
{
  return (s[0] - '0') * 10 + s[1] - '0';
}

qf_rc qf_necc_time(const char *s, size_t n, qf_us *out)
{
  if (n != 19 || !digits(s, 4) || s[4] != '-' || !digits(s + 5, 2) || s[7] != '-' || !digits(s + 8, 2) ||
      s[10] != ' ' || !digits(s + 11, 2) || s[13] != ':' || !digits(s + 14, 2) || s[16] != ':' || !digits(s + 17, 2))
    return QF_SYNTAX;
  const qf_civil c = {.year = two(s) * 100 + two(s + 2),
                      .month = two(s + 5),
                      .day = two(s + 8),
                      .hour = two(s + 11),
                      .minute = two(s + 14),
                      .second = two(s + 17)};
  return c.year < 1990 ? QF_RANGE : qf_civil_to_us(&c, QF_CN_OFFSET, out);
}

static void put_two(char *p, int v)
{
  p[0] = (char)('0' + v / 10 % 10);
  p[1] = (char)('0' + v % 10);
}

void qf_necc_put_time(qf_us t, char out[20])
{
  const qf_civil c = qf_civil_at(t, QF_CN_OFFSET);
  memcpy(out, "0000-00-00 00:00:00", 20);
  put_two(out, c.year / 100);
  put_two(out + 2, c.year % 100);
  put_two(out + 5, c.month);
  put_two(out + 8, c.day);
  put_two(out + 11, c.hour);
  put_two(out + 14, c.minute);
  put_two(out + 17, c.second);
}

qf_rc qf_necc_slot(const char *s, uint32_t *seconds)
{
  if (strlen(s) != 8 || !digits(s, 2) || s[2] != ':' || !digits(s + 3, 2) || s[5] != ':' || !digits(s + 6, 2) ||
      two(s) > 23 || two(s + 3) > 59 || two(s + 6) > 59)
    return QF_SYNTAX;
  *seconds = (uint32_t)(two(s) * 3600 + two(s + 3) * 60 + two(s + 6));
  return QF_OK;
}

static int hex_digit(char c)
{
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

static bool unhex(const char *s, size_t bytes, uint8_t *out)
{
  for (size_t i = 0; i < bytes; i++) {
    int hi = hex_digit(s[2 * i]), lo = hi < 0 ? -1 : hex_digit(s[2 * i + 1]);
    if (lo < 0)
      return false;
    out[i] = (uint8_t)(hi << 4 | lo);
  }
  return true;
}

bool qf_necc_key(const char *hex, uint8_t key[QF_NECC_KEY])
{
  return strlen(hex) == (size_t)2 * QF_NECC_KEY && unhex(hex, QF_NECC_KEY, key);
}

qf_us qf_necc_begin(qf_us t, uint8_t stat, uint32_t minutes)
{
  if (stat == QF_NECC_REALTIME)
    return qf_floor(t, (qf_us)minutes * QF_US_MINUTE); /* 15, 30, 60 minutes: one grid in UTC and in Beijing */
  int32_t day = qf_day_cn(t);
  if (stat == QF_NECC_DAY)
    return qf_day_cn_start(day);
  int32_t month = qf_month_of_day(day);
  return qf_day_cn_start(qf_month_first_day(stat == QF_NECC_MONTH ? month : month / 12 * 12));
}

qf_us qf_necc_next(qf_us t, uint8_t stat, uint32_t minutes)
{
  if (stat == QF_NECC_REALTIME)
    return t + (qf_us)minutes * QF_US_MINUTE;
  if (stat == QF_NECC_DAY)
    return t + QF_US_DAY;
  return qf_day_cn_start(qf_month_first_day(qf_month_of_day(qf_day_cn(t)) + (stat == QF_NECC_MONTH ? 1 : 12)));
}

qf_us qf_necc_turn(qf_us now, uint32_t slot_s, uint32_t every_s)
{
  qf_us every = (qf_us)every_s * QF_US_SECOND,
        phase = ((qf_us)slot_s * QF_US_SECOND + QF_US_DAY - QF_CN_OFFSET) % every; /* of the slot on the UTC grid */
  return qf_floor(now - phase, every) + every + phase;
}

/* ---- SM4 */

struct qf_necc_cipher {
  EVP_CIPHER_CTX *seal, *open;
};

qf_rc qf_necc_cipher_new(const uint8_t key[QF_NECC_KEY], qf_necc_cipher **out, qf_err *err)
{
  qf_necc_cipher *c = calloc(1, sizeof *c);
  *out = NULL;
  if (!c || !(c->seal = EVP_CIPHER_CTX_new()) || !(c->open = EVP_CIPHER_CTX_new())) {
    qf_necc_cipher_free(c);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  if (EVP_EncryptInit_ex(c->seal, EVP_sm4_ecb(), NULL, key, NULL) != 1 ||
      EVP_DecryptInit_ex(c->open, EVP_sm4_ecb(), NULL, key, NULL) != 1) {
    qf_necc_cipher_free(c);
    return qf_fail(err, QF_STATE, "the crypto library has no SM4", "加密库不支持 SM4");
  }
  *out = c;
  return QF_OK;
}

void qf_necc_cipher_free(qf_necc_cipher *c)
{
  if (!c)
    return;
  EVP_CIPHER_CTX_free(c->seal);
  EVP_CIPHER_CTX_free(c->open);
  free(c);
}

bool qf_necc_seal(qf_necc_cipher *c, const char *s, size_t n, qf_buf *hex)
{
  uint8_t out[PLAIN_MAX + BLOCK];
  char text[2 * sizeof out + 1];
  int a = 0, b = 0;
  if (n > PLAIN_MAX || EVP_EncryptInit_ex(c->seal, NULL, NULL, NULL, NULL) != 1 ||
      EVP_EncryptUpdate(c->seal, out, &a, (const uint8_t *)s, (int)n) != 1 ||
      EVP_EncryptFinal_ex(c->seal, out + a, &b) != 1)
    return false;
  qf_hex(out, (size_t)(a + b), text);
  qf_buf_puts(hex, text);
  return !hex->failed;
}

qf_rc qf_necc_open(qf_necc_cipher *c, const char *hex, size_t n, char *out, size_t size, size_t *len)
{
  uint8_t in[PLAIN_MAX + BLOCK], plain[PLAIN_MAX + 2 * BLOCK];
  int a = 0, b = 0;
  if (n > 2 * sizeof in)
    return QF_RANGE;
  if (!n || n % 32 || !unhex(hex, n / 2, in))
    return QF_SYNTAX;
  if (EVP_DecryptInit_ex(c->open, NULL, NULL, NULL, NULL) != 1 ||
      EVP_DecryptUpdate(c->open, plain, &a, in, (int)(n / 2)) != 1 || EVP_DecryptFinal_ex(c->open, plain + a, &b) != 1)
    return QF_CORRUPT;
  *len = (size_t)(a + b);
  if (*len >= size)
    return QF_RANGE;
  memcpy(out, plain, *len);
  out[*len] = 0;
  return QF_OK;
}

/* ---- upload */

static bool put_field(qf_buf *out, qf_necc_cipher *c, const char *name, const char *s, size_t n)
{
  qf_buf_printf(out, "\"%s\":\"", name);
  bool ok = qf_necc_seal(c, s, n, out);
  qf_buf_putc(out, '"');
  return ok;
}

static bool put_digit(qf_buf *out, qf_necc_cipher *c, const char *name, unsigned v)
{
  const char d = (char)('0' + v % 10);
  qf_buf_putc(out, ',');
  return put_field(out, c, name, &d, 1);
}

static bool put_datum(qf_buf *out, qf_necc_cipher *c, const qf_necc_record *r)
{
  char time[20];
  qf_buf value;
  qf_buf_init(&value, 64);
  qf_num_write(&value, r->value);
  qf_buf_putc(out, '{');
  bool ok = !value.failed && put_field(out, c, "dataCode", r->code, strlen(r->code));
  qf_buf_putc(out, ',');
  ok = ok && put_field(out, c, "dataValue", value.data, value.len);
  ok = ok && put_digit(out, c, "inputType", r->input) && put_digit(out, c, "statType", r->stat);
  qf_necc_put_time(r->at, time);
  qf_buf_putc(out, ',');
  ok = ok && put_field(out, c, "statDate", time, 19);
  qf_necc_put_time(r->uploaded, time);
  qf_buf_putc(out, ',');
  ok = ok && put_field(out, c, "uploadDate", time, 19);
  ok = ok && put_digit(out, c, "scope", r->scope) && put_digit(out, c, "valid", r->valid ? 0 : 1);
  qf_buf_putc(out, '}');
  qf_buf_fini(&value);
  return ok;
}

qf_rc qf_necc_put_upload(qf_buf *out, const qf_necc_sender *who, const qf_necc_record *r, size_t n, qf_err *err)
{
  if (n > QF_NECC_DATA_MAX)
    return qf_fail(err, QF_RANGE, "an upload has at most %d data", "一次上传至多 %d 条数据", (int)QF_NECC_DATA_MAX);
  qf_buf_puts(out, "{\"deviceId\":");
  qf_buf_json(out, who->device, strlen(who->device));
  qf_buf_puts(out, ",\"enterpriseCode\":");
  qf_buf_json(out, who->enterprise, strlen(who->enterprise));
  qf_buf_puts(out, ",\"data\":[");
  bool ok = true;
  for (size_t i = 0; ok && i < n; i++) {
    if (i)
      qf_buf_putc(out, ',');
    ok = put_datum(out, who->cipher, &r[i]);
  }
  qf_buf_puts(out, "]}");
  return ok && !out->failed ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
}

static bool plain_text(const char *s, size_t max)
{
  size_t n = strlen(s);
  for (size_t i = 0; i < n; i++)
    if (s[i] <= ' ' || s[i] > '~')
      return false;
  return n <= max;
}

qf_rc qf_necc_read(const char *body, size_t n, qf_necc_upload *u, qf_err *err)
{
  json_error_t why;
  *u = (qf_necc_upload){.root = json_loadb(body, n, JSON_REJECT_DUPLICATES, &why)};
  if (!json_is_object(u->root)) {
    json_decref(u->root);
    u->root = NULL;
    return qf_fail(err, QF_SYNTAX, "not a JSON object: byte %d: %.100s", "不是 JSON 对象：第 %d 字节：%.100s",
                   why.position, why.text);
  }
  const char *device = json_string_value(json_object_get(u->root, "deviceId")),
             *who = json_string_value(json_object_get(u->root, "enterpriseCode"));
  u->data = json_object_get(u->root, "data");
  u->device = device ? device : "";
  u->enterprise = who ? who : "";
  u->n = json_array_size(u->data);
  qf_rc rc = QF_OK;
  if (!*u->enterprise || !plain_text(u->enterprise, 18) || !plain_text(u->device, QF_NECC_DEVICE_MAX))
    rc = qf_fail(err, QF_SYNTAX, "enterpriseCode or deviceId is missing or wrong",
                 "缺少 enterpriseCode 或 deviceId，或格式有误");
  else if (u->data && !json_is_array(u->data))
    rc = qf_fail(err, QF_SYNTAX, "\"data\" is no array", "“data”不是数组");
  else if (u->n > QF_NECC_DATA_MAX)
    rc = qf_fail(err, QF_RANGE, "%zu data in one upload, at most %d", "一次上传 %zu 条数据，至多 %d 条", u->n,
                 (int)QF_NECC_DATA_MAX);
  if (rc)
    qf_necc_upload_fini(u);
  return rc;
}

void qf_necc_upload_fini(qf_necc_upload *u)
{
  json_decref(u->root);
  u->root = NULL;
}

typedef struct reader { /* of one datum */
  const json_t *from;
  qf_necc_cipher *c;
  size_t i;
  qf_err *err;
} reader;

static qf_rc wrong(const reader *r, const char *field, qf_rc rc)
{
  if (rc == QF_CORRUPT)
    return qf_fail(r->err, rc, "datum %zu: %s cannot be decrypted: another key", "第 %zu 条：%s 解密失败：密钥不符",
                   r->i + 1, field);
  return qf_fail(r->err, rc, "datum %zu: %s is missing or wrong", "第 %zu 条：%s 缺失或有误", r->i + 1, field);
}

static qf_rc text(const reader *r, const char *field, char out[PLAIN_MAX], size_t *n)
{
  const json_t *v = json_object_get(r->from, field);
  if (!json_is_string(v))
    return wrong(r, field, QF_SYNTAX);
  qf_rc rc = qf_necc_open(r->c, json_string_value(v), json_string_length(v), out, PLAIN_MAX, n);
  return rc ? wrong(r, field, rc) : QF_OK;
}

static qf_rc digit(const reader *r, const char *field, int max, uint8_t *out)
{
  char s[PLAIN_MAX];
  size_t n = 0;
  qf_rc rc = text(r, field, s, &n);
  if (rc)
    return rc;
  if (n != 1 || s[0] < '0' || s[0] > '0' + max)
    return wrong(r, field, QF_SYNTAX);
  *out = (uint8_t)(s[0] - '0');
  return QF_OK;
}

static qf_rc moment(const reader *r, const char *field, qf_us *out)
{
  char s[PLAIN_MAX];
  size_t n = 0;
  qf_rc rc = text(r, field, s, &n);
  if (!rc && (rc = qf_necc_time(s, n, out)))
    rc = wrong(r, field, rc);
  return rc;
}

qf_rc qf_necc_datum(const qf_necc_upload *u, size_t i, qf_necc_cipher *c, qf_necc_record *out, qf_err *err)
{
  const reader r = {json_array_get(u->data, i), c, i, err};
  char s[PLAIN_MAX];
  size_t n = 0;
  uint8_t invalid = 0;
  *out = (qf_necc_record){0};
  if (!json_is_object(r.from))
    return qf_fail(err, QF_SYNTAX, "datum %zu is no object", "第 %zu 条不是对象", i + 1);
  qf_rc rc = text(&r, "dataCode", s, &n);
  if (!rc)
    rc = qf_necc_code(s, n, out->code, err);
  if (!rc)
    rc = text(&r, "dataValue", s, &n);
  if (!rc && (n > 40 || (rc = qf_num_parse(s, n, &out->value, NULL))))
    rc = wrong(&r, "dataValue", rc ? rc : QF_SYNTAX);
  if (!rc)
    rc = digit(&r, "inputType", 5, &out->input);
  if (!rc)
    rc = digit(&r, "statType", QF_NECC_YEAR, &out->stat);
  if (!rc)
    rc = moment(&r, "statDate", &out->at);
  if (!rc)
    rc = moment(&r, "uploadDate", &out->uploaded);
  if (!rc)
    rc = digit(&r, "scope", 4, &out->scope);
  if (!rc)
    rc = digit(&r, "valid", 1, &invalid);
  if (!rc && (!out->input || !out->scope))
    rc = wrong(&r, out->input ? "scope" : "inputType", QF_SYNTAX);
  out->valid = !invalid;
  return rc;
}

/* ---- dictionary */

typedef struct word {
  const char *code, *name, *unit;
} word;

static const word data_types[] = {{"01", "一次能源", NULL},         {"02", "二次能源", NULL},
                                  {"03", "耗能工质", NULL},         {"04", "非能源类产品", NULL},
                                  {"05", "一次能源折标系数", NULL}, {"06", "二次能源折标系数", NULL},
                                  {"07", "耗能工质折标系数", NULL}, {"08", "能效指标", NULL},
                                  {"09", "经济指标", NULL},         {"10", "其他", NULL}};
/* The statistics form P205-1: its codes and two zeros; its units. */
static const word energy[] = {{"0100", "原煤", "吨"},
                              {"0200", "无烟煤", "吨"},
                              {"0300", "炼焦烟煤", "吨"},
                              {"0400", "一般烟煤", "吨"},
                              {"0500", "褐煤", "吨"},
                              {"0600", "洗精煤", "吨"},
                              {"0700", "其他洗煤", "吨"},
                              {"0800", "煤制品", "吨"},
                              {"0900", "焦炭", "吨"},
                              {"1000", "其他焦化产品", "吨"},
                              {"1100", "焦炉煤气", "万立方米"},
                              {"1200", "高炉煤气", "万立方米"},
                              {"1300", "转炉煤气", "万立方米"},
                              {"1400", "其他煤气", "万立方米"},
                              {"1500", "天然气", "万立方米"},
                              {"1600", "液化天然气", "吨"},
                              {"1700", "煤层气", "万立方米"},
                              {"1800", "原油", "吨"},
                              {"1900", "汽油", "吨"},
                              {"2000", "煤油", "吨"},
                              {"2100", "柴油", "吨"},
                              {"2200", "燃料油", "吨"},
                              {"2300", "液化石油气", "吨"},
                              {"2400", "炼厂干气", "吨"},
                              {"2500", "石脑油", "吨"},
                              {"2600", "润滑油", "吨"},
                              {"2700", "石蜡", "吨"},
                              {"2800", "溶剂油", "吨"},
                              {"2900", "石油焦", "吨"},
                              {"3000", "石油沥青", "吨"},
                              {"3100", "其他石油制品", "吨"},
                              {"3200", "热力", "百万千焦"},
                              {"3300", "电力", "万千瓦时"},
                              {"3400", "煤矸石（用于燃料）", "吨"},
                              {"3500", "城市生活垃圾（用于燃料）", "吨"},
                              {"3600", "生物质能（用于燃料）", "吨标准煤"},
                              {"3700", "余热余压", "百万千焦"},
                              {"3800", "其他工业废料（用于燃料）", "吨"},
                              {"3900", "其他燃料", "吨标准煤"},
                              {"4000", "能源合计", "吨标准煤"}};
static const word uses[] = {{"11", "合计消费", NULL}};
static const word processes[] = {{"00", "全厂", NULL}};
static const word inputs[] = {{"1", "管理信息系统", NULL},
                              {"2", "生产监控管理系统", NULL},
                              {"3", "分布式控制系统（DCS）", NULL},
                              {"4", "现场仪表", NULL},
                              {"5", "手工填报", NULL}};
static const word stats[] = {{"0", "实时", NULL}, {"1", "日", NULL}, {"2", "月", NULL}, {"3", "年", NULL}};
static const word scopes[] = {
    {"1", "全厂", NULL}, {"2", "生产工序", NULL}, {"3", "工序单元", NULL}, {"4", "重点耗能设备", NULL}};

static void put_words(qf_buf *out, const char *name, const word *w, size_t n)
{
  qf_buf_printf(out, "%c\"%s\":[", out->len && out->data[out->len - 1] == ']' ? ',' : '{', name);
  for (size_t i = 0; i < n; i++) {
    qf_buf_printf(out, "%s{\"code\":\"%s\",\"name\":\"%s\"", i ? "," : "", w[i].code, w[i].name);
    if (w[i].unit)
      qf_buf_printf(out, ",\"unit\":\"%s\"", w[i].unit);
    qf_buf_putc(out, '}');
  }
  qf_buf_putc(out, ']');
}

#define WORDS(out, name, w) put_words(out, name, w, sizeof(w) / sizeof *(w))

void qf_necc_dictionary(qf_buf *out)
{
  qf_buf words; /* of its own: whether a comma is due is seen from its end */
  qf_buf_init(&words, 16384);
  WORDS(&words, "dataType", data_types);
  WORDS(&words, "energy", energy);
  WORDS(&words, "use", uses);
  WORDS(&words, "process", processes);
  WORDS(&words, "inputType", inputs);
  WORDS(&words, "statType", stats);
  WORDS(&words, "scope", scopes);
  qf_buf_putc(&words, '}');
  out->failed = out->failed || words.failed;
  qf_buf_put(out, words.data, words.len);
  qf_buf_fini(&words);
}

qf_rc qf_necc_dictionary_version(char out[17])
{
  qf_buf words;
  uint8_t sum[32];
  qf_buf_init(&words, 16384);
  qf_necc_dictionary(&words);
  bool ok = !words.failed;
  if (ok)
    qf_sha256(words.data, words.len, sum);
  qf_hex(sum, ok ? 8 : 0, out);
  qf_buf_fini(&words);
  return ok ? QF_OK : QF_NOMEM;
}

const char *qf_necc_energy(const char code[QF_NECC_CODE + 1])
{
  if (memcmp(code + 11, "01", 2) != 0 && memcmp(code + 11, "02", 2) != 0)
    return NULL;
  for (size_t i = 0; i < sizeof energy / sizeof *energy; i++)
    if (memcmp(code + 13, energy[i].code, 4) == 0)
      return energy[i].name;
  return NULL;
}
