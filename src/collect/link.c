#include "collect/link.h"
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTES = 5, SLOTS = 2 * (int)QF_LINKS_MAX + 3000, TALLIES = 256 };

/* What the metrics tell of one protocol of one collector: as many lines as there are files, however many senders come. */
typedef struct tally {
  char collector[64], protocol[24];
  uint64_t messages, bytes, taken, refused[QF_RC_COUNT], cycles, timeouts;
  uint64_t state[3]; /* links in each */
  qf_us last_seen;
} tally;

struct qf_link {
  qf_links *all;
  tally *of;
  char collector[64], protocol[24], name[QF_LINK_NAME_MAX + 4], peer[64];
  qf_link_state state;
  qf_us since, last_seen;
  uint64_t messages, bytes, taken, refused;
  uint32_t minute[MINUTES]; /* messages by minute, the newest at `newest` */
  int64_t newest;           /* its number since 1970 */
  char note_en[160], note_zh[160];
  qf_us refused_at;
  qf_err why;
  uint8_t *raw; /* of the last refused message; made when the first one comes */
  uint16_t raw_len;
};

struct qf_links {
  pthread_mutex_t mx;
  qf_clock clock;
  uint32_t n;
  tally tally[TALLIES]; /* the last one is shared by all collectors that find no room */
  uint32_t tallies;
  qf_link *slot[SLOTS]; /* open addressing by collector and name; links are never taken out */
};

qf_links *qf_links_new(qf_clock clock)
{
  qf_links *l = calloc(1, sizeof *l);
  if (!l)
    return NULL;
  l->clock = clock;
  pthread_mutex_init(&l->mx, NULL);
  return l;
}

void qf_links_free(qf_links *l)
{
  if (!l)
    return;
  for (size_t i = 0; i < SLOTS; i++)
    if (l->slot[i]) {
      free(l->slot[i]->raw);
      free(l->slot[i]);
    }
  pthread_mutex_destroy(&l->mx);
  free(l);
}

static uint32_t hash(uint32_t h, const char *s)
{
  for (; *s; s++)
    h = (h ^ (uint8_t)*s) * 16777619u; /* FNV-1a */
  return h;
}

static qf_us now_of(const qf_links *l)
{
  return l->clock.now(l->clock.ud);
}

/* A sender names itself: no control bytes reach a page or a log, and a long name is cut. */
static void clean(char *to, size_t size, const char *from)
{
  static const char hex[] = "0123456789abcdef";
  size_t n = 0;
  for (; *from && n + 5 < size; from++) {
    uint8_t b = (uint8_t)*from;
    if (b >= 32 && b != 127) {
      to[n++] = *from;
    } else {
      to[n++] = '\\';
      to[n++] = 'x';
      to[n++] = hex[b >> 4];
      to[n++] = hex[b & 15];
    }
  }
  to[n] = 0;
}

static tally *tally_of(qf_links *l, const char *collector, const char *protocol)
{
  for (uint32_t i = 0; i < l->tallies; i++)
    if (strcmp(l->tally[i].collector, collector) == 0 && strcmp(l->tally[i].protocol, protocol) == 0)
      return &l->tally[i];
  if (l->tallies == TALLIES)
    return &l->tally[TALLIES - 1];
  bool last = l->tallies == TALLIES - 1;
  tally *t = &l->tally[l->tallies++];
  snprintf(t->collector, sizeof t->collector, "%s", last ? QF_LINK_MORE : collector);
  snprintf(t->protocol, sizeof t->protocol, "%s", last ? QF_LINK_MORE : protocol);
  return t;
}

static qf_link *make(qf_links *l, const char *collector, const char *protocol, const char *name)
{
  qf_link *k = calloc(1, sizeof *k);
  if (!k)
    return NULL;
  k->all = l;
  snprintf(k->collector, sizeof k->collector, "%s", collector);
  snprintf(k->protocol, sizeof k->protocol, "%s", protocol);
  snprintf(k->name, sizeof k->name, "%s", name);
  k->since = now_of(l);
  k->of = tally_of(l, k->collector, k->protocol);
  k->of->state[k->state]++;
  l->n++;
  return k;
}

/* The place of this link: taken, or free. */
static qf_link **place(qf_links *l, const char *collector, const char *name)
{
  size_t i = hash(hash(2166136261u, collector) * 31, name) % SLOTS;
  while (l->slot[i] && (strcmp(l->slot[i]->name, name) != 0 || strcmp(l->slot[i]->collector, collector) != 0))
    i = (i + 1) % SLOTS;
  return &l->slot[i];
}

qf_link *qf_link_of(qf_links *l, const char *collector, const char *protocol, const char *name)
{
  char in[64], called[QF_LINK_NAME_MAX + 4];
  clean(in, sizeof in, collector);
  clean(called, sizeof called, name);
  pthread_mutex_lock(&l->mx);
  qf_link **at = place(l, in, called);
  if (!*at && l->n >= QF_LINKS_MAX)
    at = place(l, in, QF_LINK_MORE); /* one for each collector; SLOTS leaves room for them */
  if (!*at)
    *at = make(l, in, protocol, at == place(l, in, called) ? called : QF_LINK_MORE);
  if (!*at && l->n)
    for (size_t i = 0; !*at && i < SLOTS; i++) /* out of memory: what is told is told of another */
      if (l->slot[i])
        at = &l->slot[i];
  qf_link *k = *at;
  pthread_mutex_unlock(&l->mx);
  return k;
}

void qf_link_set(qf_link *k, qf_link_state s, const char *peer)
{
  if (!k)
    return;
  pthread_mutex_lock(&k->all->mx);
  if (k->state != s)
    k->since = now_of(k->all);
  k->of->state[k->state]--;
  k->of->state[s]++;
  k->state = s;
  if (peer)
    clean(k->peer, sizeof k->peer, peer);
  pthread_mutex_unlock(&k->all->mx);
}

static void turn(qf_link *k, qf_us now)
{
  int64_t minute = now / QF_US_MINUTE;
  if (minute - k->newest >= MINUTES || minute < k->newest)
    memset(k->minute, 0, sizeof k->minute);
  else
    for (int64_t m = k->newest + 1; m <= minute; m++)
      k->minute[m % MINUTES] = 0;
  k->newest = minute;
}

void qf_link_seen(qf_link *k, size_t n)
{
  if (!k)
    return;
  pthread_mutex_lock(&k->all->mx);
  k->last_seen = now_of(k->all);
  turn(k, k->last_seen);
  k->minute[k->newest % MINUTES]++;
  k->messages++;
  k->bytes += n;
  k->of->messages++;
  k->of->bytes += n;
  k->of->last_seen = k->last_seen;
  pthread_mutex_unlock(&k->all->mx);
}

void qf_link_took(qf_link *k, uint64_t n)
{
  if (!k)
    return;
  pthread_mutex_lock(&k->all->mx);
  k->taken += n;
  k->of->taken += n;
  pthread_mutex_unlock(&k->all->mx);
}

void qf_link_polled(qf_link *k, qf_link_poll what)
{
  if (!k)
    return;
  pthread_mutex_lock(&k->all->mx);
  (*(what == QF_LINK_CYCLE ? &k->of->cycles : &k->of->timeouts))++;
  pthread_mutex_unlock(&k->all->mx);
}

void qf_link_note(qf_link *k, const char *en, const char *zh)
{
  if (!k)
    return;
  pthread_mutex_lock(&k->all->mx);
  snprintf(k->note_en, sizeof k->note_en, "%s", en);
  snprintf(k->note_zh, sizeof k->note_zh, "%s", zh);
  pthread_mutex_unlock(&k->all->mx);
}

void qf_link_refused(qf_link *k, const void *raw, size_t n, const qf_err *why)
{
  if (!k)
    return;
  pthread_mutex_lock(&k->all->mx);
  k->refused++;
  k->of->refused[why->rc < QF_RC_COUNT ? why->rc : QF_OK]++;
  k->refused_at = now_of(k->all);
  k->why = *why;
  if (!k->raw)
    k->raw = malloc(QF_LINK_RAW_MAX);
  k->raw_len = 0;
  if (k->raw && n) {
    k->raw_len = (uint16_t)(n < QF_LINK_RAW_MAX ? n : QF_LINK_RAW_MAX);
    memcpy(k->raw, raw, k->raw_len);
  }
  pthread_mutex_unlock(&k->all->mx);
}

static int by_trouble(const void *pa, const void *pb)
{
  const qf_link *a = *(qf_link *const *)pa, *b = *(qf_link *const *)pb;
  if (a->refused_at != b->refused_at)
    return a->refused_at < b->refused_at ? 1 : -1;
  if (a->last_seen != b->last_seen)
    return a->last_seen < b->last_seen ? 1 : -1;
  return strcmp(a->name, b->name);
}

static void put_text(qf_buf *b, const char *key, const char *s)
{
  qf_buf_printf(b, ",\"%s\":", key);
  qf_buf_json(b, s, strlen(s));
}

static void put_time(qf_buf *b, const char *key, qf_us t)
{
  qf_buf_printf(b, ",\"%s\":", key);
  if (!t) {
    qf_buf_puts(b, "null");
    return;
  }
  qf_buf_putc(b, '"');
  qf_tm_write(b, t);
  qf_buf_putc(b, '"');
}

static void put_refusal(qf_buf *b, const qf_link *k, bool raw)
{
  char hex[2 * QF_LINK_RAW_MAX + 1], text[QF_LINK_RAW_MAX];
  if (!k->refused_at) {
    qf_buf_puts(b, ",\"refusal\":null");
    return;
  }
  size_t n = raw ? k->raw_len : 0;
  qf_hex(k->raw, n, hex);
  for (size_t i = 0; i < n; i++) /* to be read beside the hexadecimal: what is no ASCII is a dot */
    text[i] = (char)(k->raw[i] >= 32 && k->raw[i] < 127 ? k->raw[i] : '.');
  qf_buf_puts(b, ",\"refusal\":{\"raw_hex\":\"");
  qf_buf_puts(b, n ? hex : "");
  qf_buf_puts(b, "\",\"raw_text\":");
  qf_buf_json(b, text, n);
  put_time(b, "at", k->refused_at);
  put_text(b, "zh", k->why.zh);
  put_text(b, "en", k->why.en);
  qf_buf_putc(b, '}');
}

static void put_link(qf_buf *b, qf_link *k, bool raw, qf_us now)
{
  static const char *const state[] = {"down", "up", "backoff"};
  uint32_t recent = 0;
  if (k->newest)
    turn(k, now);
  for (int i = 0; i < MINUTES; i++)
    recent += k->minute[i];
  qf_buf_puts(b, "{\"collector\":");
  qf_buf_json(b, k->collector, strlen(k->collector));
  put_text(b, "protocol", k->protocol);
  put_text(b, "name", k->name);
  put_text(b, "peer", raw ? k->peer : "");
  put_text(b, "state", state[k->state]);
  put_time(b, "since", k->since);
  put_time(b, "last_seen", k->last_seen);
  qf_buf_printf(b, ",\"messages\":%llu,\"bytes\":%llu,\"taken\":%llu,\"refused\":%llu,\"per_minute\":%.1f",
                (unsigned long long)k->messages, (unsigned long long)k->bytes, (unsigned long long)k->taken,
                (unsigned long long)k->refused, recent / (double)MINUTES);
  if (*k->note_en) {
    qf_buf_puts(b, ",\"note\":{\"zh\":");
    qf_buf_json(b, k->note_zh, strlen(k->note_zh));
    put_text(b, "en", k->note_en);
    qf_buf_putc(b, '}');
  } else {
    qf_buf_puts(b, ",\"note\":null");
  }
  put_refusal(b, k, raw);
  qf_buf_putc(b, '}');
}

void qf_links_json(qf_links *l, const char *collector, uint32_t max, bool raw, qf_buf *out)
{
  pthread_mutex_lock(&l->mx);
  qf_link **list = calloc(l->n + 1, sizeof *list);
  uint32_t n = 0;
  for (size_t i = 0; list && i < SLOTS; i++)
    if (l->slot[i] && (!collector || strcmp(l->slot[i]->collector, collector) == 0))
      list[n++] = l->slot[i];
  if (n)
    qsort(list, n, sizeof *list, by_trouble);
  qf_us now = now_of(l);
  qf_buf_putc(out, '[');
  for (uint32_t i = 0; i < n && i < max; i++) {
    if (i)
      qf_buf_putc(out, ',');
    put_link(out, list[i], raw, now);
  }
  qf_buf_putc(out, ']');
  pthread_mutex_unlock(&l->mx);
  free(list);
}

/* A label's value: the exposition format asks for these three to be escaped. */
static void put_label(qf_buf *b, const char *s)
{
  for (; *s; s++) {
    if (*s == '"' || *s == '\\')
      qf_buf_putc(b, '\\');
    if (*s == '\n')
      qf_buf_puts(b, "\\n");
    else
      qf_buf_putc(b, *s);
  }
}

static void put_head(qf_buf *b, const char *name, const char *type, const char *help)
{
  qf_buf_printf(b, "# HELP qingfeng_collector_%s %s\n# TYPE qingfeng_collector_%s %s\n", name, help, name, type);
}

/* key NULL: no third label */
static void put_sample(qf_buf *b, const char *name, const tally *t, const char *key, const char *value, double v)
{
  qf_buf_printf(b, "qingfeng_collector_%s{collector=\"", name);
  put_label(b, t->collector);
  qf_buf_puts(b, "\",protocol=\"");
  put_label(b, t->protocol);
  if (key)
    qf_buf_printf(b, "\",%s=\"%s", key, value);
  qf_buf_printf(b, "\"} %.15g\n", v);
}

static void put_counters(qf_links *l, qf_buf *b)
{
  static const struct {
    const char *name, *help;
    size_t at;
    bool polled; /* only of those that poll */
  } line[] = {
      {"messages_total", "messages that came", offsetof(tally, messages), false},
      {"bytes_total", "bytes of the messages that came", offsetof(tally, bytes), false},
      {"readings_total", "readings made durable", offsetof(tally, taken), false},
      {"cycles_total", "poll cycles of gateways that ended", offsetof(tally, cycles), true},
      {"timeouts_total", "requests without an answer in time", offsetof(tally, timeouts), true},
  };
  for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
    put_head(b, line[i].name, "counter", line[i].help);
    for (uint32_t k = 0; k < l->tallies; k++) {
      const tally *t = &l->tally[k];
      if (!line[i].polled || t->cycles || t->timeouts)
        put_sample(b, line[i].name, t, NULL, NULL, (double)*(const uint64_t *)((const char *)t + line[i].at));
    }
  }
}

void qf_links_metrics(qf_links *l, qf_buf *out)
{
  static const char *const state[] = {"down", "up", "backoff"};
  pthread_mutex_lock(&l->mx);
  qf_us now = now_of(l);
  put_counters(l, out);
  put_head(out, "refused_total", "counter", "messages refused wholly or in part, and polls that failed, by reason");
  for (uint32_t k = 0; k < l->tallies; k++)
    for (int rc = 0; rc < QF_RC_COUNT; rc++)
      if (l->tally[k].refused[rc])
        put_sample(out, "refused_total", &l->tally[k], "reason", rc ? qf_rc_name((qf_rc)rc) : "other",
                   (double)l->tally[k].refused[rc]);
  put_head(out, "links", "gauge", "senders known, by state");
  for (uint32_t k = 0; k < l->tallies; k++)
    for (int i = 0; i < 3; i++)
      put_sample(out, "links", &l->tally[k], "state", state[i], (double)l->tally[k].state[i]);
  put_head(out, "last_seen_age_seconds", "gauge", "time since the newest message");
  for (uint32_t k = 0; k < l->tallies; k++)
    if (l->tally[k].last_seen)
      put_sample(out, "last_seen_age_seconds", &l->tally[k], NULL, NULL,
                 now > l->tally[k].last_seen ? (double)(now - l->tally[k].last_seen) / 1e6 : 0);
  pthread_mutex_unlock(&l->mx);
}
