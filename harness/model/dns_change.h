/* What is different between two looks at the DNS, in words for whoever answers for a service. */
#ifndef MODEL_DNS_CHANGE_H
#define MODEL_DNS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/model/dns.h"

/* One thing that changed in the records of one name and type. Texts are escaped, one line each, and never NULL. */
struct dns_change {
	char *name; /* that was asked for, as harness/model/dns.h has it */
	enum dns_type type;
	const char *subject; /* what the records are for, a constant: "SPF", "DKIM key", "mail servers" */
	char *what;          /* `include:_spf.old.example removed: 203.0.113.0/24 is no longer allowed` */
	bool open;           /* one of both looks had no answer: whether anything changed is not known */
};

/* In the order in which they are shown. */
struct dns_changes {
	struct dns_change *v;
	size_t count;
	size_t cap;
};

/* Adds one; `name` is copied, the octets of `what` are escaped. Errors: memory, ERROR_LIMIT where `what` has failed. */
int dns_changes_add(struct dns_changes *changes, const struct dns_change *change, const struct buf *what,
		    struct error *err);

/* Whether any of them is known to have happened, and whether any is open. */
bool dns_changes_any(const struct dns_changes *changes, bool open);

void dns_changes_fini(struct dns_changes *changes); /* leaves it zeroed */

#endif
