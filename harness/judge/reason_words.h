/* What the sentences of reason.c and reason_reply.c are made with. For those alone. */
#ifndef JUDGE_REASON_WORDS_H
#define JUDGE_REASON_WORDS_H

#include <stdbool.h>

#include "harness/base/buf.h"

/* Adds a text of a stranger: runs of blanks and line ends made one space, the rest escaped, cut where it is long. */
void reason_add_foreign(struct buf *b, const char *text);

/* Whether it is there and says something. */
bool reason_has(const char *text);

/* Ends the sentence, unless what it quoted last has done so. */
void reason_add_stop(struct buf *b);

#endif
