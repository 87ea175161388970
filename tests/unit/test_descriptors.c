/* Descriptors that are left. Each row has a process of its own, since a hard limit cannot be raised again. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/descriptors.h"

enum { TAKEN = 20 };

/* Opens up to TAKEN descriptors, with these limits, and asks for so many more: 0 where they are to be had, 1 where not.
 */
static int descriptors_reserved(rlim_t soft, rlim_t hard, size_t count)
{
	struct error err = ERROR_INIT;
	const struct rlimit limit = { soft, hard };
	closefrom(STDERR_FILENO + 1);
	while (open("/dev/null", O_RDONLY) + 1 < TAKEN)
		;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 2;
	if (descriptors_reserve(count, &err) == 0) {
		for (size_t i = 0; i < count; i++)
			if (open("/dev/null", O_RDONLY) < 0)
				return 3;
		return 0;
	}
	return err.kind == ERROR_ENVIRONMENT && err.code == EMFILE && strstr(err.text, "descriptors") ? 1 : 4;
}

static void what_is_left_is_counted(void **state)
{
	static const struct {
		const char *label;
		rlim_t soft, hard;
		size_t count;
		int result;
	} rows[] = {
		{ "enough", 100, 100, 40, 0 },
		{ "enough, just", 60, 60, 40, 0 },
		{ "one is lacking", 59, 59, 40, 1 },
		{ "the soft limit is raised", 30, 100, 40, 0 },
		{ "none is left", 20, 20, 1, 1 },
		{ "none is left, and none is wanted", 20, 20, 0, 0 },
		{ "none is left, but the soft limit can be raised", 20, 60, 40, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status = -1;
		pid_t child = fork();
		if (child == 0)
			_exit(descriptors_reserved(rows[i].soft, rows[i].hard, rows[i].count));
		assert_int_equal(waitpid(child, &status, 0), child);
		ROW_ASSERT(rows[i].label, WIFEXITED(status) && WEXITSTATUS(status) == rows[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_left_is_counted) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
