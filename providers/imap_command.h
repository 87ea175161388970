/* One command of an IMAP session: its deadline and limits before, its outcome behind. Private to providers/imap_*. */
#ifndef PROVIDERS_IMAP_COMMAND_H
#define PROVIDERS_IMAP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "providers/imap_params.h"
#include "providers/imap_status.h"
#include "providers/imap_stream.h"

struct mailimap; /* libetpan */

struct imap_session {
	struct imap_params params; /* host and ca_file are the session's own */
	struct imap_stream *stream;
	struct mailimap *imap;
	struct deadline limit;   /* no command lasts beyond */
	struct deadline sign_in; /* instead of the command timeout until signed in */
	uint32_t messages;       /* of the open folder, as the server has told so far */
	uint32_t counted;        /* of them, those that its owner knows of: by EXAMINE, or by the last scan */
	bool signed_in;
	bool logged_out;
	uint32_t idle_tag;
	char *shown_capabilities; /* escaped; may be NULL */
};

struct imap_command {
	const char *name;          /* for messages: "EXAMINE" */
	enum imap_asked asked;     /* what a refusal is about */
	struct imap_limits limits; /* zeros stand for those of a command with a small answer */
	const char *hidden;        /* as imap_stream_begin */
	int64_t timeout_ms;        /* 0: that of the session */
};

/* Prepares the session for the command. Errors: what killed the session; ERROR_TIMEOUT when its limit has passed. */
int imap_command_begin(struct imap_session *session, const struct imap_command *command, struct error *err);

/* Says how the command went, given libetpan's result. ERROR_REFUSED and the like leave the session alive, everything
 * else kills it. */
int imap_command_end(struct imap_session *session, const struct imap_command *command, int result, struct error *err);

/* A whole command. Its data is found in imap->imap_response_info until imap_command_forget. */
int imap_command_run(struct imap_session *session, const struct imap_command *command, const char *words,
		     struct error *err);

/* Frees the data of the last answer. */
void imap_command_forget(struct imap_session *session);

/* Adds the name of a folder as a command takes it, quoted. */
void imap_command_add_folder(struct buf *words, const char *raw);

/* Writes a line, with a new tag in front where ret_tag is not NULL. -1: see imap_stream_error. */
int imap_command_write(struct imap_session *session, const char *words, uint32_t *ret_tag);

/* Ends a command that libetpan did not write, given what imap_stream_hear returned. */
int imap_command_heard(struct imap_session *session, const struct imap_command *command, int heard, struct error *err);

/* What the server said beside data in answer to the last command. Borrowed. */
const struct imap_heard *imap_command_answer(const struct imap_session *session);

/* Takes over what the answer, as far as it has come, says of the number of messages in the open folder. To be called
 * once for each answer that does not end by imap_command_end or imap_command_heard. */
void imap_command_count(struct imap_session *session);

/* Asks for the capabilities unless they are known. */
int imap_command_capabilities(struct imap_session *session, struct error *err);

/* Kills the session: nothing that it says can be relied on any more. Returns -1 with the reason. */
int imap_command_kill(struct imap_session *session, const struct imap_command *command, const char *why,
		      struct error *err);

#endif
