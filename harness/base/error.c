/* Errors by value. Never allocates, never prints. */
#include "harness/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/escape.h"
#include "harness/base/span.h"

void free_p(void *pointer_to_pointer)
{
	void **pointer = pointer_to_pointer;
	free(*pointer);
	*pointer = NULL;
}

void close_p(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static void set_text(struct error *err, const char *raw)
{
	escape_text(err->text, sizeof(err->text), span_of(raw));
}

int error_set(struct error *err, enum error_kind kind, enum error_retry retry, int code, const char *fmt, ...)
{
	char raw[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	err->kind = kind;
	err->retry = retry;
	err->code = code;
	set_text(err, raw);
	return -1;
}

int error_errno(struct error *err, enum error_kind kind, enum error_retry retry, int errnum, const char *fmt, ...)
{
	char raw[ERROR_TEXT_MAX], system[128];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	const char *text = strerror_r(errnum, system, sizeof(system));
	if (n >= 0 && (size_t)n < sizeof(raw))
		snprintf(raw + n, sizeof(raw) - (size_t)n, ": %s", text);
	err->kind = kind;
	err->retry = retry;
	err->code = errnum;
	set_text(err, raw);
	return -1;
}

int error_memory(struct error *err)
{
	return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, ENOMEM, "out of memory");
}

int error_prefix(struct error *err, const char *fmt, ...)
{
	if (err->kind == ERROR_NONE)
		return -1;
	char raw[2 * ERROR_TEXT_MAX], old[ERROR_TEXT_MAX];
	memcpy(old, err->text, sizeof(old));
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(raw, ERROR_TEXT_MAX, fmt, args);
	va_end(args);
	size_t at = n < 0 ? 0 : (size_t)n < ERROR_TEXT_MAX ? (size_t)n : ERROR_TEXT_MAX - 1;
	snprintf(raw + at, sizeof(raw) - at, ": %s", old);
	set_text(err, raw);
	return -1;
}

const char *error_kind_name(enum error_kind kind)
{
	static const char *const names[] = {
		[ERROR_NONE] = "none",
		[ERROR_USAGE] = "usage",
		[ERROR_CONFIG] = "config",
		[ERROR_AUTH] = "auth",
		[ERROR_TLS] = "tls",
		[ERROR_NETWORK] = "network",
		[ERROR_TIMEOUT] = "timeout",
		[ERROR_PROTOCOL] = "protocol",
		[ERROR_LIMIT] = "limit",
		[ERROR_REFUSED] = "refused",
		[ERROR_UNSUPPORTED] = "unsupported",
		[ERROR_STORE] = "store",
		[ERROR_ENVIRONMENT] = "environment",
		[ERROR_INTERRUPTED] = "interrupted",
		[ERROR_BUG] = "bug",
	};
	return (size_t)kind < ARRAY_LEN(names) && names[kind] ? names[kind] : "bug";
}
