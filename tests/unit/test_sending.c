/* Sending, when the store fails. */
#include "harness/run/sending.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "harness/base/thread.h"
#include "store/run.h"
#include "tests/unit/run_bench.h"
#include "tests/unit/smtp_server.h"
#include "tests/unit/unit.h"

static const char octets[] = "Subject: Hello\r\n\r\nHello.\r\n";

static void on_store(const struct run_bench *b, const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(b->store_path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 20000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void point_at(struct run_bench *b, struct smtp_server *server)
{
	char url[64];
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d", smtp_server_port(server));
	free(b->config->smtp.url);
	b->config->smtp.url = strdup(url);
	b->config->smtp.starttls = SMTP_STARTTLS_NONE;
	b->config->smtp.pace_ms = 0;
	b->config->smtp.retry_ms = 100;
}

/* Hands the probe to the sending and waits for its end. */
static int send_probe(struct run_bench *b, struct error *err)
{
	struct sending *sending = NULL;
	int done_fd = -1;
	assert_int_equal(thread_wake_open(&done_fd, err), 0);
	assert_int_equal(sending_start(&sending, b->config, b->ledger, done_fd, NULL, err), 0);
	const struct sending_job job = { .provider = b->facts.probes[0].provider,
					 .mail_from = "b@bounces.test",
					 .rcpt = b->facts.probes[0].seed,
					 .octets = span_of(octets) };
	assert_int_equal(sending_add(sending, &job, err), 0);
	sending_close(sending);
	int result = sending_join(sending, err);
	sending_free(sending);
	close_p(&done_fd);
	return result;
}

static void compose_first(struct run_bench *b)
{
	struct error err = ERROR_INIT;
	const struct ledger_intent intent = { .fact = { .at_ms = 1,
							.message_id = "<pp@x>",
							.mail_from = "b@bounces.test",
							.composed = span_of(octets) } };
	assert_int_equal(ledger_intents(b->ledger, &intent, 1, &err), 0);
}

/* The kinds of its events, a letter each: i intent, h handing over, r reply, f failed. */
static const char *events_of(const struct run_bench *b, char out[32])
{
	static const char letters[] = {
		[SEND_INTENT] = 'i', [SEND_HANDING_OVER] = 'h', [SEND_REPLY] = 'r', [SEND_FAILED] = 'f'
	};
	const struct probe *p = &b->facts.probes[0];
	size_t n = 0;
	for (; n < p->send_count && n < 31; n++)
		out[n] = letters[p->sends[n].kind];
	out[n] = '\0';
	return out;
}

/* The store takes no event of that kind for a while: the sending ends with that, nothing of it is taken for something
 * that happened to the message, and what was not handed over is sent by whoever goes on. */
static void a_store_error_is_no_event_of_the_probe(void **state)
{
	static const struct {
		const char *label, *refused;
		int said; /* end-of-data lines that the server has seen */
		const char *events, *events_after;
		enum send_state state, state_after;
	} rows[] = {
		{ "no handing over", "handing-over", 0, "i", "ihr", SENDING_COMPOSED, SENDING_ACCEPTED },
		{ "no reply", "reply", 1, "ih", "ih", SENDING_IN_DOUBT, SENDING_IN_DOUBT },
		{ "every event", "nothing", 1, "ihr", "ihr", SENDING_ACCEPTED, SENDING_ACCEPTED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_bench b;
		struct error err = ERROR_INIT;
		char sql[300], kinds[32];
		struct smtp_server *server = smtp_server_start(&(struct smtp_server_params){ 0 });
		bench_start(&b, &(struct run_bench_seed){ .port = 1 }, 1, 0);
		point_at(&b, server);
		compose_first(&b);
		snprintf(sql, sizeof(sql),
			 "CREATE TRIGGER no BEFORE INSERT ON send_event WHEN NEW.kind = '%s' "
			 "BEGIN SELECT RAISE(ABORT, 'no room'); END",
			 rows[i].refused);
		on_store(&b, sql);
		int result = send_probe(&b, &err);
		ROW_ASSERT(rows[i].label, (result < 0) == (i < 2));
		ROW_ASSERT(rows[i].label, result == 0 || err.kind == ERROR_STORE);
		ROW_ASSERT(rows[i].label, smtp_server_count(server, "END") == rows[i].said);
		on_store(&b, "DROP TRIGGER no");
		bench_reload(&b);
		ROW_ASSERT_STRING(rows[i].label, events_of(&b, kinds), rows[i].events);
		ROW_ASSERT(rows[i].label, ledger_send_state(b.ledger, 0) == rows[i].state);
		if (rows[i].state < SENDING_REJECTED)
			ROW_ASSERT(rows[i].label, send_probe(&b, &err) == 0);
		bench_reload(&b);
		ROW_ASSERT_STRING(rows[i].label, events_of(&b, kinds), rows[i].events_after);
		ROW_ASSERT(rows[i].label, ledger_send_state(b.ledger, 0) == rows[i].state_after);
		ROW_ASSERT(rows[i].label, smtp_server_count(server, "END") <= 1);
		bench_end(&b);
		smtp_server_stop(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_store_error_is_no_event_of_the_probe) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
