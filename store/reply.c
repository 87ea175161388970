/* Reply tokens and their confirmations. */
#include "store/reply.h"

#include "store/db.h"

int store_reply_sent(struct store *store, const struct reply_fact *token, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	struct statement *s = db_statement(store, "INSERT INTO reply_token (code, address, sent_ms) VALUES (?, ?, ?)",
					   err);
	int result = s ? 0 : -1;
	if (result == 0) {
		db_text(s, 1, token->code);
		db_text(s, 2, token->address);
		db_number(s, 3, token->sent_ms);
		result = db_run(store, s, "cannot store the token", err);
	}
	return db_end(store, result, err);
}

int store_reply_confirmed(struct store *store, const struct reply_fact *token, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	struct statement *s = db_statement(
	    store, "INSERT INTO reply_confirmation (token, confirmed_ms, until_ms, who) VALUES (?, ?, ?, ?)", err);
	int result = s ? 0 : -1;
	if (result == 0) {
		db_number(s, 1, token->id);
		db_number(s, 2, token->confirmed_ms);
		db_number(s, 3, token->until_ms);
		db_text(s, 4, token->who);
		result = db_run(store, s, "cannot store the confirmation", err);
	}
	return db_end(store, result, err);
}

static int take_row(struct store *store, sqlite3_stmt *s, struct reply_fact *ret, struct error *err)
{
	if (db_check_row(s, "ittmMMT", "reply", err) < 0)
		return error_prefix(err, "store %s", store->path);
	struct reply_fact fact = { .id = sqlite3_column_int64(s, 0),
				   .sent_ms = sqlite3_column_int64(s, 3),
				   .confirmed_ms = sqlite3_column_int64(s, 4),
				   .until_ms = sqlite3_column_int64(s, 5) };
	if (db_take_text(s, 1, &fact.code, err) < 0 || db_take_text(s, 2, &fact.address, err) < 0 ||
	    db_take_text(s, 6, &fact.who, err) < 0) {
		reply_fact_fini(&fact);
		return -1;
	}
	*ret = fact;
	return 0;
}

#define REPLY_SQL                                                                                                      \
	"SELECT t.id, code, address, sent_ms, confirmed_ms, until_ms, who"                                             \
	" FROM reply_token t LEFT JOIN reply_confirmation c ON c.token = t.id"

/* The first row of a literal statement with one parameter. */
static int read_one(struct store *store, const char *sql, const char *parameter, struct reply_fact *ret,
		    struct error *err)
{
	db_lock(store);
	struct statement *s = db_statement(store, sql, err);
	int row = -1;
	if (s) {
		db_text(s, 1, parameter);
		row = db_row(store, s, "cannot look for a token", err);
		if (row > 0 && take_row(store, s->handle, ret, err) < 0)
			row = -1;
		sqlite3_reset(s->handle);
	}
	db_unlock(store);
	return row;
}

int store_reply_find(struct store *store, const char *code, struct reply_fact *ret, struct error *err)
{
	return read_one(store, REPLY_SQL " WHERE code = ?", code, ret, err);
}

int store_reply_of(struct store *store, const char *address, struct reply_fact *ret, struct error *err)
{
	/* NULL comes last. */
	return read_one(store, REPLY_SQL " WHERE address = ? ORDER BY until_ms DESC, t.id DESC LIMIT 1", address, ret,
			err);
}
