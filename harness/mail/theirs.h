/* What the receiving provider said of a message: its authentication results from above its trust boundary, the
 * protection of the last hop, the envelope sender that it noted. */
#ifndef MAIL_THEIRS_H
#define MAIL_THEIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/mail/authres.h"
#include "harness/mail/header.h"
#include "harness/mail/hops.h"
#include "harness/model/words.h"

/* Patterns are NULL-terminated arrays as in hops_match; NULL is empty. */
struct theirs_profile {
	const char *const *own_hops;     /* hosts behind `by` of the provider's own Received fields */
	const char *const *authserv_ids; /* of its Authentication-Results */
	bool no_authserv_id;             /* it writes Microsoft's form, without authserv-id */
};

struct theirs_header {
	struct authres results;
	size_t field; /* index in header.fields */
	bool trusted; /* above the boundary, authserv-id as in the profile, not ARC */
};

/* At most this many Authentication-Results and ARC-Authentication-Results fields are read, top first. */
enum { THEIRS_HEADERS_MAX = 200 };

struct theirs {
	enum auth_result spf, dkim, dmarc; /* AUTH_NOT_REPORTED where no trusted field speaks of the method */
	/* The entries behind them, in headers; NULL where there is none. With several DKIM entries: the best aligned
	 * one, else the best; aligned is a header.d or header.i domain that equals the From domain or is a parent or
	 * child of it (an approximation of the relaxed mode without the public suffix list). */
	const struct authres_method *spf_method, *dkim_method, *dmarc_method;
	bool dkim_aligned;
	ptrdiff_t
	    received_spf; /* index of the Received-SPF field that gave spf, or -1: only used without an SPF method */
	struct theirs_header *headers; /* all, trusted or not, top first */
	size_t header_count;
	struct hops hops;
	ptrdiff_t boundary;      /* in hops.v, -1 where there is none: then nothing is trusted */
	enum hop_tls tls;        /* of the boundary hop */
	struct span return_path; /* of the topmost Return-Path, without angle brackets; .p NULL where absent */
	struct span message_id;  /* without angle brackets; .p NULL where absent */
	struct span from_domain; /* of the first From mailbox; empty where there is none */
	char *octets;            /* what from_domain points into */
};

/* Reads what the header says under that profile. Borrows the octets of the header's message. -1 only for memory. Free
 * with theirs_fini. */
int theirs_read(struct theirs *t, const struct header *h, const struct theirs_profile *profile, struct error *err);
void theirs_fini(struct theirs *t);

/* How good a result is for the sender: of several signatures the one with the highest rank is shown. */
int theirs_rank(enum auth_result result);

/* Whether the domains are equal or one lies under the other (at a label boundary), ASCII case folded. */
bool theirs_aligned(struct span a, struct span b);

#endif
