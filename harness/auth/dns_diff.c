/* Pairs the questions of both snapshots, and says what is different about each. */
#include "harness/auth/dns_diff.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/dns_diff_internal.h"
#include "harness/auth/spf_record.h"
#include "harness/dns/answer_compare.h"
#include "harness/dns/resolver_snapshot.h"

enum { TEXT_MAX = ANSWER_RECORD_TEXT_MAX, DETAIL_SHOWN_MAX = 400, RECORD_SHOWN_MAX = 160 };

/* --- what a record is for --------------------------------------------------------------------------------------- */

/* A TXT record has its meaning by where it stands and how it begins. */
static const struct purpose {
	const char *label;  /* somewhere in the name, at a label's start; "" anywhere */
	const char *begins; /* ASCII case folded; "" anything */
	const char *subject;
	diff_fn *compare;
} purposes[] = {
	{ "_domainkey.", "", "DKIM key", diff_dkim },     { "_dmarc.", "v=DMARC1", "DMARC", diff_dmarc },
	{ "_mta-sts.", "v=STSv1", "MTA-STS", diff_tags }, { "_tls.", "v=TLSRPTv1", "TLS reports", diff_tags },
	{ "_bimi.", "v=BIMI1", "BIMI", diff_tags },       { "", "v=spf1", "SPF", diff_spf },
};

static bool stands_at(const char *name, const char *label)
{
	const char *at = strstr(name, label);
	return at && (at == name || at[-1] == '.');
}

static bool is_for(const struct purpose *purpose, struct span text)
{
	return purpose->compare == diff_spf ? spf_record_is(text) : span_starts_nocase(text, span_of(purpose->begins));
}

static const char *subject_of(enum dns_type type, const char *name)
{
	static const struct {
		enum dns_type type;
		const char *subject;
	} subjects[] = {
		{ DNS_MX, "mail servers" },     { DNS_NS, "name servers" },        { DNS_A, "IPv4 addresses" },
		{ DNS_AAAA, "IPv6 addresses" }, { DNS_PTR, "name of an address" }, { DNS_TLSA, "DANE" },
		{ DNS_DS, "DNSSEC" },           { DNS_DNSKEY, "DNSSEC" },          { DNS_SOA, "zone" },
		{ DNS_CNAME, "alias" },
	};
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
		if (subjects[i].type == type)
			return subjects[i].subject;
	for (size_t i = 0; i < ARRAY_LEN(purposes) && type == DNS_TXT; i++)
		if (purposes[i].label[0] && stands_at(name, purposes[i].label))
			return purposes[i].subject;
	return type == DNS_TXT ? "text" : "record";
}

/* --- records ---------------------------------------------------------------------------------------------------- */

/* The only record of one purpose that is not in the other answer too; false where there is none, or several, or *out
 * has failed. */
static bool only_record(const struct dns_answer *answer, const struct dns_answer *other, const struct purpose *purpose,
			struct buf *out)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX);
	size_t found = 0;
	for (size_t i = 0; i < answer->count; i++) {
		answer_record_text(DNS_TXT, &answer->records[i], &text);
		if (buf_result(&text) < 0) {
			buf_clear(out);
			buf_add_buf(out, &text);
			return false;
		}
		if (!is_for(purpose, buf_span(&text)) || answer_has_record(other, DNS_TXT, buf_span(&text)))
			continue;
		buf_clear(out);
		buf_add_span(out, buf_span(&text));
		found++;
	}
	return found == 1;
}

/* What stands in one answer alone, as it is written. `pair`: a purpose whose records were compared already. */
static int say_records(const struct diff *diff, const struct dns_answer *answer, const struct dns_answer *other,
		       const struct purpose *pair, const char *verb, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX);
	for (size_t i = 0; i < answer->count; i++) {
		answer_record_text(diff->type, &answer->records[i], &text);
		if (buf_check(&text, diff->name, err) < 0)
			return -1;
		struct diff said = *diff;
		if (answer_has_record(other, diff->type, buf_span(&text)) || (pair && is_for(pair, buf_span(&text))))
			continue;
		if (diff->type == DNS_TXT && spf_record_is(buf_span(&text)))
			said.subject = "SPF";
		struct span shown = span_sub(buf_span(&text), 0, RECORD_SHOWN_MAX);
		if (diff_say(&said, err, "%.*s%s %s", SPAN_ARG(shown), shown.len < text.len ? "..." : "", verb) < 0)
			return -1;
	}
	return 0;
}

static int say_txt(const struct diff *diff, const struct dns_answer *older, const struct dns_answer *newer,
		   struct error *err)
{
	_cleanup_(buf_fini) struct buf before = BUF_INIT(TEXT_MAX), after = BUF_INIT(TEXT_MAX);
	const struct purpose *pair = NULL;
	for (size_t i = 0; i < ARRAY_LEN(purposes) && !pair; i++)
		if ((!purposes[i].label[0] || stands_at(diff->name, purposes[i].label)) &&
		    only_record(older, newer, &purposes[i], &before) && only_record(newer, older, &purposes[i], &after))
			pair = &purposes[i];
	if (buf_check(&before, diff->name, err) < 0 || buf_check(&after, diff->name, err) < 0)
		return -1;
	struct diff of_pair = *diff;
	of_pair.subject = pair ? pair->subject : diff->subject;
	if (pair && pair->compare(&of_pair, buf_span(&before), buf_span(&after), err) < 0)
		return -1;
	if (say_records(diff, older, newer, pair, "removed", err) < 0)
		return -1;
	return say_records(diff, newer, older, pair, "added", err);
}

static bool reads_soa(const struct dns_answer *answer, uint32_t *ret_minimum)
{
	const struct dns_record *record = answer->count == 1 ? &answer->records[0] : NULL;
	if (!record || record->len < 4)
		return false;
	const unsigned char *p = record->rdata + record->len - 4;
	*ret_minimum = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return true;
}

/* Of a SOA record only how long negative answers are kept (RFC 2308 section 4): serial numbers change with all else. */
static int say_soa(const struct diff *diff, const struct dns_answer *older, const struct dns_answer *newer,
		   struct error *err)
{
	uint32_t was, is;
	if (!reads_soa(older, &was) || !reads_soa(newer, &is))
		return say_records(diff, newer, older, NULL, "added", err);
	return was == is
		   ? 0
		   : diff_say(diff, err, "that a name or record is not there is kept for %u s, before %u s", is, was);
}

static int say_ttl(const struct diff *diff, const struct dns_answer *older, const struct dns_answer *newer,
		   struct error *err)
{
	if (older->ttl_remaining || newer->ttl_remaining || older->ttl == newer->ttl || !older->count || !newer->count)
		return 0;
	return diff_say(diff, err, "TTL changed: %u s became %u s", older->ttl, newer->ttl);
}

static int say_status(const struct diff *diff, const struct dns_answer *older, const struct dns_answer *newer,
		      struct error *err)
{
	const char *was = older->canonical, *is = newer->canonical;
	if ((was || is) && (!was || !is || strcmp(was, is) != 0) &&
	    diff_say(diff, err, "alias changed: the name stands for %s, before for %s", is ? is : "itself",
		     was ? was : "itself") < 0)
		return -1;
	if (older->security == newer->security)
		return 0;
	return diff_say(diff, err, "%s",
			newer->security == DNS_SECURE ? "the answer is now secured by DNSSEC"
						      : "the answer is no longer secured by DNSSEC");
}

static int say_open(const struct diff *diff, const struct dns_answer *newer, bool now, struct error *err)
{
	_cleanup_(buf_fini) struct buf what = BUF_INIT(DIFF_WHAT_MAX);
	buf_addf(&what, "not known: the %s look had no answer%s%.*s", now ? "newer" : "older",
		 newer->detail ? ": " : "", SPAN_ARG(span_sub(span_of(newer->detail), 0, DETAIL_SHOWN_MAX)));
	const struct dns_change change = { (char *)(uintptr_t)diff->name, diff->type, diff->subject, NULL, true };
	return dns_changes_add(diff->out, &change, &what, err);
}

static int compare_answers(const struct diff *diff, const struct dns_answer *older, const struct dns_answer *newer,
			   struct error *err)
{
	if (newer->state != DNS_ANSWERED)
		return older->state != DNS_ANSWERED ? 0 : say_open(diff, newer, true, err);
	if (older->state != DNS_ANSWERED)
		return say_open(diff, older, false, err);
	int result = 0;
	if (older->count > ANSWER_RECORDS_MAX || newer->count > ANSWER_RECORDS_MAX)
		result = diff_say(diff, err, "too many records to compare: %zu, before %zu", newer->count,
				  older->count);
	else if (diff->type == DNS_TXT)
		result = say_txt(diff, older, newer, err);
	else if (diff->type == DNS_SOA)
		result = say_soa(diff, older, newer, err);
	else if ((result = say_records(diff, older, newer, NULL, "removed", err)) == 0)
		result = say_records(diff, newer, older, NULL, "added", err);
	if (result < 0 || say_status(diff, older, newer, err) < 0)
		return -1;
	return say_ttl(diff, older, newer, err);
}

/* --- snapshots -------------------------------------------------------------------------------------------------- */

static int by_question(const void *a, const void *b)
{
	const struct dns_fact *left = *(const struct dns_fact *const *)a, *right = *(const struct dns_fact *const *)b;
	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	int order = strcmp(left->name, right->name);
	return order ? order : left < right ? -1 : left > right;
}

/* The first fact of each question is marked. */
static int mark_first(const struct dns_fact *facts, size_t count, bool *first, struct error *err)
{
	_cleanup_(free_p) const struct dns_fact **sorted = calloc(count + 1, sizeof(*sorted));
	if (!sorted)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &facts[i];
	qsort(sorted, count, sizeof(*sorted), by_question);
	for (size_t i = 0; i < count; i++)
		first[sorted[i] - facts] = i == 0 || sorted[i]->type != sorted[i - 1]->type ||
					   strcmp(sorted[i]->name, sorted[i - 1]->name) != 0;
	return 0;
}

static int compare_question(struct diff *diff, const struct dns_fact *fact, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer before = { 0 }, after = { 0 };
	diff->name = fact->name;
	diff->type = fact->type;
	diff->subject = subject_of(fact->type, fact->name);
	if (resolver_ask(diff->older, fact->name, fact->type, &before, err) < 0 ||
	    resolver_ask(diff->newer, fact->name, fact->type, &after, err) < 0)
		return -1;
	return before.state == DNS_MISSED ? 0 : compare_answers(diff, &before, &after, err);
}

int dns_diff(const struct dns_fact *older, size_t older_count, const struct dns_fact *newer, size_t newer_count,
	     struct dns_changes *ret, struct error *err)
{
	_cleanup_(resolver_free_p) struct resolver *before = NULL, *after = NULL;
	_cleanup_(free_p) bool *first = calloc(newer_count + 1, sizeof(*first));
	*ret = (struct dns_changes){ 0 };
	if (!first)
		return error_memory(err);
	if (mark_first(newer, newer_count, first, err) < 0 ||
	    resolver_replay_new(older, older_count, &before, err) < 0 ||
	    resolver_replay_new(newer, newer_count, &after, err) < 0)
		return -1;
	struct diff diff = { .older = before, .newer = after, .out = ret };
	for (size_t i = 0; i < newer_count; i++)
		if (first[i] && compare_question(&diff, &newer[i], err) < 0)
			return -1;
	return 0;
}
