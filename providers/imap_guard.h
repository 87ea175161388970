/* What an IMAP server may say in answer to one command. A pure state machine that is fed with every octet before
 * libetpan sees it: it knows just enough of RFC 9051 section 9 to tell responses, quoted strings and literals apart,
 * and stops what would make a parser that trusts its server hang, overflow its stack or take all memory. */
#ifndef PROVIDERS_IMAP_GUARD_H
#define PROVIDERS_IMAP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

/* Limits of one command's answer, each inclusive. */
struct imap_limits {
	uint64_t octets;    /* in all */
	uint64_t literal;   /* announced size of one literal: `{n}`, `{n+}`, `~{n}` */
	uint32_t line;      /* octets of a response with its line end, without its literals */
	uint32_t depth;     /* parentheses open at once, outside of strings and status texts */
	uint32_t responses; /* lines that begin a response, of whatever kind */
};

enum imap_guard_state {
	GUARD_START,    /* at the beginning of a line */
	GUARD_STAR,     /* behind `*` */
	GUARD_UNTAGGED, /* behind `* ` */
	GUARD_NUMBER,   /* in the number of `* 12 FETCH` */
	GUARD_NUMBERED, /* behind `* 12 ` */
	GUARD_WORD,     /* in the word that names the response */
	GUARD_TEXT,     /* in a response without strings: continuations, ends of commands, untagged status texts */
	GUARD_DATA,     /* in any other */
	GUARD_QUOTED,
	GUARD_ESCAPED, /* behind a backslash in a quoted string */
	GUARD_SIZE,    /* behind `{`: digits */
	GUARD_PLUS,    /* behind `{n+` */
	GUARD_END,     /* behind `{n}` */
	GUARD_CR,      /* behind `{n}` and CR */
	GUARD_LITERAL,
	GUARD_BROKEN, /* a limit was crossed: everything further is refused */
};

struct imap_guard {
	struct imap_limits limits;
	enum imap_guard_state state;
	bool digits;      /* the size of a literal has begun */
	bool wanted;      /* the response that has begun is one of data: FETCH, LIST */
	uint64_t octets;  /* of this answer so far */
	uint64_t literal; /* announced, then what is left of it */
	uint32_t line, depth, responses;
	unsigned word_len;
	char word[8]; /* in capitals; longer words are cut */
};

void imap_guard_init(struct imap_guard *guard, const struct imap_limits *limits);

/* A new command: counts octets and responses from 0, under these limits. Keeps its place within a line or a literal,
 * since a server does not stop where we speak; a guard that is broken stays broken. */
void imap_guard_begin(struct imap_guard *guard, const struct imap_limits *limits);

/* The next octets of the server. Errors: ERROR_LIMIT and ERROR_PROTOCOL, RETRY_LATER, the text says what was sent. The
 * connection is of no use after either. Linear time, no memory. */
int imap_guard_feed(struct imap_guard *guard, struct span octets, struct error *err);

#endif
