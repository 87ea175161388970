/* UTF-8, as far as Unicode's tables are needed: everything is by libunistring, which no other file uses. Pure. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/span.h"

/* Octets of the longest sequence. */
enum { UTF8_MAX = 4 };

/* Length in octets (1 to 4) of the UTF-8 sequence at the start of s, or 0 when it is not valid (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF) or s is empty. *ret_code, if not NULL, receives the code point. */
size_t utf8_next(struct span s, uint32_t *ret_code);
bool utf8_valid(struct span s);

/* Writes the sequence of a code point; returns its length, or 0 for a surrogate or what is above U+10FFFF. */
size_t utf8_write(uint32_t code, char out[UTF8_MAX]);

/* Whether the character is a control: C0, DEL and C1 (Unicode category Cc). */
bool utf8_is_control(uint32_t code);

/* Whether the character can change how the text around it is shown: controls, line and paragraph separators,
 * bidirectional controls, and the byte order mark. */
bool utf8_acts_on_text(uint32_t code);

/* Columns that the text takes on a terminal (Unicode TR 11): East Asian wide characters count two, combining ones and
 * controls none, an octet that is not UTF-8 one. */
size_t utf8_columns(struct span s);

/* A key on the heap by which names are compared without regard to case and to how accents are composed: Unicode's full
 * case folding in normal form C. The Turkish capital with a dot becomes a plain i, since names come in any language.
 * What is not valid UTF-8 is its own key. NULL when out of memory. */
char *utf8_fold(struct span s);

#endif
