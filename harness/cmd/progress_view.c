/* Progress on the terminal. Every text that comes in is escaped already; must never touch the run. */
#include "harness/cmd/progress_view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/span.h"
#include "harness/base/text.h"

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
	[PROGRESS_GONE] = "gone from",
	[PROGRESS_BOUNCED] = "bounced",
	[PROGRESS_DELAY] = "delay notice",
	[PROGRESS_RETRY] = "connecting again",
	[PROGRESS_TICK] = "",
};

/* Redrawing more often than this only costs time. */
enum { REDRAW_MS = 100 };

static void erase(struct progress_view *view)
{
	for (; view->lines > 0; view->lines--)
		fputs("\x1b[1A\x1b[2K", view->out);
}

static void draw(struct progress_view *view, const struct progress_counts *counts, size_t count)
{
	erase(view);
	fprintf(view->out, "%s\n", view->phase);
	for (size_t i = 0; i < count; i++) {
		const struct progress_counts *c = &counts[i];
		size_t columns = text_columns(span_of(c->provider));
		fprintf(view->out,
			"  %s%*s %3zu of %zu sent, %zu delivered: %zu inbox, %zu spam; %zu refused, %zu waiting, %zu "
			"not tested\n",
			c->provider, (int)(columns < 16 ? 16 - columns : 0), "", c->sent, c->probes, c->delivered,
			c->inbox, c->spam, c->refused, c->waiting, c->not_tested);
	}
	view->lines = count + 1;
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
