/* The key record of one selector, as it is and as it was meant. For check_dkim*.c alone. */
#ifndef DKIM_CHECK_DKIM_H
#define DKIM_CHECK_DKIM_H

#include "harness/auth/dkim_key.h"
#include "harness/base/buf.h"
#include "harness/dns/name.h"
#include "harness/posture/engine/check.h"

enum { DKIM_RECORD_MAX = 65535, DKIM_TYPE_MAX = 32 };

struct dkim_posture {
	struct check *check;
	const char *selector;
	char domain[DNS_NAME_TEXT_MAX];
	char name[2 * DNS_NAME_TEXT_MAX];
	char subject[2 * DNS_NAME_TEXT_MAX];
	const struct dns_answer *answer; /* borrowed */
	struct buf text;                 /* of the key record; with faults that are findings of their own mended */
	bool pasted;                     /* quotes or backslashes, which belong to zone files, were in it */
	struct dkim_key key;
	bool unknown_type; /* `type`, of k=, is none that is known */
	char type[DKIM_TYPE_MAX];
	bool known, usable; /* there was an answer; the key verifies signatures of mail */
};

/* Reads the answer, which must outlive the look. A key that was parted among several TXT records is put together again.
 * A failure of memory is remembered in the check. End with dkim_look_fini. */
void dkim_posture_read(struct dkim_posture *posture, const struct dns_answer *answer);
void dkim_posture_fini(struct dkim_posture *posture);

/* Whether the record keeps to its grammar. */
bool dkim_posture_readable(const struct dkim_posture *posture);

/* Adds the record to publish: with a place for the key; the one that is there, without some tags (`k,s`; of `t` only
 * without its `y`). */
void dkim_posture_template(const struct dkim_posture *posture, struct buf *out);
void dkim_posture_publish(const struct dkim_posture *posture, const char *without, struct buf *out);

#endif
