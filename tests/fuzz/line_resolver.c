/* One answer for all questions. */
#include "tests/fuzz/line_resolver.h"

#include <string.h>

#include "harness/base/buf.h"

static int answer_one(const struct line_resolver *r, struct dns_answer *ret, struct error *err)
{
	struct span rest = r->line;
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(65535);
	size_t cap = 0;
	*ret = (struct dns_answer){ .state = span_is(rest, "?")   ? DNS_FAILED
					     : span_is(rest, "!") ? DNS_MISSED
								  : DNS_ANSWERED };
	if (ret->state != DNS_ANSWERED) {
		ret->detail = strdup("as the input says");
		return ret->detail ? 0 : error_memory(err);
	}
	do {
		struct span string = span_sub(rest, 0, 255);
		buf_add_char(&rdata, (char)string.len);
		buf_add_span(&rdata, string);
		rest = span_sub(rest, string.len, rest.len);
	} while (rest.len > 0 && !rdata.failed);
	return dns_answer_add(ret, &cap, rdata.p, rdata.len, err);
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (answer_one((struct line_resolver *)self, &ret_answers[i], err) < 0)
			return -1;
	return 0;
}

static void nothing(struct resolver *self)
{
}

struct span line_resolver_init(struct line_resolver *r, struct span input)
{
	static const struct resolver_ops ops = { ask, nothing };
	struct span rest = { input.p ? input.p : "", input.len };
	r->base.ops = &ops;
	span_next(&rest, '\n', &r->line);
	return rest;
}
