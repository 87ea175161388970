/* One SPF evaluation in progress (RFC 7208 section 4): its state, the questions of a term with their steps in the
 * trail, and the ways to end it. For harness/auth/spf*.c only; spf.h is for everybody else. */
#ifndef AUTH_SPF_ASK_H
#define AUTH_SPF_ASK_H

#include "harness/auth/spf_macro.h"
#include "harness/auth/spf_record.h"
#include "harness/base/buf.h"
#include "harness/dns/name.h"
#include "harness/dns/resolver.h"
#include "harness/model/evaluation.h"

enum {
	SPF_LOOKUPS_MAX = 10, /* RFC 7208 section 4.6.4, as the two below */
	SPF_VOID_MAX = 2,
	SPF_NAMES_MAX = 10,   /* of MX and of PTR records */
	SPF_DOMAIN_MAX = 253, /* octets of a domain in text */
	SPF_SHOWN_MAX = 200,  /* octets of a term that are shown in reasons and in the trail */
	SPF_IDENTITY_MAX =
	    1024, /* octets of an envelope sender or a HELO name; RFC 5321 section 4.5.3.1 has far less */
};

/* A domain: as macros see it, and as the DNS is asked. */
struct spf_target {
	char text[SPF_DOMAIN_MAX + 1];
	size_t len;
	char name[DNS_NAME_TEXT_MAX]; /* "" where the DNS cannot have it */
};

/* What check_host returns. */
struct spf_verdict {
	enum auth_result result;
	const char *section;
	char reason[ERROR_TEXT_MAX];
};

/* What became of a term. SPF_STOP: it ends the evaluation, and the verdict says how. */
enum spf_outcome { SPF_NO_MATCH, SPF_MATCH, SPF_STOP };

/* Validated domain names of the client (section 5.5). They are asked for once. */
struct spf_validated {
	bool asked;
	unsigned void_lookups;             /* how many of the questions were */
	char void_name[DNS_NAME_TEXT_MAX]; /* of the last of them */
	char missed[DNS_NAME_TEXT_MAX];    /* the name that the snapshot has no answer for; "" where it has all */
	size_t count;
	char names[SPF_NAMES_MAX][DNS_NAME_TEXT_MAX];
};

struct spf_check {
	struct resolver *resolver;
	struct spf_evaluation *out;
	struct spf_macro_values values; /* `domain` and `validated` are set for each expansion */
	enum dns_type address_type;     /* A or AAAA, as the client */
	struct buf expanded;
	struct spf_validated validated;
};

/* One record: the domain's own, one that is included, or one that is redirected to. */
struct spf_frame {
	struct spf_check *check;
	const struct spf_target *domain;
	unsigned depth; /* of its terms in the trail */
	bool included;  /* so its explanation does not count (section 6.2) */
	struct spf_verdict *verdict;
};

/* A term that is being evaluated. `step` is its index in the trail, TRAIL_STEPS_MAX where that is cut. */
struct spf_current {
	struct spf_frame *frame;
	const struct spf_term *term;
	size_t step;
};

/* Fills the verdict of the frame. Returns SPF_STOP. */
enum spf_outcome spf_stop(struct spf_frame *f, enum auth_result result, const char *section, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* The same where the question has no answer: temperror, or unknown where the snapshot does not hold it. */
enum spf_outcome spf_stop_unanswered(struct spf_frame *f, const char *section, const struct dns_question *question,
				     const struct dns_answer *answer);

/* Unknown, because the names of the client are not all known. Returns SPF_STOP. */
enum spf_outcome spf_stop_missed(struct spf_frame *f);

/* Counts a void lookup of the current term, that step `step` made; `name` is what was asked for. SPF_NO_MATCH, or
 * SPF_STOP where it is one too many. */
enum spf_outcome spf_count_void(struct spf_current *c, size_t step, const char *name);

/* Adds a step without a question; *ret is its index. */
int spf_step_add(struct spf_check *check, unsigned depth, const char *what, size_t *ret, struct error *err);

/* The step, or NULL where the trail was cut before it. Valid until the next is added. */
struct trail_step *spf_step(struct spf_check *check, size_t step);

/* Asks, and notes it at the step. */
int spf_ask(struct spf_check *check, size_t step, const struct dns_question *question, struct dns_answer *ret,
	    struct error *err);

/* Asks for the addresses of count (at most SPF_NAMES_MAX) names side by side. Each question is a step at `depth`;
 * *ret_step is the index of the first, the others follow. Answers are the caller's. */
int spf_ask_addresses(struct spf_check *check, const char (*names)[DNS_NAME_TEXT_MAX], size_t count, unsigned depth,
		      struct dns_answer *ret_answers, size_t *ret_step, struct error *err);

/* Whether a record of the answer is, in its first `bits` bits, the client's address; *ret is the first that is. */
bool spf_addresses_match(const struct spf_check *check, const struct dns_answer *answer, unsigned bits, struct ip *ret);

#endif
