/* The parts of the look at DMARC. For check_dmarc*.c alone. */
#ifndef DMARC_CHECK_DMARC_H
#define DMARC_CHECK_DMARC_H

#include "harness/auth/dmarc_record.h"
#include "harness/model/evaluation.h"
#include "harness/posture/engine/check_resolver.h"
#include "harness/posture/dmarc/dmarc_edit.h"

struct dmarc_posture {
	struct check *check;
	struct check_resolver dns;
	const char *author;                                /* the From domain, which is the subject */
	const char *envelope;                              /* domain of the envelope sender */
	struct dmarc_evaluation evaluation;                /* of a message whose SPF passes for the envelope's domain */
	const struct dmarc_reading *found;                 /* a reading that has a record; NULL */
	struct dmarc_record records[DMARC_STANDARD_COUNT]; /* that one, by each grammar */
};

/* Of a look that has a record: dmarc.syntax, dmarc.readings and what the policy says; then dmarc.alignment, dmarc.rua,
 * dmarc.rua-authorised. */
void dmarc_posture_policy(const struct dmarc_posture *posture);
void dmarc_posture_identifiers(const struct dmarc_posture *posture);

#endif
