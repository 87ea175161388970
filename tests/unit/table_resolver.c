/* Answers from a table; a name exists where a row has it or lies below it. */
#include "tests/unit/table_resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/dns/name.h"

enum { TXT_MAX = 4096 };

static int add_txt(struct dns_answer *answer, size_t *cap, const char *txt, struct error *err)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(TXT_MAX);
	struct span rest = span_of(txt);
	while (rest.len > 0) {
		struct span part = span_sub(rest, 0, 255);
		buf_add_char(&rdata, (char)part.len);
		buf_add_span(&rdata, part);
		rest = span_sub(rest, part.len, SIZE_MAX);
	}
	return dns_answer_add(answer, cap, rdata.p, rdata.len, err);
}

static int answer_one(struct table_resolver *t, const struct dns_question *q, struct dns_answer *ret, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { .rcode = DNS_NXDOMAIN };
	size_t cap = 0;
	for (const struct table_row *row = t->rows; row->name; row++) {
		bool same = strcmp(row->name, q->name) == 0;
		if (dns_name_under(row->name, q->name) && row->state == DNS_ANSWERED)
			answer.rcode = DNS_NOERROR;
		if (same && row->state != DNS_ANSWERED) {
			*ret = (struct dns_answer){ .state = row->state,
						    .detail = strdup(row->state == DNS_FAILED ? "timed out"
											      : "not held") };
			return ret->detail ? 0 : error_memory(err);
		}
		if (same && row->txt && q->type == DNS_TXT && add_txt(&answer, &cap, row->txt, err) < 0)
			return -1;
	}
	*ret = answer;
	answer = (struct dns_answer){ 0 };
	return 0;
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count, struct dns_answer *ret,
	       struct error *err)
{
	struct table_resolver *t = (struct table_resolver *)self;
	for (size_t i = 0; i < count; i++) {
		t->asked++;
		buf_addf(&t->log, "%s ", questions[i].name);
		if (answer_one(t, &questions[i], &ret[i], err) < 0)
			abort();
	}
	return 0;
}

static void keep(struct resolver *self)
{
	(void)self;
}

void table_resolver_init(struct table_resolver *r, const struct table_row *rows)
{
	static const struct resolver_ops ops = { .ask = ask, .free = keep };
	*r = (struct table_resolver){ .base.ops = &ops, .rows = rows };
	buf_init(&r->log, 1 << 20);
}

void table_resolver_fini(struct table_resolver *r)
{
	buf_fini(&r->log);
}
