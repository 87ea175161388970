/* One-click unsubscribe (RFC 8058): what a marketing stream must have. Whoever must not be unsubscribed from (a
 * transactional stream) is left alone. */
#include <string.h>

#include "harness/posture/content/content_checks.h"

enum { ONE_CLICK_MEND_MAX = 400 };

/* Whether one of the URIs between angle brackets is https (RFC 2369 section 2, RFC 8058 section 3.1). */
static bool has_https(struct span value)
{
	struct span part, uri;
	while (span_next(&value, '<', &part)) {
		struct span rest = value;
		if (!span_next(&rest, '>', &uri) || !rest.p)
			return false;
		if (span_starts_nocase(span_trim(uri), SPAN_LIT("https://")))
			return true;
	}
	return false;
}

static void check_fields(struct check *check, const struct content *c)
{
	struct span list = header_value(&c->header, "List-Unsubscribe");
	struct span post = header_value(&c->header, "List-Unsubscribe-Post");
	char mend[DNS_NAME_TEXT_MAX + ONE_CLICK_MEND_MAX];
	snprintf(mend, sizeof(mend),
		 "send both fields, once each: `List-Unsubscribe: <https://%s/unsubscribe/TOKEN>` and "
		 "`List-Unsubscribe-Post: List-Unsubscribe=One-Click`",
		 check_params(check)->domain);
	bool good = content_count_fields(c, "List-Unsubscribe") == 1 &&
		    content_count_fields(c, "List-Unsubscribe-Post") == 1 && has_https(list) &&
		    span_is_nocase(span_trim(post), "List-Unsubscribe=One-Click");
	check_that(check, good, "content.one-click", content_name(c), mend,
		   "List-Unsubscribe: %.*s; List-Unsubscribe-Post: %.*s", SPAN_ARG(list), SPAN_ARG(post));
}

static bool signs(const struct dkim_signature *s, const char *field)
{
	struct span rest = span_of(s->signed_fields), name;
	while (span_next(&rest, ':', &name))
		if (span_is_nocase(name, field))
			return true;
	return false;
}

/* RFC 8058 section 3.1: one valid signature that covers both fields. */
static enum finding_state is_signed(const struct evaluation *e)
{
	enum finding_state state = FINDING_BAD;
	for (size_t i = 0; i < e->dkim.count; i++) {
		const struct dkim_signature *s = &e->dkim.signatures[i];
		if (!signs(s, "List-Unsubscribe") || !signs(s, "List-Unsubscribe-Post"))
			continue;
		if (s->result == AUTH_PASS)
			return FINDING_GOOD;
		if (s->result == AUTH_UNKNOWN || s->result == AUTH_TEMPERROR)
			state = FINDING_OPEN;
	}
	return state;
}

static void check_signed(struct check *check, const struct content *c)
{
	static const char id[] = "content.one-click-signed";
	const struct posture_params *p = check_params(check);
	size_t counts[] = { 0, 0, 0 };
	for (size_t i = 0; p->evaluation_messages && i < p->evaluation_count; i++)
		if (strcmp(p->evaluation_messages[i], content_name(c)) == 0)
			counts[is_signed(p->evaluations[i])]++;
	size_t good = counts[FINDING_GOOD], bad = counts[FINDING_BAD], unknown = counts[FINDING_OPEN];
	if (good + bad + unknown == 0)
		check_open_until(check, id, content_name(c), "send it once: `postproof run`",
				 "no run has found this message yet, and only what is sent is signed");
	else if (bad == 0 && unknown > 0)
		check_open(check, id, content_name(c),
			   "of %zu messages that were found, the signatures of %zu could not be verified",
			   good + unknown, unknown);
	else
		check_that(
		    check, bad == 0, id, content_name(c),
		    "sign both fields: add List-Unsubscribe:List-Unsubscribe-Post to the h= of the signing server",
		    "a valid DKIM signature covers both fields in %zu of %zu messages that were found", good,
		    good + bad + unknown);
}

void content_check_unsubscribe(struct check *check, const struct content *c)
{
	if (c->message->stream != STREAM_MARKETING)
		return;
	check_fields(check, c);
	check_signed(check, c);
}
