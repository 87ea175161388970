/* One found message: what its header says behind the trust boundary, and our own evaluation of it. */
#ifndef ASSESS_ASSESS_MESSAGE_H
#define ASSESS_ASSESS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/auth/dkim.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/dns/resolver.h"
#include "harness/mail/header.h"
#include "harness/mail/theirs.h"
#include "harness/model/evaluation.h"
#include "harness/model/facts.h"

struct profile; /* providers/profile.h */

struct assess_message {
	struct theirs_profile patterns; /* borrowed from the profile */
	struct header header;
	struct header sent;    /* of the message as it was sent; empty where that is not known */
	const char *mail_from; /* envelope sender that the run used, borrowed; NULL where that is not known */
	struct theirs theirs;
};

/* Reads the header of an observation of the probe, which must outlive the result, as must the profile. profile: of its
 * provider, or NULL. Errors: memory. Free with assess_message_fini. */
int assess_message_read(struct assess_message *ret, const struct probe *probe, const struct observation *o,
			const struct profile *profile, struct error *err);
void assess_message_fini(struct assess_message *message);

/* Evaluates it: SPF by the hop that brought it to the provider, at the time when it arrived, of the envelope sender
 * that the provider wrote down, else that of the run. `body` as stored, cut
 * where the observation says so. Errors: those of the resolver, memory. Free with evaluation_fini. */
int assess_message_evaluate(const struct assess_message *message, const struct observation *o, struct span body,
			    struct resolver *resolver, struct dkim_keys *keys, struct evaluation *ret,
			    struct error *err);

/* Takes what the provider's own ARC set says (theirs_take_sealed), where it has been verified under one of the
 * profile's arc_domains. */
void assess_message_take_sealed(struct assess_message *message, const struct arc_evaluation *arc,
				const struct profile *profile);

/* The observation whose message counts: of the first sight, since a later place holds the same one; NULL where its
 * octets were never read. */
const struct observation *assess_first_seen(const struct probe *probe);

/* The same; where the server has shown the message but has not handed it over, the first sight, without a header. NULL
 * where it was never found. */
const struct observation *assess_first_sight(const struct probe *probe);

#endif
