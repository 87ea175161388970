/* Loading of everything of one run. Every statement is led by an index on the run or on the probe, so that the number
 * of other runs does not matter. */
#include "store/run.h"

#include <stdlib.h>

#include "harness/base/vec.h"
#include "store/db.h"

/* One statement whose rows become elements of an array of the run. */
struct loader {
	const char *sql; /* parameters: the run; for what hangs on probes also their first and last id */
	const char *what;
	const char *table, *columns; /* as db_check_row has them */
	/* Reads the row into the run: 0, or -1 with *err. */
	int (*row)(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err);
};

static struct span column(sqlite3_stmt *s, int position)
{
	return span_of((const char *)sqlite3_column_text(s, position));
}

/* A word that this release does not know must not read as another: an unknown step of sending taken for an intent would
 * send a message twice. */
static int unknown_word(const char *column_name, struct error *err)
{
	return db_damaged(err, "%s holds a word that is not known", column_name);
}

static int setting_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->settings, run->setting_count, cap, sizeof(*run->settings), err) < 0)
		return -1;
	struct setting *v = &run->settings[run->setting_count++];
	return db_take_text(s, 0, &v->section, err) < 0 || db_take_text(s, 1, &v->key, err) < 0 ||
		       db_take_text(s, 2, &v->value, err) < 0
		   ? -1
		   : 0;
}

static int message_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->messages, run->message_count, cap, sizeof(*run->messages), err) < 0)
		return -1;
	struct plan_message *v = &run->messages[run->message_count++];
	if (!stream_from(column(s, 1), &v->stream))
		return unknown_word("run_message.stream", err);
	return db_take_text(s, 0, &v->name, err) < 0 || db_take_text(s, 2, &v->sha256, err) < 0 ? -1 : 0;
}

static int event_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->events, run->event_count, cap, sizeof(*run->events), err) < 0)
		return -1;
	struct run_event *v = &run->events[run->event_count++];
	if (!run_event_from(column(s, 0), &v->kind))
		return unknown_word("run_event.kind", err);
	v->at_ms = sqlite3_column_int64(s, 1);
	/* Decades at the most, so that no sum of them overflows. */
	const int64_t most = INT64_C(1) << 40, shift_ms = sqlite3_column_int64(s, 3);
	v->shift_ms = shift_ms > most ? most : shift_ms < -most ? -most : shift_ms;
	if (v->kind == RUN_CLOCK_SET)
		run->summary.clock_set_ms += v->shift_ms < 0 ? -v->shift_ms : v->shift_ms;
	else if (v->kind == RUN_SLEPT)
		run->summary.slept_ms += v->shift_ms;
	return db_take_text(s, 2, &v->detail, err);
}

static int seed_event_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->seed_events, run->seed_event_count, cap, sizeof(*run->seed_events), err) < 0)
		return -1;
	struct seed_event *v = &run->seed_events[run->seed_event_count++];
	if (!seed_event_from(column(s, 1), &v->kind))
		return unknown_word("seed_event.kind", err);
	v->at_ms = sqlite3_column_int64(s, 2);
	return db_take_text(s, 0, &v->seed, err) < 0 || db_take_text(s, 3, &v->detail, err) < 0 ||
		       db_take_text(s, 4, &v->mend, err) < 0
		   ? -1
		   : 0;
}

static int baseline_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->baselines, run->baseline_count, cap, sizeof(*run->baselines), err) < 0)
		return -1;
	struct baseline *v = &run->baselines[run->baseline_count++];
	if (!folder_role_from(column(s, 2), &v->role))
		return unknown_word("baseline.role", err);
	v->watched = sqlite3_column_int(s, 3) != 0;
	v->uidvalidity = (uint32_t)sqlite3_column_int64(s, 4);
	v->uidnext = (uint32_t)sqlite3_column_int64(s, 5);
	v->exists = (uint32_t)sqlite3_column_int64(s, 6);
	v->at_ms = sqlite3_column_int64(s, 7);
	return db_take_text(s, 0, &v->seed, err) < 0 || db_take_text(s, 1, &v->folder, err) < 0 ? -1 : 0;
}

static int program_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	run->program.reading = (unsigned)sqlite3_column_int(s, 1);
	return db_take_text(s, 0, &run->program.version, err);
}

static int pack_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->packs, run->pack_count, cap, sizeof(*run->packs), err) < 0)
		return -1;
	struct rule_pack *v = &run->packs[run->pack_count++];
	return db_take_text(s, 0, &v->name, err) < 0 || db_take_text(s, 1, &v->sha256, err) < 0 ? -1 : 0;
}

static int dns_begin_answer(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->dns, run->dns_count, cap, sizeof(*run->dns), err) < 0)
		return -1;
	struct dns_fact *v = &run->dns[run->dns_count++];
	v->id = sqlite3_column_int64(s, 0);
	v->type = (enum dns_type)sqlite3_column_int(s, 2);
	v->answer.at_ms = sqlite3_column_int64(s, 3);
	if (!dns_state_from(column(s, 4), &v->answer.state))
		return unknown_word("dns_answer.state", err);
	if (!dns_security_from(column(s, 5), &v->answer.security))
		return unknown_word("dns_answer.security", err);
	v->answer.rcode = sqlite3_column_int(s, 6);
	v->answer.ttl = (uint32_t)sqlite3_column_int64(s, 8);
	v->answer.ttl_remaining = sqlite3_column_int(s, 9) != 0;
	return db_take_text(s, 1, &v->name, err) < 0 || db_take_text(s, 7, &v->answer.canonical, err) < 0 ||
		       db_take_text(s, 10, &v->answer.detail, err) < 0 ||
		       dns_answer_set_packet(&v->answer, sqlite3_column_blob(s, 13),
					     (size_t)sqlite3_column_bytes(s, 13), err) < 0
		   ? -1
		   : 0;
}

/* A row for each record, or one row for an answer without records. */
static int dns_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	const struct dns_fact *last = run->dns_count ? &run->dns[run->dns_count - 1] : NULL;
	if ((!last || last->id != sqlite3_column_int64(s, 0)) && dns_begin_answer(run, s, cap, err) < 0)
		return -1;
	struct dns_answer *answer = &run->dns[run->dns_count - 1].answer;
	size_t fits = answer->count;
	if (sqlite3_column_type(s, 11) == SQLITE_NULL)
		return 0;
	if (sqlite3_column_type(s, 12) == SQLITE_NULL)
		return db_damaged(err, "dns_record.rdata is not a blob");
	if (sqlite3_column_int64(s, 11) != (int64_t)answer->count)
		return db_damaged(err, "dns_record: the record %zu of the answer %lld is missing", answer->count,
				  (long long)sqlite3_column_int64(s, 0));
	return dns_answer_add(answer, &fits, sqlite3_column_blob(s, 12), (size_t)sqlite3_column_bytes(s, 12), err);
}

static int finding_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	struct findings *findings = &run->findings;
	struct finding v = { .at_ms = sqlite3_column_int64(s, 5) };
	if (!finding_state_from(column(s, 2), &v.state))
		return unknown_word("finding.state", err);
	v.id = fact_lend(column(s, 0).p);
	v.subject = fact_lend(column(s, 1).p);
	v.evidence = fact_lend(column(s, 3).p);
	v.mend = fact_lend(column(s, 4).p);
	v.seen_version = fact_lend(column(s, 6).p);
	v.seen_sha256 = fact_lend(column(s, 7).p);
	return findings_add(findings, &v, err);
}

static int probe_row(struct run_facts *run, sqlite3_stmt *s, size_t *cap, struct error *err)
{
	if (vec_grow(&run->probes, run->probe_count, cap, sizeof(*run->probes), err) < 0)
		return -1;
	struct probe *v = &run->probes[run->probe_count++];
	v->id = sqlite3_column_int64(s, 0);
	return db_take_text(s, 1, &v->seed, err) < 0 || db_take_text(s, 2, &v->provider, err) < 0 ||
		       db_take_text(s, 3, &v->message, err) < 0 || db_take_text(s, 4, &v->tag, err) < 0 ||
		       db_take_text(s, 5, &v->message_id, err) < 0 || db_take_text(s, 6, &v->mail_from, err) < 0 ||
		       db_take_blob(s, 7, &v->composed, &v->composed_len, err) < 0
		   ? -1
		   : 0;
}

/* The probe of that id: rows of all kinds come in the order of the probes, so the search goes on where it was. */
static struct probe *probe_of(struct run_facts *run, sqlite3_stmt *s, size_t *at)
{
	int64_t id = sqlite3_column_int64(s, 0);
	while (*at < run->probe_count && run->probes[*at].id != id)
		++*at;
	return *at < run->probe_count ? &run->probes[*at] : NULL;
}

static int without_probe(const char *table, sqlite3_stmt *s, struct error *err)
{
	return db_damaged(err, "%s has a row of probe %lld, which the run does not have", table,
			  (long long)sqlite3_column_int64(s, 0));
}

static int send_row(struct run_facts *run, sqlite3_stmt *s, size_t *at, struct error *err)
{
	struct probe *probe = probe_of(run, s, at);
	if (!probe)
		return without_probe("send_event", s, err);
	struct send_event *grown = reallocarray(probe->sends, probe->send_count + 1, sizeof(*grown));
	if (!grown)
		return error_memory(err);
	probe->sends = grown;
	struct send_event *v = &grown[probe->send_count++];
	*v = (struct send_event){ .at_ms = sqlite3_column_int64(s, 3),
				  .attempt = sqlite3_column_int(s, 4),
				  .reply_code = sqlite3_column_int(s, 5) };
	if (!send_event_from(column(s, 1), &v->kind))
		return unknown_word("send_event.kind", err);
	if (!send_stage_from(column(s, 2), &v->stage))
		return unknown_word("send_event.stage", err);
	return db_take_text(s, 6, &v->enhanced, err) < 0 || db_take_text(s, 7, &v->text, err) < 0 ||
		       db_take_text(s, 8, &v->tls_version, err) < 0 || db_take_text(s, 9, &v->tls_cipher, err) < 0 ||
		       db_take_text(s, 10, &v->peer, err) < 0
		   ? -1
		   : 0;
}

static int observation_row(struct run_facts *run, sqlite3_stmt *s, size_t *at, struct error *err)
{
	struct probe *probe = probe_of(run, s, at);
	if (!probe)
		return without_probe("observation", s, err);
	struct observation *grown = reallocarray(probe->observations, probe->observation_count + 1, sizeof(*grown));
	if (!grown)
		return error_memory(err);
	probe->observations = grown;
	struct observation *v = &grown[probe->observation_count++];
	*v = (struct observation){ .id = sqlite3_column_int64(s, 1),
				   .at_ms = sqlite3_column_int64(s, 2),
				   .gone = sqlite3_column_int64(s, 3) % 2 != 0,
				   .uidvalidity = (uint32_t)sqlite3_column_int64(s, 6),
				   .uid = (uint32_t)sqlite3_column_int64(s, 7),
				   .internal_ms = sqlite3_column_int64(s, 8),
				   .size = sqlite3_column_int64(s, 9),
				   .truncated = sqlite3_column_int(s, 10) != 0,
				   .absent_ms = sqlite3_column_int64(s, 14) };
	if (!folder_role_from(column(s, 5), &v->role))
		return unknown_word("observation.role", err);
	return db_take_text(s, 4, &v->folder, err) < 0 || db_take_text(s, 11, &v->found_by, err) < 0 ||
		       db_take_blob(s, 12, &v->header, &v->header_len, err) < 0 ||
		       db_take_blob(s, 13, &v->body, &v->body_len, err) < 0
		   ? -1
		   : 0;
}

static int bounce_row(struct run_facts *run, sqlite3_stmt *s, size_t *at, struct error *err)
{
	struct probe *probe = probe_of(run, s, at);
	if (!probe)
		return without_probe("bounce", s, err);
	struct bounce *grown = reallocarray(probe->bounces, probe->bounce_count + 1, sizeof(*grown));
	if (!grown)
		return error_memory(err);
	probe->bounces = grown;
	struct bounce *v = &grown[probe->bounce_count++];
	*v = (struct bounce){ .at_ms = sqlite3_column_int64(s, 1) };
	return db_take_text(s, 2, &v->action, err) < 0 || db_take_text(s, 3, &v->status, err) < 0 ||
		       db_take_text(s, 4, &v->diagnostic, err) < 0 || db_take_text(s, 5, &v->remote_mta, err) < 0 ||
		       db_take_text(s, 6, &v->reporting_mta, err) < 0 || db_take_text(s, 7, &v->recipient, err) < 0 ||
		       db_take_blob(s, 8, &v->raw, &v->raw_len, err) < 0 || db_take_text(s, 9, &v->sender, err) < 0 ||
		       db_take_text(s, 10, &v->subject, err) < 0
		   ? -1
		   : 0;
}

#define PROBES_SQL(octets)                                                                                             \
	"SELECT id, seed, provider, message, tag, message_id, mail_from, " octets " AS octets"                         \
	" FROM probe LEFT JOIN composed ON composed.probe = probe.id WHERE run = ?1 AND id BETWEEN ?2 AND ?3 ORDER "   \
	"BY id"
#define OBSERVATIONS_SQL(body, join)                                                                                   \
	"SELECT o.probe, o.id, at_ms, gone, folder, role, uidvalidity, uid, internal_ms, size, truncated, found_by,"   \
	" header, " body " AS octets, absent_ms FROM probe p JOIN observation o ON o.probe = p.id " join               \
	" WHERE p.run = ?1 AND p.id BETWEEN ?2 AND ?3 ORDER BY p.id, at_ms, o.id"
#define BOUNCES_SQL(raw)                                                                                               \
	"SELECT b.probe, at_ms, action, status, diagnostic, remote_mta, reporting_mta, recipient, " raw " AS raw"      \
	", sender, subject"                                                                                            \
	" FROM probe p JOIN bounce b ON b.probe = p.id WHERE p.run = ?1 AND p.id BETWEEN ?2 AND ?3 ORDER BY p.id, "    \
	"b.id"

#define ANSWERS_SQL(packet, join)                                                                                      \
	"SELECT a.id, name, type, at_ms, state, security, rcode, canonical, ttl, ttl_remaining, detail,"               \
	" r.position, r.rdata, " packet " AS packet FROM dns_answer a LEFT JOIN dns_record r ON r.answer = a.id" join  \
	" WHERE a.run = ? ORDER BY a.id, r.position"

static const struct loader common[] = {
	{ "SELECT section, key, value FROM run_setting WHERE run = ? ORDER BY position", "the settings", "run_setting",
	  "ttt", setting_row },
	{ "SELECT name, stream, sha256 FROM run_message WHERE run = ? ORDER BY position", "the messages", "run_message",
	  "ttt", message_row },
	{ "SELECT kind, at_ms, detail, shift_ms FROM run_event WHERE run = ? ORDER BY id", "the events of the run",
	  "run_event", "tmTm", event_row },
	{ "SELECT seed, kind, at_ms, detail, mend FROM seed_event WHERE run = ? ORDER BY id", "the seeds", "seed_event",
	  "ttmTT", seed_event_row },
	{ "SELECT version, reading FROM run_program WHERE run = ?", "the version of the program", "run_program", "tw",
	  program_row },
	{ "SELECT name, sha256 FROM run_rule_pack WHERE run = ? ORDER BY position", "the rule packs", "run_rule_pack",
	  "tt", pack_row },
	{ "SELECT name, subject, state, evidence, mend, at_ms, seen_version, seen_sha256 FROM finding WHERE run = ?"
	  " ORDER BY id",
	  "the findings", "finding", "tttttmTT", finding_row },
};
/* By enum store_load: without and with the packets, each of which stands in the first row of its answer alone. */
static const struct loader answers[] = {
	{ ANSWERS_SQL("NULL", ""), "the DNS snapshot", "dns_answer", "itwmttwTufTIBB", dns_row },
	{ ANSWERS_SQL("p.octets", " LEFT JOIN dns_packet p ON p.answer = a.id AND ifnull(r.position, 0) = 0"),
	  "the DNS snapshot", "dns_answer", "itwmttwTufTIBB", dns_row },
};
static const struct loader baselines = {
	"SELECT seed, folder, role, watched, uidvalidity, uidnext, messages, at_ms FROM baseline WHERE run = ?"
	" ORDER BY seed, folder",
	"the baselines", "baseline", "tttfuuum", baseline_row
};
static const struct loader sends = {
	"SELECT e.probe, kind, stage, at_ms, attempt, reply_code, enhanced, text, tls_version, tls_cipher, peer"
	" FROM probe p JOIN send_event e ON e.probe = p.id WHERE p.run = ?1 AND p.id BETWEEN ?2 AND ?3 ORDER BY p.id, "
	"e.id",
	"the sending", "send_event", "ittmwwTTTTT", send_row
};
/* By enum store_load: without and with the large octets. */
/* Of what was sent the header is never left out: assessment must know what is not the provider's. */
#define COMPOSED_HEADER                                                                                                \
	"CASE instr(octets, x'0D0A0D0A') WHEN 0 THEN octets ELSE substr(octets, 1, instr(octets, x'0D0A0D0A') + 3) "   \
	"END"
static const struct loader probes[] = { { PROBES_SQL(COMPOSED_HEADER), "the probes", "probe", "ittttTTB", probe_row },
					{ PROBES_SQL("octets"), "the probes", "probe", "ittttTTB", probe_row } };
static const struct loader observations[] = {
	{ OBSERVATIONS_SQL("NULL", ""), "the observations", "observation", "iimuttuumzftBBm", observation_row },
	{ OBSERVATIONS_SQL("b.octets", "LEFT JOIN observation_body b ON b.observation = o.id"), "the observations",
	  "observation", "iimuttuumzftBBm", observation_row },
};
static const struct loader bounces[] = {
	{ BOUNCES_SQL("NULL"), "the notifications", "bounce", "imtTTTTTBTT", bounce_row },
	{ BOUNCES_SQL("raw"), "the notifications", "bounce", "imtTTTTTBTT", bounce_row }
};

/* Which part of a run is read, and how much may still come: pages of a damaged file may be the children of several
 * others, so that a small file could be read without end. */
struct extent {
	int64_t run;
	int64_t first_probe, last_probe;
	int64_t room; /* octets */
};

/* A row of a join may repeat what its parent has, and takes memory of its own. */
enum { REPEATED_MAX = 32, ROW_OCTETS = 32 };

static int read_number(struct store *store, const char *pragma, int64_t *ret, struct error *err)
{
	struct statement *s = db_statement(store, pragma, err);
	int row = s ? db_row(store, s, "cannot read its size", err) : -1;
	if (row > 0)
		*ret = sqlite3_column_int64(s->handle, 0);
	if (s)
		sqlite3_reset(s->handle);
	return row < 0 ? -1 : 0;
}

static int read_room(struct store *store, struct extent *extent, struct error *err)
{
	int64_t pages = 0, page_octets = 0;
	if (read_number(store, "PRAGMA page_count", &pages, err) < 0 ||
	    read_number(store, "PRAGMA page_size", &page_octets, err) < 0)
		return -1;
	extent->room = REPEATED_MAX * pages * page_octets;
	return 0;
}

static int check_row(const struct loader *loader, sqlite3_stmt *s, struct extent *extent, struct error *err)
{
	extent->room -= ROW_OCTETS;
	for (int at = 0; loader->columns[at]; at++)
		if (sqlite3_column_type(s, at) != SQLITE_INTEGER)
			extent->room -= sqlite3_column_bytes(s, at);
	if (extent->room < 0)
		return db_damaged(err, "it has more rows than its size has room for");
	return db_check_row(s, loader->columns, loader->table, err);
}

static int load_rows(struct store *store, const struct loader *loader, struct extent *extent, struct run_facts *run,
		     struct error *err)
{
	struct statement *s = db_statement(store, loader->sql, err);
	size_t state = 0, count = 0;
	int row = -1;
	if (!s)
		return -1;
	db_number(s, 1, extent->run);
	if (sqlite3_bind_parameter_count(s->handle) > 1) {
		db_number(s, 2, extent->first_probe);
		db_number(s, 3, extent->last_probe);
	}
	while ((row = db_row(store, s, loader->what, err)) > 0) {
		count++;
		if (check_row(loader, s->handle, extent, err) < 0 || loader->row(run, s->handle, &state, err) < 0) {
			sqlite3_reset(s->handle);
			return error_prefix(err, "store %s: run %lld, row %zu of %s", store->path,
					    (long long)extent->run, count, loader->what);
		}
	}
	return row;
}

static int load_probes(struct store *store, struct extent *extent, enum store_load load, struct run_facts *run,
		       struct error *err)
{
	return load_rows(store, &probes[load], extent, run, err) < 0 ||
		       load_rows(store, &sends, extent, run, err) < 0 ||
		       load_rows(store, &observations[load], extent, run, err) < 0 ||
		       load_rows(store, &bounces[load], extent, run, err) < 0
		   ? -1
		   : 0;
}

static int plan_differs(struct store *store, const struct run_facts *run, struct error *err)
{
	db_damaged(err, "the plan of run %lld has %zu probes, and %zu are there", (long long)run->summary.id,
		   run->summary.probes, run->probe_count);
	return error_prefix(err, "store %s", store->path);
}

/* What is wanted: a run, or one seed's probes of it, or one of them; or, for load_one, a probe. */
struct run_load_part {
	int64_t id;
	const char *seed, *message; /* NULL: all */
};

static int run_load_common(struct store *store, int64_t id, enum store_load load, struct run_facts *run,
			   struct error *err)
{
	struct extent whole = { id, INT64_MIN, INT64_MAX, 0 };
	int found = run_summary_read(store, id, &run->summary, err);
	if (found <= 0)
		return found;
	if (read_room(store, &whole, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (load_rows(store, &common[i], &whole, run, err) < 0)
			return -1;
	return load_rows(store, &answers[load], &whole, run, err) < 0 ? -1 : 1;
}

static int load_all(struct store *store, const struct run_load_part *part, enum store_load load, struct run_facts *run,
		    struct error *err)
{
	struct extent whole = { part->id, INT64_MIN, INT64_MAX, 0 };
	int found = run_load_common(store, part->id, load, run, err);
	if (found <= 0)
		return found;
	if (read_room(store, &whole, err) < 0 || load_rows(store, &baselines, &whole, run, err) < 0 ||
	    load_probes(store, &whole, load, run, err) < 0)
		return -1;
	return run->probe_count == run->summary.probes ? 1 : plan_differs(store, run, err);
}

#define OWN_PROBES "run = ?1 AND seed = ?2 AND message = ifnull(?3, message)"

/* Ids of the seed's probes, and for each the first of its message that was found, in the order of ids. */
static int run_load_ids(struct store *store, const struct run_load_part *part, int64_t **ret, size_t *ret_count,
			struct error *err)
{
	struct statement *s = db_statement(
	    store,
	    "SELECT id FROM probe WHERE " OWN_PROBES " UNION"
	    " SELECT id FROM (SELECT (SELECT p.id FROM probe p WHERE p.run = ?1 AND p.message = own.message AND EXISTS"
	    " (SELECT 1 FROM observation o WHERE o.probe = p.id AND gone = 0 AND header IS NOT NULL)"
	    " ORDER BY p.id LIMIT 1) AS id FROM probe own WHERE " OWN_PROBES ") WHERE id IS NOT NULL ORDER BY 1",
	    err);
	size_t cap = 0;
	int row = -1;
	if (!s)
		return -1;
	db_number(s, 1, part->id);
	db_text(s, 2, part->seed);
	db_text(s, 3, part->message);
	while ((row = db_row(store, s, "cannot look for probes", err)) > 0) {
		if (vec_grow(ret, *ret_count, &cap, sizeof(**ret), err) < 0) {
			sqlite3_reset(s->handle);
			return -1;
		}
		(*ret)[(*ret_count)++] = sqlite3_column_int64(s->handle, 0);
	}
	return row;
}

static int load_seed(struct store *store, const struct run_load_part *part, enum store_load load, struct run_facts *run,
		     struct error *err)
{
	int64_t *ids = NULL;
	size_t count = 0;
	int found = run_load_common(store, part->id, load, run, err);
	if (found > 0 && run_load_ids(store, part, &ids, &count, err) < 0)
		found = -1;
	for (size_t i = 0; i < count && found > 0; i++) {
		struct extent one = { part->id, ids[i], ids[i], 0 };
		if (read_room(store, &one, err) < 0 || load_probes(store, &one, load, run, err) < 0)
			found = -1;
	}
	free(ids);
	return found;
}

static int load_one(struct store *store, const struct run_load_part *part, enum store_load load, struct run_facts *run,
		    struct error *err)
{
	struct extent one = { 0, part->id, part->id, 0 };
	struct statement *s = db_statement(store, "SELECT run FROM probe WHERE id = ?", err);
	if (!s)
		return -1;
	db_number(s, 1, part->id);
	int found = db_row(store, s, "cannot look for a probe", err);
	if (found <= 0)
		return found;
	one.run = sqlite3_column_int64(s->handle, 0);
	sqlite3_reset(s->handle);
	if (read_room(store, &one, err) < 0 || load_probes(store, &one, load, run, err) < 0)
		return -1;
	if (run->probe_count == 1)
		return 1;
	db_damaged(err, "probe %lld is there, and is not one of run %lld", (long long)part->id, (long long)one.run);
	return error_prefix(err, "store %s", store->path);
}

typedef int load_fn(struct store *store, const struct run_load_part *part, enum store_load load, struct run_facts *run,
		    struct error *err);

/* Reads in one transaction, so that a run that is being made is seen at one moment. */
static int load_at_once(struct store *store, load_fn *fn, struct run_load_part part, enum store_load load,
			struct run_facts *ret, struct error *err)
{
	struct run_facts run = { 0 };
	db_lock(store);
	bool begun = sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
	int found = begun ? fn(store, &part, load, &run, err) : db_error(store, "cannot begin to read", err);
	if (begun && sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	db_unlock(store);
	if (found > 0)
		*ret = run;
	else
		run_facts_fini(&run);
	return found;
}

int store_run_load(struct store *store, int64_t id, enum store_load load, struct run_facts *ret, struct error *err)
{
	return load_at_once(store, load_all, (struct run_load_part){ .id = id }, load, ret, err);
}

int store_run_load_seed(struct store *store, int64_t id, const char *seed, const char *message, enum store_load load,
			struct run_facts *ret, struct error *err)
{
	return load_at_once(store, load_seed, (struct run_load_part){ id, seed, message }, load, ret, err);
}

int store_probe_load(struct store *store, int64_t id, enum store_load load, struct probe *ret, struct error *err)
{
	struct run_facts run = { 0 };
	int found = load_at_once(store, load_one, (struct run_load_part){ .id = id }, load, &run, err);
	if (found > 0) {
		*ret = run.probes[0];
		free(run.probes);
	}
	return found;
}
