/* The ways of writing a recipient and a sender that have made servers relay for strangers. Data, and the filling in. */
#ifndef RELAY_RELAY_FORMS_H
#define RELAY_RELAY_FORMS_H

#include <stdbool.h>
#include <stddef.h>

/* Sender and recipient hold placeholders: {user} and {domain} of the foreign mailbox, {host} the name of the server,
 * {ip} what stands in the brackets of its address literal, {from} the service's From address, {helo} what we call
 * ourselves. */
struct relay_form {
	const char *name;
	const char *sender;    /* behind MAIL FROM: */
	const char *recipient; /* behind RCPT TO: */
};

/* Those of one sender stand together, so that they can share a transaction. */
extern const struct relay_form relay_forms[];
extern const size_t relay_form_count;

struct relay_words {
	const char *user, *domain; /* of the foreign mailbox */
	const char *host, *ip, *from, *helo;
};

/* Fills the placeholders of a pattern in. False where out is too small. */
enum { RELAY_PATH_MAX = 1024 };
bool relay_form_fill(const char *pattern, const struct relay_words *words, char out[RELAY_PATH_MAX]);

#endif
