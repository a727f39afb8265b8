#include "collect/kinds.h"
#include "collect/conf.h"
#include "collect/field.h"
#include "collect/folder.h"
#include "collect/gbt32960.h"
#include "collect/hj212.h"
#include "collect/mqtt.h"
#include "collect/necc.h"
#include "collect/witness.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line for each protocol. */
static const qf_kind *const kinds[] = {
    &qf_kind_hj212,  &qf_kind_gbt32960, &qf_kind_modbus, &qf_kind_dlt645,    &qf_kind_cjt188,  &qf_kind_iec104,
    &qf_kind_folder, &qf_kind_mqtt,     &qf_kind_necc,   &qf_kind_necc_unit, &qf_kind_witness, NULL, /* the end */
};

typedef struct one {
  char name[64], protocol[24], listen[80];
  qf_conf *conf;
  const qf_kind *kind;
  void *self; /* NULL: not started */
  qf_err why; /* of not being started */
  bool failed;
} one;

struct qf_flight {
  pthread_mutex_t mx;
  pthread_cond_t cv;
  uint64_t n;
};

struct qf_collectors {
  qf_collect_env env;
  struct qf_flight flight;
  one *item;
  size_t n;
};

static const qf_kind *kind_of(const char *protocol)
{
  for (size_t i = 0; kinds[i]; i++)
    if (strcmp(kinds[i]->protocol, protocol) == 0)
      return kinds[i];
  return NULL;
}

static void stop(const qf_collectors *k, one *o)
{
  if (!o->self)
    return;
  qf_loop_deafen(k->env.loop, o->self);
  o->kind->stop(o->self);
  o->self = NULL;
}

static qf_rc start(qf_collectors *k, one *o, const char *path)
{
  qf_rc rc = qf_conf_open(path, &o->conf, &o->why);
  if (rc)
    return rc;
  const char *protocol = qf_conf_get(o->conf, "collector", "protocol");
  const char *where = qf_conf_get(o->conf, "collector", "listen");
  if (!where)
    where = qf_conf_get(o->conf, "collector", "connect");
  if (!where)
    where = qf_conf_get(o->conf, "collector", "path");
  snprintf(o->name, sizeof o->name, "%s", qf_conf_name(o->conf));
  snprintf(o->protocol, sizeof o->protocol, "%s", protocol ? protocol : "");
  snprintf(o->listen, sizeof o->listen, "%s", where ? where : "");
  o->kind = protocol ? kind_of(protocol) : NULL;
  if (!o->kind)
    return qf_fail(&o->why, QF_SYNTAX, "%.60s.ini: protocol = %.40s: no such protocol",
                   "%.60s.ini：protocol = %.40s：没有该协议", o->name, protocol ? protocol : "");
  rc = o->kind->start(&k->env, o->conf, &o->self, &o->why);
  if (rc) {
    o->self = NULL;
    return rc;
  }
  rc = qf_conf_unknown(o->conf, &o->why);
  if (rc)
    stop(k, o);
  return rc;
}

/* A file that is wrong stops its own collector only. */
static bool add(qf_collectors *k, const char *folder, const char *file)
{
  char path[4400];
  one *p = realloc(k->item, (k->n + 1) * sizeof *p);
  if (!p)
    return false;
  k->item = p;
  one *o = &k->item[k->n++];
  *o = (one){0};
  snprintf(o->name, sizeof o->name, "%.*s", (int)strcspn(file, "."), file);
  snprintf(path, sizeof path, "%s/%s", folder, file);
  o->failed = start(k, o, path) != QF_OK;
  return true;
}

static int ini_only(const struct dirent *e)
{
  size_t n = strlen(e->d_name);
  return e->d_name[0] != '.' && n > 4 && n < 60 && strcmp(e->d_name + n - 4, ".ini") == 0;
}

qf_rc qf_collectors_start(qf_city *c, qf_links *links, qf_collectors **out, qf_err *err)
{
  char folder[4300];
  qf_collectors *k = calloc(1, sizeof *k);
  *out = NULL;
  if (!k)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  k->env = (qf_collect_env){.city = c, .links = links, .flight = &k->flight};
  pthread_mutex_init(&k->flight.mx, NULL);
  pthread_cond_init(&k->flight.cv, NULL);
  snprintf(folder, sizeof folder, "%s/collect", qf_city_dir(c));
  struct dirent **file = NULL;
  int n = scandir(folder, &file, ini_only, alphasort);
  qf_rc rc =
      n < 0 && errno != ENOENT ? qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", folder, strerror(errno)) : QF_OK;
  if (!rc)
    rc = qf_loop_new(&k->env.loop, err);
  for (int i = 0; i < n; i++) {
    if (!rc && !add(k, folder, file[i]->d_name))
      rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
    free(file[i]);
  }
  free((void *)file);
  if (rc) {
    qf_collectors_stop(k);
    return rc;
  }
  *out = k;
  return QF_OK;
}

void qf_collectors_stop(qf_collectors *k)
{
  if (!k)
    return;
  for (size_t i = 0; i < k->n; i++)
    stop(k, &k->item[i]);
  pthread_mutex_lock(&k->flight.mx);
  while (k->flight.n)
    pthread_cond_wait(&k->flight.cv, &k->flight.mx);
  pthread_mutex_unlock(&k->flight.mx);
  qf_loop_free(k->env.loop);
  for (size_t i = 0; i < k->n; i++)
    qf_conf_close(k->item[i].conf);
  pthread_mutex_destroy(&k->flight.mx);
  pthread_cond_destroy(&k->flight.cv);
  free(k->item);
  free(k);
}

void qf_collectors_json(qf_collectors *k, qf_buf *out)
{
  qf_buf_putc(out, '[');
  for (size_t i = 0; i < k->n; i++) {
    const one *o = &k->item[i];
    qf_buf_puts(out, i ? ",{\"name\":" : "{\"name\":");
    qf_buf_json(out, o->name, strlen(o->name));
    qf_buf_puts(out, ",\"protocol\":");
    qf_buf_json(out, o->protocol, strlen(o->protocol));
    qf_buf_puts(out, ",\"where\":");
    qf_buf_json(out, o->listen, strlen(o->listen));
    qf_buf_printf(out, ",\"port\":%u", o->self ? qf_loop_port(k->env.loop, o->self) : 0);
    qf_buf_puts(out, ",\"error\":");
    if (o->failed) {
      qf_buf_puts(out, "{\"zh\":");
      qf_buf_json(out, o->why.zh, strlen(o->why.zh));
      qf_buf_puts(out, ",\"en\":");
      qf_buf_json(out, o->why.en, strlen(o->why.en));
      qf_buf_putc(out, '}');
    } else {
      qf_buf_puts(out, "null");
    }
    qf_buf_putc(out, '}');
  }
  qf_buf_putc(out, ']');
}

void qf_collectors_each(qf_collectors *k, const char *protocol, void (*fn)(void *ud, void *self), void *ud)
{
  for (size_t i = 0; i < k->n; i++)
    if (k->item[i].self && strcmp(k->item[i].protocol, protocol) == 0)
      fn(ud, k->item[i].self);
}

/* ---- to the journal and back */

typedef struct taken {
  qf_loop *loop;
  struct qf_flight *flight;
  qf_taken *done;
  void *ud;
  qf_rc rc;
} taken;

static void count(struct qf_flight *f, int by)
{
  if (!f)
    return;
  pthread_mutex_lock(&f->mx);
  f->n += (uint64_t)(int64_t)by;
  if (!f->n)
    pthread_cond_broadcast(&f->cv);
  pthread_mutex_unlock(&f->mx);
}

static void back_on_loop(void *ud)
{
  taken *t = ud;
  struct qf_flight *f = t->flight;
  t->done(t->ud, t->rc);
  free(t);
  count(f, -1);
}

static void on_durable(void *ud, qf_rc rc, uint64_t seq)
{
  taken *t = ud;
  struct qf_flight *f = t->flight;
  (void)seq;
  t->rc = rc;
  if (qf_loop_post(t->loop, back_on_loop, t))
    return;
  free(t); /* the loop ends: who would be told is closed already */
  count(f, -1);
}

qf_rc qf_take(const qf_collect_env *env, qf_batch *b, qf_taken *done, void *ud, qf_err *err)
{
  taken *t = malloc(sizeof *t);
  if (!t)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  *t = (taken){env->loop, env->flight, done, ud, QF_OK};
  count(env->flight, 1);
  qf_rc rc = qf_city_ingest(env->city, b, on_durable, t, err);
  if (rc) {
    free(t);
    count(env->flight, -1);
  }
  return rc;
}
