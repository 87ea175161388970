/* Facts about seeds. */
#include "store/seed.h"

#include "store/db.h"

int store_seed_event_add(struct store *store, int64_t run, const struct seed_event *e, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	struct statement *s = db_statement(
	    store, "INSERT INTO seed_event (run, seed, kind, at_ms, detail, mend) VALUES (?, ?, ?, ?, ?, ?)", err);
	int result = s ? 0 : -1;
	if (result == 0) {
		db_number(s, 1, run);
		db_text(s, 2, e->seed);
		db_text(s, 3, seed_event_name(e->kind));
		db_number(s, 4, e->at_ms);
		db_text(s, 5, e->detail);
		db_text(s, 6, e->mend);
		result = db_run(store, s, "cannot store how a seed was read", err);
	}
	return db_end(store, result, err);
}

static int add_baseline(struct store *store, int64_t run, const struct baseline *b, struct error *err)
{
	struct statement *s = db_statement(
	    store,
	    "INSERT INTO baseline (run, seed, folder, role, watched, uidvalidity, uidnext,"
	    " messages, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (run, seed, folder) DO NOTHING",
	    err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_text(s, 2, b->seed);
	db_text(s, 3, b->folder);
	db_text(s, 4, folder_role_name(b->role));
	db_number(s, 5, b->watched);
	db_number(s, 6, b->uidvalidity);
	db_number(s, 7, b->uidnext);
	db_number(s, 8, b->exists);
	db_number(s, 9, b->at_ms);
	return db_run(store, s, "cannot store the baseline of a folder", err);
}

int store_baselines_add(struct store *store, int64_t run, const struct baseline *baselines, size_t count,
			struct error *err)
{
	int result = 0;
	if (db_begin(store, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_baseline(store, run, &baselines[i], err);
	return db_end(store, result, err);
}
