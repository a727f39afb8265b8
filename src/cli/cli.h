/* The command line: one file per family of commands. Results on stdout, words on stderr.
 * Exit: 0 done, 1 the answer is no, 2 usage, 3 data or I/O trouble. */
#ifndef QF_CLI_CLI_H
#define QF_CLI_CLI_H
#include "city/city.h"

enum { QF_EXIT_OK = 0, QF_EXIT_NO = 1, QF_EXIT_USAGE = 2, QF_EXIT_TROUBLE = 3 };

typedef struct qf_args {            /* options by name, and the rest in order; borrowed from argv */
  const char *name[32], *value[32]; /* value "" for a switch */
  size_t nopt;
  const char *rest[64];
  size_t nrest;
} qf_args;

typedef struct qf_option {
  const char *name; /* "--data" */
  bool has_value;
} qf_option;

/* Sort argv into args; an unknown option or a missing value: message and false. */
bool qf_args_parse(int argc, char **argv, const qf_option *known, size_t nknown, qf_args *out);
const char *qf_args_get(const qf_args *a, const char *name); /* NULL if absent */

int qf_usage(const char *text);              /* prints to stderr, gives QF_EXIT_USAGE */
int qf_trouble(qf_rc rc, const qf_err *err); /* prints both languages, gives the exit code that fits */
void qf_show_progress(void *ud, const char *en, const char *zh, double share);
/* --data or its default: $QINGFENG_DATA, else ./data */
const char *qf_data_dir(const qf_args *a);
/* Ask the running server of a data folder: method, path with query, JSON body or NULL. QF_NOTFOUND: no server runs
 * there. *status gets the HTTP status. */
QF_MUST qf_rc qf_remote(const char *dir, const char *method, const char *path, const char *body, qf_buf *out,
                        int *status, qf_err *err);
/* The same as a command: prints the answer (only: one text of it) or the refusal, gives the exit code. Without a running
 * server one is started on a free loopback port for the moment. */
int qf_ask_server(const char *dir, const char *method, const char *path, const json_t *body, const char *only);
/* Append s to a query, percent-encoded. */
void qf_url_put(qf_buf *b, const char *s);

int qf_cmd_serve(int argc, char **argv);
int qf_cmd_demo(int argc, char **argv);
int qf_cmd_import(int argc, char **argv);
int qf_cmd_figure(int argc, char **argv);
int qf_cmd_report(int argc, char **argv);
int qf_cmd_why(int argc, char **argv);
int qf_cmd_verify(int argc, char **argv);
int qf_cmd_proof(int argc, char **argv);
int qf_cmd_heads(int argc, char **argv);
int qf_cmd_rebuild(int argc, char **argv);
int qf_cmd_export(int argc, char **argv);
int qf_cmd_backup(int argc, char **argv);
int qf_cmd_token(int argc, char **argv);
int qf_cmd_user(int argc, char **argv);
int qf_cmd_simulate(int argc, char **argv);
#endif
