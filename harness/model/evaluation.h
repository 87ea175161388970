/* What our own evaluators (harness/auth) say of a message: results with their reasons and evidence, as plain data for
 * the judge and the reports.
 *
 * Results are the words of RFC 8601 section 2.7, or AUTH_UNKNOWN where something that the result depends on is not
 * known (a snapshot does not hold the answer, the stored body is cut): never a guess. Every text is owned by the
 * structure that holds it, is escaped (one line, valid UTF-8) where it is marked "in words", and holds octets as in the
 * message or the record elsewhere; NULL where there is nothing to say. */
#ifndef MODEL_EVALUATION_H
#define MODEL_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/ip.h"
#include "harness/model/dns.h"
#include "harness/model/words.h"

/* One step of an evaluation, in the order in which it was taken. The steps are a tree: a step with depth d belongs to
 * the last one before it with depth d - 1. Of SPF, the first step is the question for the domain's own record; the
 * terms of a record stand below what led to it (that step, an include, a redirect), and the questions that a term needs
 * besides its own below the term. */
struct trail_step {
	unsigned depth;
	char
	    *what; /* `include:_spf.example.net`, `policy record`, `key of selector s1`: what was evaluated or wanted */
	char *name; /* of the question that was asked; NULL where the step asked none, the three below are 0 then */
	enum dns_type type;
	enum dns_state state;
	int rcode;
	size_t records;
	uint32_t ttl;
	unsigned
	    lookup; /* SPF: the step is the n-th term that costs a lookup (RFC 7208 section 4.6.4), from 1; else 0 */
	bool void_lookup; /* SPF: it counts against the limit of void lookups */
	char *outcome;    /* in words: `matches 192.0.2.0/24`, `no such name`, `1 record` */
};

struct trail {
	struct trail_step *steps;
	size_t count;
	size_t cap;
	bool cut; /* there were more than TRAIL_STEPS_MAX */
};

enum { TRAIL_STEPS_MAX = 2000 };

/* Adds a step with copies of its texts and returns it through *ret (valid until the next step; NULL where the trail is
 * cut). `answer` NULL: the step asks nothing; else the question's state, rcode, records and ttl are taken from it.
 * Errors: memory. */
int trail_add(struct trail *trail, unsigned depth, const char *what, const struct dns_question *question,
	      const struct dns_answer *answer, struct trail_step **ret, struct error *err);

/* Notes the question that the step asked after it was added, with its answer; a no-op on a NULL step. Errors: memory.
 */
int trail_asked(struct trail_step *step, const struct dns_question *question, const struct dns_answer *answer,
		struct error *err);

/* Sets the step's outcome, in words; a no-op on a NULL step. Errors: memory. */
int trail_outcome(struct trail_step *step, struct error *err, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Adds one more step that says what is wrong, `answer` in words: "no such name", "timed out after 5 s". Never NULL. */
const char *dns_answer_words(const struct dns_answer *answer, char *out, size_t size);

void trail_fini(struct trail *trail);

/* RFC 7208 section 2.3, 2.4. */
enum spf_identity { SPF_MAILFROM, SPF_HELO };

/* Where the client's address, its HELO name and the envelope sender were learnt from. */
enum sender_source {
	SENDER_GIVEN,        /* the user said so */
	SENDER_RECEIVED,     /* the provider's own Received field */
	SENDER_RECEIVED_SPF, /* its Received-SPF field */
	SENDER_AUTHRES,      /* a comment or property of its Authentication-Results */
};

struct spf_evaluation {
	bool evaluated; /* false: the client's address is not known; all else but `reason` is empty */
	enum auth_result result;
	char *reason;        /* in words: the first cause, `matches ip4:192.0.2.0/24`, `11th DNS lookup at include:x` */
	const char *section; /* "RFC 7208 section 4.6.4": where the result is demanded; NULL or a constant */
	char *explanation;   /* of a fail (RFC 7208 section 6.2): US-ASCII from the sender's domain; NULL where there is
				none */
	enum spf_identity identity;
	char *domain;                   /* that the record was looked for at */
	char *mechanism;                /* that matched, as written in the domain's own record or in the one that this
					   redirects to; NULL where none did */
	char *record;                   /* the domain's own record; NULL where there is none */
	unsigned lookups, void_lookups; /* also when the result is an error */
	struct ip client;
	char *helo;
	char *mail_from; /* as evaluated: `postmaster@HELO` where the envelope sender is empty */
	enum sender_source source;
	struct trail trail;
};

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

/* One DKIM-Signature field (RFC 6376), or the ARC counterpart of it (RFC 8617). */
struct dkim_signature {
	char *domain;      /* d=, as harness/model/dns.h writes names; NULL where it is none, as all below */
	char *selector;    /* s=, as written */
	char *identity;    /* i=, or its default */
	char *algorithm;   /* a=, as written, in lower case: `rsa-sha256` */
	unsigned key_bits; /* size of the public key in bits, 256 for Ed25519; 0 where there is none */
	enum auth_result result;
	char *reason;        /* in words: the first cause; set for every result */
	const char *section; /* where the RFC demands it; NULL or a constant */
	bool testing;        /* the key says t=y */
	bool weak_key;       /* RSA with less than 2,048 bits (RFC 8301 section 3.2) */
	enum dkim_canon header_canon, body_canon;
	char *signed_fields; /* h=, without white space */
	int64_t body_length; /* l=; -1 where absent */
	int64_t timestamp;   /* t=, seconds; -1 where absent */
	int64_t expiry;      /* x=, seconds; -1 where absent */
	char *copied_fields; /* z=, as written without white space */
	char *key_name;      /* name of the key record */
	uint32_t key_ttl;
};

struct dkim_evaluation {
	struct dkim_signature *signatures; /* top first */
	size_t count;
	const char *unread;      /* in words, a constant: why not every signature was verified; NULL where all were */
	enum auth_result result; /* the best of them; AUTH_NONE where there is no signature. Where some are unread and
				    none passes: AUTH_UNKNOWN */
	struct trail trail;
};

enum { DKIM_SIGNATURES_MAX = 50 };

struct arc_evaluation {
	enum auth_result
	    result;         /* AUTH_NONE, AUTH_PASS, AUTH_FAIL (RFC 8617 section 4.4), AUTH_TEMPERROR, AUTH_UNKNOWN */
	unsigned instances; /* highest instance; 0 where there is no set */
	char *reason;       /* in words */
	const char *section;
	char *sealed_by; /* d= of the newest seal, where the result is PASS; else NULL */
	unsigned
	    oldest_pass; /* RFC 8617 section 5.2 step 4; 0: every message signature passes, or none was validated */
	struct trail trail;
};

/* How the organisational domain and the record were found. */
enum dmarc_standard { DMARC_RFC9989, DMARC_RFC7489, DMARC_STANDARD_COUNT };

enum dmarc_policy { DMARC_POLICY_ABSENT, DMARC_POLICY_NONE, DMARC_POLICY_QUARANTINE, DMARC_POLICY_REJECT };

/* A report address of rua= or ruf=. */
struct dmarc_report {
	bool failure;  /* of ruf= */
	char *uri;     /* as written, without its size limit */
	char *domain;  /* of the address; NULL where it is no mailto: */
	bool external; /* outside of the organisational domain of the record (RFC 9990 section 4, RFC 7489 section 7.1)
			*/
	enum auth_result authorised; /* PASS: not external, or the destination says yes; FAIL; TEMPERROR; UNKNOWN */
};

/* The reading of one standard. */
struct dmarc_reading {
	enum auth_result result; /* PASS, FAIL, NONE (no record), TEMPERROR, PERMERROR, UNKNOWN */
	char *reason;            /* in words */
	const char *section;
	enum dmarc_policy policy;    /* that applies to the author's domain: of p, sp or np; ABSENT without a record */
	enum dmarc_policy effective; /* after t=y (RFC 9989); as `policy` in RFC 7489 */
	const char *policy_tag;      /* "p", "sp", "np": where policy was taken from */
	unsigned pct;                /* 100 where absent, and in RFC 9989 */
	bool testing;                /* t=y (RFC 9989) */
	char *record_domain;         /* domain at whose _dmarc the record stands; NULL without a record */
	char *record;                /* its text */
	char *org_domain; /* organisational domain of the author's domain; NULL where it could not be found */
	bool strict_spf, strict_dkim;
	bool aligned_spf, aligned_dkim; /* an identifier that passes its method is aligned */
	char *aligned_domain;           /* the identifier that made it pass, DKIM's before SPF's; NULL where none did */
	struct dmarc_report *reports;
	size_t report_count;
	struct trail trail;
};

struct dmarc_evaluation {
	char *from_domain; /* author's domain, of several the one that decides by RFC 7489; NULL where the message has
			      none that counts */
	char *from_deviation; /* in words: what of From is not as RFC 5322 has it, though its addresses could be read as
				 receivers do; NULL where nothing is */
	unsigned from_count;  /* distinct domains of From (RFC 9989 section 5.3.1 on multiple From domains) */
	struct dmarc_reading readings[DMARC_STANDARD_COUNT];
	char *difference; /* in words, where the readings differ in result, policy or record; NULL where not */
};

/* All of it, for one message. */
struct evaluation {
	struct spf_evaluation spf;
	struct dkim_evaluation dkim;
	struct arc_evaluation arc;
	struct dmarc_evaluation dmarc;
};

const char *spf_identity_name(enum spf_identity v); /* "mailfrom", "helo" */
const char *sender_source_name(
    enum sender_source v);                          /* "given", "received", "received-spf", "authentication-results" */
const char *dmarc_policy_name(enum dmarc_policy v); /* "", "none", "quarantine", "reject" */
const char *dmarc_standard_name(enum dmarc_standard v); /* "RFC 9989", "RFC 7489" */

/* Free what the structure owns and leave it zeroed; NULL is allowed. */
void spf_evaluation_fini(struct spf_evaluation *e);
void dkim_signature_fini(struct dkim_signature *s);
void dkim_evaluation_fini(struct dkim_evaluation *e);
void arc_evaluation_fini(struct arc_evaluation *e);
void dmarc_reading_fini(struct dmarc_reading *r);
void dmarc_evaluation_fini(struct dmarc_evaluation *e);
void evaluation_fini(struct evaluation *e);

#endif
