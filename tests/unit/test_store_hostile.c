/* A store from elsewhere: what the schema does not allow is refused by name, and nothing else happens. */
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "store/db.h"
#include "tests/unit/store_damage.h"
#include "tests/unit/unit.h"

enum { TEXT_MAX = 1 << 20 };

/* Makes the store of an older or this release that tests/data has. */
static sqlite3 *make_store(const struct fixture *f, const char *file)
{
	_cleanup_(buf_fini) struct buf sql = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	const char *root = getenv("top_srcdir");
	char path[FIXTURE_PATH_MAX];
	sqlite3 *db = NULL;
	snprintf(path, sizeof(path), "%s/tests/data/store/%s", root ? root : ".", file);
	assert_done(file_read(path, &sql, &err), err);
	unlink(f->path);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, buf_str(&sql), NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void a_schema_that_is_not_ours_is_refused(void **state)
{
	static const struct {
		const char *label, *file, *sql, *says;
	} rows[] = {
		{ "view", "v6.sql", "CREATE VIEW totals AS SELECT count(*) FROM run", "further view, `totals`" },
		{ "endless view in place of a table", "v6.sql",
		  "DROP TABLE run_message; CREATE VIEW run_message AS WITH RECURSIVE c (run) AS (SELECT 1 UNION ALL"
		  " SELECT run FROM c) SELECT run, 1 position, zeroblob(1000000) name, 'x' stream, 'y' sha256 FROM c",
		  "run_message" },
		{ "virtual table", "v6.sql", "CREATE VIRTUAL TABLE text USING fts3(words)", "text" },
		{ "virtual table of the file system", "v6.sql", "CREATE VIRTUAL TABLE x USING fts4(words)", "x" },
		{ "trigger", "v6.sql",
		  "CREATE TRIGGER t AFTER INSERT ON run_event BEGIN INSERT INTO run_event (run, kind, at_ms)"
		  " SELECT 1, 'started', 0 FROM run_event a, run_event b; END",
		  "further trigger, `t`" },
		{ "trigger gone", "v6.sql", "DROP TRIGGER run_no_update", "no trigger run_no_update" },
		{ "index", "v6.sql", "CREATE INDEX i ON run (label)", "further index, `i`" },
		{ "index gone", "v6.sql", "DROP INDEX probe_run", "no index probe_run" },
		{ "index on another column", "v6.sql",
		  "DROP INDEX probe_run; CREATE INDEX probe_run ON probe (run, tag)", "probe_run is not as" },
		{ "table", "v6.sql", "CREATE TABLE zebra (a)", "further table, `zebra`" },
		{ "table gone", "v6.sql", "DROP TABLE reply_confirmation", "reply_confirmation" },
		{ "column", "v6.sql", "ALTER TABLE run ADD COLUMN note TEXT", "table run is not as" },
		{ "column with a default", "v6.sql", "ALTER TABLE bounce ADD COLUMN a INTEGER DEFAULT 1", "bounce" },
		{ "control characters in a name", "v6.sql", "CREATE TABLE \"z\033[2J\" (a)", "z\\x1b[2J" },
		{ "older: view", "v1.sql", "CREATE VIEW totals AS SELECT 1", "further view, `totals`" },
		{ "older: trigger that fires when it is brought up to date", "v3.sql",
		  "DROP TRIGGER finding_no_update; CREATE TRIGGER finding_no_update BEFORE UPDATE ON finding BEGIN"
		  " DELETE FROM run_setting; END",
		  "finding_no_update is not as" },
		{ "version of an older release, schema of this one", "v6.sql", "PRAGMA user_version = 2", "further" },
		{ "version of this release, schema of an older one", "v2.sql", "PRAGMA user_version = 6", "no " },
		{ "version below all", "v6.sql", "PRAGMA user_version = -1", "further" },
		{ "no version", "v6.sql", "PRAGMA user_version = 0", "further" },
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (enum store_mode mode = STORE_READ; mode <= STORE_WRITE; mode++) {
			struct error err = ERROR_INIT;
			struct store *store = NULL;
			sqlite3 *db = make_store(f, rows[i].file);
			if (sqlite3_exec(db, rows[i].sql, NULL, NULL, NULL) != SQLITE_OK)
				fail_msg("%s: %s", rows[i].label, sqlite3_errmsg(db));
			sqlite3_close(db);
			if (store_open(&store, f->path, mode, &err) == 0)
				fail_msg("%s: opened", rows[i].label);
			if (err.kind != ERROR_STORE || !strstr(err.text, rows[i].says) || !strstr(err.text, f->path) ||
			    !strstr(err.text, "the store is damaged"))
				fail_msg("%s: %s", rows[i].label, err.text);
		}
	}
}

static void what_the_schema_cannot_hold_is_refused(void **state)
{
	static const struct {
		const char *label, *sql, *says;
	} rows[] = {
		{ "NULL for a text", "UPDATE run_setting SET value = NULL", "run_setting.value" },
		{ "NULL for a word", "UPDATE run_event SET kind = NULL", "run_event.kind" },
		{ "NULL for a number", "UPDATE observation SET uid = NULL", "observation.uid" },
		{ "NULL for octets", "UPDATE dns_record SET rdata = NULL", "dns_record.rdata" },
		{ "no label", "UPDATE run SET label = NULL", "run.label" },
		{ "no tag", "UPDATE probe SET tag = NULL", "probe.tag" },
		{ "no address of a seed", "UPDATE probe SET seed = NULL", "probe.seed" },
		{ "no way of finding", "UPDATE observation SET found_by = NULL", "observation.found_by" },
		{ "no action", "UPDATE bounce SET action = NULL", "bounce.action" },
		{ "no folder", "UPDATE observation SET folder = NULL", "observation.folder" },
		{ "no id of a finding", "UPDATE finding SET name = NULL", "finding.name" },
		{ "no name of a question", "UPDATE dns_answer SET name = NULL", "dns_answer.name" },
		{ "text for a packet", "UPDATE dns_packet SET octets = 'x'", "dns_answer.packet" },
		{ "no version of the program", "UPDATE run_program SET version = NULL", "run_program.version" },
		{ "no name of a rule pack", "UPDATE run_rule_pack SET name = NULL", "run_rule_pack.name" },
		{ "text for a number", "UPDATE send_event SET at_ms = 'soon'", "send_event.at_ms" },
		{ "real for a number", "UPDATE send_event SET attempt = 1.5", "send_event.attempt" },
		{ "number for a text", "UPDATE seed_event SET seed = 7", "seed_event.seed" },
		{ "octets for a text", "UPDATE run_message SET name = x'61'", "run_message.name" },
		{ "text for octets", "UPDATE observation SET header = 'Subject: x'", "observation.header" },
		{ "NUL in a text", "UPDATE probe SET seed = 'a' || char(0) || 'b'", "probe.seed" },
		{ "NUL in a text that may be NULL", "UPDATE seed_event SET detail = char(0)", "seed_event.detail" },
		{ "another word", "UPDATE observation SET role = 'cellar'", "observation.role" },
		{ "another word of the DNS", "UPDATE dns_answer SET state = 'perhaps'", "dns_answer.state" },
		{ "a time out of all bounds", "UPDATE observation SET at_ms = -9223372036854775808",
		  "observation.at_ms" },
		{ "a size that is none", "UPDATE observation SET size = -2", "observation.size" },
		{ "a UID of more than 32 bits", "UPDATE observation SET uid = 4294967296", "observation.uid" },
		{ "a type of more than 16 bits", "UPDATE dns_answer SET type = 65536", "dns_answer.type" },
		{ "an attempt below zero", "UPDATE send_event SET attempt = -1", "send_event.attempt" },
		{ "a truth value of 2", "UPDATE observation SET truncated = 2", "observation.truncated" },
		{ "more probes than the plan", "UPDATE run SET probes = 0", "the plan of run 1 has 0 probes" },
		{ "fewer probes than the plan", "UPDATE run SET probes = 1000000000000", "probes" },
		{ "probes below zero", "UPDATE run SET probes = -1", "run.probes" },
		{ "a record without the one before it", "UPDATE dns_record SET position = position + 1", "dns_record" },
		{ "a record of another answer", "UPDATE dns_record SET answer = 2, position = 5 WHERE answer = 1",
		  "dns_record" },
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct run_facts facts = { 0 };
		sqlite3 *db = make_store(f, "v6.sql");
		if (store_damage(db, rows[i].sql) != SQLITE_OK)
			fail_msg("%s: %s", rows[i].label, sqlite3_errmsg(db));
		sqlite3_close(db);
		_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_READ);
		if (store_run_load(store, 1, STORE_LOAD_ALL, &facts, &err) != -1)
			fail_msg("%s: loaded", rows[i].label);
		if (err.kind != ERROR_STORE || !strstr(err.text, rows[i].says) || !strstr(err.text, f->path) ||
		    !strstr(err.text, "the store is damaged"))
			fail_msg("%s: %s", rows[i].label, err.text);
	}
}

/* Rows whose parent is not there belong to no run: nothing reads them, and nothing falls over them. */
static void rows_without_their_parent_are_no_facts(void **state)
{
	static const struct {
		const char *label, *sql;
		int run; /* what loading run 1 returns: -1 damaged, 0 there is none, 1 loaded */
	} rows[] = {
		{ "run", "DELETE FROM run", 0 },
		{ "probes", "DELETE FROM probe", -1 },
		{ "probe of another run", "UPDATE probe SET run = 9", -1 },
		{ "answers", "DELETE FROM dns_answer", 1 },
		{ "observations", "DELETE FROM observation", 1 },
		{ "composed", "UPDATE composed SET probe = 77", 1 },
		{ "steps of sending", "UPDATE send_event SET probe = 77", 1 },
		{ "settings", "UPDATE run_setting SET run = 77", 1 },
		{ "reply tokens", "DELETE FROM reply_token", 1 },
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct run_facts facts = { 0 };
		struct probe probe = { 0 };
		sqlite3 *db = make_store(f, "v6.sql");
		if (store_damage(db, rows[i].sql) != SQLITE_OK)
			fail_msg("%s: %s", rows[i].label, sqlite3_errmsg(db));
		sqlite3_close(db);
		_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_READ);
		int found = store_run_load(store, 1, STORE_LOAD_ALL, &facts, &err);
		if (found != rows[i].run)
			fail_msg("%s: %d: %s", rows[i].label, found, err.text);
		ROW_ASSERT(rows[i].label, found >= 0 || strstr(err.text, "the store is damaged"));
		if (store_probe_load(store, 1, STORE_LOAD_ALL, &probe, &err) > 0)
			probe_fini(&probe);
		run_facts_fini(&facts);
	}
}

/* The index says that a probe is there which the table does not have, or the reverse. */
static void an_index_that_does_not_fit_is_refused(void **state)
{
	const struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct run_facts facts = { 0 };
	struct probe probe = { 0 };
	sqlite3 *db = make_store(f, "v6.sql");
	/* The index takes the pages of another: it has entries, none of them of the run. */
	assert_int_equal(
	    sqlite3_exec(db,
			 "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage"
			 " FROM sqlite_schema WHERE name = 'reply_token_address') WHERE name = 'probe_run'",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	_cleanup_(store_close_p) struct store *store = fixture_open(f, STORE_READ);
	assert_int_equal(store_run_load(store, 1, STORE_LOAD_ALL, &facts, &err), -1);
	assert_non_null(strstr(err.text, "damaged"));
	if (store_probe_load(store, 1, STORE_LOAD_ALL, &probe, &err) > 0)
		probe_fini(&probe);
}

static void statements_can_do_no_more_than_ours_do(void **state)
{
	static const char *const rows[] = {
		"ATTACH ':memory:' AS other",         "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''",
		"SELECT load_extension('x')",         "CREATE VIEW v AS SELECT 1; SELECT * FROM v",
		"SELECT length(zeroblob(200000000))",
	};
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sqlite3_exec(store->db, rows[i], NULL, NULL, NULL) == SQLITE_OK)
			fail_msg("%s: was done", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_schema_that_is_not_ours_is_refused),   STORE_TEST(what_the_schema_cannot_hold_is_refused),
		STORE_TEST(rows_without_their_parent_are_no_facts), STORE_TEST(an_index_that_does_not_fit_is_refused),
		STORE_TEST(statements_can_do_no_more_than_ours_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
