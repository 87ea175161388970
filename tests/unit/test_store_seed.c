/* A part of a run: what belongs to one seed, and what it is compared with. */
#include "tests/unit/unit.h"

#include "tests/unit/store_fixture.h"

/* The tag of each probe is its number. */
static int64_t plan(struct store *store)
{
	struct error err = ERROR_INIT;
	int64_t run = 0;
	struct plan_message messages[] = { { "welcome", STREAM_MARKETING, "00" }, { "code", STREAM_MARKETING, "01" } };
	struct probe probes[] = {
		{ .seed = "a@x.test", .provider = "x", .message = "welcome", .tag = "0" },
		{ .seed = "a@x.test", .provider = "x", .message = "code", .tag = "1" },
		{ .seed = "b@x.test", .provider = "x", .message = "welcome", .tag = "2" },
		{ .seed = "b@x.test", .provider = "x", .message = "code", .tag = "3" },
		{ .seed = "c@x.test", .provider = "x", .message = "welcome", .tag = "4" },
		{ .seed = "c@x.test", .provider = "x", .message = "code", .tag = "5" },
	};
	const struct run_facts facts = { .summary = { .label = "", .created_ms = 1 },
					 .messages = messages,
					 .message_count = ARRAY_LEN(messages),
					 .probes = probes,
					 .probe_count = ARRAY_LEN(probes) };
	assert_done(store_run_create(store, &facts, &run, &err), err);
	return run;
}

static void see(struct store *store, int64_t run, size_t probe, bool gone)
{
	struct error err = ERROR_INIT;
	const struct observation o = { .at_ms = 1,
				       .gone = gone,
				       .folder = "INBOX",
				       .role = FOLDER_INBOX,
				       .uid = 1,
				       .found_by = "watch",
				       .header = gone ? NULL : "A: b\r\n\r\n",
				       .header_len = gone ? 0 : 8,
				       .body = gone ? NULL : "" };
	assert_int_equal(store_observation_add(store, fixture_probe(store, run, probe), &o, &err), 1);
}

struct row {
	const char *label, *seed, *message, *tags; /* tags: of the probes that are loaded, in their order */
};

static const struct row rows[] = {
	{ "one message", "a@x.test", "welcome", "02" },
	{ "all of a seed", "a@x.test", NULL, "0125" },
	{ "its own is the first that was found", "b@x.test", "welcome", "2" },
	{ "the first that was found is no more than that", "c@x.test", "welcome", "24" },
	{ "gone is not found", "b@x.test", "code", "35" },
	{ "no such seed", "d@x.test", NULL, "" },
	{ "another case", "A@x.test", NULL, "" },
	{ "no such message", "a@x.test", "reminder", "" },
	{ "no pattern", "%", NULL, "" },
};

static void a_seed_is_loaded_with_what_it_is_compared_with(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	int64_t other = 0, run;
	assert_done(fixture_plan(store, "another run", &other, &err), err);
	see(store, other, 0, false);
	run = plan(store);
	see(store, run, 2, false);
	see(store, run, 3, true);
	see(store, run, 4, false);
	see(store, run, 5, false);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_facts facts = { 0 };
		char tags[16] = "";
		if (store_run_load_seed(store, run, rows[i].seed, rows[i].message, STORE_LOAD_HEADERS, &facts, &err) !=
		    1)
			fail_msg("%s: %s", rows[i].label, err.text);
		for (size_t k = 0; k < facts.probe_count && k + 1 < sizeof(tags); k++)
			tags[k] = facts.probes[k].tag[0];
		if (strcmp(tags, rows[i].tags) != 0)
			fail_msg("%s: %s instead of %s", rows[i].label, tags, rows[i].tags);
		assert_int_equal(facts.summary.probes, 6);
		for (size_t k = 0; k < facts.probe_count; k++)
			if (strcmp(facts.probes[k].tag, "2") == 0)
				assert_int_equal(facts.probes[k].observation_count, 1);
		run_facts_fini(&facts);
	}
	struct run_facts none = { 0 };
	assert_int_equal(store_run_load_seed(store, run + 1, "a@x.test", NULL, STORE_LOAD_HEADERS, &none, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_seed_is_loaded_with_what_it_is_compared_with),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
