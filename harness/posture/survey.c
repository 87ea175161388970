/* The questions of a survey, level by level. */
#include "harness/posture/survey.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc_record.h"
#include "harness/auth/spf_allowed.h"
#include "harness/base/vec.h"
#include "harness/dns/rdata.h"

/* Of one level; what answers point to beyond that is left out. */
enum { QUESTIONS_MAX = 2000, TEXT_MAX = 65535 };

struct level {
	struct dns_question *questions; /* owns the names */
	size_t count, cap;
	struct dns_answer *answers; /* NULL until asked */
};

static void level_fini(struct level *level)
{
	for (size_t i = 0; i < level->count; i++) {
		free((char *)(uintptr_t)level->questions[i].name);
		if (level->answers)
			dns_answer_fini(&level->answers[i]);
	}
	free(level->questions);
	free(level->answers);
}

/* Adds `LABELS.NAME`; a name that the DNS cannot have is left out. */
static int survey_add(struct level *level, const char *labels, const char *name, enum dns_type type, struct error *err)
{
	char whole[2 * DNS_NAME_TEXT_MAX], normal[DNS_NAME_TEXT_MAX];
	snprintf(whole, sizeof(whole), "%s%s%s", labels, labels[0] ? "." : "", name);
	if (!dns_name_normal(whole, normal))
		return 0;
	/* With records left out, a comparison would say that nothing changed. */
	if (level->count == QUESTIONS_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0,
				 "the domain has more than %d records to look at: name fewer selectors or hosts",
				 QUESTIONS_MAX);
	if (vec_grow(&level->questions, level->count, &level->cap, sizeof(*level->questions), err) < 0)
		return -1;
	char *copy = strdup(normal);
	if (!copy)
		return error_memory(err);
	level->questions[level->count++] = (struct dns_question){ copy, type };
	return 0;
}

static int add_addresses(struct level *level, const char *host, struct error *err)
{
	return survey_add(level, "", host, DNS_A, err) < 0 ? -1 : survey_add(level, "", host, DNS_AAAA, err);
}

static int survey_ask(struct level *level, struct resolver *resolver, struct error *err)
{
	struct dns_answer *answers = calloc(level->count + 1, sizeof(*answers));
	if (!answers)
		return error_memory(err);
	if (resolver_ask_many(resolver, level->questions, level->count, answers, err) < 0) {
		free(answers);
		return -1;
	}
	level->answers = answers;
	return 0;
}

/* --- the first level -------------------------------------------------------------------------------------------- */

/* Which zone a name lies in, and which policy holds for it, may be said at any name above it. */
static int add_path(struct level *level, const char *domain, struct error *err)
{
	for (const char *name = domain; dns_name_labels(name) > 0; name = dns_name_parent(name))
		if (survey_add(level, "_dmarc", name, DNS_TXT, err) < 0 ||
		    survey_add(level, "", name, DNS_NS, err) < 0 || survey_add(level, "", name, DNS_SOA, err) < 0)
			return -1;
	return 0;
}

static int survey_add_domain(struct level *level, const char *domain, struct error *err)
{
	static const struct {
		const char *labels;
		enum dns_type type;
	} rows[] = {
		{ "", DNS_TXT },
		{ "", DNS_MX },
		{ "", DNS_A },
		{ "", DNS_AAAA },
		{ "", DNS_DS },
		{ "_mta-sts", DNS_TXT },
		{ "mta-sts", DNS_A },
		{ "mta-sts", DNS_AAAA },
		{ "_smtp._tls", DNS_TXT },
		{ "default._bimi", DNS_TXT },
	};
	for (size_t i = 0; domain && i < ARRAY_LEN(rows); i++)
		if (survey_add(level, rows[i].labels, domain, rows[i].type, err) < 0)
			return -1;
	return domain ? add_path(level, domain, err) : 0;
}

static int add_keys(struct level *level, const struct survey_params *p, const char *domain, struct error *err)
{
	char labels[DNS_NAME_TEXT_MAX];
	for (size_t i = 0; domain && i < p->selector_count; i++) {
		snprintf(labels, sizeof(labels), "%s._domainkey", p->selectors[i]);
		if (survey_add(level, labels, domain, DNS_TXT, err) < 0)
			return -1;
	}
	return 0;
}

static int add_first(struct level *level, const struct survey_params *p, struct error *err)
{
	if (survey_add_domain(level, p->domain, err) < 0 || survey_add_domain(level, p->from_domain, err) < 0 ||
	    survey_add_domain(level, p->envelope_domain, err) < 0 || add_keys(level, p, p->domain, err) < 0 ||
	    add_keys(level, p, p->from_domain, err) < 0)
		return -1;
	for (size_t i = 0; i < p->further_count; i++)
		if (survey_add(level, "", p->further[i].name, p->further[i].type, err) < 0)
			return -1;
	return 0;
}

/* --- the second level ------------------------------------------------------------------------------------------- */

static int follow_host(struct level *level, enum dns_type type, const struct dns_record *record, struct error *err)
{
	char host[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	bool named = type == DNS_MX ? rdata_mx(record, &preference, host) : rdata_name(record, host);
	if (!named || strcmp(host, ".") == 0)
		return 0;
	if (type == DNS_MX && survey_add(level, "_25._tcp", host, DNS_TLSA, err) < 0)
		return -1;
	return add_addresses(level, host, err);
}

/* RFC 9990 section 4: who receives reports about a domain of others consents there. */
static int follow_reports(struct level *level, const char *name, const struct dns_record *record, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX);
	_cleanup_(dmarc_record_fini) struct dmarc_record dmarc = { 0 };
	const char *domain = dns_name_parent(name);
	char labels[DNS_NAME_TEXT_MAX], to[DNS_NAME_TEXT_MAX];
	bool read = rdata_txt(record, &text, NULL);
	if (buf_check_memory(&text, err) < 0)
		return -1;
	if (!read)
		return 0;
	int found = dmarc_record_parse(buf_span(&text), DMARC_RFC9989, &dmarc, err);
	snprintf(labels, sizeof(labels), "%.900s._report._dmarc", domain);
	for (size_t i = 0; found > 0 && i < dmarc.uri_count; i++)
		if (dns_name_make(dmarc.uris[i].domain, to) && !dns_name_under(to, domain) &&
		    survey_add(level, labels, to, DNS_TXT, err) < 0)
			return -1;
	return found < 0 ? -1 : 0;
}

static int survey_follow(struct level *level, const struct dns_question *question, const struct dns_answer *answer,
			 struct error *err)
{
	for (size_t i = 0; i < answer->count; i++) {
		int result = 0;
		if (question->type == DNS_MX || question->type == DNS_NS || question->type == DNS_PTR)
			result = follow_host(level, question->type, &answer->records[i], err);
		else if (question->type == DNS_TXT && strncmp(question->name, "_dmarc.", 7) == 0)
			result = follow_reports(level, question->name, &answer->records[i], err);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static int read_spf(const char *domain, struct resolver *resolver, struct error *err)
{
	_cleanup_(spf_allowed_fini) struct spf_allowed allowed = { 0 };
	return domain ? spf_allowed_read(domain, resolver, &allowed, err) : 0;
}

int survey(const struct survey_params *params, struct resolver *resolver, struct error *err)
{
	_cleanup_(level_fini) struct level first = { 0 }, second = { 0 };
	if (add_first(&first, params, err) < 0 || survey_ask(&first, resolver, err) < 0)
		return -1;
	for (size_t i = 0; i < first.count; i++)
		if (survey_follow(&second, &first.questions[i], &first.answers[i], err) < 0)
			return -1;
	if (survey_ask(&second, resolver, err) < 0 || read_spf(params->domain, resolver, err) < 0 ||
	    read_spf(params->from_domain, resolver, err) < 0)
		return -1;
	return read_spf(params->envelope_domain, resolver, err);
}

bool survey_wants(const char *domain, const struct dns_question *question)
{
	return dns_name_under(question->name, domain) || question->type == DNS_PTR ||
	       (question->type == DNS_TXT && strstr(question->name, "._domainkey."));
}
