/* token, and what user shares with it. With a running server the command asks it; else it starts one on a free loopback port for the moment.
 */
#include "cli/cli.h"
#include "serve/server.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char token_usage[] =
    "usage: qingfeng token add [--data DIR] [--scope write|read|manage[,...]] [--note TEXT] [--expires T]   (prints "
    "the secret alone)\n"
    "       qingfeng token list [--data DIR]\n       qingfeng token revoke ID [--data DIR]\n";

static qf_rc ask(const char *dir, const char *method, const char *path, const char *body, qf_buf *out, int *status,
                 qf_err *err)
{
  qf_rc rc = qf_remote(dir, method, path, body, out, status, err);
  if (rc != QF_NOTFOUND)
    return rc;
  qf_city *c;
  qf_server *s;
  qf_server_opts o = {.listen = "127.0.0.1:0"};
  rc = qf_city_open(dir, NULL, &c, err);
  if (rc)
    return rc;
  rc = qf_server_start(c, &o, &s, err);
  if (!rc) {
    qf_buf_reset(out);
    rc = qf_remote(dir, method, path, body, out, status, err);
    qf_server_stop(s);
  }
  qf_city_close(c);
  return rc;
}

int qf_ask_server(const char *dir, const char *method, const char *path, const json_t *body, const char *only)
{
  qf_buf out;
  qf_err err = {0};
  int status = 0;
  char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
  qf_buf_init(&out, 4u << 20);
  qf_rc rc = ask(dir, method, path, text, &out, &status, &err);
  free(text);
  json_t *j = rc ? NULL : json_loadb(out.data ? out.data : "", out.len, 0, NULL);
  if (!rc && status >= 400) {
    const json_t *e = json_object_get(j, "error");
    const char *en = json_string_value(json_object_get(e, "message")),
               *zh = json_string_value(json_object_get(e, "message_zh"));
    rc = qf_fail(&err, status == 404 ? QF_NOTFOUND : QF_IO, "%.230s", "%.230s", en ? en : "refused");
    snprintf(err.zh, sizeof err.zh, "%.230s", zh ? zh : "");
  }
  const char *value = only ? json_string_value(json_object_get(j, only)) : NULL;
  if (!rc)
    puts(value ? value : out.data ? out.data : "");
  json_decref(j);
  qf_buf_fini(&out);
  return rc ? qf_trouble(rc, &err) : QF_EXIT_OK;
}

int qf_cmd_token(int argc, char **argv)
{
  static const qf_option options[] = {
      {"--data", true}, {"--scope", true}, {"--note", true}, {"--expires", true}, {"--help", false}};
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") ||
      a.nrest < 1)
    return qf_usage(token_usage);
  const char *dir = qf_data_dir(&a);
  if (strcmp(a.rest[0], "list") == 0 && a.nrest == 1)
    return qf_ask_server(dir, "GET", "/api/v1/tokens", NULL, NULL);
  if (strcmp(a.rest[0], "revoke") == 0 && a.nrest == 2) {
    char path[200];
    snprintf(path, sizeof path, "/api/v1/tokens/%.100s/revoke", a.rest[1]);
    return qf_ask_server(dir, "POST", path, NULL, NULL);
  }
  if (strcmp(a.rest[0], "add") != 0 || a.nrest != 1)
    return qf_usage(token_usage);
  const char *scope = qf_args_get(&a, "--scope"), *note = qf_args_get(&a, "--note"),
             *expires = qf_args_get(&a, "--expires");
  json_t *j = json_object();
  json_object_set_new(j, "scopes", json_string(scope ? scope : "write"));
  json_object_set_new(j, "note", json_string(note ? note : ""));
  if (expires)
    json_object_set_new(j, "expires", json_string(expires));
  int code = qf_ask_server(dir, "POST", "/api/v1/tokens", j, "token");
  json_decref(j);
  return code;
}
