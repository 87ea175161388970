/* What a wait for the DNS is told: plain data, shared by the asking (dns_wait.c) and by what is made of the answers
 * (dns_wait_judge.c). */
#ifndef DNS_WAIT_DNS_WAIT_PARAMS_H
#define DNS_WAIT_DNS_WAIT_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/model/dns.h"
#include "harness/model/visibility.h"

enum { DNS_WAIT_SERVERS_MAX = 64 };

struct dns_wait_question {
	const char *name;
	enum dns_type type;
	const char *zone;                  /* apex of the zone that the name lies in; NULL: not known, so that
					      resolvers alone are asked */
	const struct dns_answer *expected; /* the new answer; NULL: the one of the authoritative server whose zone has
					      the highest serial number */
	const struct dns_answer *before;   /* the answer of an earlier snapshot; NULL: not known */
};

struct dns_wait_server {
	const char *label;   /* for people */
	const char *address; /* as name_server_parse reads it; NULL: the servers of /etc/resolv.conf */
	const char *zone;    /* that it is authoritative for, and asked about; NULL of a resolver, which is asked all */
	bool skipped;        /* cannot be asked from this machine */
};

/* All borrowed for the call. */
struct dns_wait_params {
	const struct dns_wait_question *questions;
	size_t question_count;
	const struct dns_wait_server *servers; /* at most DNS_WAIT_SERVERS_MAX */
	size_t server_count;
	int64_t timeout_ms;        /* for all of it */
	int64_t answer_timeout_ms; /* for the answers of one server in one round */
	int signal_fd;             /* of run_catch_signals; -1: none */
	/* Called after each round, by the thread that waits. */
	void (*progress)(void *user, const struct visibility *visibility);
	void *user;
};

#endif
