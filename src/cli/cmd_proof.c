/* verify, proof, heads. All read the folder itself, also beside a running server; none changes it. */
#include "cli/cli.h"
#include "proof/receipt.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char verify_usage[] =
    "usage: qingfeng verify --data DIR [--deep] [--head FILE] [--key FILE|KEY]\n"
    "       qingfeng verify --receipt FILE (--key FILE|KEY | --head FILE) [--consistency FILE] [--witness FILE|KEY]\n"
    "  --deep  make the book again from the journal, elsewhere, and compare / 重放日志并比对账册\n";
static const char proof_usage[] = "usage: qingfeng proof SEQ [--data DIR] [--size N] [--format json|receipt|html]\n"
                                  "       qingfeng proof --from SIZE --to SIZE [--data DIR]    consistency / 一致性\n";
static const char heads_usage[] = "usage: qingfeng heads [--data DIR] [--limit N | --latest | --key]\n";

static const qf_option options[] = {{"--data", true}, {"--json", false},       {"--deep", false},   {"--head", true},
                                    {"--key", true},  {"--receipt", true},     {"--witness", true}, {"--size", true},
                                    {"--from", true}, {"--consistency", true}, {"--format", true},  {"--to", true},
                                    {"--help", false}};
static const qf_option heads_options[] = {{"--data", true},    {"--json", false}, {"--limit", true},
                                          {"--latest", false}, {"--key", false},  {"--help", false}};

static qf_rc read_file(const char *path, size_t max, qf_buf *out, qf_err *err)
{
  char block[65536];
  ssize_t n = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  qf_buf_init(out, max);
  while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0)
    qf_buf_put(out, block, (size_t)n);
  int e = errno;
  if (fd >= 0)
    close(fd);
  if (fd < 0 || n < 0)
    return qf_fail(err, QF_IO, "%.150s: %s", "%.150s：%s", path, strerror(e));
  return out->failed ? qf_fail(err, QF_RANGE, "%.150s is too long", "%.150s 过长", path) : QF_OK;
}

/* A file named by an option; absent: empty buffer and *text NULL. */
static qf_rc option_file(const qf_args *a, const char *name, qf_buf *b, const char **text, qf_err *err)
{
  const char *path = qf_args_get(a, name);
  *text = NULL;
  qf_buf_init(b, QF_RECEIPT_MAX);
  if (!path)
    return QF_OK;
  qf_rc rc = read_file(path, QF_RECEIPT_MAX, b, err);
  *text = b->data ? b->data : "";
  return rc;
}

/* A key as text or in a file; of a file the first line. */
static qf_rc option_key(const qf_args *a, const char *name, qf_vkey *k, const qf_vkey **out, qf_err *err)
{
  const char *s = qf_args_get(a, name);
  *out = NULL;
  if (!s)
    return QF_OK;
  *out = k;
  if (qf_vkey_parse(s, strlen(s), k, err) == QF_OK)
    return QF_OK;
  qf_buf b;
  qf_rc rc = read_file(s, 8192, &b, err);
  if (!rc)
    rc = qf_vkey_parse(b.data ? b.data : "", b.data ? strcspn(b.data, "\n") : 0, k, err);
  qf_buf_fini(&b);
  return rc;
}

typedef struct evidence { /* what the command line brings along */
  qf_buf receipt, head, consistency;
  const char *receipt_text, *head_text, *consistency_text;
  qf_vkey key_mem, witness_mem;
  const qf_vkey *key, *witness;
} evidence;

static qf_rc gather(const qf_args *a, evidence *e, qf_err *err)
{
  qf_rc rc = option_file(a, "--receipt", &e->receipt, &e->receipt_text, err);
  qf_rc r2 = option_file(a, "--head", &e->head, &e->head_text, rc ? NULL : err);
  qf_rc r3 = option_file(a, "--consistency", &e->consistency, &e->consistency_text, rc || r2 ? NULL : err);
  rc = rc ? rc : r2 ? r2 : r3;
  if (!rc)
    rc = option_key(a, "--key", &e->key_mem, &e->key, err);
  return rc ? rc : option_key(a, "--witness", &e->witness_mem, &e->witness, err);
}

static qf_rc verify_receipt(const evidence *e, qf_buf *out, qf_err *err)
{
  qf_receipt_check with = {.key = e->key,
                           .witness = e->witness,
                           .head = e->head_text,
                           .head_len = e->head.len,
                           .consistency = e->consistency_text,
                           .consistency_len = e->consistency.len};
  return qf_receipt_verify(e->receipt_text, e->receipt.len, &with, out, err);
}

int qf_cmd_verify(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  qf_buf out;
  evidence e = {0};
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") || a.nrest)
    return qf_usage(verify_usage);
  if (qf_args_get(&a, "--receipt") && !qf_args_get(&a, "--key") && !qf_args_get(&a, "--head"))
    return qf_usage(verify_usage);
  qf_buf_init(&out, 4u << 20);
  qf_rc rc = gather(&a, &e, &err);
  qf_verify_opts o = {
      .deep = qf_args_get(&a, "--deep") != NULL, .key = e.key, .head = e.head_text, .head_len = e.head.len};
  if (!rc)
    rc = e.receipt_text ? verify_receipt(&e, &out, &err) : qf_city_verify(qf_data_dir(&a), &o, &out, &err);
  if (out.len)
    puts(out.data);
  qf_buf_fini(&out);
  qf_buf_fini(&e.receipt);
  qf_buf_fini(&e.head);
  qf_buf_fini(&e.consistency);
  bool no = rc == QF_CORRUPT || (e.receipt_text && rc == QF_STATE);
  int code = rc ? qf_trouble(rc, &err) : QF_EXIT_OK;
  return no ? QF_EXIT_NO : code;
}

static bool whole(const char *s, uint64_t *out)
{
  char *end = NULL;
  *out = s && *s >= '0' && *s <= '9' && strlen(s) < 19 ? strtoull(s, &end, 10) : 0;
  return end && *end == 0;
}

static qf_rc show_receipt(qf_proof *p, const char *dir, uint64_t seq, uint64_t size, const char *format, qf_err *err)
{
  qf_buf out, page;
  bool html = strcmp(format, "html") == 0;
  qf_buf_init(&out, QF_RECEIPT_MAX);
  qf_buf_init(&page, 4u << 20);
  qf_rc rc = qf_receipt_make(p, dir, seq, size, strcmp(format, "json") == 0, &out, err);
  if (!rc && html)
    rc = qf_receipt_html(out.data, out.len, &page, err);
  if (!rc)
    puts(html ? page.data : out.data);
  qf_buf_fini(&out);
  qf_buf_fini(&page);
  return rc;
}

static qf_rc show_consistency(qf_proof *p, uint64_t from, uint64_t to, qf_err *err)
{
  qf_buf out;
  qf_buf_init(&out, QF_RECEIPT_MAX);
  qf_rc rc = qf_consistency_json(p, from, to, &out, err);
  if (!rc)
    puts(out.data);
  qf_buf_fini(&out);
  return rc;
}

int qf_cmd_proof(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  qf_proof *p = NULL;
  uint64_t seq = 0, size = 0, from = 0, to = 0;
  bool ok = qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) && !qf_args_get(&a, "--help");
  const char *format = ok && qf_args_get(&a, "--format") ? qf_args_get(&a, "--format") : "json";
  bool pair = ok && a.nrest == 0 && whole(qf_args_get(&a, "--from"), &from) && whole(qf_args_get(&a, "--to"), &to);
  bool one = ok && a.nrest == 1 && whole(a.rest[0], &seq) &&
             (!qf_args_get(&a, "--size") || whole(qf_args_get(&a, "--size"), &size)) &&
             (strcmp(format, "json") == 0 || strcmp(format, "receipt") == 0 || strcmp(format, "html") == 0);
  if (!pair && !one)
    return qf_usage(proof_usage);
  qf_rc rc = qf_proof_open(qf_data_dir(&a), &(qf_proof_opts){.read_only = true}, &p, &err);
  if (!rc)
    rc = pair ? show_consistency(p, from, to, &err) : show_receipt(p, qf_data_dir(&a), seq, size, format, &err);
  qf_proof_close(p);
  return rc ? qf_trouble(rc, &err) : QF_EXIT_OK;
}

static qf_rc list_heads(qf_proof *p, uint64_t limit, bool json, qf_err *err)
{
  qf_buf text, t;
  size_t n = qf_proof_head_count(p);
  qf_rc rc = QF_OK;
  qf_buf_init(&text, QF_NOTE_MAX + 1);
  qf_buf_init(&t, (size_t)QF_NOTE_MAX * 2);
  for (size_t i = n > limit ? n - (size_t)limit : 0; !rc && i < n; i++) {
    qf_head h;
    qf_buf_reset(&text);
    qf_buf_reset(&t);
    rc = qf_proof_head_text(p, i, &text, err);
    if (!rc)
      rc = qf_head_parse(text.data, text.len, &h, err);
    if (rc)
      break;
    if (json)
      qf_buf_json(&t, text.data, text.len);
    else
      qf_tm_write(&t, h.at_us);
    if (json)
      printf("{\"size\":%llu,\"checkpoint\":%s}\n", (unsigned long long)h.size, t.data);
    else
      printf("%12llu  %s\n", (unsigned long long)h.size, t.data);
  }
  qf_buf_fini(&text);
  qf_buf_fini(&t);
  return rc;
}

int qf_cmd_heads(int argc, char **argv)
{
  qf_args a;
  qf_err err = {0};
  qf_proof *p = NULL;
  qf_buf out;
  uint64_t limit = 20;
  if (!qf_args_parse(argc, argv, heads_options, sizeof heads_options / sizeof *heads_options, &a) ||
      qf_args_get(&a, "--help") || a.nrest ||
      (qf_args_get(&a, "--limit") && !whole(qf_args_get(&a, "--limit"), &limit)))
    return qf_usage(heads_usage);
  qf_rc rc = qf_proof_open(qf_data_dir(&a), &(qf_proof_opts){.read_only = true}, &p, &err);
  if (rc)
    return qf_trouble(rc, &err);
  qf_buf_init(&out, QF_NOTE_MAX + 1);
  size_t n = qf_proof_head_count(p);
  if (qf_args_get(&a, "--key")) {
    qf_vkey_write(qf_proof_key(p), &out);
    puts(out.data);
  } else if (qf_args_get(&a, "--latest")) {
    rc = qf_proof_head_text(p, n ? n - 1 : 0, &out, &err);
    if (!rc)
      fwrite(out.data, 1, out.len, stdout);
  } else {
    rc = list_heads(p, limit, qf_args_get(&a, "--json") != NULL, &err);
  }
  qf_buf_fini(&out);
  qf_proof_close(p);
  return rc ? qf_trouble(rc, &err) : QF_EXIT_OK;
}
