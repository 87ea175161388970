/* A run to be tested. */
#include "tests/unit/run_bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/run/plan.h"
#include "store/run.h"
#include "tests/unit/shipped.h"

enum { PATIENCE_MS = 60000, STEP_MS = 20 };

static void on_event(void *user, const struct progress_event *e, const struct progress_counts *counts, size_t count)
{
	struct run_bench *b = user;
	pthread_mutex_lock(&b->lock);
	b->told[e->kind]++;
	snprintf(b->last_text[e->kind], sizeof(b->last_text[e->kind]), "%s", e->text);
	pthread_mutex_unlock(&b->lock);
}

static void write_configuration(const struct run_bench *b, const struct run_bench_seed *seeds, size_t count,
				uint16_t bounces)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/m.eml", b->folder);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs("To: {{to}}\nSubject: Hello\n\nHello.\n", out);
	fclose(out);
	snprintf(path, sizeof(path), "%s/pp.ini", b->folder);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(
	    "[service]\nfrom = a@service.test\nenvelope_sender = b+{tag}@bounces.test\n[smtp]\nurl = smtp://127.0.0.1\n"
	    "[message m]\ntemplate = m.eml\n[run]\nlogin_timeout = 2s\ncommand_timeout = 2s\nworkers = 8\n",
	    out);
	for (size_t i = 0; i < count; i++)
		fprintf(out,
			"[seed s%zu@provider%zu.test]\nprovider = provider%zu\npassword = env:POSTPROOF_TEST_PASSWORD\n"
			"[provider provider%zu]\nhost = 127.0.0.1\nport = %u\nsecurity = none\nconnections = %u\n"
			"scan_interval = 1s\nreceived_by = mx\n%s",
			i, i, i, i, seeds[i].port, seeds[i].connections ? seeds[i].connections : 1,
			seeds[i].keys ? seeds[i].keys : "");
	if (bounces)
		fprintf(out,
			"[bounces]\nhost = 127.0.0.1\nport = %u\nsecurity = none\nuser = b\n"
			"password = env:POSTPROOF_TEST_PASSWORD\n",
			bounces);
	fclose(out);
}

static void load_configuration(struct run_bench *b)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	char path[128];
	snprintf(path, sizeof(path), "%s/pp.ini", b->folder);
	setenv("POSTPROOF_TEST_PASSWORD", "pass word", 1);
	use_shipped_data(NULL);
	if (config_load(path, &b->config, &problems, &err) < 0)
		fail_msg("%s", err.text);
	if (problems.count)
		fail_msg("%u: %s", problems.list[0].line, problems.list[0].text);
	config_problems_fini(&problems);
}

static void load_run(struct run_bench *b)
{
	struct error err = ERROR_INIT;
	assert_int_equal(store_run_load(b->store, 1, STORE_LOAD_ALL, &b->facts, &err), 1);
	const struct ledger_params params = { b->store, &b->facts, 0, { on_event, b }, NULL };
	if (ledger_new(&b->ledger, &params, &err) < 0)
		fail_msg("%s", err.text);
}

void bench_start(struct run_bench *b, const struct run_bench_seed *seeds, size_t count, uint16_t bounces)
{
	struct error err = ERROR_INIT;
	struct run_facts plan;
	int64_t id = 0;
	*b = (struct run_bench){ .lock = PTHREAD_MUTEX_INITIALIZER, .folder = "/tmp/postproof-run-XXXXXX" };
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->store_path, sizeof(b->store_path), "%s/store.sqlite", b->folder);
	write_configuration(b, seeds, count, bounces);
	load_configuration(b);
	if (plan_make(b->config, &(struct plan_choice){ .label = "" }, clock_wall_ms(), &plan, &err) < 0 ||
	    store_open(&b->store, b->store_path, STORE_WRITE, &err) < 0 ||
	    store_run_create(b->store, &plan, &id, &err) < 0)
		fail_msg("%s", err.text);
	run_facts_fini(&plan);
	assert_int_equal(id, 1);
	load_run(b);
	assert_true(b->facts.probe_count >= count);
}

static void unload_run(struct run_bench *b)
{
	watch_free(b->watch);
	b->watch = NULL;
	ledger_free(b->ledger);
	run_facts_fini(&b->facts);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

void bench_end(struct run_bench *b)
{
	unload_run(b);
	store_close(b->store);
	config_free(b->config);
	nftw(b->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void bench_reload(struct run_bench *b)
{
	unload_run(b);
	load_run(b);
}

static void step(struct run_bench *b)
{
	struct error err = ERROR_INIT;
	if (watch_step(b->watch, STEP_MS, &err) < 0)
		fail_msg("%s", err.text);
}

void bench_until_true(struct run_bench *b, bool (*condition)(void *argument), void *argument, const char *what)
{
	struct deadline deadline = deadline_in(PATIENCE_MS);
	while (!condition(argument)) {
		if (deadline_passed(deadline))
			fail_msg("not within %d ms: %s", PATIENCE_MS, what);
		step(b);
	}
}

static bool is_open(void *argument)
{
	const struct run_bench *b = argument;
	return watch_opening(b->watch) == 0;
}

void bench_watch(struct run_bench *b)
{
	struct error err = ERROR_INIT;
	const struct watch_params params = { b->config, &b->facts, b->ledger, b->store, b->log };
	if (watch_new(&b->watch, &params, &err) < 0 || watch_open(b->watch, &err) < 0)
		fail_msg("%s", err.text);
	bench_until_true(b, is_open, b, "every account is open");
}

void bench_sent(struct run_bench *b, size_t probe)
{
	struct error err = ERROR_INIT;
	const struct ledger_intent intent = { probe,
					      { .at_ms = clock_wall_ms(),
						.message_id = "pp.x@y",
						.mail_from = "b@y",
						.composed = SPAN_LIT("octets\r\n") } };
	struct send_event event = {
		.kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .attempt = 1, .at_ms = clock_wall_ms()
	};
	const struct ledger_step step = { probe, &event };
	assert_int_equal(ledger_intents(b->ledger, &intent, 1, &err), 0);
	assert_int_equal(ledger_send_events(b->ledger, &step, 1, &err), 0);
	event.kind = SEND_REPLY;
	event.stage = STAGE_END_OF_DATA;
	event.reply_code = 250;
	assert_int_equal(ledger_send_events(b->ledger, &step, 1, &err), 0);
}

const char *bench_message(const struct run_bench *b, size_t probe, char out[BENCH_MESSAGE_MAX])
{
	snprintf(out, BENCH_MESSAGE_MAX,
		 "From: a@service.test\r\nMessage-ID: <pp.%s@service.test>\r\nSubject: Hello\r\n\r\nHello.\r\n",
		 b->facts.probes[probe].tag);
	return out;
}

const char *bench_notice(const char *tag, const char *action, char out[BENCH_MESSAGE_MAX])
{
	snprintf(
	    out, BENCH_MESSAGE_MAX,
	    "From: MAILER-DAEMON@mx.test\r\nTo: b+%s@bounces.test\r\n"
	    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
	    "--x\r\n\r\nNo.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
	    "Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; s0@provider0.test\r\nAction: %s\r\n"
	    "Status: 5.1.1\r\nRemote-MTA: dns; mx.far.test\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n--x--\r\n",
	    tag, action);
	return out;
}

size_t bench_told(struct run_bench *b, enum progress_kind kind)
{
	pthread_mutex_lock(&b->lock);
	size_t told = b->told[kind];
	pthread_mutex_unlock(&b->lock);
	return told;
}

void bench_until(struct run_bench *b, enum progress_kind kind, size_t times)
{
	struct deadline deadline = deadline_in(PATIENCE_MS);
	while (bench_told(b, kind) < times) {
		if (deadline_passed(deadline))
			fail_msg("event %d was told %zu times within %d ms instead of %zu", (int)kind,
				 bench_told(b, kind), PATIENCE_MS, times);
		step(b);
	}
}

void bench_for(struct run_bench *b, int64_t ms)
{
	for (struct deadline deadline = deadline_in(ms); !deadline_passed(deadline);)
		step(b);
}

void bench_sweep(struct run_bench *b, int64_t deadline_ms)
{
	struct error err = ERROR_INIT;
	if (watch_sweep(b->watch, deadline_in(deadline_ms), &err) < 0)
		fail_msg("%s", err.text);
	struct deadline deadline = deadline_in(PATIENCE_MS);
	while (watch_sweeping(b->watch) > 0 && !deadline_passed(deadline))
		step(b);
	assert_int_equal(watch_sweeping(b->watch), 0);
}
