/* The transparent form of contents. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/net/smtp_content.h"

static const struct {
	const char *label, *message, *wire;
} contents[] = {
	{ "nothing", "", "" },
	{ "plain", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "no end", "a", "a\r\n" },
	{ "dots", ".\r\n..\r\na.b\r\n.c", "..\r\n...\r\na.b\r\n..c\r\n" },
	{ "end of data within", "a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n" },
	{ "lone line feed", "a\n.\nb\r\n", "a\n..\nb\r\n" },
	{ "ends in CR", "a\r", "a\r\r\n" },
};

static void dots_are_doubled_however_the_content_is_cut(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		for (size_t want = 1; want <= 20; want++) {
			struct buf out = BUF_INIT(1000);
			size_t pos = 0;
			while (smtp_content_next(span_of(contents[i].message), &pos, want, &out))
				;
			ROW_ASSERT_STRING(contents[i].label, buf_str(&out), contents[i].wire);
			buf_fini(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dots_are_doubled_however_the_content_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
