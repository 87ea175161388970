/* The one way in which a function says why it failed. By value, without allocation, so that reporting a failure
 * cannot fail. A function that can fail returns 0 or -1 (or 1 / 0 / -1 for found / absent / error) and takes a
 * `struct error *` as its last argument; it must not be NULL. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "harness/base/compiler.h"

/* What sort of thing went wrong: callers branch on this, never on the text. */
enum error_kind {
	ERROR_NONE,
	ERROR_USAGE,       /* the command line */
	ERROR_CONFIG,      /* configuration, template, secret reference: the user mends a file */
	ERROR_AUTH,        /* a server refused the credentials */
	ERROR_TLS,         /* handshake or certificate */
	ERROR_NETWORK,     /* name resolution, connect, reset, end of file */
	ERROR_TIMEOUT,     /* a deadline passed */
	ERROR_PROTOCOL,    /* the peer broke its protocol */
	ERROR_LIMIT,       /* the peer, a file or a message went over one of our caps */
	ERROR_REFUSED,     /* the peer understood and said no (IMAP NO, SMTP 4xx or 5xx) */
	ERROR_UNSUPPORTED, /* this build or this release cannot do it (OAuth sign-in, for example) */
	ERROR_STORE,       /* SQLite */
	ERROR_ENVIRONMENT, /* files, descriptors, memory, processes of this machine */
	ERROR_INTERRUPTED, /* SIGINT or SIGTERM asked us to stop */
	ERROR_BUG,         /* cannot happen */
};

/* Whether doing the same again can help. */
enum error_retry { RETRY_NEVER, RETRY_LATER, RETRY_NOW };

enum { ERROR_TEXT_MAX = 640 };

struct error {
	enum error_kind kind;
	enum error_retry retry;
	int code; /* errno, CURLcode, SQLite extended code, SMTP reply code, libetpan code; 0 if none */
	char text[ERROR_TEXT_MAX]; /* one line for a person, already escaped: no control characters; cut at the cap */
};

#define ERROR_INIT                                                                                                     \
	{                                                                                                              \
		0                                                                                                      \
	}

/* Fills *err and returns -1, so that `return error_set(...)` is the idiom. Control characters and invalid UTF-8 of the
 * formatted text are escaped, since texts of servers end up here. Any thread. */
int error_set(struct error *err, enum error_kind kind, enum error_retry retry, int code, const char *fmt, ...)
    ATTR_PRINTF(5, 6);

/* error_set with the text of errno value `errnum` appended after ": ", and code = errnum. */
int error_errno(struct error *err, enum error_kind kind, enum error_retry retry, int errnum, const char *fmt, ...)
    ATTR_PRINTF(5, 6);

/* Out of memory: ERROR_ENVIRONMENT, RETRY_NEVER. Returns -1. */
int error_memory(struct error *err);

/* Puts context in front of the text: `seed ana@example: login: ...`. Returns -1. A no-op on an error of kind NONE. */
int error_prefix(struct error *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The kind as a stable lower-case word ("config", "tls", ...), for the store and for JSON. Never NULL. */
const char *error_kind_name(enum error_kind kind);

#endif
