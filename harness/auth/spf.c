/* SPF: whose record is asked for what (RFC 7208 sections 2.3, 2.4, 4.1 and 4.3), and the result as plain data. */
#include "harness/auth/spf.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/spf_check.h"
#include "harness/auth/spf_target.h"
#include "harness/base/escape.h"
#include "harness/base/text.h"
#include "harness/mail/address.h"

enum { EXPANDED_MAX = 1 << 20 /* octets of a domain while it is expanded */ };

/* Who is checked: parts of the request. */
struct identity {
	enum spf_identity kind;
	struct span local_part; /* `postmaster` where there is none (section 4.3) */
	struct span domain;
	struct span helo;
};

static struct identity identity_of(const struct spf_request *request)
{
	struct span from = address_of_path(request->mail_from), helo = span_sub(request->helo, 0, SPF_IDENTITY_MAX);
	if (from.len == 0)
		return (struct identity){ SPF_HELO, SPAN_LIT("postmaster"), helo, helo };
	size_t at = from.len;
	while (at > 0 && from.p[at - 1] != '@')
		at--;
	struct span local = span_sub(from, 0, at > 0 ? at - 1 : 0);
	return (struct identity){ SPF_MAILFROM, local.len > 0 ? local : SPAN_LIT("postmaster"),
				  span_sub(from, at, from.len), helo };
}

/* Why the identity has no domain to look at (section 4.3), or NULL. What the DNS cannot have is found later. */
static const char *not_checkable(const struct identity *identity)
{
	if (identity->local_part.len > SPF_IDENTITY_MAX)
		return "the envelope sender is longer than any can be";
	if (identity->domain.len == 0)
		return identity->kind == SPF_HELO ? "neither envelope sender nor HELO name"
						  : "the envelope sender has no domain";
	if (identity->domain.p[0] == '[')
		return identity->kind == SPF_HELO ? "the HELO name is an address literal"
						  : "the domain of the envelope sender is an address literal";
	return NULL;
}

/* What is known before anything is asked. */
static int spf_describe(struct spf_evaluation *out, const struct spf_request *request, const struct identity *identity,
			const struct spf_target *domain, struct error *err)
{
	_cleanup_(buf_fini) struct buf sender = BUF_INIT(2 * SPF_IDENTITY_MAX);
	struct span text = span_make(domain->text, domain->len);
	char shown[4 * SPF_DOMAIN_MAX + 1];
	buf_add_span(&sender, span_sub(identity->local_part, 0, SPF_IDENTITY_MAX));
	buf_add_char(&sender, '@');
	buf_add_span(&sender, text);
	if (buf_check(&sender, "the envelope sender", err) < 0)
		return -1;
	out->evaluated = true;
	out->identity = identity->kind;
	out->client = request->client;
	out->source = SENDER_GIVEN;
	escape_text(shown, sizeof(shown), text);
	if (text_set(&out->mail_from, buf_span(&sender), err) < 0 || text_set(&out->helo, identity->helo, err) < 0)
		return -1;
	return text_set(&out->domain, span_of(domain->name[0] ? domain->name : shown), err);
}

static int spf_check_identity(const struct spf_request *request, const struct identity *identity,
			      const struct spf_target *domain, struct resolver *resolver, struct spf_evaluation *out,
			      struct spf_verdict *ret, struct error *err)
{
	struct spf_check check = {
		.resolver = resolver,
		.out = out,
		.values = { .local_part = identity->local_part,
			    .sender_domain = span_make(domain->text, domain->len),
			    .client = request->client,
			    .helo = identity->helo,
			    .receiver = request->receiver ? span_of(request->receiver) : SPAN_LIT("unknown"),
			    .now_ms = request->now_ms },
		.address_type = request->client.v6 ? DNS_AAAA : DNS_A,
		.expanded = BUF_INIT(EXPANDED_MAX),
	};
	size_t step;
	if (spf_step_add(&check, 0, "SPF record", &step, err) < 0)
		return -1;
	int rc = spf_check_host(&check, domain, step, 1, false, ret, err);
	if (rc == 0)
		rc = trail_outcome(spf_step(&check, step), err, "%s", auth_result_name(ret->result));
	buf_fini(&check.expanded);
	return rc;
}

int spf_evaluate(const struct spf_request *request, struct resolver *resolver, struct spf_evaluation *ret,
		 struct error *err)
{
	_cleanup_(spf_evaluation_fini) struct spf_evaluation out = { 0 };
	const struct identity identity = identity_of(request);
	const char *why_not = not_checkable(&identity);
	struct spf_target domain;
	struct spf_verdict verdict = { .result = AUTH_NONE, .section = "RFC 7208 section 4.3" };
	spf_target_set(&domain, identity.domain);
	if (spf_describe(&out, request, &identity, &domain, err) < 0)
		return -1;
	if (!why_not && spf_check_identity(request, &identity, &domain, resolver, &out, &verdict, err) < 0)
		return -1;
	out.result = verdict.result;
	out.section = verdict.section;
	if (text_set(&out.reason, span_of(why_not ? why_not : verdict.reason), err) < 0)
		return -1;
	*ret = out;
	out = (struct spf_evaluation){ 0 };
	return 0;
}
