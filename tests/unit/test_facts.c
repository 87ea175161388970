/* Stored facts. */
#include "tests/unit/unit.h"

#include "harness/model/facts.h"

static void the_sending_state_follows_the_events(void **state)
{
	/* i intent, h handing over, 2/4/5 a reply of that class, f failed */
	static const struct {
		const char *events;
		enum send_state state;
	} rows[] = {
		{ "", SENDING_NOT_COMPOSED }, { "i", SENDING_COMPOSED },     { "if", SENDING_FAILED },
		{ "ih", SENDING_IN_DOUBT },   { "ihf", SENDING_IN_DOUBT },   { "ih2", SENDING_ACCEPTED },
		{ "ih4", SENDING_TEMPORARY }, { "ih5", SENDING_REJECTED },   { "i4", SENDING_TEMPORARY },
		{ "i5", SENDING_REJECTED },   { "iffh2", SENDING_ACCEPTED }, { "i4h", SENDING_IN_DOUBT },
		{ "ih4f", SENDING_FAILED },   { "ih4h2", SENDING_ACCEPTED }, { "i4f4h5", SENDING_REJECTED },
		{ "ih2f", SENDING_ACCEPTED }, { "ih24", SENDING_ACCEPTED },  { "ih25", SENDING_ACCEPTED },
		{ "ih2h", SENDING_ACCEPTED }, { "ih2hf", SENDING_ACCEPTED }, { "i2", SENDING_ACCEPTED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct send_event events[8] = { 0 };
		size_t count = strlen(rows[i].events);
		for (size_t e = 0; e < count; e++) {
			char c = rows[i].events[e];
			events[e].kind = c == 'i'   ? SEND_INTENT
					 : c == 'h' ? SEND_HANDING_OVER
					 : c == 'f' ? SEND_FAILED
						    : SEND_REPLY;
			events[e].reply_code = events[e].kind == SEND_REPLY ? (c - '0') * 100 + 50 : 0;
		}
		ROW_ASSERT(rows[i].events, send_state_of(events, count) == rows[i].state);
	}
}

#define ROUND_TRIP(prefix, type, last)                                                                                 \
	for (int v = 0; v <= (int)(last); v++) {                                                                       \
		type back = (type)-1;                                                                                  \
		ROW_ASSERT(prefix##_name((type)v), prefix##_from(span_of(prefix##_name((type)v)), &back));             \
		ROW_ASSERT(prefix##_name((type)v), (int)back == v);                                                    \
		ROW_ASSERT(prefix##_name((type)v), !prefix##_from(SPAN_LIT("unheard-of"), &back));                     \
		ROW_ASSERT(prefix##_name((type)v), (int)back == v);                                                    \
	}

static void kinds_of_events_are_written_and_read_back(void **state)
{
	ROUND_TRIP(run_event, enum run_event_kind, RUN_SLEPT)
	ROUND_TRIP(send_event, enum send_event_kind, SEND_FAILED)
	ROUND_TRIP(send_stage, enum send_stage, STAGE_END_OF_DATA)
	ROUND_TRIP(seed_event, enum seed_event_kind, SEED_SWEPT)
	assert_string_equal(send_event_name(SEND_HANDING_OVER), "handing-over");
	assert_string_equal(send_stage_name(STAGE_END_OF_DATA), "end-of-data");
	assert_string_equal(run_event_name((enum run_event_kind)1000), "unknown");
}

/* What is not freed is found by the leak sanitizer, what is freed twice by the address sanitizer. */
static void finishing_frees_everything_and_zeroes(void **state)
{
	struct run_facts facts = { 0 }, zero = { 0 };
	facts.summary.label = strdup("label");
	facts.settings = calloc(1, sizeof(*facts.settings));
	facts.setting_count = 1;
	facts.settings[0] = (struct setting){ strdup("s"), strdup("k"), strdup("v") };
	facts.messages = calloc(1, sizeof(*facts.messages));
	facts.message_count = 1;
	facts.messages[0] = (struct plan_message){ .name = strdup("m"), .sha256 = strdup("0") };
	facts.events = calloc(1, sizeof(*facts.events));
	facts.event_count = 1;
	facts.events[0].detail = strdup("d");
	facts.seed_events = calloc(1, sizeof(*facts.seed_events));
	facts.seed_event_count = 1;
	facts.seed_events[0] = (struct seed_event){ .seed = strdup("a@b"), .detail = strdup("d"), .mend = strdup("m") };
	facts.baselines = calloc(1, sizeof(*facts.baselines));
	facts.baseline_count = 1;
	facts.baselines[0] = (struct baseline){ .seed = strdup("a@b"), .folder = strdup("INBOX") };
	facts.probes = calloc(1, sizeof(*facts.probes));
	facts.probe_count = 1;
	struct probe *p = &facts.probes[0];
	*p = (struct probe){ .seed = strdup("a@b"),
			     .provider = strdup("p"),
			     .message = strdup("m"),
			     .tag = strdup("t"),
			     .message_id = strdup("i"),
			     .mail_from = strdup("f"),
			     .composed = strdup("c") };
	p->sends = calloc(1, sizeof(*p->sends));
	p->send_count = 1;
	p->sends[0] = (struct send_event){ .enhanced = strdup("2.0.0"),
					   .text = strdup("ok"),
					   .tls_version = strdup("v"),
					   .tls_cipher = strdup("c"),
					   .peer = strdup("p") };
	p->observations = calloc(1, sizeof(*p->observations));
	p->observation_count = 1;
	p->observations[0] = (struct observation){
		.folder = strdup("INBOX"), .header = strdup("h"), .body = strdup("b"), .found_by = strdup("watch")
	};
	p->bounces = calloc(1, sizeof(*p->bounces));
	p->bounce_count = 1;
	p->bounces[0] = (struct bounce){ .action = strdup("failed"),
					 .status = strdup("5.1.1"),
					 .diagnostic = strdup("d"),
					 .remote_mta = strdup("r"),
					 .reporting_mta = strdup("m"),
					 .recipient = strdup("x"),
					 .raw = strdup("w") };
	run_facts_fini(&facts);
	assert_memory_equal(&facts, &zero, sizeof(zero));
	run_facts_fini(&facts);
	run_facts_fini(NULL);
	probe_fini(NULL);
	observation_fini(NULL);
	bounce_fini(NULL);
	send_event_fini(NULL);
	run_summary_fini(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sending_state_follows_the_events),
		cmocka_unit_test(kinds_of_events_are_written_and_read_back),
		cmocka_unit_test(finishing_frees_everything_and_zeroes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
