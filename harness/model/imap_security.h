/* How a connection to an IMAP server is protected. */
#ifndef MODEL_IMAP_SECURITY_H
#define MODEL_IMAP_SECURITY_H

#include <stdint.h>

enum imap_security {
	IMAP_TLS,      /* from the first octet (RFC 8314) */
	IMAP_STARTTLS, /* required: a server without it is an error */
	IMAP_PLAIN,    /* no protection: for a mailbox on the same machine */
};

/* The words of a configuration for it, in the order of the enumeration, up to a NULL. */
extern const char *const imap_security_words[];

/* The port where a server of that kind listens unless a configuration says otherwise (RFC 3501, RFC 8314). */
uint16_t imap_security_port(enum imap_security security);

#endif
