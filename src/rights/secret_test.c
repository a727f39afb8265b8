#include "base/test_dir.h"
#include "rights/secret.h"
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* RFC 6238 appendix B, SHA-1, key "12345678901234567890", 8 digits; six digits are the last six of the same number. */
static void totp_vectors(void **state)
{
  (void)state;
  static const struct {
    int64_t t;
    uint32_t code;
  } v[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
           {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
  const uint8_t *key = (const uint8_t *)"12345678901234567890";
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(qf_totp(key, 20, (uint64_t)v[i].t / 30, 8), v[i].code);
    assert_int_equal(qf_totp(key, 20, (uint64_t)v[i].t / 30, 6), v[i].code % 1000000);
  }
}

static void a_code_works_once(void **state)
{
  (void)state;
  uint8_t key[QF_TOTP_KEY];
  memcpy(key, "12345678901234567890", 20);
  qf_us now = INT64_C(1111111111) * QF_US_SECOND; /* step 37037037; its code is 050471, the step before 081804 */
  uint64_t last = 0;
  assert_false(qf_totp_check(key, "05047", now, &last));
  assert_false(qf_totp_check(key, "0504710", now, &last));
  assert_false(qf_totp_check(key, "05047x", now, &last));
  assert_true(qf_totp_check(key, "081804", now, &last)); /* the step before: a slow hand */
  assert_false(qf_totp_check(key, "081804", now, &last));
  assert_true(qf_totp_check(key, "050471", now, &last));
  assert_false(qf_totp_check(key, "050471", now, &last));
  assert_false(qf_totp_check(key, "081804", now, &last)); /* nor an older one afterwards */
  last = 0;
  assert_false(qf_totp_check(key, "050471", now + 61 * QF_US_SECOND, &last)); /* two steps late */
  assert_false(qf_totp_check(key, "050471", now - 61 * QF_US_SECOND, &last)); /* two steps early */
}

/* RFC 4648 section 10 */
static void base32_vectors(void **state)
{
  (void)state;
  static const char *const v[][2] = {{"", ""},
                                     {"f", "MY"},
                                     {"fo", "MZXQ"},
                                     {"foo", "MZXW6"},
                                     {"foob", "MZXW6YQ"},
                                     {"fooba", "MZXW6YTB"},
                                     {"foobar", "MZXW6YTBOI"}};
  for (size_t i = 0; i < 7; i++) {
    qf_buf b;
    qf_buf_init(&b, 100);
    qf_base32((const uint8_t *)v[i][0], strlen(v[i][0]), &b);
    qf_buf_putc(&b, 0);
    assert_string_equal(b.data, v[i][1]);
    qf_buf_fini(&b);
  }
}

static void policy(void **state)
{
  (void)state;
  char longest[140];
  const char *const me[] = {"zhang.wei", "张伟明", "u001", NULL};
  static const char *const no[] = {
      "short-pw-11",    "passwordpassword", "Password2026!",  "123456789012",  "qwertyuiop123",
      "aaaaaaaaaaaa",   "qingfeng2026!!",   "Yingkou-admin1", "zhang.wei1234", "张伟明张伟明张伟明张伟明",
      "admin123456789", "P@ssw0rd1234!",    "111111222222",   "abcabcabcabc",  ""};
  static const char *const yes[] = {"correct horse battery staple", "tr7#kQ!vLm2x", "青山绿水间三月看桃花开满树",
                                    "mud-otter-violin", "   seven   spaces  ok   "};
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (qf_password_allowed(no[i], me, NULL) == QF_OK)
      fail_msg("'%s' was allowed", no[i]);
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    if (qf_password_allowed(yes[i], me, NULL) != QF_OK)
      fail_msg("'%s' was refused", yes[i]);
  for (int i = 0; i < 129; i++)
    longest[i] = (char)('!' + i % 90);
  longest[128] = 0;
  assert_int_equal(qf_password_allowed(longest, me, NULL), QF_OK);
  longest[128] = 'x';
  longest[129] = 0;
  assert_int_equal(qf_password_allowed(longest, me, NULL), QF_RANGE);
}

static void hashes(void **state)
{
  (void)state;
  char h[QF_HASH_MAX], g[QF_HASH_MAX];
  bool again;
  qf_err err;
  assert_int_equal(qf_password_hash("tr7#kQ!vLm2x", false, h, &err), QF_OK);
  assert_int_equal(strncmp(h, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0); /* 64 MiB, 2 passes */
  assert_true(qf_password_check(h, "tr7#kQ!vLm2x", false, &again));
  assert_false(again);
  assert_false(qf_password_check(h, "tr7#kQ!vLm2y", false, &again));
  assert_true(qf_password_check(h, "tr7#kQ!vLm2x", true, &again)); /* became an administrator */
  assert_true(again);
  assert_int_equal(qf_password_hash("tr7#kQ!vLm2x", true, g, &err), QF_OK);
  assert_int_equal(strncmp(g, "$argon2id$v=19$m=262144,t=3,p=1$", 32), 0); /* 256 MiB, 3 passes */
  assert_true(qf_password_check(g, "tr7#kQ!vLm2x", true, &again));
  assert_false(again);
  assert_false(qf_password_check(NULL, "tr7#kQ!vLm2x", false, NULL));
  assert_false(qf_password_check("", "", false, NULL));
  assert_false(qf_password_check("$argon2id$nonsense", "x", false, NULL));
}

static void recovery_codes(void **state)
{
  (void)state;
  char codes[QF_RECOVERY_CODES][18], left[QF_RECOVERY_CODES * 65];
  qf_recovery_make(codes, left);
  assert_int_equal(strlen(left), QF_RECOVERY_CODES * 65 - 1);
  assert_false(qf_recovery_take(left, "aaaaa-aaaaa-aaaaa"));
  assert_false(qf_recovery_take(left, ""));
  for (unsigned i = 0; i < QF_RECOVERY_CODES; i++) {
    unsigned k = (i * 7 + 3) % QF_RECOVERY_CODES; /* any order */
    assert_true(qf_recovery_take(left, codes[k]));
    assert_false(qf_recovery_take(left, codes[k]));
  }
  assert_string_equal(left, "");
}

static void boxes(void **state)
{
  (void)state;
  char dir[64], path[100], text[QF_BOXED_MAX];
  assert_non_null(qf_test_dir(dir, sizeof dir, "box"));
  qf_box *b, *c;
  qf_err err;
  uint8_t key[20], got[20];
  randombytes_buf(key, sizeof key);
  assert_int_equal(qf_box_open(dir, &b, &err), QF_OK);
  qf_box_put(b, key, sizeof key, text);
  assert_int_equal(qf_box_open(dir, &c, &err), QF_OK); /* the same key again */
  assert_int_equal(qf_box_get(c, text, got, sizeof got, &err), QF_OK);
  assert_memory_equal(got, key, sizeof key);
  text[20] = text[20] == 'a' ? 'b' : 'a';
  assert_int_equal(qf_box_get(c, text, got, sizeof got, &err), QF_CORRUPT);
  assert_int_equal(qf_box_get(c, "x1:00", got, sizeof got, &err), QF_CORRUPT);
  assert_int_equal(qf_box_get(c, "", got, sizeof got, &err), QF_CORRUPT);
  qf_box_close(b);
  qf_box_close(c);
  struct stat st;
  snprintf(path, sizeof path, "%s/keys/secrets.key", dir);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(qf_box_open(dir, &b, &err), QF_DENIED);
  assert_int_equal(chmod(path, 0600), 0);
  assert_int_equal(truncate(path, 31), 0);
  assert_int_equal(qf_box_open(dir, &b, &err), QF_CORRUPT);
  unlink(path);
  snprintf(path, sizeof path, "%s/keys", dir);
  rmdir(path);
  rmdir(dir);
}

static _Atomic int running, most, done;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void slow(void *ud)
{
  (void)ud;
  int n = atomic_fetch_add(&running, 1) + 1;
  for (int m = atomic_load(&most); n > m && !atomic_compare_exchange_weak(&most, &m, n);)
    ;
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  atomic_fetch_sub(&running, 1);
  atomic_fetch_add(&done, 1);
}

static void workers_are_two_and_the_queue_ends(void **state)
{
  (void)state;
  qf_hasher *h;
  qf_err err = {0};
  int taken = 0;
  assert_int_equal(qf_hasher_new(&h, &err), QF_OK);
  pthread_mutex_lock(&gate); /* nobody gets on */
  for (int i = 0; i < 60; i++)
    taken += qf_hasher_submit(h, slow, NULL, &err) == QF_OK;
  assert_true(taken >= 20 && taken <= 22); /* 20 wait, at most 2 run */
  assert_true(err.en[0]);
  pthread_mutex_unlock(&gate);
  qf_hasher_stop(h);
  assert_int_equal(atomic_load(&done), taken);
  assert_true(atomic_load(&most) <= 2);
  assert_int_equal(qf_hasher_submit(h, slow, NULL, &err), QF_FULL);
  qf_hasher_free(h);
}

int main(void)
{
  if (sodium_init() < 0)
    return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(totp_vectors),   cmocka_unit_test(a_code_works_once),
      cmocka_unit_test(base32_vectors), cmocka_unit_test(policy),
      cmocka_unit_test(hashes),         cmocka_unit_test(recovery_codes),
      cmocka_unit_test(boxes),          cmocka_unit_test(workers_are_two_and_the_queue_ends)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
