/* Shows the progress of a run: redrawn in place on a terminal, one line an event where it is not one. */
#ifndef CMD_PROGRESS_VIEW_H
#define CMD_PROGRESS_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/ledger/progress.h"

enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_NONE };

struct progress_view;

/* auto: a line per provider, redrawn in place, where `out` is a terminal that can do it (TERM is set and not "dumb"),
 * and else plain. Returns NULL when out of memory. */
struct progress_view *progress_view_new(enum progress_mode mode, FILE *out);

/* What to hand to the run; valid while the view lives. */
struct progress progress_view_sink(struct progress_view *view);

/* Leaves the terminal as after an ordinary line, and frees. NULL is allowed. */
void progress_view_free(struct progress_view *view);

#endif
