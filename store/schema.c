/* The schema and its migrations. A step that was released is never changed: a change is a further step. doc/schema.md
 * says what every column means. */
#include "store/db.h"

#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/escape.h"

/* "pprf": marks the file as a store of postproof (file(1), and our own check). */
enum { APPLICATION_ID = 0x70707266 };

/* Facts are only ever added. */
#define APPEND_ONLY(table)                                                                                             \
	"CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table                                                   \
	" BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;"                                                    \
	"CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table                                                   \
	" BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;"

/* Sending is not idempotent. Whatever a program believes, a probe is handed over only when it is composed and when the
 * server's last word on an earlier handing over was 4xx. */
#define HANDED_OVER_ONCE                                                                                               \
	"CREATE TRIGGER send_event_composed BEFORE INSERT ON send_event WHEN NEW.kind = 'handing-over'"                \
	" AND NOT EXISTS (SELECT 1 FROM composed WHERE probe = NEW.probe)"                                             \
	" BEGIN SELECT RAISE(ABORT, 'the probe is not composed'); END;"                                                \
	"CREATE TRIGGER send_event_once BEFORE INSERT ON send_event WHEN NEW.kind = 'handing-over' AND"                \
	" (SELECT kind = 'handing-over' OR reply_code NOT BETWEEN 400 AND 499 FROM send_event"                         \
	" WHERE probe = NEW.probe AND kind IN ('handing-over', 'reply') ORDER BY id DESC LIMIT 1)"                     \
	" BEGIN SELECT RAISE(ABORT, 'the probe was handed over already'); END;"

static const struct schema_step steps[] = {
	{ 1, "CREATE TABLE run ("
	     " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	     " label TEXT NOT NULL,"
	     " created_ms INTEGER NOT NULL,"
	     " probes INTEGER NOT NULL"
	     ") STRICT;"
	     "CREATE TABLE run_setting ("
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " position INTEGER NOT NULL,"
	     " section TEXT NOT NULL,"
	     " key TEXT NOT NULL,"
	     " value TEXT NOT NULL,"
	     " PRIMARY KEY (run, position)"
	     ") STRICT, WITHOUT ROWID;"
	     "CREATE TABLE run_message ("
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " position INTEGER NOT NULL,"
	     " name TEXT NOT NULL,"
	     " stream TEXT NOT NULL,"
	     " sha256 TEXT NOT NULL,"
	     " PRIMARY KEY (run, position)"
	     ") STRICT, WITHOUT ROWID;"
	     "CREATE TABLE run_event ("
	     " id INTEGER PRIMARY KEY,"
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " kind TEXT NOT NULL,"
	     " at_ms INTEGER NOT NULL,"
	     " detail TEXT"
	     ") STRICT;"
	     "CREATE INDEX run_event_run ON run_event (run, id);"
	     "CREATE INDEX run_event_finished ON run_event (run) WHERE kind = 'finished';"
	     "CREATE TABLE probe ("
	     " id INTEGER PRIMARY KEY,"
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " seed TEXT NOT NULL,"
	     " provider TEXT NOT NULL,"
	     " message TEXT NOT NULL,"
	     " tag TEXT NOT NULL UNIQUE,"
	     " UNIQUE (run, seed, message)"
	     ") STRICT;"
	     "CREATE INDEX probe_run ON probe (run, id);"
	     "CREATE TABLE composed ("
	     " probe INTEGER PRIMARY KEY REFERENCES probe (id),"
	     " message_id TEXT NOT NULL,"
	     " mail_from TEXT NOT NULL,"
	     " octets BLOB NOT NULL"
	     ") STRICT;"
	     "CREATE TABLE send_event ("
	     " id INTEGER PRIMARY KEY,"
	     " probe INTEGER NOT NULL REFERENCES probe (id),"
	     " kind TEXT NOT NULL,"
	     " stage TEXT NOT NULL,"
	     " at_ms INTEGER NOT NULL,"
	     " attempt INTEGER NOT NULL,"
	     " reply_code INTEGER NOT NULL,"
	     " enhanced TEXT,"
	     " text TEXT,"
	     " tls_version TEXT,"
	     " tls_cipher TEXT,"
	     " peer TEXT"
	     ") STRICT;"
	     "CREATE INDEX send_event_probe ON send_event (probe, id);" HANDED_OVER_ONCE "CREATE TABLE observation ("
	     " id INTEGER PRIMARY KEY,"
	     " probe INTEGER NOT NULL REFERENCES probe (id),"
	     " at_ms INTEGER NOT NULL,"
	     " gone INTEGER NOT NULL,"
	     " folder TEXT NOT NULL,"
	     " role TEXT NOT NULL,"
	     " uidvalidity INTEGER NOT NULL,"
	     " uid INTEGER NOT NULL,"
	     " internal_ms INTEGER NOT NULL,"
	     " size INTEGER NOT NULL,"
	     " truncated INTEGER NOT NULL,"
	     " found_by TEXT NOT NULL,"
	     " header BLOB,"
	     " UNIQUE (probe, folder, uidvalidity, uid, gone)"
	     ") STRICT;"
	     "CREATE TABLE observation_body ("
	     " observation INTEGER PRIMARY KEY REFERENCES observation (id),"
	     " octets BLOB NOT NULL"
	     ") STRICT;"
	     "CREATE TABLE bounce ("
	     " id INTEGER PRIMARY KEY,"
	     " probe INTEGER NOT NULL REFERENCES probe (id),"
	     " at_ms INTEGER NOT NULL,"
	     " action TEXT NOT NULL,"
	     " status TEXT,"
	     " diagnostic TEXT,"
	     " remote_mta TEXT,"
	     " reporting_mta TEXT,"
	     " recipient TEXT,"
	     " sha256 TEXT NOT NULL,"
	     " raw BLOB NOT NULL"
	     ") STRICT;"
	     "CREATE UNIQUE INDEX bounce_once ON bounce (probe, sha256, action, ifnull(recipient, ''));"
	     "CREATE TABLE seed_event ("
	     " id INTEGER PRIMARY KEY,"
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " seed TEXT NOT NULL,"
	     " kind TEXT NOT NULL,"
	     " at_ms INTEGER NOT NULL,"
	     " detail TEXT,"
	     " mend TEXT"
	     ") STRICT;"
	     "CREATE INDEX seed_event_run ON seed_event (run, id);"
	     "CREATE TABLE baseline ("
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " seed TEXT NOT NULL,"
	     " folder TEXT NOT NULL,"
	     " role TEXT NOT NULL,"
	     " watched INTEGER NOT NULL,"
	     " uidvalidity INTEGER NOT NULL,"
	     " uidnext INTEGER NOT NULL,"
	     " messages INTEGER NOT NULL,"
	     " at_ms INTEGER NOT NULL,"
	     " PRIMARY KEY (run, seed, folder)"
	     ") STRICT, WITHOUT ROWID;" APPEND_ONLY("run") APPEND_ONLY("run_setting") APPEND_ONLY("run_message")
		 APPEND_ONLY("run_event") APPEND_ONLY("probe") APPEND_ONLY("composed") APPEND_ONLY("send_event")
		     APPEND_ONLY("observation") APPEND_ONLY("observation_body") APPEND_ONLY("bounce")
			 APPEND_ONLY("seed_event") APPEND_ONLY("baseline") },
	{ 2, "CREATE TABLE dns_answer ("
	     " id INTEGER PRIMARY KEY,"
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " name TEXT NOT NULL,"
	     " type INTEGER NOT NULL,"
	     " at_ms INTEGER NOT NULL,"
	     " state TEXT NOT NULL,"
	     " security TEXT NOT NULL,"
	     " rcode INTEGER NOT NULL,"
	     " canonical TEXT,"
	     " ttl INTEGER NOT NULL,"
	     " ttl_remaining INTEGER NOT NULL,"
	     " detail TEXT"
	     ") STRICT;"
	     "CREATE INDEX dns_answer_run ON dns_answer (run, id);"
	     "CREATE TABLE dns_record ("
	     " answer INTEGER NOT NULL REFERENCES dns_answer (id),"
	     " position INTEGER NOT NULL,"
	     " rdata BLOB NOT NULL,"
	     " PRIMARY KEY (answer, position)"
	     ") STRICT, WITHOUT ROWID;" APPEND_ONLY("dns_answer") APPEND_ONLY("dns_record") },
	{ 3, "CREATE TABLE finding ("
	     " id INTEGER PRIMARY KEY,"
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " name TEXT NOT NULL,"
	     " subject TEXT NOT NULL,"
	     " state TEXT NOT NULL,"
	     " evidence TEXT NOT NULL,"
	     " mend TEXT NOT NULL,"
	     " at_ms INTEGER NOT NULL,"
	     " UNIQUE (run, name, subject)"
	     ") STRICT;"
	     "CREATE INDEX finding_run ON finding (run, id);"
	     "CREATE TABLE reply_token ("
	     " id INTEGER PRIMARY KEY,"
	     " code TEXT NOT NULL UNIQUE,"
	     " address TEXT NOT NULL,"
	     " sent_ms INTEGER NOT NULL"
	     ") STRICT;"
	     "CREATE INDEX reply_token_address ON reply_token (address, id);"
	     "CREATE TABLE reply_confirmation ("
	     " token INTEGER PRIMARY KEY REFERENCES reply_token (id),"
	     " confirmed_ms INTEGER NOT NULL,"
	     " until_ms INTEGER NOT NULL,"
	     " who TEXT"
	     ") STRICT;" APPEND_ONLY("finding") APPEND_ONLY("reply_token") APPEND_ONLY("reply_confirmation") },
	/* Before, both stood in the sentence of `mta-sts.id` alone. */
	{ 4, "DROP TRIGGER finding_no_update;"
	     "DROP TRIGGER finding_no_delete;"
	     "ALTER TABLE finding ADD COLUMN seen_version TEXT;"
	     "ALTER TABLE finding ADD COLUMN seen_sha256 TEXT;"
	     "UPDATE finding SET seen_version = substr(evidence, 4, instr(evidence, ',') - 4),"
	     " seen_sha256 = substr(evidence, instr(evidence, ',') + 17, 64)"
	     " WHERE name = 'mta-sts.id' AND evidence GLOB 'id ?*, policy SHA-256 *';"
	     "UPDATE finding SET seen_version = NULL, seen_sha256 = NULL WHERE seen_version GLOB '*[^A-Za-z0-9]*'"
	     " OR seen_sha256 GLOB '*[^0-9a-f]*' OR length(seen_sha256) <> 64;" APPEND_ONLY("finding") },
	{ 5, "ALTER TABLE bounce ADD COLUMN sender TEXT;"
	     "ALTER TABLE bounce ADD COLUMN subject TEXT;" },
	{ 6, "CREATE TABLE dns_packet ("
	     " answer INTEGER PRIMARY KEY REFERENCES dns_answer (id),"
	     " octets BLOB NOT NULL"
	     ") STRICT;"
	     "CREATE TABLE run_program ("
	     " run INTEGER PRIMARY KEY REFERENCES run (id),"
	     " version TEXT NOT NULL,"
	     " reading INTEGER NOT NULL"
	     ") STRICT;"
	     "CREATE TABLE run_rule_pack ("
	     " run INTEGER NOT NULL REFERENCES run (id),"
	     " position INTEGER NOT NULL,"
	     " name TEXT NOT NULL,"
	     " sha256 TEXT NOT NULL,"
	     " PRIMARY KEY (run, position)"
	     ") STRICT, WITHOUT ROWID;" APPEND_ONLY("dns_packet") APPEND_ONLY("run_program")
		 APPEND_ONLY("run_rule_pack") },
	{ 7, "ALTER TABLE observation ADD COLUMN absent_ms INTEGER NOT NULL DEFAULT 0;"
	     "ALTER TABLE run_event ADD COLUMN shift_ms INTEGER NOT NULL DEFAULT 0;" },
};

enum { SCHEMA_VERSION = 7, SHOWN_MAX = 80 };
_Static_assert(ARRAY_LEN(steps) == SCHEMA_VERSION, "every version has its step");

static int pragma_number(struct store *store, const char *sql, int *ret, struct error *err)
{
	struct statement statement = { 0 };
	if (sqlite3_prepare_v2(store->db, sql, -1, &statement.handle, NULL) != SQLITE_OK)
		return db_error(store, "cannot read the schema", err);
	int row = db_row(store, &statement, "cannot read the schema", err);
	if (row > 0)
		*ret = sqlite3_column_int(statement.handle, 0);
	sqlite3_finalize(statement.handle);
	return row < 0 ? -1 : 0;
}

/* Reads the version; refuses a file that is not ours. An empty file has version 0. */
static int read_version(struct store *store, int *ret_version, struct error *err)
{
	int id = 0, tables = 0;
	if (pragma_number(store, "PRAGMA application_id", &id, err) < 0 ||
	    pragma_number(store, "PRAGMA user_version", ret_version, err) < 0 ||
	    pragma_number(store, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (id == APPLICATION_ID || (id == 0 && tables == 0 && *ret_version == 0))
		return 0;
	return error_set(
	    err, ERROR_STORE, RETRY_NEVER, 0,
	    "store %s: a database, but no postproof store; nothing was changed: name another file with --store",
	    store->path);
}

/* A file from elsewhere may have views, virtual tables and triggers of its own, or ours without their constraints: it
 * is read only where its schema is what our steps up to its version make. */
#define SCHEMA_ROWS "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"

enum { SCHEMA_COLUMNS = 4 };

static int compare_column(sqlite3_stmt *a, sqlite3_stmt *b, int at)
{
	const char *left = (const char *)sqlite3_column_text(a, at), *right = (const char *)sqlite3_column_text(b, at);
	return left && right ? strcmp(left, right) : (left != NULL) - (right != NULL);
}

/* Both are at a row, or at their end where `ends` says so. */
static int compare_entry(sqlite3_stmt *ours, bool ours_ends, sqlite3_stmt *theirs, bool theirs_ends, struct error *err)
{
	int order = ours_ends ? 1 : theirs_ends ? -1 : 0;
	for (int at = 0; at < 2 && order == 0; at++)
		order = compare_column(ours, theirs, at);
	sqlite3_stmt *named = order < 0 ? ours : theirs;
	const char *type = (const char *)sqlite3_column_text(named, 0);
	const char *name = (const char *)sqlite3_column_text(named, 1);
	char shown[SHOWN_MAX];
	escape_text(shown, sizeof(shown), span_of(name ? name : ""));
	if (order < 0)
		return db_damaged(err, "it has no %s %s", type, shown);
	if (order > 0)
		return db_damaged(err, "it has a further %.10s, `%s`, which no postproof has made",
				  type ? type : "entry", shown);
	for (int at = 2; at < SCHEMA_COLUMNS; at++)
		if (compare_column(ours, theirs, at) != 0)
			return db_damaged(err, "the %s %s is not as postproof makes it", type, shown);
	return 0;
}

static int compare_entries(struct store *store, sqlite3_stmt *ours, sqlite3_stmt *theirs, struct error *err)
{
	for (;;) {
		int next = sqlite3_step(ours), found = sqlite3_step(theirs);
		if ((next != SQLITE_ROW && next != SQLITE_DONE) || (found != SQLITE_ROW && found != SQLITE_DONE))
			return db_error(store, "cannot read the schema", err);
		if (next == SQLITE_DONE && found == SQLITE_DONE)
			return 0;
		if (compare_entry(ours, next == SQLITE_DONE, theirs, found == SQLITE_DONE, err) < 0)
			return error_prefix(err, "store %s", store->path);
	}
}

/* Compares with a database in memory that the steps up to `version` have made. */
static int compare_schema(struct store *store, int version, struct error *err)
{
	sqlite3 *model = NULL;
	sqlite3_stmt *ours = NULL, *theirs = NULL;
	int code = sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);
	for (int i = 0; i < version && code == SQLITE_OK; i++)
		code = sqlite3_exec(model, steps[i].sql, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(model, SCHEMA_ROWS, -1, &ours, NULL);
	int result = -1;
	if (code != SQLITE_OK)
		error_memory(err);
	else if (sqlite3_prepare_v2(store->db, SCHEMA_ROWS, -1, &theirs, NULL) != SQLITE_OK)
		db_error(store, "cannot read the schema", err);
	else
		result = compare_entries(store, ours, theirs, err);
	sqlite3_finalize(theirs);
	sqlite3_finalize(ours);
	sqlite3_close(model);
	return result;
}

static int too_new(struct store *store, int version, struct error *err)
{
	return error_set(
	    err, ERROR_STORE, RETRY_NEVER, 0,
	    "store %s: made by a newer postproof (schema %d, this one knows %d): upgrade postproof or name another "
	    "file with --store",
	    store->path, version, SCHEMA_VERSION);
}

int schema_check(struct store *store, struct error *err)
{
	int version = 0;
	/* One transaction: the answers must be of one moment, since another process may be making the store. */
	if (sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return db_error(store, "cannot read the schema", err);
	int result = read_version(store, &version, err);
	if (result == 0)
		result = version > SCHEMA_VERSION ? too_new(store, version, err) : compare_schema(store, version, err);
	sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	return result < 0 ? -1 : version < SCHEMA_VERSION;
}

bool schema_is_ours(struct span head)
{
	/* https://www.sqlite.org/fileformat.html, 1.3: the magic, and the application id at offset 68, big-endian. */
	static const unsigned char mark[4] = { APPLICATION_ID >> 24, APPLICATION_ID >> 16 & 0xff,
					       APPLICATION_ID >> 8 & 0xff, APPLICATION_ID & 0xff };
	return head.len >= SCHEMA_HEAD_LEN && memcmp(head.p, "SQLite format 3", 16) == 0 &&
	       memcmp(head.p + 68, mark, sizeof(mark)) == 0;
}

static int take_step(struct store *store, const struct schema_step *step, struct error *err)
{
	char pragma[96];
	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		 step->version);
	if (sqlite3_exec(store->db, step->sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(store, "cannot bring the schema up to date", err);
	return 0;
}

int schema_take_steps(struct store *store, const struct schema_step *list, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		int version = 0;
		if (db_begin(store, err) < 0)
			return -1;
		/* Read under the write lock: another process may have taken the step meanwhile. */
		int result = read_version(store, &version, err);
		if (result == 0 && version < list[i].version)
			result = take_step(store, &list[i], err);
		if (db_end(store, result, err) < 0)
			return -1;
	}
	return 0;
}

int schema_migrate(struct store *store, struct error *err)
{
	int state = schema_check(store, err);
	return state > 0 ? schema_take_steps(store, steps, ARRAY_LEN(steps), err) : state;
}
