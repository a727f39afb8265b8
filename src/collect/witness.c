/* A sender of heads to a witness (https://c2sp.org/tlog-witness, POST add-checkpoint). The body:
 *
 *   old N            size of the last head this witness cosigned, 0 for none
 *   <base64 hash>    consistency proof from N to the size of the head, one hash a line; none for N = 0
 *   <empty line>
 *   <the checkpoint>
 *
 * 200 answers cosignature lines; 409 with a number says which size the witness knows: the proof is made from there, once. What was
 * cosigned lies in DATA/proof/witnessed/NAME.head, for `qingfeng verify --head FILE --witness KEY`. A witness that knows a larger
 * log than ours is the one finding that matters: the journal was cut, or two of them sign with one key. */
#include "collect/witness.h"
#include "collect/ask.h"
#include "proof/proof.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 10 };

typedef struct sender {
  const qf_collect_env *env;
  char file[4600], host[256], called[256];
  const char *target;
  uint16_t port;
  qf_vkey key; /* of the witness, pinned */
  int64_t interval_s;
  uint64_t seen; /* size it last cosigned */
  qf_link *link;
  qf_ask *ask;
  pthread_t thread;
  pthread_mutex_t mx;
  pthread_cond_t cv;
  bool stopping;
} sender;

qf_rc qf_witness_join(const qf_buf *head, const char *answer, size_t n, const qf_vkey *witness, qf_buf *out,
                      qf_err *err)
{
  static const char dash[] = "\xe2\x80\x94 "; /* a signature line begins so */
  qf_head ignored;
  if (n < 4 || memcmp(answer, dash, 4) != 0 || answer[n - 1] != '\n')
    return qf_fail(err, QF_SYNTAX, "the witness's answer is no signature line", "见证方的回答不是签名行");
  qf_buf_put(out, head->data, head->len);
  qf_buf_put(out, answer, n);
  if (out->failed)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  if (qf_note_length((const char *)out->data, out->len) != out->len)
    return qf_fail(err, QF_SYNTAX, "the witness's answer is no list of signature lines", "见证方的回答不是签名行列表");
  return qf_head_check((const char *)out->data, out->len, witness, &ignored, NULL, err);
}

/* ---- what is kept */

static void folder_of(const qf_collect_env *env, char out[4500])
{
  snprintf(out, 4500, "%.4200s/proof/witnessed", qf_city_dir(env->city));
}

static qf_rc keep(const sender *w, const qf_buf *note, qf_err *err)
{
  char aside[4700], folder[4500];
  folder_of(w->env, folder);
  (void)mkdir(folder, 0700); /* if it fails the open tells why */
  snprintf(aside, sizeof aside, "%s.part", w->file);
  int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && write(fd, note->data, note->len) == (ssize_t)note->len && fsync(fd) == 0 &&
            rename(aside, w->file) == 0;
  qf_rc rc = ok ? QF_OK : qf_fail(err, QF_IO, "%.200s: %s", "%.200s：%s", w->file, strerror(errno));
  if (fd >= 0)
    close(fd);
  return rc;
}

/* The size of the head that is kept; 0: none, or not a head with this witness's signature. */
static uint64_t kept_size(const sender *w)
{
  char text[QF_NOTE_MAX];
  qf_head h = {0};
  qf_err ignored;
  int fd = open(w->file, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : -1;
  if (fd >= 0)
    close(fd);
  return n > 0 && qf_head_check(text, (size_t)n, &w->key, &h, NULL, &ignored) == QF_OK ? h.size : 0;
}

/* ---- one head */

static qf_rc body_of(qf_proof *p, uint64_t old, uint64_t size, const qf_buf *head, qf_buf *out, qf_err *err)
{
  qf_path path = {0};
  qf_rc rc = old ? qf_proof_consistency(p, old, size, &path, err) : QF_OK;
  qf_buf_printf(out, "old %llu\n", (unsigned long long)old);
  for (unsigned i = 0; !rc && i < path.n; i++) {
    qf_base64(path.h[i].b, sizeof path.h[i].b, out);
    qf_buf_putc(out, '\n');
  }
  qf_buf_putc(out, '\n');
  qf_buf_put(out, head->data, head->len);
  return rc ? rc : out->failed ? qf_fail(err, QF_NOMEM, "out of memory", "内存不足") : QF_OK;
}

static bool number_of(const qf_buf *reply, uint64_t *out)
{
  char text[32], *end;
  size_t n = reply->len && reply->data[reply->len - 1] == '\n' ? reply->len - 1 : reply->len;
  if (n == 0 || n >= sizeof text || reply->data[0] < '0' || reply->data[0] > '9')
    return false;
  memcpy(text, reply->data, n);
  text[n] = 0;
  errno = 0;
  *out = strtoull(text, &end, 10);
  return *end == 0 && errno == 0;
}

/* Ask for a cosignature of this head. *again: the witness knows another size, which w->seen is now. */
static qf_rc send_head(sender *w, qf_proof *p, const qf_head *h, const qf_buf *head, bool *again, qf_err *err)
{
  qf_buf body, reply, note;
  int status = 0;
  uint64_t knows = 0;
  qf_buf_init(&body, 1u << 20);
  qf_buf_init(&reply, ANSWER_MAX);
  qf_buf_init(&note, 2 * QF_NOTE_MAX);
  *again = false;
  qf_rc rc = body_of(p, w->seen, h->size, head, &body, err);
  if (!rc)
    rc = qf_ask_post(w->ask, w->target, &body, &reply, &status, err);
  if (!rc)
    qf_link_seen(w->link, reply.len);
  if (!rc && status == 200) {
    rc = qf_witness_join(head, reply.data ? (const char *)reply.data : "", reply.len, &w->key, &note, err);
    if (!rc)
      rc = keep(w, &note, err);
    if (!rc)
      w->seen = h->size;
  } else if (!rc && status == 409 && number_of(&reply, &knows) && knows != w->seen && knows <= h->size) {
    w->seen = knows;
    *again = true;
  } else if (!rc && status == 409 && knows > h->size) {
    rc = qf_fail(
        err, QF_CORRUPT,
        "the witness has cosigned %llu entries of this log, we have %llu: the journal was cut, or somebody else "
        "signs with its key",
        "见证方已联署本日志的 %llu 条，本机仅有 %llu 条：日志被截短，或他人使用同一密钥", (unsigned long long)knows,
        (unsigned long long)h->size);
  } else if (!rc) {
    rc = qf_fail(err, QF_STATE, "the witness answers %d", "见证方返回 %d", status);
  }
  if (rc)
    qf_link_refused(w->link, reply.data, reply.len, err);
  qf_buf_fini(&body);
  qf_buf_fini(&reply);
  qf_buf_fini(&note);
  return rc;
}

static qf_rc once(sender *w, qf_err *err)
{
  qf_proof *p = qf_city_proof(w->env->city);
  size_t n = p ? qf_proof_head_count(p) : 0;
  qf_head h = {0};
  qf_buf head;
  if (!n)
    return QF_OK;
  qf_buf_init(&head, QF_NOTE_MAX);
  qf_rc rc = qf_proof_head_text(p, n - 1, &head, err);
  if (!rc)
    rc = qf_head_parse((const char *)head.data, head.len, &h, err);
  bool again = !rc && h.size != w->seen;
  for (int i = 0; !rc && again && i < 2; i++)
    rc = send_head(w, p, &h, &head, &again, err);
  qf_buf_fini(&head);
  return rc;
}

static void *work(void *ud)
{
  sender *w = ud;
  pthread_setname_np(pthread_self(), "witness");
  pthread_mutex_lock(&w->mx);
  while (!w->stopping) {
    pthread_mutex_unlock(&w->mx);
    qf_err err = {0};
    qf_rc rc = once(w, &err);
    qf_link_set(w->link, rc == QF_IO ? QF_LINK_BACKOFF : QF_LINK_UP, NULL);
    if (rc == QF_IO)
      qf_link_refused(w->link, NULL, 0, &err);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += w->interval_s;
    pthread_mutex_lock(&w->mx);
    while (!w->stopping && pthread_cond_timedwait(&w->cv, &w->mx, &until) == 0) {
    }
  }
  pthread_mutex_unlock(&w->mx);
  return NULL;
}

/* ---- start and stop */

static qf_rc read_conf(sender *w, qf_conf *c, qf_ask_to *to, qf_err *err)
{
  const char *key = qf_conf_get(c, "collector", "key"), *where = qf_conf_get(c, "collector", "connect");
  w->target = qf_conf_get(c, "collector", "target");
  if (!w->target)
    w->target = "/add-checkpoint";
  to->tls_ca = qf_conf_path(c, "collector", "tls_ca");
  to->tls_cert = qf_conf_path(c, "collector", "tls_cert");
  to->tls_key = qf_conf_path(c, "collector", "tls_key");
  qf_rc rc = qf_conf_addr(c, "collector", "connect", w->host, sizeof w->host, &w->port, err);
  if (!rc)
    rc = qf_conf_int(c, "collector", "interval_s", 1, 86400, 60, &w->interval_s, err);
  if (!rc && !key)
    rc = qf_fail(err, QF_SYNTAX, "key is needed: the witness's public key, name+id+base64",
                 "须设置 key：见证方公钥，形如 名称+编号+base64");
  if (!rc)
    rc = qf_vkey_parse(key, strlen(key), &w->key, err);
  if (!rc && w->key.alg != QF_KEY_WITNESS)
    rc = qf_fail(err, QF_SYNTAX, "key: a witness's key is of algorithm 04 (cosignature/v1)",
                 "key：见证方公钥算法应为 04（cosignature/v1）");
  if (!rc && where)
    snprintf(w->called, sizeof w->called, "%.*s", (int)strcspn(where, ":"), where);
  to->type = "text/plain";
  to->host = w->host;
  to->name = where;
  to->tls_name = w->called;
  to->port = w->port;
  to->timeout_ms = 10000;
  to->body_max = ANSWER_MAX;
  return rc;
}

static void drop(sender *w)
{
  qf_ask_free(w->ask);
  pthread_mutex_destroy(&w->mx);
  pthread_cond_destroy(&w->cv);
  free(w);
}

static qf_rc start(const qf_collect_env *env, qf_conf *conf, void **self, qf_err *err)
{
  char folder[4500];
  qf_ask_to to = {0};
  sender *w = calloc(1, sizeof *w);
  if (!w)
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  w->env = env;
  pthread_mutex_init(&w->mx, NULL);
  pthread_cond_init(&w->cv, NULL);
  qf_rc rc = read_conf(w, conf, &to, err);
  if (!rc) {
    folder_of(env, folder);
    snprintf(w->file, sizeof w->file, "%s/%.64s.head", folder, qf_conf_name(conf));
    w->seen = kept_size(w);
    w->ask = qf_ask_new(env->loop, &to);
    w->link = qf_link_of(env->links, qf_conf_name(conf), "witness", w->key.name);
    if (!w->ask || !w->link)
      rc = qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  if (!rc) {
    qf_link_set(w->link, QF_LINK_DOWN, to.name);
    if (pthread_create(&w->thread, NULL, work, w))
      rc = qf_fail(err, QF_NOMEM, "no thread can be started", "无法启动线程");
  }
  if (rc) {
    drop(w);
    return rc;
  }
  *self = w;
  return QF_OK;
}

static void stop(void *self)
{
  sender *w = self;
  pthread_mutex_lock(&w->mx);
  w->stopping = true;
  pthread_cond_signal(&w->cv);
  pthread_mutex_unlock(&w->mx);
  qf_ask_stop(w->ask);
  pthread_join(w->thread, NULL);
  drop(w);
}

const qf_kind qf_kind_witness = {"witness", start, stop};
