/* Keys and heads as text, the stored tree over a real journal, receipts. The two verifier keys are published ones (Go's note
 * package documentation and the Go checksum database): their ids were computed by others. */
#include "journal/test_help.h"
#include "proof/receipt.h"

static void published_keys(void **state)
{
  static const char *const keys[] = {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                     "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    qf_vkey k;
    qf_err err;
    qf_buf b;
    char bad[200];
    must(qf_vkey_parse(keys[i], strlen(keys[i]), &k, &err), &err);
    qf_buf_init(&b, 300);
    qf_vkey_write(&k, &b);
    assert_string_equal(b.data, keys[i]);
    qf_buf_fini(&b);
    for (size_t j = 0; j < strlen(keys[i]); j++) {
      snprintf(bad, sizeof bad, "%s", keys[i]);
      bad[j] = bad[j] == 'b' ? 'c' : 'b';
      assert_int_not_equal(qf_vkey_parse(bad, strlen(bad), &k, &err), QF_OK);
    }
  }
}

static void fill(const scratch *s, unsigned from, unsigned to)
{
  qf_journal *j;
  qf_err err;
  must(qf_journal_open(s->dir, NULL, &j, &err), &err);
  for (unsigned i = from; i < to; i++) {
    static char bodies[700][64]; /* the journal reads them when it writes */
    char *body = bodies[i];
    int n = snprintf(body, sizeof bodies[i], "{\"type\":\"x\",\"id\":\"%u\",\"by\":\"me\",\"data\":{}}", i);
    must(qf_journal_submit(j, QF_ENTRY_RECORD, body, (size_t)n, NULL, NULL, &err), &err);
    if (i % 50 == 0)
      must(qf_journal_flush(j, &err), &err);
  }
  must(qf_journal_flush(j, &err), &err);
  qf_journal_close(j);
}

/* Every head text with one byte changed is refused; the stored tree gives the roots a frontier gives, across restarts. */
static void heads_and_tree(void **state)
{
  (void)state;
  scratch s = scratch_make();
  qf_err err = {0};
  qf_proof *p;
  qf_head h;
  qf_buf b;
  unsigned sizes[] = {1, 3, 4, 5, 255, 256, 257, 700};
  for (size_t i = 0; i < 8; i++) {
    fill(&s, i ? sizes[i - 1] : 0, sizes[i]);
    must(qf_proof_open(s.dir, NULL, &p, &err), &err);
    must(qf_proof_sign(p, 1700000000000000 + (qf_us)i, &err), &err);
    must(qf_proof_sign(p, 1800000000000000, &err), &err); /* nothing new: no head */
    assert_int_equal(qf_proof_head_count(p), i + 1);
    assert_int_equal(qf_proof_size(p), sizes[i]);
    qf_proof_close(p);
  }
  must(qf_proof_open(s.dir, &(qf_proof_opts){.read_only = true}, &p, &err), &err);
  qf_buf_init(&b, QF_NOTE_MAX + 1);
  for (size_t i = 0; i < 8; i++) {
    qf_hash root;
    qf_buf_reset(&b);
    must(qf_proof_head_text(p, i, &b, &err), &err);
    must(qf_head_check(b.data, b.len, qf_proof_key(p), &h, NULL, &err), &err);
    must(qf_proof_root(p, h.size, &root, &err), &err);
    assert_true(h.size == sizes[i] && qf_hash_equal(&root, &h.root));
  }
  for (size_t k = 0; k < b.len; k++) {
    b.data[k] ^= 1;
    assert_int_not_equal(qf_head_check(b.data, b.len, qf_proof_key(p), &h, NULL, &err), QF_OK);
    b.data[k] ^= 1;
    assert_int_not_equal(qf_head_check(b.data, k, qf_proof_key(p), &h, NULL, &err), QF_OK);
  }
  qf_buf r, out;
  qf_buf_init(&r, QF_RECEIPT_MAX);
  qf_buf_init(&out, QF_RECEIPT_MAX);
  qf_receipt_check with = {.key = qf_proof_key(p)};
  for (uint64_t seq = 1; seq <= 700; seq += 37) {
    qf_buf_reset(&r);
    qf_buf_reset(&out);
    must(qf_receipt_make(p, s.dir, seq, 700, false, &r, &err), &err);
    must(qf_receipt_verify(r.data, r.len, &with, &out, &err), &err);
  }
  for (size_t k = 0; k < r.len; k++) { /* whatever one byte is changed: refused, unless it is one that says nothing */
    r.data[k] ^= 1;
    qf_buf_reset(&out);
    qf_rc rc = qf_receipt_verify(r.data, r.len, &with, &out, &err);
    r.data[k] ^= 1;
    const char *key = strstr(r.data, "\"key\""); /* its own key is not believed when one is pinned */
    bool mute = r.data + k > key + 6 && r.data + k < strchr(key + 8, ',');
    assert_true(rc != QF_OK || mute);
  }
  qf_buf_fini(&r);
  qf_buf_fini(&out);
  qf_buf_fini(&b);
  qf_proof_close(p);
  scratch_end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(published_keys), cmocka_unit_test(heads_and_tree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
