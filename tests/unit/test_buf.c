/* Capped buffers. */
#include "tests/unit/unit.h"

#include "harness/base/buf.h"

static void additions_append_and_keep_a_nul_behind(void **state)
{
	struct buf b = BUF_INIT(100);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_add_str(&b, "ab"), 0);
	assert_int_equal(buf_add_char(&b, 'c'), 0);
	assert_int_equal(buf_add_span(&b, SPAN_LIT("de")), 0);
	assert_int_equal(buf_addf(&b, "-%d-%s", 7, "x"), 0);
	assert_int_equal(buf_add(&b, "", 0), 0);
	assert_string_equal(buf_str(&b), "abcde-7-x");
	assert_int_equal(b.len, 9);
	buf_fini(&b);
	assert_int_equal(b.max, 100);
}

static void exactly_the_maximum_fits(void **state)
{
	struct buf b = BUF_INIT(4);
	struct error err = ERROR_INIT;
	assert_int_equal(buf_add_str(&b, "1234"), 0);
	assert_int_equal(buf_check(&b, "it", &err), 0);
	assert_int_equal(buf_add_char(&b, '5'), -1);
	assert_string_equal(buf_str(&b), "1234");
	assert_int_equal(buf_check(&b, "the reply", &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	assert_string_equal(err.text, "the reply is larger than 4 octets");
	buf_fini(&b);
}

static void a_failure_is_remembered_until_cleared(void **state)
{
	struct buf b = BUF_INIT(4);
	assert_int_equal(buf_add_str(&b, "12345"), -1);
	assert_int_equal(buf_add_str(&b, "1"), -1);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	assert_int_equal(buf_add_str(&b, "1"), 0);
	assert_int_equal(buf_addf(&b, "%s", "2345"), -1);
	assert_string_equal(buf_str(&b), "1");
	buf_fini(&b);
}

static void growing_in_small_steps_keeps_the_content(void **state)
{
	struct buf b = BUF_INIT(100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(buf_add_char(&b, (char)('a' + i % 26)), 0);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	assert_int_equal(buf_add_char(&b, 'x'), -1);
	buf_fini(&b);
}

static void long_formats_are_added_whole(void **state)
{
	char text[3000];
	struct buf b = BUF_INIT(5000);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(buf_addf(&b, "<%s>", text), 0);
	assert_int_equal(b.len, 3001);
	assert_int_equal(b.p[3000], '>');
	buf_wipe(&b);
	assert_null(b.p);
}

static void dropping_moves_the_rest_to_the_front(void **state)
{
	struct buf b = BUF_INIT(10);
	buf_add_str(&b, "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(buf_str(&b), "cdef");
	buf_drop(&b, 99);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_span(&b).len, 0);
	buf_fini(&b);
	buf_drop(&b, 1);
}

static void taking_leaves_the_buffer_as_new(void **state)
{
	struct buf b = BUF_INIT(10);
	buf_add_str(&b, "abc");
	char *taken = buf_take(&b);
	assert_string_equal(taken, "abc");
	assert_null(b.p);
	free(taken);
	taken = buf_take(&b);
	assert_string_equal(taken, "");
	free(taken);
	buf_init(&b, 3);
	assert_int_equal(b.max, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions_append_and_keep_a_nul_behind),
		cmocka_unit_test(exactly_the_maximum_fits),
		cmocka_unit_test(a_failure_is_remembered_until_cleared),
		cmocka_unit_test(growing_in_small_steps_keeps_the_content),
		cmocka_unit_test(long_formats_are_added_whole),
		cmocka_unit_test(dropping_moves_the_rest_to_the_front),
		cmocka_unit_test(taking_leaves_the_buffer_as_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
