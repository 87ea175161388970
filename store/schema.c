/* The schema and its migrations. A step that was released is never changed: a change is a further step. doc/schema.md
 * says what every column means. */
#include "store/db.h"

#include "harness/base/compiler.h"

/* "pprf": marks the file as a store of postproof (file(1), and our own check). */
enum { APPLICATION_ID = 0x70707266 };

/* Facts are only ever added. */
#define APPEND_ONLY(table)                                                                                             \
	"CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table                                                   \
	" BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;"                                                    \
	"CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table                                                   \
	" BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;"

static const struct {
	int version;
	const char *sql;
} steps[] = {
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
	     " tag TEXT NOT NULL UNIQUE"
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
	     "CREATE INDEX send_event_probe ON send_event (probe, id);"
	     "CREATE TABLE observation ("
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
	     " raw BLOB NOT NULL,"
	     " UNIQUE (probe, sha256)"
	     ") STRICT;"
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
};

enum { SCHEMA_VERSION = 1 };
_Static_assert(ARRAY_LEN(steps) == SCHEMA_VERSION, "every version has its step");

static int pragma_number(struct store *store, const char *sql, int *ret, struct error *err)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
		return db_error(store, "cannot read the schema", err);
	int row = db_row(store, statement, "cannot read the schema", err);
	if (row > 0)
		*ret = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
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
	if (read_version(store, &version, err) < 0)
		return -1;
	if (version > SCHEMA_VERSION)
		return too_new(store, version, err);
	if (version < SCHEMA_VERSION)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, 0,
		    "store %s: of an older postproof (schema %d, this one reads %d): the next `postproof run` brings "
		    "it up to date",
		    store->path, version, SCHEMA_VERSION);
	return 0;
}

static int migrate_one(struct store *store, size_t step, struct error *err)
{
	char pragma[96];
	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		 steps[step].version);
	if (sqlite3_exec(store->db, steps[step].sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(store, "cannot bring the schema up to date", err);
	return 0;
}

int schema_migrate(struct store *store, struct error *err)
{
	int version = 0, result = 0;
	if (read_version(store, &version, err) < 0)
		return -1;
	if (version > SCHEMA_VERSION)
		return too_new(store, version, err);
	while (result == 0 && version < SCHEMA_VERSION) {
		if (db_begin(store, err) < 0)
			return -1;
		/* Read again under the write lock: another process may have done it meanwhile. */
		result = read_version(store, &version, err);
		if (result == 0 && version < SCHEMA_VERSION)
			result = migrate_one(store, (size_t)version, err);
		result = db_end(store, result, err);
		if (result == 0 && version < SCHEMA_VERSION)
			version++;
	}
	return result;
}
