/* Whether a person reads what comes to the address that replies go to: nothing but a person's word can tell. */
#include "harness/posture/senders/checks.h"

void check_reply(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	const char *address = p->reply_to ? p->reply_to : p->from_address;
	const char *mend =
	    "run `postproof reply start`, read the code in the mailbox, and run `postproof reply confirm CODE`";
	char at[TIME_TEXT_MAX], until[TIME_TEXT_MAX];
	if (!address) {
		check_open_until(check, "reply.confirmed", p->domain,
				 "name by -c a configuration that has the service's From address ([service] from)",
				 "the From address is not known");
		return;
	}
	if (!p->reply) {
		check_open_until(check, "reply.confirmed", address, mend, "no code was sent there yet");
		return;
	}
	time_rfc3339(p->reply->at_ms, at);
	if (!p->reply->confirmed) {
		check_bad(check, "reply.confirmed", address, mend,
			  "a code was sent on %.10s, and nobody has confirmed it", at);
		return;
	}
	bool valid = p->now_ms < p->reply->until_ms;
	check_that(check, valid, "reply.confirmed", address, mend,
		   "%s confirmed on %.10s to have read a code, which %s %.10s",
		   p->reply->who ? p->reply->who : "somebody", at, valid ? "counts until" : "counted until",
		   time_rfc3339(p->reply->until_ms, until));
}
