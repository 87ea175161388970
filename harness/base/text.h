/* Text that people see: escaped additions, copies, nearest names, hexadecimal. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

/* Adds s with everything escaped that acts on a terminal: see escape_next. Returns as buf_add. */
int text_add_escaped(struct buf *b, struct span s);

/* Puts a heap copy of s in the place of *field, which is freed. Errors: memory; *field is NULL then. */
int text_set(char **field, struct span s, struct error *err);

/* The entry of names[count] that is nearest to `word` by edit distance (ASCII case folded), or NULL when none is near
 * enough to be a slip of the pen. */
const char *text_nearest(struct span word, const char *const *names, size_t count);

/* Writes 2*len lower-case hexadecimal digits and a NUL. */
void hex_encode(const unsigned char *octets, size_t len, char *out);

#endif
