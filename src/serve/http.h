/* What the files of this room share: a request, the ways to answer it, the route table. */
#ifndef QF_SERVE_HTTP_H
#define QF_SERVE_HTTP_H
#include "rights/people.h"
#include "rights/rights.h"
#include "rights/seclog.h"
#include "rights/session.h"
#include "serve/server.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#define QF_BODY_MAX ((size_t)32 << 20)  /* a write */
#define QF_BODY_SMALL ((size_t)1 << 20) /* anything else */
#define QF_CONNECTIONS_MAX 1024u
#define QF_CONNECTIONS_ADDRESS 128u /* from one address, unless we listen on loopback only */
#define QF_SSE_MAX 200u
#define QF_SSE_MINE 16u /* of them of one person or token */

typedef struct qf_who { /* who asks: decided once per request in auth.c */
  char name[64];        /* actor.id: "token:<id>", user id, "local", "" for nobody */
  qf_actor actor;
  bool session; /* came by cookie: state changes need the CSRF header */
  char csrf[33];
  char sid[65]; /* the session's id, "" without one */
  qf_session sess;
} qf_who;

typedef struct qf_req {
  struct qf_server *s;
  qf_city *city;
  struct MHD_Connection *conn;
  const struct qf_route *route;
  char method[8];
  char path[1024];
  char *arg[4]; /* the {} of the route's pattern, decoded */
  qf_buf body;
  qf_buf out; /* answer, filled by the handler */
  unsigned status;
  const char *type; /* content type of out */
  char location[200], disposition[200], cookie[300], etag[40];
  unsigned retry_after;
  const char *need; /* goes into an error's "where": what would help ("code", "totp"); NULL none */
  qf_who who;
  char id[17]; /* request id */
  bool ready, async, refused, streaming, packed;
  bool influx;     /* told to be as InfluxDB 1.8, which its clients look for */
  bool goodbye;    /* logged out: the browser is to forget what it has kept */
  bool sandbox;    /* bytes of a stranger: no page may be made of them */
  char *view_args; /* export: query of the view, pairs "name\0value\0" ended by an empty name; else NULL */
  uint64_t from_us;
  struct qf_req *next; /* workers.c: waiting behind this one */
  uint64_t whose;      /* workers.c: a number for who asks */
} qf_req;

typedef void qf_handler(qf_req *r);
typedef struct qf_route {
  const char *method, *pattern; /* "/api/v1/figures/{id}" */
  qf_action act;                /* what one must be allowed to do somewhere; the handler judges the object */
  qf_handler *fn;
  const char *en, *zh;
  const char *query; /* names of its query parameters, space separated; others are refused (qf_req_keys); may be NULL */
} qf_route;
extern const qf_route qf_routes[];
extern const size_t qf_route_count;

/* Who asks. Never NULL; id is "" for nobody. Borrowed for the request. */
const qf_actor *qf_req_actor(qf_req *r);
/* Query parameter (decoded by the HTTP library, borrowed), NULL if absent. */
const char *qf_req_query(qf_req *r, const char *name);
/* Does the route know each query parameter, is none there twice, are counts whole numbers? Otherwise answers 400 and gives
 * false: a misspelt ?perod= must not be answered with the figure of another month. Addresses of foreign protocols (InfluxDB's,
 * remote write) take whatever their clients send. */
bool qf_req_keys(qf_req *r, const qf_route *route);
const char *qf_req_header(qf_req *r, const char *name);
/* Answer with an error of the public form; status from the code unless given (0). */
void qf_req_fail(qf_req *r, unsigned status, qf_rc rc, const qf_err *err);
/* A statement of our own failed: the asker gets the request id, the log the words (no SQL, paths or versions leave). */
void qf_req_broken(qf_req *r, qf_rc rc, const qf_err *err);
/* Finish an answer that was left for later (async): may be called on any thread, once. */
void qf_req_resume(qf_req *r);
/* Period and subject of the query into an ask; false: answered with 400. id may be NULL. */
bool qf_req_ask(qf_req *r, const char *id, qf_figure_ask *ask);
/* Moment parameter: RFC 3339 or ms since 1970; `otherwise` when absent; false: answered with 400. */
bool qf_req_time(qf_req *r, const char *name, qf_us otherwise, qf_us *out);
long qf_req_int(qf_req *r, const char *name, long otherwise, long min, long max);

/* ---- auth.c: who asks and may they */
typedef struct qf_auth qf_auth;
/* open_reading: nobody in particular may view (the public demonstration). base_url is where links point to. */
QF_MUST qf_rc qf_auth_new(qf_city *c, bool open_reading, bool sample, qf_auth **out, qf_err *err);
/* Finish the jobs of the hash workers: before the daemon stops, since connections wait for them. */
void qf_auth_stop(qf_auth *a);
void qf_auth_free(qf_auth *a);
void qf_auth_who(qf_auth *a, qf_req *r);   /* fills r->who */
bool qf_auth_allow(qf_auth *a, qf_req *r); /* rate, rights, CSRF, security log: answers 401/403/429/503 when not */
/* Is this session still good, and may it view all? Does not count as use. */
bool qf_auth_session(qf_auth *a, const char *sid, bool *all);
const char *qf_auth_local_secret(qf_auth *a);
/* One-time link of the machine's owner. False: there are administrators, who log in under their own names. */
bool qf_auth_link(qf_auth *a, char token[65]);
void qf_auth_changed(qf_auth *a); /* token records changed */
/* Address of the asker as text. */
void qf_req_from(qf_req *r, char out[64]);
/* Note in the security log what this request did: what "export", "evidence.view", ...; result "ok" or why not. */
void qf_req_audit(qf_req *r, const char *what, const char *object, const char *result);
/* Answer 403 (401 for nobody) and note it. */
void qf_req_deny(qf_req *r, const qf_err *why);

/* ---- object.c: whose is it */
typedef struct qf_owner {
  bool found;
  bool unit; /* a unit or below: an organisation's own matter; else a total of a district or the city */
  char org[64], district[64];
  qf_object o; /* points into this owner and at the area given */
} qf_owner;
/* Owner of a subject; area may be NULL (does not apply). An unknown subject belongs to an unknown organisation, which only
 * the wide roles cover. Do not copy the owner: o points into it. Errors: those of the book. */
QF_MUST qf_rc qf_req_owner(qf_req *r, const char *subject, const char *area, qf_owner *out, qf_err *err);
/* May the asker do act to any organisation's objects of the area? Says nothing when not. */
bool qf_req_everywhere(qf_req *r, qf_action act, const char *area);
/* May who asks do act to this subject? below: also to everything under it one by one (for a district or the city: a right
 * to the whole of it). subject NULL or "": the whole city. False: answered. */
bool qf_req_may(qf_req *r, qf_action act, const char *area, const char *subject, bool below);
/* Below the city stand districts, which are totals again; below a district stand units. "" is the city. */
bool qf_req_is_city(qf_req *r, const char *subject);
/* Tenant scope of act as one text parameter of a query: "*" for no limit, else "|u001|210804|". Use it with QF_IN_SCOPE. */
#define QF_SCOPE_TEXT 2200u
void qf_req_scope(qf_req *r, qf_action act, const char *area, char out[QF_SCOPE_TEXT]);
/* SQL: is the subject (an expression) inside the scope text of parameter p? Its unit is what stands before the first dot. */
#define QF_IN_SCOPE(subject, p)                                                                                        \
  "(" p " = '*' OR contains(" p ", concat('|', split_part(coalesce(" subject ", '?'), '.', 1), '|')) OR "              \
  "contains(" p ", coalesce((SELECT concat('|', qs.parent, '|') FROM rec_subject qs WHERE qs.id = "                    \
  "split_part(" subject ", '.', 1) AND qs.kind = 'unit'), '?')))"

struct qf_server {
  qf_city *city;
  qf_auth *auth;
  struct MHD_Daemon *daemon;
  uint16_t port;
  bool sample, tls;
  char web[4000];
  char base_url[300];
  char hosts[1200]; /* names of ours in the Host header: "|localhost|127.0.0.1|"; "*" any */
  struct qf_filings *filings;
  struct qf_work *work;
  struct qf_workers *workers;
  struct qf_sse *sse;
  struct qf_links *links;
  struct qf_collectors *collectors;
  struct qf_once *once;
  pthread_mutex_t open_mx; /* what everybody may see, as it was made on open_day */
  qf_buf open_figures;
  int32_t open_day;
  _Atomic uint64_t requests, errors, lines_ok, lines_bad, stale_markers;
  _Atomic uint32_t connections;
};

/* Rows of a query as a JSON array of objects with these names (space separated, in the order of the SELECT). */
QF_MUST qf_rc qf_rows(qf_req *r, const char *names, const char *sql, const qf_param *params, size_t nparams,
                      qf_buf *out, qf_err *err);

/* handlers by file */
void qf_h_login(qf_req *r); /* login.c */
void qf_h_logout(qf_req *r);
void qf_h_password(qf_req *r);
void qf_h_totp(qf_req *r);
void qf_h_login_link(qf_req *r);
void qf_h_me(qf_req *r); /* api_users.c */
void qf_h_users(qf_req *r);
void qf_h_user_add(qf_req *r);
void qf_h_user_disable(qf_req *r);
void qf_h_user_reset(qf_req *r);
void qf_h_user_act(qf_req *r);
void qf_h_grants(qf_req *r);
void qf_h_grant_add(qf_req *r);
void qf_h_grant_approve(qf_req *r);
void qf_h_grant_refuse(qf_req *r);
void qf_h_grant_revoke(qf_req *r);
void qf_h_audit(qf_req *r);
void qf_h_token_add(qf_req *r); /* api_tokens.c */
void qf_h_token_list(qf_req *r);
void qf_h_token_revoke(qf_req *r);
void qf_h_write(qf_req *r); /* write.c */
void qf_h_remote_write(qf_req *r);
void qf_h_ping(qf_req *r); /* influx.c */
void qf_h_query(qf_req *r);
void qf_h_push(qf_req *r); /* push.c */
void qf_h_city(qf_req *r); /* api_city.c */
void qf_h_health(qf_req *r);
void qf_h_collectors(qf_req *r); /* api_collect.c */
void qf_h_necc(qf_req *r);
void qf_h_open(qf_req *r); /* api_open.c */
void qf_h_import(qf_req *r);
void qf_h_figures(qf_req *r); /* api_figures.c */
void qf_h_barometer(qf_req *r);
void qf_h_figure(qf_req *r);
void qf_h_trend(qf_req *r);
void qf_h_catalogue(qf_req *r);
void qf_h_why(qf_req *r);
void qf_h_subjects(qf_req *r); /* api_subjects.c */
void qf_h_subject(qf_req *r);
void qf_h_sankey(qf_req *r);
void qf_h_load(qf_req *r);
void qf_h_balance(qf_req *r);
void qf_h_points(qf_req *r); /* api_points.c */
void qf_h_series(qf_req *r);
void qf_h_readings(qf_req *r);
void qf_h_alarms(qf_req *r); /* api_alarms.c */
void qf_h_alarm_ack(qf_req *r);
void qf_h_proof(qf_req *r); /* api_proof.c */
void qf_h_receipt(qf_req *r);
void qf_h_heads(qf_req *r);
void qf_h_head_latest(qf_req *r);
void qf_h_log_key(qf_req *r);
void qf_h_consistency(qf_req *r);
void qf_h_tasks(qf_req *r); /* api_work.c */
void qf_h_campaigns(qf_req *r);
void qf_h_campaign(qf_req *r);
void qf_h_campaign_remind(qf_req *r);
void qf_h_delegations(qf_req *r);
void qf_h_delegation_add(qf_req *r);
void qf_h_delegation_end(qf_req *r);
void qf_h_findings(qf_req *r);
void qf_h_calendar(qf_req *r);
void qf_h_export(qf_req *r);  /* export.c */
void qf_h_stream(qf_req *r);  /* stream.c */
void qf_h_metrics(qf_req *r); /* metrics.c */
void qf_h_openapi(qf_req *r); /* openapi.c */
void qf_static(qf_req *r);    /* pages.c: everything that is no route */
struct MHD_Response *qf_stream_response(qf_req *r);
QF_MUST qf_rc qf_stream_start(struct qf_server *s);
void qf_stream_stop(struct qf_server *s);
void qf_headers(qf_req *r, struct MHD_Response *m);
#endif
