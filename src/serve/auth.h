/* What the files about people share: auth.c, login.c, api_users.c, api_tokens.c. */
#ifndef QF_SERVE_AUTH_H
#define QF_SERVE_AUTH_H
#include "serve/http.h"

#define QF_TOKENS_MAX 4096u
#define QF_BUCKETS 1024u
#define QF_STEPS 4096u

typedef struct qf_token {
  char id[17];
  uint8_t hash[32];
  uint32_t actions;
  int64_t expires_us; /* 0 = never */
} qf_token;

struct qf_auth {
  qf_city *city;
  bool open_reading, sample;
  char secret[65]; /* of the local command line, this run */
  qf_people *people;
  qf_sessions *sessions;
  qf_brake *brake;
  qf_hasher *hasher;
  qf_seclog *log;
  qf_box *box;
  pthread_mutex_t mx; /* everything below */
  qf_token *tokens;
  size_t ntokens;
  bool token_overflow;
  uint64_t generation; /* of the book when tokens were read */
  uint8_t link[32];
  int64_t link_until;
  uint64_t steps[QF_STEPS]; /* newest used step of one-time codes, by hash of the user: shared slots only refuse more */
  struct {
    double level;
    int64_t at_ms;
  } bucket[QF_BUCKETS];
};

/* May the owner's link be used: in a sample city, or while nobody is a security administrator. */
bool qf_auth_setup_open(qf_auth *a);
uint32_t qf_auth_actions_of(const char *scopes, size_t n); /* 0: no known scope */
void qf_auth_set_cookie(qf_req *r, const char *sid);       /* NULL: take it away */
/* A one-time code or recovery code of this user, used up. *recovery: it was a recovery code (u->recovery changed). */
bool qf_auth_code(qf_auth *a, qf_user *u, const char *code, bool *recovery);
void qf_random_hex(char *out, size_t bytes);
int64_t qf_mono_s(void *ud);
/* The body as a JSON object with no other members than these (space separated); NULL: answered with 400. */
json_t *qf_req_json(qf_req *r, const char *members);
/* A text member, at most max bytes and without NUL; NULL if absent. *bad set when it is no such text. */
const char *qf_json_text(const json_t *j, const char *name, size_t max, bool *bad);
void qf_req_refuse(qf_req *r, unsigned status, qf_rc rc, const char *en, const char *zh);
/* A new one-time link for a user: its hash and expiry into u (not yet written), its text of 64 hex digits into token. */
void qf_user_link(qf_req *r, qf_user *u, char token[65]);
#endif
