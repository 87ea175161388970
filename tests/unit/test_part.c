/* The leaves of a MIME message. */
#include "tests/unit/unit.h"

#include "harness/mail/part.h"

static void content_type_gives_type_and_boundary(void **state)
{
	static const struct {
		const char *value, *type, *boundary;
	} rows[] = {
		{ "text/plain", "text/plain", "" },
		{ " Multipart/Report; report-type=delivery-status;\r\n\tboundary=\"a b/c\"", "Multipart/Report",
		  "a b/c" },
		{ "multipart/mixed;boundary=abc", "multipart/mixed", "abc" },
		{ "multipart/mixed; boundary=----=_Part_1/2.3; charset=x", "multipart/mixed", "----=_Part_1/2.3" },
		{ "multipart/mixed; BOUNDARY = abc (comment)", "multipart/mixed", "abc" },
		{ "(x) multipart/mixed (y); (z) boundary=(w)abc", "multipart/mixed", "abc" },
		{ "multipart/mixed; name=\"; boundary=no\"; boundary=yes", "multipart/mixed", "yes" },
		{ "multipart/mixed; junk; =; boundary=abc", "multipart/mixed", "abc" },
		{ "multipart/mixed; boundary=\"a\\\"b \"", "multipart/mixed", "a\"b" },
		{ "multipart/mixed; boundary=", "multipart/mixed", "" },
		{ "multipart/mixed; boundary=\"abc", "multipart/mixed", "\"abc" },
		{ "multipart/mixed; (boundary=abc", "multipart/mixed", "" },
		{ "garbage", "garbage", "" },
		{ "", "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span type;
		char boundary[PART_BOUNDARY_MAX];
		size_t len;
		part_read_type(span_of(rows[i].value), &type, boundary, &len);
		if (!span_is(type, rows[i].type) || !span_is(span_make(boundary, len), rows[i].boundary))
			fail_msg("%s: %.*s %.*s", rows[i].value, SPAN_ARG(type), (int)len, boundary);
	}
}

static void parameters_are_found_by_name(void **state)
{
	static const struct {
		const char *value, *name, *expected;
	} rows[] = {
		{ "text/plain; charset=utf-8", "charset", "utf-8" },
		{ "text/plain; x=1; CharSet=\"us-ascii\"", "charset", "us-ascii" },
		{ "attachment; filename=\"a;b.pdf\"", "filename", "a;b.pdf" },
		{ "attachment; name=\"filename=x\"", "filename", "" },
		{ "text/plain; charset=", "charset", "" },
		{ "text/plain", "charset", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[PART_BOUNDARY_MAX];
		size_t len = part_read_parameter(span_of(rows[i].value), rows[i].name, out);
		if (!span_is(span_make(out, len), rows[i].expected))
			fail_msg("%s: %.*s", rows[i].value, (int)len, out);
	}
}

#define MULTI "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static void leaves_come_in_order(void **state)
{
	static const struct {
		const char *label, *message, *expected; /* type:body| with ~ for line ends */
	} rows[] = {
		{ "not multipart", "Content-Type: text/plain\r\n\r\nbody\r\n", "text/plain:body~~|" },
		{ "no type", "\r\nbody", ":body|" },
		{ "nothing", "", ":|" },
		{ "two parts",
		  MULTI "preamble\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: "
			"x/y\r\n\r\ntwo\r\n--b--\r\nepilogue\r\n--b\r\n\r\nx",
		  ":one|x/y:two|" },
		{ "bare LF", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n",
		  ":one|:two|" },
		{ "never closed", MULTI "--b\r\n\r\none\r\n--b\r\n\r\ntwo", ":one|:two|" },
		{ "no delimiter", MULTI "text", "" },
		{ "closed at once", MULTI "--b--\r\n--b\r\n\r\none", "" },
		{ "longer boundary is another", MULTI "--b\r\n\r\none\r\n--bc\r\n--b --\r\n--b--\r\n",
		  ":one~~--bc~~--b --|" },
		{ "white space behind a delimiter", MULTI "--b \t\r\n\r\none\r\n--b-- \r\n", ":one|" },
		{ "empty part", MULTI "--b\r\n--b\r\n\r\n--b--\r\n", ":|:|" },
		{ "nested",
		  MULTI "--b\r\nContent-Type: multipart/x; "
			"boundary=c\r\n\r\n--c\r\n\r\none\r\n--c--\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
		  ":one|:two|" },
		{ "inner one never closed",
		  MULTI
		  "--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
		  ":one|:two|" },
		{ "boundary within a part's header", MULTI "--b\r\nContent-Type: x/y\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
		  "x/y:|:two|" },
		{ "multipart without boundary", "Content-Type: multipart/mixed\r\n\r\n--b\r\n",
		  "multipart/mixed:--b~~|" },
		{ "message is a leaf",
		  MULTI "--b\r\nContent-Type: message/rfc822\r\n\r\n" MULTI "--c\r\n\r\nx\r\n--b--\r\n",
		  "message/rfc822:Content-Type: multipart/mixed; boundary=b~~~~--c~~~~x|" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(4096);
		struct error err = ERROR_INIT;
		struct part_walk w;
		struct part p;
		int rc;
		part_walk_init(&w, span_of(rows[i].message));
		while ((rc = part_next(&w, &p, &err)) > 0) {
			buf_addf(&seen, "%.*s:", SPAN_ARG(p.type));
			for (size_t k = 0; k < p.body.len; k++)
				buf_add_char(&seen, p.body.p[k] == '\r' || p.body.p[k] == '\n' ? '~' : p.body.p[k]);
			buf_add_char(&seen, '|');
		}
		assert_int_equal(rc, 0);
		if (strcmp(buf_str(&seen), rows[i].expected))
			fail_msg("%s: %s", rows[i].label, buf_str(&seen));
		assert_int_equal(part_next(&w, &p, &err), 0);
	}
}

static void a_leaf_knows_what_it_stands_in(void **state)
{
	static const struct {
		const char *label, *message, *expected; /* container of each leaf */
		bool unclosed;
	} rows[] = {
		{ "alone", "Content-Type: text/plain\r\n\r\nbody\r\n", "|", false },
		{ "closed", MULTI "--b\r\n\r\none\r\n--b--\r\n", "multipart/mixed|", false },
		{ "nested",
		  MULTI "--b\r\nContent-Type: multipart/x; "
			"boundary=c\r\n\r\n--c\r\n\r\none\r\n--c--\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
		  "multipart/x|multipart/mixed|", false },
		{ "never closed", MULTI "--b\r\n\r\none\r\n--b\r\n\r\ntwo", "multipart/mixed|multipart/mixed|", true },
		{ "closed by what holds it",
		  MULTI "--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n\r\none\r\n--b--\r\n",
		  "multipart/x|", true },
		{ "no delimiter", MULTI "text", "", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(4096);
		struct error err = ERROR_INIT;
		struct part_walk w;
		struct part p;
		part_walk_init(&w, span_of(rows[i].message));
		while (part_next(&w, &p, &err) > 0)
			buf_addf(&seen, "%.*s|", SPAN_ARG(p.container));
		if (strcmp(buf_str(&seen), rows[i].expected) || w.unclosed != rows[i].unclosed)
			fail_msg("%s: %s %d", rows[i].label, buf_str(&seen), w.unclosed);
	}
}

static void nesting_beyond_the_cap_is_a_leaf(void **state)
{
	_cleanup_(buf_fini) struct buf m = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct part_walk w;
	struct part p;
	for (int i = 0; i < 1000; i++)
		buf_addf(&m, "Content-Type: multipart/x; boundary=b%d\n\n--b%d\n", i, i);
	part_walk_init(&w, buf_span(&m));
	assert_int_equal(part_next(&w, &p, &err), 1);
	assert_true(span_is(p.type, "multipart/x"));
	assert_int_equal(part_next(&w, &p, &err), 0);
}

static void body_is_decoded_by_its_encoding(void **state)
{
	static const struct {
		const char *encoding, *body, *expected;
	} rows[] = { { "", "a=41", "a=41" },
		     { "7bit", "a=41", "a=41" },
		     { "Quoted-Printable", "a=41", "aA" },
		     { "BASE64", "YWJj", "abc" },
		     { "x-unknown", "YWJj", "YWJj" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
		struct part p = { .encoding = span_of(rows[i].encoding), .body = span_of(rows[i].body) };
		assert_int_equal(part_add_decoded(&out, &p), 0);
		assert_string_equal(buf_str(&out), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_type_gives_type_and_boundary),
		cmocka_unit_test(parameters_are_found_by_name),
		cmocka_unit_test(leaves_come_in_order),
		cmocka_unit_test(a_leaf_knows_what_it_stands_in),
		cmocka_unit_test(nesting_beyond_the_cap_is_a_leaf),
		cmocka_unit_test(body_is_decoded_by_its_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
