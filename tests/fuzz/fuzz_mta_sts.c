/* MTA-STS records and policies: what is handed out lies in the text, and is what it may be. */
#include "harness/posture/records/mta_sts.h"
#include "tests/fuzz/fuzz.h"

static void lies_in(struct span part, struct span text)
{
	CHECK(part.p >= text.p && part.p + part.len <= text.p + text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size), id;
	struct mta_sts_policy policy;
	const char *why = NULL;
	if (mta_sts_record_parse(text, &id, &why)) {
		lies_in(id, text);
		CHECK(id.len > 0 && id.len <= 32);
	} else {
		CHECK(why);
	}
	bool good = mta_sts_policy_parse(text, &policy);
	CHECK(good == !policy.why && policy.mx_count <= MTA_STS_MX_MAX);
	CHECK(!good || policy.mode == MTA_STS_NONE || policy.mx_count > 0);
	for (size_t i = 0; i < policy.mx_count; i++)
		lies_in(policy.mx[i], text);
	mta_sts_policy_matches(&policy, "mx.example.org");
	return 0;
}
