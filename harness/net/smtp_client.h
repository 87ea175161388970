/* An SMTP dialogue with one server (RFC 5321), command by command, for whoever wants to know what it says: each call
 * sends one command and waits for its reply, under the deadline of the whole dialogue. Mail is sent by harness/send,
 * not by this.
 *
 * A function that has a reply returns 0 whatever the reply says, and *ret receives it. -1 is a connection that is of no
 * use any more: ERROR_TIMEOUT, ERROR_NETWORK, ERROR_PROTOCOL (what was said is no SMTP, or was said out of turn),
 * ERROR_LIMIT, ERROR_TLS, ERROR_CONFIG (ca_file, a command of more than one line), memory. One thread at a time. */
#ifndef NET_SMTP_CLIENT_H
#define NET_SMTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/net/smtp_reply.h"
#include "harness/net/tls_stream.h"

struct smtp_client;

struct smtp_client_params {
	const char *address; /* to connect to; a name is resolved by the system */
	uint16_t port;
	const char *host;    /* name that the certificate must be for; NULL: the address */
	const char *ca_file; /* as tls_stream_start has it */
	const char *helo;    /* what we call ourselves */
	struct deadline deadline;
	int cancel_fd; /* ends every wait when readable; -1: none */
};

/* Connects and reads the greeting. The params, without the structure itself, are borrowed for as long as the client
 * lives. Errors: also as dial(). */
int smtp_client_new(const struct smtp_client_params *params, struct smtp_client **ret, struct smtp_reply *ret_greeting,
		    struct error *err);

/* Closes at once. NULL is allowed. */
void smtp_client_free(struct smtp_client *client);
void smtp_client_free_p(struct smtp_client **client); /* for _cleanup_ */

/* EHLO; HELO where that is refused with 5xx (RFC 5321 section 3.2). */
int smtp_client_hello(struct smtp_client *client, struct smtp_reply *ret, struct error *err);

/* Whether the last reply to EHLO lists the keyword. ASCII case folded. */
bool smtp_client_offers(const struct smtp_client *client, const char *keyword);

/* STARTTLS (RFC 3207), and the handshake where it is answered by 220; EHLO is to be said again after it. The second
 * takes any certificate, as tls_stream_inspect, and sets *ret_inspection, for the caller to free, after a handshake. */
int smtp_client_starttls(struct smtp_client *client, struct smtp_reply *ret, struct error *err);
int smtp_client_inspect_tls(struct smtp_client *client, struct tls_inspection *ret_inspection, struct smtp_reply *ret,
			    struct error *err);

/* Says QUIT, waits a second for the reply, whatever it is, and frees the client. */
void smtp_client_quit(struct smtp_client *client);

/* Any command of one line, without its CRLF: `MAIL FROM:<>`, `RCPT TO:<ana@example.org>`, `RSET`. */
int smtp_client_command(struct smtp_client *client, struct smtp_reply *ret, struct error *err, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* DATA, and where that is answered by 354 the content and the end-of-data line; *ret is the reply to the last that was
 * sent. The content is in the form of RFC 5322, with CRLF; dots are doubled here. */
int smtp_client_data(struct smtp_client *client, struct span content, struct smtp_reply *ret, struct error *err);

/* `192.0.2.1:25`, `[2001:db8::1]:25`: whom we talk to. Borrowed. */
const char *smtp_client_peer(const struct smtp_client *client);

#endif
