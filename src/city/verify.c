/* Offline proof and repair: verify says whether what is on disk is what was accepted; rebuild makes the projections
 * again. */
#include "city/internal.h"
#include "city/scratch.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static qf_rc hash_file(const char *path, char hex[65])
{
  uint8_t h[32];
  char block[65536];
  unsigned len = 32;
  FILE *f = fopen(path, "rb");
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  bool ok = f && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
  for (size_t n; ok && (n = fread(block, 1, sizeof block, f)) > 0;)
    ok = EVP_DigestUpdate(ctx, block, n) == 1;
  ok = ok && !ferror(f) && EVP_DigestFinal_ex(ctx, h, &len) == 1;
  if (ok)
    qf_hex(h, 32, hex);
  EVP_MD_CTX_free(ctx);
  if (f)
    fclose(f);
  return ok ? QF_OK : QF_IO;
}

/* The last hash that the journal holds of each sealed file: file name -> sha256. */
static qf_rc seals(const char *dir, json_t *by_file, qf_err *err)
{
  qf_cursor *cur;
  qf_entry e;
  qf_rc rc = qf_cursor_open(dir, 1, &cur, err);
  if (rc)
    return rc;
  while ((rc = qf_cursor_next(cur, &e, err)) == QF_OK)
    if (e.type == QF_ENTRY_SEAL) {
      json_t *j = json_loadb((const char *)e.body, e.len, 0, NULL);
      const char *file = json_string_value(json_object_get(j, "file"));
      if (file)
        json_object_set(by_file, file, json_object_get(j, "sha256"));
      json_decref(j);
    }
  qf_cursor_close(cur);
  return rc == QF_NOTFOUND ? QF_OK : rc;
}

static qf_rc check_seals(const char *dir, uint64_t *checked, qf_err *err)
{
  json_t *by_file = json_object();
  const char *file;
  json_t *want;
  qf_rc rc = seals(dir, by_file, err);
  if (!rc)
    json_object_foreach(by_file, file, want)
    {
      char path[4600], hex[65];
      struct stat st;
      const char *base = strrchr(file, '/');
      snprintf(path, sizeof path, "%s/readings/%s", dir, base ? base + 1 : file);
      if (rc || stat(path, &st) != 0)
        continue; /* a file that is gone is made again from the journal; one that differs is a forgery or decay */
      if (hash_file(path, hex) || strcmp(hex, json_string_value(want) ? json_string_value(want) : "") != 0)
        rc = qf_fail(err, QF_CORRUPT, "sealed file %.150s is not the one the journal sealed",
                     "封存文件 %.150s 与日志所封不符", path);
      else
        ++*checked;
    }
  json_decref(by_file);
  return rc;
}

static qf_rc check_projections(const char *dir, const char *packs, uint64_t last, qf_buf *out, qf_err *err)
{
  qf_readings *readings = NULL;
  qf_book *book = NULL;
  bool aside = false;
  qf_book_opts bo = {.packs_dir = packs};
  qf_rc rc = qf_readings_open(dir, NULL, &readings, err);
  if (!rc)
    rc = qf_readings_verify(readings, err);
  if (!rc)
    rc = qf_book_open(dir, &bo, &book, &aside, err);
  if (!rc) {
    qf_readings_stats st;
    qf_readings_get_stats(readings, &st);
    uint64_t applied = qf_book_applied_seq(book);
    qf_buf_printf(out, ",\"readings\":%llu,\"reading_files\":%llu,\"book_seq\":%llu,\"book_set_aside\":%s",
                  (unsigned long long)st.readings, (unsigned long long)st.files, (unsigned long long)applied,
                  aside ? "true" : "false");
    if (applied > last || qf_readings_durable_seq(readings) > last)
      rc = qf_fail(
          err, QF_CORRUPT,
          "the projections are ahead of the journal (%llu > %llu): the journal was cut or belongs to another city",
          "投影超前于日志（%llu > %llu）：日志被截断或属于另一城市", (unsigned long long)applied,
          (unsigned long long)last);
  }
  qf_book_close(book);
  qf_readings_close(readings);
  return rc;
}

/* Nobody else has the folder open: QF_OK and *fd holds it so; QF_BUSY a server does. Writes nothing. */
static qf_rc hold(const char *dir, int *fd, qf_err *err)
{
  char path[4200];
  snprintf(path, sizeof path, "%.4100s/journal", dir);
  *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
    return QF_OK;
  return *fd >= 0 && errno == EWOULDBLOCK ? QF_BUSY
                                          : qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
}

/* Readings and book as they are, where opening them cannot change the city's own files. */
static qf_rc copy_projections(const char *dir, const char *to, qf_err *err)
{
  char from[4200], into[4200];
  snprintf(from, sizeof from, "%.4100s/readings", dir);
  snprintf(into, sizeof into, "%.4100s/readings", to);
  qf_rc rc = qf_scratch_copy(dir, to, &(qf_copy_opts){"book.", ".damaged-", false}, err);
  return rc ? rc : qf_scratch_copy(from, into, &(qf_copy_opts){"", NULL, true}, err);
}

static qf_us fixed_now(void *ud)
{
  return *(qf_us *)ud;
}

/* When the book was last written: a replay is to see the same "now", or points would fall silent in it. */
static qf_us book_time(const char *dir)
{
  static const char *const names[] = {"book.duckdb", "book.duckdb.wal"};
  qf_us t = 0;
  for (size_t i = 0; i < 2; i++) {
    char path[4200];
    struct stat st;
    snprintf(path, sizeof path, "%.4100s/%s", dir, names[i]);
    if (stat(path, &st) == 0 && (qf_us)st.st_mtim.tv_sec * QF_US_SECOND + st.st_mtim.tv_nsec / 1000 > t)
      t = (qf_us)st.st_mtim.tv_sec * QF_US_SECOND + st.st_mtim.tv_nsec / 1000;
  }
  return t;
}

static qf_rc export_copy(const char *dir, const char *packs, const char *out, qf_err *err)
{
  qf_book *book = NULL;
  bool aside;
  qf_rc rc = qf_book_open(dir, &(qf_book_opts){.packs_dir = packs}, &book, &aside, err);
  if (!rc)
    rc = qf_book_export(book, out, err);
  qf_book_close(book);
  return rc;
}

static qf_rc export_replay(const char *dir, const char *packs, qf_us now, const char *out, qf_err *err)
{
  qf_city *c = NULL;
  qf_city_opts o = {.packs_dir = packs, .clock = {fixed_now, &now}, .bulk = true};
  qf_rc rc = qf_city_open(dir, &o, &c, err);
  if (!rc)
    rc = qf_city_settle(c, err);
  if (!rc)
    rc = qf_book_export(c->book, out, err);
  qf_city_close(c);
  return rc;
}

/* Book = replay: the book's copy in `copy` against one made from a copy of the journal, both as sorted tables. */
static qf_rc compare_replay(const char *dir, const char *copy, const char *packs, qf_buf *out, qf_err *err)
{
  char from[4200], city[4200], into[4200], a[4200], b[4200], table[300] = "";
  qf_us now = book_time(dir);
  snprintf(from, sizeof from, "%.4100s/journal", dir);
  snprintf(city, sizeof city, "%.4100s/replay", copy);
  snprintf(into, sizeof into, "%.4100s/journal", city);
  snprintf(a, sizeof a, "%.4100s/as-is", copy);
  snprintf(b, sizeof b, "%.4100s/as-replayed", copy);
  qf_rc rc = mkdir(city, 0700) == 0 ? QF_OK : qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", city, strerror(errno));
  if (!rc)
    rc = qf_scratch_copy(from, into, &(qf_copy_opts){"0", NULL, false}, err);
  if (!rc)
    rc = export_copy(copy, packs, a, err);
  if (!rc)
    rc = export_replay(city, packs, now, b, err);
  if (rc)
    return rc;
  rc = qf_scratch_compare(a, b, table, sizeof table);
  qf_buf_printf(out, ",\"book_equals_replay\":%s", rc ? "false" : "true");
  return rc ? qf_fail(err, rc, "the book is not what the journal says: table %.80s differs; rebuild makes it right",
                      "账册与日志重放不符：表 %.80s 不同；可用 rebuild 重建", table)
            : QF_OK;
}

static qf_rc check_copies(const char *dir, const qf_verify_opts *o, uint64_t last, qf_buf *out, qf_err *err)
{
  char copy[4096], packs[4000];
  qf_rc rc = qf_scratch_make(o->tmp, copy, sizeof copy - 100, err);
  if (rc)
    return rc;
  qf_city_find_packs(o->packs_dir, packs, sizeof packs);
  rc = copy_projections(dir, copy, err);
  if (!rc)
    rc = check_projections(copy, packs, last, out, err);
  if (!rc && o->deep)
    rc = compare_replay(dir, copy, packs, out, err);
  else
    qf_buf_puts(out, ",\"book_equals_replay\":null");
  qf_scratch_remove(copy);
  return rc;
}

/* Journal against signed heads; all findings go to the report, the first to err. */
static qf_rc check_heads(const char *dir, const qf_verify_opts *o, qf_buf *out, qf_err *err)
{
  qf_audit a;
  qf_buf found;
  qf_audit_opts ao = {.key = o->key, .head = o->head, .head_len = o->head_len};
  qf_buf_init(&found, 1u << 20);
  qf_rc rc = qf_proof_audit(dir, &ao, &a, &found, err);
  qf_buf_printf(out, ",\"heads\":%llu,\"signed\":%llu,\"key_pinned\":%s,\"findings\":[%s]", (unsigned long long)a.heads,
                (unsigned long long)a.signed_size, o->key ? "true" : "false", found.len ? found.data : "");
  if (!rc && a.findings) { /* the first of the list speaks for all */
    json_t *first = json_loadb(found.data, found.len, JSON_DISABLE_EOF_CHECK, NULL);
    const char *en = json_string_value(json_object_get(first, "message"));
    const char *zh = json_string_value(json_object_get(first, "message_zh"));
    rc = qf_fail(err, QF_CORRUPT, "%.200s", "%.200s", en ? en : "see the findings");
    if (err && zh)
      snprintf(err->zh, sizeof err->zh, "%.220s", zh);
    json_decref(first);
  }
  qf_buf_fini(&found);
  return rc;
}

qf_rc qf_city_verify(const char *dir, const qf_verify_opts *opts, qf_buf *out, qf_err *err)
{
  static const qf_verify_opts none = {0};
  const qf_verify_opts *o = opts ? opts : &none;
  qf_journal_check k;
  uint64_t sealed = 0;
  char path[4200], hex[65];
  struct stat st;
  int held = -1;
  snprintf(path, sizeof path, "%s/journal", dir);
  if (stat(path, &st) != 0)
    return qf_fail(err, QF_IO, "%.150s: no journal there", "%.150s：没有日志", dir);
  qf_rc rc = qf_journal_verify(dir, &k, err);
  if (rc)
    return rc;
  qf_hex(k.chain, 32, hex);
  qf_buf_printf(
      out, "{\"entries\":%llu,\"last_seq\":%llu,\"segments\":%llu,\"bytes\":%llu,\"chain\":\"%s\",\"torn_tail\":%s",
      (unsigned long long)k.entries, (unsigned long long)k.last_seq, (unsigned long long)k.segments,
      (unsigned long long)k.bytes, hex, k.torn_tail ? "true" : "false");
  rc = check_heads(dir, o, out, err);
  if (!rc)
    rc = check_seals(dir, &sealed, err);
  qf_buf_printf(out, ",\"sealed_files_checked\":%llu", (unsigned long long)sealed);
  if (!rc) {
    qf_rc locked = hold(dir, &held, err);
    if (locked == QF_BUSY) /* a server has it: journal, heads and sealed files are what can be read beside it */
      qf_buf_puts(out, ",\"live\":true,\"book_equals_replay\":null");
    else
      rc = locked ? locked : check_copies(dir, o, k.last_seq, out, err);
  }
  if (held >= 0)
    close(held);
  qf_buf_printf(out, ",\"ok\":%s}", rc ? "false" : "true");
  return rc;
}

/* Throw the projections away - they are named and nothing else - and let an open replay the journal. */
static qf_rc clear(const char *dir, const char *packs, qf_err *err)
{
  qf_journal *lock = NULL;
  qf_book *book = NULL;
  bool aside;
  char path[4200];
  qf_book_opts bo = {.packs_dir = packs};
  qf_rc rc = qf_journal_open(dir, NULL, &lock, err);
  if (!rc)
    rc = qf_readings_wipe(dir, err); /* also one that is too damaged to open */
  if (!rc)
    rc = qf_book_open(dir, &bo, &book, &aside, err);
  if (!rc)
    rc = qf_book_clear(book, err);
  snprintf(path, sizeof path, "%s/meter.state", dir);
  if (!rc && unlink(path) != 0 && errno != ENOENT)
    rc = qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(errno));
  qf_book_close(book);
  qf_journal_close(lock);
  return rc;
}

qf_rc qf_city_rebuild(const char *dir, const qf_city_opts *opts, qf_err *err)
{
  qf_city *c;
  qf_journal_check k;
  char packs[4000];
  qf_city_find_packs(opts ? opts->packs_dir : NULL, packs, sizeof packs);
  qf_rc rc = qf_journal_verify(dir, &k, err); /* never throw a projection away before the truth is known to be whole */
  if (!rc)
    rc = clear(dir, packs, err);
  if (!rc)
    rc = qf_city_open(dir, opts, &c, err);
  if (!rc)
    qf_city_close(c);
  return rc;
}
