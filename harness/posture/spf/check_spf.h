/* The parts of the look at one domain's SPF. For check_spf*.c alone. */
#ifndef SPF_CHECK_SPF_H
#define SPF_CHECK_SPF_H

#include "harness/posture/spf/spf_edit.h"
#include "harness/posture/spf/spf_tree.h"

struct spf_posture {
	struct check *check;
	struct check_resolver dns;
	const char *domain; /* the subject */
	struct spf_tree tree;
};

/* Of a root that has a record: what terms say (spf.syntax, spf.all, spf.all-plus, spf.ptr), where they lead
 * (spf.lookups, spf.void-lookups, spf.includes), how the record is published (spf.strings, spf.size, spf.size-512). */
void spf_posture_terms(const struct spf_posture *posture);
void spf_posture_tree(const struct spf_posture *posture);
void spf_posture_strings(const struct spf_posture *posture);

#endif
