/* Connections to the SMTP server, up to and including STARTTLS and EHLO, by libcurl's multi interface; after that
 * a stream of octets for a dialogue of our own. libcurl's own upload is not used: it waits for the reply to the end of
 * data inside curl_multi_perform, so that one slow server reply would hold up every other connection of the thread.
 *
 * The only part of the room that knows libcurl. One thread at a time. */
#ifndef SEND_SMTP_LINK_H
#define SEND_SMTP_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/send/smtp_dialogue.h"
#include "harness/send/smtp_params.h"

/* All connections of one struct smtp. */
struct smtp_links;

/* One connection. */
struct smtp_link;

enum smtp_link_state { SMTP_LINK_OPENING, SMTP_LINK_OPEN, SMTP_LINK_FAILED };

/* `params` (with every default filled in) are borrowed. Errors: memory. */
int smtp_links_new(const struct smtp_params *params, struct smtp_links **ret, struct error *err);
void smtp_links_free(struct smtp_links *links); /* closes all that are left */

/* Begins to connect; `number` names the connection in the transcript. Errors: memory. */
int smtp_link_open(struct smtp_links *links, int number, struct smtp_link **ret, struct error *err);

/* Closes at once, without QUIT. NULL is allowed. */
void smtp_link_close(struct smtp_link *link);

/* Lets libcurl work; states of links may change. Never waits. */
int smtp_links_work(struct smtp_links *links, struct error *err);

/* Waits until a link needs attention or cancel_fd (-1: none) is readable, at most timeout_ms. */
int smtp_links_wait(struct smtp_links *links, int64_t timeout_ms, int cancel_fd, struct error *err);

/* Ends a wait, or the next one. Any thread. */
void smtp_links_wake(struct smtp_links *links);

enum smtp_link_state smtp_link_state(const struct smtp_link *link);

/* Why it FAILED. ERROR_TLS with RETRY_NEVER will not mend itself, nor will ERROR_REFUSED with RETRY_NEVER (5xx). */
const struct error *smtp_link_error(const struct smtp_link *link);

/* Of an OPEN link, without waiting. send: 1, *ret_sent octets left (at least one); 0: would block; -1: the connection
 * is gone. recv: 1, *ret_len octets came; 0: none for now; -1: the connection is gone (ERROR_NETWORK). */
int smtp_link_send(struct smtp_link *link, struct span octets, size_t *ret_sent, struct error *err);
int smtp_link_recv(struct smtp_link *link, char *octets, size_t size, size_t *ret_len, struct error *err);

/* A link that is paused does not end smtp_links_wait, whatever the server does. */
void smtp_link_pause(struct smtp_link *link, bool paused);

/* Whether smtp_links_wait shall end when the link can be written to. */
void smtp_link_want_write(struct smtp_link *link, bool want);

/* What is known of the connection. Strings are borrowed, NULL where unknown. */
struct smtp_link_facts {
	const char *tls_version, *tls_cipher, *peer;
	struct smtp_extensions extensions;
};
const struct smtp_link_facts *smtp_link_facts(const struct smtp_link *link);

/* Adds a line to the transcript: direction is 'C', 'S' or '*'; the octets are escaped here. */
void smtp_link_trace(struct smtp_link *link, char direction, struct span line);

#endif
