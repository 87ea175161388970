/* An IMAP session (RFC 3501, RFC 9051 servers included) with a server that is hostile until proved otherwise: libetpan
 * over a stream of our own that limits and times everything. It only looks: folders are opened with EXAMINE, messages
 * are read with BODY.PEEK.
 *
 * After a parse, protocol, stream, limit or time error a session is dead: later calls fail at once with the same error,
 * and its owner frees it. After ERROR_AUTH, ERROR_REFUSED and ERROR_UNSUPPORTED it is not dead.
 *
 * A session belongs to one thread at a time; it may be handed over from one to another. Different sessions share
 * nothing. No call needs more than 256 KiB of stack. */
#ifndef PROVIDERS_IMAP_SESSION_H
#define PROVIDERS_IMAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/secret.h"
#include "harness/base/span.h"
#include "harness/model/imap_security.h"
#include "harness/model/words.h"
#include "harness/net/tls_stream.h"
#include "providers/imap_folder.h"
#include "providers/imap_params.h"

struct imap_session;

/* Connects, secures, reads the greeting and the capabilities. *ret is set only on success. Errors: as dial.h and
 * tls_stream.h; ERROR_REFUSED (greeting BYE), ERROR_PROTOCOL, ERROR_LIMIT, ERROR_UNSUPPORTED (IMAP_CAUSE_NO_STARTTLS).
 */
int imap_session_open(struct imap_session **ret, const struct imap_params *params, struct error *err);

/* The same over a stream that is connected already, which is taken over (also when it fails). */
int imap_session_open_over(struct imap_session **ret, struct tls_stream *stream, const struct imap_params *params,
			   struct error *err);

/* Signs in by a mechanism that the server offers (harness/net/sasl.h; LOGIN stands for the command too), unless the
 * greeting was PREAUTH; where it refuses that mechanism as such, by the next, once. Then says who we are (ID, RFC
 * 2971). Wrong credentials, whose text names the user, are RETRY_NEVER, throttling and troubles of the server
 * RETRY_LATER. Errors: ERROR_AUTH, ERROR_REFUSED, ERROR_UNSUPPORTED (passwords are not taken) with their enum
 * imap_cause; those that kill the session.
 */
int imap_session_login(struct imap_session *session, const char *user, const struct secret *password,
		       struct error *err);

/* Frees at once, without a word to the server. NULL is allowed. */
void imap_session_free(struct imap_session *session);

/* LOGOUT; waits for the answer for a second at most. Nothing but imap_session_free may follow. */
void imap_session_logout(struct imap_session *session);

/* Whether nothing more can be asked: it was logged out, or its stream has failed. */
bool imap_session_dead(const struct imap_session *session);

/* No later command lasts beyond that, whatever the command timeout. */
void imap_session_set_limit(struct imap_session *session, struct deadline limit);

/* Whether the server offers a capability (`IDLE`, `SPECIAL-USE`), ASCII case folded. */
bool imap_session_has(const struct imap_session *session, const char *capability);

/* All of them, separated by spaces, escaped. Borrowed. */
const char *imap_session_capabilities(const struct imap_session *session);

const struct tls_facts *imap_session_facts(const struct imap_session *session); /* borrowed */

/* All folders of the user. Errors: ERROR_LIMIT (more than IMAP_FOLDERS_MAX), ERROR_REFUSED, memory. */
int imap_session_list(struct imap_session *session, struct imap_folder_list *ret, struct error *err);

/* STATUS; not for the folder that is open. Errors: ERROR_REFUSED, also where the server says OK and nothing else. */
int imap_session_status(struct imap_session *session, const char *raw, struct imap_folder_state *ret,
			struct error *err);

/* Opens a folder for looking. After ERROR_REFUSED (it was deleted, for example) none is open. */
int imap_session_examine(struct imap_session *session, const char *raw, struct imap_folder_state *ret,
			 struct error *err);

/* A message of the open folder. */
struct imap_message {
	uint32_t uid;
	int64_t internal_ms; /* INTERNALDATE; 0 where not given */
	int64_t size;        /* RFC822.SIZE; -1 where not given */
	/* Those of these fields that it has, in its order, with the empty line: X-Postproof-Tag, Message-ID, Subject,
	 * From, To, Delivered-To, X-Original-To, Envelope-To, Return-Path, Content-Type, X-Failed-Recipients,
	 * Auto-Submitted, X-Envelope-To, X-Delivered-To, In-Reply-To, References. */
	struct span header;
};

/* 0 to go on, 1 to end (the scan succeeds), -1 to fail with *err (the session stays sound). Must not use the session.
 */
typedef int imap_message_fn(void *user, const struct imap_message *message, struct error *err);

/* What a scan has seen. */
struct imap_scanned {
	uint32_t count;      /* messages that the server told of, handed out or not */
	uint32_t highest;    /* their highest UID */
	uint32_t first_left; /* lowest UID of those whose header the server did not give, asked again and in another
				way, though they are there; 0: none */
	uint32_t messages;   /* how many the folder has, as far as the scan has taken them into account */
	bool complete; /* every message that it asked for was handed out; of scan_recent: every one of the folder */
};

/* Hands out the messages with UID `from` and above, each once, by rising UID but for those whose header the server gave
 * only when it was asked again: they come behind. Cost follows their number, not the folder. */
int imap_session_scan(struct imap_session *session, uint32_t from, imap_message_fn *fn, void *user,
		      struct imap_scanned *ret, struct error *err);

enum { IMAP_RECENT_MAX = 2000 };

/* Hands out messages that arrived (INTERNALDATE) at or after since_ms, or whose date is not told, newest first,
 * wherever they are in the folder: IMAP_RECENT_MAX at most, or until fn ends it. UID and date of every message are
 * asked for, since in a folder that was built anew no order can be relied upon: where UIDVALIDITY changed, or counters
 * contradict each other. */
int imap_session_scan_recent(struct imap_session *session, int64_t since_ms, imap_message_fn *fn, void *user,
			     struct imap_scanned *ret, struct error *err);

/* How many messages the open folder has, as the server has told so far (EXISTS less EXPUNGE, which come with any
 * answer: RFC 9051 sections 5.2 and 7.4.1). */
uint32_t imap_session_messages(const struct imap_session *session);

/* Whether the server has told of messages that came since the folder was opened or a scan of it began. */
bool imap_session_has_news(const struct imap_session *session);

/* Adds at most `cap` octets of the message to *octets; *ret_truncated says whether it is larger. `size` is its
 * RFC822.SIZE, -1 where not known: one that fits is asked for whole, since not every server answers to a part in the
 * form that RFC 9051 section 7.5.2 wants. 1 found, 0 no such message or no octets of it, -1 error (ERROR_LIMIT where
 * octets->max is too small). */
int imap_session_fetch(struct imap_session *session, uint32_t uid, int64_t size, size_t cap, struct buf *octets,
		       bool *ret_truncated, struct error *err);

/* The highest UID of the open folder (`UID FETCH *`): 1 told, 0 there is no message or the server does not tell it, -1
 * error. */
int imap_session_highest(struct imap_session *session, uint32_t *ret, struct error *err);

/* Whether the open folder has a message of this UID: 1 yes, 0 no, -1 error. */
int imap_session_has_uid(struct imap_session *session, uint32_t uid, struct error *err);

/* NOOP: the server may tell news of the open folder. Errors: those that kill the session. */
int imap_session_noop(struct imap_session *session, struct error *err);

/* IDLE (RFC 2177): asks for it and waits for the server to agree. Until idle_done the session can be given to epoll
 * with imap_session_fd, and nothing else may be called. Errors: ERROR_REFUSED; those that kill the session. */
int imap_session_idle_start(struct imap_session *session, struct error *err);

/* Whether the server has said something already, so that its descriptor may stay silent: then it must not be parked. */
bool imap_session_idle_pending(const struct imap_session *session);

/* Ends IDLE. What the server said meanwhile is dropped: it was a hint to scan. */
int imap_session_idle_done(struct imap_session *session, struct error *err);

/* The socket, to be given to epoll during IDLE; owned by the session. */
int imap_session_fd(const struct imap_session *session);

/* Octets that the server has sent so far, without those of TLS. */
uint64_t imap_session_received(const struct imap_session *session);

#endif
