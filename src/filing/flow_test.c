/* Every shipped flow, walked on all its paths: four eyes hold on each, every state is reached, nothing leaves an accepted form but a
 * new revision. The walk knows the rule (no person twice among steps bound by not_same) and not the code that keeps it. */
#include "filing/flow.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static qf_flow load(const char *name)
{
  char path[300], text[8192];
  qf_flow f;
  qf_err err = {0};
  snprintf(path, sizeof path, QF_SOURCE_DIR "/packs/city/flows/%s.ini", name);
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  size_t n = fread(text, 1, sizeof text, in);
  fclose(in);
  if (qf_flow_parse(name, text, n, &f, &err))
    fail_msg("%s", err.en);
  return f;
}

/* Three people who hold every right through a local session, told apart by their ids. */
static qf_actor person(char id)
{
  qf_actor a = {.local = true};
  a.id[0] = id;
  return a;
}

typedef struct walk {
  const qf_flow *f;
  qf_done done[12];
  char who[12][2];
  size_t n, depth, refused_same, paths;
  uint32_t reached;
} walk;

/* The rule, said once more: the persons of the named steps and of edits since the last revision. */
static bool same_person(const walk *w, const qf_step *s, const char *id)
{
  for (size_t i = 0; i < w->n; i++) {
    bool bound = strcmp(w->done[i].step, "edit") == 0 && s->not_edit;
    for (int k = 0; k < w->f->nsteps; k++)
      bound = bound || (strcmp(w->f->step[k].name, w->done[i].step) == 0 && (s->not_same & 1u << k));
    if (bound && strcmp(w->done[i].by, id) == 0)
      return true;
  }
  return false;
}

static void go(walk *w, int state)
{
  w->reached |= 1u << state;
  w->paths++;
  if (w->depth == 6)
    return;
  for (int k = 0; k < w->f->nsteps; k++)
    for (char id = 'a'; id <= 'c'; id++) {
      const qf_step *s = &w->f->step[k];
      qf_actor actor = person(id);
      qf_err err;
      int to = -1;
      qf_rc rc = qf_flow_step(w->f, &(qf_try){state, s->name, &actor, NULL, w->done, w->n, "because"}, &to, &err);
      if (!(s->from >> state & 1u)) {
        assert_int_equal(rc, QF_STATE);
        continue;
      }
      if (same_person(w, s, actor.id)) {
        assert_int_equal(rc, QF_DENIED);
        w->refused_same++;
        continue;
      }
      assert_int_equal(rc, QF_OK);
      assert_int_equal(to, s->to);
      if (s->reason)
        assert_int_equal(qf_flow_step(w->f, &(qf_try){state, s->name, &actor, NULL, w->done, w->n, ""}, &to, &err),
                         QF_SYNTAX);
      walk next = *w;
      next.refused_same = next.paths = 0;
      if (s->revises)
        next.n = 0;
      next.who[next.n][0] = id;
      next.done[next.n] = (qf_done){s->name, next.who[next.n]};
      next.n++;
      next.depth++;
      for (size_t i = 0; i < next.n; i++) /* the copies' own letters */
        next.done[i].by = next.who[i];
      go(&next, to);
      w->reached |= next.reached;
      w->refused_same += next.refused_same;
      w->paths += next.paths;
    }
}

static void walk_all(const char *name)
{
  qf_flow f = load(name);
  walk w = {.f = &f};
  go(&w, f.initial);
  assert_int_equal(w.reached, (1u << f.nstates) - 1);
  assert_true(w.refused_same > 0);
  int accepted = qf_flow_state(&f, "accepted");
  assert_true(accepted >= 0);
  for (int k = 0; k < f.nsteps; k++) {
    if (f.step[k].from >> accepted & 1u)
      assert_true(f.step[k].revises);
    assert_true(*f.step[k].zh && *f.step[k].en);
  }
  print_message("%s: %zu nodes walked, %zu refused by four eyes\n", name, w.paths, w.refused_same);
}

static void monthly(void **state)
{
  (void)state;
  walk_all("monthly");
}

static void two_person(void **state)
{
  (void)state;
  walk_all("two_person");
}

static void an_editor_does_not_accept(void **state)
{
  (void)state;
  qf_flow f = load("monthly");
  qf_err err;
  int to;
  qf_actor c = person('c');
  qf_done done[] = {{"edit", "c"}, {"submit", "a"}, {"approve", "b"}};
  assert_int_equal(
      qf_flow_step(&f, &(qf_try){qf_flow_state(&f, "approved"), "accept", &c, NULL, done, 3, NULL}, &to, &err),
      QF_DENIED);
  assert_int_equal(
      qf_flow_step(&f, &(qf_try){qf_flow_state(&f, "approved"), "accept", &c, NULL, done + 1, 2, NULL}, &to, &err),
      QF_OK);
}

static void rights_are_asked(void **state)
{
  (void)state;
  qf_flow f = load("monthly");
  qf_err err;
  int to;
  qf_actor filer = {.id = "f", .ngrants = 1, .grant = {{QF_ROLE_FILER, "industry", "", "u001"}}};
  qf_object own = {"industry", "210804", "u001"}, other = {"industry", "210804", "u002"};
  assert_int_equal(qf_flow_step(&f, &(qf_try){f.initial, "submit", &filer, &own, NULL, 0, NULL}, &to, &err), QF_OK);
  assert_int_equal(qf_flow_step(&f, &(qf_try){f.initial, "submit", &filer, &other, NULL, 0, NULL}, &to, &err),
                   QF_DENIED);
  assert_int_equal(
      qf_flow_step(&f, &(qf_try){qf_flow_state(&f, "approved"), "accept", &filer, &own, NULL, 0, NULL}, &to, &err),
      QF_DENIED);
  assert_int_equal(qf_flow_edit(&f, f.initial, &filer, &own, &err), QF_OK);
  assert_int_equal(qf_flow_edit(&f, f.initial, &filer, &other, &err), QF_DENIED);
  assert_int_equal(qf_flow_edit(&f, qf_flow_state(&f, "submitted"), &filer, &own, &err), QF_STATE);
  assert_int_equal(qf_flow_step(&f, &(qf_try){f.initial, "nonsense", &filer, &own, NULL, 0, NULL}, &to, &err),
                   QF_NOTFOUND);
}

static void bad_flows(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "[flow]\ninitial = a\n[step x]\nfrom = a\nto = b\nact = fly\naccepts = yes\n",  /* no such action */
      "[flow]\ninitial = a\n[step x]\nfrom = a\nto = b\nact = file\n",                /* nothing accepts */
      "[flow]\ninitial = a\n[step x]\nfrom = c\nto = b\nact = file\naccepts = yes\n", /* never reached */
      "[flow]\ninitial = a\n[step x]\nfrom = a\nto = b\nact = file\naccepts = yes\nnot_same = y\n",
      "[flow]\n[step x]\nfrom = a\nto = b\nact = file\naccepts = yes\n", /* no initial */
      "[flow]\ninitial = a\nfly = yes\n",                                /* unknown key */
      ("[flow]\ninitial = a\n[step x]\nfrom = a\nto = b\nact = file\naccepts = yes\n[step y]\nfrom = b\nto = a\nact = "
       "file\n"),
      "[flow]\ninitial = a\nedit = q\n[step x]\nfrom = a\nto = b\nact = file\naccepts = yes\n", /* unknown state */
      "[step edit]\nfrom = a\nto = b\nact = file\n",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    qf_flow f;
    qf_err err = {0};
    assert_int_equal(qf_flow_parse("t", bad[i], strlen(bad[i]), &f, &err), QF_SYNTAX);
    assert_true(*err.en && *err.zh);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(monthly), cmocka_unit_test(two_person),
                                     cmocka_unit_test(an_editor_does_not_accept), cmocka_unit_test(rights_are_asked),
                                     cmocka_unit_test(bad_flows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
