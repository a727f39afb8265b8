/* Making and checking receipts. Hashes are 64 hex digits; the checkpoint is the text as it was signed. */
#include "proof/receipt.h"
#include <jansson.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;
static const char *const types[] = {"", "city", "series", "readings", "record", "event", "seal", "text"};

static const char *type_name(uint8_t t)
{
  return t < sizeof types / sizeof *types ? types[t] : "";
}

static void put_hash(qf_buf *b, const uint8_t h[32])
{
  char hex[65];
  qf_hex(h, 32, hex);
  qf_buf_printf(b, "\"%s\"", hex);
}

static void put_path(qf_buf *b, const qf_path *p)
{
  qf_buf_putc(b, '[');
  for (unsigned i = 0; i < p->n; i++) {
    if (i)
      qf_buf_putc(b, ',');
    put_hash(b, p->h[i].b);
  }
  qf_buf_putc(b, ']');
}

/* ---- making */

/* Bodies that hold what must not be handed round: hashes of secrets are as good as secrets to some. */
static bool secret(const json_t *record)
{
  static const char *const no_types[] = {"token", "user", "login", "session"};
  static const char *const no_columns[] = {"password", "secret", "hash", "otp"};
  const char *type = json_string_value(json_object_get(record, "type")), *k;
  json_t *v;
  for (size_t i = 0; i < 4; i++) {
    if (!type || strcmp(type, no_types[i]) == 0)
      return true;
    json_object_foreach(json_object_get(record, "data"), k, v) if (strstr(k, no_columns[i])) return true;
  }
  return false;
}

/* May the body of this entry be shown? Only records, and none that holds a secret. */
static bool may_show(const qf_entry *e)
{
  if (e->type != QF_ENTRY_RECORD || e->len > QF_RECEIPT_BODY_MAX)
    return false;
  json_t *j = json_loadb((const char *)e->body, e->len, JSON_REJECT_DUPLICATES, NULL), *r;
  const json_t *list = json_object_get(j, "records");
  size_t i;
  bool show = j && (list ? json_array_size(list) > 0 : !secret(j));
  json_array_foreach(list, i, r) show = show && !secret(r);
  json_decref(j);
  return show;
}

static qf_rc read_entry(const char *dir, uint64_t seq, qf_cursor **c, qf_entry *e, qf_err *err)
{
  qf_rc rc = qf_cursor_open(dir, seq, c, err);
  if (rc)
    return rc;
  rc = qf_cursor_next(*c, e, err);
  if (rc)
    qf_cursor_close(*c);
  return rc == QF_NOTFOUND ? qf_fail(err, rc, "there is no entry %llu yet", "尚无第 %llu 条", (ull)seq) : rc;
}

/* The head to prove under: its text and size. */
static qf_rc pick_head(qf_proof *p, uint64_t seq, uint64_t size, qf_buf *text, qf_head *h, qf_err *err)
{
  size_t i = qf_proof_head_covering(p, size ? size : seq);
  if (i == qf_proof_head_count(p))
    return qf_fail(err, QF_NOTFOUND, "entry %llu is not covered by a signed head yet: ask again in a minute",
                   "第 %llu 条尚未被签名树头覆盖：请一分钟后再试", (ull)seq);
  qf_rc rc = qf_proof_head_text(p, i, text, err);
  if (!rc)
    rc = qf_head_parse(text->data, text->len, h, err);
  if (!rc && size && h->size != size)
    rc = qf_fail(err, QF_NOTFOUND, "no head of size %llu was signed; the next is %llu",
                 "未签名过大小为 %llu 的树头；其后为 %llu", (ull)size, (ull)h->size);
  return rc;
}

static void put_content(qf_buf *out, const qf_entry *e)
{
  if (!may_show(e))
    return;
  json_t *j = json_loadb((const char *)e->body, e->len, 0, NULL), *r;
  json_t *list = json_object_get(j, "records") ? json_incref(json_object_get(j, "records")) : json_pack("[O]", j);
  static const char *const names[] = {"type", "id", "version", "status", "by", "at"};
  size_t i;
  qf_buf_puts(out, ",\"records\":[");
  json_array_foreach(list, i, r)
  {
    qf_buf_puts(out, i ? ",{" : "{");
    for (size_t k = 0; k < 6; k++) {
      char *s = json_dumps(json_object_get(r, names[k]), JSON_ENCODE_ANY | JSON_COMPACT);
      qf_buf_printf(out, "%s\"%s\":%s", k ? "," : "", names[k], s ? s : "null");
      free(s);
    }
    qf_buf_putc(out, '}');
  }
  qf_buf_puts(out, "],\"submitter\":");
  const char *by = json_string_value(json_object_get(json_array_get(list, 0), "by"));
  qf_buf_json(out, by ? by : "", by ? strlen(by) : 0);
  qf_buf_puts(out, ",\"body\":");
  qf_buf_json(out, (const char *)e->body, e->len);
  json_decref(list);
  json_decref(j);
}

typedef struct parts { /* of one receipt being made */
  qf_leaf leaf;
  qf_hash hash;
  qf_head head;
  qf_path path;
} parts;

static void put_receipt(qf_proof *p, const parts *x, const qf_entry *e, const qf_buf *text, bool brief, qf_buf *out)
{
  qf_hash root = x->head.root;
  uint8_t raw[QF_LEAF_BYTES];
  char hex[2 * QF_LEAF_BYTES + 1];
  qf_leaf_write(&x->leaf, raw);
  qf_hex(raw, sizeof raw, hex);
  qf_buf_printf(out, "{\"format\":\"qingfeng-%s-1\",\"origin\":\"%s\",\"seq\":%llu,\"at\":\"",
                brief ? "proof" : "receipt", x->head.origin, (ull)x->leaf.seq);
  qf_tm_write(out, x->leaf.at_us);
  qf_buf_printf(out, "\",\"type\":\"%s\",\"body_length\":%u,\"body_sha256\":", type_name(x->leaf.type), x->leaf.len);
  put_hash(out, x->leaf.body_sha256);
  qf_buf_printf(out, ",\"leaf\":\"%s\",\"leaf_hash\":", hex);
  put_hash(out, x->hash.b);
  qf_buf_printf(out, ",\"index\":%llu,\"size\":%llu,\"inclusion\":", (ull)x->leaf.seq - 1, (ull)x->head.size);
  put_path(out, &x->path);
  qf_buf_puts(out, ",\"root\":");
  put_hash(out, root.b);
  qf_buf_puts(out, ",\"checkpoint\":");
  qf_buf_json(out, text->data, text->len);
  qf_buf_puts(out, ",\"key\":\"");
  qf_vkey_write(qf_proof_key(p), out);
  qf_buf_putc(out, '"');
  if (!brief)
    put_content(out, e);
  qf_buf_putc(out, '}');
}

qf_rc qf_receipt_make(qf_proof *p, const char *dir, uint64_t seq, uint64_t size, bool brief, qf_buf *out, qf_err *err)
{
  parts x;
  qf_buf text;
  qf_cursor *c;
  qf_entry e;
  qf_hash stored;
  if (seq == 0 || seq > QF_TREE_MAX || (size && size < seq))
    return qf_fail(err, QF_RANGE, "entries count from 1 and a tree must hold the entry",
                   "条目自 1 起计，且树须包含该条");
  qf_buf_init(&text, QF_NOTE_MAX + 1);
  qf_rc rc = pick_head(p, seq, size, &text, &x.head, err);
  if (!rc)
    rc = qf_proof_inclusion(p, seq - 1, x.head.size, &stored, &x.path, err);
  if (!rc && (rc = read_entry(dir, seq, &c, &e, err)) == QF_OK) {
    qf_leaf_of(&e, &x.leaf);
    qf_leaf_hash(&x.leaf, &x.hash);
    if (!qf_hash_equal(&x.hash, &stored) ||
        !qf_tree_included(&x.hash, seq - 1, x.head.size, &x.path, &x.head.root)) /* never hand out what does not hold */
      rc = qf_fail(err, QF_CORRUPT, "entry %llu is not the one that was signed: run verify",
                   "第 %llu 条与签名时不同：请运行 verify", (ull)seq);
    else
      put_receipt(p, &x, &e, &text, brief, out);
    qf_cursor_close(c);
  }
  qf_buf_fini(&text);
  return rc || !out->failed ? rc : qf_fail(err, QF_NOMEM, "the receipt is too long", "回执过长");
}

qf_rc qf_consistency_json(qf_proof *p, uint64_t from, uint64_t to, qf_buf *out, qf_err *err)
{
  qf_path path;
  qf_hash a, b;
  qf_rc rc = qf_proof_consistency(p, from, to, &path, err);
  if (!rc)
    rc = qf_proof_root(p, from, &a, err);
  if (!rc)
    rc = qf_proof_root(p, to, &b, err);
  if (rc)
    return rc;
  qf_buf_printf(out, "{\"format\":\"qingfeng-consistency-1\",\"from\":%llu,\"to\":%llu,\"root_from\":", (ull)from,
                (ull)to);
  put_hash(out, a.b);
  qf_buf_puts(out, ",\"root_to\":");
  put_hash(out, b.b);
  qf_buf_puts(out, ",\"proof\":");
  put_path(out, &path);
  qf_buf_putc(out, '}');
  return QF_OK;
}

/* ---- checking */

static bool unhex(const json_t *j, uint8_t *out, size_t n)
{
  const char *s = json_string_value(j);
  if (!s || json_string_length(j) != 2 * n)
    return false;
  for (size_t i = 0; i < 2 * n; i++) {
    char c = s[i];
    int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (v < 0)
      return false;
    out[i / 2] = (uint8_t)(i & 1 ? out[i / 2] | v : v << 4);
  }
  return true;
}

static bool get_path(const json_t *j, qf_path *out)
{
  size_t i;
  json_t *h;
  out->n = 0;
  if (!json_is_array(j) || json_array_size(j) > QF_PATH_MAX)
    return false;
  json_array_foreach(j, i, h) if (!unhex(h, out->h[out->n++].b, 32)) return false;
  return true;
}

static bool get_size(const json_t *j, uint64_t *out)
{
  *out = (uint64_t)json_integer_value(j);
  return json_is_integer(j) && json_integer_value(j) >= 0 && *out <= QF_TREE_MAX;
}

#define not_fit(err, en, zh) qf_fail(err, QF_CORRUPT, "the receipt does not hold: " en, "回执不成立：" zh)

/* What the receipt says in plain words must be what its leaf says, and what its body says. */
static qf_rc check_words(const json_t *r, const qf_leaf *l, qf_err *err)
{
  qf_us at;
  uint8_t sha[32];
  uint64_t seq, index;
  const char *when = json_string_value(json_object_get(r, "at")), *type = json_string_value(json_object_get(r, "type"));
  if (!get_size(json_object_get(r, "seq"), &seq) || seq != l->seq)
    return not_fit(err, "\"seq\" is not that of the leaf", "seq 与叶不符");
  if (!get_size(json_object_get(r, "index"), &index) || index + 1 != seq)
    return not_fit(err, "\"index\" is not seq - 1", "index 不等于 seq-1");
  if (!when || qf_tm_parse(when, strlen(when), &at) || at != l->at_us)
    return not_fit(err, "\"at\" is not the time of the leaf", "at 与叶所载时间不符");
  if (!type || strcmp(type, type_name(l->type)) != 0)
    return not_fit(err, "\"type\" is not that of the leaf", "type 与叶不符");
  if (!unhex(json_object_get(r, "body_sha256"), sha, 32) || memcmp(sha, l->body_sha256, 32) != 0)
    return not_fit(err, "\"body_sha256\" is not that of the leaf", "body_sha256 与叶不符");
  if (json_integer_value(json_object_get(r, "body_length")) != l->len)
    return not_fit(err, "\"body_length\" is not that of the leaf", "body_length 与叶不符");
  return QF_OK;
}

/* The records as named beside the body must be those in it. */
static bool same_records(const json_t *r, const char *body, size_t n)
{
  static const char *const names[] = {"type", "id", "version", "status", "by", "at"};
  json_t *j = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
  json_t *list = json_object_get(j, "records") ? json_incref(json_object_get(j, "records")) : json_pack("[O]", j);
  const json_t *said = json_object_get(r, "records"), *by = json_object_get(json_array_get(list, 0), "by");
  bool ok = j && json_is_array(list) && json_array_size(said) == json_array_size(list) &&
            json_equal(by, json_object_get(r, "submitter"));
  for (size_t i = 0; ok && i < json_array_size(list); i++)
    for (size_t k = 0; k < 6; k++) {
      const json_t *a = json_object_get(json_array_get(list, i), names[k]);
      const json_t *b = json_object_get(json_array_get(said, i), names[k]);
      ok = ok && (json_equal(a, b) || (!a && json_is_null(b)));
    }
  json_decref(list);
  json_decref(j);
  return ok;
}

static qf_rc check_body(const json_t *r, const qf_leaf *l, bool *shown, qf_err *err)
{
  const json_t *body = json_object_get(r, "body");
  uint8_t sha[32];
  *shown = json_is_string(body);
  if (!*shown)
    return body || json_object_get(r, "records") || json_object_get(r, "submitter")
               ? not_fit(err, "it speaks of records without showing the entry", "述及记录却未附条目原文")
               : QF_OK;
  qf_sha256(json_string_value(body), json_string_length(body), sha);
  if (memcmp(sha, l->body_sha256, 32) != 0 || json_string_length(body) != l->len)
    return not_fit(err, "the body's SHA-256 is not that of the leaf", "正文 SHA-256 与叶不符");
  return same_records(r, json_string_value(body), json_string_length(body))
             ? QF_OK
             : not_fit(err, "\"records\" or \"submitter\" are not those of the body",
                       "records 或 submitter 与正文不符");
}

static qf_rc check_consistency(const qf_receipt_check *with, const qf_head *mine, const qf_head *given, qf_err *err)
{
  uint64_t from, to;
  qf_path p;
  if (mine->size == given->size)
    return qf_hash_equal(&mine->root, &given->root)
               ? QF_OK
               : not_fit(err, "two heads of one size differ: the log has two histories",
                         "同一大小的两个树头不同：日志有两部历史");
  if (!with->consistency)
    return qf_fail(
        err, QF_STATE,
        "the head is of size %llu, the receipt's of %llu: take the receipt for that size, or give --consistency",
        "树头大小为 %llu，回执为 %llu：请取该大小的回执，或给出 --consistency", (ull)given->size, (ull)mine->size);
  bool later = given->size > mine->size;
  const qf_head *a = later ? mine : given, *b = later ? given : mine;
  json_t *j = json_loadb(with->consistency, with->consistency_len, JSON_REJECT_DUPLICATES, NULL);
  bool ok = get_size(json_object_get(j, "from"), &from) && get_size(json_object_get(j, "to"), &to) && from == a->size &&
            to == b->size && get_path(json_object_get(j, "proof"), &p) &&
            qf_tree_consistent(from, to, &a->root, &b->root, &p);
  json_decref(j);
  return ok ? QF_OK : not_fit(err, "the two heads are not of one history", "两个树头不属同一历史");
}

static qf_rc check_heads(const json_t *r, const qf_receipt_check *with, qf_head *mine, qf_head *anchor, qf_err *err)
{
  const json_t *text = json_object_get(r, "checkpoint"), *k = json_object_get(r, "key");
  const qf_vkey *key = with->key;
  qf_vkey own;
  if (!json_is_string(text) || !json_is_string(k))
    return qf_fail(err, QF_SYNTAX, "a receipt needs \"checkpoint\" and \"key\"", "回执须有 checkpoint 与 key");
  qf_rc rc = key ? QF_OK : qf_vkey_parse(json_string_value(k), json_string_length(k), &own, err);
  if (rc)
    return rc;
  key = key ? key : &own;
  rc = qf_head_check(json_string_value(text), json_string_length(text), key, mine, NULL, err);
  *anchor = *mine;
  if (!rc && with->head)
    rc = qf_head_check(with->head, with->head_len, key, anchor, NULL, err);
  if (!rc && with->head)
    rc = check_consistency(with, mine, anchor, err);
  qf_head ignored;
  const char *seen = with->head ? with->head : json_string_value(text);
  size_t seen_len = with->head ? with->head_len : json_string_length(text);
  if (!rc && with->witness)
    rc = qf_head_check(seen, seen_len, with->witness, &ignored, NULL, err);
  return rc;
}

static void put_result(const json_t *r, const qf_receipt_check *with, const qf_leaf *l, const qf_head *anchor,
                       bool shown, qf_buf *out)
{
  qf_buf_printf(out, "{\"ok\":true,\"origin\":\"%s\",\"seq\":%llu,\"at\":\"", anchor->origin, (ull)l->seq);
  qf_tm_write(out, l->at_us);
  qf_buf_puts(out, "\",\"body_sha256\":");
  put_hash(out, l->body_sha256);
  qf_buf_printf(out, ",\"head_size\":%llu,\"head_time\":\"", (ull)anchor->size);
  qf_tm_write(out, anchor->at_us);
  qf_buf_printf(out, "\",\"key_pinned\":%s,\"head_given\":%s,\"witnessed\":%s,\"body_shown\":%s",
                with->key ? "true" : "false", with->head ? "true" : "false", with->witness ? "true" : "false",
                shown ? "true" : "false");
  char *s = shown ? json_dumps(json_object_get(r, "records"), JSON_COMPACT) : NULL;
  if (s)
    qf_buf_printf(out, ",\"records\":%s", s);
  free(s);
  qf_buf_putc(out, '}');
}

/* The words for people beside what is proved: they must not say anything else. */
static bool same_hashes(const json_t *r, const qf_head *head, const qf_hash *leaf)
{
  qf_hash said, root;
  const char *origin = json_string_value(json_object_get(r, "origin"));
  const char *format = json_string_value(json_object_get(r, "format"));
  return origin && strcmp(origin, head->origin) == 0 && format &&
         (strcmp(format, "qingfeng-receipt-1") == 0 || strcmp(format, "qingfeng-proof-1") == 0) &&
         unhex(json_object_get(r, "leaf_hash"), said.b, 32) && qf_hash_equal(&said, leaf) &&
         unhex(json_object_get(r, "root"), root.b, 32) && qf_hash_equal(&root, &head->root);
}

static qf_rc verify(const json_t *r, const qf_receipt_check *with, qf_buf *out, qf_err *err)
{
  uint8_t raw[QF_LEAF_BYTES];
  qf_leaf l;
  qf_hash h;
  qf_head mine, anchor;
  qf_path p;
  bool shown = false;
  uint64_t size;
  if (!unhex(json_object_get(r, "leaf"), raw, sizeof raw) || !qf_leaf_read(raw, &l) || l.seq == 0 ||
      l.seq > QF_TREE_MAX || !get_path(json_object_get(r, "inclusion"), &p) ||
      !get_size(json_object_get(r, "size"), &size))
    return qf_fail(err, QF_SYNTAX, "a receipt needs \"leaf\", \"size\" and \"inclusion\"",
                   "回执须有 leaf、size 与 inclusion");
  qf_rc rc = check_heads(r, with, &mine, &anchor, err);
  if (!rc)
    rc = check_words(r, &l, err);
  if (!rc)
    rc = check_body(r, &l, &shown, err);
  qf_leaf_hash(&l, &h);
  if (!rc && !same_hashes(r, &mine, &h))
    rc = not_fit(err, "\"format\", \"origin\", \"leaf_hash\" or \"root\" are not those proved",
                 "format、origin、leaf_hash 或 root 与所证不符");
  if (!rc && (size != mine.size || !qf_tree_included(&h, l.seq - 1, mine.size, &p, &mine.root)))
    rc = not_fit(err, "the path from the entry does not lead to the signed head", "条目路径未通向签名树头");
  if (!rc)
    put_result(r, with, &l, &anchor, shown, out);
  return rc;
}

qf_rc qf_receipt_verify(const char *receipt, size_t n, const qf_receipt_check *with, qf_buf *out, qf_err *err)
{
  if (!with->key && !with->head)
    return qf_fail(err, QF_STATE, "a key or a head from elsewhere is needed: a receipt cannot vouch for itself",
                   "须有他处所得的密钥或树头：回执不能自证");
  json_t *r = n <= QF_RECEIPT_MAX ? json_loadb(receipt, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
  qf_rc rc = json_is_object(r) ? verify(r, with, out, err) : qf_fail(err, QF_SYNTAX, "not a receipt", "不是回执");
  json_decref(r);
  return rc;
}

/* ---- on paper */

static void html(qf_buf *b, const char *s)
{
  for (; s && *s; s++)
    switch (*s) {
    case '<':
      qf_buf_puts(b, "&lt;");
      break;
    case '>':
      qf_buf_puts(b, "&gt;");
      break;
    case '&':
      qf_buf_puts(b, "&amp;");
      break;
    case '"':
      qf_buf_puts(b, "&quot;");
      break;
    default:
      qf_buf_putc(b, *s);
    }
}

static void row(qf_buf *b, const char *label, const json_t *v)
{
  char n[32];
  snprintf(n, sizeof n, "%lld", (long long)json_integer_value(v));
  qf_buf_printf(b, "<tr><th align=\"left\" scope=\"row\">%s</th><td>", label);
  html(b, json_is_string(v) ? json_string_value(v) : json_is_integer(v) ? n : "");
  qf_buf_puts(b, "</td></tr>\n");
}

/* A QR code (ISO/IEC 18004, level M) as SVG: one path of unit squares, quiet zone of 4. */
static bool qr(qf_buf *b, const char *text)
{
  QRcode *q = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  if (!q)
    return false;
  qf_buf_printf(
      b,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"260\" height=\"260\" viewBox=\"-4 -4 %d %d\" role=\"img\" "
      "aria-label=\"QR\" shape-rendering=\"crispEdges\"><rect x=\"-4\" y=\"-4\" width=\"100%%\" height=\"100%%\" "
      "fill=\"#fff\"/><path fill=\"#000\" d=\"",
      q->width + 8, q->width + 8);
  for (int y = 0; y < q->width; y++)
    for (int x = 0; x < q->width; x++)
      if (q->data[y * q->width + x] & 1)
        qf_buf_printf(b, "M%d %dh1v1h-1z", x, y);
  qf_buf_puts(b, "\"/></svg>\n");
  QRcode_free(q);
  return true;
}

static void page(qf_buf *b, const json_t *r)
{
  size_t i;
  json_t *rec;
  qf_buf_puts(b,
              "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>回执 Receipt</title></head>\n"
              "<body><h1>清风账本回执 · Qingfeng ledger receipt</h1>\n");
  char text[600];
  snprintf(text, sizeof text, "qingfeng-receipt-1\n%.127s\nseq %lld\nat %.40s\nleaf %.64s\nsize %lld\nroot %.64s",
           json_string_value(json_object_get(r, "origin")), (long long)json_integer_value(json_object_get(r, "seq")),
           json_string_value(json_object_get(r, "at")), json_string_value(json_object_get(r, "leaf_hash")),
           (long long)json_integer_value(json_object_get(r, "size")), json_string_value(json_object_get(r, "root")));
  if (!qr(b, text))
    qf_buf_puts(b, "<p>QR: —</p>\n");
  qf_buf_puts(b, "<table border=\"1\" cellpadding=\"6\">\n");
  row(b, "账本 Ledger", json_object_get(r, "origin"));
  row(b, "序号 Sequence", json_object_get(r, "seq"));
  row(b, "入账时间 Time of entry", json_object_get(r, "at"));
  row(b, "提交者 Submitter", json_object_get(r, "submitter"));
  row(b, "正文 SHA-256 Body SHA-256", json_object_get(r, "body_sha256"));
  row(b, "叶哈希 Leaf hash", json_object_get(r, "leaf_hash"));
  row(b, "树大小 Tree size", json_object_get(r, "size"));
  row(b, "树根 Tree root", json_object_get(r, "root"));
  row(b, "公钥 Public key", json_object_get(r, "key"));
  qf_buf_puts(b, "</table>\n");
  if (json_array_size(json_object_get(r, "records"))) {
    qf_buf_puts(
        b, "<h2>记录 Records</h2><table border=\"1\" cellpadding=\"6\"><tr><th>类型 type</th><th>编号 id</th><th>版本 "
           "version</th><th>状态 status</th></tr>\n");
    json_array_foreach(json_object_get(r, "records"), i, rec)
    {
      qf_buf_puts(b, "<tr><td>");
      html(b, json_string_value(json_object_get(rec, "type")));
      qf_buf_puts(b, "</td><td>");
      html(b, json_string_value(json_object_get(rec, "id")));
      qf_buf_printf(b, "</td><td>%lld</td><td>", (long long)json_integer_value(json_object_get(rec, "version")));
      html(b, json_string_value(json_object_get(rec, "status")));
      qf_buf_puts(b, "</td></tr>\n");
    }
    qf_buf_puts(b, "</table>\n");
  }
  qf_buf_puts(b, "<h2>签名树头 Signed tree head</h2><pre>");
  html(b, json_string_value(json_object_get(r, "checkpoint")));
  qf_buf_puts(b, "</pre>\n<p>核验（无需联网）：请取本回执的 JSON，运行下列命令，公钥须另行取得。<br>To check without "
                 "any server, take "
                 "this receipt as JSON and the public key from elsewhere:</p>\n"
                 "<pre>qingfeng verify --receipt receipt.json --key KEY</pre></body></html>\n");
}

qf_rc qf_receipt_html(const char *receipt, size_t n, qf_buf *out, qf_err *err)
{
  json_t *r = json_loadb(receipt, n, JSON_REJECT_DUPLICATES, NULL);
  static const char *const need[] = {"origin", "at", "leaf_hash", "root"};
  bool ok = json_is_object(r);
  for (size_t i = 0; i < 4; i++)
    ok = ok && json_is_string(json_object_get(r, need[i]));
  if (ok)
    page(out, r);
  json_decref(r);
  return ok && !out->failed ? QF_OK : qf_fail(err, QF_SYNTAX, "not a receipt", "不是回执");
}
