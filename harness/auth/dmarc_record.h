/* One DMARC policy record as data, by the grammar of RFC 9989 section 4.8 or of RFC 7489 section 6.4. What a record
 * means for a message is for dmarc.c. Pure, linear. */
#ifndef AUTH_DMARC_RECORD_H
#define AUTH_DMARC_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/auth/dmarc_uri.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/evaluation.h"

/* Report addresses of rua= and ruf= together, and problems, beyond these are left out. Each address outside of the
 * organisation costs a question to the DNS. */
enum { DMARC_URIS_MAX = 20, DMARC_PROBLEMS_MAX = 32 };

/* Where a record departs from its grammar. What is there is passed over, as both standards demand. */
struct dmarc_problem {
	size_t offset;       /* in the record, of the tag */
	struct span tag;     /* its name as written; empty where there is none */
	const char *what;    /* what is wrong, in words: "the value is not none, quarantine or reject" */
	const char *section; /* "RFC 7489 section 6.3" */
};

/* psd= (RFC 9989 section 4.7): a public suffix domain, an organisational domain, or not said. */
enum dmarc_psd { DMARC_PSD_U, DMARC_PSD_Y, DMARC_PSD_N };

/* fo=, as bits. */
enum dmarc_fo { DMARC_FO_0 = 1, DMARC_FO_1 = 2, DMARC_FO_D = 4, DMARC_FO_S = 8 };

/* Spans point into the text that was parsed. Tags that are absent or not valid have their default. */
struct dmarc_record {
	enum dmarc_policy p, sp, np; /* ABSENT: absent or not valid; after the rule on `usable` */
	/* False where no policy can be taken from it: p is absent or not valid, or sp or np (RFC 9989) is not valid,
	 * and there is no rua with a valid address. With such a rua it is as if p=none had been said alone (RFC 9989
	 * section 4.10.1, RFC 7489 section 6.6.3 step 6): p_assumed, and sp and np are absent. */
	bool usable;
	bool p_assumed;
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	enum dmarc_psd psd;           /* RFC 9989 */
	bool testing;                 /* t=y, RFC 9989 */
	unsigned pct;                 /* RFC 7489; else 100 */
	uint32_t interval;            /* ri=, seconds, RFC 7489; else 86,400 */
	struct span formats;          /* rf=, RFC 7489; else `afrf` */
	unsigned failure_options;     /* fo=: enum dmarc_fo */
	struct dmarc_uri *uris;
	size_t uri_count;
	bool uris_cut; /* there were more than DMARC_URIS_MAX */
	struct dmarc_problem problems[DMARC_PROBLEMS_MAX];
	size_t problem_count;
};

/* Reads the joined strings of a TXT record. 1; 0 where it is no DMARC record of this version, which is to be passed
 * over (it does not begin with `v=DMARC1`: the value's case matters), *ret is left alone then; -1 only for memory. Free
 * with dmarc_record_fini. Any thread. */
int dmarc_record_parse(struct span text, enum dmarc_standard standard, struct dmarc_record *ret, struct error *err);
void dmarc_record_fini(struct dmarc_record *record);

#endif
