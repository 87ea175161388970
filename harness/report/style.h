/* What the text reports share: the heading of a run, the colours of verdicts. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/model/facts.h"
#include "harness/model/words.h"

/* Adds `Run 3 "label", 2026-11-23T09:30:00.123Z, finished` and a line feed. */
void style_add_run(struct buf *out, const struct run_summary *run);

/* Adds the text, which is escaped already, in the colour of the verdict where `colour` is true. */
void style_add_verdict(struct buf *out, bool colour, enum verdict verdict, const char *text);

/* Adds `before`, the escaped text and `after`; nothing where the text is NULL or empty. */
void style_add(struct buf *out, const char *before, const char *text, const char *after);

/* Adds the time, or that it is not known (0). */
void style_add_time(struct buf *out, int64_t ms);

/* Adds a line feed and a heading, with what is said where there is nothing under it. */
void style_add_heading(struct buf *out, const char *heading, size_t count, const char *none);

#endif
