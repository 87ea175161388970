/* The parts of one standard's reading of one author's domain. For dmarc*.c alone. */
#ifndef AUTH_DMARC_READING_H
#define AUTH_DMARC_READING_H

#include "harness/auth/dmarc_discover.h"
#include "harness/base/error.h"
#include "harness/model/evaluation.h"

/* What all parts of a reading need. */
struct dmarc_context {
	struct dmarc_finder *finder; /* its trail is the reading's */
	const char *author;
	const struct spf_evaluation *spf;
	const struct dkim_evaluation *dkim;
};

/* Alignment of all identifiers, by `record` (RFC 9989 sections 4.4 and 4.10.2, RFC 7489 section 3.1): sets aligned_spf,
 * aligned_dkim, aligned_domain, result and reason of the reading; org_domain is that of the author's domain, and may be
 * NULL, then `failed` is the answer that is missing, or NULL where the author's domain is a public suffix. 0, or -1 for
 * memory. */
int dmarc_align(const struct dmarc_context *context, const struct dmarc_record *record, const char *org_domain,
		const struct dmarc_lookup *failed, struct dmarc_reading *reading, struct error *err);

/* The report addresses of the record at `at`, and whether those outside of its organisation agree (RFC 9990 section 4,
 * RFC 7489 section 7.1). 0, or -1 for memory. */
int dmarc_reports_read(struct dmarc_finder *finder, const struct dmarc_lookup *at, struct dmarc_reading *reading,
		       struct error *err);

#endif
