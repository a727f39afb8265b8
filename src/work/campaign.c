#include "work/campaign.h"
#include <string.h>

bool qf_owed_filed(const qf_owed *u)
{
  return u->revision > 1 || (*u->state && strcmp(u->state, "draft") != 0 && strcmp(u->state, "withdrawn") != 0);
}

bool qf_owed_accepted(const qf_owed *u)
{
  return strcmp(u->state, "accepted") == 0 || u->revision > 1;
}

void qf_campaign_count(qf_campaign_sum *sum, const qf_owed *u, int32_t today)
{
  bool filed = qf_owed_filed(u), back = strcmp(u->state, "returned") == 0;
  sum->owed++;
  sum->filed += filed;
  sum->on_time += filed && !u->late;
  sum->accepted += qf_owed_accepted(u);
  sum->returned += back;
  sum->overdue += sum->due && today > sum->due && (!filed || (back && !qf_owed_accepted(u)));
}
