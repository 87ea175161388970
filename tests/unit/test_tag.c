/* Tags: made, written, found. */
#include "tests/unit/unit.h"

#include "harness/mail/tag.h"

#include "tests/unit/unit.h"

#define TAG   "0123456789abcdef0123456789abcdef"
#define UPPER "0123456789ABCDEF0123456789ABCDEF"
#define OTHER "ffffffffffffffffffffffffffffffff"

static void new_tags_are_valid_and_differ(void **state)
{
	char a[TAG_SIZE], b[TAG_SIZE];
	struct error err = ERROR_INIT;
	assert_int_equal(tag_new(a, &err), 0);
	assert_int_equal(tag_new(b, &err), 0);
	assert_true(tag_valid(span_of(a)));
	assert_string_not_equal(a, b);
}

static void tag_is_32_hexadecimal_digits(void **state)
{
	assert_true(tag_valid(SPAN_LIT(TAG)));
	assert_true(tag_valid(SPAN_LIT(UPPER)));
	assert_false(tag_valid(SPAN_LIT(TAG "0")));
	assert_false(tag_valid(SPAN_LIT("0123456789abcdef0123456789abcde")));
	assert_false(tag_valid(SPAN_LIT("0123456789abcdef0123456789abcdeg")));
	assert_false(tag_valid(SPAN_LIT("")));
}

static void what_is_written_is_found_again(void **state)
{
	char seen[TAG_SIZE];
	_cleanup_(buf_fini) struct buf out = BUF_INIT(200);
	tag_add_message_id(&out, TAG, SPAN_LIT("service.example"));
	assert_string_equal(buf_str(&out), "pp." TAG "@service.example");
	assert_true(tag_from_message_id(buf_span(&out), seen));
	assert_string_equal(seen, TAG);
	buf_clear(&out);
	tag_add_subject(&out, TAG);
	assert_true(tag_from_subject(buf_span(&out), seen));
	buf_clear(&out);
	tag_add_pattern(&out, SPAN_LIT("b+{tag}@bounces.example"), TAG);
	assert_string_equal(buf_str(&out), "b+" TAG "@bounces.example");
}

enum place { ID, SUBJECT };

static void tag_is_found_where_it_may_stand(void **state)
{
	static const struct {
		const char *label;
		enum place place;
		const char *text;
		bool found;
	} rows[] = {
		{ "in brackets", ID, "<pp." TAG "@x.example>", true },
		{ "among others", ID, "<a@b>\r\n <pp.short@x> <pp." TAG "@x>", true },
		{ "in upper case", ID, "<PP." UPPER "@x>", true },
		{ "without domain", ID, "<pp." TAG ">", false },
		{ "a digit more", ID, "<pp." TAG "0@x>", false },
		{ "cut off", ID, "<pp.0123", false },
		{ "nothing", ID, "", false },
		{ "behind words", SUBJECT, "Re: Fwd: hello [pp:" TAG "]", true },
		{ "after a false start", SUBJECT, "[pp:[pp:" TAG "]", true },
		{ "bracket open", SUBJECT, "[pp:" TAG, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char seen[TAG_SIZE] = "untouched";
		struct span text = span_of(rows[i].text);
		bool found = rows[i].place == ID ? tag_from_message_id(text, seen) : tag_from_subject(text, seen);
		if (found != rows[i].found || strcmp(seen, found ? TAG : "untouched"))
			fail_msg("%s: %d %s", rows[i].label, found, seen);
	}
}

static void every_place_of_a_tag_is_met(void **state)
{
	static const struct {
		const char *label, *text;
		size_t at[4]; /* behind the first digit of each candidate; 0 ends them */
	} rows[] = {
		{ "address", "b+" TAG "@bounces.example", { 3 } },
		{ "upper case", "<B+" UPPER "@X>", { 4 } },
		{ "percent sign", "b%2B" TAG "@x", { 3, 4, 5 } },
		{ "behind the letters of a name", "bounce" TAG "@x", { 5, 6, 7 } },
		{ "SRS", "SRS0=Ab1=Zz=x.example=b+" TAG "@fwd.example", { 25 } },
		{ "BATV", "prvs=0912ab=b+" TAG "@x", { 15 } },
		{ "prefix of a virtual domain", "svc-b+" TAG "@x", { 7 } },
		{ "comment", "b+" TAG "@x (Service)", { 3 } },
		{ "two", TAG " " OTHER, { 1, 34 } },
		{ "at the end", "x " TAG, { 3 } },
		{ "31 digits", "0123456789abcdef0123456789abcde", { 0 } },
		{ "broken by a letter", "0123456789abcdefg0123456789abcdef", { 0 } },
		{ "nothing", "", { 0 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char seen[TAG_SIZE];
		size_t at = 0, n = 0;
		while (tag_next(span_of(rows[i].text), &at, seen)) {
			ROW_ASSERT(rows[i].label, n < 4 && at == rows[i].at[n]);
			ROW_ASSERT(rows[i].label, tag_valid(span_of(seen)));
			n++;
		}
		ROW_ASSERT(rows[i].label, n == 4 || rows[i].at[n] == 0);
	}
}

static void pattern_has_one_placeholder_in_an_address(void **state)
{
	assert_true(tag_pattern_valid(SPAN_LIT("b+{tag}@x.example")));
	assert_true(tag_pattern_valid(SPAN_LIT("b@{tag}.x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("b@x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("{tag}{tag}@x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("b+{tag}")));
	assert_false(tag_pattern_valid(SPAN_LIT("b+{{tag}}@x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("b+{{tag}@x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("b+{tag}}@x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("b+{x}{tag}@x.example")));
	assert_false(tag_pattern_valid(SPAN_LIT("b+{Tag}{tag}@x.example")));
}

static void header_field_outranks_message_id_and_subject(void **state)
{
	static const struct {
		const char *label, *header, *tag;
	} rows[] = {
		{ "field", "Message-ID: <pp." OTHER "@x>\nX-Postproof-Tag: " UPPER "\nSubject: [pp:" OTHER "]\n\n",
		  TAG },
		{ "broken field", "Message-ID: <pp." TAG "@x>\nX-Postproof-Tag: 123\n\n", TAG },
		{ "second field", "X-Postproof-Tag: 123\nX-Postproof-Tag: " TAG "\n\n", TAG },
		{ "id", "Message-ID: <pp." TAG "@x>\nSubject: [pp:" OTHER "]\n\n", TAG },
		{ "subject", "Message-ID: <rewritten@x>\nSubject: [pp:" TAG "]\n\n", TAG },
		{ "none", "Message-ID: <rewritten@x>\nSubject: hello\n\n", NULL },
		{ "body does not count", "Subject: hello\n\nX-Postproof-Tag: " TAG "\n", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char seen[TAG_SIZE] = "";
		struct error err = ERROR_INIT;
		struct header h;
		assert_int_equal(header_parse(&h, span_of(rows[i].header), &err), 0);
		bool found = tag_from_header(&h, seen);
		if (found != (rows[i].tag != NULL) || strcmp(seen, found ? rows[i].tag : ""))
			fail_msg("%s: %d %s", rows[i].label, found, seen);
		header_fini(&h);
	}
}

static const struct {
	const char *label, *header;
	bool probe;
} quotes[] = {
	{ "the message itself", "From: Service <a@service.test>\nSubject: Hello [pp:" TAG "]\n\n", true },
	{ "its address in another case", "From: A@Service.Test\nSubject: Hello [pp:" TAG "]\n\n", true },
	{ "marked by a filter on its way", "From: a@service.test\nSubject: [SPAM] Hello [pp:" TAG "]\n\n", true },
	{ "said to be no automatic answer", "From: a@service.test\nAuto-Submitted: no\nSubject: [pp:" TAG "]\n\n",
	  true },
	{ "reply", "From: ana@seed.test\nSubject: Re: Hello [pp:" TAG "]\n\n", false },
	{ "quarantine notice", "From: quarantine@provider.test\nSubject: Held: Hello [pp:" TAG "]\n\n", false },
	{ "automatic answer", "From: ana@seed.test\nAuto-Submitted: auto-replied\nSubject: Re: [pp:" TAG "]\n\n",
	  false },
	{ "automatic answer under the service's name",
	  "From: a@service.test\nAuto-Submitted: auto-generated\nSubject: [pp:" TAG "]\n\n", false },
	{ "no author", "Subject: Hello [pp:" TAG "]\n\n", false },
	{ "two authors", "From: a@service.test, b@seed.test\nSubject: Hello [pp:" TAG "]\n\n", false },
	{ "author that cannot be read", "From: a@@service.test\nSubject: Hello [pp:" TAG "]\n\n", false },
	{ "domain of the service below another", "From: a@service.test.example\nSubject: [pp:" TAG "]\n\n", false },
	{ "field of our own, whoever is the author", "From: x@y.test\nX-Postproof-Tag: " TAG "\n\n", true },
	{ "id of our own, whoever is the author", "From: x@y.test\nMessage-ID: <pp." TAG "@service.test>\n\n", true },
	{ "nothing", "From: a@service.test\nSubject: Hello\n\n", false },
};

static void subject_counts_only_where_the_service_wrote_it(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
		char seen[TAG_SIZE] = "";
		struct error err = ERROR_INIT;
		struct header h;
		assert_int_equal(header_parse(&h, span_of(quotes[i].header), &err), 0);
		ROW_ASSERT(quotes[i].label,
			   tag_of_probe(&h, SPAN_LIT("Example <a@service.test>"), seen) == quotes[i].probe);
		ROW_ASSERT_STRING(quotes[i].label, seen, quotes[i].probe ? TAG : "");
		header_fini(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_tags_are_valid_and_differ),
		cmocka_unit_test(tag_is_32_hexadecimal_digits),
		cmocka_unit_test(what_is_written_is_found_again),
		cmocka_unit_test(tag_is_found_where_it_may_stand),
		cmocka_unit_test(every_place_of_a_tag_is_met),
		cmocka_unit_test(pattern_has_one_placeholder_in_an_address),
		cmocka_unit_test(header_field_outranks_message_id_and_subject),
		cmocka_unit_test(subject_counts_only_where_the_service_wrote_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
