/* The index of a header block. */
#include "tests/unit/unit.h"

#include "harness/mail/header.h"

static const struct block_row {
	const char *label;
	struct span message;
	const char *fields; /* name=value|..., values trimmed, line ends shown as ~ */
	size_t body_offset, stray;
	bool empty_line;
} blocks[] = {
	{ "nothing", SPAN_LIT(""), "", 0, 0, false },
	{ "empty line alone", SPAN_LIT("\r\nbody"), "", 2, 0, true },
	{ "no header block", SPAN_LIT("just text\r\nmore"), "", 15, 2, false },
	{ "CRLF", SPAN_LIT("A: 1\r\nB: 2\r\n\r\nbody"), "A=1|B=2|", 14, 0, true },
	{ "bare LF", SPAN_LIT("A: 1\nB: 2\n\nbody"), "A=1|B=2|", 11, 0, true },
	{ "mixed line ends", SPAN_LIT("A: 1\nB: 2\r\n\nbody"), "A=1|B=2|", 12, 0, true },
	{ "bare CR is an octet", SPAN_LIT("A: 1\rB: 2\r\n\r\n"), "A=1~B: 2|", 13, 0, true },
	{ "NUL is an octet", SPAN_LIT("A: x\0y\r\n\r\n"), "A=x0y|", 10, 0, true },
	{ "NUL in a name", SPAN_LIT("A\0: x\r\nB: 1\r\n\r\n"), "B=1|", 15, 1, true },
	{ "folds", SPAN_LIT("A: 1\r\n\t2\r\n 3\r\nB:\r\n x\r\n\r\n"), "A=1~~\t2~~ 3|B=x|", 24, 0, true },
	{ "line of white space is a fold", SPAN_LIT("A: 1\r\n \r\nB: 2\r\n\r\n"), "A=1|B=2|", 17, 0, true },
	{ "no empty line", SPAN_LIT("A: 1\r\nB: 2"), "A=1|B=2|", 10, 0, false },
	{ "last line is a fold", SPAN_LIT("A: 1\r\n 2"), "A=1~~ 2|", 8, 0, false },
	{ "mbox line", SPAN_LIT("From a@b Mon\nA: 1\n\n"), "A=1|", 19, 1, true },
	{ "garbage takes its folds along", SPAN_LIT("garbage\r\n folded: x\r\nA: 1\r\n\r\n"), "A=1|", 29, 1, true },
	{ "fold before any field", SPAN_LIT(" A: 1\r\nB: 2\r\n\r\n"), "B=2|", 15, 1, true },
	{ "space in front of the colon", SPAN_LIT("A \t: 1\r\n\r\n"), "A=1|", 10, 0, true },
	{ "colon in a fold is not the colon", SPAN_LIT("A\r\n : 1\r\nB: 2\r\n\r\n"), "B=2|", 17, 1, true },
	{ "empty name", SPAN_LIT(": 1\r\nB: 2\r\n\r\n"), "B=2|", 13, 1, true },
	{ "8-bit name", SPAN_LIT("\xc3\xa9: 1\r\nB: 2\r\n\r\n"), "B=2|", 15, 1, true },
	{ "empty value", SPAN_LIT("A:\r\n\r\n"), "A=|", 6, 0, true },
};

static void describe(const struct header *h, struct buf *out)
{
	for (size_t i = 0; i < h->count; i++) {
		struct span v = span_trim(h->fields[i].value);
		buf_add_span(out, h->fields[i].name);
		buf_add_char(out, '=');
		for (size_t k = 0; k < v.len; k++)
			buf_add_char(out, v.p[k] == '\r' || v.p[k] == '\n' ? '~' : v.p[k] ? v.p[k] : '0');
		buf_add_char(out, '|');
	}
}

static void block_is_read_as_fields(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		const struct block_row *row = &blocks[i];
		struct error err = ERROR_INIT;
		struct header h;
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(4096);
		assert_int_equal(header_parse(&h, row->message, &err), 0);
		describe(&h, &seen);
		if (strcmp(buf_str(&seen), row->fields) || h.body_offset != row->body_offset ||
		    h.stray_lines != row->stray || h.has_empty_line != row->empty_line)
			fail_msg("%s: %s body at %zu, stray %zu, empty line %d", row->label, buf_str(&seen),
				 h.body_offset, h.stray_lines, h.has_empty_line);
		header_fini(&h);
	}
}

static void raw_fields_are_the_octets_of_the_block(void **state)
{
	struct span m = SPAN_LIT("A: 1\r\n\t 2\nb : x \r\n\nbody");
	struct error err = ERROR_INIT;
	struct header h;
	assert_int_equal(header_parse(&h, m, &err), 0);
	assert_int_equal(h.count, 2);
	assert_true(span_is(h.fields[0].raw, "A: 1\r\n\t 2\n"));
	assert_true(span_is(h.fields[0].value, " 1\r\n\t 2"));
	assert_true(span_is(h.fields[1].raw, "b : x \r\n"));
	assert_true(span_is(h.fields[1].value, " x "));
	assert_ptr_equal(h.fields[0].raw.p, m.p);
	header_fini(&h);
}

static void fields_of_a_name_are_walked_in_order(void **state)
{
	struct span m = SPAN_LIT("Received: 1\nTo: x\nRECEIVED: 2\nX-Received: 3\nreceived: 4\n\n");
	struct error err = ERROR_INIT;
	struct header h;
	char seen[8] = "";
	size_t n = 0;
	assert_int_equal(header_parse(&h, m, &err), 0);
	for (ptrdiff_t i = header_find(&h, "Received", 0); i >= 0; i = header_find(&h, "Received", (size_t)i + 1))
		seen[n++] = span_trim(h.fields[i].value).p[0];
	assert_string_equal(seen, "124");
	assert_true(span_is(header_value(&h, "received"), "1"));
	assert_null(header_value(&h, "Cc").p);
	header_fini(&h);
}

static void unfolding_drops_line_ends_and_keeps_white_space(void **state)
{
	static const struct {
		const char *value, *expected;
	} rows[] = {
		{ " plain ", "plain" }, { " a\r\n  b\n\tc \r\n", "a  b\tc" }, { "a\rb", "ab" }, { "", "" },
		{ "\r\n \r\n", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
		assert_int_equal(header_unfold(span_of(rows[i].value), &out), 0);
		assert_string_equal(buf_str(&out), rows[i].expected);
	}
	_cleanup_(buf_fini) struct buf small = BUF_INIT(3);
	assert_int_equal(header_unfold(SPAN_LIT("four"), &small), -1);
}

static void fields_beyond_the_cap_are_left_out_and_the_body_is_found(void **state)
{
	_cleanup_(buf_fini) struct buf m = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct header h;
	for (int i = 0; i < HEADER_FIELDS_MAX + 10; i++)
		buf_addf(&m, "X: %d\r\n", i);
	size_t end = m.len + 2;
	buf_add_str(&m, "\r\nbody");
	assert_int_equal(buf_check(&m, "message", &err), 0);
	assert_int_equal(header_parse(&h, buf_span(&m), &err), 0);
	assert_int_equal(h.count, HEADER_FIELDS_MAX);
	assert_true(h.capped);
	assert_int_equal(h.body_offset, end);
	header_fini(&h);
}

static void line_of_a_megabyte_is_one_field(void **state)
{
	_cleanup_(buf_fini) struct buf m = BUF_INIT(2 << 20);
	struct error err = ERROR_INIT;
	struct header h;
	buf_add_str(&m, "X: ");
	for (int i = 0; i < 1 << 20; i++)
		buf_add_char(&m, i % 2 ? ' ' : ':');
	buf_add_str(&m, "\r\nY: 1\r\n\r\n");
	assert_int_equal(header_parse(&h, buf_span(&m), &err), 0);
	assert_int_equal(h.count, 2);
	assert_int_equal(h.fields[0].value.len, (1 << 20) + 1);
	header_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_is_read_as_fields),
		cmocka_unit_test(raw_fields_are_the_octets_of_the_block),
		cmocka_unit_test(fields_of_a_name_are_walked_in_order),
		cmocka_unit_test(unfolding_drops_line_ends_and_keeps_white_space),
		cmocka_unit_test(fields_beyond_the_cap_are_left_out_and_the_body_is_found),
		cmocka_unit_test(line_of_a_megabyte_is_one_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
