/* Passwords, tokens and where they come from. A secret has no formatter: its octets are handed only to the function
 * that needs them, live on a page of their own that is kept out of swap and of core dumps where the system allows, and
 * are overwritten when they are freed. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

struct secret;

enum { SECRET_MAX = 16 * 1024 }; /* octets; tokens of some providers have thousands */

/* A secret of these octets (copied). Errors: ERROR_CONFIG when there are none, more than SECRET_MAX, or a NUL or a line
 * end among them; memory. */
int secret_new(struct span octets, struct secret **ret, struct error *err);

/* Overwrites and frees. NULL is allowed. */
void secret_free(struct secret *secret);
void secret_free_p(struct secret **secret); /* for _cleanup_ */

/* The octets, NUL-terminated. Borrowed: valid until the secret is freed. Never to be copied, logged or stored. */
const char *secret_reveal(const struct secret *secret);

/* Where a secret comes from. */
enum secret_kind {
	SECRET_ENV,    /* `env:NAME`: an environment variable */
	SECRET_FILE,   /* `file:PATH`: the content of a file without its last line end */
	SECRET_CMD,    /* `cmd:COMMAND`: the first line that a shell command writes */
	SECRET_INLINE, /* anything else: the secret itself */
};

struct secret_ref;

enum { SECRET_CMD_TIMEOUT_MS = 30000 };

/* Reads a reference. A relative PATH is taken from `base_dir`; a COMMAND runs in the folder that the program was
 * started in. Nothing is opened or run yet. Errors: ERROR_CONFIG when the text is empty, or the part behind the colon
 * is; as secret_new for an inline secret. */
int secret_ref_new(struct span text, const char *base_dir, struct secret_ref **ret, struct error *err);
void secret_ref_free(struct secret_ref *ref); /* NULL is allowed */

enum secret_kind secret_ref_kind(const struct secret_ref *ref);

/* What may be shown and stored: the reference as it was written; `(inline, hidden)` for an inline secret. Borrowed from
 * the reference. */
const char *secret_ref_text(const struct secret_ref *ref);

/* Whether the text is what secret_ref_text says for an inline secret: such a stored reference leads to no secret. */
bool secret_ref_is_hidden(const char *text);

/* Fetches the secret. A command has until the deadline, and never more than SECRET_CMD_TIMEOUT_MS. Errors say which
 * reference and how to mend it, never what was read. ERROR_CONFIG: variable not set or empty; file missing, empty, or
 * readable or writable by group or others (the text names its mode and the chmod that mends it); command failed,
 * did not end in time, or wrote nothing or too much. Memory. Any thread, as long as none changes the environment. */
int secret_resolve(const struct secret_ref *ref, struct deadline deadline, struct secret **ret, struct error *err);

/* For the start of main(): no core dump of this process, no reading of its memory by other processes of the user. Best
 * effort: what the system does not allow is left. */
void secret_protect_process(void);

#endif
