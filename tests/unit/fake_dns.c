/* A resolver for tests. Linear search: tables are small. */
#include "tests/unit/fake_dns.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/ip.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"

enum { CNAME_MAX = 8 };

struct fake_record {
	char *name;
	enum dns_type type;
	enum dns_state state; /* ANSWERED: a record */
	unsigned char *rdata;
	size_t len;
	char *target; /* of CNAME */
};

static void must(bool well)
{
	if (!well)
		abort();
}

static int fail(const struct dns_question *question, enum dns_state state, struct dns_answer *ret)
{
	char type[DNS_TYPE_TEXT_MAX], text[DNS_NAME_TEXT_MAX + 64];
	snprintf(text, sizeof(text), state == DNS_FAILED ? "timed out" : "the snapshot does not hold %s %s",
		 question->name, dns_type_name(question->type, type));
	*ret = (struct dns_answer){ .state = state, .detail = strdup(text) };
	must(ret->detail);
	return 0;
}

static int answer_one(const struct fake_dns *dns, const struct dns_question *question, struct dns_answer *ret,
		      struct error *err)
{
	const char *name = question->name;
	const struct fake_record *every = NULL;
	bool exists = false;
	size_t cap = 0;
	*ret = (struct dns_answer){ .ttl = 300 };
	for (int hop = 0; hop < CNAME_MAX; hop++) {
		const struct fake_record *cname = NULL;
		for (size_t i = 0; i < dns->count; i++) {
			const struct fake_record *r = &dns->records[i];
			if (strcmp(r->name, name) != 0)
				continue;
			exists = true;
			if (r->state != DNS_ANSWERED && r->type == question->type)
				return fail(question, r->state, ret);
			if (r->state != DNS_ANSWERED && r->type == 0)
				every = r;
			else if (r->type == question->type && dns_answer_add(ret, &cap, r->rdata, r->len, err) < 0)
				return -1;
			else if (r->type == DNS_CNAME)
				cname = r;
		}
		if (!cname || ret->count > 0) {
			if (every && ret->count == 0)
				return fail(question, every->state, ret);
			ret->rcode = exists ? DNS_NOERROR : DNS_NXDOMAIN;
			return 0;
		}
		name = cname->target;
		exists = false;
	}
	return fail(question, DNS_FAILED, ret);
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	struct fake_dns *dns = (struct fake_dns *)self;
	for (size_t i = 0; i < count; i++)
		if (answer_one(dns, &questions[i], &ret_answers[i], err) < 0)
			return -1;
	dns->questions += count;
	return 0;
}

static void fake_free(struct resolver *self)
{
	struct fake_dns *dns = (struct fake_dns *)self;
	for (size_t i = 0; i < dns->count; i++) {
		free(dns->records[i].name);
		free(dns->records[i].rdata);
		free(dns->records[i].target);
	}
	free(dns->records);
	free(dns);
}

struct fake_dns *fake_dns_new(void)
{
	static const struct resolver_ops ops = { ask, fake_free };
	struct fake_dns *dns = calloc(1, sizeof(*dns));
	must(dns);
	dns->base.ops = &ops;
	return dns;
}

static struct fake_record *add(struct fake_dns *dns, struct span name, enum dns_type type)
{
	struct error err = ERROR_INIT;
	char text[DNS_NAME_TEXT_MAX];
	must(vec_grow(&dns->records, dns->count, &dns->cap, sizeof(*dns->records), &err) == 0);
	must(dns_name_make(name, text));
	struct fake_record *r = &dns->records[dns->count++];
	r->name = strdup(text);
	r->type = type;
	must(r->name);
	return r;
}

static void set_rdata(struct fake_record *r, struct buf *rdata)
{
	must(!rdata->failed);
	r->len = rdata->len;
	r->rdata = (unsigned char *)buf_take(rdata);
	must(r->rdata);
}

void fake_dns_add(struct fake_dns *dns, struct span name, enum dns_type type, const char *value)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(65535);
	char host[DNS_NAME_TEXT_MAX] = ".";
	struct span rest = span_of(value);
	struct ip ip;
	if (type == DNS_TXT) {
		fake_dns_add_txt(dns, name, &rest, 1);
		return;
	}
	if (type == DNS_A || type == DNS_AAAA) {
		must(ip_parse(rest, &ip) && ip.v6 == (type == DNS_AAAA));
		buf_add(&rdata, ip.octets, ip_bits(&ip) / 8);
	} else {
		if (type == DNS_MX) {
			unsigned preference = (unsigned)strtoul(value, NULL, 10);
			buf_add_char(&rdata, (char)(preference >> 8));
			buf_add_char(&rdata, (char)preference);
			rest = span_sub(rest, strcspn(value, " ") + 1, rest.len);
		}
		must(rest.len == 0 || span_is(rest, ".") || dns_name_make(rest, host));
		must(dns_name_to_wire(host, &rdata));
	}
	struct fake_record *r = add(dns, name, type);
	set_rdata(r, &rdata);
	r->target = type == DNS_CNAME ? strdup(host) : NULL;
}

void fake_dns_add_txt(struct fake_dns *dns, struct span name, const struct span *strings, size_t count)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(1 << 17);
	for (size_t i = 0; i < count; i++) {
		struct span rest = strings[i];
		do {
			struct span piece = span_sub(rest, 0, 255);
			buf_add_char(&rdata, (char)piece.len);
			buf_add_span(&rdata, piece);
			rest = span_sub(rest, piece.len, rest.len);
		} while (rest.len > 0);
	}
	set_rdata(add(dns, name, DNS_TXT), &rdata);
}

void fake_dns_state(struct fake_dns *dns, struct span name, enum dns_type type, enum dns_state state)
{
	add(dns, name, type)->state = state;
}

static bool read_state(struct span word, enum dns_state *ret)
{
	return dns_state_from(word, ret) && *ret != DNS_ANSWERED;
}

void fake_dns_add_lines(struct fake_dns *dns, const char *lines)
{
	struct span rest = span_of(lines), line, name, word;
	while (span_next(&rest, '\n', &line)) {
		enum dns_state state;
		enum dns_type type;
		if (span_trim(line).len == 0)
			continue;
		line = span_trim(line);
		must(span_next(&line, ' ', &name) && span_next(&line, ' ', &word));
		if (read_state(word, &state)) {
			fake_dns_state(dns, name, 0, state);
			continue;
		}
		must(dns_type_from(word, &type));
		char *value = span_dup(line);
		must(value);
		if (read_state(line, &state))
			fake_dns_state(dns, name, type, state);
		else
			fake_dns_add(dns, name, type, value);
		free(value);
	}
}
