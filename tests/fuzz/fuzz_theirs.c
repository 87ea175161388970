/* The provider's word on a message: nothing at or below the boundary hop is ever trusted. */
#include "harness/mail/theirs.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own[] = { "mx.*", "*.outlook.com", NULL };
	static const struct theirs_profile profiles[] = { { .own_hops = own, .authserv_ids = own },
							  { .own_hops = own, .no_authserv_id = true } };
	struct error err = ERROR_INIT;
	struct header h;
	CHECK(header_parse(&h, span_make((const char *)data, size), &err) == 0);
	for (size_t n = 0; n < 2; n++) {
		struct theirs t;
		CHECK(theirs_read(&t, &h, &profiles[n], &err) == 0);
		CHECK(t.boundary < (ptrdiff_t)t.hops.count);
		for (size_t i = 0; i < t.header_count; i++)
			CHECK(!t.headers[i].trusted ||
			      (t.boundary >= 0 && t.headers[i].field < t.hops.v[t.boundary].field));
		CHECK(t.boundary >= 0 || (!t.spf_method && !t.dkim_method && !t.dmarc_method && t.received_spf < 0));
		CHECK(t.received_spf < 0 || !t.spf_method);
		theirs_fini(&t);
	}
	header_fini(&h);
	return 0;
}
