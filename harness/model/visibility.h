/* Who has the new answer of a DNS change, and who still has the old one. */
#ifndef MODEL_VISIBILITY_H
#define MODEL_VISIBILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum visibility_state {
	VISIBILITY_NEW,     /* every answer is the new one */
	VISIBILITY_OLD,     /* at least one is another */
	VISIBILITY_UNKNOWN, /* at least one could not be had, and none is another */
	VISIBILITY_SKIPPED, /* this machine has no way to the server: it does not count */
};

struct visibility_row {
	char *server;       /* "ns1.example.org 192.0.2.53", "192.0.2.1" */
	bool authoritative; /* else a resolver */
	enum visibility_state state;
	int64_t left_s; /* of a resolver that has old answers: how long it may keep them, in seconds */
	char *detail;   /* the first question that is not as it should be, and what was answered; "" where there is
			   none. One escaped line */
};

/* As it was found in one round. */
struct visibility {
	struct visibility_row *rows; /* servers in the order given */
	size_t count;
	size_t questions;      /* that are compared */
	int64_t at_ms;         /* wall clock */
	bool visible;          /* no server has an old answer, or none */
	int64_t kept_until_ms; /* wall clock until which a cache somewhere may keep an old answer, as far as is known;
				  0: none was seen */
	int64_t rerun_ms;      /* from when on no cache can have one; 0: not known, since an authoritative server still
				  gives it */
	bool policy_changed;   /* the id of an MTA-STS policy is among the changes */
	int64_t policy_age_s;  /* max_age of the policy that is served, in seconds; 0: not known */
};

const char *visibility_state_name(enum visibility_state v); /* "new", "old", "unknown", "skipped" */

void visibility_fini(struct visibility *visibility); /* leaves it zeroed */

#endif
