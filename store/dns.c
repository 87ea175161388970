/* DNS facts. */
#include "store/dns.h"

#include "store/db.h"

static int add_answer(struct store *store, int64_t run, const struct dns_fact *fact, struct error *err)
{
	const struct dns_answer *a = &fact->answer;
	struct statement *s = db_statement(
	    store,
	    "INSERT INTO dns_answer (run, name, type, at_ms, state, security, rcode,"
	    " canonical, ttl, ttl_remaining, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_text(s, 2, fact->name);
	db_number(s, 3, fact->type);
	db_number(s, 4, a->at_ms);
	db_text(s, 5, dns_state_name(a->state));
	db_text(s, 6, dns_security_name(a->security));
	db_number(s, 7, a->rcode);
	db_text(s, 8, a->canonical);
	db_number(s, 9, a->ttl);
	db_number(s, 10, a->ttl_remaining);
	db_text(s, 11, a->detail);
	return db_run(store, s, "cannot store an answer of the DNS", err);
}

static int add_records(struct store *store, int64_t answer, const struct dns_answer *a, struct error *err)
{
	for (size_t i = 0; i < a->count; i++) {
		struct statement *s = db_statement(
		    store, "INSERT INTO dns_record (answer, position, rdata) VALUES (?, ?, ?)", err);
		if (!s)
			return -1;
		db_number(s, 1, answer);
		db_number(s, 2, (int64_t)i);
		db_blob(s, 3, span_make((const char *)a->records[i].rdata, a->records[i].len));
		if (db_run(store, s, "cannot store a record of the DNS", err) < 0)
			return -1;
	}
	return 0;
}

static int add_packet(struct store *store, int64_t answer, const struct dns_answer *a, struct error *err)
{
	if (a->packet_len == 0)
		return 0;
	struct statement *s = db_statement(store, "INSERT INTO dns_packet (answer, octets) VALUES (?, ?)", err);
	if (!s)
		return -1;
	db_number(s, 1, answer);
	db_blob(s, 2, span_make((const char *)a->packet, a->packet_len));
	return db_run(store, s, "cannot store a packet of the DNS", err);
}

int store_dns_add(struct store *store, int64_t run, const struct dns_fact *fact, struct error *err)
{
	if (db_begin(store, err) < 0)
		return -1;
	int result = add_answer(store, run, fact, err);
	int64_t answer = sqlite3_last_insert_rowid(store->db);
	if (result == 0)
		result = add_records(store, answer, &fact->answer, err);
	if (result == 0)
		result = add_packet(store, answer, &fact->answer, err);
	return db_end(store, result, err);
}

int store_dns_newest(struct store *store, int64_t *ret_run, struct error *err)
{
	db_lock(store);
	/* By the index on the run. */
	struct statement *s = db_statement(store, "SELECT run FROM dns_answer ORDER BY run DESC LIMIT 1", err);
	int row = s ? db_row(store, s, "cannot look for a snapshot", err) : -1;
	if (row > 0)
		*ret_run = sqlite3_column_int64(s->handle, 0);
	if (s)
		sqlite3_reset(s->handle);
	db_unlock(store);
	return row;
}
