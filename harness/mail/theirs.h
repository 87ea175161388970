/* What the receiving provider said of a message: its authentication results, the protection of the last hop, the
 * envelope sender that it noted.
 *
 * Two parts of a header can be the provider's. What stands above its hop from outside nobody else can have written. And
 * many servers write below it (Gmail, iCloud, Yandex, Postfix with OpenDKIM): the block that directly follows that hop.
 * It ends at the next Received field, at the first signature, at the first field of the octets that were sent, or at
 * the first field that only an author writes (From, Subject ...), whichever is highest; and of each method only the
 * first field in it counts (of DKIM, of each signature that is there), so that what a sender wrote lower down changes
 * nothing. */
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
	bool above_only;                 /* it writes nothing below its hop from outside */
};

struct theirs_header {
	struct authres results;
	size_t field;   /* index in header.fields */
	bool trusted;   /* in one of the provider's parts, authserv-id as in the profile, and something in it counts; of
			   ARC: sealed by the provider (theirs_take_sealed) */
	unsigned taken; /* methods (theirs_believes) of which a field above it has spoken, so that it does not */
};

/* Why what the provider says of a message cannot be told, though it may well say it. */
enum theirs_trouble {
	THEIRS_NO_TROUBLE,
	THEIRS_NO_PATTERNS,   /* the profile names no own hosts */
	THEIRS_NO_RECEIVED,   /* the header has no Received field */
	THEIRS_NO_OWN_HOP,    /* the newest hop, by the host in trouble_with, is not known to be the provider's */
	THEIRS_ENDS_INSIDE,   /* the hop below the last own one, by the host in trouble_with, is not; yet that one took
				 the message from inside */
	THEIRS_ONLY_INSIDE,   /* there is no hop below the last own one, which took the message from inside */
	THEIRS_OTHER_ID,      /* results stand in its part, by trouble_with, which the profile does not name */
	THEIRS_WITHOUT_ID,    /* results stand in its part, without authserv-id, which the profile does not know of */
	THEIRS_RESULTS_BELOW, /* results by trouble_with directly follow its hop, and the profile says above_only */
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
	ptrdiff_t received_spf; /* index of the Received-SPF field that gave spf, or -1; there is no spf_method then */
	struct theirs_header *headers; /* all, trusted or not, top first */
	size_t header_count;
	struct hops hops;
	ptrdiff_t boundary; /* in hops.v, -1 where there is none: then nothing is trusted */
	bool outside;       /* the boundary hop took the message from outside: it shows the way into the provider */
	size_t below_end;   /* the field behind the block that follows that hop; 0 where there is no such hop */
	size_t block_end;   /* the same where that block is the provider's (not above_only), else 0 */
	size_t sent_at;     /* the first field that is known to be the sender's; header.count where none is */
	enum hop_tls tls;   /* of the hop from outside */
	enum theirs_trouble trouble;
	struct span trouble_with;
	ptrdiff_t sealed; /* in headers: the ARC-Authentication-Results that theirs_take_sealed took; or -1 */
	enum auth_result sealed_results[AUTH_METHOD_COUNT]; /* what that says */
	struct span return_path; /* of the topmost Return-Path, without angle brackets; .p NULL where absent */
	struct span message_id;  /* without angle brackets; .p NULL where absent */
	struct span from_domain; /* of the first From mailbox; empty where there is none */
	char *octets;            /* what from_domain points into */
};

/* Reads what the header says under that profile. `sent`: header of the message as it was sent, or NULL where that is
 * not known; what it held is never the provider's. Borrows the octets of the header's message. -1 only for memory. Free
 * with theirs_fini. */
int theirs_read(struct theirs *t, const struct header *h, const struct theirs_profile *profile,
		const struct header *sent, struct error *err);

/* Whether the provider wrote the header field of that index: it stands in one of its two parts. */
bool theirs_wrote(const struct theirs *t, size_t field);

/* Whether this entry of a field is the provider's word: the field is trusted, and of this method none above it has
 * spoken where that counts. */
bool theirs_believes(const struct theirs_header *th, const struct authres_method *m);

/* The ARC set of that instance (RFC 8617), the newest one, has been verified under a domain of the provider's: what its
 * ARC-Authentication-Results says is proved to be the provider's word. It counts where nothing else does. A set that
 * stands in the sender's part proves nothing: the provider may have sealed it on an earlier way. False where it is not
 * there, or not the provider's. */
bool theirs_take_sealed(struct theirs *t, unsigned instance);
void theirs_fini(struct theirs *t);

/* How good a result is for the sender: of several signatures the one with the highest rank is shown. */
int theirs_rank(enum auth_result result);

/* Whether the domains are equal or one lies under the other (at a label boundary), ASCII case folded. */
bool theirs_aligned(struct span a, struct span b);

#endif
