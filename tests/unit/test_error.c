/* Errors by value. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/base/error.h"

static void setting_fills_every_field(void **state)
{
	struct error err = ERROR_INIT;
	assert_int_equal(error_set(&err, ERROR_REFUSED, RETRY_LATER, 451, "server says %s", "later"), -1);
	assert_int_equal(err.kind, ERROR_REFUSED);
	assert_int_equal(err.retry, RETRY_LATER);
	assert_int_equal(err.code, 451);
	assert_string_equal(err.text, "server says later");
}

static void texts_of_servers_are_escaped(void **state)
{
	struct error err = ERROR_INIT;
	error_set(&err, ERROR_PROTOCOL, RETRY_NEVER, 0, "got \"%s\"", "\x1b[2J\r\n\xff");
	assert_string_equal(err.text, "got \"\\x1b[2J\\x0d\\x0a\\xff\"");
}

static void errno_is_put_into_words(void **state)
{
	struct error err = ERROR_INIT;
	assert_int_equal(error_errno(&err, ERROR_ENVIRONMENT, RETRY_NEVER, ENOENT, "cannot open %s", "x"), -1);
	assert_string_equal(err.text, "cannot open x: No such file or directory");
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(error_memory(&err), -1);
	assert_int_equal(err.kind, ERROR_ENVIRONMENT);
	assert_string_equal(err.text, "out of memory");
}

static void context_is_put_in_front(void **state)
{
	struct error err = ERROR_INIT;
	assert_int_equal(error_prefix(&err, "nothing"), -1);
	assert_string_equal(err.text, "");
	error_set(&err, ERROR_AUTH, RETRY_NEVER, 0, "refused");
	assert_int_equal(error_prefix(&err, "login"), -1);
	assert_int_equal(error_prefix(&err, "seed %s", "ana@example"), -1);
	assert_string_equal(err.text, "seed ana@example: login: refused");
	assert_int_equal(err.kind, ERROR_AUTH);
}

static void long_texts_are_cut_at_the_cap(void **state)
{
	char text[2 * ERROR_TEXT_MAX];
	struct error err = ERROR_INIT;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&err, ERROR_BUG, RETRY_NEVER, 0, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_errno(&err, ERROR_BUG, RETRY_NEVER, EIO, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	error_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	for (int a = ERROR_NONE; a <= ERROR_BUG; a++)
		for (int b = ERROR_NONE; b < a; b++)
			assert_string_not_equal(error_kind_name((enum error_kind)a),
						error_kind_name((enum error_kind)b));
	assert_string_equal(error_kind_name((enum error_kind)1000), "bug");
}

static void cleanup_functions_leave_nothing_behind(void **state)
{
	char *p = strdup("x");
	int fd = open("/dev/null", O_RDONLY), closed;
	free_p(&p);
	assert_null(p);
	closed = fd;
	errno = EAGAIN;
	close_p(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(closed, F_GETFD), -1);
	errno = EAGAIN;
	close_p(&fd);
	assert_int_equal(errno, EAGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_fills_every_field),
		cmocka_unit_test(texts_of_servers_are_escaped),
		cmocka_unit_test(errno_is_put_into_words),
		cmocka_unit_test(context_is_put_in_front),
		cmocka_unit_test(long_texts_are_cut_at_the_cap),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
		cmocka_unit_test(cleanup_functions_leave_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
