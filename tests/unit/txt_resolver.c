/* TXT records for tests. */
#include "tests/unit/txt_resolver.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/buf.h"

static int answer_one(struct txt_resolver *r, const struct dns_question *question, struct dns_answer *ret,
		      struct error *err)
{
	size_t cap = 0;
	*ret = (struct dns_answer){ .rcode = DNS_NXDOMAIN, .ttl = 300 };
	for (size_t i = 0; i < r->count; i++) {
		if (strcasecmp(r->records[i].name, question->name) != 0)
			continue;
		ret->rcode = DNS_NOERROR;
		ret->state = r->records[i].state;
		if (ret->state != DNS_ANSWERED)
			ret->detail = strdup(ret->state == DNS_FAILED ? "timed out" : "not in the snapshot");
		if (!r->records[i].text)
			continue;
		struct span rest = span_of(r->records[i].text);
		_cleanup_(buf_fini) struct buf rdata = BUF_INIT(65535);
		do {
			struct span string = span_sub(rest, 0, 255);
			buf_add_char(&rdata, (char)string.len);
			buf_add_span(&rdata, string);
			rest = span_sub(rest, string.len, rest.len);
		} while (rest.len > 0);
		if (dns_answer_add(ret, &cap, rdata.p, rdata.len, err) < 0)
			return -1;
	}
	return 0;
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	struct txt_resolver *r = (struct txt_resolver *)self;
	for (size_t i = 0; i < count; i++)
		if (answer_one(r, &questions[i], &ret_answers[i], err) < 0)
			return -1;
	r->questions += (unsigned)count;
	return 0;
}

static void nothing(struct resolver *self)
{
}

void txt_resolver_init(struct txt_resolver *r)
{
	static const struct resolver_ops ops = { ask, nothing };
	*r = (struct txt_resolver){ .base = { &ops } };
}

void txt_resolver_fini(struct txt_resolver *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->records[i].text);
	txt_resolver_init(r);
}

static size_t add(struct txt_resolver *r, const char *name)
{
	if (r->count == TXT_RECORDS_MAX)
		abort();
	snprintf(r->records[r->count].name, sizeof(r->records[0].name), "%s", name);
	return r->count++;
}

void txt_resolver_add(struct txt_resolver *r, const char *name, const char *text)
{
	r->records[add(r, name)].text = strdup(text);
}

void txt_resolver_state(struct txt_resolver *r, const char *name, enum dns_state state)
{
	r->records[add(r, name)].state = state;
}
