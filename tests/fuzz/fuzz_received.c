/* Received: what is found lies within the field. */
#include "harness/mail/received.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = { (const char *)data, size };
	struct received r;
	received_parse(&r, value);
	const struct span found[] = { r.from_helo, r.from_name, r.from_ip,       r.by,          r.with,
				      r.id,        r.for_,      r.envelope_from, r.tls_version, r.tls_cipher };
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		CHECK(found[i].len == 0 || (found[i].p >= value.p && found[i].p + found[i].len <= value.p + value.len));
	CHECK(!r.from_unclear || (r.from_ip.len == 0 && r.from_name.len == 0));
	CHECK(r.tls < HOP_TLS_COUNT && (r.has_time || r.time_ms == 0));
	return 0;
}
