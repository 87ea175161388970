/* TLS reporting records. */
#include "harness/posture/records/tls_rpt.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_rpt_record record;
	bool good = tls_rpt_record_parse(span_make((const char *)data, size), &record);
	CHECK(good == !record.why && record.usable <= record.uris && (!good || record.uris > 0));
	return 0;
}
