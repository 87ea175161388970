/* The author's domain of a message (RFC 9989 section 5.3.1, RFC 7489 section 6.6.1). For dmarc.c alone. */
#ifndef AUTH_DMARC_AUTHOR_H
#define AUTH_DMARC_AUTHOR_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/mail/header.h"

/* At most so many distinct domains are told apart; each costs a policy discovery. */
enum { DMARC_AUTHORS_MAX = 8, DMARC_AUTHOR_PROBLEM_MAX = 256 };

struct dmarc_authors {
	char *domains[DMARC_AUTHORS_MAX]; /* distinct, in the form of harness/model/dns.h, in order */
	size_t count;
	char deviation[DMARC_AUTHOR_PROBLEM_MAX]; /* in words: what is wrong with From, where that does no harm */
	char problem[DMARC_AUTHOR_PROBLEM_MAX];   /* in words: why no domain can be taken from it; "" where one can */
	bool capped; /* the problem is a limit of ours: there may be one domain that can be taken, or more of them */
};

/* Reads every From field, as receivers do (address_list_read). -1 only for memory. Free with dmarc_authors_fini. */
int dmarc_authors_read(const struct header *header, struct dmarc_authors *ret, struct error *err);
void dmarc_authors_fini(struct dmarc_authors *authors);

#endif
