/* The way of a message through its Received fields, and the trust boundary: which part of the header the receiving
 * provider wrote, and which any sender could have written. */
#ifndef MAIL_HOPS_H
#define MAIL_HOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/mail/header.h"
#include "harness/mail/received.h"

/* Received fields beyond this number are left out (hops.capped). */
enum { HOPS_MAX = 200 };

struct hop {
	size_t field; /* index in header.fields */
	struct received received;
	bool has_delay;   /* this hop and the one before it (older) both have a time */
	int64_t delay_ms; /* time since the older hop; negative where clocks disagree */
};

struct hops {
	struct hop *v; /* newest first, as in the header */
	size_t count;
	bool capped;
};

/* Reads every Received field. Borrows the octets of the header's message. -1 only for memory. Free with hops_fini. */
int hops_parse(struct hops *hops, const struct header *h, struct error *err);
void hops_fini(struct hops *hops);

/* Whether `text` fits one of the patterns (NULL-terminated array; NULL is empty). `*` stands for any octets, `?` for
 * one; ASCII case folded; a final dot of text is ignored; a text of more than HOPS_HOST_MAX octets never fits. */
enum { HOPS_HOST_MAX = 1024 };
bool hops_match(struct span text, const char *const *patterns);

/* The trust boundary: index in hops.v of the last hop that is known to be the provider's own, or -1 where the newest
 * one is not. `own` are patterns for the host behind `by`; fields from index `end` on are the sender's, whatever they
 * say.
 *
 * From the newest hop downwards, a hop is the provider's own while its `by` fits. The run ends at the first own hop
 * that took the message from outside, since everything below it came with the message, a Received field that names the
 * provider included. *ret_outside says whether it ended so. It does not where the hop below an inner one is not known,
 * or where there is none: then the boundary hop says nothing of the way into the provider. */
ptrdiff_t hops_boundary(const struct hops *hops, const char *const *own, size_t end, bool *ret_outside);

/* Whether an own hop took the message from inside. It did not where what it says of the client is not understood
 * (from_unclear): whatever could be read there may be the client's own word. Else it did where it is a hop
 * - without any `from`, or from a loopback address;
 * - whose client's reverse name fits `own`, unless the server doubts it, or is localhost at a private address;
 * - without a reverse name, from a private address;
 * - without any address (LMTP, local delivery), whose client calls itself localhost or by a name that fits `own`;
 * - of Exchange, which never writes a reverse name, whose client calls itself by a name that fits `own`. That one is
 * the client's own word: a sender that borrows it moves the boundary down. */
bool hops_from_inside(const struct received *r, const char *const *own);

/* Whether the header field of that index stands above the boundary hop, so that the provider wrote it. A field below
 * it, and every field where there is no boundary, may be the sender's: which of them can be the provider's is for
 * theirs.h. */
bool hops_trusted(const struct hops *hops, ptrdiff_t boundary, size_t field);

#endif
