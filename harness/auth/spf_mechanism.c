/* Terms held against what the DNS says. */
#include "harness/auth/spf_mechanism.h"

#include <string.h>

#include "harness/auth/spf_target.h"
#include "harness/auth/spf_validated.h"
#include "harness/dns/rdata.h"

#define SECTION_MECHANISMS "RFC 7208 section 5"

static struct trail_step *current_step(const struct spf_current *c)
{
	return spf_step(c->frame->check, c->step);
}

static unsigned client_bits(const struct spf_current *c)
{
	return c->frame->check->out->client.v6 ? c->term->bits6 : c->term->bits4;
}

static int note_match(struct trail_step *step, const struct ip *ip, unsigned bits, struct error *err)
{
	char text[IP_TEXT_MAX];
	ip_format(ip, text);
	if (bits == ip_bits(ip))
		return trail_outcome(step, err, "matches %s", text);
	return trail_outcome(step, err, "matches %s/%u", text, bits);
}

/* The question of a, mx and exists: the name comes from the term. *ret_outcome is SPF_MATCH where there are records to
 * look at. */
static int ask_target(struct spf_current *c, enum dns_type type, struct dns_answer *ret, enum spf_outcome *ret_outcome,
		      struct error *err)
{
	struct spf_check *check = c->frame->check;
	struct spf_target target ATTR_UNINIT;
	if (spf_target_make(c, &target, ret_outcome, err) < 0)
		return -1;
	if (*ret_outcome == SPF_STOP)
		return 0;
	/* Section 4.8 leaves it open; nothing is at a name that cannot be. */
	if (!target.name[0])
		return trail_outcome(current_step(c), err, "the DNS cannot have such a name");
	const struct dns_question question = { target.name, type };
	if (spf_ask(check, c->step, &question, ret, err) < 0)
		return -1;
	if (ret->state != DNS_ANSWERED)
		*ret_outcome = spf_stop_unanswered(c->frame, SECTION_MECHANISMS, &question, ret);
	else if (ret->count == 0)
		*ret_outcome = spf_count_void(c, c->step, target.name);
	else
		*ret_outcome = SPF_MATCH;
	if (*ret_outcome == SPF_MATCH)
		return 0;
	char words[ERROR_TEXT_MAX] ATTR_UNINIT;
	return trail_outcome(current_step(c), err, "%s", dns_answer_words(ret, words, sizeof(words)));
}

int spf_match_exists(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	if (ask_target(c, DNS_A, &answer, ret, err) < 0)
		return -1;
	return *ret == SPF_MATCH ? trail_outcome(current_step(c), err, "matches") : 0;
}

int spf_match_a(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	struct ip ip;
	if (ask_target(c, c->frame->check->address_type, &answer, ret, err) < 0)
		return -1;
	if (*ret != SPF_MATCH)
		return 0;
	if (spf_addresses_match(c->frame->check, &answer, client_bits(c), &ip))
		return note_match(current_step(c), &ip, client_bits(c), err);
	*ret = SPF_NO_MATCH;
	return trail_outcome(current_step(c), err, "does not match: %zu address%s", answer.count,
			     answer.count == 1 ? "" : "es");
}

/* The hosts of MX records, those that are none left out: "." says that the domain takes no mail (RFC 7505). */
static size_t mx_hosts(const struct dns_answer *answer, char (*ret_names)[DNS_NAME_TEXT_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < answer->count; i++) {
		uint16_t preference;
		if (rdata_mx(&answer->records[i], &preference, ret_names[count]) && strcmp(ret_names[count], ".") != 0)
			count++;
	}
	return count;
}

/* The hosts' answers in the order of the records, as if they had been asked one after the other: what comes behind a
 * match or an error counts no more. */
static int match_hosts(struct spf_current *c, const char (*names)[DNS_NAME_TEXT_MAX], const struct dns_answer *answers,
		       size_t count, size_t step, enum spf_outcome *ret, struct error *err)
{
	struct spf_check *check = c->frame->check;
	*ret = SPF_NO_MATCH;
	for (size_t i = 0; i < count && *ret == SPF_NO_MATCH; i++) {
		struct ip ip;
		const struct dns_question question = { names[i], check->address_type };
		if (answers[i].state != DNS_ANSWERED) {
			*ret = spf_stop_unanswered(c->frame, SECTION_MECHANISMS, &question, &answers[i]);
		} else if (answers[i].count == 0) {
			*ret = spf_count_void(c, step + i, names[i]);
		} else if (spf_addresses_match(check, &answers[i], client_bits(c), &ip)) {
			*ret = SPF_MATCH;
			if (note_match(spf_step(check, step + i), &ip, client_bits(c), err) < 0)
				return -1;
		}
	}
	return 0;
}

static int match_mx_hosts(struct spf_current *c, const struct dns_answer *mx, enum spf_outcome *ret, struct error *err)
{
	char names[SPF_NAMES_MAX][DNS_NAME_TEXT_MAX] ATTR_UNINIT;
	struct dns_answer answers[SPF_NAMES_MAX];
	size_t count = mx_hosts(mx, names), step = 0;
	if (spf_ask_addresses(c->frame->check, names, count, c->frame->depth + 1, answers, &step, err) < 0)
		return -1;
	int rc = match_hosts(c, names, answers, count, step, ret, err);
	for (size_t i = 0; i < count; i++)
		dns_answer_fini(&answers[i]);
	return rc;
}

int spf_match_mx(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer mx = { 0 };
	if (ask_target(c, DNS_MX, &mx, ret, err) < 0)
		return -1;
	if (*ret != SPF_MATCH)
		return 0;
	if (mx.count > SPF_NAMES_MAX) {
		*ret = spf_stop(c->frame, AUTH_PERMERROR, "RFC 7208 section 4.6.4",
				"%.*s has %zu MX records, more than 10",
				SPAN_ARG(span_sub(c->term->text, 0, SPF_SHOWN_MAX)), mx.count);
		return trail_outcome(current_step(c), err, "more than 10 records");
	}
	if (match_mx_hosts(c, &mx, ret, err) < 0)
		return -1;
	const char *const outcomes[] = { "does not match", "matches", auth_result_name(c->frame->verdict->result) };
	return trail_outcome(current_step(c), err, "%s", outcomes[*ret]);
}

int spf_match_ptr(struct spf_current *c, enum spf_outcome *ret, struct error *err)
{
	struct spf_check *check = c->frame->check;
	const struct spf_validated *v = &check->validated;
	struct spf_target target ATTR_UNINIT;
	if (spf_target_make(c, &target, ret, err) < 0)
		return -1;
	if (*ret == SPF_NO_MATCH && spf_validate(c, c->step, c->frame->depth + 1, ret, err) < 0)
		return -1;
	if (*ret == SPF_STOP)
		return 0;
	for (size_t i = 0; i < v->count && target.name[0]; i++)
		if (dns_name_under(v->names[i], target.name)) {
			*ret = SPF_MATCH;
			return trail_outcome(current_step(c), err, "matches %s", v->names[i]);
		}
	if (v->missed[0])
		*ret = spf_stop_missed(c->frame);
	return trail_outcome(current_step(c), err, "does not match: %zu validated name%s", v->count,
			     v->count == 1 ? "" : "s");
}
