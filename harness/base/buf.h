/* A growing octet buffer with a compulsory maximum. Why an addition failed is remembered, and nothing is added after
 * it, so that a run of additions is checked once at its end: by buf_check, buf_result or buf_take, whose results must
 * be used, or by adding the whole to another buffer with buf_add_buf. A text for people that may be cut is checked by
 * nobody: then what stands in the buffer is a whole number of additions. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum buf_failure {
	BUF_GOOD = 0,
	BUF_FULL,      /* more than the maximum */
	BUF_NO_MEMORY, /* the heap has no room */
};

struct buf {
	char *p;                 /* NUL-terminated once anything was added; NULL before */
	size_t len;              /* octets, without that NUL */
	size_t cap;              /* allocated */
	size_t max;              /* never holds more octets than this */
	enum buf_failure failed; /* of the first addition that failed; nothing was added by it or after it */
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

/* Adds what `from` holds; its failure becomes that of the buffer. Returns as the others. */
int buf_add_buf(struct buf *b, const struct buf *from);

/* 0, or -1 when an addition has failed: as the last addition returned. */
int buf_result(const struct buf *b) ATTR_MUST_USE;

/* The same with an error: ERROR_LIMIT naming `what`, or memory. */
int buf_check(const struct buf *b, const char *what, struct error *err) ATTR_MUST_USE;

/* 0, or -1 when memory ran out: for those to whom what is too long is merely something that they do not take. */
int buf_check_memory(const struct buf *b, struct error *err) ATTR_MUST_USE;

/* Drops the first n octets. */
void buf_drop(struct buf *b, size_t n);

struct span buf_span(const struct buf *b);

/* The content as a NUL-terminated string, "" when empty. Borrowed: valid until the next change. */
const char *buf_str(const struct buf *b);

/* Hands the heap string over to the caller; NULL when an addition has failed or memory runs out now (which of both
 * buf_check tells, before). In any case the buffer is as new. */
char *buf_take(struct buf *b) ATTR_MUST_USE;

#endif
