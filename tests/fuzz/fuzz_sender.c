/* The sender's address: nothing below the block that follows the boundary hop is ever read. */
#include "harness/mail/sender.h"
#include "tests/fuzz/fuzz.h"

static void check_part(struct span part, const struct header *h, const struct theirs *t)
{
	size_t boundary = t->hops.v[t->boundary].field, field = t->block_end > boundary ? t->block_end - 1 : boundary;
	const char *end = h->fields[field].raw.p + h->fields[field].raw.len;
	const char *last = h->fields[h->count - 1].raw.p + h->fields[h->count - 1].raw.len;
	CHECK(part.len == 0 || !(part.p >= end && part.p < last));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own[] = { "mx.*", "*.outlook.com", NULL };
	static const struct theirs_profile profiles[] = { { .own_hops = own, .authserv_ids = own, .above_only = true },
							  { .own_hops = own, .no_authserv_id = true } };
	struct error err = ERROR_INIT;
	struct header h;
	CHECK(header_parse(&h, span_make((const char *)data, size), &err) == 0);
	for (size_t n = 0; n < 2; n++) {
		struct theirs t;
		struct sender s;
		CHECK(theirs_read(&t, &h, &profiles[n], NULL, &err) == 0);
		sender_find(&h, &t, &s);
		CHECK(t.boundary >= 0 || (!s.has_client && !s.has_helo && !s.has_mail_from));
		CHECK(s.has_helo == (s.helo.len > 0) && (s.has_mail_from || !s.mail_from.p));
		if (t.boundary >= 0) {
			check_part(s.helo, &h, &t);
			check_part(s.mail_from, &h, &t);
		}
		theirs_fini(&t);
	}
	header_fini(&h);
	return 0;
}
