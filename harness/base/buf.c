/* Capped buffers. */
#include "harness/base/buf.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_fini(struct buf *b)
{
	free(b->p);
	buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = BUF_GOOD;
	if (b->p)
		b->p[0] = '\0';
}

void buf_wipe(struct buf *b)
{
	if (b->p)
		OPENSSL_cleanse(b->p, b->cap);
	buf_fini(b);
}

/* The first failure is the one that is kept: what comes after it follows from it. */
static int buf_fail(struct buf *b, enum buf_failure why)
{
	if (!b->failed)
		b->failed = why;
	return -1;
}

static int reserve(struct buf *b, size_t more)
{
	if (b->failed)
		return -1;
	if (more > b->max || b->len > b->max - more)
		return buf_fail(b, BUF_FULL);
	size_t need = b->len + more + 1;
	if (need <= b->cap)
		return 0;
	size_t cap = b->cap ? b->cap : 64;
	while (cap < need)
		cap += cap / 2 + 16;
	if (cap > b->max + 1)
		cap = b->max + 1;
	/* Not realloc: a buffer may hold a secret, and realloc leaves the old copy behind. */
	char *p = malloc(cap);
	if (!p)
		return buf_fail(b, BUF_NO_MEMORY);
	if (b->p) {
		memcpy(p, b->p, b->len + 1);
		OPENSSL_cleanse(b->p, b->len);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
	return 0;
}

int buf_add(struct buf *b, const void *octets, size_t len)
{
	if (reserve(b, len) < 0)
		return -1;
	if (len)
		memcpy(b->p + b->len, octets, len);
	b->len += len;
	b->p[b->len] = '\0';
	return 0;
}

int buf_add_span(struct buf *b, struct span s)
{
	return buf_add(b, s.p, s.len);
}

int buf_add_str(struct buf *b, const char *string)
{
	return buf_add_span(b, span_of(string));
}

int buf_add_char(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) /* more than INT_MAX */
		return buf_fail(b, BUF_FULL);
	if (reserve(b, (size_t)n) < 0)
		return -1;
	va_start(args, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, args);
	va_end(args);
	b->len += (size_t)n;
	return 0;
}

int buf_add_buf(struct buf *b, const struct buf *from)
{
	if (from->failed)
		return buf_fail(b, from->failed);
	return buf_add_span(b, buf_span(from));
}

int buf_result(const struct buf *b)
{
	return b->failed ? -1 : 0;
}

int buf_check(const struct buf *b, const char *what, struct error *err)
{
	if (!b->failed)
		return 0;
	if (b->failed == BUF_NO_MEMORY)
		return error_memory(err);
	return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "%s is larger than %zu octets", what, b->max);
}

int buf_check_memory(const struct buf *b, struct error *err)
{
	return b->failed == BUF_NO_MEMORY ? error_memory(err) : 0;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
	} else {
		memmove(b->p, b->p + n, b->len - n);
		b->len -= n;
	}
	if (b->p)
		b->p[b->len] = '\0';
}

struct span buf_span(const struct buf *b)
{
	return (struct span){ b->p, b->len };
}

const char *buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *buf_take(struct buf *b)
{
	if (b->failed) {
		buf_wipe(b);
		return NULL;
	}
	char *p = b->p ? b->p : calloc(1, 1);
	buf_init(b, b->max);
	return p;
}
