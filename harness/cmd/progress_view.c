/* Progress on the terminal. Every text that comes in is escaped already; must never touch the run. */
#include "harness/cmd/progress_view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/span.h"
#include "harness/base/utf8.h"

struct progress_view {
	FILE *out;
	bool silent, in_place;
	size_t lines; /* drawn and to be drawn over */
	int64_t drawn_ms;
	char phase[256];
};

static const char *const kind_words[] = {
	[PROGRESS_PHASE] = "",
	[PROGRESS_READY] = "ready",
	[PROGRESS_PROBLEM] = "not tested",
	[PROGRESS_SENT] = "sent",
	[PROGRESS_DEFERRED] = "deferred",
	[PROGRESS_REJECTED] = "rejected",
	[PROGRESS_IN_DOUBT] = "no reply",
	[PROGRESS_FOUND] = "found in",
	[PROGRESS_MOVED] = "moved to",
	[PROGRESS_COPIED] = "also in",
	[PROGRESS_GONE] = "gone from",
	[PROGRESS_BOUNCED] = "bounced",
	[PROGRESS_DELAY] = "delay notice",
	[PROGRESS_RETURNED] = "came back:",
	[PROGRESS_RETRY] = "connecting again",
	[PROGRESS_TICK] = "",
};

/* Redrawing more often than this only costs time. */
enum { REDRAW_MS = 100, USUAL_ROWS = 24, NAME_COLUMNS = 16 };

static void erase(struct progress_view *view)
{
	for (; view->lines > 0; view->lines--)
		fputs("\x1b[1A\x1b[2K", view->out);
}

/* How many lines can be drawn over again: what has left the screen at its top cannot. */
static size_t room(const struct progress_view *view)
{
	struct winsize size;
	bool known = ioctl(fileno(view->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
	size_t rows = known ? size.ws_row : USUAL_ROWS;
	return rows > 1 ? rows - 1 : 1;
}

static void draw_provider(struct progress_view *view, const struct progress_counts *c)
{
	size_t columns = utf8_columns(span_of(c->provider));
	fprintf(view->out, "  %s%*s %4zu/%-4zu %9zu %5zu %5zu %7zu %7zu %10zu\n", c->provider,
		(int)(columns < NAME_COLUMNS ? NAME_COLUMNS - columns : 0), "", c->sent, c->probes, c->delivered,
		c->inbox, c->spam, c->refused, c->waiting, c->not_tested);
}

/* Fits 80 columns; on a narrower terminal lines are cut, not wrapped, so that each stays one. */
static void draw(struct progress_view *view, const struct progress_counts *counts, size_t count)
{
	size_t most = room(view), shown = count + 2 <= most ? count : most > 3 ? most - 3 : 0;
	erase(view);
	fprintf(view->out, "\x1b[?7l%s\n", view->phase);
	view->lines = 1;
	if (shown > 0) {
		fprintf(view->out, "  %-*s %4s/%-4s %9s %5s %5s %7s %7s %10s\n", NAME_COLUMNS, "", "sent", "of",
			"delivered", "inbox", "spam", "refused", "waiting", "not tested");
		for (size_t i = 0; i < shown; i++)
			draw_provider(view, &counts[i]);
		view->lines += 1 + shown;
	}
	if (shown > 0 && shown < count) {
		fprintf(view->out, "  and %zu more\n", count - shown);
		view->lines++;
	}
	fputs("\x1b[?7h", view->out);
	view->drawn_ms = clock_mono_ms();
	fflush(view->out);
}

static void print_line(struct progress_view *view, const struct progress_event *e)
{
	char now[TIME_TEXT_MAX];
	fprintf(view->out, "%s ", time_rfc3339(clock_wall_ms(), now));
	if (e->kind == PROGRESS_PHASE)
		fprintf(view->out, "%s\n", e->text);
	else
		fprintf(view->out, "%s%s%s%s%s: %s%s%s\n", e->provider, e->provider[0] ? " " : "",
			e->seed[0] ? e->seed : "bounce mailbox", e->message[0] ? " " : "", e->message,
			kind_words[e->kind], e->text[0] ? " " : "", e->text);
	fflush(view->out);
}

static void on_event(void *user, const struct progress_event *e, const struct progress_counts *counts, size_t count)
{
	struct progress_view *view = user;
	if (view->silent)
		return;
	if (!view->in_place) {
		if (e->kind != PROGRESS_TICK)
			print_line(view, e);
		return;
	}
	if (e->kind == PROGRESS_PHASE)
		span_copy(span_of(e->text), view->phase, sizeof(view->phase));
	if (e->kind == PROGRESS_PROBLEM) {
		erase(view);
		print_line(view, e);
	}
	if (view->lines == 0 || e->kind == PROGRESS_PHASE || clock_mono_ms() - view->drawn_ms >= REDRAW_MS)
		draw(view, counts, count);
}

struct progress_view *progress_view_new(enum progress_mode mode, FILE *out)
{
	struct progress_view *view = calloc(1, sizeof(*view));
	const char *terminal = getenv("TERM");
	if (!view)
		return NULL;
	view->out = out;
	view->silent = mode == PROGRESS_NONE;
	view->in_place = mode == PROGRESS_AUTO && isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;
	return view;
}

struct progress progress_view_sink(struct progress_view *view)
{
	return (struct progress){ on_event, view };
}

void progress_view_free(struct progress_view *view)
{
	if (!view)
		return;
	if (view->in_place)
		erase(view);
	fflush(view->out);
	free(view);
}
