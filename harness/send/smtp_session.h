/* One connection and the transactions on it, one after the other. */
#ifndef SEND_SMTP_SESSION_H
#define SEND_SMTP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/send/smtp_dialogue.h"
#include "harness/send/smtp_link.h"
#include "harness/send/smtp_queue.h"
#include "harness/send/smtp_sign_in.h"
#include "harness/net/smtp_reply.h"

struct smtp_session {
	const struct smtp_params *params; /* borrowed, as the next */
	const struct smtp_events *events;
	struct smtp_link *link;
	enum smtp_state state;
	struct smtp_task *task; /* of the transaction that is under way; NULL outside of one */
	bool reused;            /* a transaction was settled on this connection before */
	struct smtp_reader reader;
	struct smtp_reply reply; /* the last one */
	struct smtp_sign_in sign_in;
	struct buf out; /* octets that wait to leave, from out_pos on */
	size_t out_pos;
	size_t content_pos;      /* octets of the message that went into out */
	int64_t opened_until_ms; /* monotonic, as the two below; connected and signed in by then */
	int64_t step_until_ms;   /* what the state waits for must happen before */
	int64_t message_until_ms;
	int64_t started_ms, handed_over_ms; /* wall clock, of the transaction; the second from SMTP_COMMIT on */
};

enum smtp_happening {
	SMTP_WAITS,   /* nothing new */
	SMTP_READY,   /* connected and signed in: the session is idle for the first time */
	SMTP_SETTLED, /* the transaction is over; session->task is still set and is the caller's to take */
	SMTP_STALE,   /* a reused connection had gone before it heard of the task: try on another at once */
	SMTP_GONE,    /* closed without a transaction; error says why (kind NONE: as wished) */
	SMTP_ABORTED, /* handing_over said no; the connection must be dropped */
};

/* How a transaction ended. */
struct smtp_verdict {
	enum smtp_class class;
	enum send_stage stage;
	bool by_reply; /* session->reply decided */
	struct error error;
};

/* Whether it is not of use yet: connecting, or signing in. */
bool smtp_session_opening(const struct smtp_session *session);

/* Begins to connect, as connection `number`, and does not wait. Borrows params and events. Errors: those of
 * smtp_link_open, memory. */
int smtp_session_open(struct smtp_links *links, int number, const struct smtp_params *params,
		      const struct smtp_events *events, struct smtp_session **ret, struct error *err);
void smtp_session_free(struct smtp_session *session); /* closes at once */

/* Starts a transaction on an idle session. */
void smtp_session_begin(struct smtp_session *session, struct smtp_task *task, int64_t now_ms);

/* Says QUIT on an idle session, or one that waits for the reply to RSET; it is GONE afterwards, within until_ms. */
void smtp_session_quit(struct smtp_session *session, int64_t now_ms, int64_t until_ms);

/* Does what can be done without waiting, up to the first happening. After SETTLED the session is idle, resetting or
 * closed; after STALE, GONE and ABORTED it is closed. */
enum smtp_happening smtp_session_work(struct smtp_session *session, int64_t now_ms, struct smtp_verdict *verdict);

/* Monotonic time by which smtp_session_work must be called again at the latest. */
int64_t smtp_session_due(const struct smtp_session *session);

#endif
