/* Validation of a chain: the first line is the key record, the rest the message. */
#include "harness/auth/arc.h"
#include "harness/auth/arc_chain.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/line_resolver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_resolver resolver;
	struct arc_evaluation e;
	struct error err = ERROR_INIT;
	struct header h;
	struct span octets = line_resolver_init(&resolver, span_make((const char *)data, size));
	CHECK(header_parse(&h, octets, &err) == 0);
	const struct auth_message message = { &h, span_sub(octets, h.body_offset, SIZE_MAX), false };
	CHECK(arc_evaluate(&message, 1700000000000, &resolver.base, NULL, &e, &err) == 0);
	CHECK(e.reason && e.instances <= ARC_SETS_MAX && e.oldest_pass <= e.instances);
	CHECK(e.result == AUTH_NONE || e.result == AUTH_PASS || e.result == AUTH_FAIL || e.result == AUTH_TEMPERROR ||
	      e.result == AUTH_UNKNOWN);
	CHECK(e.result != AUTH_PASS || e.instances > 0);
	arc_evaluation_fini(&e);
	header_fini(&h);
	return 0;
}
