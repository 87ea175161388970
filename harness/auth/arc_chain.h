/* The ARC sets of a message (RFC 8617 section 4): which fields belong together, and whether their structure is that of
 * a chain. */
#ifndef AUTH_ARC_CHAIN_H
#define AUTH_ARC_CHAIN_H

#include "harness/mail/header.h"

/* RFC 8617 section 4.2.1. */
enum { ARC_SETS_MAX = 50, ARC_PROBLEM_MAX = 160 };

enum arc_part { ARC_PART_RESULTS, ARC_PART_MESSAGE, ARC_PART_SEAL, ARC_PARTS };

struct arc_chain {
	const struct header_field *sets[ARC_SETS_MAX][ARC_PARTS]; /* [0] is instance 1 */
	unsigned count;                                           /* the highest instance */
	bool capped;                   /* there are fields or tags that were not read: nothing is known of the chain */
	char problem[ARC_PROBLEM_MAX]; /* what is wrong, in words; "" where nothing is */
	const char *section;           /* of the problem */
};

/* Reads the chain: without any ARC field it has no set and no problem. Signatures are not looked at. */
void arc_chain_read(const struct header *h, struct arc_chain *ret);

const char *arc_part_name(enum arc_part part); /* "ARC-Seal" */

#endif
