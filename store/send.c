/* Sending facts. */
#include "store/send.h"

#include "store/db.h"

static int send_add_event(struct store *store, int64_t probe, const struct send_event *e, struct error *err)
{
	struct statement *s = db_statement(
	    store,
	    "INSERT INTO send_event (probe, kind, stage, at_ms, attempt, reply_code, enhanced, text,"
	    " tls_version, tls_cipher, peer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (!s)
		return -1;
	db_number(s, 1, probe);
	db_text(s, 2, send_event_name(e->kind));
	db_text(s, 3, send_stage_name(e->stage));
	db_number(s, 4, e->at_ms);
	db_number(s, 5, e->attempt);
	db_number(s, 6, e->reply_code);
	db_text(s, 7, e->enhanced);
	db_text(s, 8, e->text);
	db_text(s, 9, e->tls_version);
	db_text(s, 10, e->tls_cipher);
	db_text(s, 11, e->peer);
	return db_run(store, s, "cannot store a step of sending", err);
}

static int add_composed(struct store *store, const struct send_intent *i, struct error *err)
{
	struct statement *s = db_statement(
	    store, "INSERT INTO composed (probe, message_id, mail_from, octets) VALUES (?, ?, ?, ?)", err);
	if (!s)
		return -1;
	db_number(s, 1, i->probe);
	db_text(s, 2, i->message_id);
	db_text(s, 3, i->mail_from);
	db_blob(s, 4, i->composed);
	return db_run(store, s, "cannot store a message", err);
}

int store_send_intents(struct store *store, const struct send_intent *intents, size_t count, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++) {
		const struct send_event event = { .kind = SEND_INTENT, .at_ms = intents[i].at_ms };
		result = add_composed(store, &intents[i], err);
		if (result == 0)
			result = send_add_event(store, intents[i].probe, &event, err);
	}
	return db_end(store, result, err);
}

int store_send_events(struct store *store, const struct send_step *steps, size_t count, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		result = send_add_event(store, steps[i].probe, steps[i].event, err);
	return db_end(store, result, err);
}
