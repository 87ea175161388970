/* What the files of store/ share: the connection, its lock, statements. Private to store/. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum { DB_STATEMENTS_MAX = 64 };

/* A prepared statement. A binding that fails leaves NULL in its place, which would read as an absent fact: so the
 * statement remembers it, and is not run. */
struct statement {
	const char *sql; /* a literal: compared by address */
	sqlite3_stmt *handle;
	int bind_failure; /* SQLite's code for the first; SQLITE_OK where there is none */
};

struct store {
	pthread_mutex_t lock;
	sqlite3 *db;
	char *path; /* as given */
	char *name; /* the same, as SQLite must read it */
	unsigned exposed;
	dev_t device; /* of the file, with its inode and its size, when it had been opened */
	ino_t inode;
	off_t size;
	int lock_fd; /* holds the right to make runs; -1 without */
	struct statement cache[DB_STATEMENTS_MAX];
	size_t cached;
};

/* ERROR_STORE for the connection's last failure: what was being done, the path, the mend where one is known. */
int db_error(struct store *store, const char *what, struct error *err);

/* The lock alone, for reading; and a write transaction with it. db_end commits when result is 0 and rolls back when
 * not; it gives the result back, or -1 when the commit failed. */
void db_lock(struct store *store);
void db_unlock(struct store *store);
ATTR_MUST_USE int db_begin(struct store *store, struct error *err);
ATTR_MUST_USE int db_end(struct store *store, int result, struct error *err);

/* The prepared statement for a literal, reset and without bindings; NULL on error. The lock is held. */
struct statement *db_statement(struct store *store, const char *sql, struct error *err);

/* Runs a statement that gives no rows. */
ATTR_MUST_USE int db_run(struct store *store, struct statement *statement, const char *what, struct error *err);

/* 1 a row, 0 no more (the statement is reset then), -1 error, also where a value could not be bound. */
ATTR_MUST_USE int db_row(struct store *store, struct statement *statement, const char *what, struct error *err);

/* Binding by position from 1; NULL text binds NULL. Octets must outlive the step. A failure is that of db_row. */
void db_text(struct statement *statement, int position, const char *text);
void db_number(struct statement *statement, int position, int64_t number);
void db_blob(struct statement *statement, int position, struct span octets);

/* A heap copy of a column (position from 0). Text: *ret NULL where the column is NULL. -1 when out of memory. */
ATTR_MUST_USE int db_take_text(sqlite3_stmt *statement, int position, char **ret, struct error *err);
ATTR_MUST_USE int db_take_blob(sqlite3_stmt *statement, int position, char **ret, size_t *ret_len, struct error *err);

/* ERROR_STORE: the file holds what no release has written. The text says what, and that the file should be kept. */
int db_damaged(struct error *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Whether the row can have been written through our schema, which says nothing of a file from elsewhere. One letter for
 * each column, in lower case where the schema says NOT NULL: t text, b octets, i any integer, m time in ms, s a size in
 * octets, z one that may be -1, u 32 bits without sign, w 16 bits, f 0 or 1. -1 with ERROR_STORE that names table and
 * column. */
ATTR_MUST_USE int db_check_row(sqlite3_stmt *statement, const char *columns, const char *table, struct error *err);

struct run_summary;

/* The summary of one run, with the lock held: 1 found, 0 there is none, -1 error. */
int run_summary_read(struct store *store, int64_t run, struct run_summary *ret, struct error *err);

enum { SCHEMA_HEAD_LEN = 72 };

/* Whether a file that begins with these octets (SCHEMA_HEAD_LEN of them) is an SQLite database marked as a store. */
bool schema_is_ours(struct span head);

/* One version of the schema and how it is reached from the one before. */
struct schema_step {
	int version; /* from 1, by one */
	const char *sql;
};

/* Takes the steps that the database has not taken, each in a transaction of its own: after a failure it is at the last
 * whole step. */
int schema_take_steps(struct store *store, const struct schema_step *steps, size_t count, struct error *err);

/* Brings an open, writable database to this release's schema. */
int schema_migrate(struct store *store, struct error *err);

/* 0 when the schema is that of this release, 1 when it is that of an older one, -1 when it is newer, another than the
 * steps of its version make, or cannot be read. */
int schema_check(struct store *store, struct error *err);

#endif
