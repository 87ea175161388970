/* Observations, their bodies beside them so that reading headers does not read bodies. */
#include "store/observation.h"

#include "store/db.h"

static int add_body(struct store *store, int64_t observation, struct span body, struct error *err)
{
	struct statement *s = db_statement(store, "INSERT INTO observation_body (observation, octets) VALUES (?, ?)",
					   err);
	if (!s)
		return -1;
	db_number(s, 1, observation);
	db_blob(s, 2, body);
	return db_run(store, s, "cannot store a message body", err);
}

/* The number of the newest sight at this place: even where the message was there, odd where it was gone; -1 where it
 * was never looked for there; -2 on error. */
static int64_t newest_sight(struct store *store, int64_t probe, const struct observation *o, struct error *err)
{
	struct statement *s = db_statement(store,
					   "SELECT max(gone) FROM observation"
					   " WHERE probe = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
					   err);
	if (!s)
		return -2;
	db_number(s, 1, probe);
	db_text(s, 2, o->folder);
	db_number(s, 3, o->uidvalidity);
	db_number(s, 4, o->uid);
	if (db_row(store, s, "cannot read the observations of a probe", err) < 0)
		return -2;
	int64_t number = sqlite3_column_type(s->handle, 0) == SQLITE_NULL ? -1 : sqlite3_column_int64(s->handle, 0);
	sqlite3_reset(s->handle);
	return number;
}

static int add_observation(struct store *store, int64_t probe, const struct observation *o, bool *ret_new,
			   struct error *err)
{
	int64_t newest = newest_sight(store, probe, o, err);
	if (newest == -2)
		return -1;
	*ret_new = newest < 0 || (newest % 2 == 1) != o->gone;
	if (!*ret_new)
		return 0;
	struct statement *s = db_statement(
	    store,
	    "INSERT INTO observation (probe, at_ms, gone, folder, role, uidvalidity, uid,"
	    " internal_ms, size, truncated, found_by, header, absent_ms)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (!s)
		return -1;
	db_number(s, 1, probe);
	db_number(s, 2, o->at_ms);
	db_number(s, 3, newest < 0 ? o->gone : newest + 1);
	db_text(s, 4, o->folder);
	db_text(s, 5, folder_role_name(o->role));
	db_number(s, 6, o->uidvalidity);
	db_number(s, 7, o->uid);
	db_number(s, 8, o->internal_ms);
	db_number(s, 9, o->size);
	db_number(s, 10, o->truncated);
	db_text(s, 11, o->found_by);
	if (o->header)
		db_blob(s, 12, span_make(o->header, o->header_len));
	db_number(s, 13, o->absent_ms);
	if (db_run(store, s, "cannot store an observation", err) < 0)
		return -1;
	if (!o->body)
		return 0;
	return add_body(store, sqlite3_last_insert_rowid(store->db), span_make(o->body, o->body_len), err);
}

int store_observation_add(struct store *store, int64_t probe, const struct observation *observation, struct error *err)
{
	bool added = false;
	if (db_begin(store, err) < 0)
		return -1;
	int result = db_end(store, add_observation(store, probe, observation, &added, err), err);
	return result < 0 ? -1 : added;
}

int store_observation_body(struct store *store, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	db_lock(store);
	struct statement *s = db_statement(store, "SELECT octets FROM observation_body WHERE observation = ?", err);
	int found = -1;
	if (s) {
		db_number(s, 1, observation);
		found = db_row(store, s, "cannot read a message body", err);
	}
	if (found > 0) {
		if (db_check_row(s->handle, "b", "observation_body", err) < 0)
			found = error_prefix(err, "store %s", store->path);
		else if (db_take_blob(s->handle, 0, ret, ret_len, err) < 0)
			found = -1;
		sqlite3_reset(s->handle);
	}
	db_unlock(store);
	return found;
}
