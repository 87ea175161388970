/* States under watch: every event in every state, when a failure is the last, how long to wait. */
#include "harness/watch/watch_state.h"

#include <string.h>

#include "providers/imap_params.h"
#include "tests/unit/unit.h"

/* Letters of the states, in their order. */
static const char letters[] = "rdRpsSc";
_Static_assert(sizeof(letters) == SESSION_STATE_COUNT + 1, "a letter for each state");

static void every_event_leads_where_it_should(void **state)
{
	static const struct {
		enum session_event event;
		const char *next; /* by state: resting, read-due, Reading, parked, sweep-due, Sweeping, closing */
	} rows[] = {
		{ EVENT_OPEN, "RdRpsSc" },     { EVENT_DUE, "rRRRSSc" },           { EVENT_HEARD, "rdRRsSc" },
		{ EVENT_SWEEP, "SSRSsSc" },    { EVENT_STOP, "rrRrsSc" },          { EVENT_CLOSE, "ccRccSc" },
		{ EVENT_GIVEN_UP, "rrrrrrr" }, { EVENT_READ, "rddpsSc" },          { EVENT_IDLING, "rdppsSc" },
		{ EVENT_SWEPT, "rdRpsrc" },    { EVENT_SWEPT_IN_PART, "rdRpsrc" }, { EVENT_NONE_MISSING, "rdRpsrc" },
		{ EVENT_CLOSED, "rdRpsSr" },   { EVENT_FAILED, "rddpssc" },
	};
	assert_int_equal(ARRAY_LEN(rows), SESSION_EVENT_COUNT);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char next[SESSION_STATE_COUNT + 1] = "";
		assert_int_equal(rows[i].event, i);
		for (size_t s = 0; s < SESSION_STATE_COUNT; s++)
			next[s] = letters[session_step((enum session_state)s, rows[i].event)];
		ROW_ASSERT_STRING(session_event_name(rows[i].event), next, rows[i].next);
	}
}

/* A session that a worker has goes nowhere by what the watch wants. */
static void a_session_at_work_is_never_taken_from_its_worker(void **state)
{
	static const enum session_event wants[] = { EVENT_OPEN,  EVENT_DUE,  EVENT_HEARD,
						    EVENT_SWEEP, EVENT_STOP, EVENT_CLOSE };
	for (size_t s = 0; s < SESSION_STATE_COUNT; s++)
		for (size_t i = 0; i < ARRAY_LEN(wants) && session_works((enum session_state)s); i++)
			ROW_ASSERT(session_event_name(wants[i]), session_step((enum session_state)s, wants[i]) == s);
}

static void each_state_rests_waits_or_works(void **state)
{
	static const struct {
		enum session_state state;
		const char *name;
		bool works, waits;
	} rows[] = {
		{ SESSION_RESTING, "resting", false, false },    { SESSION_READ_DUE, "read-due", false, true },
		{ SESSION_READING, "reading", true, false },     { SESSION_PARKED, "parked", false, true },
		{ SESSION_SWEEP_DUE, "sweep-due", false, true }, { SESSION_SWEEPING, "sweeping", true, false },
		{ SESSION_CLOSING, "closing", true, false },
	};
	assert_int_equal(ARRAY_LEN(rows), SESSION_STATE_COUNT);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ROW_ASSERT_STRING(rows[i].name, session_state_name(rows[i].state), rows[i].name);
		ROW_ASSERT(rows[i].name, session_works(rows[i].state) == rows[i].works);
		ROW_ASSERT(rows[i].name, session_waits(rows[i].state) == rows[i].waits);
	}
	assert_string_equal(account_state_name(ACCOUNT_OPENING), "opening");
	assert_string_equal(account_state_name(ACCOUNT_READY), "ready");
	assert_string_equal(account_state_name(ACCOUNT_SWEEPING), "sweeping");
	assert_string_equal(account_state_name(ACCOUNT_ENDED), "ended");
}

static void what_an_account_hangs_on_is_given_up_in_time(void **state)
{
	static const struct {
		const char *label;
		enum account_state account;
		enum session_state state;
		enum error_retry retry;
		unsigned failures;
		enum session_event event;
	} rows[] = {
		{ "opening, may pass", ACCOUNT_OPENING, SESSION_READING, RETRY_LATER, 1, EVENT_FAILED },
		{ "opening, at once", ACCOUNT_OPENING, SESSION_READING, RETRY_NOW, 2, EVENT_FAILED },
		{ "opening, third time", ACCOUNT_OPENING, SESSION_READING, RETRY_LATER, 3, EVENT_GIVEN_UP },
		{ "opening, refused", ACCOUNT_OPENING, SESSION_READING, RETRY_NEVER, 1, EVENT_GIVEN_UP },
		{ "watching, for the hundredth time", ACCOUNT_READY, SESSION_READING, RETRY_LATER, 100, EVENT_FAILED },
		{ "watching, refused", ACCOUNT_READY, SESSION_READING, RETRY_NEVER, 1, EVENT_FAILED },
		{ "reading when the sweep is wanted", ACCOUNT_SWEEPING, SESSION_READING, RETRY_NEVER, 3, EVENT_FAILED },
		{ "sweeping, may pass", ACCOUNT_SWEEPING, SESSION_SWEEPING, RETRY_LATER, 2, EVENT_FAILED },
		{ "sweeping, third time", ACCOUNT_SWEEPING, SESSION_SWEEPING, RETRY_NOW, 3, EVENT_GIVEN_UP },
		{ "sweeping, refused", ACCOUNT_SWEEPING, SESSION_SWEEPING, RETRY_NEVER, 1, EVENT_GIVEN_UP },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct error why = { .kind = ERROR_NETWORK, .retry = rows[i].retry };
		ROW_ASSERT(rows[i].label, session_after_failure(rows[i].account, rows[i].state, &why,
								rows[i].failures) == rows[i].event);
	}
}

static void a_refused_password_is_given_up_everywhere(void **state)
{
	const struct error why = { .kind = ERROR_AUTH, .retry = RETRY_NEVER };
	for (int account = ACCOUNT_OPENING; account <= ACCOUNT_SWEEPING; account++)
		for (int at = SESSION_READING; at <= SESSION_SWEEPING; at++)
			assert_int_equal(
			    session_after_failure((enum account_state)account, (enum session_state)at, &why, 1),
			    EVENT_GIVEN_UP);
}

static void a_connection_that_did_not_last_was_no_success(void **state)
{
	static const struct {
		const char *label;
		unsigned before;
		int64_t lasted_ms;
		unsigned after;
	} rows[] = {
		{ "never connected", 0, 0, 1 },     { "again", 4, 0, 5 },        { "a second", 4, 1000, 5 },
		{ "nearly a minute", 4, 59999, 5 }, { "a minute", 4, 60000, 1 }, { "an hour", 0, 3600000, 1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].label, session_count_failure(rows[i].before, rows[i].lasted_ms) == rows[i].after);
}

static void a_session_is_refused_where_another_may_be_let_in(void **state)
{
	static const struct {
		const char *label;
		enum error_kind kind;
		int code;
		bool refused;
	} rows[] = {
		{ "wrong credentials", ERROR_AUTH, IMAP_CAUSE_CREDENTIALS, true },
		{ "too many sessions", ERROR_REFUSED, IMAP_CAUSE_THROTTLED, true },
		{ "the server's trouble", ERROR_REFUSED, IMAP_CAUSE_UNAVAILABLE, false },
		{ "a folder", ERROR_REFUSED, IMAP_CAUSE_NO_FOLDER, false },
		{ "the network", ERROR_NETWORK, IMAP_CAUSE_THROTTLED, false },
		{ "time", ERROR_TIMEOUT, 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct error why = { .kind = rows[i].kind, .code = rows[i].code };
		ROW_ASSERT(rows[i].label, session_is_refused(&why) == rows[i].refused);
	}
}

static void waits_double_up_to_a_minute(void **state)
{
	static const struct {
		const char *label;
		unsigned failures;
		int64_t ms;
	} rows[] = {
		{ "none", 0, 1000 },         { "first", 1, 1000 },          { "second", 2, 2000 },
		{ "third", 3, 4000 },        { "fifth", 5, 16000 },         { "sixth", 6, 32000 },
		{ "hundredth", 100, 60000 }, { "most", UINT32_MAX, 60000 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].label, session_backoff_ms(rows[i].failures) == rows[i].ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_leads_where_it_should),
		cmocka_unit_test(a_session_at_work_is_never_taken_from_its_worker),
		cmocka_unit_test(each_state_rests_waits_or_works),
		cmocka_unit_test(what_an_account_hangs_on_is_given_up_in_time),
		cmocka_unit_test(a_refused_password_is_given_up_everywhere),
		cmocka_unit_test(a_connection_that_did_not_last_was_no_success),
		cmocka_unit_test(a_session_is_refused_where_another_may_be_let_in),
		cmocka_unit_test(waits_double_up_to_a_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
