/* Commands under a deadline. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "harness/base/process.h"

static int run(const char *command, int64_t ms, struct buf *out, struct error *err)
{
	int status = -1;
	buf_init(out, 1000);
	const struct process_command process = { command, NULL, deadline_in(ms), -1 };
	return process_run(&process, out, &status, err) < 0 ? -1 : status;
}

static void output_and_status_are_reported(void **state)
{
	static const struct {
		const char *command, *output;
		int status;
	} rows[] = {
		{ "echo one; echo two", "one\ntwo\n", 0 },
		{ "printf x; exit 3", "x", 3 },
		{ "true", "", 0 },
		{ "no-such-command-here 2>/dev/null", "", 127 },
		{ "kill -TERM $$", "", 128 + SIGTERM },
		{ "cat", "", 0 }, /* standard input is at its end */
		{ "exec >&-; sleep 0.05; exit 4", "", 4 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out;
		struct error err = ERROR_INIT;
		int status = run(rows[i].command, 20000, &out, &err);
		ROW_ASSERT(rows[i].command, status == rows[i].status);
		ROW_ASSERT_STRING(rows[i].command, buf_str(&out), rows[i].output);
		buf_fini(&out);
	}
}

static void at_the_deadline_the_whole_group_is_killed(void **state)
{
	struct buf out;
	struct error err = ERROR_INIT;
	int64_t start = clock_mono_ms();
	/* Both the shell and its child say who they are, then hang. */
	assert_int_equal(run("sleep 600 & echo $!; echo $$; wait", 500, &out, &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_true(clock_mono_ms() - start < 20000);
	struct span rest = buf_span(&out), line;
	for (int i = 0; i < 2; i++) {
		uint64_t pid = 0;
		assert_true(span_next(&rest, '\n', &line) && span_to_u64(line, INT32_MAX, &pid) && pid > 1);
		/* The orphan may wait for its new parent to reap it: it must be dead or about to be. */
		bool gone = false;
		for (struct deadline d = deadline_in(20000); !gone && !deadline_passed(d); usleep(1000)) {
			char path[64], stat[256] = "";
			snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
			int fd = open(path, O_RDONLY);
			gone = fd < 0 || read(fd, stat, sizeof(stat) - 1) <= 0 || strstr(stat, ") Z ") != NULL;
			if (fd >= 0)
				close(fd);
		}
		assert_true(gone);
	}
	buf_fini(&out);
}

static void a_cancelled_command_ends_at_once(void **state)
{
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT(1000);
	int ends[2], status = -1;
	int64_t start = clock_mono_ms();
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	const struct process_command process = { "sleep 600", NULL, deadline_in(30000), ends[0] };
	assert_int_equal(process_run(&process, &out, &status, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	assert_true(clock_mono_ms() - start < 20000);
	char octet;
	assert_int_equal(read(ends[0], &octet, 1), 1); /* it was not read from */
	close(ends[0]);
	close(ends[1]);
	buf_fini(&out);
}

static void too_much_output_ends_the_command(void **state)
{
	struct buf out;
	struct error err = ERROR_INIT;
	assert_int_equal(run("yes", 20000, &out, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	assert_int_equal(out.len <= 1000, 1);
	buf_fini(&out);
}

static void a_background_process_is_not_waited_for(void **state)
{
	struct buf out;
	struct error err = ERROR_INIT;
	int64_t start = clock_mono_ms();
	assert_int_equal(run("sleep 30 & echo $!", 25000, &out, &err), 0);
	assert_true(clock_mono_ms() - start < 20000);
	uint64_t pid = 0;
	assert_true(span_to_u64(span_trim(buf_span(&out)), INT32_MAX, &pid));
	kill((pid_t)pid, SIGKILL);
	buf_fini(&out);
}

static void nothing_of_ours_is_inherited(void **state)
{
	struct buf out;
	struct error err = ERROR_INIT;
	sigset_t blocked;
	int fd = open("/dev/null", O_RDONLY); /* without close-on-exec, as a careless library would */
	assert_true(fd > STDERR_FILENO);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);
	char command[128];
	snprintf(command, sizeof(command), "test ! -e /proc/self/fd/%d && kill -TERM $$; echo survived", fd);
	assert_int_equal(run(command, 20000, &out, &err), 128 + SIGTERM);
	assert_string_equal(buf_str(&out), "");
	buf_fini(&out);
	assert_int_equal(run("kill -PIPE $$", 20000, &out, &err), 128 + SIGPIPE);
	buf_fini(&out);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_are_reported),
		cmocka_unit_test(at_the_deadline_the_whole_group_is_killed),
		cmocka_unit_test(a_cancelled_command_ends_at_once),
		cmocka_unit_test(too_much_output_ends_the_command),
		cmocka_unit_test(a_background_process_is_not_waited_for),
		cmocka_unit_test(nothing_of_ours_is_inherited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
