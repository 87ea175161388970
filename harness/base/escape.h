/* Octets of strangers, made fit for a terminal and a log. On spans alone, so that errors can use it. Pure. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

#include "harness/base/span.h"

/* Room for the written form of one character. */
enum { ESCAPE_MAX = 16 };

/* Takes a piece off *rest, which is not empty, and returns its written form: valid UTF-8 without anything that acts on
 * a terminal. A run of printable ASCII is handed out as it stands; any other character alone and in `room`, where
 * control characters (tab and line feed are no exception), bidirectional controls, line and paragraph separators and
 * invalid octets appear as \xNN or \u{NNNN}. */
struct span escape_next(struct span *rest, char room[ESCAPE_MAX]);

/* The whole of s so into out[size], cut at a whole character; always NUL-terminated. Returns out. */
const char *escape_text(char *out, size_t size, struct span s);

#endif
