/* What the DNS answered while a run evaluated its messages: its snapshot. */
#ifndef STORE_DNS_H
#define STORE_DNS_H

#include "harness/base/error.h"
#include "harness/model/dns.h"
#include "store/store.h"

/* One question with its answer, all records and its packet, in one commit. */
int store_dns_add(struct store *store, int64_t run, const struct dns_fact *fact, struct error *err);

/* The newest run that has a snapshot. 1 found, 0 there is none, -1 error. */
int store_dns_newest(struct store *store, int64_t *ret_run, struct error *err);

#endif
