/* A whole SPF evaluation over hostile answers. The first line is the envelope sender, the second the HELO name, the
 * third the record; what follows answers the questions one after the other. */
#include "harness/auth/spf.h"
#include "harness/base/buf.h"
#include "harness/base/utf8.h"
#include "tests/fuzz/fuzz.h"

struct script {
	struct resolver base;
	struct span record; /* of the first question */
	struct span rest;   /* that nothing was answered from yet */
};

static unsigned take(struct script *script)
{
	unsigned octet = script->rest.len ? (unsigned char)script->rest.p[0] : 0;
	script->rest = span_sub(script->rest, 1, script->rest.len);
	return octet;
}

static struct span take_span(struct script *script, size_t len)
{
	struct span part = span_sub(script->rest, 0, len);
	script->rest = span_sub(script->rest, len, script->rest.len);
	return part;
}

static void add_txt(struct dns_answer *answer, size_t *cap, struct span text, struct error *err)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(65535);
	while (text.len > 0) {
		struct span piece = span_sub(text, 0, 255);
		buf_add_char(&rdata, (char)piece.len);
		buf_add_span(&rdata, piece);
		text = span_sub(text, piece.len, text.len);
	}
	CHECK(rdata.failed || dns_answer_add(answer, cap, rdata.p, rdata.len, err) == 0);
}

/* One octet says what sort of answer it is and how many records it has; each has an octet for its length. */
static void answer_one(struct script *script, const struct dns_question *question, struct dns_answer *ret,
		       struct error *err)
{
	unsigned sort = take(script);
	size_t cap = 0;
	*ret = (struct dns_answer){ .ttl = 60 };
	if (script->record.p) {
		add_txt(ret, &cap, script->record, err);
		script->record.p = NULL;
		return;
	}
	if (sort >= 0xf0) {
		ret->state = sort & 1 ? DNS_MISSED : DNS_FAILED;
		return;
	}
	ret->rcode = sort % 16 == 15 ? DNS_NXDOMAIN : DNS_NOERROR;
	for (unsigned i = 0; ret->rcode == DNS_NOERROR && i < sort % 16; i++) {
		struct span part = take_span(script, take(script));
		if (question->type == DNS_TXT && sort & 0x80)
			add_txt(ret, &cap, part, err);
		else
			CHECK(dns_answer_add(ret, &cap, part.p, part.len, err) == 0);
	}
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		answer_one((struct script *)self, &questions[i], &ret_answers[i], err);
	return 0;
}

static void check_words(const char *words)
{
	CHECK(words && words[0]);
	CHECK(utf8_valid(span_of(words)));
	for (; *words; words++)
		CHECK((unsigned char)*words >= 0x20 && *words != 0x7f);
}

static void check_evaluation(const struct spf_evaluation *e)
{
	CHECK(e->evaluated && e->result > AUTH_NOT_REPORTED && e->result < AUTH_COUNT && e->result != AUTH_POLICY);
	CHECK(e->lookups <= 11 && e->section);
	CHECK(e->void_lookups <= 4 || e->result == AUTH_PERMERROR);
	CHECK(!e->explanation || (e->result == AUTH_FAIL && span_is_ascii(span_of(e->explanation))));
	check_words(e->reason);
	for (size_t i = 0; i < e->trail.count; i++) {
		const struct trail_step *s = &e->trail.steps[i];
		CHECK(s->depth <= (i ? e->trail.steps[i - 1].depth + 1 : 0));
		check_words(s->what);
		if (s->outcome)
			check_words(s->outcome);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct resolver_ops ops = { ask, NULL };
	struct script script = { .base = { &ops }, .rest = { (const char *)data, size } };
	struct spf_request request = { .client = { .v6 = size & 1, .octets = { 192, 0, 2, 9 } } };
	struct spf_evaluation e;
	struct error err = ERROR_INIT;
	if (!span_next(&script.rest, '\n', &request.mail_from) || !span_next(&script.rest, '\n', &request.helo) ||
	    !span_next(&script.rest, '\n', &script.record) || !script.rest.p)
		return 0;
	CHECK(spf_evaluate(&request, &script.base, &e, &err) == 0);
	check_evaluation(&e);
	spf_evaluation_fini(&e);
	return 0;
}
