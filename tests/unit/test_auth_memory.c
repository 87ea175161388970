/* Evaluators where memory runs out: whichever allocation fails, there is an error or the verdict that there would have
 * been, never another one. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc.h"
#include "harness/auth/spf.h"
#include "tests/unit/dkim_scene.h"

/* The linker puts these in the place of the four (--wrap). */
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
char *__wrap_strdup(const char *string);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *p, size_t count, size_t size);
char *__real_strdup(const char *string);

/* The allocation that fails, counted from 0, and how many there were; no count is kept while it is off. */
static bool counting;
static size_t failing, allocations;

static bool fails(void)
{
	return counting && allocations++ == failing;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, count, size);
}

char *__wrap_strdup(const char *string)
{
	return fails() ? NULL : __real_strdup(string);
}

static void set_up(struct scene *s)
{
	static const char tags[] = "v=1; a=rsa-sha256; d=example.org; s=s1; h=from:to:subject:date; c=relaxed/relaxed; "
				   "i=ana@example.org; z=From:Ana=20<ana@example.org>";
	const struct sign_request r = { .tags = tags,
					.h = "from:to:subject:date",
					.header_canon = DKIM_RELAXED,
					.body_canon = DKIM_RELAXED,
					.kind = SIGNER_RSA_2048,
					.header = SCENE_HEADER,
					.body = SCENE_BODY };
	scene_init(s);
	scene_key(s, "s1", "v=DKIM1; ", SIGNER_RSA_2048);
	fake_dns_add_lines(s->dns, "b.example.org TXT v=spf1 include:i.example.org redirect=_r.%{d2}\n"
				   "i.example.org TXT v=spf1 mx -all\n"
				   "i.example.org MX 10 mx.example.org\n"
				   "mx.example.org A 192.0.2.7\n"
				   "_r.example.org TXT v=spf1 exists:%{l}.%{s}.e.example.org -all exp=x.example.org\n"
				   "x.example.org TXT %{i} is not one of %{d}\n"
				   "_dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:d@reports.example.net\n"
				   "example.org._report._dmarc.reports.example.net TXT v=DMARC1\n");
	sign_message(&r, &s->message);
}

/* What a person would read; -1 with *err. */
static int evaluate_all(struct scene *s, struct span mail_from, struct ip client, char out[4000], struct error *err)
{
	_cleanup_(spf_evaluation_fini) struct spf_evaluation spf = { 0 };
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation dkim = { 0 };
	_cleanup_(dmarc_evaluation_fini) struct dmarc_evaluation dmarc = { 0 };
	_cleanup_(header_fini) struct header header = { 0 };
	const struct spf_request sender = { .client = client,
					    .helo = SPAN_LIT("h.example.org"),
					    .mail_from = mail_from };
	if (header_parse(&header, buf_span(&s->message), err) < 0)
		return -1;
	const struct auth_message message = { &header, span_sub(buf_span(&s->message), header.body_offset, SIZE_MAX),
					      false };
	if (spf_evaluate(&sender, &s->dns->base, &spf, err) < 0 ||
	    dkim_evaluate(&message, s->now_ms, &s->dns->base, NULL, &dkim, err) < 0 ||
	    dmarc_evaluate(&header, &spf, &dkim, &s->dns->base, &dmarc, err) < 0)
		return -1;
	const struct dmarc_reading *r = &dmarc.readings[DMARC_RFC9989];
	snprintf(out, 4000, "%s %s [%s]; %s %s %s; %s %s %zu %s", auth_result_name(spf.result), spf.reason,
		 spf.explanation ? spf.explanation : "", auth_result_name(dkim.signatures[0].result),
		 dkim.signatures[0].reason, dkim.signatures[0].identity, auth_result_name(r->result), r->reason,
		 r->report_count, r->record);
	return 0;
}

static void no_verdict_comes_of_short_memory(void **state)
{
	static const struct {
		const char *label, *client, *spf;
	} rows[] = { { "the include passes", "192.0.2.7", "pass " }, { "all fail", "192.0.2.8", "fail " } };
	_cleanup_(scene_fini) struct scene s;
	set_up(&s);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char expected[4000], got[4000];
		struct error err = ERROR_INIT;
		struct ip client;
		const struct span sender = SPAN_LIT("bounce@b.example.org");
		ROW_ASSERT(rows[i].label, ip_parse(span_of(rows[i].client), &client));
		ROW_ASSERT(rows[i].label, evaluate_all(&s, sender, client, expected, &err) == 0);
		ROW_ASSERT(rows[i].label, span_starts(span_of(expected), span_of(rows[i].spf)));
		bool ended = false;
		for (failing = 0; !ended; failing++) {
			allocations = 0;
			counting = true;
			int rc = evaluate_all(&s, sender, client, got, &err);
			counting = false;
			ended = allocations <= failing;
			if (rc == 0)
				ROW_ASSERT_STRING(rows[i].label, got, expected);
			else
				ROW_ASSERT_STRING(rows[i].label, err.text, "out of memory");
		}
		ROW_ASSERT(rows[i].label, failing > 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_verdict_comes_of_short_memory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
