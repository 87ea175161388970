/* An SPF record as it should be published instead of the one that is. */
#ifndef SPF_SPF_EDIT_H
#define SPF_SPF_EDIT_H

#include "harness/auth/spf_record.h"
#include "harness/base/buf.h"
#include "harness/posture/engine/posture.h"
#include "harness/posture/spf/spf_tree.h"

struct spf_edit {
	const char *const *without; /* terms, as written */
	size_t without_count;
	bool without_ptr;
	const char *all; /* in the place of its `all`, or at its end; NULL: as it is, `~all` where it has none */
	const struct posture_sender *senders; /* whose addresses are added where no ip4 or ip6 lets them pass */
	size_t sender_count;
};

/* Adds the record. Terms that break the syntax, or stand behind `all`, are left out. `record` may be "v=spf1". */
void spf_edit(struct span record, const struct spf_edit *edit, struct buf *out);

/* Adds a record for a domain that has none: its senders, or its MX where no sender is known. */
void spf_edit_new(const struct posture_params *params, struct buf *out);

/* A mend under construction: `words`, a colon, and the node's record after the edit. */
enum { SPF_WORDS_MAX = 3500 };
void spf_mend_edit(struct buf *mend, const char *words, const struct spf_node *node, const struct spf_edit *edit);

#endif
