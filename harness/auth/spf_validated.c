/* Asking for the names of the client, and for the addresses of each. */
#include "harness/auth/spf_validated.h"

#include <string.h>

#include "harness/dns/rdata.h"

static size_t ptr_hosts(const struct dns_answer *answer, char (*ret_names)[DNS_NAME_TEXT_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < answer->count && i < SPF_NAMES_MAX; i++)
		if (rdata_name(&answer->records[i], ret_names[count]) && strcmp(ret_names[count], ".") != 0)
			count++;
	return count;
}

static void count_void_name(struct spf_current *c, size_t step, const char *name, enum spf_outcome *outcome)
{
	struct spf_validated *v = &c->frame->check->validated;
	v->void_lookups++;
	span_copy(span_of(name), v->void_name, sizeof(v->void_name));
	if (*outcome == SPF_NO_MATCH)
		*outcome = spf_count_void(c, step, name);
}

/* Keeps the names whose addresses hold the client's. A name whose addresses cannot be had is skipped (section 5.5). */
static int validate_hosts(struct spf_current *c, const struct dns_answer *ptr, unsigned depth,
			  enum spf_outcome *ret_outcome, struct error *err)
{
	struct spf_check *check = c->frame->check;
	struct spf_validated *v = &check->validated;
	char names[SPF_NAMES_MAX][DNS_NAME_TEXT_MAX] ATTR_UNINIT;
	struct dns_answer answers[SPF_NAMES_MAX];
	size_t count = ptr_hosts(ptr, names), step = 0;
	if (spf_ask_addresses(check, names, count, depth, answers, &step, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct ip ip;
		if (answers[i].state == DNS_MISSED)
			memcpy(v->missed, names[i], sizeof(names[i]));
		if (answers[i].state == DNS_ANSWERED && answers[i].count == 0)
			count_void_name(c, step + i, names[i], ret_outcome);
		if (spf_addresses_match(check, &answers[i], ip_bits(&check->out->client), &ip))
			memcpy(v->names[v->count++], names[i], sizeof(names[i]));
		dns_answer_fini(&answers[i]);
	}
	return 0;
}

static int ask_for_names(struct spf_current *c, size_t step, unsigned depth, enum spf_outcome *ret_outcome,
			 struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer ptr = { 0 };
	struct spf_check *check = c->frame->check;
	char name[IP_REVERSE_MAX], words[ERROR_TEXT_MAX];
	const struct dns_question question = { ip_reverse(&check->out->client, name), DNS_PTR };
	if (spf_ask(check, step, &question, &ptr, err) < 0)
		return -1;
	check->validated.asked = true;
	if (ptr.state == DNS_MISSED)
		memcpy(check->validated.missed, name, sizeof(name));
	else if (ptr.state == DNS_ANSWERED && ptr.count == 0)
		count_void_name(c, step, name, ret_outcome);
	dns_answer_words(&ptr, words, sizeof(words));
	if (trail_outcome(spf_step(check, step), err, "%s", words) < 0)
		return -1;
	return validate_hosts(c, &ptr, depth, ret_outcome, err);
}

int spf_validate(struct spf_current *c, size_t step, unsigned depth, enum spf_outcome *ret_outcome, struct error *err)
{
	const struct spf_validated *v = &c->frame->check->validated;
	*ret_outcome = SPF_NO_MATCH;
	if (!v->asked)
		return ask_for_names(c, step, depth, ret_outcome, err);
	/* A term that needs the names again counts as if it had asked for them itself. */
	for (unsigned i = 0; i < v->void_lookups && *ret_outcome == SPF_NO_MATCH; i++)
		*ret_outcome = spf_count_void(c, step, v->void_name);
	return 0;
}
