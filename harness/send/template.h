/* A message template: the service's own mail as an .eml file, with variables. Loading checks everything that can be
 * known before a seed is, so that `config check` tells it and not the middle of a run. */
#ifndef SEND_TEMPLATE_H
#define SEND_TEMPLATE_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/send/template_vars.h"

enum { TEMPLATE_MAX = 25 * 1024 * 1024, TEMPLATE_VARS_MAX = 256 };

/* A checked template together with its own variables. Immutable after loading: any number of threads may compose from
 * it at once. */
struct template;

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

/* SHA-256 of the file's octets, lower-case hexadecimal, NUL-terminated. Borrowed. */
const char *template_sha256(const struct template *template);

#endif
