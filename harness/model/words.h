/* The words of the domain: enumerations and the one spelling that each has in the store, CSV, JSON and on the terminal.
 */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include <stdbool.h>

#include "harness/base/span.h"

/* What became of a probe. */
enum outcome {
	OUTCOME_PENDING,    /* not settled, and the run is not over */
	OUTCOME_DELIVERED,  /* found within the time that the expectation gives */
	OUTCOME_DELAYED,    /* found, later than that */
	OUTCOME_DEFERRED,   /* the last fact at the deadline is a temporary failure */
	OUTCOME_REJECTED,   /* 5xx in the SMTP dialogue */
	OUTCOME_BOUNCED,    /* a DSN came back: it beats a delivery */
	OUTCOME_MISSING,    /* handed over, every folder read, not there */
	OUTCOME_NOT_TESTED, /* the seed could not be read, or was not sent to */
	OUTCOME_UNKNOWN,    /* no reply to the handing over, and not found since */
	OUTCOME_COUNT
};

/* What a message is that came back and does not say what became of a probe. */
enum returned_kind {
	RETURNED_MESSAGE,    /* none of these, as far as is known */
	RETURNED_AUTO_REPLY, /* out-of-office and the like (RFC 3834) */
	RETURNED_RECEIPT,    /* a read receipt (RFC 8098) */
	RETURNED_COMPLAINT,  /* an abuse report (RFC 5965) */
	RETURNED_CHALLENGE,  /* asks the sender to prove that he is a person */
	RETURNED_KIND_COUNT
};

/* Ordered from best to worst: the verdict of a probe is the maximum of its cells. */
enum verdict { VERDICT_PASS, VERDICT_WARN, VERDICT_UNKNOWN, VERDICT_FAIL, VERDICT_COUNT };

/* RFC 8601 section 2.7 result words; NOT_REPORTED where the provider said nothing of the method. UNKNOWN is no word of
 * the RFC: auth_result_from() does not read it. */
enum auth_result {
	AUTH_NOT_REPORTED,
	AUTH_NONE,
	AUTH_PASS,
	AUTH_FAIL,
	AUTH_SOFTFAIL,
	AUTH_POLICY,
	AUTH_NEUTRAL,
	AUTH_TEMPERROR,
	AUTH_PERMERROR,
	AUTH_UNKNOWN, /* of our own evaluation: what it depends on is not known */
	AUTH_COUNT
};

/* Authentication methods that are judged. A set of them is a mask of the bits 1u << method. */
enum auth_method { METHOD_SPF, METHOD_DKIM, METHOD_DMARC, AUTH_METHOD_COUNT };
enum { AUTH_METHODS_ALL = (1 << AUTH_METHOD_COUNT) - 1 };

/* Whether the provider and our own evaluation say the same of a method. */
enum agreement {
	AGREEMENT_UNKNOWN,      /* one of both is not known, or a temporary error */
	AGREEMENT_NOT_REPORTED, /* the provider says nothing of the method */
	AGREEMENT_AGREE,
	AGREEMENT_DISAGREE,
	AGREEMENT_COUNT
};

/* What a folder is for (RFC 6154 and RFC 8457 special-use, and the inbox of RFC 9051). */
enum folder_role {
	FOLDER_OTHER,
	FOLDER_INBOX,
	FOLDER_SPAM,
	FOLDER_ALL,
	FOLDER_ARCHIVE,
	FOLDER_DRAFTS,
	FOLDER_SENT,
	FOLDER_TRASH,
	FOLDER_FLAGGED,
	FOLDER_IMPORTANT,
	FOLDER_ROLE_COUNT
};

enum placement_kind { PLACEMENT_NONE, PLACEMENT_INBOX, PLACEMENT_SPAM, PLACEMENT_CATEGORY, PLACEMENT_OTHER };

/* How the last hop into the provider was protected, as its Received header says. */
enum hop_tls {
	HOP_TLS_UNKNOWN,
	HOP_TLS_NONE,
	HOP_TLS_1_0,
	HOP_TLS_1_1,
	HOP_TLS_1_2,
	HOP_TLS_1_3,
	HOP_TLS_YES /* version not said */,
	HOP_TLS_COUNT
};

/* Whether the recipients asked for the message: rules differ (one-click unsubscribe, RFC 8058). */
enum stream { STREAM_TRANSACTIONAL, STREAM_MARKETING, STREAM_COUNT };

/* The word of each value; never NULL. */
const char *outcome_name(enum outcome v);
const char *returned_kind_name(enum returned_kind v);
const char *verdict_name(enum verdict v);
const char *auth_result_name(enum auth_result v);
const char *auth_method_name(enum auth_method v);
const char *agreement_name(enum agreement v);
const char *folder_role_name(enum folder_role v);
const char *hop_tls_name(enum hop_tls v);
const char *stream_name(enum stream v);

/* The value of a word (ASCII case folded); false where there is none, then *ret is left alone. */
bool outcome_from(struct span word, enum outcome *ret);
bool returned_kind_from(struct span word, enum returned_kind *ret);
bool auth_result_from(struct span word, enum auth_result *ret);
bool auth_method_from(struct span word, enum auth_method *ret);
/* Whether what is in a folder of this role is in other folders too: \All, \Flagged and \Important show messages of
 * every folder (RFC 6154 section 2, RFC 8457 section 3). */
bool folder_role_is_view(enum folder_role role);

/* How much a message in such a folder outranks a copy of it elsewhere: views least, then the inbox, other folders, and
 * the spam folder. */
int folder_role_rank(enum folder_role role);

bool folder_role_from(struct span word, enum folder_role *ret);
bool hop_tls_from(struct span word, enum hop_tls *ret);
bool stream_from(struct span word, enum stream *ret);

#endif
