#include "cli/cli.h"
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

bool qf_args_parse(int argc, char **argv, const qf_option *known, size_t nknown, qf_args *out)
{
  *out = (qf_args){0};
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "--", 2) != 0) {
      if (out->nrest == 64) {
        fputs("qingfeng: too many arguments / 参数过多\n", stderr);
        return false;
      }
      out->rest[out->nrest++] = argv[i];
      continue;
    }
    size_t k = 0;
    while (k < nknown && strcmp(known[k].name, argv[i]) != 0)
      k++;
    if (k == nknown || out->nopt == 32) {
      fprintf(stderr, "qingfeng %s: unknown option %s / 未知选项\n", argv[0], argv[i]);
      return false;
    }
    if (known[k].has_value && i + 1 >= argc) {
      fprintf(stderr, "qingfeng %s: %s needs a value / 缺少值\n", argv[0], argv[i]);
      return false;
    }
    out->name[out->nopt] = known[k].name;
    out->value[out->nopt++] = known[k].has_value ? argv[++i] : "";
  }
  return true;
}

const char *qf_args_get(const qf_args *a, const char *name)
{
  for (size_t i = a->nopt; i-- > 0;)
    if (strcmp(a->name[i], name) == 0)
      return a->value[i];
  return NULL;
}

const char *qf_data_dir(const qf_args *a)
{
  const char *d = qf_args_get(a, "--data");
  const char *env = getenv("QINGFENG_DATA");
  return d ? d : env && *env ? env : "data";
}

int qf_usage(const char *text)
{
  fputs(text, stderr);
  return QF_EXIT_USAGE;
}

int qf_trouble(qf_rc rc, const qf_err *err)
{
  fprintf(stderr, "qingfeng: %s\n          %s\n", err->en[0] ? err->en : qf_rc_name(rc), err->zh);
  return rc == QF_NOTFOUND ? QF_EXIT_NO : QF_EXIT_TROUBLE;
}

void qf_show_progress(void *ud, const char *en, const char *zh, double share)
{
  time_t *last = ud;
  time_t now = time(NULL);
  if (share < 1 && now == *last)
    return;
  *last = now;
  fprintf(stderr, "%s%s / %s: %3.0f %%%s", isatty(2) ? "\r" : "", en, zh, 100 * share,
          isatty(2) && share < 1 ? "" : "\n");
  fflush(stderr);
}

void qf_url_put(qf_buf *b, const char *s)
{
  for (; *s; s++) {
    unsigned char c = (unsigned char)*s;
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.~", c);
    if (plain)
      qf_buf_putc(b, *s);
    else
      qf_buf_printf(b, "%%%02X", c);
  }
}

/* ---- talking to the server of a folder: plain HTTP/1.0 on loopback, secret from server.json */

static json_t *server_json(const char *dir)
{
  char path[4200];
  snprintf(path, sizeof path, "%s/server.json", dir);
  return json_load_file(path, 0, NULL);
}

static int dial(unsigned port)
{
  struct sockaddr_in a = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&a, sizeof a) != 0) {
    close(fd);
    fd = -1;
  }
  return fd;
}

static bool send_all(int fd, const char *s, size_t n)
{
  for (ssize_t k; n; s += k, n -= (size_t)k)
    if ((k = send(fd, s, n, MSG_NOSIGNAL)) <= 0)
      return false;
  return true;
}

static qf_rc receive(int fd, qf_buf *out, int *status, qf_err *err)
{
  qf_buf all;
  char block[16384];
  ssize_t n;
  qf_buf_init(&all, (size_t)300 << 20);
  while ((n = recv(fd, block, sizeof block, 0)) > 0)
    qf_buf_put(&all, block, (size_t)n);
  char *body = all.data ? strstr(all.data, "\r\n\r\n") : NULL;
  qf_rc rc = QF_OK;
  if (n < 0 || !body || all.failed || sscanf(all.data, "HTTP/%*s %d", status) != 1)
    rc = qf_fail(err, QF_IO, "the server's answer was cut short", "服务器应答不完整");
  else
    qf_buf_put(out, body + 4, all.len - (size_t)(body + 4 - all.data));
  qf_buf_fini(&all);
  return rc;
}

/* A server that was killed leaves its server.json; the port may be another program's by now, which must not get the secret. */
static bool forget_dead(const char *dir, const json_t *j)
{
  char path[4200];
  json_int_t pid = json_integer_value(json_object_get(j, "pid"));
  if (pid <= 0 || pid > INT_MAX || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
    return false;
  snprintf(path, sizeof path, "%s/server.json", dir);
  unlink(path);
  return true;
}

qf_rc qf_remote(const char *dir, const char *method, const char *path, const char *body, qf_buf *out, int *status,
                qf_err *err)
{
  json_t *j = server_json(dir);
  const char *secret = json_string_value(json_object_get(j, "secret"));
  const char *url = json_string_value(json_object_get(j, "url"));
  int fd = secret && !forget_dead(dir, j) ? dial((unsigned)json_integer_value(json_object_get(j, "port"))) : -1;
  qf_rc rc = QF_OK;
  if (fd < 0) {
    rc = qf_fail(err, QF_NOTFOUND, "no server runs on %.100s", "%.100s 上没有运行中的服务", dir);
  } else if (strncmp(url ? url : "", "https", 5) == 0) {
    rc = qf_fail(err, QF_STATE, "the server speaks TLS: use its HTTP API with a token, or stop it",
                 "服务器使用 TLS：请用令牌调用接口，或先停止服务");
  } else {
    qf_buf q;
    size_t n = body ? strlen(body) : 0;
    qf_buf_init(&q, n + 8192);
    qf_buf_printf(&q,
                  "%s %s HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: "
                  "application/json\r\nContent-Length: %zu\r\n\r\n",
                  method, path, secret, n);
    qf_buf_put(&q, body ? body : "", n);
    rc = !q.failed && send_all(fd, q.data, q.len)
             ? receive(fd, out, status, err)
             : qf_fail(err, QF_IO, "cannot send: %s", "无法发送：%s", strerror(errno));
    qf_buf_fini(&q);
  }
  if (fd >= 0)
    close(fd);
  json_decref(j);
  return rc;
}
