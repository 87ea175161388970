/* Where answers of the DNS come from, as evaluators see it. What is behind it (live servers, a stored snapshot, a zone
 * file over another resolver) is chosen by whoever makes it; evaluators only ask. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/model/dns.h"

struct resolver;

struct resolver_ops {
	int (*ask)(struct resolver *self, const struct dns_question *questions, size_t count,
		   struct dns_answer *ret_answers, struct error *err);
	void (*free)(struct resolver *self);
};

/* The first member of every implementation. */
struct resolver {
	const struct resolver_ops *ops;
};

/* Asks all questions side by side and waits until each is answered or has failed; ret_answers[i] belongs to
 * questions[i] and is the caller's to free (dns_answer_fini). An answer that could not be had is no error but an answer
 * of state DNS_FAILED or DNS_MISSED; every implementation keeps a deadline for each question. A name that cannot be
 * asked (label of more than 63 octets, more than 255 in all) is answered with NXDOMAIN, since nothing can have it.
 * Errors: memory, ERROR_BUG; then no answer is handed out. Any thread, also several at once. */
int resolver_ask_many(struct resolver *resolver, const struct dns_question *questions, size_t count,
		      struct dns_answer *ret_answers, struct error *err);

/* The same for one. */
int resolver_ask(struct resolver *resolver, const char *name, enum dns_type type, struct dns_answer *ret,
		 struct error *err);

/* NULL is allowed. A resolver that another one is laid over must outlive that one, unless it says otherwise. */
void resolver_free(struct resolver *resolver);
void resolver_free_p(struct resolver **resolver); /* for _cleanup_ */

#endif
