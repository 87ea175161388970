/* Codes that are sent to the service's own address, and the check that looks for a reader. */
#include "tests/unit/store_fixture.h"

#include "harness/posture/engine/check.h"
#include "harness/base/clock.h"
#include "harness/config/config_load.h"
#include "harness/posture/senders/checks.h"
#include "harness/run_posture/reply.h"
#include "tests/unit/shipped.h"
#include "tests/unit/smtp_server.h"
#include "tests/unit/unit.h"

enum { NOW_MS = 2000000000 };

/* The room of checks has this one alone. */
static const struct check_entry check_entries[] = { { "reply", check_reply } };
static const size_t check_entry_count = ARRAY_LEN(check_entries);

static struct config *load(const struct fixture *f, int port)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	char path[FIXTURE_PATH_MAX];
	use_shipped_data(NULL);
	snprintf(path, sizeof(path), "%s/m.eml", f->folder);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs("To: {{to}}\nSubject: Hello\n\nHello.\n", out);
	fclose(out);
	snprintf(path, sizeof(path), "%s/pp.ini", f->folder);
	out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out,
		"[service]\nfrom = Service <hello@service.example>\nenvelope_sender = b+{tag}@bounces.example\n"
		"[smtp]\nurl = smtp://127.0.0.1:%d\nstarttls = none\ntimeout = 2s\nretry = 100ms\n"
		"[message m]\ntemplate = m.eml\n[provider alpha]\nhost = h\nreceived_by = h\n"
		"[seed u@alpha.test]\nprovider = alpha\npassword = env:X\n[check]\nreply_valid = 10d\n",
		port);
	fclose(out);
	assert_done(config_load(path, &config, &problems, &err), err);
	if (problems.errors)
		fail_msg("%s", problems.list[0].text);
	config_problems_fini(&problems);
	return config;
}

static struct log *quiet(void)
{
	struct error err = ERROR_INIT;
	struct log *log = NULL;
	assert_int_equal(log_new(STDERR_FILENO, LOG_LEVEL_QUIET, &log, &err), 0);
	return log;
}

static void a_code_is_sent_read_and_confirmed(void **state)
{
	struct error err = ERROR_INIT;
	struct smtp_server *server = smtp_server_start(&(struct smtp_server_params){ .tls = NULL });
	struct store *store = fixture_open(*state, STORE_WRITE);
	struct config *config = load(*state, smtp_server_port(server));
	struct log *log = quiet();
	struct reply_fact sent = { 0 }, confirmed = { 0 };
	struct smtp_seen seen;
	assert_done(reply_start(config, store, log, &sent, &err), err);
	assert_string_equal(sent.address, "hello@service.example");
	assert_int_equal(strlen(sent.code), 9);
	assert_true(smtp_server_seen(server, "RCPT TO:<hello@service.example>", 1, &seen));
	char *content = smtp_server_content(server, 1);
	assert_non_null(content);
	assert_non_null(strstr(content, "\r\nTo: hello@service.example\r\n"));
	assert_non_null(strstr(content, sent.code));
	assert_int_equal(strncmp(strstr(content, "\r\nFrom: ") + 2, "From: Service <hello@service.example>", 37), 0);
	free(content);
	/* As a person may write it. */
	char written[16] = "";
	for (size_t i = 0, at = 0; sent.code[i]; i++)
		if (sent.code[i] != '-')
			written[at++] = ascii_lower(sent.code[i]);
	assert_done(reply_confirm(config, store, written, "Ana", NOW_MS, &confirmed, &err), err);
	assert_int_equal(confirmed.confirmed_ms, NOW_MS);
	assert_int_equal(confirmed.until_ms, NOW_MS + INT64_C(10) * 24 * 3600 * 1000);
	reply_fact_fini(&confirmed);
	/* Once. */
	assert_done(reply_confirm(config, store, sent.code, "Ben", NOW_MS + 5, &confirmed, &err), err);
	assert_int_equal(confirmed.confirmed_ms, NOW_MS);
	assert_string_equal(confirmed.who, "Ana");
	reply_fact_fini(&confirmed);
	reply_fact_fini(&sent);
	log_free(log);
	config_free(config);
	store_close(store);
	smtp_server_stop(server);
}

static void a_code_that_was_never_sent_is_refused(void **state)
{
	static const char *const rows[] = { "", "AAAA-AAAA", "AAAA-AAAA-AAAA", "' OR 1 --" };
	struct store *store = fixture_open(*state, STORE_WRITE);
	struct config *config = load(*state, 25);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct reply_fact fact = { 0 };
		ROW_ASSERT(rows[i], reply_confirm(config, store, rows[i], NULL, NOW_MS, &fact, &err) == -1);
		ROW_ASSERT(rows[i], err.kind == ERROR_USAGE);
	}
	config_free(config);
	store_close(store);
}

static void a_code_that_no_server_took_is_not_stored(void **state)
{
	struct error err = ERROR_INIT;
	const struct smtp_server_params params = { .rules = { { "RCPT", 0, "550 5.1.1 no such mailbox", 0 } } };
	struct smtp_server *server = smtp_server_start(&params);
	struct store *store = fixture_open(*state, STORE_WRITE);
	struct config *config = load(*state, smtp_server_port(server));
	struct log *log = quiet();
	struct reply_fact fact = { 0 };
	assert_int_equal(reply_start(config, store, log, &fact, &err), -1);
	assert_int_equal(err.kind, ERROR_REFUSED);
	assert_non_null(strstr(err.text, "no such mailbox"));
	assert_int_equal(store_reply_of(store, "hello@service.example", &fact, &err), 0);
	log_free(log);
	config_free(config);
	store_close(store);
	smtp_server_stop(server);
}

static void the_check_says_whether_a_reader_is_known(void **state)
{
	enum { DAY_MS = 24 * 3600 * 1000 };
	static const struct posture_reply unread = { .at_ms = NOW_MS - DAY_MS };
	static const struct posture_reply read = { true, NOW_MS - DAY_MS, NOW_MS + 1, "Ana" };
	static const struct posture_reply over = { true, NOW_MS - 2 * DAY_MS, NOW_MS, NULL };
	static const struct {
		const char *label, *from, *reply_to, *subject;
		const struct posture_reply *reply;
		enum finding_state result;
		const char *evidence;
		bool mend;
	} rows[] = {
		{ "no From address", NULL, NULL, "service.example", NULL, FINDING_OPEN, "the From address is not known",
		  true },
		{ "never started", "hello@service.example", NULL, "hello@service.example", NULL, FINDING_OPEN,
		  "no code was sent there yet", true },
		{ "sent and not confirmed", "hello@service.example", NULL, "hello@service.example", &unread,
		  FINDING_BAD, "a code was sent on 1970-01-23, and nobody has confirmed it", true },
		{ "confirmed", "hello@service.example", "office@service.example", "office@service.example", &read,
		  FINDING_GOOD, "Ana confirmed on 1970-01-23 to have read a code, which counts until 1970-01-24",
		  false },
		{ "confirmed too long ago", "hello@service.example", NULL, "hello@service.example", &over, FINDING_BAD,
		  "somebody confirmed on 1970-01-22 to have read a code, which counted until 1970-01-24", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(findings_fini) struct findings findings = { 0 };
		struct posture_cost cost;
		const struct posture_params params = { .domain = "service.example",
						       .from_address = rows[i].from,
						       .reply_to = rows[i].reply_to,
						       .reply = rows[i].reply,
						       .now_ms = NOW_MS,
						       .timeout_ms = 1000 };
		ROW_ASSERT(rows[i].label,
			   check_run(check_entries, check_entry_count, &params, &findings, &cost, &err) == 0);
		ROW_ASSERT(rows[i].label, findings.count == 1);
		ROW_ASSERT_STRING(rows[i].label, findings.v[0].id, "reply.confirmed");
		ROW_ASSERT_STRING(rows[i].label, findings.v[0].subject, rows[i].subject);
		ROW_ASSERT(rows[i].label, findings.v[0].state == rows[i].result);
		ROW_ASSERT_STRING(rows[i].label, findings.v[0].evidence, rows[i].evidence);
		ROW_ASSERT(rows[i].label, (findings.v[0].mend[0] != '\0') == rows[i].mend);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_code_is_sent_read_and_confirmed),
		STORE_TEST(a_code_that_was_never_sent_is_refused),
		STORE_TEST(a_code_that_no_server_took_is_not_stored),
		STORE_TEST(the_check_says_whether_a_reader_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
