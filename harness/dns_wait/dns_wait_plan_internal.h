/* Between the files of the plan. */
#ifndef DNS_WAIT_DNS_WAIT_PLAN_INTERNAL_H
#define DNS_WAIT_DNS_WAIT_PLAN_INTERNAL_H

#include "harness/dns_wait/dns_wait_plan.h"

/* A copy of the string that lives as long as the plan. Errors: memory. */
int dns_wait_plan_keep(struct dns_wait_plan *plan, const char *string, const char **ret, struct error *err);

#endif
