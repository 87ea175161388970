/* Found messages. Believes nothing of the header that the provider did not write itself. */
#include "harness/assess/assess_message.h"

#include <string.h>

#include "harness/auth/evaluate.h"
#include "harness/mail/address.h"
#include "harness/mail/sender.h"
#include "providers/profile.h"

int assess_message_read(struct assess_message *ret, const struct probe *probe, const struct observation *o,
			const struct profile *profile, struct error *err)
{
	*ret = (struct assess_message){ 0 };
	ret->mail_from = probe->mail_from;
	ret->patterns = (struct theirs_profile){
		.own_hops = profile ? (const char *const *)profile->received_by : NULL,
		.authserv_ids = profile ? (const char *const *)profile->authserv_ids : NULL,
		.no_authserv_id = profile && profile->no_authserv_id,
		.above_only = profile && profile->results_stand == PROFILE_RESULTS_ABOVE,
	};
	if (header_parse(&ret->header, span_make(o->header, o->header_len), err) == 0 &&
	    header_parse(&ret->sent, span_make(probe->composed, probe->composed_len), err) == 0 &&
	    theirs_read(&ret->theirs, &ret->header, &ret->patterns, &ret->sent, err) == 0)
		return 0;
	header_fini(&ret->sent);
	header_fini(&ret->header);
	return -1;
}

void assess_message_fini(struct assess_message *message)
{
	theirs_fini(&message->theirs);
	header_fini(&message->sent);
	header_fini(&message->header);
}

void assess_message_take_sealed(struct assess_message *message, const struct arc_evaluation *arc,
				const struct profile *profile)
{
	if (profile && arc->sealed_by && hops_match(span_of(arc->sealed_by), (const char *const *)profile->arc_domains))
		theirs_take_sealed(&message->theirs, arc->instances);
}

/* The HELO name stands in for a null reverse-path alone (RFC 7208 section 2.4), not for one that the header does not
 * tell. Microsoft writes a domain without its local part, which macros may ask for. */
static void assess_complete_sender(struct sender *s, const char *mail_from)
{
	bool domain_alone = s->mail_from.len > 0 && span_find_char(s->mail_from, '@', 0) < 0;
	if (!mail_from)
		return;
	if (!s->has_mail_from || (domain_alone && span_eq_nocase(s->mail_from, address_domain(mail_from)))) {
		s->mail_from = span_of(mail_from);
		s->has_mail_from = true;
	}
}

/* When the message had arrived: a folder that is not watched is read at the end only, and there the server's own note
 * of the arrival is nearer to the truth. */
static int64_t assess_arrived_ms(const struct observation *o)
{
	bool dated = strcmp(o->found_by, "sweep") == 0 && o->internal_ms && o->internal_ms <= o->at_ms;
	return dated ? o->internal_ms : o->at_ms;
}

int assess_message_evaluate(const struct assess_message *message, const struct observation *o, struct span body,
			    struct resolver *resolver, struct dkim_keys *keys, struct evaluation *ret,
			    struct error *err)
{
	struct sender sender;
	struct evaluate_request request = {
		.message = { &message->header, body, o->truncated },
		.now_ms = assess_arrived_ms(o),
	};
	sender_find(&message->header, &message->theirs, &sender);
	assess_complete_sender(&sender, message->mail_from);
	request.has_sender = sender.has_client && sender.has_mail_from;
	if (request.has_sender) {
		request.sender =
		    (struct spf_request){ .client = sender.client, .helo = sender.helo, .mail_from = sender.mail_from };
		request.source = sender.client_source;
	}
	return auth_evaluate(&request, resolver, keys, ret, err);
}

const struct observation *assess_first_seen(const struct probe *probe)
{
	for (size_t i = 0; i < probe->observation_count; i++)
		if (!probe->observations[i].gone && probe->observations[i].header)
			return &probe->observations[i];
	return NULL;
}

const struct observation *assess_first_sight(const struct probe *probe)
{
	const struct observation *seen = assess_first_seen(probe);
	for (size_t i = 0; i < probe->observation_count && !seen; i++)
		if (!probe->observations[i].gone)
			seen = &probe->observations[i];
	return seen;
}
