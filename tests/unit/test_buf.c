/* Capped buffers. */
#include "tests/unit/unit.h"

#include "harness/base/buf.h"

/* The linker puts this in the place of malloc (--wrap). */
void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);

static bool memory_is_short;

void *__wrap_malloc(size_t size)
{
	return memory_is_short ? NULL : __real_malloc(size);
}

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

static void the_error_says_why_an_addition_failed(void **state)
{
	static const struct {
		const char *label;
		size_t max, first, second; /* octets */
		bool first_short, second_short;
		enum buf_failure failed;
		const char *text;
	} rows[] = {
		{ "all fits", 10, 4, 4, false, false, BUF_GOOD, "" },
		{ "larger than the maximum", 10, 4, 7, false, false, BUF_FULL, "it is larger than 10 octets" },
		{ "no memory at first", 1000, 4, 4, true, true, BUF_NO_MEMORY, "out of memory" },
		{ "no memory to grow", 1000, 4, 500, false, true, BUF_NO_MEMORY, "out of memory" },
		{ "too large while memory is short", 10, 4, 7, false, true, BUF_FULL, "it is larger than 10 octets" },
		{ "too large, and memory is short later", 10, 11, 4, false, true, BUF_FULL,
		  "it is larger than 10 octets" },
		{ "memory is short, and too large later", 10, 4, 11, true, false, BUF_NO_MEMORY, "out of memory" },
		{ "room that is there needs no memory", 1000, 4, 4, false, true, BUF_GOOD, "" },
	};
	char octets[1000] = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF_INIT(rows[i].max);
		struct error err = ERROR_INIT;
		bool good = rows[i].failed == BUF_GOOD, memory = rows[i].failed == BUF_NO_MEMORY;
		memory_is_short = rows[i].first_short;
		buf_add(&b, octets, rows[i].first);
		memory_is_short = rows[i].second_short;
		ROW_ASSERT(rows[i].label, buf_add(&b, octets, rows[i].second) == (good ? 0 : -1));
		memory_is_short = false;
		ROW_ASSERT(rows[i].label, b.failed == rows[i].failed);
		ROW_ASSERT(rows[i].label, buf_result(&b) == (good ? 0 : -1));
		ROW_ASSERT(rows[i].label, buf_check_memory(&b, &err) == (memory ? -1 : 0));
		err = (struct error)ERROR_INIT;
		ROW_ASSERT(rows[i].label, buf_check(&b, "it", &err) == (good ? 0 : -1));
		ROW_ASSERT(rows[i].label, err.kind == (good ? ERROR_NONE : memory ? ERROR_ENVIRONMENT : ERROR_LIMIT));
		ROW_ASSERT_STRING(rows[i].label, err.text, rows[i].text);
		buf_fini(&b);
	}
}

static void a_format_fails_as_octets_do(void **state)
{
	struct buf b = BUF_INIT(100);
	memory_is_short = true;
	assert_int_equal(buf_addf(&b, "%s", "x"), -1);
	memory_is_short = false;
	assert_int_equal(b.failed, BUF_NO_MEMORY);
	buf_clear(&b);
	assert_int_equal(buf_addf(&b, "%101d", 1), -1);
	assert_int_equal(b.failed, BUF_FULL);
	buf_fini(&b);
}

static void a_buffer_passes_its_failure_on(void **state)
{
	struct buf part = BUF_INIT(4), whole = BUF_INIT(6);
	buf_add_str(&part, "1234");
	assert_int_equal(buf_add_buf(&whole, &part), 0);
	assert_string_equal(buf_str(&whole), "1234");
	buf_add_char(&part, '5');
	assert_int_equal(buf_add_buf(&whole, &part), -1); /* not a part of it, which would fit */
	assert_string_equal(buf_str(&whole), "1234");
	assert_int_equal(whole.failed, BUF_FULL);
	part.failed = BUF_NO_MEMORY;
	assert_int_equal(buf_add_buf(&whole, &part), -1);
	assert_int_equal(whole.failed, BUF_FULL); /* the first reason stays */
	buf_clear(&whole);
	buf_add_buf(&whole, &part);
	assert_int_equal(whole.failed, BUF_NO_MEMORY);
	buf_fini(&part);
	buf_fini(&whole);
}

static void a_failed_buffer_hands_nothing_out(void **state)
{
	static const struct {
		const char *label;
		size_t max;
		const char *first, *second;
		bool is_short; /* for the second, and for the taking */
		const char *taken;
	} rows[] = {
		{ "full", 4, "123", "45", false, NULL },
		{ "full at once", 4, "12345", "", false, NULL },
		{ "no memory to grow", 1000, "a",
		  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", true, NULL },
		{ "no memory for the empty string", 4, "", "", true, NULL },
		{ "exactly full", 4, "123", "4", false, "1234" },
		{ "no memory is needed", 4, "123", "4", true, "1234" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF_INIT(rows[i].max);
		memory_is_short = rows[i].is_short && !*rows[i].first;
		buf_add_str(&b, rows[i].first);
		memory_is_short = rows[i].is_short;
		if (*rows[i].second)
			buf_add_str(&b, rows[i].second);
		char *taken = buf_take(&b);
		memory_is_short = false;
		ROW_ASSERT_STRING(rows[i].label, taken ? taken : "(null)", rows[i].taken ? rows[i].taken : "(null)");
		ROW_ASSERT(rows[i].label, !b.p && !b.len && !b.failed && b.max == rows[i].max);
		free(taken);
	}
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
		cmocka_unit_test(the_error_says_why_an_addition_failed),
		cmocka_unit_test(a_format_fails_as_octets_do),
		cmocka_unit_test(a_buffer_passes_its_failure_on),
		cmocka_unit_test(a_failed_buffer_hands_nothing_out),
		cmocka_unit_test(growing_in_small_steps_keeps_the_content),
		cmocka_unit_test(long_formats_are_added_whole),
		cmocka_unit_test(dropping_moves_the_rest_to_the_front),
		cmocka_unit_test(taking_leaves_the_buffer_as_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
