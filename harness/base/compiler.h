/* Attributes and the cleanup macros. No code, no dependencies. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_UNUSED            __attribute__((unused))
#define ATTR_FALLTHROUGH       __attribute__((fallthrough))

/* Of a result that must be looked at: that something failed is told nowhere else. */
#define ATTR_MUST_USE __attribute__((warn_unused_result))

/* Of an array that is written before it is read: it need not be cleared, as hardened builds do. */
#if __has_attribute(uninitialized)
#define ATTR_UNINIT __attribute__((uninitialized))
#else
#define ATTR_UNINIT
#endif

/* Runs fn(&variable) when the variable leaves its scope: `_cleanup_(buf_fini) struct buf b = ...;` */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Frees what the pointer variable points to; for _cleanup_(free_p). */
void free_p(void *pointer_to_pointer);

/* Closes the descriptor variable unless it is negative; for _cleanup_(close_p). errno is kept. */
void close_p(int *fd);

#endif
