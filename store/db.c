/* SQLite with our errors, lock and statement cache. Knows no table. */
#include "store/db.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"

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

static int db_error_code(struct store *store, int code, const char *why, const char *what, struct error *err)
{
	enum error_retry retry = (code & 0xff) == SQLITE_BUSY ? RETRY_LATER : RETRY_NEVER;
	return error_set(err, ERROR_STORE, retry, code, "store %s: %s: %s%s", store->path, what, why, mend_for(code));
}

int db_error(struct store *store, const char *what, struct error *err)
{
	if (!store->db)
		return db_error_code(store, SQLITE_NOMEM, "out of memory", what, err);
	return db_error_code(store, sqlite3_extended_errcode(store->db), sqlite3_errmsg(store->db), what, err);
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

struct statement *db_statement(struct store *store, const char *sql, struct error *err)
{
	for (size_t i = 0; i < store->cached; i++) {
		struct statement *known = &store->cache[i];
		if (known->sql != sql)
			continue;
		sqlite3_reset(known->handle);
		sqlite3_clear_bindings(known->handle);
		known->bind_failure = SQLITE_OK;
		return known;
	}
	struct statement new = { .sql = sql };
	if (store->cached == DB_STATEMENTS_MAX) {
		error_set(err, ERROR_BUG, RETRY_NEVER, 0, "store: more statements than the cache has room for");
		return NULL;
	}
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &new.handle, NULL) != SQLITE_OK) {
		db_error(store, "cannot prepare a statement", err);
		return NULL;
	}
	store->cache[store->cached] = new;
	return &store->cache[store->cached++];
}

int db_row(struct store *store, struct statement *statement, const char *what, struct error *err)
{
	if (statement->bind_failure != SQLITE_OK)
		return db_error_code(store, statement->bind_failure, sqlite3_errstr(statement->bind_failure), what,
				     err);
	int code = sqlite3_step(statement->handle);
	if (code == SQLITE_ROW)
		return 1;
	int result = code == SQLITE_DONE ? 0 : db_error(store, what, err);
	sqlite3_reset(statement->handle);
	return result;
}

int db_run(struct store *store, struct statement *statement, const char *what, struct error *err)
{
	return db_row(store, statement, what, err) < 0 ? -1 : 0;
}

static void db_bound(struct statement *statement, int code)
{
	if (statement->bind_failure == SQLITE_OK)
		statement->bind_failure = code;
}

void db_text(struct statement *statement, int position, const char *text)
{
	/* NULL text is bound as NULL, whatever the length. */
	db_bound(statement, sqlite3_bind_text(statement->handle, position, text, -1, SQLITE_STATIC));
}

void db_number(struct statement *statement, int position, int64_t number)
{
	db_bound(statement, sqlite3_bind_int64(statement->handle, position, number));
}

void db_blob(struct statement *statement, int position, struct span octets)
{
	db_bound(statement,
		 sqlite3_bind_blob64(statement->handle, position, octets.p ? octets.p : "", octets.len, SQLITE_STATIC));
}

int db_damaged(struct error *err, const char *fmt, ...)
{
	char what[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return error_set(err, ERROR_STORE, RETRY_NEVER, SQLITE_CORRUPT,
			 "the store is damaged: %s: keep the file for inspection and name another with --store", what);
}

static const struct column_form {
	char letter;
	int type;
	int64_t min, max; /* of integers */
	const char *name;
} column_forms[] = {
	{ 't', SQLITE_TEXT, 0, 0, "text" },
	{ 'b', SQLITE_BLOB, 0, 0, "a blob" },
	{ 'i', SQLITE_INTEGER, INT64_MIN, INT64_MAX, "a number" },
	/* So far from the ends that differences fit. */
	{ 'm', SQLITE_INTEGER, -(INT64_C(1) << 53), INT64_C(1) << 53, "a time" },
	{ 's', SQLITE_INTEGER, 0, INT64_C(1) << 53, "a size" },
	{ 'z', SQLITE_INTEGER, -1, INT64_C(1) << 53, "a size or -1" },
	{ 'u', SQLITE_INTEGER, 0, UINT32_MAX, "a number of 32 bits" },
	{ 'w', SQLITE_INTEGER, 0, UINT16_MAX, "a number of 16 bits" },
	{ 'f', SQLITE_INTEGER, 0, 1, "0 or 1" },
};

static bool db_column_holds(sqlite3_stmt *statement, int at, const struct column_form *form)
{
	if (sqlite3_column_type(statement, at) != form->type)
		return false;
	if (form->type == SQLITE_INTEGER) {
		int64_t number = sqlite3_column_int64(statement, at);
		return number >= form->min && number <= form->max;
	}
	/* Text with NUL in it would be read up to there. No text: out of memory, which db_take_text says. */
	const char *text = form->type == SQLITE_TEXT ? (const char *)sqlite3_column_text(statement, at) : NULL;
	return !text || strlen(text) == (size_t)sqlite3_column_bytes(statement, at);
}

int db_check_row(sqlite3_stmt *statement, const char *columns, const char *table, struct error *err)
{
	for (int at = 0; columns[at]; at++) {
		const struct column_form *form = column_forms;
		while (form->letter != ascii_lower(columns[at]))
			form++;
		bool may_be_null = columns[at] != form->letter;
		if (may_be_null && sqlite3_column_type(statement, at) == SQLITE_NULL)
			continue;
		if (!db_column_holds(statement, at, form))
			return db_damaged(err, "%s.%s is not %s", table, sqlite3_column_name(statement, at),
					  form->name);
	}
	return 0;
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
