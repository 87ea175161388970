/* From options, configuration and store to a wait, and its rounds on standard error. */
#include "harness/cmd/dns_waiting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/string_list.h"
#include "harness/cmd/output.h"
#include "harness/dns/zone.h"
#include "harness/report/dns.h"
#include "harness/dns_wait/dns_survey.h"
#include "harness/dns_wait/dns_wait.h"
#include "harness/dns_wait/dns_wait_plan.h"
#include "harness/dns_wait/policy_age.h"
#include "harness/run/run.h"
#include "harness/config/config_resolver.h"

enum { TIMEOUT_MS = 60 * 60 * 1000, POLICY_MS = 10000 };

/* --- progress --------------------------------------------------------------------------------------------------- */

struct view {
	enum progress_mode mode;
	bool in_place;
	size_t lines;                                       /* drawn, and to be drawn over */
	enum visibility_state states[DNS_WAIT_SERVERS_MAX]; /* as last told */
	bool told;
};

static void erase(struct view *view)
{
	for (; view->lines > 0; view->lines--)
		fputs("\x1b[1A\x1b[2K", stderr);
}

/* Lines are cut, not wrapped, so that each stays one. */
static void draw(struct view *view, const struct visibility *v)
{
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	if (report_visibility_text(v, &text, &err) < 0)
		return;
	report_visibility_sentence(v, &text);
	erase(view);
	fprintf(stderr, "\x1b[?7l%s\n\x1b[?7h", buf_str(&text));
	view->lines = v->count + 1;
}

/* A line for each server that is seen otherwise than before. */
static void dns_waiting_show(struct view *view, const struct visibility *v)
{
	char now[TIME_TEXT_MAX];
	for (size_t i = 0; i < v->count; i++) {
		const struct visibility_row *row = &v->rows[i];
		if (view->told && view->states[i] == row->state)
			continue;
		view->states[i] = row->state;
		fprintf(stderr, "%s %s: %s%s%s", time_rfc3339(v->at_ms, now), row->server,
			visibility_state_name(row->state), row->detail[0] ? ": " : "", row->detail);
		if (row->left_s > 0)
			fprintf(stderr, ", for %lld s more", (long long)row->left_s);
		fputc('\n', stderr);
	}
	view->told = true;
}

static void on_round(void *user, const struct visibility *v)
{
	struct view *view = user;
	if (view->in_place)
		draw(view, v);
	else if (view->mode != PROGRESS_NONE)
		dns_waiting_show(view, v);
	fflush(stderr);
}

/* --- the plan --------------------------------------------------------------------------------------------------- */

struct dns_waiting_job {
	const struct dns_waiting *waiting;
	struct run_facts earlier;
	struct resolver *resolver;
	struct zone *zone;
	struct dns_snapshot now;
	struct dns_wait_plan plan;
	int64_t timeout_ms;
	int signal_fd;
};

static void job_fini(struct dns_waiting_job *job)
{
	dns_wait_plan_fini(&job->plan);
	dns_snapshot_fini(&job->now);
	zone_free(job->zone);
	resolver_free(job->resolver);
	run_facts_fini(&job->earlier);
	close_p(&job->signal_fd);
}

static int plan_domain(struct dns_waiting_job *job, struct store *store, struct error *err)
{
	char domain[DNS_NAME_TEXT_MAX];
	const struct dns_survey_sources sources = { .config = job->waiting->context->config,
						    .store = store,
						    .earlier = &job->earlier,
						    .resolver = job->resolver,
						    .now_ms = clock_wall_ms() };
	if (dns_survey(&sources, &job->now, err) < 0)
		return -1;
	if (!dns_survey_domain(sources.config, domain))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the service's domain is no domain name");
	return dns_wait_plan_domain(&job->plan, domain, job->now.facts, job->now.count, job->earlier.dns,
				    job->earlier.dns_count, err);
}

static int plan_zone(struct dns_waiting_job *job, const char *file, struct error *err)
{
	if (zone_new(&job->zone, err) < 0 || zone_read(job->zone, file, err) < 0)
		return -1;
	return dns_wait_plan_zone(&job->plan, job->zone, job->earlier.dns, job->earlier.dns_count, err) < 0
		   ? error_prefix(err, "%s", file)
		   : 0;
}

static int plan_questions(struct dns_waiting_job *job, struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	const char *path = job->waiting->context->store_path;
	const char *file = args_value(job->waiting->args, "until-visible", NULL);
	if (access(path, F_OK) == 0 &&
	    (store_open(&store, path, STORE_READ, err) < 0 || dns_survey_earlier(store, &job->earlier, err) < 0))
		return -1;
	return file ? plan_zone(job, file, err) : plan_domain(job, store, err);
}

/* --resolver, else [check] resolvers, else [dns] servers, else those of this machine. */
static int plan_resolvers(struct dns_waiting_job *job, struct error *err)
{
	const struct config *config = job->waiting->context->config;
	_cleanup_(string_list_fini) struct string_list list = { 0 };
	const char *address;
	for (size_t i = 0; (address = args_value_at(job->waiting->args, "resolver", i)) != NULL; i++)
		if (string_list_add(&list, span_of(address), err) < 0)
			return -1;
	if (list.count == 0 && string_list_split(&list, config->check.resolvers, ',', err) < 0)
		return -1;
	if (list.count == 0 && string_list_split(&list, config->dns.servers, ',', err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (dns_wait_plan_resolver(&job->plan, list.v[i], err) < 0)
			return -1;
	return list.count > 0 ? 0 : dns_wait_plan_resolver(&job->plan, NULL, err);
}

static int read_timeout(struct dns_waiting_job *job, struct error *err)
{
	const char *text = args_value(job->waiting->args, "timeout", NULL);
	job->timeout_ms = TIMEOUT_MS;
	if (!text || duration_parse(span_of(text), &job->timeout_ms, err) == 0)
		return 0;
	err->kind = ERROR_USAGE;
	return error_prefix(err, "--timeout");
}

static int dns_waiting_prepare(struct dns_waiting_job *job, struct error *err)
{
	if (read_timeout(job, err) < 0 || run_catch_signals(&job->signal_fd, err) < 0 ||
	    config_resolver(job->waiting->context->config, &job->resolver, err) < 0 || plan_questions(job, err) < 0 ||
	    dns_wait_plan_authorities(&job->plan, job->resolver, err) < 0)
		return -1;
	if (job->plan.server_count == 0)
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0,
				 "no authoritative server was found: the NS records or their addresses have no answer");
	return plan_resolvers(job, err);
}

/* What is not known is left out: it only explains. */
static void find_policy_age(const struct command_context *context, struct visibility *ret)
{
	struct error err = ERROR_INIT;
	char domain[DNS_NAME_TEXT_MAX];
	if (dns_survey_domain(context->config, domain) &&
	    policy_age(domain, context->config->check.ca_file, deadline_in(POLICY_MS), &ret->policy_age_s, &err) < 0)
		log_problem(context->log, "the MTA-STS policy cannot be fetched: %s", err.text);
}

int dns_waiting(const struct dns_waiting *waiting, struct visibility *ret, struct error *err)
{
	_cleanup_(job_fini) struct dns_waiting_job job = { .waiting = waiting, .signal_fd = -1 };
	const char *terminal = getenv("TERM");
	struct view view = { .mode = waiting->progress };
	view.in_place = view.mode == PROGRESS_AUTO && isatty(STDERR_FILENO) && terminal &&
			strcmp(terminal, "dumb") != 0;
	if (dns_waiting_prepare(&job, err) < 0)
		return -1;
	const struct dns_wait_params params = { .questions = job.plan.questions,
						.question_count = job.plan.question_count,
						.servers = job.plan.servers,
						.server_count = job.plan.server_count,
						.timeout_ms = job.timeout_ms,
						.answer_timeout_ms = waiting->context->config->dns.timeout_ms,
						.signal_fd = job.signal_fd,
						.progress = on_round,
						.user = &view };
	int result = dns_wait(&params, ret, err);
	erase(&view);
	if (result >= 0 && ret->policy_changed)
		find_policy_age(waiting->context, ret);
	return result;
}
