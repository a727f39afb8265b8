/* user: people and their grants, from the machine itself. */
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: qingfeng user add ID --name NAME [--org UNIT] [--data DIR]      new user; prints the link to set a "
    "password\n"
    "       qingfeng user list | grants [--state proposed|approved|refused|revoked] [--data DIR]\n"
    "       qingfeng user disable ID | reset ID [--totp] [--data DIR]       reset: new link; --totp: second factor "
    "too\n"
    "       qingfeng user grant ID --role ROLE [--area A] [--district D] [--org UNIT] [--from DAY] [--to DAY]\n"
    "                           [--reason TEXT] [--data DIR]                proposes; a security_admin approves\n"
    "       qingfeng user link [--data DIR]       one-time link of the running server, until there are administrators\n"
    "  roles: leader officer reviewer filer approver inspector auditor citizen system_admin security_admin "
    "audit_admin\n"
    "  用户与授权：新建、列出、停用、重置、提出授权、一次性链接\n";

static const qf_option options[] = {{"--data", true},  {"--name", true},     {"--org", true},   {"--role", true},
                                    {"--area", true},  {"--district", true}, {"--from", true},  {"--to", true},
                                    {"--state", true}, {"--reason", true},   {"--totp", false}, {"--help", false}};

static void put(json_t *j, const char *name, const qf_args *a, const char *option)
{
  const char *v = qf_args_get(a, option);
  if (v)
    json_object_set_new(j, name, json_string(v));
}

static int one_user(const qf_args *a, const char *what)
{
  qf_buf path;
  qf_buf_init(&path, 1000);
  qf_buf_puts(&path, "/api/v1/users/");
  qf_url_put(&path, a->rest[1]);
  qf_buf_printf(&path, "/%s", what);
  bool reset = strcmp(what, "reset") == 0;
  json_t *body = json_object();
  if (reset && qf_args_get(a, "--totp"))
    json_object_set_new(body, "totp", json_true());
  int code =
      path.failed ? qf_usage(usage) : qf_ask_server(qf_data_dir(a), "POST", path.data, body, reset ? "link" : NULL);
  json_decref(body);
  qf_buf_fini(&path);
  return code;
}

static int add(const qf_args *a)
{
  json_t *j = json_object();
  json_object_set_new(j, "id", json_string(a->rest[1]));
  put(j, "name", a, "--name");
  put(j, "org", a, "--org");
  int code = qf_ask_server(qf_data_dir(a), "POST", "/api/v1/users", j, "link");
  json_decref(j);
  return code;
}

static int grant(const qf_args *a)
{
  json_t *j = json_object();
  json_object_set_new(j, "user", json_string(a->rest[1]));
  put(j, "role", a, "--role");
  put(j, "area", a, "--area");
  put(j, "district", a, "--district");
  put(j, "org", a, "--org");
  put(j, "valid_from", a, "--from");
  put(j, "valid_to", a, "--to");
  put(j, "reason", a, "--reason");
  int code = qf_ask_server(qf_data_dir(a), "POST", "/api/v1/grants", j, "state");
  json_decref(j);
  return code;
}

static int grants(const qf_args *a)
{
  qf_buf path;
  const char *state = qf_args_get(a, "--state");
  qf_buf_init(&path, 1000);
  qf_buf_puts(&path, "/api/v1/grants?size=1000&state=");
  qf_url_put(&path, state ? state : "");
  int code = path.failed ? qf_usage(usage) : qf_ask_server(qf_data_dir(a), "GET", path.data, NULL, NULL);
  qf_buf_fini(&path);
  return code;
}

/* A link is of the running server: one that is started for the moment would take it along when it stops. */
static int link_of(const qf_args *a)
{
  qf_buf out;
  qf_err err = {0};
  int status = 0;
  qf_buf_init(&out, 10000);
  qf_rc rc = qf_remote(qf_data_dir(a), "POST", "/api/v1/login-link", NULL, &out, &status, &err);
  json_t *j = rc ? NULL : json_loadb(out.data ? out.data : "", out.len, 0, NULL);
  const json_t *e = json_object_get(j, "error");
  const char *link = json_string_value(json_object_get(j, "link")),
             *en = json_string_value(json_object_get(e, "message")),
             *zh = json_string_value(json_object_get(e, "message_zh"));
  if (!rc && !link) {
    rc = qf_fail(&err, QF_IO, "%.230s", "%.230s", en ? en : "the server refused");
    snprintf(err.zh, sizeof err.zh, "%.230s", zh ? zh : "服务器拒绝");
  }
  if (!rc)
    puts(link);
  json_decref(j);
  qf_buf_fini(&out);
  return rc ? qf_trouble(rc, &err) : QF_EXIT_OK;
}

int qf_cmd_user(int argc, char **argv)
{
  qf_args a;
  if (!qf_args_parse(argc, argv, options, sizeof options / sizeof *options, &a) || qf_args_get(&a, "--help") ||
      a.nrest < 1)
    return qf_usage(usage);
  const char *what = a.rest[0];
  if (a.nrest == 1 && strcmp(what, "link") == 0)
    return link_of(&a);
  if (a.nrest == 1 && strcmp(what, "list") == 0)
    return qf_ask_server(qf_data_dir(&a), "GET", "/api/v1/users?size=1000", NULL, NULL);
  if (a.nrest == 1 && strcmp(what, "grants") == 0)
    return grants(&a);
  if (a.nrest != 2)
    return qf_usage(usage);
  if (strcmp(what, "add") == 0 && qf_args_get(&a, "--name"))
    return add(&a);
  if (strcmp(what, "grant") == 0 && qf_args_get(&a, "--role"))
    return grant(&a);
  if (strcmp(what, "disable") == 0 || strcmp(what, "reset") == 0)
    return one_user(&a, what);
  return qf_usage(usage);
}
