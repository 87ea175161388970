/* A value that SQLite cannot take is an error, and never an absent fact. */
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>

#include "store/db.h"
#include "tests/unit/unit.h"

/* Of one value, as this test sets it; SQLite's own limit is 1,000,000,000. And room for one octet more than that. */
enum { OCTETS_MAX = 4000, LARGE_SIZE = OCTETS_MAX + 2 };

static void fill(char large[LARGE_SIZE])
{
	memset(large, 'x', LARGE_SIZE - 1);
	large[LARGE_SIZE - 1] = '\0';
}

/* What a fact belongs to. */
struct ids {
	int64_t run, probe, token;
};

/* Stores a fact whose member at `offset` is text. */
typedef int add_fn(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err);

static void set(void *fact, size_t offset, char *text)
{
	memcpy((char *)fact + offset, &text, sizeof(text));
}

static int add_run_event(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	struct run_event event = { .kind = RUN_RESUMED, .at_ms = 1 };
	set(&event, offset, text);
	return store_run_event_add(store, ids->run, &event, err);
}

static int add_seed_event(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	struct seed_event event = { .kind = SEED_FAILED, .seed = "ana@alpha.test", .at_ms = 1 };
	set(&event, offset, text);
	return store_seed_event_add(store, ids->run, &event, err);
}

static int add_send_event(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	struct send_event event = { .kind = SEND_FAILED, .at_ms = 1, .attempt = 1 };
	set(&event, offset, text);
	return store_send_events(store, &(struct send_step){ ids->probe, &event }, 1, err);
}

static int add_observation(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	/* Another message for each member: one that is known already is not stored again. */
	struct observation o = { .at_ms = 1, .folder = "INBOX", .uid = (uint32_t)offset, .found_by = "watch" };
	set(&o, offset, text);
	o.header_len = o.header ? strlen(o.header) : 0;
	o.body_len = o.body ? strlen(o.body) : 0;
	return store_observation_add(store, ids->probe, &o, err);
}

static int add_bounce(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	char raw[32];
	struct bounce bounce = { .at_ms = 1, .action = "failed", .raw = raw };
	snprintf(raw, sizeof(raw), "%zu", offset); /* as for the observation */
	set(&bounce, offset, text);
	bounce.raw_len = strlen(bounce.raw);
	return store_bounce_add(store, ids->probe, &bounce, err);
}

static int add_answer(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	struct dns_fact fact = { .name = "example.org", .type = DNS_TXT, .answer = { .at_ms = 1 } };
	set(&fact, offset, text);
	return store_dns_add(store, ids->run, &fact, err);
}

static int add_confirmation(struct store *store, const struct ids *ids, size_t offset, char *text, struct error *err)
{
	struct reply_fact fact = { .id = ids->token, .confirmed_ms = 1, .until_ms = 2 };
	set(&fact, offset, text);
	return store_reply_confirmed(store, &fact, err);
}

static const struct {
	const char *table, *column;
	add_fn *add;
	size_t offset;
} rows[] = {
	{ "run_event", "detail", add_run_event, offsetof(struct run_event, detail) },
	{ "seed_event", "detail", add_seed_event, offsetof(struct seed_event, detail) },
	{ "seed_event", "mend", add_seed_event, offsetof(struct seed_event, mend) },
	{ "send_event", "enhanced", add_send_event, offsetof(struct send_event, enhanced) },
	{ "send_event", "text", add_send_event, offsetof(struct send_event, text) },
	{ "send_event", "tls_version", add_send_event, offsetof(struct send_event, tls_version) },
	{ "send_event", "tls_cipher", add_send_event, offsetof(struct send_event, tls_cipher) },
	{ "send_event", "peer", add_send_event, offsetof(struct send_event, peer) },
	{ "observation", "folder", add_observation, offsetof(struct observation, folder) },
	{ "observation", "header", add_observation, offsetof(struct observation, header) },
	{ "observation_body", "octets", add_observation, offsetof(struct observation, body) },
	{ "bounce", "status", add_bounce, offsetof(struct bounce, status) },
	{ "bounce", "diagnostic", add_bounce, offsetof(struct bounce, diagnostic) },
	{ "bounce", "remote_mta", add_bounce, offsetof(struct bounce, remote_mta) },
	{ "bounce", "reporting_mta", add_bounce, offsetof(struct bounce, reporting_mta) },
	{ "bounce", "recipient", add_bounce, offsetof(struct bounce, recipient) },
	{ "bounce", "raw", add_bounce, offsetof(struct bounce, raw) },
	{ "dns_answer", "canonical", add_answer, offsetof(struct dns_fact, answer.canonical) },
	{ "dns_answer", "detail", add_answer, offsetof(struct dns_fact, answer.detail) },
	{ "reply_confirmation", "who", add_confirmation, offsetof(struct reply_fact, who) },
};

static struct store *open_small(const struct fixture *f, struct ids *ret)
{
	struct error err = ERROR_INIT;
	struct store *store = fixture_open(f, STORE_WRITE);
	const struct reply_fact token = { .code = "code", .address = "hello@example.org", .sent_ms = 1 };
	struct reply_fact sent;
	assert_done(fixture_plan(store, "bind", &ret->run, &err), err);
	ret->probe = fixture_probe(store, ret->run, 0);
	assert_done(store_reply_sent(store, &token, &err), err);
	assert_int_equal(store_reply_find(store, "code", &sent, &err), 1);
	ret->token = sent.id;
	reply_fact_fini(&sent);
	sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, OCTETS_MAX);
	return store;
}

/* Rows of the table; with a text only those that have it in the column. */
static int count(struct store *store, const char *table, const char *column, const char *text)
{
	char sql[200];
	sqlite3_stmt *s = NULL;
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE ?1 IS NULL OR CAST(%s AS TEXT) = ?1", table, column);
	assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int n = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return n;
}

static void a_value_that_is_too_large_is_no_absent_fact(void **state)
{
	char large[LARGE_SIZE], fits[] = "it fits";
	fill(large);
	struct ids ids;
	struct store *store = open_small(*state, &ids);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT, ignored = ERROR_INIT;
		char label[80];
		snprintf(label, sizeof(label), "%s.%s", rows[i].table, rows[i].column);
		int before = count(store, rows[i].table, rows[i].column, NULL);
		if (rows[i].add(store, &ids, rows[i].offset, large, &err) >= 0)
			fail_msg("%s: stored without its value", label);
		if (err.kind != ERROR_STORE || err.code != SQLITE_TOOBIG || !strstr(err.text, "too big"))
			fail_msg("%s: %d, code %d: %s", label, (int)err.kind, err.code, err.text);
		if (count(store, rows[i].table, rows[i].column, NULL) != before)
			fail_msg("%s: a row was stored", label);
		/* The statement is used again, and has forgotten it. */
		if (rows[i].add(store, &ids, rows[i].offset, fits, &ignored) < 0)
			fail_msg("%s: %s", label, ignored.text);
		if (count(store, rows[i].table, rows[i].column, fits) != 1)
			fail_msg("%s: the value was not stored", label);
	}
	store_close(store);
}

/* The first binding that fails counts, whatever follows it. */
static void a_later_value_does_not_hide_it(void **state)
{
	char large[LARGE_SIZE];
	fill(large);
	struct error err = ERROR_INIT;
	struct ids ids;
	struct store *store = open_small(*state, &ids);
	const struct seed_event event = { .kind = SEED_FAILED, .seed = large, .at_ms = 1, .detail = "a", .mend = "b" };
	assert_int_equal(store_seed_event_add(store, ids.run, &event, &err), -1);
	assert_int_equal(err.code, SQLITE_TOOBIG);
	assert_int_equal(count(store, "seed_event", "detail", NULL), 0);
	store_close(store);
}

/* What is looked for by NULL is not found: not the same as what cannot be looked for. */
static void a_question_that_cannot_be_put_has_no_answer(void **state)
{
	char large[LARGE_SIZE];
	fill(large);
	struct ids ids;
	struct reply_fact found;
	struct store *store = open_small(*state, &ids);
	static const struct {
		const char *label;
		int (*find)(struct store *store, const char *text, struct reply_fact *ret, struct error *err);
	} questions[] = { { "by code", store_reply_find }, { "by address", store_reply_of } };
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		struct error err = ERROR_INIT;
		ROW_ASSERT(questions[i].label, questions[i].find(store, large, &found, &err) == -1);
		ROW_ASSERT(questions[i].label, err.code == SQLITE_TOOBIG);
		ROW_ASSERT(questions[i].label, questions[i].find(store, "unknown", &found, &err) == 0);
	}
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_value_that_is_too_large_is_no_absent_fact),
		STORE_TEST(a_later_value_does_not_hide_it),
		STORE_TEST(a_question_that_cannot_be_put_has_no_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
