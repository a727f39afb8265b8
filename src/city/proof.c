/* Tree and signed heads beside the journal. Failing here loses nothing that was accepted, so it does not stop the city; it
 * is said, and tried again. That the journal is not the one that was signed does stop the start. */
#include "city/internal.h"
#include <stdio.h>

#define HEAD_EVERY QF_US_MINUTE

static void report(qf_city *c, qf_rc rc, const qf_err *err)
{
  bool was = atomic_exchange(&c->proof_ok, rc == QF_OK);
  if (rc && was)
    fprintf(stderr, "qingfeng: no signed heads: %s / 无法签名树头：%s\n", err->en, err->zh);
}

qf_rc qf_city_proof_open(qf_city *c, qf_err *err)
{
  atomic_store(&c->proof_ok, true);
  return qf_proof_open(c->dir, NULL, &c->proof, err);
}

void qf_city_proof_sign(qf_city *c)
{
  qf_err err = {0};
  qf_rc rc = qf_proof_sign(c->proof, qf_city_now(c), &err);
  report(c, rc, &err);
}

void qf_city_proof_tick(qf_city *c, qf_us now)
{
  qf_err err = {0};
  if (!c->proof || c->bulk)
    return;
  if (now - c->last_head >= HEAD_EVERY || now < c->last_head) {
    qf_city_proof_sign(c);
    c->last_head = now;
  } else {
    qf_rc rc = qf_proof_follow(c->proof, &err);
    report(c, rc, &err);
  }
}
