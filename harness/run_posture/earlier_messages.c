/* Evaluates the messages of the earlier run twice: over its own snapshot, which tells what was asked then, and over the
 * DNS as it is, which may lead elsewhere. */
#include "harness/run_posture/earlier_messages.h"

#include <stdlib.h>

#include "harness/assess/assess_message.h"
#include "harness/base/compiler.h"
#include "harness/config/config_stored.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/dns/snapshot.h"
#include "store/run.h"

int message_questions_ask(const struct config *config, const struct probe *probe, struct resolver *resolver,
			  struct dkim_keys *keys, struct error *err)
{
	const struct observation *o = assess_first_seen(probe);
	const struct config_provider *provider = config_provider(config, probe->provider);
	struct assess_message message;
	struct evaluation evaluation;
	if (!o)
		return 0;
	if (assess_message_read(&message, probe, o, provider ? provider->profile : NULL, err) < 0)
		return -1;
	int result = assess_message_evaluate(&message, o, span_make(o->body, o->body_len), resolver, keys, &evaluation,
					     err);
	if (result == 0)
		evaluation_fini(&evaluation);
	assess_message_fini(&message);
	return result;
}

struct earlier {
	struct store *store;
	struct run_facts facts; /* without bodies: one message at a time is loaded with its own */
	struct config *config;
	struct dkim_keys *keys;
	struct deadline deadline;
};

static int earlier_ask_all(const struct earlier *e, struct resolver *resolver, struct error *err)
{
	int result = 0;
	for (size_t i = 0; i < e->facts.probe_count && result == 0 && !deadline_passed(e->deadline); i++) {
		struct probe probe = { 0 };
		if (!assess_first_seen(&e->facts.probes[i]))
			continue;
		result = store_probe_load(e->store, e->facts.probes[i].id, STORE_LOAD_ALL, &probe, err) < 0 ? -1 : 0;
		if (result == 0)
			result = message_questions_ask(e->config, &probe, resolver, e->keys, err);
		probe_fini(&probe);
	}
	return result;
}

/* What its messages asked on its day, by its snapshot. */
static int earlier_list(const struct earlier *e, struct dns_snapshot *ret, struct error *err)
{
	_cleanup_(resolver_free_p) struct resolver *replay = NULL;
	_cleanup_(resolver_free_p) struct resolver *listing = NULL; /* freed before what it is laid over */
	if (resolver_replay_new(e->facts.dns, e->facts.dns_count, &replay, err) < 0 ||
	    resolver_recording_new(replay, NULL, 0, dns_snapshot_sink, ret, &listing, err) < 0)
		return -1;
	return earlier_ask_all(e, listing, err);
}

static int earlier_repeat(const struct dns_snapshot *asked, struct resolver *resolver, struct error *err)
{
	_cleanup_(free_p) struct dns_question *questions = calloc(asked->count + 1, sizeof(*questions));
	_cleanup_(free_p) struct dns_answer *answers = calloc(asked->count + 1, sizeof(*answers));
	if (!questions || !answers)
		return error_memory(err);
	for (size_t i = 0; i < asked->count; i++)
		questions[i] = (struct dns_question){ asked->facts[i].name, asked->facts[i].type };
	if (resolver_ask_many(resolver, questions, asked->count, answers, err) < 0)
		return -1;
	for (size_t i = 0; i < asked->count; i++)
		dns_answer_fini(&answers[i]);
	return 0;
}

static int earlier_work(struct earlier *e, struct resolver *resolver, struct error *err)
{
	_cleanup_(dns_snapshot_fini) struct dns_snapshot asked = { 0 };
	if (dkim_keys_new(&e->keys, err) < 0 || earlier_list(e, &asked, err) < 0 ||
	    (!deadline_passed(e->deadline) && earlier_repeat(&asked, resolver, err) < 0))
		return -1;
	return earlier_ask_all(e, resolver, err);
}

int earlier_messages_ask(struct store *store, int64_t except, struct resolver *resolver, struct deadline deadline,
			 struct error *err)
{
	struct earlier e = { .store = store, .deadline = deadline };
	struct error unreadable = ERROR_INIT;
	int64_t run = 0;
	int found = store_run_newest_finished(store, except, &run, err), result = 0;
	if (found > 0)
		found = store_run_load(store, run, STORE_LOAD_HEADERS, &e.facts, err);
	if (found <= 0)
		return found;
	if (config_from_settings(e.facts.settings, e.facts.setting_count, &e.config, &unreadable) == 0)
		result = earlier_work(&e, resolver, err);
	dkim_keys_free(e.keys);
	config_free(e.config);
	run_facts_fini(&e.facts);
	return result;
}
