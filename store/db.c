/* SQLite with our errors, lock and statement cache. Knows no table. */
#include "store/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *mend_for(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return "; the disk is full: make room and try again";
	case SQLITE_READONLY:
		return "; it cannot be written: check the permissions of the file and its folder, or name another with "
		       "--store";
	case SQLITE_CANTOPEN:
		return "; check that the folder exists and can be written, or name another file with --store";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "; another process holds it: try again when that has ended";
	case SQLITE_NOTADB:
		return "; it is no postproof store: name another file with --store";
	case SQLITE_CORRUPT:
		return "; it is damaged: keep it for inspection and name another file with --store";
	case SQLITE_IOERR:
		return "; reading or writing failed: check the disk and the room on it";
	default:
		return "";
	}
}

int db_error(struct store *store, const char *what, struct error *err)
{
	int code = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
	enum error_retry retry = (code & 0xff) == SQLITE_BUSY ? RETRY_LATER : RETRY_NEVER;
	return error_set(err, ERROR_STORE, retry, code, "store %s: %s: %s%s", store->path, what,
			 store->db ? sqlite3_errmsg(store->db) : "out of memory", mend_for(code));
}

void db_lock(struct store *store)
{
	pthread_mutex_lock(&store->lock);
}

void db_unlock(struct store *store)
{
	pthread_mutex_unlock(&store->lock);
}

int db_begin(struct store *store, struct error *err)
{
	db_lock(store);
	if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	db_error(store, "cannot begin to write", err);
	db_unlock(store);
	return -1;
}

int db_end(struct store *store, int result, struct error *err)
{
	if (result == 0 && sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		result = db_error(store, "cannot write", err);
	if (result != 0 && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	db_unlock(store);
	return result;
}

sqlite3_stmt *db_statement(struct store *store, const char *sql, struct error *err)
{
	for (size_t i = 0; i < store->cached; i++) {
		sqlite3_stmt *known = store->cache[i].statement;
		if (store->cache[i].sql != sql)
			continue;
		sqlite3_reset(known);
		sqlite3_clear_bindings(known);
		return known;
	}
	sqlite3_stmt *statement = NULL;
	if (store->cached == DB_STATEMENTS_MAX) {
		error_set(err, ERROR_BUG, RETRY_NEVER, 0, "store: more statements than the cache has room for");
		return NULL;
	}
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
		db_error(store, "cannot prepare a statement", err);
		return NULL;
	}
	store->cache[store->cached].sql = sql;
	store->cache[store->cached++].statement = statement;
	return statement;
}

int db_row(struct store *store, sqlite3_stmt *statement, const char *what, struct error *err)
{
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		return 1;
	int result = code == SQLITE_DONE ? 0 : db_error(store, what, err);
	sqlite3_reset(statement);
	return result;
}

int db_run(struct store *store, sqlite3_stmt *statement, const char *what, struct error *err)
{
	return db_row(store, statement, what, err) < 0 ? -1 : 0;
}

void db_text(sqlite3_stmt *statement, int position, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, position, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, position);
}

void db_number(sqlite3_stmt *statement, int position, int64_t number)
{
	sqlite3_bind_int64(statement, position, number);
}

void db_blob(sqlite3_stmt *statement, int position, struct span octets)
{
	sqlite3_bind_blob64(statement, position, octets.p ? octets.p : "", octets.len, SQLITE_STATIC);
}

int db_take_text(sqlite3_stmt *statement, int position, char **ret, struct error *err)
{
	if (sqlite3_column_type(statement, position) == SQLITE_NULL) {
		*ret = NULL;
		return 0;
	}
	/* NULL here is SQLite out of memory, which must not read as an absent fact. */
	const unsigned char *text = sqlite3_column_text(statement, position);
	*ret = text ? strdup((const char *)text) : NULL;
	return *ret ? 0 : error_memory(err);
}

int db_take_blob(sqlite3_stmt *statement, int position, char **ret, size_t *ret_len, struct error *err)
{
	if (sqlite3_column_type(statement, position) == SQLITE_NULL) {
		*ret = NULL;
		*ret_len = 0;
		return 0;
	}
	const void *octets = sqlite3_column_blob(statement, position);
	size_t len = (size_t)sqlite3_column_bytes(statement, position);
	if (!octets && len > 0)
		return error_memory(err);
	*ret = span_dup(span_make(octets, len));
	*ret_len = len;
	return *ret ? 0 : error_memory(err);
}
