/* An SMTP server for tests, one thread a connection, that does as a script says and writes down what it saw and when.
 */
#ifndef TESTS_SMTP_SERVER_H
#define TESTS_SMTP_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Verbs are those of the commands (AUTH: its last reply), and GREETING, CHALLENGE (334 of AUTH), END (the end-of-data
 * line) and CONTENT (its first line). What is done instead of the usual at the nth occurrence of a verb, counted over
 * all connections; 0: at every one. */
struct smtp_rule {
	const char *verb;
	int nth;
	const char *reply; /* lines with CRLF are sent as they are; a text without CRLF gets one. NULL: close.
			      "hang": say nothing, and read on until the peer closes. "bye REPLY": say it and close */
	int await; /* before it, wait until as many end-of-data lines were seen in all; closes when they do not come */
};

enum { SMTP_RULES_MAX = 16, SMTP_EVENTS_MAX = 4096 };

struct smtp_seen {
	int connection; /* from 1 */
	int64_t at_ms;  /* clock_mono_ms */
	char text[400]; /* the command; "END" for the end-of-data line, "CLOSED" */
};

struct smtp_server_params {
	SSL_CTX *tls;  /* NULL: none */
	bool implicit; /* TLS from the start, else by STARTTLS */
	bool no_auth, no_utf8;
	const char *auth;   /* lines of the reply to EHLO, each with `250-` and CRLF; NULL: AUTH PLAIN LOGIN. User is
			       `service`, password `correct horse`; other mechanisms are refused after a challenge */
	bool needs_initial; /* AUTH PLAIN without an initial response is refused */
	bool ipv6;
	const char *address; /* to listen on; NULL: the loopback of the family */
	int port;            /* 0: any that is free */
	int delay_ms;        /* before each reply */
	struct smtp_rule rules[SMTP_RULES_MAX];
};

struct smtp_server;

/* NULL where the address and port that are wanted are not to be had. */
struct smtp_server *smtp_server_start(const struct smtp_server_params *params);
void smtp_server_stop(struct smtp_server *server); /* ends every connection, joins every thread, frees */
int smtp_server_port(const struct smtp_server *server);

/* How often a text starting with this was seen so far. */
int smtp_server_count(struct smtp_server *server, const char *text);
/* The nth (from 1) such event; false where there is none. */
bool smtp_server_seen(struct smtp_server *server, const char *text, int nth, struct smtp_seen *ret);
/* Waits until a text was seen n times; false after five seconds. */
bool smtp_server_wait(struct smtp_server *server, const char *text, int n);
/* The nth (from 1) content that was ended by an end-of-data line, as it came over the wire without that line; heap,
 * NUL-terminated; NULL where there is none. */
char *smtp_server_content(struct smtp_server *server, int nth);

#endif
