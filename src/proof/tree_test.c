/* The tree against the published vectors (RFC 6962/9162 reference tree of eight leaves, as in the test data of
 * certificate-transparency and transparency-dev), against the recursive definition, and against forgeries. */
#include "base/buf.h"
#include "proof/tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above */
#include <cmocka.h>

#define MOST 300u

static qf_hash leaves[MOST];

static size_t unhex(const char *hex, uint8_t *out)
{
  size_t n = strlen(hex) / 2;
  for (size_t i = 0; i < n; i++) {
    char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
    out[i] = (uint8_t)strtoul(two, NULL, 16);
  }
  return n;
}

static void is_hash(const qf_hash *h, const char *prefix)
{
  char hex[65];
  qf_hex(h->b, 32, hex);
  if (strncmp(hex, prefix, strlen(prefix)) != 0)
    fail_msg("%s, expected %s", hex, prefix);
}

/* The definition, word for word. */
static qf_hash naive_root(uint64_t lo, uint64_t hi)
{
  qf_hash l, r, out;
  if (hi == lo) {
    qf_tree_empty(&out);
    return out;
  }
  if (hi - lo == 1)
    return leaves[lo];
  uint64_t k = 1;
  while (k * 2 < hi - lo)
    k *= 2;
  l = naive_root(lo, lo + k);
  r = naive_root(lo + k, hi);
  qf_tree_node(&l, &r, &out);
  return out;
}

static void naive_path(uint64_t m, uint64_t lo, uint64_t hi, qf_path *p) /* PATH of RFC 9162 2.1.3.1 */
{
  uint64_t k = 1;
  if (hi - lo == 1)
    return;
  while (k * 2 < hi - lo)
    k *= 2;
  if (m < k) {
    naive_path(m, lo, lo + k, p);
    p->h[p->n++] = naive_root(lo + k, hi);
  } else {
    naive_path(m - k, lo + k, hi, p);
    p->h[p->n++] = naive_root(lo, lo + k);
  }
}

static void naive_sub(uint64_t m, uint64_t lo, uint64_t hi, bool b, qf_path *p) /* SUBPROOF of RFC 9162 2.1.4.1 */
{
  uint64_t k = 1;
  if (m == hi - lo) {
    if (!b)
      p->h[p->n++] = naive_root(lo, hi);
    return;
  }
  while (k * 2 < hi - lo)
    k *= 2;
  if (m <= k) {
    naive_sub(m, lo, lo + k, b, p);
    p->h[p->n++] = naive_root(lo + k, hi);
  } else {
    naive_sub(m - k, lo + k, hi, false, p);
    p->h[p->n++] = naive_root(lo, lo + k);
  }
}

static qf_rc from_leaves(void *ud, unsigned level, uint64_t first, size_t n, qf_hash *out, qf_err *err)
{
  (void)ud, (void)err;
  uint64_t width = UINT64_C(1) << (level * QF_TILE_HEIGHT);
  for (size_t i = 0; i < n; i++)
    out[i] = naive_root((first + i) * width, (first + i + 1) * width);
  return QF_OK;
}
static const qf_tree_source source = {from_leaves, NULL};

static void reference_leaves(void)
{
  static const char *const data[8] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  uint8_t b[16];
  for (size_t i = 0; i < 8; i++)
    qf_tree_leaf(b, unhex(data[i], b), &leaves[i]);
}

static void many_leaves(void)
{
  for (uint32_t i = 0; i < MOST; i++)
    qf_tree_leaf(&i, sizeof i, &leaves[i]);
}

static void published_hashes(void **state)
{
  (void)state;
  qf_hash h, l = {{0}}, r = {{0}};
  uint8_t b[71];
  qf_tree_empty(&h);
  is_hash(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  qf_tree_leaf("", 0, &h);
  is_hash(&h, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  qf_tree_leaf("L123456", 7, &h);
  is_hash(&h, "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  /* node("N123","N456") is over texts, not hashes: the law of the prefix, said with the function below it */
  memcpy(b, "\001N123N456", 9);
  qf_sha256(b, 9, h.b);
  is_hash(&h, "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
  b[0] = 1;
  memset(b + 1, 0, 64);
  qf_sha256(b, 65, l.b);
  memset(&h, 0, sizeof h);
  qf_tree_node(&r, &r, &h);
  assert_true(qf_hash_equal(&h, &l));
}

static void published_roots(void **state)
{
  static const char *const root[8] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  (void)state;
  qf_err err;
  qf_frontier f = {0};
  reference_leaves();
  for (uint64_t n = 1; n <= 8; n++) {
    qf_hash h;
    assert_int_equal(qf_tree_root(&source, n, &h, &err), QF_OK);
    is_hash(&h, root[n - 1]);
    qf_frontier_add(&f, &leaves[n - 1]);
    qf_frontier_root(&f, &h);
    is_hash(&h, root[n - 1]);
  }
}

static void published_proofs(void **state)
{
  (void)state;
  qf_err err;
  qf_path p;
  reference_leaves();
  assert_int_equal(qf_tree_inclusion(&source, 0, 8, &p, &err), QF_OK);
  assert_int_equal(p.n, 3);
  is_hash(&p.h[0], "96a296d2");
  is_hash(&p.h[1], "5f083f0a");
  is_hash(&p.h[2], "6b47aaf2");
  assert_int_equal(qf_tree_consistency(&source, 6, 8, &p, &err), QF_OK);
  assert_int_equal(p.n, 3);
  is_hash(&p.h[0], "0ebc5d34");
  is_hash(&p.h[1], "ca854ea1");
  is_hash(&p.h[2], "d37ee418");
}

static void same_path(const qf_path *a, const qf_path *b)
{
  assert_int_equal(a->n, b->n);
  for (unsigned i = 0; i < a->n; i++)
    assert_true(qf_hash_equal(&a->h[i], &b->h[i]));
}

static void every_proof_is_the_definition(void **state)
{
  (void)state;
  qf_err err;
  qf_frontier f = {0};
  static qf_hash root[MOST + 1];
  many_leaves();
  for (uint64_t n = 0; n <= MOST; n++) {
    qf_hash h;
    root[n] = naive_root(0, n);
    assert_int_equal(qf_tree_root(&source, n, &h, &err), QF_OK);
    assert_true(qf_hash_equal(&h, &root[n]));
    qf_frontier_root(&f, &h);
    assert_true(qf_hash_equal(&h, &root[n]));
    if (n < MOST)
      qf_frontier_add(&f, &leaves[n]);
  }
  for (uint64_t n = 1; n <= MOST; n += n < 40 ? 1 : 13)
    for (uint64_t m = 0; m < n; m += n < 40 ? 1 : 7) {
      qf_path p, q = {.n = 0};
      assert_int_equal(qf_tree_inclusion(&source, m, n, &p, &err), QF_OK);
      naive_path(m, 0, n, &q);
      same_path(&p, &q);
      assert_true(qf_tree_included(&leaves[m], m, n, &p, &root[n]));
      q.n = 0;
      assert_int_equal(qf_tree_consistency(&source, m + 1, n, &p, &err), QF_OK);
      naive_sub(m + 1, 0, n, true, &q);
      same_path(&p, &q);
      assert_true(qf_tree_consistent(m + 1, n, &root[m + 1], &root[n], &p));
    }
}

/* Every single-byte change, every other index and size, every shortened, lengthened and mixed path is refused. */
static void forged_inclusion_is_refused(void **state)
{
  (void)state;
  qf_err err;
  many_leaves();
  for (uint64_t n = 1; n <= 20; n++)
    for (uint64_t m = 0; m < n; m++) {
      qf_path p;
      qf_hash root = naive_root(0, n), leaf = leaves[m];
      assert_int_equal(qf_tree_inclusion(&source, m, n, &p, &err), QF_OK);
      for (unsigned i = 0; i < p.n; i++)
        for (unsigned k = 0; k < 32; k++) {
          p.h[i].b[k] ^= (uint8_t)(1u << (k & 7));
          assert_false(qf_tree_included(&leaf, m, n, &p, &root));
          p.h[i].b[k] ^= (uint8_t)(1u << (k & 7));
        }
      for (uint64_t other = 0; other < n + 3; other++) {
        assert_true(other == m || !qf_tree_included(&leaf, other, n, &p, &root));
        assert_true(other == m || other >= n || !qf_tree_included(&leaves[other], m, n, &p, &root));
      }
      assert_false(qf_tree_included(&leaf, m, 0, &p, &root));
      p.h[p.n++] = root;
      assert_false(qf_tree_included(&leaf, m, n, &p, &root));
      p.n--;
      if (p.n) {
        p.n--;
        assert_false(qf_tree_included(&leaf, m, n, &p, &root));
        qf_hash top = p.h[p.n]; /* an inner node passed off as the root, and as a leaf */
        assert_false(qf_tree_included(&leaf, m, n, &p, &top));
        assert_false(qf_tree_included(&root, m, n, &p, &root));
      }
    }
}

static void forged_consistency_is_refused(void **state)
{
  (void)state;
  qf_err err;
  many_leaves();
  for (uint64_t n = 1; n <= 20; n++)
    for (uint64_t m = 1; m <= n; m++) {
      qf_path p;
      qf_hash old = naive_root(0, m), new = naive_root(0, n), bad = old;
      assert_int_equal(qf_tree_consistency(&source, m, n, &p, &err), QF_OK);
      for (unsigned i = 0; i < p.n; i++)
        for (unsigned k = 0; k < 32; k++) {
          p.h[i].b[k] ^= 0x10;
          assert_false(qf_tree_consistent(m, n, &old, &new, &p));
          p.h[i].b[k] ^= 0x10;
        }
      bad.b[7] ^= 1;
      assert_false(qf_tree_consistent(m, n, &bad, &new, &p));
      bad = new;
      bad.b[7] ^= 1;
      assert_false(qf_tree_consistent(m, n, &old, &bad, &p));
      assert_false(qf_tree_consistent(0, n, &old, &new, &p));
      assert_false(qf_tree_consistent(n + 1, n, &old, &new, &p));
      /* a forked history of the same length: entry m changed and all after it */
      leaves[m - 1].b[0] ^= 1;
      qf_hash fork = naive_root(0, n);
      qf_path q;
      assert_int_equal(qf_tree_consistency(&source, m, n, &q, &err), QF_OK);
      leaves[m - 1].b[0] ^= 1;
      assert_false(qf_tree_consistent(m, n, &old, &fork, &q));
      assert_false(qf_tree_consistent(m, n, &old, &fork, &p));
      p.h[p.n++] = new;
      assert_false(qf_tree_consistent(m, n, &old, &new, &p));
      p.n -= p.n > 1 ? 2 : 1;
      assert_true(p.n == 0 ? m == n || !qf_tree_consistent(m, n, &old, &new, &p)
                           : !qf_tree_consistent(m, n, &old, &new, &p));
    }
}

static void impossible_questions(void **state)
{
  (void)state;
  qf_err err = {0};
  qf_path p;
  many_leaves();
  assert_int_equal(qf_tree_inclusion(&source, 0, 0, &p, &err), QF_RANGE);
  assert_int_equal(qf_tree_inclusion(&source, 5, 5, &p, &err), QF_RANGE);
  assert_int_equal(qf_tree_consistency(&source, 0, 5, &p, &err), QF_RANGE);
  assert_int_equal(qf_tree_consistency(&source, 6, 5, &p, &err), QF_RANGE);
  assert_int_equal(qf_tree_consistency(&source, 5, UINT64_MAX, &p, &err), QF_RANGE);
  p.n = 0;
  assert_false(qf_tree_included(&leaves[0], UINT64_MAX - 1, UINT64_MAX, &p, &leaves[0]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_hashes),
      cmocka_unit_test(published_roots),
      cmocka_unit_test(published_proofs),
      cmocka_unit_test(every_proof_is_the_definition),
      cmocka_unit_test(forged_inclusion_is_refused),
      cmocka_unit_test(forged_consistency_is_refused),
      cmocka_unit_test(impossible_questions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
