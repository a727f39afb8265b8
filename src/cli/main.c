#include "cli/cli.h"
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Heaps of the C library for all threads together: one for each of twenty threads keeps twenty times the holes, two made forms a
 * fifth slower. */
enum { HEAPS = 4 };

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *help;
} commands[] = {
    {"demo", qf_cmd_demo, "make the demonstration city and serve it, live       制作演示城市并实时运行"},
    {"serve", qf_cmd_serve, "serve a data folder                                  启动服务"},
    {"import", qf_cmd_import, "take in files: import readings --map MAP.ini FILE... 导入文件"},
    {"figure", qf_cmd_figure, "one figure                                           单个指标"},
    {"report", qf_cmd_report, "all figures                                          全部指标"},
    {"why", qf_cmd_why, "why a figure is this number                          为何是这个数"},
    {"verify", qf_cmd_verify, "check journal, signed heads, files and book; receipts 校验"},
    {"proof", qf_cmd_proof, "inclusion proof or receipt of a journal entry        证明与回执"},
    {"heads", qf_cmd_heads, "signed tree heads and the public key                 签名树头"},
    {"rebuild", qf_cmd_rebuild, "make readings and book again from the journal        由日志重建"},
    {"export", qf_cmd_export, "readings as Parquet, the book as CSV                 导出"},
    {"backup", qf_cmd_backup, "copy a data folder safely                            备份"},
    {"restore", qf_cmd_backup, "put a backup into a new folder                       恢复"},
    {"token", qf_cmd_token, "token add|list|revoke                                令牌"},
    {"simulate", qf_cmd_simulate, "play the sender of a protocol                        模拟发送方"},
    {"user", qf_cmd_user, "user link: one-time login link of a running server   登录链接"},
};

static int help(FILE *f)
{
  fputs("usage: qingfeng COMMAND [options]    (qingfeng COMMAND --help)\n\n", f);
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].help);
  fputs("\nExit: 0 done, 1 the answer is no, 2 usage, 3 data or I/O trouble.\n", f);
  return f == stdout ? QF_EXIT_OK : QF_EXIT_USAGE;
}

int main(int argc, char **argv)
{
  setlocale(LC_ALL, "C.UTF-8");
  (void)mallopt(M_ARENA_MAX, HEAPS);
  signal(SIGPIPE, SIG_IGN);
  if (argc < 2)
    return help(stderr);
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
    return help(stdout);
  if (strcmp(argv[1], "--version") == 0) {
    puts("qingfeng " QF_VERSION);
    return QF_EXIT_OK;
  }
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(argv[1], commands[i].name) == 0)
      return commands[i].run(argc - 1, argv + 1);
  fprintf(stderr, "qingfeng: no command \"%s\" / 无此命令\n", argv[1]);
  return help(stderr);
}
