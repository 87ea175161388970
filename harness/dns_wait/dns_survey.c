/* From configuration and store to the questions of a survey, and back into the store. */
#include "harness/mail/address.h"
#include "harness/dns_wait/dns_survey.h"

#include <stdlib.h>
#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/posture/survey.h"
#include "harness/run_posture/earlier_messages.h"
#include "harness/run_posture/posture_input.h"
#include "harness/config/config_stored.h"
#include "harness/dns/chain.h"
#include "harness/model/reading.h"
#include "store/dns.h"
#include "store/run.h"

enum { FURTHER_MS = 60000 };

/* What a survey is asked beyond the domain's own names. */
struct further {
	struct dns_question *questions;
	size_t count;
	char (*reverse)[IP_REVERSE_MAX];
};

static void further_fini(struct further *further)
{
	free(further->questions);
	free(further->reverse);
}

/* Names of the sending addresses, and what the earlier look asked about the domain. */
static int gather(const struct posture_params *p, const struct run_facts *earlier, struct further *ret,
		  struct error *err)
{
	const size_t known = earlier ? earlier->dns_count : 0;
	ret->questions = calloc(p->sender_count + known + 1, sizeof(*ret->questions));
	ret->reverse = calloc(p->sender_count + 1, sizeof(*ret->reverse));
	if (!ret->questions || !ret->reverse)
		return error_memory(err);
	for (size_t i = 0; i < p->sender_count; i++)
		ret->questions[ret->count++] = (struct dns_question){ ip_reverse(&p->senders[i].ip, ret->reverse[i]),
								      DNS_PTR };
	for (size_t i = 0; i < known; i++) {
		const struct dns_question question = { earlier->dns[i].name, earlier->dns[i].type };
		if (survey_wants(p->domain, &question))
			ret->questions[ret->count++] = question;
	}
	return 0;
}

static int dns_survey_ask(const struct posture_params *p, const struct further *further, struct resolver *resolver,
			  struct dns_snapshot *ret, struct error *err)
{
	_cleanup_(resolver_free_p) struct resolver *recording = NULL;
	char from_domain[DNS_NAME_TEXT_MAX];
	const struct survey_params params = {
		.domain = p->domain,
		.from_domain = p->from_address && dns_name_make(address_domain(p->from_address), from_domain)
				   ? from_domain
				   : NULL,
		.envelope_domain = p->envelope_domain,
		.selectors = p->selectors,
		.selector_count = p->selector_count,
		.further = further->questions,
		.further_count = further->count,
	};
	if (resolver_recording_new(resolver, NULL, 0, dns_snapshot_sink, ret, &recording, err) < 0)
		return -1;
	return survey(&params, recording, err);
}

bool dns_survey_domain(const struct config *config, char out[DNS_NAME_TEXT_MAX])
{
	return dns_name_make(span_of(config->service.domain), out);
}

int dns_survey(const struct dns_survey_sources *sources, struct dns_snapshot *ret, struct error *err)
{
	_cleanup_(posture_input_free_p) struct posture_input *input = NULL;
	_cleanup_(further_fini) struct further further = { 0 };
	const struct posture_sources posture = { .config = sources->config,
						 .store = sources->store,
						 .resolver = sources->resolver,
						 .now_ms = sources->now_ms };
	if (posture_input_new(&posture, &input, err) < 0)
		return -1;
	const struct posture_params *params = posture_input_params(input);
	if (gather(params, sources->earlier, &further, err) < 0)
		return -1;
	return dns_survey_ask(params, &further, sources->resolver, ret, err);
}

/* --- for later -------------------------------------------------------------------------------------------------- */

struct dns_survey_proving {
	struct dns_snapshot *snapshot;
	struct dns_chain *chain;
};

static int dns_survey_take(void *user, const struct dns_fact *fact, struct error *err)
{
	const struct dns_survey_proving *proving = user;
	if (dns_snapshot_sink(proving->snapshot, fact, err) < 0)
		return -1;
	return dns_chain_note(proving->chain, fact, err);
}

int dns_survey_further(const struct dns_survey_sources *sources, struct dns_snapshot *snapshot, struct error *err)
{
	_cleanup_(dns_chain_free_p) struct dns_chain *chain = NULL;
	_cleanup_(resolver_free_p) struct resolver *recording = NULL;
	struct deadline deadline = deadline_in(FURTHER_MS);
	if (dns_chain_new(&chain, err) < 0)
		return -1;
	struct dns_survey_proving proving = { snapshot, chain };
	for (size_t i = 0; i < snapshot->count; i++)
		if (dns_chain_note(chain, &snapshot->facts[i], err) < 0)
			return -1;
	if (resolver_recording_new(sources->resolver, snapshot->facts, snapshot->count, dns_survey_take, &proving,
				   &recording, err) < 0 ||
	    earlier_messages_ask(sources->store, 0, recording, deadline, err) < 0)
		return -1;
	return dns_chain_close(chain, recording, deadline, err);
}

/* --- the store -------------------------------------------------------------------------------------------------- */

static int dns_survey_add_event(struct store *store, int64_t run, enum run_event_kind kind, struct error *err)
{
	const struct run_event event = { kind, clock_wall_ms(), NULL };
	return store_run_event_add(store, run, &event, err);
}

static int store_answers(struct store *store, int64_t run, const struct dns_snapshot *snapshot, struct error *err)
{
	if (dns_survey_add_event(store, run, RUN_STARTED, err) < 0)
		return -1;
	for (size_t i = 0; i < snapshot->count; i++)
		if (store_dns_add(store, run, &snapshot->facts[i], err) < 0)
			return -1;
	return dns_survey_add_event(store, run, RUN_FINISHED, err);
}

int dns_survey_store(const struct dns_survey_sources *sources, const struct dns_snapshot *snapshot, const char *label,
		     int64_t *ret_run, struct error *err)
{
	struct run_facts plan = { .summary = { .created_ms = sources->now_ms, .label = fact_lend(label) },
				  .program = { fact_lend(PACKAGE_VERSION), READING_VERSION } };
	int64_t run = 0;
	if (config_settings(sources->config, &plan.settings, &plan.setting_count, err) < 0)
		return -1;
	int result = store_run_create(sources->store, &plan, &run, err);
	settings_free(plan.settings, plan.setting_count);
	if (result < 0 || store_answers(sources->store, run, snapshot, err) < 0)
		return -1;
	*ret_run = run;
	return 0;
}

int dns_survey_earlier(struct store *store, struct run_facts *ret, struct error *err)
{
	int64_t run = 0;
	int found = store_dns_newest(store, &run, err);
	return found > 0 ? store_run_load(store, run, STORE_LOAD_HEADERS, ret, err) : found;
}
