/* Discovery of DMARC policy records. Asks one name after the other, as both standards do: what an answer makes needless
 * is not asked, and the trail is what a receiver's would be. */
#include "harness/auth/dmarc_discover.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/orgdomain.h"
#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"

enum {
	TXT_MAX = 65535,    /* octets of a TXT record */
	WALK_SHORTENED = 7, /* labels that are left of a name with more (RFC 9989 section 4.10 step 4) */
	REASON_MAX = 256,
};

static void lookup_free(struct dmarc_lookup *lookup)
{
	free(lookup->domain);
	free(lookup->failure);
	free(lookup->text);
	dmarc_record_fini(&lookup->record);
	free(lookup);
}

void dmarc_finder_fini(struct dmarc_finder *finder)
{
	for (size_t i = 0; i < finder->count; i++)
		lookup_free(finder->lookups[i]);
	free(finder->lookups);
	*finder = (struct dmarc_finder){ 0 };
}

/* Takes over a record's text if it is a DMARC record. A second one makes both count for nothing. */
static int consider_record(struct dmarc_lookup *lookup, enum dmarc_standard standard, struct buf *text,
			   struct error *err)
{
	struct dmarc_record record;
	size_t len = text->len;
	char *taken = buf_take(text);
	if (!taken)
		return error_memory(err);
	int rc = dmarc_record_parse(span_make(taken, len), standard, &record, err);
	if (rc <= 0) {
		free(taken);
		return rc;
	}
	if (++lookup->candidates == 1) {
		lookup->text = taken;
		lookup->record = record;
		return 0;
	}
	dmarc_record_fini(&record);
	free(taken);
	free(lookup->text);
	lookup->text = NULL;
	dmarc_record_fini(&lookup->record);
	return 0;
}

static int read_answer(struct dmarc_lookup *lookup, const struct dns_answer *answer, enum dmarc_standard standard,
		       struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TXT_MAX);
	char why[REASON_MAX];
	lookup->state = answer->state;
	lookup->exists = answer->state == DNS_ANSWERED && answer->rcode != DNS_NXDOMAIN;
	if (answer->state != DNS_ANSWERED) {
		lookup->failure = strdup(dns_answer_words(answer, why, sizeof(why)));
		return lookup->failure ? 0 : error_memory(err);
	}
	for (size_t i = 0; i < answer->count; i++) {
		buf_clear(&text);
		bool read = rdata_txt(&answer->records[i], &text, NULL);
		if (buf_check_memory(&text, err) < 0 || (read && consider_record(lookup, standard, &text, err) < 0))
			return -1;
	}
	return 0;
}

static int dmarc_discover_describe(const struct dmarc_lookup *lookup, const struct dns_answer *answer,
				   struct trail_step *step, struct error *err)
{
	char words[REASON_MAX];
	if (lookup->candidates > 1)
		return trail_outcome(step, err, "%zu DMARC records, which are all discarded", lookup->candidates);
	if (lookup->text)
		return trail_outcome(step, err, "%s", lookup->text);
	bool others = answer->state == DNS_ANSWERED && answer->count > 0;
	return trail_outcome(step, err, "%s%s", dns_answer_words(answer, words, sizeof(words)),
			     others ? ", none of them for DMARC" : "");
}

static int dmarc_discover_ask(struct dmarc_finder *finder, struct dmarc_lookup *lookup, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX + sizeof("_dmarc.")];
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	const struct dns_question question = { name, DNS_TXT };
	struct trail_step *step = NULL;
	snprintf(name, sizeof(name), "_dmarc.%s", lookup->domain);
	if (resolver_ask(finder->resolver, name, DNS_TXT, &answer, err) < 0 ||
	    read_answer(lookup, &answer, finder->standard, err) < 0 ||
	    trail_add(finder->trail, 1, "policy record", &question, &answer, &step, err) < 0)
		return -1;
	return dmarc_discover_describe(lookup, &answer, step, err);
}

static int dmarc_discover_lookup(struct dmarc_finder *finder, const char *domain, const struct dmarc_lookup **ret,
				 struct error *err)
{
	for (size_t i = 0; i < finder->count; i++)
		if (strcmp(finder->lookups[i]->domain, domain) == 0) {
			*ret = finder->lookups[i];
			return 0;
		}
	if (vec_grow(&finder->lookups, finder->count, &finder->cap, sizeof(*finder->lookups), err) < 0)
		return -1;
	struct dmarc_lookup *lookup = calloc(1, sizeof(*lookup));
	if (!lookup)
		return error_memory(err);
	lookup->domain = strdup(domain);
	if (!lookup->domain || dmarc_discover_ask(finder, lookup, err) < 0) {
		if (!lookup->domain)
			error_memory(err);
		lookup_free(lookup);
		return -1;
	}
	finder->lookups[finder->count++] = lookup;
	*ret = lookup;
	return 0;
}

/* The end of the name that has so many labels. */
static const char *last_labels(const char *name, unsigned labels)
{
	for (unsigned n = dns_name_labels(name); n > labels; n--)
		name = dns_name_parent(name);
	return name;
}

/* RFC 9989 section 4.10.2. */
static const char *select_org_domain(const char *domain, const struct dmarc_walk *walk)
{
	const char *org = domain;
	for (size_t i = 0; i < walk->count; i++) {
		const struct dmarc_lookup *at = walk->at[i];
		unsigned labels = dns_name_labels(at->domain);
		if (!at->text)
			continue;
		org = last_labels(domain, labels);
		if (at->record.psd == DMARC_PSD_N)
			break;
		if (at->record.psd == DMARC_PSD_Y && i > 0) {
			org = last_labels(domain, labels + 1);
			break;
		}
	}
	return org;
}

int dmarc_walk(struct dmarc_finder *finder, const char *domain, const char *what, struct dmarc_walk *ret,
	       struct error *err)
{
	struct dmarc_walk walk = { .state = DNS_ANSWERED };
	struct trail_step *step = NULL;
	size_t head = finder->trail->count;
	if (trail_add(finder->trail, 0, what, NULL, NULL, &step, err) < 0)
		return -1;
	for (const char *name = domain; strcmp(name, ".") != 0 && walk.count < DMARC_WALK_MAX;) {
		const struct dmarc_lookup *at = NULL;
		if (dmarc_discover_lookup(finder, name, &at, err) < 0)
			return -1;
		walk.at[walk.count++] = at;
		walk.state = at->state;
		if (at->state != DNS_ANSWERED || (at->text && at->record.psd != DMARC_PSD_U))
			break;
		bool shorten = dns_name_labels(name) > WALK_SHORTENED;
		name = shorten ? last_labels(name, WALK_SHORTENED) : dns_name_parent(name);
	}
	if (walk.state == DNS_ANSWERED)
		walk.org_domain = select_org_domain(domain, &walk);
	*ret = walk;
	return step ? trail_outcome(&finder->trail->steps[head], err, "%s%s",
				    walk.org_domain ? "organisational domain " : "broken off: an answer is missing",
				    walk.org_domain ? walk.org_domain : "")
		    : 0;
}

int dmarc_org_domain(struct dmarc_finder *finder, const char *domain, const char **ret,
		     const struct dmarc_lookup **ret_failed, struct error *err)
{
	struct dmarc_walk walk = { 0 };
	char what[DNS_NAME_TEXT_MAX + 32];
	*ret_failed = NULL;
	if (finder->standard == DMARC_RFC7489) {
		*ret = orgdomain_by_suffix(domain);
		return 0;
	}
	snprintf(what, sizeof(what), "organisational domain of %s", domain);
	if (dmarc_walk(finder, domain, what, &walk, err) < 0)
		return -1;
	*ret = walk.org_domain;
	if (!walk.org_domain)
		*ret_failed = walk.at[walk.count - 1];
	return 0;
}

/* RFC 9989 section 4.10.1: the author's domain, else its organisational domain, else its public suffix domain. */
static int discover_by_walk(struct dmarc_finder *finder, const char *author, struct dmarc_policy_found *found,
			    struct error *err)
{
	struct dmarc_walk walk = { 0 };
	if (dmarc_walk(finder, author, "policy discovery", &walk, err) < 0)
		return -1;
	const struct dmarc_lookup *last = walk.at[walk.count - 1];
	found->org_domain = walk.org_domain;
	found->failed = walk.org_domain ? NULL : last;
	if (walk.at[0]->text)
		found->at = walk.at[0];
	if (found->at || found->failed)
		return 0;
	/* Only a record with psd=y ends a walk above the organisational domain. */
	if (last->text && last->record.psd == DMARC_PSD_Y)
		found->at = last;
	for (size_t i = walk.count; i-- > 0;) {
		if (walk.at[i]->text && strcmp(walk.at[i]->domain, walk.org_domain) == 0)
			found->at = walk.at[i];
		if (walk.at[i]->candidates > 1)
			found->several = walk.at[i];
	}
	return 0;
}

/* RFC 7489 section 6.6.3: the author's domain, and where that has no record at all, its organisational domain. */
static int discover_by_suffix(struct dmarc_finder *finder, const char *author, struct dmarc_policy_found *found,
			      struct error *err)
{
	struct trail_step *step = NULL;
	const struct dmarc_lookup *at = NULL;
	found->org_domain = orgdomain_by_suffix(author);
	if (trail_add(finder->trail, 0, "policy discovery", NULL, NULL, &step, err) < 0 ||
	    trail_outcome(step, err, "organisational domain %s", found->org_domain ? found->org_domain : "none") < 0 ||
	    dmarc_discover_lookup(finder, author, &at, err) < 0)
		return -1;
	if (at->state == DNS_ANSWERED && at->candidates == 0 && found->org_domain &&
	    dmarc_discover_lookup(finder, found->org_domain, &at, err) < 0)
		return -1;
	found->at = at->text ? at : NULL;
	found->failed = at->state == DNS_ANSWERED ? NULL : at;
	found->several = at->candidates > 1 ? at : NULL;
	return 0;
}

int dmarc_discover(struct dmarc_finder *finder, const char *author, struct dmarc_policy_found *ret, struct error *err)
{
	struct dmarc_policy_found found = { 0 };
	int rc = finder->standard == DMARC_RFC9989 ? discover_by_walk(finder, author, &found, err)
						   : discover_by_suffix(finder, author, &found, err);
	if (rc == 0)
		*ret = found;
	return rc;
}

int dmarc_domain_exists(struct dmarc_finder *finder, const struct dmarc_lookup *author, enum dns_state *ret_state,
			struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	const struct dns_question question = { author->domain, DNS_A };
	struct trail_step *step = NULL;
	*ret_state = DNS_ANSWERED;
	/* RFC 8020: what has a name below it exists. */
	if (author->exists)
		return 1;
	if (resolver_ask(finder->resolver, author->domain, DNS_A, &answer, err) < 0 ||
	    trail_add(finder->trail, 0, "existence of the author's domain", &question, &answer, &step, err) < 0)
		return -1;
	/* An alias exists, whether or not that which it names does. */
	bool exists = answer.state != DNS_ANSWERED || answer.rcode != DNS_NXDOMAIN || answer.canonical;
	*ret_state = answer.state;
	if (trail_outcome(step, err, "%s",
			  answer.state != DNS_ANSWERED ? "not known"
			  : exists                     ? "it exists"
						       : "no such name: np applies") < 0)
		return -1;
	return exists;
}
