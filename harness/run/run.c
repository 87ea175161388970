/* The phases of a run: look and log in, compose, send and watch, sweep. Holds the order of things and their deadlines;
 * what happens in each phase is elsewhere. */
#include "harness/run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/thread.h"
#include "harness/connect/connect_smtp.h"
#include "harness/run/evaluating.h"
#include "harness/ledger/ledger.h"
#include "harness/run_posture/preflight.h"
#include "harness/run/plan.h"
#include "harness/run/sending.h"
#include "harness/watch/mailbox.h"
#include "harness/watch/watch.h"
#include "harness/send/compose.h"
#include "store/finding.h"
#include "store/run.h"

enum {
	PLAN_MAX = 1024 * 1024, /* octets of its words */
	STEP_MS = 1000,
	SWEEP_MIN_MS = 60000, /* a sweep has at least this long, and longer where commands may */
	LOGINS_REST_MS = 3000,
	COMPOSED_TOGETHER = 64,
	EVALUATE_MS = 60000, /* after the sweep, for what was not evaluated while the run worked */
};

struct run_run {
	const struct run_params *params;
	const struct config *config;
	struct config *planned; /* what the plan says: messages and who sends them */
	struct run_facts facts;
	struct ledger *ledger;
	struct watch *watch;
	struct sending *sending;
	struct evaluating *evaluating;
	struct preflight *preflight; /* that has not ended; else NULL. Into mailboxes by the two below */
	struct mailbox_access mailboxes;
	struct posture_mailbox mailbox;
	bool sending_ended;
	bool *handed; /* to the sending, by probe */
	bool all_handed;
	size_t opening;   /* logins that have not ended */
	int64_t login_ms; /* monotonic: when that changed last */
	bool logins_changed;
	struct clock_moment moment; /* when the clocks were compared last */
	int signal_fd, sent_fd;
	int stop_fd; /* ends what looks into mailboxes for the preflight */
};

int run_catch_signals(int *ret_fd, struct error *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	int fd = pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
	if (fd < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot catch signals");
	*ret_fd = fd;
	return 0;
}

int run_check_server(const struct run_params *params, int signal_fd, struct error *err)
{
	return connect_smtp_check(&(struct connect_context){ params->config, params->log, signal_fd }, err);
}

static void phase(struct run_run *run, const char *text)
{
	log_event(run->params->log, "run %lld: %s", (long long)run->facts.summary.id, text);
	ledger_notify(run->ledger, &(struct progress_event){ PROGRESS_PHASE, "", "", "", text });
}

static int run_add_event(struct run_run *run, enum run_event_kind kind, const char *detail, struct error *err)
{
	const struct run_event event = { kind, clock_wall_ms(), fact_lend(detail), 0 };
	return store_run_event_add(run->params->store, run->facts.summary.id, &event, err);
}

static int run_add_shift(struct run_run *run, enum run_event_kind kind, int64_t shift_ms, const char *words,
			 struct error *err)
{
	char time[TIME_TEXT_MAX];
	const struct run_event event = { kind, run->moment.wall_ms, NULL, shift_ms };
	if (shift_ms == 0)
		return 0;
	log_event(run->params->log, "run %lld: %s %s", (long long)run->facts.summary.id, words,
		  duration_words(shift_ms < 0 ? -shift_ms : shift_ms, time));
	return store_run_event_add(run->params->store, run->facts.summary.id, &event, err);
}

/* Stores what has become of this machine's clocks since the last time: times across that are less certain. */
static int run_compare_clocks(struct run_run *run, struct error *err)
{
	const struct clock_moment now = clock_now();
	const struct clock_change change = clock_compare(&run->moment, &now);
	run->moment = now;
	if (run_add_shift(run, RUN_CLOCK_SET, change.set_ms,
			  change.set_ms < 0 ? "this machine's clock was set back by"
					    : "this machine's clock was set forward by",
			  err) < 0)
		return -1;
	return run_add_shift(run, RUN_SLEPT, change.slept_ms, "this machine slept for", err);
}

/* One step of the watch. -1 also when a signal came: ERROR_INTERRUPTED, and the next signal ends the process. */
static int run_step(struct run_run *run, int64_t timeout_ms, struct error *err)
{
	struct signalfd_siginfo info;
	if (watch_step(run->watch, timeout_ms, err) < 0 || run_compare_clocks(run, err) < 0)
		return -1;
	if (thread_wake_drain(run->sent_fd))
		run->sending_ended = true;
	ledger_notify(run->ledger, &(struct progress_event){ PROGRESS_TICK, "", "", "", "" });
	if (read(run->signal_fd, &info, sizeof(info)) <= 0)
		return 0;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return error_set(err, ERROR_INTERRUPTED, RETRY_LATER, (int)info.ssi_signo, "interrupted by %s",
			 strsignal((int)info.ssi_signo));
}

/* Says what the user's own hosts are going to be asked. */
static int say_plan(struct run_run *run, const struct preflight *preflight, struct error *err)
{
	_cleanup_(buf_fini) struct buf plan = BUF_INIT(PLAN_MAX), line = BUF_INIT(PLAN_MAX);
	struct span rest, text;
	if (preflight_plan(preflight, &plan, err) < 0)
		return -1;
	for (rest = buf_span(&plan); span_next(&rest, '\n', &text) && text.len > 0; buf_clear(&line)) {
		buf_add_span(&line, text);
		if (buf_check(&line, "a line of the plan", err) < 0)
			return -1;
		phase(run, buf_str(&line));
	}
	return 0;
}

/* The look at the sending domain, once in a run. What it asks becomes part of the run's snapshot. */
static int start_preflight(struct run_run *run, struct error *err)
{
	if (run->config->run.check == RUN_CHECK_OFF || run->facts.findings.count > 0)
		return 0;
	phase(run, "looking at the sending domain");
	const int64_t now_ms = clock_wall_ms();
	run->mailboxes = (struct mailbox_access){ { run->config, run->params->log, run->stop_fd }, now_ms };
	run->mailbox = (struct posture_mailbox){ mailbox_await, &run->mailboxes };
	const struct posture_sources sources = { .config = run->config,
						 .store = run->params->store,
						 .resolver = evaluating_resolver(run->evaluating),
						 .mailbox = &run->mailbox,
						 .now_ms = now_ms };
	if (preflight_new(&run->preflight, &sources, err) < 0 || say_plan(run, run->preflight, err) < 0 ||
	    preflight_start(run->preflight, err) < 0)
		return -1;
	return watch_add_fd(run->watch, preflight_fd(run->preflight), err);
}

/* Stores what it has found, once it has ended. */
static int take_preflight(struct run_run *run, struct error *err)
{
	if (!run->preflight || !preflight_ended(run->preflight))
		return 0;
	int result = preflight_take(run->preflight, &run->facts.findings, err);
	preflight_free_p(&run->preflight);
	return result < 0 ? -1
			  : store_findings_add(run->params->store, run->facts.summary.id, &run->facts.findings, err);
}

/* Every login ends by a deadline of its own (account_connect). */
static void count_logins(struct run_run *run)
{
	size_t left = watch_opening(run->watch);
	if (left == run->opening)
		return;
	run->opening = left;
	run->login_ms = clock_mono_ms();
	run->logins_changed = true;
}

/* Whether what can be read may be sent to: all logins have ended, or none has for a while, so that a provider whose
 * servers hang delays no other. Not before the bounce mailbox: what comes back is looked for from its baseline on. */
static bool logins_rest(const struct run_run *run)
{
	return run->opening == 0 ||
	       (!watch_bounces_opening(run->watch) && clock_mono_ms() - run->login_ms >= LOGINS_REST_MS);
}

/* Composes the message of a probe; the facts take over what was composed, as if it had been loaded. */
static int compose_probe(struct run_run *run, size_t i, const struct template *template, struct ledger_intent *ret,
			 struct error *err)
{
	struct probe *p = &run->facts.probes[i];
	const struct service_settings *service = &run->planned->service;
	const struct compose_params params = {
		.template = template,
		.to = p->seed,
		.from = service->from,
		.envelope = service->envelope_sender,
		.domain = service->domain,
		.tag = p->tag,
		.date_ms = clock_wall_ms(),
		.tag_in_subject = config_message(run->planned, p->message)->subject_tag,
	};
	struct composed composed;
	if (compose(&params, &composed, err) < 0)
		return error_prefix(err, "message %s to %s", p->message, p->seed);
	p->composed = composed.octets;
	p->composed_len = composed.len;
	p->message_id = composed.message_id;
	p->mail_from = composed.mail_from;
	*ret = (struct ledger_intent){ .probe = i,
				       .fact = { .at_ms = params.date_ms,
						 .message_id = p->message_id,
						 .mail_from = p->mail_from,
						 .composed = span_make(p->composed, p->composed_len) } };
	return 0;
}

static bool needs_utf8(const struct probe *p)
{
	for (const char *c = p->seed; *c; c++)
		if ((unsigned char)*c >= 0x80)
			return true;
	for (const char *c = p->mail_from; *c; c++)
		if ((unsigned char)*c >= 0x80)
			return true;
	return false;
}

static int hand_to_sending(struct run_run *run, size_t i, struct error *err)
{
	const struct probe *p = &run->facts.probes[i];
	struct sending_job job = { .probe = i,
				   .provider = p->provider,
				   .mail_from = p->mail_from,
				   .rcpt = p->seed,
				   .octets = span_make(p->composed, p->composed_len),
				   .smtputf8 = needs_utf8(p) };
	for (size_t k = 0; k < p->send_count; k++)
		job.attempts = p->sends[k].attempt > job.attempts ? p->sends[k].attempt : job.attempts;
	if (!run->sending &&
	    sending_start(&run->sending, run->config, run->ledger, run->sent_fd, run->params->log, err) < 0)
		return -1;
	return sending_add(run->sending, &job, err);
}

/* Whether the probe waits to be sent: its seed can be read, and it was neither handed over before nor to the sending.
 */
static bool to_be_sent(const struct run_run *run, size_t i)
{
	return !run->handed[i] && ledger_send_state(run->ledger, i) < SENDING_REJECTED &&
	       watch_seed_ready(run->watch, run->facts.probes[i].seed);
}

/* What was composed is committed together, and the watch goes on for a moment, since others may be sent to already. */
static int commit_composed(struct run_run *run, const struct ledger_intent *intents, size_t *count, struct error *err)
{
	size_t n = *count;
	*count = 0;
	return n == 0 ? 0 : ledger_intents(run->ledger, intents, n, err) < 0 ? -1 : run_step(run, 0, err);
}

/* Composes what is not composed. */
static int compose_ready(struct run_run *run, struct error *err)
{
	struct plan_templates templates = { 0 };
	struct ledger_intent intents[COMPOSED_TOGETHER];
	size_t count = 0;
	int result = 0;
	for (size_t i = 0; i < run->facts.probe_count && result == 0; i++) {
		size_t message = plan_message_index(&run->facts, run->facts.probes[i].message);
		if (!to_be_sent(run, i) || ledger_send_state(run->ledger, i) != SENDING_NOT_COMPOSED)
			continue;
		/* Not before one is needed: of a run that is resumed all may be composed, and a template gone. */
		if (templates.count == 0 && plan_templates_load(run->planned, &run->facts, &templates, err) < 0)
			return -1;
		result = compose_probe(run, i, templates.templates[message], &intents[count], err);
		if (result == 0 && ++count == COMPOSED_TOGETHER)
			result = commit_composed(run, intents, &count, err);
	}
	if (result == 0)
		result = commit_composed(run, intents, &count, err);
	plan_templates_fini(&templates);
	return result;
}

static int hand_over_composed(struct run_run *run, struct error *err)
{
	for (size_t i = 0; i < run->facts.probe_count; i++) {
		if (!to_be_sent(run, i) || ledger_send_state(run->ledger, i) == SENDING_NOT_COMPOSED)
			continue;
		run->handed[i] = true;
		if (hand_to_sending(run, i, err) < 0)
			return -1;
	}
	return 0;
}

/* Sends to the seeds whose logins have ended since the last time. When the last login has, so has the sending all.
 * Nothing is sent before the look has ended. */
static int send_to_new_seeds(struct run_run *run, struct error *err)
{
	if (run->preflight || !run->logins_changed || !logins_rest(run))
		return 0;
	run->logins_changed = false;
	run->all_handed = run->opening == 0;
	phase(run, "composing");
	if (compose_ready(run, err) < 0)
		return -1;
	phase(run, "sending and watching");
	if (hand_over_composed(run, err) < 0)
		return -1;
	if (run->all_handed && run->sending)
		sending_close(run->sending);
	return 0;
}

/* Until every probe is settled, or the wait has passed since each message had its first attempt. */
static int send_and_watch(struct run_run *run, struct error *err)
{
	int64_t wait_ms = run->params->wait_ms >= 0 ? run->params->wait_ms : run->config->run.wait_ms;
	struct deadline deadline = { INT64_MAX };
	phase(run, "logging in to the seeds");
	if (watch_open(run->watch, err) < 0)
		return -1;
	for (;;) {
		count_logins(run);
		if (take_preflight(run, err) < 0 || send_to_new_seeds(run, err) < 0)
			return -1;
		if (run->sending_ended && sending_join(run->sending, err) < 0)
			return -1;
		int64_t now = clock_mono_ms(), next;
		bool sent = !run->sending || run->sending_ended || ledger_all_attempted(run->ledger);
		if (deadline.at_ms == INT64_MAX && run->all_handed && sent)
			deadline = deadline_in(wait_ms);
		size_t unsettled = ledger_unsettled(run->ledger, now, &next);
		if (run->all_handed && (unsettled == 0 || deadline_passed(deadline)))
			return 0;
		int64_t until = next < deadline.at_ms ? next : deadline.at_ms;
		if (run_step(run, until - now < STEP_MS ? until - now : STEP_MS, err) < 0)
			return -1;
	}
}

static int stop_sending(struct run_run *run, struct error *err)
{
	if (!run->sending)
		return 0;
	sending_stop(run->sending);
	return sending_join(run->sending, err);
}

static int sweep_all(struct run_run *run, struct error *err)
{
	int64_t time_ms = 4 * run->config->run.command_timeout_ms;
	if (!run->config->run.sweep)
		return 0;
	phase(run, "looking again, and into every folder for what is missing");
	if (watch_sweep(run->watch, deadline_in(time_ms > SWEEP_MIN_MS ? time_ms : SWEEP_MIN_MS), err) < 0)
		return -1;
	while (watch_sweeping(run->watch) > 0)
		if (run_step(run, STEP_MS, err) < 0)
			return -1;
	return 0;
}

static int work_through(struct run_run *run, struct error *err)
{
	if (start_preflight(run, err) < 0 || send_and_watch(run, err) < 0 || stop_sending(run, err) < 0 ||
	    sweep_all(run, err) < 0)
		return -1;
	return evaluating_finish(run->evaluating, deadline_in(EVALUATE_MS), err);
}

static void probe_found(void *user, size_t probe)
{
	evaluating_add(user, probe);
}

static int run_prepare(struct run_run *run, int64_t id, struct error *err)
{
	const struct run_params *params = run->params;
	int found = store_run_load(params->store, id, STORE_LOAD_ALL, &run->facts, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "there is no run %lld in this store: `postproof history` lists them", (long long)id);
	const struct ledger_params ledger = { params->store, &run->facts, run->config->run.settle_ms, params->progress,
					      params->log };
	if (ledger_new(&run->ledger, &ledger, err) < 0)
		return -1;
	const struct watch_params watch = { run->config, &run->facts, run->ledger, params->store, params->log };
	if (plan_config(run->config, &run->facts, &run->planned, err) < 0)
		return -1;
	run->handed = calloc(run->facts.probe_count + 1, sizeof(*run->handed));
	run->logins_changed = true;
	if (!run->handed)
		return error_memory(err);
	if (thread_wake_open(&run->sent_fd, err) < 0 || thread_wake_open(&run->stop_fd, err) < 0)
		return -1;
	if (evaluating_new(&run->evaluating, run->config, &run->facts, params->store, params->log, err) < 0)
		return -1;
	ledger_on_found(run->ledger, probe_found, run->evaluating);
	if (watch_new(&run->watch, &watch, err) < 0 || watch_add_fd(run->watch, run->sent_fd, err) < 0)
		return -1;
	return watch_add_fd(run->watch, run->signal_fd, err);
}

/* What was handed over gets its reply, everything else stops; then the store says how the run stands. */
static void wind_up(struct run_run *run, int result, const struct error *why)
{
	struct error ignored = ERROR_INIT;
	if (result < 0 && run->sending)
		stop_sending(run, &ignored);
	if (result < 0 && run->watch)
		watch_cancel(run->watch);
	if (result < 0 && run->stop_fd >= 0)
		thread_wake(run->stop_fd);
	if (result < 0 && run->ledger)
		run_add_event(run, why->kind == ERROR_INTERRUPTED ? RUN_INTERRUPTED : RUN_ABORTED, why->text, &ignored);
}

static void release(struct run_run *run)
{
	watch_free(run->watch);
	preflight_free(run->preflight);
	sending_free(run->sending);
	evaluating_free(run->evaluating);
	ledger_free(run->ledger);
	free(run->handed);
	config_free(run->planned);
	close_p(&run->sent_fd);
	close_p(&run->stop_fd);
	run_facts_fini(&run->facts);
}

int run_continue(const struct run_params *params, int64_t id, int signal_fd, struct error *err)
{
	struct run_run run = {
		.params = params,
		.config = params->config,
		.signal_fd = signal_fd,
		.sent_fd = -1,
		.stop_fd = -1,
		.moment = clock_now(),
	};
	int result = run_prepare(&run, id, err);
	if (result == 0)
		result = run_add_event(&run, run.facts.event_count ? RUN_RESUMED : RUN_STARTED, NULL, err);
	if (result == 0)
		result = work_through(&run, err);
	if (result == 0)
		result = run_add_event(&run, RUN_FINISHED, NULL, err);
	wind_up(&run, result, err);
	release(&run);
	return result;
}
