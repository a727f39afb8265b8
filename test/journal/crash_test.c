/* kill -9 at random moments. A child writes from two threads' worth of submissions and says on a pipe what was
 * acknowledged to it; the parent kills it after a seeded number of acknowledgements and a seeded spin, then opens the
 * journal and compares: every acknowledged entry is there once, at the sequence it was told, in order. Entries nobody
 * was told of may be there too, but only of what was under way. QF_CRASH_TRIALS (default 120) trials. */
#include "journal/test_help.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define SEED UINT64_C(0x51f15eed)
#define PER_FOLDER 30 /* trials that go on in one journal */
#define UNDER_WAY 64  /* submissions a child may have open */

typedef struct ack {
  uint64_t id, seq;
} ack;

typedef struct child { /* of the writer process */
  int fd;
  pthread_mutex_t mx;
  pthread_cond_t cv;
  int open;
} child;

typedef struct note {
  child *c;
  uint64_t body[64]; /* body[0] is the id; body[i] follows from it */
  size_t len;
} note;

static void fill(uint64_t id, uint64_t *body, size_t *len)
{
  *len = 8 * (1 + (size_t)(id * 2654435761u % 61));
  for (size_t i = 0; i < *len / 8; i++)
    body[i] = id + i * 1000003;
}

static void acknowledged(void *ud, qf_rc rc, const qf_entry *e)
{
  note *n = ud;
  ack a = {n->body[0], e->seq};
  if (rc || write(n->c->fd, &a, sizeof a) != (ssize_t)sizeof a)
    _exit(9);
  pthread_mutex_lock(&n->c->mx);
  n->c->open--;
  pthread_cond_signal(&n->c->cv);
  pthread_mutex_unlock(&n->c->mx);
  free(n);
}

/* Writes until it is killed. */
static _Noreturn void write_forever(const char *dir, int fd, uint64_t first_id)
{
  child c = {.fd = fd, .mx = PTHREAD_MUTEX_INITIALIZER, .cv = PTHREAD_COND_INITIALIZER};
  qf_journal *j;
  if (qf_journal_open(dir, &(qf_journal_opts){.segment_bytes = 16384}, &j, NULL))
    _exit(8);
  for (uint64_t id = first_id;; id++) {
    note *n = malloc(sizeof *n);
    if (!n)
      _exit(7);
    n->c = &c;
    fill(id, n->body, &n->len);
    pthread_mutex_lock(&c.mx);
    while (c.open >= UNDER_WAY)
      pthread_cond_wait(&c.cv, &c.mx);
    c.open++;
    pthread_mutex_unlock(&c.mx);
    if (qf_journal_submit(j, QF_ENTRY_EVENT, n->body, n->len, acknowledged, n, NULL))
      _exit(6);
  }
}

typedef struct ledger { /* what the parent knows: id of each acknowledged sequence */
  uint64_t *id;
  size_t n, cap, acks;
} ledger;

static void put(ledger *l, const ack *a)
{
  if (a->seq >= l->cap) {
    l->cap = a->seq * 2 + 1000;
    l->id = realloc(l->id, l->cap * sizeof *l->id);
    assert_non_null(l->id);
    memset(l->id + l->n, 0, (l->cap - l->n) * sizeof *l->id);
    l->n = l->cap;
  }
  assert_int_equal(l->id[a->seq], 0); /* no sequence is given twice */
  l->id[a->seq] = a->id;
  l->acks++;
}

/* One life of a writer. */
static void live_and_die(const char *dir, uint64_t *seed, uint64_t first_id, ledger *l)
{
  int p[2];
  assert_int_equal(pipe2(p, O_CLOEXEC), 0);
  pid_t pid = fork();
  if (pid == 0) {
    close(p[0]);
    write_forever(dir, p[1], first_id);
  }
  close(p[1]);
  uint64_t wanted = splitmix(seed) % 200, spin = splitmix(seed) % 60000;
  ack a;
  for (uint64_t i = 0; i < wanted && read(p[0], &a, sizeof a) == (ssize_t)sizeof a; i++)
    put(l, &a);
  for (volatile uint64_t i = 0; i < spin; i++)
    ;
  kill(pid, SIGKILL);
  while (read(p[0], &a, sizeof a) == (ssize_t)sizeof a) /* told before it died */
    put(l, &a);
  close(p[0]);
  int status;
  waitpid(pid, &status, 0);
  assert_true(WIFSIGNALED(status));
}

static uint64_t compare(const char *dir, const ledger *l)
{
  qf_journal *j;
  qf_cursor *c;
  qf_entry e;
  qf_err err;
  uint64_t seq = 0, known = 0, body[64], trial = 0, last = 0;
  size_t len;
  must(qf_journal_open(dir, &(qf_journal_opts){.segment_bytes = 16384}, &j, &err), &err);
  qf_journal_recovery r;
  qf_journal_recovered(j, &r);
  assert_int_equal(r.lost_from, 0);
  must(qf_cursor_open(dir, 1, &c, &err), &err);
  qf_rc rc;
  while (!(rc = qf_cursor_next(c, &e, &err))) {
    assert_int_equal(e.seq, ++seq);
    uint64_t id;
    memcpy(&id, e.body, 8);
    fill(id, body, &len);
    assert_int_equal(e.len, len);
    assert_memory_equal(e.body, body, len);
    assert_true(id >> 32 > trial || (id >> 32 == trial && id == last + 1)); /* once, in the order of submission */
    trial = id >> 32;
    last = id;
    if (seq < l->cap && l->id[seq]) {
      assert_int_equal(l->id[seq], id);
      known++;
    }
  }
  assert_int_equal(rc, QF_NOTFOUND);
  qf_cursor_close(c);
  assert_int_equal(known, l->acks); /* none is missing */
  assert_int_equal(qf_journal_last_seq(j), seq);
  qf_journal_close(j);
  return seq;
}

static void killed_at_random(void **state)
{
  (void)state;
  const char *env = getenv("QF_CRASH_TRIALS");
  uint64_t trials = env ? strtoull(env, NULL, 10) : 120, seed = SEED, acks = 0, kept = 0;
  scratch s = {0};
  ledger l = {0};
  for (uint64_t t = 0; t < trials; t++) {
    if (t % PER_FOLDER == 0)
      s = scratch_make();
    live_and_die(s.dir, &seed, (t + 1) << 32, &l);
    uint64_t seq = compare(s.dir, &l);
    assert_true(seq - l.acks <= (t % PER_FOLDER + 1) * UNDER_WAY);
    if (t % PER_FOLDER == PER_FOLDER - 1 || t + 1 == trials) {
      acks += l.acks;
      kept += seq;
      free(l.id);
      l = (ledger){0};
      scratch_end(&s);
    }
  }
  printf("%llu lives, %llu entries acknowledged, all kept; %llu more were under way and kept\n",
         (unsigned long long)trials, (unsigned long long)acks, (unsigned long long)(kept - acks));
  assert_true(acks > trials);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(killed_at_random)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
