/* A message template: the service's own mail as an .eml file, with variables. Loading checks everything that can be
 * known before a seed is, so that `config check` tells it and not the middle of a run. */
#ifndef SEND_TEMPLATE_H
#define SEND_TEMPLATE_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

enum { TEMPLATE_MAX = 25 * 1024 * 1024, TEMPLATE_VARS_MAX = 256, TEMPLATE_VALUE_MAX = 4096 };

/* A variable of the user's own: `{{name}}` stands for the value. A name is letters, digits, `_`, `-` and `.`; the
 * built-in names are taken. The value is one line of UTF-8 (no control characters) and is not searched for variables
 * again, so that a variable whose value is `{{` writes a literal pair of braces. */
struct template_var {
	const char *name;
	const char *value;
};

/* A checked template together with its own variables. Immutable after loading: any number of threads may compose from
 * it at once. */
struct template;

/* The names that every template knows: `to` (the seed's address), `from` (the address of the From header), `tag`,
 * `date` (RFC 5322 section 3.3). For help texts and for the check of own names. */
extern const char *const template_builtins[];
extern const size_t template_builtin_count;

/* Reads and checks a template file. `vars` are copied.
 *
 * Variables may stand in every header field but Content-* and in the text parts of the body, which are decoded for it
 * where they are quoted-printable or base64. Other parts are never searched.
 *
 * Errors: ERROR_CONFIG where the file cannot be read, ERROR_LIMIT above TEMPLATE_MAX octets, else ERROR_CONFIG as
 * `PATH:LINE: what is wrong and how to mend it`: no header block or no body, a line that is no header field, no To
 * header with `{{to}}`, an unknown or unterminated variable, a header that postproof sets itself (Message-ID,
 * X-Postproof-Tag) or that only servers set (Return-Path, Received, DKIM-Signature...), Bcc, a fixed Date, a field
 * that may stand only once twice (RFC 5322 section 3.6), octets that are not UTF-8 in a header, bare CR, NUL, or a MIME
 * structure that cannot be followed. */
int template_load(const char *path, const struct template_var *vars, size_t var_count, struct template **ret,
		  struct error *err);

/* The same from memory; `name` stands for the path in errors. */
int template_parse(const char *name, struct span octets, const struct template_var *vars, size_t var_count,
		   struct template **ret, struct error *err);

void template_free(struct template *template);

/* Path or name that it was loaded from. Borrowed. */
const char *template_name(const struct template *template);

enum { TEMPLATE_SHA256_TEXT = 65 };

/* SHA-256 of the file's octets, lower-case hexadecimal, NUL-terminated. Borrowed. */
const char *template_sha256(const struct template *template);

/* Checks a name and a value as template_load does, for a reader that knows the line. ERROR_CONFIG. */
int template_var_check(const struct template_var *var, struct error *err);

#endif
