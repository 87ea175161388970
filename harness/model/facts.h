/* The stored facts of one run, as plain data: what the store writes and reads, and what assessment reads. Facts are
 * never changed once written. Times are wall-clock milliseconds (clock.h); 0 where there is none. Strings are owned by
 * the structure that holds them and may be NULL only where it is said. */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/model/dns.h"
#include "harness/model/finding.h"
#include "harness/model/words.h"

/* One effective setting of the plan: `[provider alpha] host = imap.alpha.test`. Secrets are stored as the words of
 * their reference (`env:NAME`), inline ones masked. */
struct setting {
	char *section; /* "service", "provider alpha", "expect alpha gtube" */
	char *key;
	char *value;
};

/* What a run was made with. */
struct run_program {
	char *version;    /* of the program, `1.2.3`; NULL where it was not recorded */
	unsigned reading; /* model/reading.h; 0 where it was not recorded */
};

/* A rule pack as the plan found it. */
struct rule_pack {
	char *name;   /* as it is configured: a word, or a path with a / in it */
	char *sha256; /* of the file's octets, lower-case hexadecimal */
};

/* A message template of the plan. */
struct plan_message {
	char *name;
	enum stream stream;
	char *sha256; /* of the template's octets, lower-case hexadecimal */
};

enum run_event_kind {
	RUN_STARTED,
	RUN_RESUMED,
	RUN_INTERRUPTED,
	RUN_FINISHED,
	RUN_ABORTED,   /* environment failed */
	RUN_CLOCK_SET, /* the wall clock of this machine was set while the run worked */
	RUN_SLEPT,     /* this machine slept while the run worked: nobody looked */
};

struct run_event {
	enum run_event_kind kind;
	int64_t at_ms;
	char *detail;     /* NULL where there is nothing to say */
	int64_t shift_ms; /* CLOCK_SET: by how much, negative: back; SLEPT: how long; else 0 */
};

/* Steps of handing a message to the service's SMTP server. */
enum send_event_kind {
	SEND_INTENT,       /* composed and stored: may be sent */
	SEND_HANDING_OVER, /* the end-of-data octets are about to leave */
	SEND_REPLY,        /* the server's last word of an attempt: accepted, temporary or permanent failure */
	SEND_FAILED,       /* the attempt ended without such a word (connection, TLS, timeout) */
};

/* The part of the dialogue in which an attempt ended. */
enum send_stage {
	STAGE_NONE,
	STAGE_CONNECT,
	STAGE_TLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_END_OF_DATA
};

struct send_event {
	enum send_event_kind kind;
	enum send_stage stage;
	int64_t at_ms;
	int attempt;       /* from 1; 0 for INTENT */
	int reply_code;    /* SMTP reply code, 0 where there was none */
	char *enhanced;    /* RFC 3463 status `5.7.1`, or NULL */
	char *text;        /* reply text with the queue id, or the error in words; NULL for INTENT and HANDING_OVER */
	char *tls_version; /* of the connection, NULL where unknown or plain */
	char *tls_cipher;
	char *peer; /* address that was connected to, NULL where none */
};

/* How far a probe has come on its way to the service's server, as its send events say. */
enum send_state {
	SENDING_NOT_COMPOSED,
	SENDING_COMPOSED,  /* intent stored, no attempt has ended: may be sent */
	SENDING_FAILED,    /* the last attempt ended before the handing over: may be sent again */
	SENDING_TEMPORARY, /* the server's last word was 4xx: may be sent again */
	SENDING_REJECTED,  /* 5xx */
	SENDING_ACCEPTED,  /* 2xx after the end of data */
	SENDING_IN_DOUBT,  /* handed over, and the reply is not known: must never be sent again */
};

/* Where a message was seen. A message that moved has several. */
struct observation {
	int64_t id;
	int64_t at_ms; /* when the fact was known here */
	bool gone;     /* the message is no longer under this UID: header and body are NULL */
	char *folder;  /* UTF-8 name as the server shows it */
	enum folder_role role;
	uint32_t uidvalidity, uid;
	int64_t internal_ms; /* INTERNALDATE, 0 where not given */
	int64_t absent_ms;   /* when the folder was last read without the message; 0 where it never was, or not known */
	int64_t size;        /* RFC822.SIZE in octets; -1: not told */
	bool truncated;      /* body is cut at the cap */
	char *header;        /* header block with its empty line, octets as received */
	size_t header_len;
	char *body;
	size_t body_len;
	char *found_by; /* "watch", "sweep", "look-again" */
};

/* A message that came back and carries the probe's tag: a notification of what became of it (RFC 3464, or a text that
 * says as much), or any other. */
struct bounce {
	int64_t at_ms;
	char *action; /* "failed", "delayed", "relayed", "delivered", "expanded"; a word of enum returned_kind where it
			 is no notification */
	char *status; /* "5.1.1"; NULL where absent, as all below */
	char *diagnostic; /* Diagnostic-Code without its type, or what the text says */
	char *remote_mta;
	char *reporting_mta;
	char *recipient; /* Original-Recipient where that is the seed, else Final-Recipient, without its type */
	char *sender;    /* From as it was written, unfolded; NULL in a store of before schema 5, as below */
	char *subject;   /* decoded */
	char *raw;       /* the notification as received, capped */
	size_t raw_len;
};

struct probe {
	int64_t id;
	char *seed; /* address */
	char *provider;
	char *message;    /* template name */
	char *tag;        /* 32 lower-case hexadecimal digits */
	char *message_id; /* without angle brackets; NULL until composed, as the two below */
	char *mail_from;  /* envelope sender */
	char *composed;   /* the octets that are sent */
	size_t composed_len;
	struct send_event *sends; /* in order */
	size_t send_count;
	struct observation *observations; /* in order of at_ms */
	size_t observation_count;
	struct bounce *bounces;
	size_t bounce_count;
};

enum seed_event_kind {
	SEED_READY,  /* logged in and every baseline noted */
	SEED_FAILED, /* could not be read; detail says why, mend what to do */
	SEED_SWEPT,  /* every folder was read after the wait ended */
};

struct seed_event {
	enum seed_event_kind kind;
	char *seed; /* address */
	int64_t at_ms;
	char *detail; /* NULL where there is nothing to say, as mend */
	char *mend;
};

/* A folder of a seed (or of the bounce mailbox) as it stood before anything was sent. */
struct baseline {
	char *seed;   /* address; "" for the bounce mailbox */
	char *folder; /* UTF-8 name */
	enum folder_role role;
	bool watched;
	uint32_t uidvalidity, uidnext, exists;
	int64_t at_ms;
};

/* A run as `history` lists it. */
struct run_summary {
	int64_t id;
	char *label; /* "" where none was given */
	int64_t created_ms;
	int64_t ended_ms; /* of the last event where that is FINISHED, INTERRUPTED or ABORTED; 0 while a run goes on */
	bool finished;    /* it has a FINISHED event */
	/* Of a run that was loaded with its events, else 0: */
	int64_t clock_set_ms; /* by how much this machine's clock was set in all, whichever way */
	int64_t slept_ms;     /* how long this machine slept */
	size_t probes;
};

/* Everything of one run. */
struct run_facts {
	struct run_summary summary;
	struct setting *settings;
	size_t setting_count;
	struct plan_message *messages;
	size_t message_count;
	struct run_program program;
	struct rule_pack *packs; /* in the order of [check] rules; none where the run does not look */
	size_t pack_count;
	struct run_event *events;
	size_t event_count;
	struct probe *probes; /* in the order of the plan */
	size_t probe_count;
	struct seed_event *seed_events;
	size_t seed_event_count;
	struct baseline *baselines;
	size_t baseline_count;
	struct dns_fact *dns; /* the snapshot: what the DNS answered while the run evaluated its messages, in order */
	size_t dns_count;
	struct findings findings; /* of its look at the sending domain; empty where it took none */
};

/* A token that was sent to the service's own address, and the word of a person that it was read. */
struct reply_fact {
	int64_t id;
	char *code;
	char *address;
	int64_t sent_ms;
	int64_t confirmed_ms; /* 0: nobody has confirmed it, and the two below say nothing */
	int64_t until_ms;     /* so long the confirmation counts */
	char *who;            /* what the person wrote; NULL where nothing */
};

/* A string that is only lent to a fact, for a fact that is handed to the store and read there: it must not be freed by
 * the functions below. */
static inline char *fact_lend(const char *text)
{
	return (char *)(uintptr_t)text;
}

const char *run_event_name(enum run_event_kind v);
const char *send_event_name(enum send_event_kind v);
const char *send_stage_name(enum send_stage v);
const char *seed_event_name(enum seed_event_kind v);
bool run_event_from(struct span word, enum run_event_kind *ret);
bool send_event_from(struct span word, enum send_event_kind *ret);
bool send_stage_from(struct span word, enum send_stage *ret);
bool seed_event_from(struct span word, enum seed_event_kind *ret);

/* Reads the state from the events of a probe, oldest first. */
enum send_state send_state_of(const struct send_event *events, size_t count);

/* Whether a notification is about this address (ASCII case folded), or does not say about which. A seed that forwards
 * gets notices about others. */
bool bounce_is_about(const struct bounce *bounce, const char *address);

/* Free what the structure owns and leave it zeroed; NULL is allowed. */
void run_facts_fini(struct run_facts *facts);
void probe_fini(struct probe *probe);
void observation_fini(struct observation *observation);
void bounce_fini(struct bounce *bounce);
void send_event_fini(struct send_event *event);
void run_summary_fini(struct run_summary *summary);
void reply_fact_fini(struct reply_fact *fact);

#endif
