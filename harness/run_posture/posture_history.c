/* Selectors, senders, evaluations and findings of stored runs. */
#include "harness/run_posture/posture_history.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/assess/assess.h"
#include "harness/config/config.h"
#include "harness/config/config_stored.h"
#include "store/observation.h"
#include "store/run.h"

/* Enough to see every server of a service, few enough to be read at once. */
enum { RUNS_MAX = 5, LISTED_MAX = 100 };

static int load_body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	return store_observation_body(user, observation, ret, ret_len, err);
}

static bool is_related(const char *name, const char *domain)
{
	return dns_name_under(name, domain) || dns_name_under(domain, name);
}

static int add_selectors(struct posture_history *h, const struct dkim_evaluation *dkim, const char *domain,
			 struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	for (size_t i = 0; i < dkim->count; i++) {
		const struct dkim_signature *s = &dkim->signatures[i];
		struct span selector = span_of(s->selector);
		if (!s->selector || !s->domain || !dns_name_make(span_of(s->domain), name) ||
		    !is_related(name, domain) || string_list_has(&h->selectors, selector))
			continue;
		if (string_list_add(&h->selectors, selector, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_known(const struct posture_history *h, const struct ip *ip)
{
	for (size_t i = 0; i < h->sender_count; i++)
		if (ip_in_prefix(ip, &h->senders[i].ip, ip_bits(ip)))
			return true;
	return false;
}

static int add_sender(struct posture_history *h, const struct spf_evaluation *spf, struct error *err)
{
	if (!spf->evaluated || is_known(h, &spf->client))
		return 0;
	if (vec_grow(&h->senders, h->sender_count, &h->sender_cap, sizeof(*h->senders), err) < 0 ||
	    string_list_add(&h->helos, span_of(spf->helo), err) < 0)
		return -1;
	const char *helo = h->helos.v[h->helos.count - 1];
	h->senders[h->sender_count++] = (struct posture_sender){ spf->client, helo[0] ? helo : NULL };
	return 0;
}

static int read_matrix(struct posture_history *h, const struct matrix *matrix, const char *domain, struct error *err)
{
	for (size_t i = 0; i < matrix->count; i++) {
		const struct evaluation *e = &matrix->rows[i].evaluation;
		if (matrix->rows[i].evaluated &&
		    (add_selectors(h, &e->dkim, domain, err) < 0 || add_sender(h, &e->spf, err) < 0))
			return -1;
	}
	return 0;
}

static int keep_evaluations(struct posture_history *h, struct error *err)
{
	h->evaluations = calloc(h->matrix.count + 1, sizeof(*h->evaluations));
	h->evaluation_messages = calloc(h->matrix.count + 1, sizeof(*h->evaluation_messages));
	if (!h->evaluations || !h->evaluation_messages)
		return error_memory(err);
	for (size_t i = 0; i < h->matrix.count; i++) {
		const struct matrix_row *row = &h->matrix.rows[i];
		if (!row->evaluated)
			continue;
		h->evaluations[h->evaluation_count] = &row->evaluation;
		h->evaluation_messages[h->evaluation_count++] = row->probe->message;
	}
	return 0;
}

static bool has_evaluated(const struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->count; i++)
		if (matrix->rows[i].evaluated)
			return true;
	return false;
}

/* Hands over what is to be kept of a run that was read: its facts and matrix are empty then. */
static int posture_history_keep(struct posture_history *h, struct run_facts *facts, struct matrix *matrix,
				struct error *err)
{
	if (h->findings.count == 0) {
		h->findings = facts->findings;
		facts->findings = (struct findings){ 0 };
	}
	if (h->evaluation_count > 0 || !has_evaluated(matrix))
		return 0;
	h->newest = *facts;
	h->matrix = *matrix;
	*facts = (struct run_facts){ 0 };
	*matrix = (struct matrix){ 0 };
	return keep_evaluations(h, err);
}

static bool is_of_domain(const struct config *config, const char *domain)
{
	char name[DNS_NAME_TEXT_MAX];
	return config->service.domain && dns_name_make(span_of(config->service.domain), name) &&
	       strcmp(name, domain) == 0;
}

static int read_run(struct posture_history *h, struct store *store, int64_t id, const char *domain, struct error *err)
{
	_cleanup_(config_free_p) struct config *config = NULL;
	struct run_facts facts = { 0 };
	struct matrix matrix = { 0 };
	int found = store_run_load(store, id, STORE_LOAD_HEADERS, &facts, err), result = found < 0 ? -1 : 0;
	if (found > 0)
		result = config_from_settings(facts.settings, facts.setting_count, &config, err);
	if (found > 0 && result == 0 && is_of_domain(config, domain)) {
		result = assess(&facts, config, &(struct assess_bodies){ load_body, store }, &matrix, err);
		if (result == 0)
			result = read_matrix(h, &matrix, domain, err);
		if (result == 0)
			result = posture_history_keep(h, &facts, &matrix, err);
	}
	matrix_fini(&matrix);
	run_facts_fini(&facts);
	return result;
}

int posture_history_read(struct posture_history *ret, struct store *store, const char *domain, struct error *err)
{
	struct run_summary *runs = NULL;
	size_t count = 0, read = 0;
	int result = store_run_list(store, LISTED_MAX, &runs, &count, err);
	for (size_t i = 0; i < count && read < RUNS_MAX && result == 0; i++) {
		/* One without probes is a look at the DNS alone. */
		if (runs[i].probes == 0)
			continue;
		result = read_run(ret, store, runs[i].id, domain, err);
		read++;
	}
	for (size_t i = 0; i < count; i++)
		run_summary_fini(&runs[i]);
	free(runs);
	return result;
}

void posture_history_fini(struct posture_history *h)
{
	string_list_fini(&h->selectors);
	string_list_fini(&h->helos);
	free(h->senders);
	free(h->evaluations);
	free(h->evaluation_messages);
	matrix_fini(&h->matrix);
	run_facts_fini(&h->newest);
	findings_fini(&h->findings);
	*h = (struct posture_history){ 0 };
}
