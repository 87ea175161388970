/* DMARC beyond the limits of our own: nothing is known there, and nothing is held against the message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dmarc.h"
#include "harness/base/buf.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/unit.h"

#define FROM "From: A <a@example.com>\r\n\r\n"

static const char zone[] = "_dmarc.example.com TXT v=DMARC1; p=reject\n";

/* One signature of the domain, without where there is no word. */
static void evaluate(struct span message, const char *result, const char *domain, const char *unread,
		     struct dmarc_evaluation *ret)
{
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation dkim = { .unread = unread };
	_cleanup_(header_fini) struct header header = { 0 };
	struct spf_evaluation spf = { .evaluated = true, .result = AUTH_NONE };
	struct fake_dns *dns = fake_dns_new();
	struct error err = ERROR_INIT;
	fake_dns_add_lines(dns, zone);
	dkim.signatures = calloc(1, sizeof(*dkim.signatures));
	assert_non_null(dkim.signatures);
	if (*result) {
		assert_true(auth_result_from(span_of(result), &dkim.signatures[0].result));
		dkim.signatures[0].domain = strdup(domain);
		dkim.count = 1;
	}
	assert_int_equal(header_parse(&header, message, &err), 0);
	assert_int_equal(dmarc_evaluate(&header, &spf, &dkim, &dns->base, ret, &err), 0);
	resolver_free(&dns->base);
}

/* The text, so often, with the number in place of `#`. */
static void add_times(struct buf *out, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		for (const char *p = text; *p; p++)
			if (*p == '#')
				buf_addf(out, "%d", i);
			else
				buf_add_char(out, *p);
}

/* A limit of ours is nothing that a receiver would hold against the message. */
static void what_is_beyond_a_limit_leaves_the_result_open(void **state)
{
	static const struct {
		const char *label, *before, *repeated;
		int times;
		const char *after;
		enum auth_result rfc9989, rfc7489;
		const char *says;
	} rows[] = {
		{ "From behind the fields that are read", "", "X: #\r\n", HEADER_FIELDS_MAX, FROM, AUTH_UNKNOWN,
		  AUTH_UNKNOWN, "more than 20000 header fields" },
		{ "maybe a second From", "From: a@example.com\r\n", "X: #\r\n", HEADER_FIELDS_MAX, "\r\n", AUTH_UNKNOWN,
		  AUTH_UNKNOWN, "more than 20000 header fields" },
		{ "two From fields before", "From: a@example.com\r\nFrom: a@example.com\r\n", "X: #\r\n",
		  HEADER_FIELDS_MAX, "\r\n", AUTH_NONE, AUTH_NONE, "there are 2 From fields" },
		{ "one field less", "", "X: #\r\n", HEADER_FIELDS_MAX - 1, FROM, AUTH_PASS, AUTH_PASS, "passes" },
		{ "more mailboxes of one domain", "From: ", "a#@example.com, ", 1001, "b@example.com\r\n\r\n",
		  AUTH_UNKNOWN, AUTH_UNKNOWN, "more than 1000 mailboxes" },
		{ "more domains", "From: ", "a@x#.example, ", 8, "b@example.com\r\n\r\n", AUTH_NONE, AUTH_UNKNOWN,
		  "more than 8 domains" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf header = BUF_INIT(1 << 20);
		_cleanup_(dmarc_evaluation_fini) struct dmarc_evaluation e = { 0 };
		buf_add_str(&header, rows[i].before);
		add_times(&header, rows[i].repeated, rows[i].times);
		buf_add_str(&header, rows[i].after);
		evaluate(buf_span(&header), "pass", "example.com", NULL, &e);
		ROW_ASSERT(rows[i].label, e.readings[DMARC_RFC9989].result == rows[i].rfc9989);
		ROW_ASSERT(rows[i].label, e.readings[DMARC_RFC7489].result == rows[i].rfc7489);
		if (!strstr(e.readings[DMARC_RFC9989].reason, rows[i].says))
			fail_msg("%s: %s", rows[i].label, e.readings[DMARC_RFC9989].reason);
	}
}

/* One of the signatures that were not verified may be aligned and pass. */
static void unread_signatures_keep_a_fail_from_being_one(void **state)
{
	static const struct {
		const char *label, *signature, *domain;
		enum auth_result result;
	} rows[] = {
		{ "none passes", "fail", "example.com", AUTH_UNKNOWN },
		{ "none was seen", "", "", AUTH_UNKNOWN },
		{ "one that is not aligned passes", "pass", "other.example", AUTH_UNKNOWN },
		{ "an aligned one passes", "pass", "example.com", AUTH_PASS },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(dmarc_evaluation_fini) struct dmarc_evaluation e = { 0 };
		evaluate(SPAN_LIT(FROM), rows[i].signature, rows[i].domain, "more than are verified", &e);
		for (int s = 0; s < DMARC_STANDARD_COUNT; s++)
			ROW_ASSERT(rows[i].label, e.readings[s].result == rows[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_beyond_a_limit_leaves_the_result_open),
		cmocka_unit_test(unread_signatures_keep_a_fail_from_being_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
