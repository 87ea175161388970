/* The log of what the program does, for people: lines with a time on standard error. Only harness/cmd and the
 * rooms of a run, from harness/connect on, write to it; libraries return errors. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "harness/base/compiler.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

enum log_level {
	LOG_LEVEL_QUIET,       /* warnings and errors only */
	LOG_LEVEL_EVENTS,      /* -v: what happens, one line each */
	LOG_LEVEL_TRANSCRIPTS, /* -vv: also protocol dialogues, redacted by who captured them */
};

struct log;

/* Writes lines up to `level` to the descriptor, which is borrowed. Errors: memory. */
int log_new(int fd, enum log_level level, struct log **ret, struct error *err);
void log_free(struct log *log); /* NULL is allowed */

/* Whether lines of this level are written; NULL gives false. For work that is only done to be logged. */
bool log_wants(const struct log *log, enum log_level level);

/* One line each: `2026-11-23T09:30:00.123Z TEXT`. Control characters are escaped, a line end among them too; the line
 * is cut at 4,000 octets. NULL logs nothing. Never fails: what cannot be written is lost. Any thread. */
void log_problem(struct log *log, const char *fmt, ...) ATTR_PRINTF(2, 3); /* at every level, marked `warning: ` */
void log_event(struct log *log, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* A piece of a dialogue of `who` (`imap ana@alpha.test`), `direction` '>' sent, '<' received, '*' a remark: one line
 * for each of its lines. */
void log_transcript(struct log *log, const char *who, char direction, struct span octets);

#endif
