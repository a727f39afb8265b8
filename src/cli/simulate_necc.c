/* simulate necc: terminals of key energy-using units. Invented units and values: nothing of it was measured. */
#include "cli/cli.h"
#include "cli/simulate.h"
#include "cli/simulate_net.h"
#include "domain/uscc.h"
#include "wire/http1.h"
#include "wire/necc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: qingfeng simulate necc --to HOST:PORT [--senders N] [--messages N] [--period MS] [--ini FILE]\n"
    "  N terminals register, then upload a quarter of an hour of three items with each message, up to the present "
    "one;\n"
    "  --ini only writes the platform's file that lists them; invented units and values / "
    "模拟接入端，单位与数据均为虚构\n";

enum { BODY = 16384, ITEMS = 3 };

static const char *const codes[ITEMS] = {"00-00-0000-023300-11", "00-00-0000-011500-11", "00-00-0000-023200-11"};

typedef struct terminal {
  char unit[19], device[QF_NECC_DEVICE_MAX + 1];
  qf_necc_cipher *cipher; /* NULL: not registered */
} terminal;

typedef struct works {
  terminal *all;
  uint32_t n;
  qf_us start; /* first window */
  bool refused;
} works;

static bool name_all(works *w, uint32_t n)
{
  w->all = calloc(n, sizeof *w->all);
  w->n = w->all ? n : 0;
  for (uint32_t i = 0; i < w->n; i++) {
    snprintf(w->all[i].unit, sizeof w->all[i].unit, "91210800QF%07u", 1000000 + i % 1000000);
    w->all[i].unit[17] = qf_uscc_digit(w->all[i].unit);
    w->all[i].unit[18] = 0;
  }
  return w->n > 0;
}

static void make_upload(const works *w, const terminal *t, uint32_t i, uint64_t k, qf_buf *body)
{
  qf_necc_record r[ITEMS];
  qf_err err;
  const qf_necc_sender who = {t->device, t->unit, t->cipher};
  for (unsigned j = 0; j < ITEMS; j++) {
    int64_t wave = (int64_t)((k * 13 + i * 7 + j * 29) % 200);
    r[j] = (qf_necc_record){.value = {1500 + wave, -4}, .input = 4, .scope = 1, .valid = true};
    snprintf(r[j].code, sizeof r[j].code, "%s", codes[j]);
    r[j].at = w->start + (qf_us)(k - 1) * QF_US_QUARTER;
    r[j].uploaded = qf_sim_now();
  }
  if (qf_necc_put_upload(body, &who, r, ITEMS, &err))
    body->failed = true;
}

static void make(void *ud, uint32_t i, uint64_t k, qf_buf *out)
{
  const works *w = ud;
  const terminal *t = &w->all[i];
  qf_buf body;
  qf_buf_init(&body, BODY);
  if (k && t->cipher)
    make_upload(w, t, i, k, &body);
  else
    qf_buf_printf(&body, "{\"region\":\"210800\",\"enterpriseCode\":\"%s\"}", t->unit);
  if (!body.failed)
    qf_http1_post(out, "platform", k && t->cipher ? "/enterprise/uploadEnergyData" : "/enterprise/register",
                  "application/json", body.data, body.len);
  qf_buf_fini(&body);
}

static void registered(terminal *t, const json_t *j)
{
  const char *device = json_string_value(json_object_get(j, "deviceId")),
             *hex = json_string_value(json_object_get(j, "secretKey"));
  uint8_t key[QF_NECC_KEY];
  qf_err err;
  if (!device || !hex || !qf_necc_key(hex, key) || t->cipher)
    return;
  snprintf(t->device, sizeof t->device, "%s", device);
  (void)!qf_necc_cipher_new(key, &t->cipher, &err); /* without one it registers again */
}

static size_t read_answers(void *ud, uint32_t i, const uint8_t *p, size_t n, uint64_t *answered, qf_buf *out)
{
  works *w = ud;
  size_t used = 0;
  qf_buf body;
  qf_err err;
  (void)out;
  qf_buf_init(&body, 65536);
  for (size_t step = 0;; used += step) {
    qf_http1 m = {.response = true, .body_max = 65536};
    if (qf_http1_read((const char *)p + used, n - used, &m, &body, &step, &err))
      break;
    json_t *j = json_loadb(body.data ? body.data : "", body.len, 0, NULL);
    const char *code = json_string_value(json_object_get(j, "responseCode")),
               *words = json_string_value(json_object_get(j, "responseMessage"));
    if (code && strcmp(code, "0") == 0) {
      registered(&w->all[i], j);
      ++*answered;
    } else if (!w->refused) {
      w->refused = true;
      fprintf(stderr, "qingfeng: %s: HTTP %d %s\n", w->all[i].unit, m.status, words ? words : "");
    }
    json_decref(j);
  }
  qf_buf_fini(&body);
  return used;
}

static int write_ini(const works *w, const qf_sim *s, const char *path)
{
  FILE *f = fopen(path, "we");
  if (!f) {
    perror(path);
    return QF_EXIT_TROUBLE;
  }
  fprintf(f, "[collector]\nprotocol = necc\nlisten = %s:%u\nregion = 210800\nregister = always\nrealtime = %s %s %s\n",
          s->host, s->port, codes[0], codes[1], codes[2]);
  for (uint32_t i = 0; i < w->n; i++)
    fprintf(f, "[unit %s]\nname = simulated %u\n", w->all[i].unit, i + 1);
  return fclose(f) ? QF_EXIT_TROUBLE : 0;
}

int qf_simulate_necc(int argc, char **argv)
{
  static const qf_option options[] = {{"--to", true},     {"--senders", true}, {"--messages", true},
                                      {"--period", true}, {"--ini", true},     {"--help", false}};
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(usage);
  works w = {0};
  qf_sim sim = {.senders = 1, .window = 1, .period_ms = 900000, .make = make, .read = read_answers, .ud = &w};
  if (!qf_sim_options(&a, &sim))
    return QF_EXIT_USAGE;
  if (!name_all(&w, sim.senders)) {
    fputs("qingfeng: out of memory / 内存不足\n", stderr);
    return QF_EXIT_TROUBLE;
  }
  uint64_t back = sim.messages && sim.messages < 17664 ? sim.messages : sim.messages ? 17664 : 1; /* half a year */
  w.start = qf_floor(qf_sim_now(), QF_US_QUARTER) - (qf_us)back * QF_US_QUARTER;
  int rc = qf_args_get(&a, "--ini") ? write_ini(&w, &sim, qf_args_get(&a, "--ini")) : qf_sim_run(&sim);
  for (uint32_t i = 0; i < w.n; i++)
    qf_necc_cipher_free(w.all[i].cipher);
  free(w.all);
  return rc;
}
