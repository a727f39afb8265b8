/* Audit: does the journal on disk still say what was signed? One pass computes the tree from the journal and compares its
 * root at the size of every head. Where a head does not fit, the stored tree - as far as a head vouches for it - names the
 * first leaf that differs, and trying the few ways in which history is rewritten tells which it was:
 *   back-dated   the leaf fits again with the time that was kept beside it
 *   reordered    two entries fit each other's places
 *   dropped      an entry fits a later place;  inserted: a later entry fits this place
 *   edited       only this leaf differs
 * Without a stored tree that can be trusted the range between the last head that fits and the first that does not is
 * named ("altered"). */
#include "proof/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEAR 256u /* entries looked at to tell what was done */
#define MOVED UINT64_MAX
#define FINDINGS 100u /* said in words; the rest is counted */

typedef struct known { /* a head with a good signature */
  uint64_t size;
  qf_hash root;
  bool outside; /* given by who asks, not read from the folder */
} known;

typedef struct audit {
  const char *dir;
  const qf_audit_opts *opts;
  qf_audit *out;
  qf_buf *found;
  qf_store store;
  qf_vkey keys[QF_KEYS_MAX];
  size_t nkeys;
  known *head;
  size_t nhead, cap;
  uint64_t good, bad;         /* sizes: largest head that fits, smallest that does not (0: none) */
  uint64_t missing;           /* largest head beyond the journal's end */
  uint64_t differs[FINDINGS]; /* first leaves (from 1) that differ from the stored tree */
  size_t ndiffers;
  uint64_t stored;  /* leaves in the stored tree */
  uint64_t dropped; /* entries known to have been taken out: the journal is shorter by them */
} audit;

typedef struct place { /* what a finding speaks of: entries from..to */
  const char *kind;
  uint64_t from, to;
} place;

/* Append {"kind","from","to","message","message_zh"}. */
static void say(audit *a, place w, const char *en, const char *zh)
{
  a->out->findings++;
  if (a->out->findings > FINDINGS)
    return;
  if (a->found->len)
    qf_buf_putc(a->found, ',');
  qf_buf_printf(a->found, "{\"kind\":\"%s\",\"from\":%llu,\"to\":%llu,\"message\":", w.kind, (unsigned long long)w.from,
                (unsigned long long)w.to);
  qf_buf_json(a->found, en, strlen(en));
  qf_buf_puts(a->found, ",\"message_zh\":");
  qf_buf_json(a->found, zh, strlen(zh));
  qf_buf_putc(a->found, '}');
}

/* ---- heads and keys */

static qf_rc take_head(audit *a, const char *text, size_t n, bool outside)
{
  qf_head h;
  qf_err why = {0};
  qf_rc rc = QF_NOTFOUND;
  if (a->opts->key)
    rc = qf_head_check(text, n, a->opts->key, &h, NULL, &why);
  for (size_t i = a->nkeys; !a->opts->key && rc == QF_NOTFOUND && i-- > 0;)
    rc = qf_head_check(text, n, &a->keys[i], &h, NULL, &why);
  if (rc) {
    if (!why.en[0])
      (void)qf_fail(&why, rc, "a head, and no key to check it", "有树头而无密钥可验");
    say(a, (place){"head", 0, 0}, why.en, why.zh);
    return QF_OK;
  }
  if (a->nhead == a->cap) {
    size_t cap = a->cap ? a->cap * 2 : 256;
    known *v = realloc(a->head, cap * sizeof *v);
    if (!v)
      return QF_NOMEM;
    a->head = v;
    a->cap = cap;
  }
  a->head[a->nhead++] = (known){h.size, h.root, outside};
  return QF_OK;
}

static int by_size(const void *x, const void *y)
{
  const known *a = x, *b = y;
  return (a->size > b->size) - (a->size < b->size);
}

static qf_rc load_heads(audit *a, int proofdir, qf_err *err)
{
  qf_heads h = {0};
  qf_buf text;
  int fd = proofdir < 0 ? -1 : openat(proofdir, "heads", O_RDONLY | O_CLOEXEC);
  qf_rc rc = fd < 0 ? QF_OK : qf_heads_load(&h, fd, err);
  qf_buf_init(&text, QF_NOTE_MAX + 1);
  for (size_t i = 0; !rc && i < h.n; i++) {
    qf_buf_reset(&text);
    rc = qf_heads_text(&h, fd, i, &text, err);
    if (!rc)
      rc = take_head(a, text.data, text.len, false);
  }
  off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
  if (!rc && end > 0 && (uint64_t)end > h.end + QF_NOTE_MAX) /* more than one interrupted signing can leave */
    say(a, (place){"head", 0, 0}, "proof/heads holds bytes that are no head, and what follows them cannot be read",
        "proof/heads 中有非树头字节，其后内容无法读取");
  if (!rc && a->opts->head)
    rc = take_head(a, a->opts->head, a->opts->head_len, true);
  if (a->nhead)
    qsort(a->head, a->nhead, sizeof *a->head, by_size);
  qf_buf_fini(&text);
  free(h.v);
  if (fd >= 0)
    close(fd);
  return rc;
}

/* The journal's first entry names the key of the log, and the log's name is made from that entry. */
static qf_rc check_key(audit *a, qf_err *err)
{
  char origin[QF_NAME_MAX];
  uint8_t pub[32];
  bool named;
  const qf_vkey *k = a->opts->key ? a->opts->key : a->nkeys ? &a->keys[0] : NULL;
  qf_rc rc = qf_first_entry(a->dir, origin, pub, &named, err);
  if (rc || !k)
    return rc;
  if (strcmp(k->name, origin) != 0)
    say(a, (place){"key", 1, 1}, "the key is of another log: entry 1 of the journal is not the one it was made for",
        "密钥属于另一日志：日志第 1 条与制钥时不同");
  else if (named && memcmp(pub, a->keys[0].pub, 32) != 0 && a->nkeys)
    say(a, (place){"key", 1, 1}, "proof/log.pub does not begin with the key that entry 1 of the journal names",
        "proof/log.pub 首个密钥并非日志第 1 条所载");
  return QF_OK;
}

/* ---- the pass over the journal */

static void compare_leaf(audit *a, uint64_t seq, const qf_hash *leaf, qf_hash *block, uint64_t *block_at)
{
  qf_tree_source s = qf_store_source(&a->store);
  if (seq > a->stored || a->ndiffers == FINDINGS)
    return;
  uint64_t at = (seq - 1) / NEAR * NEAR;
  if (at != *block_at) {
    size_t n = a->stored - at < NEAR ? (size_t)(a->stored - at) : NEAR;
    *block_at = s.get(s.ud, 0, at, n, block, NULL) ? UINT64_MAX : at;
  }
  if (*block_at == UINT64_MAX || !qf_hash_equal(&block[seq - 1 - at], leaf))
    a->differs[a->ndiffers++] = seq;
}

static void compare_heads(audit *a, const qf_frontier *f, size_t *next)
{
  qf_hash root;
  if (*next < a->nhead && a->head[*next].size == f->size)
    qf_frontier_root(f, &root);
  for (; *next < a->nhead && a->head[*next].size <= f->size; (*next)++) {
    if (a->head[*next].size == f->size && qf_hash_equal(&a->head[*next].root, &root)) {
      a->good = f->size;
      a->out->heads++;
    } else if (!a->bad) {
      a->bad = a->head[*next].size;
    }
  }
}

static qf_rc pass(audit *a, qf_err *err)
{
  qf_cursor *c;
  qf_entry e;
  qf_leaf l;
  qf_hash h, block[NEAR];
  uint64_t block_at = UINT64_MAX - 1;
  qf_frontier *f = calloc(1, sizeof *f);
  size_t next = 0;
  qf_rc rc = f ? qf_cursor_open(a->dir, 1, &c, err) : QF_NOMEM;
  if (rc) {
    free(f);
    return rc;
  }
  while ((rc = qf_cursor_next(c, &e, err)) == QF_OK) {
    qf_leaf_of(&e, &l);
    qf_leaf_hash(&l, &h);
    qf_frontier_add(f, &h);
    compare_leaf(a, e.seq, &h, block, &block_at);
    compare_heads(a, f, &next);
  }
  a->out->leaves = f->size;
  a->out->signed_size = a->good;
  if (next < a->nhead)
    a->missing = a->head[a->nhead - 1].size;
  qf_cursor_close(c);
  free(f);
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

/* ---- what was done */

typedef struct near { /* the journal's entries from `first` on */
  uint64_t first;
  size_t n;
  qf_leaf leaf[NEAR];
} near;

static qf_rc look_near(const audit *a, uint64_t first, near *out, qf_err *err)
{
  qf_cursor *c;
  qf_entry e;
  *out = (near){.first = first};
  qf_rc rc = qf_cursor_open(a->dir, first, &c, err);
  if (rc)
    return rc;
  while (out->n < NEAR && (rc = qf_cursor_next(c, &e, err)) == QF_OK)
    qf_leaf_of(&e, &out->leaf[out->n++]);
  qf_cursor_close(c);
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

/* Does l, put in place seq, give the leaf that was signed there - with its own time, or the time kept for that place? */
static bool fits(audit *a, const qf_leaf *l, uint64_t seq)
{
  qf_tree_source s = qf_store_source(&a->store);
  qf_leaf m = *l;
  qf_hash want, h;
  if (seq > a->stored || s.get(s.ud, 0, seq - 1, 1, &want, NULL))
    return false;
  m.seq = seq;
  qf_leaf_hash(&m, &h);
  if (qf_hash_equal(&h, &want))
    return true;
  if (!qf_store_at(&a->store, seq - 1, &m.at_us))
    return false;
  qf_leaf_hash(&m, &h);
  return qf_hash_equal(&h, &want);
}

static void moment(char *out, size_t size, qf_us t)
{
  qf_buf b;
  qf_buf_init(&b, 64);
  qf_tm_write(&b, t);
  snprintf(out, size, "%s", b.data ? b.data : "?");
  qf_buf_fini(&b);
}

static void say_entry(audit *a, const char *kind, uint64_t from, uint64_t to)
{
  static const struct {
    const char *kind, *en, *zh;
  } words[] = {{"dropped", "taken out of the journal after they were signed", "签名后被从日志中删去"},
               {"inserted", "put into the journal between entries that were signed", "被插入已签名的条目之间"},
               {"reordered", "exchanged after they were signed", "签名后被互换次序"},
               {"edited", "not what was signed: the content was changed", "与签名时不同：内容被改动"}};
  char en[200], zh[200];
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i].kind, kind) == 0) {
      snprintf(en, sizeof en, "entries %llu to %llu: %s", (unsigned long long)from, (unsigned long long)to,
               words[i].en);
      snprintf(zh, sizeof zh, "第 %llu 至 %llu 条：%s", (unsigned long long)from, (unsigned long long)to, words[i].zh);
      say(a, (place){kind, from, to}, en, zh);
    }
}

/* Name what happened at entry seq. Gives the other entry of an exchanged pair, MOVED when all that follows has moved, so that
 * its leaves say nothing more, else 0. */
static uint64_t name_it(audit *a, const near *x, uint64_t seq)
{
  const qf_leaf *me = &x->leaf[seq - x->first];
  qf_us was;
  if (fits(a, me, seq) && qf_store_at(&a->store, seq - 1, &was)) {
    char en[240], zh[240], t1[48], t2[48];
    moment(t1, sizeof t1, was);
    moment(t2, sizeof t2, me->at_us);
    snprintf(en, sizeof en, "entry %llu: its time was changed from %s to %s", (unsigned long long)seq, t1, t2);
    snprintf(zh, sizeof zh, "第 %llu 条：时间由 %s 被改为 %s", (unsigned long long)seq, t1, t2);
    say(a, (place){"back-dated", seq, seq}, en, zh);
    return 0;
  }
  for (uint64_t q = seq + 1; q < seq + NEAR; q++) {
    const qf_leaf *other = q - x->first < x->n ? &x->leaf[q - x->first] : NULL;
    if (fits(a, me, q)) {
      bool swapped = other && fits(a, other, seq);
      say_entry(a, swapped ? "reordered" : "dropped", seq, swapped ? q : q - 1);
      a->dropped += swapped ? 0 : q - seq;
      return swapped ? q : MOVED;
    }
    if (other && fits(a, other, seq)) {
      say_entry(a, "inserted", seq, q - 1);
      return MOVED;
    }
  }
  say_entry(a, "edited", seq, seq);
  return 0;
}

/* How far a head vouches for the stored tree. */
static uint64_t vouched(audit *a)
{
  qf_tree_source s = qf_store_source(&a->store);
  qf_hash root;
  for (size_t i = a->nhead; i-- > 0;)
    if (a->head[i].size && a->head[i].size <= a->stored && qf_tree_root(&s, a->head[i].size, &root, NULL) == QF_OK &&
        qf_hash_equal(&root, &a->head[i].root))
      return a->head[i].size;
  return 0;
}

static qf_rc explain(audit *a, qf_err *err)
{
  uint64_t sure = vouched(a);
  near *x = malloc(sizeof *x);
  qf_rc rc = x ? QF_OK : qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  uint64_t before = a->out->findings;
  for (size_t i = 0; !rc && i < a->ndiffers; i++) {
    if (a->differs[i] == 0 || a->differs[i] > sure)
      continue;
    rc = look_near(a, a->differs[i], x, err);
    uint64_t other = !rc && x->n ? name_it(a, x, a->differs[i]) : 0;
    for (size_t k = i + 1; k < a->ndiffers; k++)
      if (other == MOVED || a->differs[k] == other)
        a->differs[k] = 0;
  }
  bool named = a->out->findings > before;
  free(x);
  if (!rc && !named && a->bad) {
    char en[240], zh[240];
    snprintf(en, sizeof en, "entries %llu to %llu were altered: the head of size %llu was signed over others",
             (unsigned long long)a->good + 1, (unsigned long long)a->bad, (unsigned long long)a->bad);
    snprintf(zh, sizeof zh, "第 %llu 至 %llu 条被改动：大小 %llu 的树头签名时并非如此", (unsigned long long)a->good + 1,
             (unsigned long long)a->bad, (unsigned long long)a->bad);
    say(a, (place){"altered", a->good + 1, a->bad}, en, zh);
  }
  return rc;
}

static void conclude(audit *a)
{
  char en[240], zh[240];
  if (a->missing > a->out->leaves + a->dropped) {
    snprintf(en, sizeof en, "entries %llu to %llu were signed and are missing at the end of the journal",
             (unsigned long long)a->out->leaves + 1, (unsigned long long)a->missing);
    snprintf(zh, sizeof zh, "第 %llu 至 %llu 条已签名，却不在日志末尾", (unsigned long long)a->out->leaves + 1,
             (unsigned long long)a->missing);
    say(a, (place){"truncated", a->out->leaves + 1, a->missing}, en, zh);
  }
  if (a->ndiffers && !a->out->findings) {
    snprintf(
        en, sizeof en,
        "proof/tree.0 differs from the journal at entry %llu, the journal fits all heads: remove DIR/proof/tree.*, "
        "the next start makes them again",
        (unsigned long long)a->differs[0]);
    snprintf(zh, sizeof zh,
             "proof/tree.0 在第 %llu 条与日志不同，日志与各树头相符：删去 DIR/proof/tree.* 后下次启动重建",
             (unsigned long long)a->differs[0]);
    say(a, (place){"tree", a->differs[0], a->differs[0]}, en, zh);
  }
}

static qf_rc run(audit *a, int proofdir, qf_err *err)
{
  qf_rc rc = QF_OK;
  if (proofdir >= 0) {
    a->nkeys = qf_keys_load(proofdir, a->keys);
    rc = qf_store_open(&a->store, proofdir, false, err);
    a->stored = qf_store_leaves(&a->store);
  }
  if (!rc)
    rc = check_key(a, err);
  if (!rc)
    rc = load_heads(a, proofdir, err);
  if (!rc)
    rc = pass(a, err);
  if (!rc)
    rc = explain(a, err);
  if (!rc)
    conclude(a);
  return rc;
}

qf_rc qf_proof_audit(const char *dir, const qf_audit_opts *opts, qf_audit *out, qf_buf *found, qf_err *err)
{
  static const qf_audit_opts none = {0};
  char path[4100];
  *out = (qf_audit){0};
  audit *a = calloc(1, sizeof *a);
  if (!a || sodium_init() < 0) {
    free(a);
    return qf_fail(err, QF_NOMEM, "out of memory", "内存不足");
  }
  a->dir = dir;
  a->opts = opts ? opts : &none;
  a->out = out;
  a->found = found;
  qf_store_init(&a->store);
  snprintf(path, sizeof path, "%.4000s/proof", dir);
  int proofdir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  qf_rc rc = run(a, proofdir, err);
  if (proofdir >= 0)
    close(proofdir);
  qf_store_close(&a->store);
  free(a->head);
  free(a);
  return rc;
}
