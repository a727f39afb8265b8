/* Who may do what: one function decides, qf_rights_may. Everything it needs is in its arguments: no I/O, no clock.
 * An actor holds grants (role + scope); an object says whose it is. Default: no. The table role x action stands in
 * matrix.c and in docs/internals/filing.md; a generated test walks every role x action x own/other. */
#ifndef QF_RIGHTS_RIGHTS_H
#define QF_RIGHTS_RIGHTS_H
#include "base/err.h"
#include "base/tm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum qf_role { /* names as in the records: qf_role_name */
                       QF_ROLE_NONE,
                       QF_ROLE_CITIZEN,   /* 公众: published figures only */
                       QF_ROLE_LEADER,    /* 领导: sees the whole city (or a district), files and decides nothing */
                       QF_ROLE_OFFICER,   /* 经办: department officer of an area (may be limited to a district) */
                       QF_ROLE_REVIEWER,  /* 审核: department reviewer of an area */
                       QF_ROLE_FILER,     /* 填报: of one organisation */
                       QF_ROLE_APPROVER,  /* 企业审批: of one organisation */
                       QF_ROLE_INSPECTOR, /* 监察: of an area */
                       QF_ROLE_AUDITOR, /* 核查/审计: sees everything of the area with its evidence, changes nothing */
                       QF_ROLE_SYSTEM_ADMIN,   /* 系统管理员: users, tokens, points, imports; proposes grants */
                       QF_ROLE_SECURITY_ADMIN, /* 安全管理员: approves grants and changes of policy */
                       QF_ROLE_AUDIT_ADMIN,    /* 审计管理员: the security log; nothing else */
                       QF_ROLE_SERVICE,        /* a machine by token: what the token's scopes say */
                       QF_ROLE_COUNT
} qf_role;

typedef enum qf_action {                /* every route names one */
                         QF_ACT_PUBLIC, /* anybody */
                         QF_ACT_VIEW,   /* figures, alarms, points, records of the object's scope */
                         QF_ACT_INGEST, /* readings in */
                         QF_ACT_ALARM_ACK,
                         QF_ACT_FILE,        /* make and change drafts, upload evidence, submit */
                         QF_ACT_ORG_APPROVE, /* the enterprise's own approval before it goes to the department */
                         QF_ACT_REVIEW,      /* return or accept a filing */
                         QF_ACT_INSPECT,     /* findings and rectification of the area */
                         QF_ACT_COMMENT,
                         QF_ACT_PROPOSE,  /* a change that needs a second person: factor, target, rule, limit */
                         QF_ACT_DECIDE,   /* the second person's yes or no */
                         QF_ACT_DELEGATE, /* hand own work over */
                         QF_ACT_REGISTER, /* points, subjects, imports of readings: direct records */
                         QF_ACT_USERS,    /* users made, disabled, reset; grants proposed */
                         QF_ACT_GRANT,    /* grants approved */
                         QF_ACT_TOKENS,
                         QF_ACT_AUDIT, /* the security log */
                         QF_ACT_LOCAL, /* the command line on this machine only */
                         QF_ACT_COUNT
} qf_action;

/* Limits of a grant: "" = no limit in that direction. district and org are subject ids. */
typedef struct qf_grant {
  qf_role role;
  char area[32], district[64], org[64];
} qf_grant;

#define QF_GRANTS_MAX 16u
typedef struct qf_actor {
  char id[64];   /* user id, "token:<id>", "local", "" for nobody */
  char name[96]; /* as shown */
  qf_grant grant[QF_GRANTS_MAX];
  uint8_t ngrants;
  bool local;             /* the command line of this machine: everything but deciding what it proposed itself */
  bool strong;            /* second factor given in this session */
  uint32_t token_actions; /* bit per qf_action when a token speaks; 0 otherwise */
} qf_actor;

/* What is acted on. NULL = does not apply. org: the unit (not the process) it belongs to; district: that unit's. */
typedef struct qf_object {
  const char *area, *district, *org;
} qf_object;

/* May actor do act to o? *why (may be NULL) gets a sentence that tells nothing about the object itself. Any thread. */
bool qf_rights_may(const qf_actor *actor, qf_action act, const qf_object *o, qf_err *why);
/* The widest scope in which the actor may do act, for tenant-scoped queries: *all true = no limit; else lists of
 * districts and orgs (borrowed from the actor). Returns the number of entries. */
typedef struct qf_scope_list {
  bool all;
  const char *district[QF_GRANTS_MAX], *org[QF_GRANTS_MAX];
  uint8_t ndistricts, norgs;
} qf_scope_list;
void qf_rights_scope(const qf_actor *actor, qf_action act, const char *area, qf_scope_list *out);
/* Which two roles nobody may hold together (三权分立; filer and reviewer; ...). */
bool qf_rights_conflict(qf_role a, qf_role b);

const char *qf_role_name(qf_role r);     /* "reviewer" */
qf_role qf_role_find(const char *name);  /* QF_ROLE_NONE if unknown */
const char *qf_action_name(qf_action a); /* "review" */
#endif
