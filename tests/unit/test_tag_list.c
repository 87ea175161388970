/* Lists of tag=value. */
#include "harness/auth/tag_list.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "tests/unit/unit.h"

static void lists_are_read_strictly(void **state)
{
	static const struct {
		const char *label, *text, *expected;
	} rows[] = {
		{ "plain", "v=1; a=b", "v{1} a{b}" },
		{ "white space around all", " v = 1 ;\ta\r\n =\r\n\tx y ", "v{1} a{x y}" },
		{ "final semicolon", "v=1;", "v{1}" },
		{ "white space behind it", "v=1; ", "v{1}" },
		{ "empty value", "p=", "p{}" },
		{ "equals sign in a value", "b=aGk=; x=1", "b{aGk=} x{1}" },
		{ "case matters", "v=1; V=2", "v{1} V{2}" },
		{ "fold in a value", "b=aa\r\n\tbb", "b{aa\r\n\tbb}" },
		{ "fold of bare LF", "b=aa\n bb", "b{aa\n bb}" },
		{ "UTF-8 in a value", "d=m\xc3\xb8x", "d{m\xc3\xb8x}" },
		{ "underscore and digit in a name", "a_1=x", "a_1{x}" },
		{ "nothing", "", "! empty tag" },
		{ "white space only", " \t", "! empty tag" },
		{ "doubled tag", "v=1; a=x; a=x", "v{1} a{x} ! more than one tag a" },
		{ "doubled semicolon", "v=1;; a=x", "v{1} ! empty tag" },
		{ "semicolon in front", ";v=1", "! empty tag" },
		{ "two final semicolons", "v=1;;", "v{1} ! empty tag" },
		{ "no equals sign", "v=1; a", "v{1} ! no equals sign behind tag a" },
		{ "no name", "=1", "! tag without name" },
		{ "white space in a name", "a b=1", "! bad name of a tag" },
		{ "digit in front of a name", "1a=1", "! bad name of a tag" },
		{ "hyphen in a name", "a-b=1", "! bad name of a tag" },
		{ "bare CR", "a=x\ry", "! bad octet in the value of tag a" },
		{ "line end without white space behind it", "a=x\r\ny", "! bad octet in the value of tag a" },
		{ "control character", "a=\x01", "! bad octet in the value of tag a" },
		{ "DEL", "a=\x7f", "! bad octet in the value of tag a" },
		{ "no UTF-8", "a=\xff", "! bad octet in the value of tag a" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tag_list list;
		_cleanup_(buf_fini) struct buf got = BUF_INIT(1000);
		bool good = tag_list_parse(&list, span_of(rows[i].text));
		for (size_t j = 0; j < list.count; j++)
			buf_addf(&got, "%s%.*s{%.*s}", j ? " " : "", SPAN_ARG(list.tags[j].name),
				 SPAN_ARG(list.tags[j].value));
		if (!good)
			buf_addf(&got, "%s! %s", got.len ? " " : "", list.problem);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&got), rows[i].expected);
		ROW_ASSERT(rows[i].label, good == (list.problem[0] == '\0'));
	}
}

static void nul_is_refused_and_many_tags_are(void **state)
{
	struct tag_list list;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(10000);
	assert_false(tag_list_parse(&list, span_make("a=\0b", 4)));
	for (int i = 0; i < TAG_LIST_MAX; i++)
		buf_addf(&text, "%sa%d=x", i ? ";" : "", i);
	assert_true(tag_list_parse(&list, buf_span(&text)));
	assert_int_equal(list.count, TAG_LIST_MAX);
	buf_add_str(&text, "; more=x");
	assert_false(tag_list_parse(&list, buf_span(&text)));
	assert_string_equal(list.problem, "too many tags");
}

static void the_raw_value_ends_at_the_semicolon(void **state)
{
	struct tag_list list;
	assert_true(tag_list_parse(&list, span_of("a=1; b = xyz\r\n\t ; c=2")));
	const struct tag *b = tag_list_find(&list, "b");
	assert_non_null(b);
	assert_true(span_is(b->raw, " xyz\r\n\t "));
	assert_true(span_is(b->value, "xyz"));
	assert_null(tag_list_find(&list, "B"));
}

static void parts_are_parted_by_colons(void **state)
{
	struct span rest = span_of("From :\r\n To: subject"), part;
	static const char *const expected[] = { "From", "To", "subject" };
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_true(tag_next_part(&rest, &part));
		assert_true(span_is(part, expected[i]));
	}
	assert_false(tag_next_part(&rest, &part));
	assert_true(tag_has_part(span_of("y:S"), "s"));
	assert_false(tag_has_part(span_of("ys"), "s"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_strictly),
		cmocka_unit_test(nul_is_refused_and_many_tags_are),
		cmocka_unit_test(the_raw_value_ends_at_the_semicolon),
		cmocka_unit_test(parts_are_parted_by_colons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
