/* MTA-STS (RFC 8461): the record, the policy as senders fetch it, and whether the policy is for the domain's servers.
 * The record and the policy are asked for at the same time. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/dns/rdata.h"
#include "harness/net/http.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/records/checks.h"
#include "harness/posture/records/mta_sts.h"
#include "harness/posture/engine/record_fields.h"

enum {
	NAME_MAX_TEXT = DNS_NAME_TEXT_MAX + 16,
	URL_MAX = DNS_NAME_TEXT_MAX + 64,
	ADDRESSES_MAX = 8,
	RECORD_MAX = 65535,
	MEND_MAX = 3900,
	POLICY_HOSTS_MAX = 8,
	WHY_MAX = 1200,
	HASH_MAX = 65,
	ID_MAX = 33,
	WEEK_S = 7 * 24 * 3600,
	HTTPS_PORT = 443,
};

#define NOT_FETCHED "the policy could not be fetched"

struct sts {
	struct check *check;
	const char *domain;
	struct dns_answer record, mx;
	size_t found;    /* records of MTA-STS */
	struct buf text; /* the first of them */

	char host[NAME_MAX_TEXT], url[URL_MAX]; /* of the policy */
	enum finding_state fetched;             /* FINDING_GOOD: `response` is a policy, or is to be one */
	char why[WHY_MAX];                      /* where not */
	struct http_response response;
};

/* --- asking ----------------------------------------------------------------------------------------------------- */

static void ask_records(struct sts *s)
{
	char name[NAME_MAX_TEXT];
	struct dns_answer answers[2] = { 0 };
	snprintf(name, sizeof(name), "_mta-sts.%s", s->domain);
	const struct dns_question questions[] = { { name, DNS_TXT }, { s->domain, DNS_MX } };
	if (check_ask(s->check, questions, ARRAY_LEN(questions), answers) < 0)
		return;
	s->record = answers[0];
	s->mx = answers[1];
}

static void not_fetched(struct sts *s, enum finding_state state, const char *why)
{
	s->fetched = state;
	snprintf(s->why, sizeof(s->why), "%s", why);
}

/* What a server says by itself is bad; what may be otherwise the next time, or from elsewhere, is open. */
static void judge_failure(struct sts *s, const struct error *err)
{
	bool refused = err->kind == ERROR_NETWORK && err->code == ECONNREFUSED;
	bool bad = refused || err->kind == ERROR_TLS || err->kind == ERROR_PROTOCOL || err->kind == ERROR_LIMIT;
	not_fetched(s, bad ? FINDING_BAD : FINDING_OPEN, err->text);
}

static void judge_status(struct sts *s)
{
	int status = s->response.status;
	char why[WHY_MAX];
	if (status == 200) {
		s->fetched = FINDING_GOOD;
		return;
	}
	snprintf(why, sizeof(why), "HTTP status %d%s", status,
		 status / 100 == 3 ? ": a redirect, which senders do not follow (RFC 8461 section 3.3)" : "");
	not_fetched(s, status >= 500 || status == 429 ? FINDING_OPEN : FINDING_BAD, why);
}

static void check_mta_sts_fetch(struct sts *s, const char *const *addresses, size_t count)
{
	const struct posture_params *p = check_params(s->check);
	const struct http_request request = { .url = s->url,
					      .addresses = addresses,
					      .address_count = count,
					      .ca_file = p->ca_file,
					      .max_octets = MTA_STS_POLICY_MAX,
					      .deadline = check_deadline(s->check) };
	struct error err = ERROR_INIT;
	check_connected(s->check);
	if (http_send(&request, &s->response, &err) < 0)
		judge_failure(s, &err);
	else
		judge_status(s);
}

static void fetch_policy(struct sts *s)
{
	const struct dns_question questions[] = { { s->host, DNS_A }, { s->host, DNS_AAAA } };
	struct dns_answer answers[ARRAY_LEN(questions)] = { 0 };
	char texts[ADDRESSES_MAX][IP_TEXT_MAX], why[WHY_MAX];
	const char *addresses[ADDRESSES_MAX];
	const struct dns_answer *failed = NULL;
	size_t count = 0;
	struct ip ip;
	if (check_ask(s->check, questions, ARRAY_LEN(questions), answers) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		for (size_t j = 0; j < answers[i].count && count < ADDRESSES_MAX; j++)
			if (rdata_address(&answers[i].records[j], &ip)) {
				addresses[count] = ip_format(&ip, texts[count]);
				count++;
			}
		failed = answers[i].state != DNS_ANSWERED ? &answers[i] : failed;
	}
	if (count > 0) {
		check_mta_sts_fetch(s, addresses, count);
	} else if (failed) {
		not_fetched(s, FINDING_OPEN, dns_answer_words(failed, why, sizeof(why)));
	} else {
		snprintf(why, sizeof(why), "%s has no address", s->host);
		not_fetched(s, FINDING_BAD, why);
	}
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		dns_answer_fini(&answers[i]);
}

/* --- mends ------------------------------------------------------------------------------------------------------ */

/* Adds lines of a policy that would do. */
static void add_policy(const struct sts *s, struct buf *out)
{
	char host[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	size_t hosts = 0;
	buf_add_str(out, "\"version: STSv1\", \"mode: enforce\", \"max_age: 2592000\"");
	for (size_t i = 0; i < s->mx.count && hosts < POLICY_HOSTS_MAX; i++)
		if (rdata_mx(&s->mx.records[i], &preference, host) && strcmp(host, ".") != 0) {
			buf_addf(out, ", \"mx: %s\"", host);
			hosts++;
		}
	if (hosts == 0 || hosts < s->mx.count)
		buf_addf(out, ", \"mx: HOST\" for each %shost that takes the domain's mail", hosts ? "further " : "");
}

static void add_serving(const struct sts *s, struct buf *out)
{
	buf_addf(out, "serve at %s, as text/plain, without redirect, with a certificate for %s, the lines ", s->url,
		 s->host);
	add_policy(s, out);
}

/* --- the record ------------------------------------------------------------------------------------------------- */

/* Neither record nor policy: a finding of the record alone. Rules that demand that an offered policy works have nothing
 * to say of it. */
static bool is_absent(const struct sts *s)
{
	return s->record.state == DNS_ANSWERED && s->found == 0 && s->fetched == FINDING_BAD;
}

static void hash_policy(const struct sts *s, char hex[HASH_MAX])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	hex[0] = '\0';
	if (s->fetched == FINDING_GOOD &&
	    EVP_Digest(s->response.body.p, s->response.body.len, digest, &len, EVP_sha256(), NULL) == 1)
		hex_encode(digest, len, hex);
}

/* Adds a record with a new id: the time, to the second. */
static void add_record(const struct sts *s, struct buf *out)
{
	char time[TIME_TEXT_MAX];
	time_rfc3339(check_params(s->check)->now_ms, time);
	buf_addf(out, "_mta-sts.%s. 3600 IN TXT \"v=STSv1; id=", s->domain);
	for (size_t i = 0; i < 19; i++)
		if (ascii_is_digit(time[i]))
			buf_add_char(out, time[i]);
	buf_add_str(out, "Z;\"");
}

/* Senders fetch a policy again when its id is another: a policy is held against the one that was first seen under this
 * id. */
static void judge_id(const struct sts *s, struct span id, const char *mend)
{
	const struct finding *before = check_previous(s->check, "mta-sts.id", s->domain);
	char number[ID_MAX], now[HASH_MAX];
	const char *first = now;
	hash_policy(s, now);
	span_copy(id, number, sizeof(number));
	if (before && before->seen_version && before->seen_sha256 && strcmp(before->seen_version, number) == 0)
		first = before->seen_sha256;
	if (now[0] && strcmp(now, first) != 0)
		check_bad(s->check, "mta-sts.id", s->domain, mend,
			  "id %s, policy SHA-256 %s; under the same id the policy is now another, SHA-256 %s", number,
			  first, now);
	else if (first[0])
		check_good(s->check, "mta-sts.id", s->domain, "id %s, policy SHA-256 %s", number, first);
	else
		check_good(s->check, "mta-sts.id", s->domain, "id %s", number);
	if (first[0])
		check_seen(s->check, "mta-sts.id", s->domain, number, first);
}

static void judge_record(const struct sts *s)
{
	_cleanup_(buf_fini) struct buf shown = BUF_INIT(5 * RECORD_MAX), mend = BUF_INIT(MEND_MAX);
	struct span id;
	const char *why;
	char words[WHY_MAX];
	if (s->record.state != DNS_ANSWERED) {
		dns_answer_words(&s->record, words, sizeof(words));
		check_open(s->check, "mta-sts.record", s->domain, "%s", words);
		check_open(s->check, "mta-sts.id", s->domain, "%s", words);
		return;
	}
	if (is_absent(s)) {
		add_serving(s, &mend);
		buf_add_str(&mend, "; then ");
	}
	buf_add_str(&mend, "publish: ");
	add_record(s, &mend);
	if (s->found != 1) {
		check_bad(s->check, "mta-sts.record", s->domain, check_text(s->check, &mend),
			  s->found ? "%zu records, of which senders take none" : "no record", s->found);
		return;
	}
	text_add_escaped(&shown, buf_span(&s->text));
	check_good(s->check, "mta-sts.record", s->domain, "%s", check_text(s->check, &shown));
	if (mta_sts_record_parse(buf_span(&s->text), &id, &why))
		judge_id(s, id, buf_str(&mend));
	else
		check_bad(s->check, "mta-sts.id", s->domain, check_text(s->check, &mend), "%s: %s", why,
			  check_text(s->check, &shown));
}

/* --- the policy ------------------------------------------------------------------------------------------------- */

static bool is_text(const char *content_type)
{
	struct span rest = span_of(content_type), type = { 0 };
	span_next(&rest, ';', &type);
	return span_is_nocase(span_trim(type), "text/plain");
}

static void judge_fetched(const struct sts *s)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	if (is_absent(s))
		return;
	add_serving(s, &mend);
	if (s->fetched == FINDING_OPEN)
		check_open(s->check, "mta-sts.policy", s->domain, "%s: %s", s->url, s->why);
	else if (s->fetched == FINDING_BAD)
		check_bad(s->check, "mta-sts.policy", s->domain, check_text(s->check, &mend), "%s: %s", s->url, s->why);
	else
		check_that(s->check, is_text(s->response.content_type), "mta-sts.policy", s->domain,
			   check_text(s->check, &mend), "%s: %zu octets of content type \"%s\"", s->url,
			   s->response.body.len, s->response.content_type);
}

/* Without a policy, none is known. */
static void judge_hosts(const struct sts *s, const struct mta_sts_policy *policy)
{
	char host[DNS_NAME_TEXT_MAX], mend[MEND_MAX], why[WHY_MAX];
	uint16_t preference;
	if (s->mx.state != DNS_ANSWERED)
		check_open(s->check, "mta-sts.mx", s->domain, "MX: %s", dns_answer_words(&s->mx, why, sizeof(why)));
	for (size_t i = 0; i < s->mx.count; i++) {
		if (!rdata_mx(&s->mx.records[i], &preference, host) || strcmp(host, ".") == 0)
			continue;
		if (!policy) {
			check_open(s->check, "mta-sts.mx", host, NOT_FETCHED);
			continue;
		}
		bool matches = mta_sts_policy_matches(policy, host);
		snprintf(mend, sizeof(mend),
			 "add to the policy the line \"mx: %s\", then give the record of _mta-sts.%s a new id", host,
			 s->domain);
		check_that(s->check, matches, "mta-sts.mx", host, mend, "%s of the policy is for it (patterns: %zu)",
			   matches ? "a pattern" : "no pattern", policy->mx_count);
	}
}

static void judge_values(const struct sts *s, const struct mta_sts_policy *policy)
{
	bool long_enough = policy->max_age_s >= WEEK_S, short_enough = policy->max_age_s <= MTA_STS_MAX_AGE;
	check_that(
	    s->check, policy->mode == MTA_STS_ENFORCE, "mta-sts.mode", s->domain,
	    "once TLS reports show no failures, write \"mode: enforce\" into the policy and give its record a new "
	    "id",
	    "mode: %s", mta_sts_mode_name(policy->mode));
	check_that(s->check, long_enough && short_enough, "mta-sts.max-age", s->domain,
		   "write \"max_age: 2592000\" (30 days) into the policy and give its record a new id",
		   "max_age: %llu s%s", (unsigned long long)policy->max_age_s,
		   !long_enough    ? ", less than a week"
		   : !short_enough ? ", more than the year that is allowed"
				   : "");
}

static void report_unknown(const struct sts *s)
{
	static const char *const in_it[] = { "mta-sts.syntax", "mta-sts.mode", "mta-sts.max-age" };
	for (size_t i = 0; i < ARRAY_LEN(in_it); i++)
		check_open(s->check, in_it[i], s->domain, NOT_FETCHED);
	judge_hosts(s, NULL);
}

static void judge_policy(const struct sts *s)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	struct mta_sts_policy policy;
	char line[32];
	if (s->fetched == FINDING_OPEN)
		report_unknown(s);
	if (s->fetched != FINDING_GOOD)
		return;
	if (!mta_sts_policy_parse(buf_span(&s->response.body), &policy)) {
		buf_add_str(&mend, "write the policy as these lines: ");
		add_policy(s, &mend);
		snprintf(line, sizeof(line), "line %u: ", policy.line);
		check_bad(s->check, "mta-sts.syntax", s->domain, check_text(s->check, &mend), "%s%s",
			  policy.line ? line : "", policy.why);
		return;
	}
	check_good(s->check, "mta-sts.syntax", s->domain, "version, mode, max_age and %zu mx", policy.mx_count);
	if (policy.mode != MTA_STS_NONE)
		judge_hosts(s, &policy);
	judge_values(s, &policy);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

struct check_mta_sts_part {
	struct sts *sts;
	void (*ask)(struct sts *sts);
};

static void ask_part(struct check *check, void *argument)
{
	const struct check_mta_sts_part *part = argument;
	part->ask(part->sts);
}

void check_mta_sts(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	struct sts s = { .check = check, .domain = p->domain, .fetched = FINDING_OPEN };
	buf_init(&s.text, RECORD_MAX);
	struct check_mta_sts_part parts[] = { { &s, ask_records }, { &s, fetch_policy } };
	void *arguments[] = { &parts[0], &parts[1] };
	snprintf(s.host, sizeof(s.host), "mta-sts.%s", p->domain);
	snprintf(s.url, sizeof(s.url), "https://%s", s.host);
	if (p->policy_port && p->policy_port != HTTPS_PORT)
		snprintf(s.url + strlen(s.url), sizeof(s.url) - strlen(s.url), ":%u", (unsigned)p->policy_port);
	snprintf(s.url + strlen(s.url), sizeof(s.url) - strlen(s.url), "/.well-known/mta-sts.txt");
	check_each(check, ask_part, arguments, ARRAY_LEN(arguments));
	s.found = record_find(&s.record, MTA_STS_VERSION, &s.text);
	check_buf(check, &s.text);
	judge_record(&s);
	judge_fetched(&s);
	judge_policy(&s);
	buf_fini(&s.text);
	dns_answer_fini(&s.record);
	dns_answer_fini(&s.mx);
	http_response_fini(&s.response);
}
