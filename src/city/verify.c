/* Offline proof and repair: verify says whether what is on disk is what was accepted; rebuild makes the projections
 * again. */
#include "city/internal.h"
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

qf_rc qf_city_verify(const char *dir, const char *packs_dir, qf_buf *out, qf_err *err)
{
  qf_journal_check k;
  qf_journal *lock = NULL;
  uint64_t sealed = 0;
  char path[4200], hex[65];
  struct stat st;
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
  rc = check_seals(dir, &sealed, err);
  qf_buf_printf(out, ",\"sealed_files_checked\":%llu", (unsigned long long)sealed);
  qf_err busy = {0};
  qf_rc locked = rc ? rc : qf_journal_open(dir, NULL, &lock, &busy);
  if (!rc && locked == QF_BUSY)
    qf_buf_puts(out, ",\"live\":true"); /* a server has it: journal and sealed files are what can be read beside it */
  else if (!rc && locked)
    rc = qf_fail(err, locked, "%.200s", "%.200s", busy.en);
  else if (!rc) {
    char packs[4000];
    qf_city_find_packs(packs_dir, packs, sizeof packs);
    rc = check_projections(dir, packs, k.last_seq, out, err);
  }
  qf_journal_close(lock);
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
