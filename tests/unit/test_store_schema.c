/* The schema: reached the same way from every version, append-only, led by indexes, and described in doc/schema.md. */
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "store/db.h"
#include "tests/unit/unit.h"

enum { TEXT_MAX = 1 << 20 };

static const char tables_sql[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";

static void read_source(struct buf *text, const char *name)
{
	struct error err = ERROR_INIT;
	const char *root = getenv("top_srcdir");
	char path[FIXTURE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
	assert_done(file_read(path, text, &err), err);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return s;
}

/* Every row of a query with one text column, a line each. */
static void dump(sqlite3 *db, const char *sql, struct buf *text)
{
	sqlite3_stmt *s = prepare(db, sql);
	while (sqlite3_step(s) == SQLITE_ROW)
		buf_addf(text, "%s\n", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = prepare(db, sql);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static void load_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

static void an_old_store_is_read_and_has_the_schema_of_a_new_one(void **state)
{
	static const struct {
		const char *file;
		size_t answers, findings, replies, packs, packet;
		unsigned reading;
	} versions[] = {
		{ "tests/data/store/v1.sql", 0, 0, 0, 0, 0, 0 }, { "tests/data/store/v2.sql", 2, 0, 0, 0, 0, 0 },
		{ "tests/data/store/v3.sql", 2, 1, 0, 0, 0, 0 }, { "tests/data/store/v4.sql", 2, 2, 0, 0, 0, 0 },
		{ "tests/data/store/v5.sql", 2, 2, 1, 0, 0, 0 }, { "tests/data/store/v6.sql", 2, 2, 1, 1, 8, 2 }
	};
	static const char schema_sql[] = "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_schema"
					 " ORDER BY type, name";
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	_cleanup_(buf_fini) struct buf fresh = BUF_INIT(TEXT_MAX);
	struct store *store = fixture_open(f, STORE_WRITE);
	dump(store->db, schema_sql, &fresh);
	store_close(store);

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		_cleanup_(buf_fini) struct buf sql = BUF_INIT(TEXT_MAX), old = BUF_INIT(TEXT_MAX);
		assert_int_equal(unlink(f->path), 0);
		read_source(&sql, versions[i].file);
		load_sql(f->path, buf_str(&sql));
		store = fixture_open(f, STORE_READ);
		dump(store->db, schema_sql, &old);
		assert_string_equal(buf_str(&old), buf_str(&fresh));
		assert_int_equal(store_run_load(store, 1, STORE_LOAD_ALL, &facts, &err), 1);
		assert_true(facts.summary.finished);
		assert_int_equal(facts.setting_count, 1);
		assert_int_equal(facts.message_count, 1);
		assert_int_equal(facts.event_count, 2);
		assert_int_equal(facts.seed_event_count, 1);
		assert_int_equal(facts.baseline_count, 1);
		assert_int_equal(facts.probe_count, 1);
		assert_int_equal(send_state_of(facts.probes[0].sends, facts.probes[0].send_count), SENDING_ACCEPTED);
		assert_int_equal(facts.probes[0].observations[0].body_len, 3);
		assert_string_equal(facts.probes[0].bounces[0].status, "4.4.1");
		assert_null(facts.probes[0].bounces[0].sender);
		assert_int_equal(facts.probes[0].bounce_count, 1 + versions[i].replies);
		assert_int_equal(facts.dns_count, versions[i].answers);
		assert_int_equal(facts.findings.count, versions[i].findings);
		assert_int_equal(facts.pack_count, versions[i].packs);
		assert_int_equal(facts.program.reading, versions[i].reading);
		assert_int_equal(facts.program.version != NULL, versions[i].reading > 0);
		assert_int_equal(facts.dns_count ? facts.dns[0].answer.packet_len : 0, versions[i].packet);
		run_facts_fini(&facts);
		store_close(store);
	}
}

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void what_sentences_of_version_3_told_becomes_facts(void **state)
{
	static const struct {
		const char *label, *name, *evidence, *version, *sha256;
	} rows[] = {
		{ "id and policy", "mta-sts.id", "id 20261126, policy SHA-256 " HASH, "20261126", HASH },
		{ "one letter", "mta-sts.id", "id a, policy SHA-256 " HASH, "a", HASH },
		{ "the policy was another", "mta-sts.id",
		  "id 7, policy SHA-256 " HASH "; under the same id the policy is now another, SHA-256 ff", "7", HASH },
		{ "no policy", "mta-sts.id", "id 20261126", NULL, NULL },
		{ "no id", "mta-sts.id", "id , policy SHA-256 " HASH, NULL, NULL },
		{ "a comma in the id", "mta-sts.id", "id 1,2, policy SHA-256 " HASH, NULL, NULL },
		{ "a fault of the record that looks alike", "mta-sts.id", "id =2026, policy SHA-256 " HASH, NULL,
		  NULL },
		{ "a hash cut short", "mta-sts.id", "id 1, policy SHA-256 0011", NULL, NULL },
		{ "no hash", "mta-sts.id",
		  "id 1, policy SHA-256 "
		  "zz" HASH,
		  NULL, NULL },
		{ "not tested, with what was known before", "mta-sts.id",
		  "timed out; 1 d ago it was good: id 1, policy SHA-256 " HASH, NULL, NULL },
		{ "another finding", "mta-sts.record", "id 1, policy SHA-256 " HASH, NULL, NULL },
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf sql = BUF_INIT(TEXT_MAX);
		struct run_facts facts = { 0 };
		struct error err = ERROR_INIT;
		unlink(f->path);
		read_source(&sql, "tests/data/store/v3.sql");
		buf_addf(&sql, "INSERT INTO finding VALUES (2, 1, '%s', 'shop.example', 'good', '%s', '', 1000);",
			 rows[i].name, rows[i].evidence);
		load_sql(f->path, buf_str(&sql));
		_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_WRITE);
		assert_int_equal(store_run_load(store, 1, STORE_LOAD_ALL, &facts, &err), 1);
		const struct finding *got = &facts.findings.v[1];
		ROW_ASSERT_STRING(rows[i].label, got->evidence, rows[i].evidence);
		ROW_ASSERT_STRING(rows[i].label, got->seen_version ? got->seen_version : "NULL",
				  rows[i].version ? rows[i].version : "NULL");
		ROW_ASSERT_STRING(rows[i].label, got->seen_sha256 ? got->seen_sha256 : "NULL",
				  rows[i].sha256 ? rows[i].sha256 : "NULL");
		run_facts_fini(&facts);
	}
}

static void a_step_that_fails_leaves_the_last_whole_one(void **state)
{
	static const struct schema_step steps[] = {
		{ 102, "CREATE TABLE second (a INTEGER) STRICT" },
		{ 103, "CREATE TABLE third (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1)" },
		{ 104, "CREATE TABLE fourth (a INTEGER) STRICT" },
	};
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	assert_int_equal(schema_take_steps(store, steps, ARRAY_LEN(steps), &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
	assert_int_equal(number(store->db, "PRAGMA user_version"), 102);
	assert_int_equal(
	    number(store->db, "SELECT count(*) FROM sqlite_schema WHERE name IN ('second', 'third', 'fourth')"), 1);
	assert_int_equal(schema_take_steps(store, steps, 1, &err), 0); /* taken already */
}

static void no_row_is_changed_or_deleted(void **state)
{
	const struct fixture *f = *state;
	_cleanup_(buf_fini) struct buf sql = BUF_INIT(TEXT_MAX);
	read_source(&sql, "tests/data/store/v6.sql");
	load_sql(f->path, buf_str(&sql));
	_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_WRITE);
	sqlite3_stmt *tables = prepare(store->db, tables_sql);
	size_t count = 0;
	while (sqlite3_step(tables) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(tables, 0);
		char text[256];
		snprintf(text, sizeof(text), "SELECT count(*) FROM %s", table);
		if (number(store->db, text) == 0)
			fail_msg("tests/data/store/v6.sql has no row of %s", table);
		snprintf(text, sizeof(text), "SELECT name FROM pragma_table_info('%s') LIMIT 1", table);
		_cleanup_(buf_fini) struct buf column = BUF_INIT(256);
		dump(store->db, text, &column);
		snprintf(text, sizeof(text), "UPDATE %s SET %.*s = 1", table, (int)column.len - 1, column.p);
		if (sqlite3_exec(store->db, text, NULL, NULL, NULL) == SQLITE_OK)
			fail_msg("%s was changed", table);
		assert_non_null(strstr(sqlite3_errmsg(store->db), "append-only"));
		snprintf(text, sizeof(text), "DELETE FROM %s", table);
		if (sqlite3_exec(store->db, text, NULL, NULL, NULL) == SQLITE_OK)
			fail_msg("%s was emptied", table);
		assert_non_null(strstr(sqlite3_errmsg(store->db), "append-only"));
		count++;
	}
	sqlite3_finalize(tables);
	assert_int_equal(count, 20);
}

static void reading_one_run_is_led_by_indexes(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct run_facts facts = { 0 };
	int64_t run = 0;
	size_t looked = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	for (enum store_load load = STORE_LOAD_HEADERS; load <= STORE_LOAD_ALL; load++) {
		assert_int_equal(store_run_load(store, run, load, &facts, &err), 1);
		run_facts_fini(&facts);
	}
	struct probe probe = { 0 };
	assert_int_equal(store_probe_load(store, 1, STORE_LOAD_ALL, &probe, &err), 1);
	probe_fini(&probe);
	for (size_t i = 0; i < store->cached; i++) {
		if (strncmp(store->cache[i].sql, "SELECT", 6) != 0)
			continue;
		_cleanup_(buf_fini) struct buf text = BUF_INIT(8192), plan = BUF_INIT(8192);
		buf_addf(&text, "EXPLAIN QUERY PLAN %s", store->cache[i].sql);
		sqlite3_stmt *s = prepare(store->db, buf_str(&text));
		while (sqlite3_step(s) == SQLITE_ROW)
			buf_addf(&plan, "%s\n", (const char *)sqlite3_column_text(s, 3));
		sqlite3_finalize(s);
		if (strstr(buf_str(&plan), "SCAN") && !strstr(buf_str(&plan), "SCAN CONSTANT ROW"))
			fail_msg("%s:\n%s", store->cache[i].sql, buf_str(&plan));
		looked++;
	}
	assert_true(looked >= 12);
}

/* The part of the document about one table: from its heading to the next. */
static struct span section_of(struct span document, const char *table)
{
	char heading[128];
	snprintf(heading, sizeof(heading), "\n### `%s`\n", table);
	ptrdiff_t at = span_find(document, span_of(heading), 0);
	if (at < 0)
		fail_msg("doc/schema.md does not describe the table %s", table);
	ptrdiff_t end = span_find(document, SPAN_LIT("\n### "), (size_t)at + 1);
	return span_sub(document, (size_t)at, end < 0 ? document.len : (size_t)(end - at));
}

static void the_document_describes_every_table_and_column_and_no_other(void **state)
{
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	_cleanup_(buf_fini) struct buf document = BUF_INIT(TEXT_MAX);
	read_source(&document, "doc/schema.md");
	sqlite3_stmt *tables = prepare(store->db, tables_sql);
	size_t described = 0, headings = 0;
	while (sqlite3_step(tables) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(tables, 0);
		struct span section = section_of(buf_span(&document), table);
		char sql[128];
		size_t columns = 0, rows = 0;
		snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s')", table);
		sqlite3_stmt *s = prepare(store->db, sql);
		for (; sqlite3_step(s) == SQLITE_ROW; columns++) {
			char row[128];
			snprintf(row, sizeof(row), "\n| `%s` |", (const char *)sqlite3_column_text(s, 0));
			if (span_find(section, span_of(row), 0) < 0)
				fail_msg("doc/schema.md: the table %s has a column that is not described:%s", table,
					 row);
		}
		sqlite3_finalize(s);
		for (ptrdiff_t at = 0; (at = span_find(section, SPAN_LIT("\n| `"), (size_t)at)) >= 0; at++)
			rows++;
		if (rows != columns)
			fail_msg("doc/schema.md: the table %s has %zu columns, %zu are described", table, columns,
				 rows);
		described++;
	}
	sqlite3_finalize(tables);
	for (ptrdiff_t at = 0; (at = span_find(buf_span(&document), SPAN_LIT("\n### `"), (size_t)at)) >= 0; at++)
		headings++;
	assert_int_equal(headings, described);
	char version[64];
	snprintf(version, sizeof(version), "Schema version: %lld\n",
		 (long long)number(store->db, "PRAGMA user_version"));
	assert_true(span_find(buf_span(&document), span_of(version), 0) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_old_store_is_read_and_has_the_schema_of_a_new_one),
		STORE_TEST(what_sentences_of_version_3_told_becomes_facts),
		STORE_TEST(a_step_that_fails_leaves_the_last_whole_one),
		STORE_TEST(no_row_is_changed_or_deleted),
		STORE_TEST(reading_one_run_is_led_by_indexes),
		STORE_TEST(the_document_describes_every_table_and_column_and_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
