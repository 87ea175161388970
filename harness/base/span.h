/* A borrowed run of octets: what parsers read and hand out. Never owns, never assumes a NUL. Case folding is ASCII
 * only, as in every protocol that is read here. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *p; /* may be NULL when len is 0 */
	size_t len;    /* octets */
};

/* For printf: `printf("%.*s", SPAN_ARG(s))`. */
#define SPAN_ARG(s)       (int)((s).len > INT32_MAX ? INT32_MAX : (s).len), ((s).p ? (s).p : "")
#define SPAN_LIT(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

/* The span of a NUL-terminated string; NULL gives the empty span. */
struct span span_of(const char *string);
struct span span_make(const char *p, size_t len);

/* The part from offset `from` (clamped), at most `len` octets. */
struct span span_sub(struct span s, size_t from, size_t len);

bool span_eq(struct span a, struct span b);
bool span_eq_nocase(struct span a, struct span b);
bool span_is(struct span s, const char *literal);        /* octet for octet */
bool span_is_nocase(struct span s, const char *literal); /* ASCII case folded */
bool span_is_ascii(struct span s);                       /* no octet above 127 */
bool span_starts(struct span s, struct span prefix);
bool span_starts_nocase(struct span s, struct span prefix);
bool span_ends_nocase(struct span s, struct span suffix);
int span_cmp(struct span a, struct span b); /* memcmp order, shorter first */

/* Offset of the first occurrence at or after `from`, or -1. */
ptrdiff_t span_find(struct span s, struct span needle, size_t from);
ptrdiff_t span_find_nocase(struct span s, struct span needle, size_t from);
ptrdiff_t span_find_char(struct span s, char c, size_t from);

/* Without leading and trailing SP, HTAB, CR, LF. */
struct span span_trim(struct span s);

/* Cuts off and returns what stands before the next `separator` (all of it where there is none); *rest moves behind it.
 * Returns false when *rest was exhausted already (rest->p == NULL); an empty last part is handed out once. */
bool span_next(struct span *rest, char separator, struct span *ret_part);

/* Decimal digits only, no sign, the whole span, no more than `max`. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *ret);

/* A NUL-terminated heap copy (NULs within are kept, so strlen may be shorter); NULL when out of memory. */
char *span_dup(struct span s);

/* Copies into out[size], cut where it does not fit, always NUL-terminated. Returns false when it was cut. */
bool span_copy(struct span s, char *out, size_t size);

char ascii_lower(char c);
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_alnum(char c);
bool ascii_is_space(char c); /* SP, HTAB, CR, LF */

#endif
