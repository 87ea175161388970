/* Text that people see: UTF-8 checking, escaping of hostile octets, nearest names. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Length in octets (1 to 4) of the UTF-8 sequence at the start of s, or 0 when it is not valid (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF) or s is empty. *ret_code, if not NULL, receives the code point. */
size_t utf8_next(struct span s, uint32_t *ret_code);
bool utf8_valid(struct span s);

/* Adds s so that it is valid UTF-8 without anything that acts on a terminal: control characters (C0 but no exception
 * for tab or newline, DEL, C1), bidirectional overrides, line and paragraph separators and invalid octets appear as
 * \xNN or \u{NNNN}. Returns as buf_add. */
int text_add_escaped(struct buf *b, struct span s);

/* The same into a fixed array, cut at a whole character; always NUL-terminated. Returns out. */
const char *text_escape(char *out, size_t size, struct span s);

/* Columns that the (valid, escaped) text takes on a terminal: East Asian wide characters count two, combining ones
 * none. */
size_t text_columns(struct span s);

/* The entry of names[count] that is nearest to `word` by edit distance (ASCII case folded), or NULL when none is near
 * enough to be a slip of the pen. */
const char *text_nearest(struct span word, const char *const *names, size_t count);

/* Writes 2*len lower-case hexadecimal digits and a NUL. */
void hex_encode(const unsigned char *octets, size_t len, char *out);

#endif
