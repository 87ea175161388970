/* SPF of the service's domain and of the envelope's: whether there is one record, and whether it names the senders. */
#include "harness/posture/spf/check_spf.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/spf.h"
#include "harness/dns/rdata.h"
#include "harness/posture/spf/checks.h"
#include "harness/posture/engine/publish.h"

enum { RECORD_MAX = 65535 };

/* --- the record ------------------------------------------------------------------------------------------------- */

static void check_missing(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(SPF_WORDS_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	spf_edit_new(check_params(posture->check), &text);
	buf_add_str(&mend, "publish: ");
	publish_buf(&mend, posture->domain, &text);
	if (check_params(posture->check)->sender_count == 0)
		buf_add_str(&mend, ", with ip4:ADDRESS, ip6:ADDRESS or include:DOMAIN for all else that sends");
	check_bad(posture->check, "spf.record", posture->domain, check_text(posture->check, &mend), "%s",
		  posture->tree.nodes[0].why);
}

/* Adds the terms of one of several records to those of the others. */
static void merge(struct span record, struct buf *terms, char *all, size_t all_size)
{
	struct spf_reader reader = spf_reader_start(record);
	struct spf_term term;
	bool all_seen = false;
	while (spf_tree_term(&reader, &all_seen, &term)) {
		if (term.kind == SPF_ALL)
			span_copy(term.text, all, all_size);
		else if (span_find(buf_span(terms), term.text, 0) < 0)
			buf_addf(terms, " %.*s", SPAN_ARG(term.text));
	}
}

static void check_several(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf one = BUF_INIT(RECORD_MAX), text = BUF_INIT(SPF_WORDS_MAX);
	_cleanup_(buf_fini) struct buf seen = BUF_INIT(SPF_WORDS_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	char all[sizeof("+all")] = "~all";
	buf_add_str(&text, "v=spf1");
	for (size_t i = 0; i < posture->tree.answer.count; i++) {
		buf_clear(&one);
		bool read = rdata_txt(&posture->tree.answer.records[i], &one, NULL);
		check_buf(posture->check, &one);
		if (!read || !spf_record_is(buf_span(&one)))
			continue;
		merge(buf_span(&one), &text, all, sizeof(all));
		check_enumerate(&seen, "; ", "%s", buf_str(&one));
	}
	buf_addf(&text, " %s", all);
	buf_add_str(&mend, "publish one record in the place of all: ");
	publish_buf(&mend, posture->domain, &text);
	check_bad(posture->check, "spf.record", posture->domain, check_text(posture->check, &mend),
		  "%zu SPF records: %s", posture->tree.nodes[0].records, check_text(posture->check, &seen));
}

/* Whether there is a record to look at. */
static bool check_record(const struct spf_posture *posture)
{
	static const char *const ids[] = { "spf.record",   "spf.syntax", "spf.lookups",  "spf.void-lookups",
					   "spf.includes", "spf.all",    "spf.all-plus", "spf.ptr",
					   "spf.strings",  "spf.size",   "spf.size-512" };
	const struct spf_node *root = &posture->tree.nodes[0];
	if (root->state == SPF_NODE_RECORD)
		check_good(posture->check, "spf.record", posture->domain, "%s", root->record);
	else if (root->state == SPF_NODE_SEVERAL)
		check_several(posture);
	else if (root->state == SPF_NODE_NONE)
		check_missing(posture);
	else
		for (size_t i = 0; i < ARRAY_LEN(ids); i++)
			check_open(posture->check, ids[i], posture->domain, "TXT of %s: %s", posture->domain,
				   root->why);
	return root->record;
}

/* --- senders ---------------------------------------------------------------------------------------------------- */

struct sender_job {
	const struct spf_posture *posture;
	const struct posture_sender *sender;
};

static void report_sender(const struct spf_posture *posture, const struct posture_sender *sender,
			  const struct spf_evaluation *e)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
	const struct spf_edit edit = { .senders = sender, .sender_count = 1 };
	char ip[IP_TEXT_MAX];
	ip_format(&sender->ip, ip);
	if (e->result == AUTH_TEMPERROR || e->result == AUTH_UNKNOWN) {
		check_open(posture->check, "spf.covers", ip, "%s: %s", posture->domain, e->reason);
	} else if (e->result != AUTH_PERMERROR && e->result != AUTH_NONE) {
		/* Those two are faults of the record, and findings of its own. */
		spf_mend_edit(&mend, "name the address", &posture->tree.nodes[0], &edit);
		check_that(posture->check, e->result == AUTH_PASS, "spf.covers", ip, check_text(posture->check, &mend),
			   "%s for %s: %s", auth_result_name(e->result), posture->domain, e->reason);
	}
}

static void evaluate_sender(struct check *check, void *argument)
{
	const struct sender_job *job = argument;
	_cleanup_(spf_evaluation_fini) struct spf_evaluation evaluation = { 0 };
	struct error err = ERROR_INIT;
	char mail_from[DNS_NAME_TEXT_MAX + 16];
	snprintf(mail_from, sizeof(mail_from), "postmaster@%s", job->posture->domain);
	const struct spf_request request = { .client = job->sender->ip,
					     .helo = span_of(job->sender->helo),
					     .mail_from = span_of(mail_from),
					     .now_ms = check_params(check)->now_ms };
	if (spf_evaluate(&request, job->posture->dns.memory, &evaluation, &err) < 0)
		check_memory(check);
	else
		report_sender(job->posture, job->sender, &evaluation);
}

static const char *envelope_domain(const struct posture_params *params)
{
	return params->envelope_domain ? params->envelope_domain : params->domain;
}

static void check_senders(const struct spf_posture *posture)
{
	const struct posture_params *p = check_params(posture->check);
	size_t count = p->sender_count;
	_cleanup_(free_p) struct sender_job *jobs = calloc(count + 1, sizeof(*jobs));
	_cleanup_(free_p) void **arguments = calloc(count + 1, sizeof(*arguments));
	if (!jobs || !arguments)
		check_memory(posture->check);
	if (!jobs || !arguments || strcmp(posture->domain, envelope_domain(p)) != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct sender_job){ posture, &p->senders[i] };
		arguments[i] = &jobs[i];
	}
	check_each(posture->check, evaluate_sender, arguments, count);
}

/* --- a domain --------------------------------------------------------------------------------------------------- */

static void check_domain(struct check *check, void *argument)
{
	struct spf_posture posture = { .check = check, .domain = argument };
	if (check_resolver_init(&posture.dns, check) < 0)
		return;
	if (spf_tree_walk(&posture.tree, &posture.dns, posture.domain) == 0 && check_record(&posture)) {
		spf_posture_terms(&posture);
		spf_posture_tree(&posture);
		spf_posture_strings(&posture);
		check_senders(&posture);
	}
	spf_tree_fini(&posture.tree);
	check_resolver_fini(&posture.dns);
}

void check_spf(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	void *domains[] = { (void *)(uintptr_t)p->domain, (void *)(uintptr_t)envelope_domain(p) };
	check_each(check, check_domain, domains, strcmp(domains[0], domains[1]) == 0 ? 1 : 2);
}
