/* A DMARC record as it should be published instead of the one that is. */
#ifndef DMARC_DMARC_EDIT_H
#define DMARC_DMARC_EDIT_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"
#include "harness/model/evaluation.h"

/* What a tag is to be; value NULL: it goes. */
struct dmarc_edit {
	struct span tag;
	const char *value;
};

/* Octets of a record that are looked at: more than fit into a mend. */
enum { DMARC_EDIT_MAX = 4000 };

/* Adds the record with these edits, in the order `v`, `p`, others as they were, new ones. What is no tag is left out;
 * of two of one name the second. */
void dmarc_edit(struct span record, const struct dmarc_edit *edits, size_t count, struct buf *out);

/* A mend: `words`, a colon, and the record of the reading, which has one, after the edits. */
enum { DMARC_WORDS_MAX = 3500 };
void dmarc_mend_edit(const struct dmarc_reading *found, const char *words, const struct dmarc_edit *edits, size_t count,
		     struct buf *mend);

#endif
