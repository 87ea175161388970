/* Answers of spamd and Rspamd: any octets are one or are none. */
#include "harness/posture/content/rspamd.h"
#include "harness/posture/content/spamd.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	struct spam_score score = { .is_spam = false };
	struct error err = ERROR_INIT;
	if (spamd_read(text, &score, &err) == 0)
		CHECK(score.rules.len <= SPAM_RULES_MAX);
	buf_fini(&score.rules);
	if (rspamd_read(text, &score, &err) == 0)
		CHECK(score.rules.len <= SPAM_RULES_MAX);
	buf_fini(&score.rules);
	return 0;
}
