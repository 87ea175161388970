/* The provider's word on a message: nothing at the boundary hop, and nothing below the block that directly follows it,
 * is ever trusted; nor what the message held as it was sent. */
#include "harness/mail/theirs.h"
#include "harness/base/compiler.h"
#include "tests/fuzz/fuzz.h"

/* Reckoned anew, the slow way. */
static bool is_provider_part(const struct theirs *t, const struct header *h, const struct theirs_profile *profile,
			     size_t field)
{
	static const char *const ends[] = { "Received", "X-Received", "DKIM-Signature", "From", "Subject", "To" };
	if (t->boundary < 0)
		return false;
	size_t boundary = t->hops.v[t->boundary].field;
	if (field <= boundary)
		return field < boundary;
	for (size_t i = boundary + 1; i <= field; i++)
		for (size_t k = 0; k < ARRAY_LEN(ends); k++)
			if (span_is_nocase(h->fields[i].name, ends[k]))
				return false;
	return t->outside && !profile->above_only;
}

static void check(const struct theirs *t, const struct header *h, const struct theirs_profile *profile)
{
	CHECK(t->boundary < (ptrdiff_t)t->hops.count && (t->boundary >= 0 || !t->outside));
	for (size_t i = 0; i < t->header_count; i++)
		CHECK(!t->headers[i].trusted || is_provider_part(t, h, profile, t->headers[i].field));
	CHECK(t->boundary >= 0 || (!t->spf_method && !t->dkim_method && !t->dmarc_method && t->received_spf < 0));
	CHECK(t->received_spf < 0 || (!t->spf_method && is_provider_part(t, h, profile, (size_t)t->received_spf)));
	CHECK(t->outside || (t->tls == HOP_TLS_UNKNOWN && t->trouble != THEIRS_NO_TROUBLE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own[] = { "mx.*", "*.outlook.com", NULL };
	static const struct theirs_profile profiles[] = {
		{ .own_hops = own, .authserv_ids = own },
		{ .own_hops = own, .authserv_ids = own, .above_only = true },
		{ .own_hops = own, .no_authserv_id = true },
	};
	struct error err = ERROR_INIT;
	struct header h, sent;
	CHECK(header_parse(&h, span_make((const char *)data, size), &err) == 0);
	/* Its second half is what was sent. */
	CHECK(header_parse(&sent, span_make((const char *)data + size / 2, size - size / 2), &err) == 0);
	for (size_t n = 0; n < 2 * ARRAY_LEN(profiles); n++) {
		const struct theirs_profile *profile = &profiles[n / 2];
		struct theirs t;
		CHECK(theirs_read(&t, &h, profile, n % 2 ? &sent : NULL, &err) == 0);
		check(&t, &h, profile);
		if (theirs_take_sealed(&t, 1))
			CHECK(t.headers[t.sealed].results.arc &&
			      (t.boundary < 0 || is_provider_part(&t, &h, profile, t.headers[t.sealed].field)));
		theirs_fini(&t);
	}
	header_fini(&sent);
	header_fini(&h);
	return 0;
}
