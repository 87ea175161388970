/* DMARC of the From domain: where the record is, and whether stored runs would pass. Evaluated as a message of the
 * service would be, by both standards. */
#include "harness/posture/dmarc/check_dmarc.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"
#include "harness/posture/engine/author.h"
#include "harness/posture/dmarc/checks.h"
#include "harness/posture/engine/publish.h"
#include "harness/posture/engine/record_fields.h"

enum { TXT_MAX = 65535, LABEL_ROOM = 32, NAMES_MAX = 256, NAME_MAX = 2 * DNS_NAME_TEXT_MAX + LABEL_ROOM };

/* --- asking at once what the evaluation asks one after the other -------------------------------------------------- */

struct check_dmarc_names {
	char (*v)[NAME_MAX];
	size_t count;
};

static void check_dmarc_add_name(struct check_dmarc_names *names, const char *prefix, const char *domain)
{
	if (names->count < NAMES_MAX)
		snprintf(names->v[names->count++], NAME_MAX, "%s%s", prefix, domain);
}

/* `_dmarc` of the domain and of all above it. */
static void add_walk(struct check_dmarc_names *names, const char *domain)
{
	for (; strcmp(domain, ".") != 0; domain = dns_name_parent(domain))
		check_dmarc_add_name(names, "_dmarc.", domain);
}

/* What the report addresses of a record at the domain will cost. */
static int add_reports(struct check_dmarc_names *names, const char *domain, struct span text, struct error *err)
{
	struct dmarc_record record;
	char host[DNS_NAME_TEXT_MAX], permission[DNS_NAME_TEXT_MAX + LABEL_ROOM];
	int rc = dmarc_record_parse(text, DMARC_RFC9989, &record, err);
	if (rc <= 0)
		return rc;
	snprintf(permission, sizeof(permission), "%s._report._dmarc.", domain);
	for (size_t i = 0; i < record.uri_count; i++) {
		if (!record.uris[i].domain.p || !dns_name_make(record.uris[i].domain, host) ||
		    dns_name_under(host, domain))
			continue;
		add_walk(names, host);
		check_dmarc_add_name(names, permission, host);
	}
	dmarc_record_fini(&record);
	return 0;
}

static int ask_names(struct dmarc_posture *posture, const struct check_dmarc_names *names, struct dns_answer *answers,
		     struct error *err)
{
	struct dns_question questions[NAMES_MAX];
	for (size_t i = 0; i < names->count; i++)
		questions[i] = (struct dns_question){ names->v[i], DNS_TXT };
	return resolver_ask_many(posture->dns.memory, questions, names->count, answers, err);
}

/* Names whose records were not known in front of those of the answer. */
static int add_reports_of(struct check_dmarc_names *names, const char *name, const struct dns_answer *answer,
			  struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TXT_MAX);
	for (size_t i = 0; i < answer->count; i++) {
		buf_clear(&text);
		bool read = rdata_txt(&answer->records[i], &text, NULL);
		if (buf_check_memory(&text, err) < 0)
			return -1;
		if (read && add_reports(names, name + strlen("_dmarc."), buf_span(&text), err) < 0)
			return -1;
	}
	return 0;
}

/* Two rounds, the second for the hosts of report addresses. The answers stay in the asker's memory. */
static int ask_ahead(struct dmarc_posture *posture, struct check_dmarc_names *names, struct check_dmarc_names *hosts,
		     struct error *err)
{
	struct dns_answer answers[NAMES_MAX] = { 0 }, more[NAMES_MAX] = { 0 };
	int rc = 0;
	add_walk(names, posture->author);
	size_t walked = names->count;
	add_walk(names, posture->envelope);
	check_dmarc_add_name(names, "", posture->author);
	if (ask_names(posture, names, answers, err) < 0)
		return -1;
	for (size_t i = 0; i < walked && rc == 0; i++)
		rc = add_reports_of(hosts, names->v[i], &answers[i], err);
	for (size_t i = 0; i < names->count; i++)
		dns_answer_fini(&answers[i]);
	if (rc < 0 || hosts->count == 0)
		return rc;
	if (ask_names(posture, hosts, more, err) < 0)
		return -1;
	for (size_t i = 0; i < hosts->count; i++)
		dns_answer_fini(&more[i]);
	return 0;
}

/* --- evaluation ------------------------------------------------------------------------------------------------- */

static int evaluate(struct dmarc_posture *posture, struct error *err)
{
	_cleanup_(header_fini) struct header header = { 0 };
	_cleanup_(buf_fini) struct buf from = BUF_INIT(DNS_NAME_TEXT_MAX + LABEL_ROOM);
	const struct spf_evaluation spf = { .evaluated = true,
					    .result = AUTH_PASS,
					    .domain = (char *)(uintptr_t)posture->envelope };
	const struct dkim_evaluation dkim = { 0 };
	buf_addf(&from, "From: postmaster@%s\r\n\r\n", posture->author);
	if (header_parse(&header, buf_span(&from), err) < 0 ||
	    dmarc_evaluate(&header, &spf, &dkim, posture->dns.memory, &posture->evaluation, err) < 0)
		return -1;
	for (int s = DMARC_STANDARD_COUNT - 1; s >= 0; s--)
		if (posture->evaluation.readings[s].record)
			posture->found = &posture->evaluation.readings[s];
	for (int s = 0; s < DMARC_STANDARD_COUNT && posture->found; s++)
		if (dmarc_record_parse(span_of(posture->found->record), (enum dmarc_standard)s, &posture->records[s],
				       err) < 0)
			return -1;
	return 0;
}

static int check_dmarc_prepare(struct dmarc_posture *posture)
{
	struct error err = ERROR_INIT;
	struct check_dmarc_names names = { .v = calloc(NAMES_MAX, NAME_MAX) },
				 hosts = { .v = calloc(NAMES_MAX, NAME_MAX) };
	int rc = names.v && hosts.v ? ask_ahead(posture, &names, &hosts, &err) : error_memory(&err);
	free(names.v);
	free(hosts.v);
	if (rc == 0)
		rc = evaluate(posture, &err);
	if (rc < 0)
		check_memory(posture->check);
	return rc;
}

/* --- the record ------------------------------------------------------------------------------------------------- */

/* A DMARC record among the TXT records of a name, the first of `*ret_count`. */
static int find_record(struct dmarc_posture *posture, const char *name, struct buf *ret, size_t *ret_count)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	const struct dns_question question = { name, DNS_TXT };
	if (check_resolver_ask(&posture->dns, &question, 1, &answer) < 0)
		return -1;
	*ret_count = record_find(&answer, "v=DMARC1", ret);
	check_buf(posture->check, ret);
	return 0;
}

static void check_missing(struct dmarc_posture *posture, const char *why)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TXT_MAX), mend = BUF_INIT(DMARC_WORDS_MAX);
	/* That of the tree walk is found by records, of which there are none. */
	const char *suffix = posture->evaluation.readings[DMARC_RFC7489].org_domain,
		   *org = suffix ? suffix : posture->author;
	char own[DNS_NAME_TEXT_MAX + LABEL_ROOM], above[DNS_NAME_TEXT_MAX + LABEL_ROOM];
	size_t here = 0, there = 0, beside = 0;
	snprintf(own, sizeof(own), "_dmarc.%s", posture->author);
	snprintf(above, sizeof(above), "_dmarc.%s", org);
	/* Where there are records nonetheless, they are several. */
	if (find_record(posture, own, &text, &here) < 0 || (!here && find_record(posture, above, &text, &there) < 0) ||
	    (!here && !there && find_record(posture, posture->author, &text, &beside) < 0))
		return;
	if (text.len == 0)
		buf_addf(&text, "v=DMARC1; p=none; rua=mailto:dmarc-reports@%s", posture->author);
	buf_addf(&mend, "publish%s: ", here || there ? " one record in the place of all" : "");
	publish_buf(&mend, there ? above : own, &text);
	if (!here && !there && !beside)
		buf_add_str(&mend, "; once the reports show that all mail of the domain passes, with p=reject");
	check_bad(posture->check, "dmarc.record", posture->author, check_text(posture->check, &mend), "%s%s", why,
		  beside ? "; there is one at the domain itself, where nobody looks for it" : "");
}

static void check_record(struct dmarc_posture *posture)
{
	static const char *const ids[] = { "dmarc.record",     "dmarc.syntax",   "dmarc.readings",
					   "dmarc.policy",     "dmarc.enforced", "dmarc.reject",
					   "dmarc.subdomains", "dmarc.pct",      "dmarc.testing",
					   "dmarc.alignment",  "dmarc.rua",      "dmarc.rua-authorised" };
	const struct dmarc_reading *r = &posture->evaluation.readings[DMARC_RFC9989];
	if (posture->found)
		check_good(posture->check, "dmarc.record", posture->author, "_dmarc.%s: %s",
			   posture->found->record_domain, posture->found->record);
	else if (r->result == AUTH_NONE)
		check_missing(posture, r->reason);
	else
		for (size_t i = 0; i < ARRAY_LEN(ids); i++)
			check_open(posture->check, ids[i], posture->author, "%s", r->reason);
}

/* --- stored runs ------------------------------------------------------------------------------------------------ */

static void check_would_pass(const struct dmarc_posture *posture)
{
	static const char mend[] =
	    "sign with DKIM for the From domain, or use an envelope sender of it that SPF passes";
	const struct posture_params *p = check_params(posture->check);
	size_t passed = 0;
	const struct dmarc_reading *failed = NULL;
	for (size_t i = 0; i < p->evaluation_count; i++) {
		const struct dmarc_reading *readings = p->evaluations[i]->dmarc.readings;
		size_t passes = 0;
		for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
			passes += readings[s].result == AUTH_PASS;
			if (readings[s].result == AUTH_FAIL && !failed)
				failed = &readings[s];
		}
		passed += passes == DMARC_STANDARD_COUNT;
	}
	if (failed)
		check_bad(posture->check, "dmarc.would-pass", posture->author, mend,
			  "%zu of %zu messages of the newest run pass; %s", passed, p->evaluation_count,
			  failed->reason);
	else if (passed < p->evaluation_count)
		check_open(posture->check, "dmarc.would-pass", posture->author,
			   "%zu of %zu messages of the newest run pass, of the others it is not known", passed,
			   p->evaluation_count);
	else if (passed > 0)
		check_good(posture->check, "dmarc.would-pass", posture->author,
			   "all %zu messages of the newest run pass", passed);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void check_dmarc_examine(struct dmarc_posture *posture)
{
	if (check_dmarc_prepare(posture) < 0)
		return;
	check_record(posture);
	if (posture->found) {
		dmarc_posture_policy(posture);
		dmarc_posture_identifiers(posture);
	}
	check_would_pass(posture);
}

void check_dmarc(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	char author[DNS_NAME_TEXT_MAX];
	author_domain(p, author);
	struct dmarc_posture posture = { .check = check,
					 .author = author,
					 .envelope = p->envelope_domain ? p->envelope_domain : author };
	if (check_resolver_init(&posture.dns, check) < 0)
		return;
	check_dmarc_examine(&posture);
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
		dmarc_record_fini(&posture.records[s]);
	dmarc_evaluation_fini(&posture.evaluation);
	check_resolver_fini(&posture.dns);
}
