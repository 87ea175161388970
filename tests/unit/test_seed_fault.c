/* Refusals that are the seed's own fault. */
#include "harness/judge/seed_fault.h"

#include "tests/unit/unit.h"

static void a_refusal_is_the_seeds_fault_or_the_senders(void **state)
{
	static const struct {
		const char *label;
		struct probe_evidence e;
		const char *cause; /* part of it; NULL: the sender's matter, or none */
	} rows[] = {
		{ "notice of a full mailbox",
		  { .seed_ready = true, .failed = { .seen = true, .status = "5.2.2" } },
		  "full" },
		{ "of a disabled one",
		  { .seed_ready = true, .failed = { .seen = true, .status = "5.2.1" } },
		  "disabled" },
		{ "of another's",
		  { .seed_ready = true, .failed = { .seen = true, .status = "5.2.2", .other = true } },
		  NULL },
		{ "of policy", { .seed_ready = true, .failed = { .seen = true, .status = "5.7.1" } }, NULL },
		{ "unknown, but signed in to",
		  { .seed_ready = true, .failed = { .seen = true, .status = "5.1.1" } },
		  NULL },
		{ "unknown, and never opened", { .failed = { .seen = true, .status = "5.1.1" } }, NULL },
		{ "unknown, and not to be signed in to",
		  { .seed_problem = "refused", .failed = { .seen = true, .status = "5.1.1" } },
		  "no mailbox" },
		{ "full for a time", { .delayed = { .seen = true, .status = "4.2.2" } }, "full" },
		{ "the failure counts before the delay",
		  { .failed = { .seen = true, .status = "5.7.1" }, .delayed = { .seen = true, .status = "4.2.2" } },
		  NULL },
		{ "full, refused at RCPT",
		  { .sending = { .state = SENDING_REJECTED, .stage = STAGE_RCPT, .text = "5.2.2 full" } },
		  "full" },
		{ "full, refused for a time after the data",
		  { .sending = { .state = SENDING_TEMPORARY, .stage = STAGE_END_OF_DATA, .enhanced = "4.2.2" } },
		  "full" },
		{ "the service's own account is full",
		  { .sending = { .state = SENDING_REJECTED, .stage = STAGE_MAIL, .enhanced = "5.2.2" } },
		  NULL },
		{ "it arrived", { .first_seen_ms = 1, .failed = { .seen = true, .status = "5.2.2" } }, NULL },
		{ "nothing was said", { .seed_ready = true }, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct reply_meaning *m = seed_fault_find(&rows[i].e);
		ROW_ASSERT(rows[i].label, (m != NULL) == (rows[i].cause != NULL));
		if (m)
			ROW_ASSERT(rows[i].label, strstr(m->cause, rows[i].cause) != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_is_the_seeds_fault_or_the_senders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
