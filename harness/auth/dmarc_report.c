/* Where reports are to go, and whether those who would get them agree. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc_reading.h"
#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"

enum { QUESTION_MAX = 2 * DNS_NAME_TEXT_MAX + 32, TXT_MAX = 65535 };

/* The questions that the external addresses cost, one for each host. */
struct checks {
	char names[DMARC_URIS_MAX][QUESTION_MAX];
	struct dns_question questions[DMARC_URIS_MAX];
	struct dns_answer answers[DMARC_URIS_MAX];
	enum auth_result results[DMARC_URIS_MAX];
	size_t count;
	size_t of_report[DMARC_URIS_MAX]; /* index of the question of each report */
};

static void checks_free(struct checks **checks)
{
	for (size_t i = 0; *checks && i < (*checks)->count; i++)
		dns_answer_fini(&(*checks)->answers[i]);
	free(*checks);
}

/* Whether the host belongs to another organisation than the record. Where that is not known, the host is asked. */
static int is_external(struct dmarc_finder *finder, const char *record_domain, const char *host, bool *ret,
		       struct error *err)
{
	const struct dmarc_lookup *failed = NULL;
	const char *org = NULL, *host_org = NULL;
	*ret = strcmp(host, record_domain) != 0;
	if (!*ret)
		return 0;
	if (dmarc_org_domain(finder, record_domain, &org, &failed, err) < 0)
		return -1;
	if (!org || !dns_name_under(host, org))
		return 0;
	if (dmarc_org_domain(finder, host, &host_org, &failed, err) < 0)
		return -1;
	*ret = !host_org || strcmp(org, host_org) != 0;
	return 0;
}

static int add_report(struct dmarc_finder *finder, const struct dmarc_lookup *at, const struct dmarc_uri *uri,
		      struct dmarc_report *report, struct error *err)
{
	char host[DNS_NAME_TEXT_MAX];
	report->failure = uri->failure;
	report->authorised = AUTH_PASS;
	report->uri = span_dup(uri->uri);
	if (!report->uri)
		return error_memory(err);
	if (!uri->domain.p || !dns_name_make(uri->domain, host))
		return 0;
	report->domain = strdup(host);
	if (!report->domain)
		return error_memory(err);
	return is_external(finder, at->domain, host, &report->external, err);
}

static void add_check(struct checks *checks, const char *record_domain, const struct dmarc_report *report, size_t index)
{
	char *name = checks->names[checks->count];
	size_t i = 0;
	snprintf(name, QUESTION_MAX, "%s._report._dmarc.%s", record_domain, report->domain);
	while (i < checks->count && strcmp(checks->names[i], name) != 0)
		i++;
	checks->questions[i] = (struct dns_question){ checks->names[i], DNS_TXT };
	checks->of_report[index] = i;
	if (i == checks->count)
		checks->count++;
}

/* Whether a record sends the reports on to another host than the one that published it (RFC 9990 section 4 step 9). */
static bool leads_away(const struct dmarc_record *record, const char *host)
{
	char name[DNS_NAME_TEXT_MAX];
	for (size_t i = 0; i < record->uri_count; i++)
		if (!record->uris[i].failure &&
		    (!record->uris[i].domain.p || !dns_name_make(record->uris[i].domain, name) ||
		     strcmp(name, host) != 0))
			return true;
	return false;
}

static int judge_answer(const struct dns_answer *answer, const char *host, enum dmarc_standard standard,
			enum auth_result *ret, const char **ret_words, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TXT_MAX);
	*ret = answer->state == DNS_MISSED ? AUTH_UNKNOWN : answer->state == DNS_FAILED ? AUTH_TEMPERROR : AUTH_FAIL;
	*ret_words = NULL;
	for (size_t i = 0; i < answer->count; i++) {
		struct dmarc_record record;
		buf_clear(&text);
		bool read = rdata_txt(&answer->records[i], &text, NULL);
		if (buf_check_memory(&text, err) < 0)
			return -1;
		int rc = read ? dmarc_record_parse(buf_span(&text), standard, &record, err) : 0;
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		bool away = leads_away(&record, host);
		dmarc_record_fini(&record);
		*ret = away ? AUTH_FAIL : AUTH_PASS;
		*ret_words = away ? "it sends the reports on to another host" : "it accepts the reports";
		if (away)
			return 0;
	}
	return 0;
}

static int ask_hosts(struct dmarc_finder *finder, struct checks *checks, const char *record_domain, struct error *err)
{
	size_t count = checks->count;
	checks->count = 0; /* of the answers to free, until there are any */
	if (count == 0)
		return 0;
	if (resolver_ask_many(finder->resolver, checks->questions, count, checks->answers, err) < 0)
		return -1;
	checks->count = count;
	for (size_t i = 0; i < count; i++) {
		const char *host = checks->names[i] + strlen(record_domain) + strlen("._report._dmarc."), *words = NULL;
		struct trail_step *step = NULL;
		char outcome[256];
		if (judge_answer(&checks->answers[i], host, finder->standard, &checks->results[i], &words, err) < 0 ||
		    trail_add(finder->trail, 0, "permission for reports", &checks->questions[i], &checks->answers[i],
			      &step, err) < 0 ||
		    trail_outcome(step, err, "%s",
				  words ? words : dns_answer_words(&checks->answers[i], outcome, sizeof(outcome))) < 0)
			return -1;
	}
	return 0;
}

int dmarc_reports_read(struct dmarc_finder *finder, const struct dmarc_lookup *at, struct dmarc_reading *reading,
		       struct error *err)
{
	const struct dmarc_record *record = &at->record;
	if (record->uri_count == 0)
		return 0;
	_cleanup_(checks_free) struct checks *checks = calloc(1, sizeof(*checks));
	reading->reports = calloc(record->uri_count, sizeof(*reading->reports));
	if (!checks || !reading->reports)
		return error_memory(err);
	for (size_t i = 0; i < record->uri_count; i++) {
		struct dmarc_report *report = &reading->reports[reading->report_count++];
		if (add_report(finder, at, &record->uris[i], report, err) < 0)
			return -1;
		if (report->external)
			add_check(checks, at->domain, report, i);
	}
	if (ask_hosts(finder, checks, at->domain, err) < 0)
		return -1;
	for (size_t i = 0; i < reading->report_count; i++)
		if (reading->reports[i].external)
			reading->reports[i].authorised = checks->results[checks->of_report[i]];
	return 0;
}
