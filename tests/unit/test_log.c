/* The log. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "harness/base/log.h"

/* What a log wrote, each line without its time, joined by '|'. */
static const char *written(int fd, char *out, size_t size)
{
	ssize_t n = read(fd, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	size_t to = 0;
	for (char *line = out, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		char *text = strchr(line, ' ');
		assert_non_null(text);
		assert_int_equal(text - line, strlen("2026-11-23T09:30:00.123Z"));
		size_t len = strlen(text + 1);
		memmove(out + to, text + 1, len);
		out[to + len] = '|';
		to += len + 1;
	}
	out[to] = '\0';
	return out;
}

static void each_level_adds_to_the_one_before(void **state)
{
	static const struct {
		enum log_level level;
		const char *lines;
	} rows[] = {
		{ LOG_LEVEL_QUIET, "warning: p 1|" },
		{ LOG_LEVEL_EVENTS, "warning: p 1|e 2|" },
		{ LOG_LEVEL_TRANSCRIPTS, "warning: p 1|e 2|imap x > a1 NOOP|imap x > a2 IDLE|" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int ends[2];
		char out[4096];
		struct error err = ERROR_INIT;
		struct log *log;
		assert_int_equal(pipe(ends), 0);
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		assert_int_equal(log_new(ends[1], rows[i].level, &log, &err), 0);
		log_problem(log, "p %d", 1);
		log_event(log, "e %d", 2);
		log_transcript(log, "imap x", '>', SPAN_LIT("a1 NOOP\r\na2 IDLE\r\n"));
		ROW_ASSERT_STRING(rows[i].lines, written(ends[0], out, sizeof(out)), rows[i].lines);
		assert_int_equal(log_wants(log, LOG_LEVEL_TRANSCRIPTS), rows[i].level == LOG_LEVEL_TRANSCRIPTS);
		log_free(log);
		close(ends[0]);
		close(ends[1]);
	}
}

static void hostile_octets_stay_on_one_line(void **state)
{
	int ends[2];
	char out[8192], longer[6000];
	struct error err = ERROR_INIT;
	struct log *log;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(log_new(ends[1], LOG_LEVEL_TRANSCRIPTS, &log, &err), 0);
	log_event(log, "a\nb\x1b[0m");
	log_transcript(log, "x", '<', SPAN_LIT("a\0b\x07"));
	assert_string_equal(written(ends[0], out, sizeof(out)), "a\\x0ab\\x1b[0m|x < a\\x00b\\x07|");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	log_event(log, "%s", longer);
	assert_int_equal(strlen(written(ends[0], out, sizeof(out))), 4000);
	log_free(log);
	close(ends[0]);
	close(ends[1]);
}

static void nothing_happens_without_a_log(void **state)
{
	log_event(NULL, "x");
	log_problem(NULL, "x");
	log_transcript(NULL, "x", '>', SPAN_LIT("x"));
	assert_false(log_wants(NULL, LOG_LEVEL_QUIET));
	log_free(NULL);
}

static void *write_many(void *log)
{
	for (int i = 0; i < 200; i++)
		log_event(log, "abcdefghijklmnopqrstuvwxyz");
	return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
	FILE *file = tmpfile();
	struct error err = ERROR_INIT;
	struct log *log;
	pthread_t threads[4];
	char line[256];
	int lines = 0;
	assert_int_equal(log_new(fileno(file), LOG_LEVEL_EVENTS, &log, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, log), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	rewind(file);
	for (; fgets(line, sizeof(line), file); lines++)
		assert_string_equal(strchr(line, ' '), " abcdefghijklmnopqrstuvwxyz\n");
	assert_int_equal(lines, 800);
	log_free(log);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_level_adds_to_the_one_before),
		cmocka_unit_test(hostile_octets_stay_on_one_line),
		cmocka_unit_test(nothing_happens_without_a_log),
		cmocka_unit_test(lines_of_threads_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
