/* The walk: a list of questions that grows while the answers to its part before are read. Each knows the term of the
 * first record that it is asked for. */
#include "harness/auth/spf_allowed.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/spf_macro.h"
#include "harness/base/vec.h"
#include "harness/dns/rdata.h"

enum { RECORD_MAX = 65535, EXPANDED_MAX = 1 << 16, LEVELS_MAX = 12, QUESTIONS_MAX = 500, ROOT = SIZE_MAX };

/* What an answer is read as. */
enum purpose { FOR_RECORD, FOR_ADDRESSES, FOR_EXCHANGES };

struct asked {
	enum purpose purpose;
	char *name;
	enum dns_type type;
	size_t term; /* of the first record; ROOT: it is that record */
	unsigned bits4, bits6;
};

struct walk {
	struct spf_allowed *out;
	struct resolver *resolver;
	struct asked *asked;
	size_t count, cap, done, records;
};

static void walk_fini(struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		free(walk->asked[i].name);
	free(walk->asked);
}

static void set_incomplete(struct walk *walk, size_t term)
{
	if (term != ROOT)
		walk->out->terms[term].incomplete = true;
}

static bool spf_allowed_is_asked(const struct walk *walk, const struct asked *wanted)
{
	for (size_t i = 0; i < walk->count; i++) {
		const struct asked *a = &walk->asked[i];
		if (a->purpose == wanted->purpose && a->type == wanted->type && a->term == wanted->term &&
		    a->bits4 == wanted->bits4 && a->bits6 == wanted->bits6 && strcmp(a->name, wanted->name) == 0)
			return true;
	}
	return false;
}

/* Asks in the next level. The name is copied. */
static int ask_later(struct walk *walk, const struct asked *wanted, struct error *err)
{
	if (spf_allowed_is_asked(walk, wanted))
		return 0;
	if (walk->count == QUESTIONS_MAX ||
	    (wanted->purpose == FOR_RECORD && ++walk->records > SPF_ALLOWED_RECORDS_MAX)) {
		set_incomplete(walk, wanted->term);
		return 0;
	}
	if (vec_grow(&walk->asked, walk->count, &walk->cap, sizeof(*walk->asked), err) < 0)
		return -1;
	struct asked *added = &walk->asked[walk->count++];
	*added = *wanted;
	added->name = strdup(wanted->name);
	return added->name ? 0 : error_memory(err);
}

static int ask_addresses(struct walk *walk, struct asked wanted, struct error *err)
{
	wanted.purpose = FOR_ADDRESSES;
	wanted.type = DNS_A;
	if (ask_later(walk, &wanted, err) < 0)
		return -1;
	wanted.type = DNS_AAAA;
	return ask_later(walk, &wanted, err);
}

static int add_network(struct walk *walk, const struct ip *ip, unsigned bits, size_t term, struct error *err)
{
	struct spf_allowed *out = walk->out;
	if (out->network_count == SPF_ALLOWED_NETWORKS_MAX) {
		set_incomplete(walk, term);
		return 0;
	}
	if (vec_grow(&out->networks, out->network_count, &out->network_cap, sizeof(*out->networks), err) < 0)
		return -1;
	out->networks[out->network_count++] = (struct spf_network){ *ip, bits, term };
	return 0;
}

/* The name that a term leads to; false where it depends on the message, or the DNS cannot have it. */
static bool make_target(const char *domain, struct span spec, char out[DNS_NAME_TEXT_MAX])
{
	_cleanup_(buf_fini) struct buf name = BUF_INIT(EXPANDED_MAX);
	const struct spf_macro_values values = { .domain = span_of(domain) };
	if (spec.len == 0)
		return dns_name_normal(domain, out);
	return !spf_macro_uses(spec, "slopihvcrt") && spf_macro_expand_name(spec, &values, &name) == 0 &&
	       dns_name_make(buf_span(&name), out);
}

static int spf_allowed_follow(struct walk *walk, const char *domain, const struct spf_term *t, size_t term,
			      struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	struct asked wanted = { FOR_RECORD, name, DNS_TXT, term, 0, 0 };
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return add_network(walk, &t->network, t->kind == SPF_IP4 ? t->bits4 : t->bits6, term, err);
	if (t->kind == SPF_ALL || t->kind > SPF_REDIRECT)
		return 0;
	if (t->kind == SPF_PTR || t->kind == SPF_EXISTS || !make_target(domain, t->domain, name)) {
		set_incomplete(walk, term);
		return 0;
	}
	if (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT)
		return ask_later(walk, &wanted, err);
	wanted.bits4 = t->bits4;
	wanted.bits6 = t->bits6;
	if (t->kind == SPF_A)
		return ask_addresses(walk, wanted, err);
	wanted.purpose = FOR_EXCHANGES;
	wanted.type = DNS_MX;
	return ask_later(walk, &wanted, err);
}

static int add_term(struct spf_allowed *out, const struct spf_term *t, struct error *err)
{
	if (vec_grow(&out->terms, out->term_count, &out->term_cap, sizeof(*out->terms), err) < 0)
		return -1;
	struct spf_allowed_term *added = &out->terms[out->term_count++];
	*added = (struct spf_allowed_term){ span_dup(t->text), t->kind, t->qualifier, false };
	return added->text ? 0 : error_memory(err);
}

/* Terms of a record; those of the first become terms of the result. */
static int read_terms(struct walk *walk, const char *domain, struct span record, size_t top, struct error *err)
{
	struct spf_reader reader = spf_reader_start(record);
	struct spf_term t;
	struct spf_fault fault;
	int found;
	while ((found = spf_reader_next(&reader, &t, &fault)) != 0) {
		if (found < 0)
			continue;
		if (top == ROOT && walk->out->term_count == SPF_ALLOWED_TERMS_MAX) {
			set_incomplete(walk, SPF_ALLOWED_TERMS_MAX - 1);
			return 0;
		}
		if (top == ROOT && add_term(walk->out, &t, err) < 0)
			return -1;
		if (t.qualifier != AUTH_PASS)
			continue;
		if (spf_allowed_follow(walk, domain, &t, top == ROOT ? walk->out->term_count - 1 : top, err) < 0)
			return -1;
	}
	return 0;
}

static int spf_allowed_read_record(struct walk *walk, const struct asked *asked, const struct dns_answer *answer,
				   struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(RECORD_MAX), record = BUF_INIT(RECORD_MAX);
	size_t records = 0;
	for (size_t i = 0; i < answer->count; i++) {
		buf_clear(&text);
		bool read = rdata_txt(&answer->records[i], &text, NULL);
		if (buf_check_memory(&text, err) < 0)
			return -1;
		if (!read || !spf_record_is(buf_span(&text)))
			continue;
		buf_clear(&record);
		buf_add_span(&record, buf_span(&text));
		records++;
		if (buf_check(&record, "an SPF record", err) < 0)
			return -1;
	}
	if (answer->state != DNS_ANSWERED)
		set_incomplete(walk, asked->term);
	if (records != 1)
		return 0;
	/* The list may move. */
	const size_t term = asked->term;
	char domain[DNS_NAME_TEXT_MAX];
	span_copy(span_of(asked->name), domain, sizeof(domain));
	if (term == ROOT) {
		walk->out->found = true;
		walk->out->record = span_dup(buf_span(&record));
		if (!walk->out->record)
			return error_memory(err);
	}
	return read_terms(walk, domain, buf_span(&record), term, err);
}

static int read_hosts(struct walk *walk, const struct asked *asked, const struct dns_answer *answer, struct error *err)
{
	char host[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	struct asked wanted = *asked;
	wanted.name = host;
	if (answer->state != DNS_ANSWERED)
		set_incomplete(walk, asked->term);
	for (size_t i = 0; i < answer->count; i++)
		if (rdata_mx(&answer->records[i], &preference, host) && strcmp(host, ".") != 0 &&
		    ask_addresses(walk, wanted, err) < 0)
			return -1;
	return 0;
}

static int read_addresses(struct walk *walk, const struct asked *asked, const struct dns_answer *answer,
			  struct error *err)
{
	struct ip ip;
	if (answer->state != DNS_ANSWERED)
		set_incomplete(walk, asked->term);
	for (size_t i = 0; i < answer->count; i++)
		if (rdata_address(&answer->records[i], &ip) &&
		    add_network(walk, &ip, ip.v6 ? asked->bits6 : asked->bits4, asked->term, err) < 0)
			return -1;
	return 0;
}

static int read_answer(struct walk *walk, const struct asked *asked, const struct dns_answer *answer, struct error *err)
{
	switch (asked->purpose) {
	case FOR_RECORD:
		return spf_allowed_read_record(walk, asked, answer, err);
	case FOR_EXCHANGES:
		return read_hosts(walk, asked, answer, err);
	case FOR_ADDRESSES:
		return read_addresses(walk, asked, answer, err);
	}
	return 0;
}

/* Asks all that has not been asked. */
static int take_level(struct walk *walk, struct error *err)
{
	const size_t first = walk->done, count = walk->count - first;
	_cleanup_(free_p) struct dns_question *questions = calloc(count, sizeof(*questions));
	_cleanup_(free_p) struct dns_answer *answers = calloc(count, sizeof(*answers));
	if (!questions || !answers)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct dns_question){ walk->asked[first + i].name, walk->asked[first + i].type };
	if (resolver_ask_many(walk->resolver, questions, count, answers, err) < 0)
		return -1;
	walk->done = walk->count;
	int result = 0;
	for (size_t i = 0; i < count; i++) {
		const struct asked asked = walk->asked[first + i];
		if (result == 0)
			result = read_answer(walk, &asked, &answers[i], err);
		dns_answer_fini(&answers[i]);
	}
	return result;
}

int spf_allowed_read(const char *domain, struct resolver *resolver, struct spf_allowed *ret, struct error *err)
{
	_cleanup_(walk_fini) struct walk walk = { .out = ret, .resolver = resolver };
	char name[DNS_NAME_TEXT_MAX];
	*ret = (struct spf_allowed){ 0 };
	if (!dns_name_normal(domain, name))
		return 0;
	if (ask_later(&walk, &(struct asked){ FOR_RECORD, name, DNS_TXT, ROOT, 0, 0 }, err) < 0)
		return -1;
	for (unsigned level = 0; walk.done < walk.count && level < LEVELS_MAX; level++)
		if (take_level(&walk, err) < 0)
			return -1;
	for (size_t i = walk.done; i < walk.count; i++)
		set_incomplete(&walk, walk.asked[i].term);
	return 0;
}

void spf_allowed_fini(struct spf_allowed *allowed)
{
	for (size_t i = 0; i < allowed->term_count; i++)
		free(allowed->terms[i].text);
	free(allowed->terms);
	free(allowed->networks);
	free(allowed->record);
	*allowed = (struct spf_allowed){ 0 };
}

bool spf_allowed_covers(const struct spf_allowed *allowed, const struct spf_network *network)
{
	for (size_t i = 0; i < allowed->network_count; i++) {
		const struct spf_network *n = &allowed->networks[i];
		if (n->bits <= network->bits && ip_in_prefix(&network->ip, &n->ip, n->bits))
			return true;
	}
	return false;
}

bool spf_allowed_incomplete(const struct spf_allowed *allowed)
{
	for (size_t i = 0; i < allowed->term_count; i++)
		if (allowed->terms[i].incomplete)
			return true;
	return false;
}
