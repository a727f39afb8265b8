/* simulate lineproto, remote_write, json: gateways that post the registers of their meters over HTTP, as InfluxDB line protocol, as
 * Prometheus remote write or as JSON. Invented values: nothing of it was measured. */
#include "cli/cli.h"
#include "cli/simulate.h"
#include "cli/simulate_net.h"
#include "wire/pb.h"
#include "wire/snap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char usage[] =
    "usage: qingfeng simulate lineproto|remote_write|json --to HOST:PORT --token T [--senders N] [--messages N]\n"
    "         [--window N] [--period MS] [--points N] [--seed N] [--idle]\n"
    "  N gateways post the registers of --points meters (10) each and wait for the answer; --seed (1) "
    "names the series and sets the\n"
    "  loads; invented values / 模拟网关，数据为虚构\n";

typedef enum form { LINES, REMOTE_WRITE, JSON } form;

enum { POINTS_MAX = 200, LINE = 150, HEAD = 600 }; /* a message stays below half of what waits to be sent */

typedef struct gateways {
  form form;
  const char *host, *token;
  uint32_t points, seed;
  uint16_t port;
  qf_us start; /* of the stamps; 0: they are the time of sending */
  uint64_t refused;
  unsigned first_status; /* of the first refusal */
  char first[300];       /* its body */
} gateways;

/* 1/100 kWh a message, 1 to 1,000: a register only grows. */
static uint64_t load_of(const gateways *g, uint32_t i, uint32_t p)
{
  uint64_t x = ((uint64_t)g->seed << 40 | (uint64_t)i << 12 | p) * UINT64_C(0x9E3779B97F4A7C15);
  return 1 + (x >> 33) % 1000;
}

static void label(qf_buf *series, const char *name, const char *value)
{
  qf_buf b;
  qf_buf_init(&b, 200);
  qf_pb_put_bytes(&b, 1, name, strlen(name));
  qf_pb_put_bytes(&b, 2, value, strlen(value));
  qf_pb_put_bytes(series, 1, b.data, b.len);
  qf_buf_fini(&b);
}

typedef struct shown { /* a register */
  uint32_t gateway, point, seed;
  uint64_t v; /* 1/100 kWh */
  qf_us at;
} shown;

static void series_of(const shown *s, qf_buf *request)
{
  char text[20];
  qf_buf series, sample;
  qf_buf_init(&series, 400);
  qf_buf_init(&sample, 40);
  label(&series, "__name__", "meter_kwh");
  snprintf(text, sizeof text, "%05u", s->gateway);
  label(&series, "gateway", text);
  snprintf(text, sizeof text, "%03u", s->point);
  label(&series, "point", text);
  snprintf(text, sizeof text, "%u", s->seed);
  label(&series, "sim", text);
  qf_pb_put_double(&sample, 1, (double)s->v / 100);
  qf_pb_put_varint(&sample, 2, (uint64_t)(s->at / 1000));
  qf_pb_put_bytes(&series, 2, sample.data, sample.len);
  qf_pb_put_bytes(request, 1, series.data, series.len);
  qf_buf_fini(&series);
  qf_buf_fini(&sample);
}

static void add(form f, const shown *s, qf_buf *body)
{
  unsigned long long whole = s->v / 100;
  unsigned part = (unsigned)(s->v % 100);
  if (f == LINES)
    qf_buf_printf(body, "meter,gateway=%05u,point=%03u,sim=%u kwh=%llu.%02u %lld\n", s->gateway, s->point, s->seed,
                  whole, part, (long long)(s->at / QF_US_SECOND));
  else if (f == JSON)
    qf_buf_printf(body, "%s{\"series\":\"meter,gateway=%05u,point=%03u,sim=%u kwh\",\"time\":%lld,\"value\":%llu.%02u}",
                  body->len ? "," : "[", s->gateway, s->point, s->seed, (long long)(s->at / 1000), whole, part);
  else
    series_of(s, body);
}

/* In time, or as fast as it goes: then stamps go up by a second a message, so that every one is a reading of its own. */
static void make(void *ud, uint32_t i, uint64_t k, qf_buf *out)
{
  static const char *const heads[] = {
      [LINES] = "POST /api/v2/write?precision=s HTTP/1.1\r\n",
      [REMOTE_WRITE] =
          ("POST /api/v1/write HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n"
           "X-Prometheus-Remote-Write-Version: 0.1.0\r\n"),
      [JSON] = "POST /api/v1/readings HTTP/1.1\r\nContent-Type: application/json\r\n"};
  const gateways *g = ud;
  qf_us at = g->start ? g->start + (qf_us)k * QF_US_SECOND : qf_sim_now() / QF_US_SECOND * QF_US_SECOND;
  qf_buf body, packed;
  qf_buf_init(&body, (size_t)POINTS_MAX * LINE);
  qf_buf_init(&packed, (size_t)POINTS_MAX * LINE * 2);
  for (uint32_t p = 0; p < g->points; p++)
    add(g->form, &(shown){i, p, g->seed, (k + 1) * load_of(g, i, p), at}, &body);
  if (g->form == JSON)
    qf_buf_putc(&body, ']');
  if (g->form == REMOTE_WRITE)
    qf_snap_pack(body.data, body.len, &packed);
  const qf_buf *b = g->form == REMOTE_WRITE ? &packed : &body;
  qf_buf_printf(out, "%sHost: %s:%u\r\nAuthorization: Token %s\r\nContent-Length: %zu\r\n\r\n", heads[g->form], g->host,
                g->port, g->token, b->len);
  qf_buf_put(out, b->data, b->len);
  qf_buf_fini(&body);
  qf_buf_fini(&packed);
}

/* Length of the body that a head announces; the head ends with an empty line. */
static size_t body_length(const char *head, size_t n)
{
  static const char name[] = "content-length:";
  for (size_t at = 0; at + sizeof name < n; at++)
    if (head[at] == '\n' && strncasecmp(head + at + 1, name, sizeof name - 1) == 0)
      return strtoul(head + at + sizeof name, NULL, 10);
  return 0;
}

static void refuse(gateways *g, unsigned status, const char *body, size_t n)
{
  if (g->refused++ == 0) {
    g->first_status = status;
    snprintf(g->first, sizeof g->first, "%.*s", (int)(n < sizeof g->first ? n : sizeof g->first - 1), body);
  }
}

static size_t read_answers(void *ud, uint32_t i, const uint8_t *p, size_t n, uint64_t *answered, qf_buf *out)
{
  gateways *g = ud;
  size_t used = 0;
  (void)i;
  (void)out;
  while (used < n) {
    const char *head = (const char *)p + used, *end = memmem(head, n - used, "\r\n\r\n", 4);
    if (!end)
      break;
    size_t head_n = (size_t)(end - head) + 4, body_n = body_length(head, head_n);
    if (body_n > n - used - head_n)
      break;
    unsigned status = head_n > 12 ? (unsigned)strtoul(head + 9, NULL, 10) : 0; /* "HTTP/1.1 204 ..." */
    if (status / 100 != 2)
      refuse(g, status, head + head_n, body_n);
    ++*answered;
    used += head_n + body_n;
  }
  return used;
}

static bool number(const qf_args *a, const char *name, uint32_t min, uint32_t max, uint32_t *out)
{
  const char *s = qf_args_get(a, name);
  char *end;
  if (!s)
    return true;
  unsigned long v = strtoul(s, &end, 10);
  *out = (uint32_t)v;
  if (*s >= '0' && *s <= '9' && !*end && v >= min && v <= max)
    return true;
  fprintf(stderr, "qingfeng: %s %s: %u .. %u\n", name, s, min, max);
  return false;
}

static int simulate(form f, int argc, char **argv)
{
  static const qf_option options[] = {{"--to", true},     {"--token", true},  {"--senders", true}, {"--messages", true},
                                      {"--window", true}, {"--period", true}, {"--idle", false},   {"--points", true},
                                      {"--seed", true},   {"--help", false}};
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(usage);
  gateways g = {.form = f, .token = qf_args_get(&a, "--token"), .points = 10, .seed = 1};
  qf_sim sim = {.senders = 1, .window = 1, .period_ms = 1000, .make = make, .read = read_answers, .ud = &g};
  if (!g.token || strlen(g.token) > HEAD / 2 || strpbrk(g.token, "\r\n")) {
    fputs("qingfeng: --token T, of scope write: qingfeng token add / 请给出写入令牌\n", stderr);
    return QF_EXIT_USAGE;
  }
  if (!qf_sim_options(&a, &sim) || !number(&a, "--points", 1, POINTS_MAX, &g.points) ||
      !number(&a, "--seed", 0, 1000000, &g.seed))
    return QF_EXIT_USAGE;
  g.host = sim.host;
  g.port = sim.port;
  if (!sim.period_ms)
    g.start = (qf_sim_now() / QF_US_SECOND - (qf_us)(sim.messages < 86400 ? sim.messages : 86400)) * QF_US_SECOND;
  int code = qf_sim_run(&sim);
  if (g.refused)
    fprintf(stderr, "qingfeng: %llu messages refused, the first with status %u / 拒收 %llu 条: %s\n",
            (unsigned long long)g.refused, g.first_status, (unsigned long long)g.refused, g.first);
  return g.refused && code == QF_EXIT_OK ? QF_EXIT_NO : code;
}

int qf_simulate_lineproto(int argc, char **argv)
{
  return simulate(LINES, argc, argv);
}

int qf_simulate_remote_write(int argc, char **argv)
{
  return simulate(REMOTE_WRITE, argc, argv);
}

int qf_simulate_json(int argc, char **argv)
{
  return simulate(JSON, argc, argv);
}
