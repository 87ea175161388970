/* Runs: creation with the plan, events, listing. Loading of a whole run is in run_load.c. */
#include "store/run.h"

#include <stdlib.h>

#include "harness/base/vec.h"
#include "store/db.h"

static int add_run(struct store *store, const struct run_facts *plan, int64_t *ret_id, struct error *err)
{
	struct statement *s = db_statement(store, "INSERT INTO run (label, created_ms, probes) VALUES (?, ?, ?)", err);
	if (!s)
		return -1;
	db_text(s, 1, plan->summary.label ? plan->summary.label : "");
	db_number(s, 2, plan->summary.created_ms);
	db_number(s, 3, (int64_t)plan->probe_count);
	if (db_run(store, s, "cannot store the plan", err) < 0)
		return -1;
	*ret_id = sqlite3_last_insert_rowid(store->db);
	return 0;
}

static int add_setting(struct store *store, int64_t run, size_t position, const struct setting *setting,
		       struct error *err)
{
	struct statement *s = db_statement(
	    store, "INSERT INTO run_setting (run, position, section, key, value) VALUES (?, ?, ?, ?, ?)", err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_number(s, 2, (int64_t)position);
	db_text(s, 3, setting->section);
	db_text(s, 4, setting->key);
	db_text(s, 5, setting->value);
	return db_run(store, s, "cannot store the settings", err);
}

static int run_add_message(struct store *store, int64_t run, size_t position, const struct plan_message *message,
			   struct error *err)
{
	struct statement *s = db_statement(
	    store, "INSERT INTO run_message (run, position, name, stream, sha256) VALUES (?, ?, ?, ?, ?)", err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_number(s, 2, (int64_t)position);
	db_text(s, 3, message->name);
	db_text(s, 4, stream_name(message->stream));
	db_text(s, 5, message->sha256);
	return db_run(store, s, "cannot store the messages of the plan", err);
}

static int run_add_program(struct store *store, int64_t run, const struct run_program *program, struct error *err)
{
	if (!program->version)
		return 0;
	struct statement *s = db_statement(store, "INSERT INTO run_program (run, version, reading) VALUES (?, ?, ?)",
					   err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_text(s, 2, program->version);
	db_number(s, 3, program->reading);
	return db_run(store, s, "cannot store the version of the program", err);
}

static int run_add_pack(struct store *store, int64_t run, size_t position, const struct rule_pack *pack,
			struct error *err)
{
	struct statement *s = db_statement(
	    store, "INSERT INTO run_rule_pack (run, position, name, sha256) VALUES (?, ?, ?, ?)", err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_number(s, 2, (int64_t)position);
	db_text(s, 3, pack->name);
	db_text(s, 4, pack->sha256);
	return db_run(store, s, "cannot store the rule packs", err);
}

static int run_add_probe(struct store *store, int64_t run, const struct probe *probe, struct error *err)
{
	struct statement *s = db_statement(
	    store, "INSERT INTO probe (run, seed, provider, message, tag) VALUES (?, ?, ?, ?, ?)", err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_text(s, 2, probe->seed);
	db_text(s, 3, probe->provider);
	db_text(s, 4, probe->message);
	db_text(s, 5, probe->tag);
	return db_run(store, s, "cannot store the probes of the plan", err);
}

int store_run_create(struct store *store, const struct run_facts *plan, int64_t *ret_id, struct error *err)
{
	int64_t id = 0;
	if (db_begin(store, err) < 0)
		return -1;
	int result = add_run(store, plan, &id, err);
	for (size_t i = 0; i < plan->setting_count && result == 0; i++)
		result = add_setting(store, id, i, &plan->settings[i], err);
	for (size_t i = 0; i < plan->message_count && result == 0; i++)
		result = run_add_message(store, id, i, &plan->messages[i], err);
	if (result == 0)
		result = run_add_program(store, id, &plan->program, err);
	for (size_t i = 0; i < plan->pack_count && result == 0; i++)
		result = run_add_pack(store, id, i, &plan->packs[i], err);
	for (size_t i = 0; i < plan->probe_count && result == 0; i++)
		result = run_add_probe(store, id, &plan->probes[i], err);
	result = db_end(store, result, err);
	if (result == 0)
		*ret_id = id;
	return result;
}

int store_run_event_add(struct store *store, int64_t run, const struct run_event *event, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	struct statement *s = db_statement(
	    store, "INSERT INTO run_event (run, kind, at_ms, detail, shift_ms) VALUES (?, ?, ?, ?, ?)", err);
	int result = s ? 0 : -1;
	if (result == 0) {
		db_number(s, 1, run);
		db_text(s, 2, run_event_name(event->kind));
		db_number(s, 3, event->at_ms);
		db_text(s, 4, event->detail);
		db_number(s, 5, event->shift_ms);
		result = db_run(store, s, "cannot store an event of the run", err);
	}
	return db_end(store, result, err);
}

/* The last event by its id in the index, so that the cost is that of the runs listed. */
#define SUMMARY_COLUMNS "itmsTMf"
#define SUMMARY_SQL                                                                                                    \
	"SELECT run.id, label, created_ms, probes, e.kind, e.at_ms,"                                                   \
	" EXISTS (SELECT 1 FROM run_event f WHERE f.run = run.id AND f.kind = 'finished')"                             \
	" FROM run LEFT JOIN run_event e ON e.id = (SELECT max(id) FROM run_event WHERE run = run.id)"

/* One row of SUMMARY_SQL. */
static int summary_of_row(struct store *store, sqlite3_stmt *s, struct run_summary *ret, struct error *err)
{
	if (db_check_row(s, SUMMARY_COLUMNS, "run", err) < 0)
		return error_prefix(err, "store %s", store->path);
	enum run_event_kind last = RUN_STARTED;
	bool known = run_event_from(span_of((const char *)sqlite3_column_text(s, 4)), &last);
	*ret = (struct run_summary){ .id = sqlite3_column_int64(s, 0),
				     .created_ms = sqlite3_column_int64(s, 2),
				     .probes = (size_t)sqlite3_column_int64(s, 3),
				     .finished = sqlite3_column_int(s, 6) != 0 };
	if (known && (last == RUN_FINISHED || last == RUN_INTERRUPTED || last == RUN_ABORTED))
		ret->ended_ms = sqlite3_column_int64(s, 5);
	return db_take_text(s, 1, &ret->label, err);
}

int run_summary_read(struct store *store, int64_t run, struct run_summary *ret, struct error *err)
{
	struct statement *s = db_statement(store, SUMMARY_SQL " WHERE run.id = ?", err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	int row = db_row(store, s, "cannot read the run", err);
	if (row > 0 && summary_of_row(store, s->handle, ret, err) < 0)
		row = -1;
	sqlite3_reset(s->handle);
	return row;
}

static void free_summaries(struct run_summary *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_summary_fini(&list[i]);
	free(list);
}

static int list_runs(struct store *store, size_t max, struct run_summary **ret, size_t *ret_count, struct error *err)
{
	struct run_summary *list = NULL;
	size_t count = 0, cap = 0;
	int row = -1;
	struct statement *s = db_statement(store, SUMMARY_SQL " ORDER BY run.id DESC LIMIT ?", err);
	if (!s)
		return -1;
	db_number(s, 1, (int64_t)max);
	while ((row = db_row(store, s, "cannot list the runs", err)) > 0) {
		if (vec_grow(&list, count, &cap, sizeof(*list), err) < 0 ||
		    summary_of_row(store, s->handle, &list[count], err) < 0) {
			row = -1;
			break;
		}
		count++;
	}
	if (row < 0) {
		sqlite3_reset(s->handle);
		free_summaries(list, count);
		return -1;
	}
	*ret = list;
	*ret_count = count;
	return 0;
}

int store_run_list(struct store *store, size_t max, struct run_summary **ret, size_t *ret_count, struct error *err)
{
	db_lock(store);
	int result = list_runs(store, max, ret, ret_count, err);
	db_unlock(store);
	return result;
}

int store_run_newest(struct store *store, bool unfinished, int64_t *ret_id, struct error *err)
{
	db_lock(store);
	struct statement *s =
	    unfinished ? db_statement(store,
				      "SELECT id FROM run WHERE probes > 0 AND NOT EXISTS (SELECT 1 FROM run_event e"
				      " WHERE e.run = run.id AND e.kind = 'finished') ORDER BY id DESC LIMIT 1",
				      err)
		       : db_statement(store, "SELECT id FROM run WHERE probes > 0 ORDER BY id DESC LIMIT 1", err);
	int row = s ? db_row(store, s, "cannot look for a run", err) : -1;
	if (row > 0)
		*ret_id = sqlite3_column_int64(s->handle, 0);
	if (s)
		sqlite3_reset(s->handle);
	db_unlock(store);
	return row;
}

int store_run_newest_finished(struct store *store, int64_t except, int64_t *ret_id, struct error *err)
{
	db_lock(store);
	/* By the index on finished runs. */
	struct statement *s = db_statement(store,
					   "SELECT e.run FROM run_event e JOIN run r ON r.id = e.run WHERE"
					   " e.kind = 'finished' AND e.run <> ? AND r.probes > 0"
					   " ORDER BY e.run DESC LIMIT 1",
					   err);
	if (s)
		db_number(s, 1, except);
	int row = s ? db_row(store, s, "cannot look for a finished run", err) : -1;
	if (row > 0)
		*ret_id = sqlite3_column_int64(s->handle, 0);
	if (s)
		sqlite3_reset(s->handle);
	db_unlock(store);
	return row;
}
