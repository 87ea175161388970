/* The progress display: what is drawn over again, and what a line an event says. */
#define _XOPEN_SOURCE 700
#include "harness/cmd/progress_view.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "harness/base/clock.h"

enum { PROVIDERS_MAX = 12, WRITTEN_MAX = 65536 };

/* A terminal of our own: what is written to `out` is read from `master`. */
struct terminal {
	int master;
	FILE *out;
	char written[WRITTEN_MAX];
};

static void open_terminal(struct terminal *t, unsigned short rows, unsigned short columns)
{
	const struct winsize size = { .ws_row = rows, .ws_col = columns };
	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(t->master >= 0 && grantpt(t->master) == 0 && unlockpt(t->master) == 0);
	int slave = open(ptsname(t->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	t->out = fdopen(slave, "w");
	assert_non_null(t->out);
	assert_int_equal(fcntl(t->master, F_SETFL, O_NONBLOCK), 0);
}

/* What was written since the last time. */
static const char *written(struct terminal *t)
{
	size_t len = 0;
	for (ssize_t n; (n = read(t->master, t->written + len, WRITTEN_MAX - 1 - len)) > 0;)
		len += (size_t)n;
	t->written[len] = '\0';
	return t->written;
}

static void close_terminal(struct terminal *t)
{
	fclose(t->out);
	close(t->master);
}

static size_t times(const char *text, const char *what)
{
	size_t count = 0;
	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		count++;
	return count;
}

static void tell(struct progress_view *view, enum progress_kind kind, const char *text, size_t providers)
{
	static const char *const names[PROVIDERS_MAX] = { "alpha", "bravo", "charlie", "delta",  "echo", "foxtrot",
							  "golf",  "hotel", "india",   "juliet", "kilo", "lima" };
	struct progress_counts counts[PROVIDERS_MAX] = { 0 };
	const struct progress progress = progress_view_sink(view);
	for (size_t i = 0; i < providers; i++)
		counts[i] = (struct progress_counts){ names[i], 14, 13, 12, 11, 1, 2, 3, 4 };
	const struct progress_event event = { kind, "alpha", "ana@alpha.test", "welcome", text };
	progress.event(progress.user, &event, counts, providers);
}

static void display_draws_over_what_it_drew(void **state)
{
	static const struct {
		const char *label;
		unsigned short rows;
		size_t providers, lines, shown; /* drawn in all; of providers */
		bool more;
	} rows[] = {
		{ "one provider", 24, 1, 3, 1, false },
		{ "as many as there is room for", 8, 5, 7, 5, false },
		{ "more than there is room for", 8, 6, 7, 4, true },
		{ "hardly a terminal", 3, 6, 1, 0, false },
		{ "rows not known", 0, 12, 14, 12, false },
	};
	setenv("TERM", "xterm", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct terminal t;
		open_terminal(&t, rows[i].rows, 80);
		struct progress_view *view = progress_view_new(PROGRESS_AUTO, t.out);
		tell(view, PROGRESS_PHASE, "sending and watching", rows[i].providers);
		const char *first = written(&t);
		ROW_ASSERT(rows[i].label, times(first, "\n") == rows[i].lines);
		ROW_ASSERT(rows[i].label, times(first, "14") == rows[i].shown);
		ROW_ASSERT(rows[i].label, (strstr(first, " more\r\n") != NULL) == rows[i].more);
		ROW_ASSERT(rows[i].label, times(first, "\x1b[1A") == 0);
		ROW_ASSERT(rows[i].label, times(first, "\x1b[?7l") == 1 && times(first, "\x1b[?7h") == 1);
		for (const char *p = strchr(first, '\n'), *next; p && (next = strchr(p + 1, '\n')); p = next)
			ROW_ASSERT(rows[i].label, next - p - 2 <= 80);
		tell(view, PROGRESS_PHASE, "looking again", rows[i].providers);
		ROW_ASSERT(rows[i].label, times(written(&t), "\x1b[1A\x1b[2K") == rows[i].lines);
		/* A problem stays above the display, which is drawn anew below it. */
		tell(view, PROGRESS_PROBLEM, "no way in", rows[i].providers);
		const char *problem = written(&t);
		ROW_ASSERT(rows[i].label, times(problem, "\x1b[1A\x1b[2K") == rows[i].lines);
		ROW_ASSERT(rows[i].label, times(problem, "\n") == rows[i].lines + 1);
		ROW_ASSERT(rows[i].label, strstr(problem, "alpha ana@alpha.test welcome: not tested no way in\r\n"));
		progress_view_free(view);
		ROW_ASSERT(rows[i].label, times(written(&t), "\x1b[1A\x1b[2K") == rows[i].lines);
		close_terminal(&t);
	}
}

static void nothing_is_drawn_where_it_cannot_be(void **state)
{
	static const struct {
		const char *label, *term;
		enum progress_mode mode;
		size_t lines;
	} rows[] = {
		{ "dumb terminal", "dumb", PROGRESS_AUTO, 2 },
		{ "plain on a terminal", "xterm", PROGRESS_PLAIN, 2 },
		{ "none", "xterm", PROGRESS_NONE, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct terminal t;
		setenv("TERM", rows[i].term, 1);
		open_terminal(&t, 24, 80);
		struct progress_view *view = progress_view_new(rows[i].mode, t.out);
		tell(view, PROGRESS_PHASE, "composing", 1);
		tell(view, PROGRESS_SENT, "Ok: queued", 1);
		tell(view, PROGRESS_TICK, "", 1);
		progress_view_free(view);
		const char *text = written(&t);
		ROW_ASSERT(rows[i].label, times(text, "\n") == rows[i].lines);
		ROW_ASSERT(rows[i].label, !strchr(text, '\x1b'));
		if (rows[i].lines)
			ROW_ASSERT(rows[i].label, strstr(text, "Z alpha ana@alpha.test welcome: sent Ok: queued\r\n"));
		close_terminal(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(display_draws_over_what_it_drew),
		cmocka_unit_test(nothing_is_drawn_where_it_cannot_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
