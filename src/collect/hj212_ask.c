/* What we ask of a station: its time, its intervals. One request at a time, repeated as the standard has it (10 s, three
 * times); the station answers 9011 (ready or why not) and 9012 (done or why not). */
#include "collect/hj212_int.h"
#include <string.h>

enum { TRIES = 3 };
#define WAIT_US (10 * QF_US_SECOND)
#define CLOCK_AGAIN_US (10 * QF_US_MINUTE) /* a clock is not set more often than this */

static const hj_opts *opts(const visit *v)
{
  return &((const hj *)v->v.door)->o;
}

static const char *name_of(uint8_t what)
{
  return what == ASK_TIME ? "CN 1012" : what == ASK_RTD ? "CN 1062" : "CN 1064";
}

static void send(visit *v, const station *s, const qf_hj_head *h, const char *cp)
{
  qf_buf b;
  qf_buf_init(&b, 1024);
  qf_hj_build(&b, h, cp, v->crc == QF_HJ_CRC_MODBUS ? QF_HJ_CRC_MODBUS : QF_HJ_CRC_STANDARD);
  if (!b.failed)
    (void)qf_conn_send(v->v.conn, b.data, b.len);
  qf_buf_fini(&b);
  (void)s;
}

static void request(visit *v, station *s, qf_us now)
{
  char cp[64], qn[18];
  qf_hj_qn(now, qn);
  if (s->asked == ASK_TIME)
    snprintf(cp, sizeof cp, "SystemTime=%.14s", qn);
  else if (s->asked == ASK_RTD)
    snprintf(cp, sizeof cp, "RtdInterval=%d", (int)opts(v)->rtd_interval_s);
  else
    snprintf(cp, sizeof cp, "MinInterval=%d", (int)opts(v)->min_interval_min);
  memcpy(s->asked_qn, qn, sizeof qn);
  s->asked_at = now;
  s->tries++;
  const qf_hj_head h = {.qn = qn,
                        .st = s->st,
                        .cn = s->asked == ASK_TIME  ? QF_HJ_SET_TIME
                              : s->asked == ASK_RTD ? QF_HJ_SET_RTD_INTERVAL
                                                    : QF_HJ_SET_MIN_INTERVAL,
                        .pw = s->pw[0] ? s->pw : s->pw_sent,
                        .mn = s->guest.name,
                        .flag = (uint8_t)(s->version << 2 | 1)};
  send(v, s, &h, cp);
}

void hj_ask_tick(visit *v, station *s, qf_us now)
{
  qf_err err;
  if (s->asked && now - s->asked_at < WAIT_US)
    return;
  if (s->asked && s->tries >= TRIES) {
    qf_fail(&err, QF_STATE, "does not answer %s", "对 %s 不予应答", name_of(s->asked));
    qf_door_warn(&v->v, &s->guest, &err);
    s->asked = 0;
  }
  if (!s->asked) {
    s->asked = s->want & (uint8_t)-s->want; /* lowest bit: the time first */
    s->want &= (uint8_t)~s->asked;
    s->tries = 0;
  }
  if (s->asked)
    request(v, s, now);
}

void hj_ask_begin(visit *v, station *s)
{
  s->asked = 0;
  s->want = (uint8_t)((opts(v)->rtd_interval_s ? ASK_RTD : 0) | (opts(v)->min_interval_min ? ASK_MIN : 0));
}

/* An answer to what we asked. */
static void answered(visit *v, station *s, const qf_hj_packet *p)
{
  qf_hj_str x = {0};
  unsigned code = 0;
  const char *en, *zh, *what = p->cn == QF_HJ_ANSWER ? "QnRtn" : "ExeRtn";
  if (!s->asked || strcmp(p->qn, s->asked_qn) != 0 || !qf_hj_find(p->cp, 0, NULL, what, &x))
    return;
  for (size_t i = 0; i < x.n && i < 4 && x.s[i] >= '0' && x.s[i] <= '9'; i++)
    code = code * 10 + (unsigned)(x.s[i] - '0');
  if (p->cn == QF_HJ_ANSWER && code == 1) { /* the result follows */
    s->tries = TRIES;
    return;
  }
  if (code != 1) {
    qf_err err = {.rc = QF_STATE};
    qf_hj_rtn_words(p->cn, code, &en, &zh);
    snprintf(err.en, sizeof err.en, "%s was not done: %s=%u, %s", name_of(s->asked), what, code, en);
    snprintf(err.zh, sizeof err.zh, "%s 未执行：%s=%u，%s", name_of(s->asked), what, code, zh);
    qf_door_warn(&v->v, &s->guest, &err);
  }
  s->asked = 0;
}

/* A live message's QN is the station's clock. */
static void look_at_clock(visit *v, station *s, const qf_hj_packet *p, qf_us now)
{
  qf_us qn = 0, limit = opts(v)->clock_limit_s * QF_US_SECOND;
  if (!limit || p->cn != QF_HJ_REALTIME || !p->qn[0] || (s->clock_at && now - s->clock_at < CLOCK_AGAIN_US) ||
      qf_hj_time((qf_hj_str){p->qn, 17}, &qn))
    return;
  qf_us off = qn - now;
  if (off <= limit && off >= -limit)
    return;
  qf_err err;
  qf_fail(&err, QF_RANGE, "its clock is %lld s off: told the time by CN 1012",
          "现场机时钟偏差 %lld 秒：以 CN 1012 校时", (long long)(off / QF_US_SECOND));
  qf_door_warn(&v->v, &s->guest, &err);
  s->clock_at = now;
  s->want |= ASK_TIME;
}

void hj_ask_heard(visit *v, station *s, const qf_hj_packet *p)
{
  qf_us now = qf_city_now(v->v.door->env->city);
  if (p->cn == QF_HJ_ANSWER || p->cn == QF_HJ_RESULT)
    answered(v, s, p);
  else if (p->cn == QF_HJ_ASK_TIME)
    s->want |= ASK_TIME;
  look_at_clock(v, s, p, now);
  hj_ask_tick(v, s, now);
}

uint16_t hj_answer_bytes(const visit *v, const qf_hj_packet *p, uint16_t cn, uint8_t *out, size_t cap)
{
  qf_buf b;
  char cp[32] = "";
  if (p->version == 0 && p->qn[0]) /* the edition of 2005 names the message within CP */
    snprintf(cp, sizeof cp, "QN=%s", p->qn);
  const qf_hj_head h = {.qn = p->qn, .st = 91, .cn = cn, .pw = p->pw, .mn = p->mn, .flag = (uint8_t)(p->version << 2)};
  qf_buf_init(&b, 1024);
  qf_hj_build(&b, &h, cp, v->crc == QF_HJ_CRC_MODBUS ? QF_HJ_CRC_MODBUS : QF_HJ_CRC_STANDARD);
  size_t n = b.failed || b.len > cap ? 0 : b.len;
  if (n)
    memcpy(out, b.data, n);
  qf_buf_fini(&b);
  return (uint16_t)n;
}

void hj_answer(visit *v, const station *s, const qf_hj_packet *p, uint16_t cn)
{
  uint8_t out[QF_GATHER_REPLY_MAX];
  uint16_t n = p->ack ? hj_answer_bytes(v, p, cn, out, sizeof out) : 0;
  if (n)
    (void)qf_conn_send(v->v.conn, out, n);
  (void)s;
}
