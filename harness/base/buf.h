/* A growing octet buffer with a compulsory maximum. A failure (maximum or memory) is remembered, so that a run of
 * additions is checked once at its end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

struct buf {
	char *p;     /* NUL-terminated once anything was added; NULL before */
	size_t len;  /* octets, without that NUL */
	size_t cap;  /* allocated */
	size_t max;  /* never holds more octets than this */
	bool failed; /* an addition did not fit or had no memory; nothing was added by it or after it */
};

#define BUF_INIT(maximum)                                                                                              \
	{                                                                                                              \
		.max = (maximum)                                                                                       \
	}

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);  /* frees; the buffer is as new, with the same maximum */
void buf_clear(struct buf *b); /* empties and forgets a failure, keeps the memory */
void buf_wipe(struct buf *b);  /* as buf_fini, after overwriting the octets: for secrets */

/* Additions return 0, or -1 when the buffer has failed. */
int buf_add(struct buf *b, const void *octets, size_t len);
int buf_add_span(struct buf *b, struct span s);
int buf_add_str(struct buf *b, const char *string);
int buf_add_char(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* 0, or -1 with ERROR_LIMIT naming `what` when an addition has failed. */
int buf_check(const struct buf *b, const char *what, struct error *err);

/* Drops the first n octets. */
void buf_drop(struct buf *b, size_t n);

struct span buf_span(const struct buf *b);

/* The content as a NUL-terminated string, "" when empty. Borrowed: valid until the next change. */
const char *buf_str(const struct buf *b);

/* Hands the heap string over to the caller (never NULL unless out of memory); the buffer is as new. */
char *buf_take(struct buf *b);

#endif
