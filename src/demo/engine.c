/* The engine: one quarter hour of one plant.
 *
 *   part  = amount * w_i (0.06 + 0.94 act_i) (1 + noise) / sum of the weights           (counts of 10^-6 units)
 *   row   = sum of its parts / (1 - loss)
 *   demand-led bus: total = sum of consumers / (1 - loss);  closing supply = total - other supplies
 *   supply-led bus: total = sum of supplies;                closing consumer = total - other consumers
 *
 * Only + - * / of doubles and integers: the same bytes on every machine. */
#include "demo/plant.h"
#include <math.h>

uint64_t demo_mix(uint64_t x) /* splitmix64's finaliser */
{
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

double demo_white(uint64_t seed, uint32_t stream, int64_t i)
{
  uint64_t h = demo_mix(seed ^ ((uint64_t)stream << 40) ^ (uint64_t)i);
  return (double)(int64_t)(h >> 11) * 0x1p-52 - 1.0; /* 53 bits on 0 .. 2, less 1 */
}

double demo_slow(uint64_t seed, uint32_t stream, int64_t i, int64_t period)
{
  int64_t n = i / period - (i % period < 0);
  double f = (double)(i - n * period) / (double)period;
  double a = demo_white(seed, stream, n), b = demo_white(seed, stream, n + 1);
  return a + (b - a) * f;
}

double demo_noise(uint64_t seed, uint32_t stream, int64_t q)
{
  return 0.55 * demo_slow(seed, stream, q, 96) + 0.3 * demo_slow(seed, stream + 0x10000, q, 7) +
         0.15 * demo_white(seed, stream + 0x20000, q);
}

double demo_growth(int32_t day, double per_year)
{
  return 1.0 + per_year * (double)(day - 20454) / 365.25; /* day 20454 is 2026-01-01 */
}

double demo_temperature(int32_t day, int slot, uint64_t seed)
{
  static const double mean[12] = {-8, -4.5, 2, 10, 17, 21.5, 25, 24.5, 19.5, 12, 2.5, -5}; /* of mid month, rounded */
  int32_t shifted = day - 15;
  int32_t month = qf_month_of_day(shifted);
  int32_t first = qf_month_first_day(month), next = qf_month_first_day(month + 1);
  double f = (double)(shifted - first) / (double)(next - first);
  double m = mean[month % 12] * (1 - f) + mean[(month + 1) % 12] * f;
  int off = slot - 58; /* warmest at 14:30 */
  double tri = 1.0 - (off < 0 ? -off : off) / 29.0;
  return m + 4.0 * demo_clamp(tri, -1, 1) + 4.5 * demo_slow(seed, 0xF00, (int64_t)day * 96 + slot, 288);
}

static int64_t micro(double x)
{
  return x > 0 ? (int64_t)(x * 1e6 + 0.5) : 0;
}

static int64_t with_loss(int64_t sum, double loss)
{
  return loss > 0 ? (int64_t)((double)sum / (1.0 - loss) + 0.5) : sum;
}

typedef struct run {
  qf_demo *m;
  const demo_plant *p;
  demo_ctx *c;
  int64_t *inc; /* of the plant's nodes */
  int64_t cons[DEMO_BUSES], supp[DEMO_BUSES], total[DEMO_BUSES];
} run;

static double part_weight(const run *r, const demo_row *row, uint32_t stream, uint8_t i)
{
  const demo_part *pt = &row->parts[i];
  double a = pt->act ? r->c->act[pt->act] : 1.0;
  if (row->flags & R_PURE)
    return (double)pt->w * a;
  double n = 0.6 * demo_slow(r->c->seed, stream + i, r->c->q, 40) + 0.4 * demo_white(r->c->seed, stream + i, r->c->q);
  return (double)pt->w * (0.06 + 0.94 * a) * (1.0 + 0.035 * n);
}

/* Split an amount over the parts; exact says that the parts must add up to `whole` (the last takes what is left). */
static int64_t split(const run *r, const demo_row *row, uint32_t stream, double amount, const int64_t *whole)
{
  int64_t *part = r->inc + 1; /* moved by the caller */
  double w[32], sum = 0;
  int64_t total = 0;
  for (uint8_t i = 0; i < row->nparts; i++)
    sum += w[i] = part_weight(r, row, stream, i);
  for (uint8_t i = 0; i < row->nparts; i++) {
    part[i] = sum > 0 ? micro(amount * w[i] / sum) : 0;
    if (whole && (i + 1 == row->nparts || total + part[i] > *whole))
      part[i] = *whole - total;
    total += part[i];
  }
  return total;
}

static double flare(const run *r, const demo_row *row, uint32_t stream)
{
  int b = row->bus;
  double supply = (double)r->supp[b] * 1e-6, rest = (double)(r->supp[b] - r->cons[b]) * 1e-6;
  double f = row->per * supply * (1.0 + row->noise * demo_noise(r->c->seed, stream, r->c->q));
  if (rest - f > row->fix)
    f = rest - row->fix;
  return f > rest ? (rest > 0 ? rest : 0) : f;
}

static int64_t closing(run *r, const demo_row *row)
{
  int b = row->bus < 0 ? -row->bus : row->bus;
  const demo_bus *bus = &r->p->buses[b];
  int64_t x;
  if (bus->supply_led) {
    r->total[b] = r->supp[b];
    x = r->total[b] - r->cons[b];
  } else {
    r->total[b] = with_loss(r->cons[b], bus->loss);
    x = r->total[b] - r->supp[b];
  }
  if (x < 0) {
    r->m->clamped++;
    x = 0;
  }
  return x;
}

static void run_row(run *r, uint16_t i, uint32_t node)
{
  const demo_row *row = &r->p->rows[i];
  uint32_t stream = 0x100 + (uint32_t)i * 40;
  demo_ctx *c = r->c;
  int64_t *base = r->inc, x;
  r->inc = base + node;
  if (row->src == S_CLOSE) {
    x = closing(r, row);
    if (row->nparts)
      split(r, row, stream, (double)x * 1e-6 * (1.0 - row->loss), &x);
  } else {
    double a = row->src == S_FLARE ? flare(r, row, stream) : row->fix + row->per * c->act[row->driver];
    if (row->src == S_ACT && row->noise > 0)
      a *= 1.0 + row->noise * demo_noise(c->seed, stream, c->q);
    x = row->nparts ? with_loss(split(r, row, stream, a * (1.0 - row->loss), NULL), row->loss) : micro(a);
  }
  r->inc[0] = x;
  r->inc = base;
  if (row->out)
    c->act[row->out] = (double)x * 1e-6;
  if (row->bus > 0)
    r->cons[row->bus] += x;
  else if (row->bus < 0)
    r->supp[-row->bus] += x;
}

uint32_t demo_plant_nodes(const demo_plant *p)
{
  uint32_t n = p->nbuses;
  for (uint16_t i = 0; i < p->nrows; i++)
    n += 1u + p->rows[i].nparts;
  return n;
}

static void context(demo_ctx *c, int64_t q)
{
  int64_t local = q + 32; /* UTC+8 in quarters */
  c->q = q;
  c->day = (int32_t)(local / 96);
  c->slot = (int)(local % 96);
  c->weekday = qf_weekday(c->day);
  c->temp = demo_temperature(c->day, c->slot, c->seed);
  int month = qf_month_of_day(c->day) % 12;
  bool heating = month >= 10 || month <= 2;
  c->heat = heating ? demo_clamp((18.0 - c->temp) / 26.0, 0.1, 1.3) : 0.0;
}

void demo_run_plant(qf_demo *m, int plant, int64_t q)
{
  const demo_plant *p = demo_plants[plant];
  run r = {.m = m, .p = p, .c = &m->ctx[plant], .inc = m->inc + m->first_node[plant]};
  context(r.c, q);
  p->step(r.c);
  uint32_t node = p->nbuses;
  for (uint16_t i = 0; i < p->nrows; i++) {
    run_row(&r, i, node);
    node += 1u + p->rows[i].nparts;
  }
  for (uint8_t b = 1; b < p->nbuses; b++)
    r.inc[b] = r.total[b];
}
