/* TLS reporting records. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/posture/records/tls_rpt.h"

static const struct {
	const char *label, *text, *why; /* why: NULL where the record is good */
	size_t uris, usable;
} rows[] = {
	{ "mailto", "v=TLSRPTv1; rua=mailto:tls@example.org", NULL, 1, 1 },
	{ "https", "v=TLSRPTv1;rua=https://example.org/tls?x=1;", NULL, 1, 1 },
	{ "two", "v=TLSRPTv1; rua=mailto:tls@example.org,https://example.org/", NULL, 2, 2 },
	{ "two fields", "v=TLSRPTv1; rua=mailto:a@example.org; rua=mailto:b@example.org; x=y", NULL, 2, 2 },
	{ "percent-encoded", "v=TLSRPTv1; rua=mailto:a%21b@example.org", NULL, 1, 1 },
	{ "scheme of no use", "v=TLSRPTv1; rua=ftp://example.org/", NULL, 1, 0 },
	{ "other version", "v=TLSRPTv2; rua=mailto:a@example.org", "begin with v=TLSRPTv1" },
	{ "space in front", " v=TLSRPTv1; rua=mailto:a@example.org", "begin with v=TLSRPTv1" },
	{ "no address", "v=TLSRPTv1;", "no rua" },
	{ "empty address", "v=TLSRPTv1; rua=", "no URI" },
	{ "address without scheme", "v=TLSRPTv1; rua=tls@example.org", "no URI" },
	{ "mailto without address", "v=TLSRPTv1; rua=mailto:example.org", "no URI" },
	{ "exclamation mark", "v=TLSRPTv1; rua=mailto:a@example.org!10m", "no URI" },
	{ "cut encoding", "v=TLSRPTv1; rua=https://example.org/%4", "no URI" },
	{ "no hexadecimal", "v=TLSRPTv1; rua=https://example.org/%4g", "no URI" },
	{ "no field", "v=TLSRPTv1; rua=mailto:a@example.org; x", "no name=value" },
	{ "empty extension", "v=TLSRPTv1; rua=mailto:a@example.org; x=", "empty value" },
};

static void record_is_read_or_says_why_not(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tls_rpt_record record;
		bool good = tls_rpt_record_parse(span_of(rows[i].text), &record);
		ROW_ASSERT(rows[i].label, good == !rows[i].why);
		ROW_ASSERT(rows[i].label, good == !record.why);
		if (good)
			ROW_ASSERT(rows[i].label, record.uris == rows[i].uris && record.usable == rows[i].usable);
		else
			ROW_ASSERT(rows[i].label, strstr(record.why, rows[i].why));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(record_is_read_or_says_why_not) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
