/* Reading SMTP replies (RFC 5321 section 4.2) and enhanced status codes (RFC 3463) from octets as they come. */
#ifndef NET_SMTP_REPLY_H
#define NET_SMTP_REPLY_H

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

enum {
	SMTP_REPLY_LINE_MAX =
	    4096, /* octets; RFC 5321 section 4.5.3.1.5 allows 512, servers do not always keep to it */
	SMTP_REPLY_MAX = 64 * 1024,               /* all lines of one reply */
	SMTP_REPLY_TEXT_MAX = 4 * SMTP_REPLY_MAX, /* the same, escaped */
	SMTP_ENHANCED_MAX = 12,                   /* "5.123.123" and NUL */
};

struct smtp_reply {
	int code;                         /* 200 to 599 */
	char enhanced[SMTP_ENHANCED_MAX]; /* "" where the reply has none, or one that contradicts its code */
	struct buf text;  /* lines without code and enhanced status, escaped, joined by one space; owned */
	struct buf lines; /* the same with enhanced status, each ended by a line feed: what EHLO lists; owned */
};

void smtp_reply_init(struct smtp_reply *reply);
void smtp_reply_fini(struct smtp_reply *reply);

/* Collects octets of one connection. */
struct smtp_reader {
	struct buf pending;
	size_t scanned; /* octets of pending that were looked at */
	size_t line;    /* where the line begins that is being read */
	int code;       /* of the lines before it, 0 at the first */
};

void smtp_reader_init(struct smtp_reader *reader);
void smtp_reader_fini(struct smtp_reader *reader);

/* Adds octets as received. -1: more than the caps allow are waiting to be taken (ERROR_LIMIT). */
int smtp_reader_feed(struct smtp_reader *reader, struct span octets, struct error *err);

/* Takes the next whole reply. 1: *reply is it (what it held is gone); 0: more octets are needed; -1: not SMTP
 * (ERROR_PROTOCOL) or too long (ERROR_LIMIT); the connection is of no use then. */
int smtp_reader_next(struct smtp_reader *reader, struct smtp_reply *reply, struct error *err);

/* Whether octets wait that do not make a reply yet. */
bool smtp_reader_waiting(const struct smtp_reader *reader);

/* The enhanced status code (RFC 3463 section 2) at the start of `text`, when its class is that of `code`. Returns its
 * length with the spaces behind it, or 0; *ret_status receives the code alone. */
size_t smtp_enhanced_at(struct span text, int code, struct span *ret_status);

#endif
