/* Heading and colours of the text reports. */
#include "harness/report/style.h"

#include <inttypes.h>

#include "harness/base/clock.h"
#include "harness/base/text.h"

void style_add_run(struct buf *out, const struct run_summary *run)
{
	char time[TIME_TEXT_MAX];
	buf_addf(out, "Run %" PRId64, run->id);
	if (run->label && *run->label) {
		buf_add_str(out, " \"");
		text_add_escaped(out, span_of(run->label));
		buf_add_char(out, '"');
	}
	buf_addf(out, ", %s, %s\n", time_rfc3339(run->created_ms, time), run->finished ? "finished" : "not finished");
	if (run->clock_set_ms)
		buf_addf(
		    out,
		    "This machine's clock was set by %s while the run worked: times across that are less certain.\n",
		    duration_words(run->clock_set_ms, time));
	if (run->slept_ms)
		buf_addf(out, "This machine slept for %s while the run worked: nothing was read meanwhile.\n",
			 duration_words(run->slept_ms, time));
}

void style_add_verdict(struct buf *out, bool colour, enum verdict verdict, const char *text)
{
	static const char *const sgr[VERDICT_COUNT] = {
		[VERDICT_PASS] = "\x1b[32m",
		[VERDICT_WARN] = "\x1b[33m",
		[VERDICT_UNKNOWN] = "\x1b[35m",
		[VERDICT_FAIL] = "\x1b[1;31m",
	};
	if (colour)
		buf_add_str(out, sgr[verdict]);
	buf_add_str(out, text);
	if (colour)
		buf_add_str(out, "\x1b[0m");
}

void style_add(struct buf *out, const char *before, const char *text, const char *after)
{
	if (!text || !*text)
		return;
	buf_add_str(out, before);
	text_add_escaped(out, span_of(text));
	buf_add_str(out, after);
}

void style_add_time(struct buf *out, int64_t ms)
{
	char time[TIME_TEXT_MAX];
	buf_add_str(out, ms ? time_rfc3339(ms, time) : "time not known");
}

void style_add_heading(struct buf *out, const char *heading, size_t count, const char *none)
{
	buf_addf(out, "\n%s\n", heading);
	if (count == 0)
		buf_addf(out, "  %s\n", none);
}
