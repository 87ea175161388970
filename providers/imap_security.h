/* How a connection to an IMAP server is protected. */
#ifndef PROVIDERS_IMAP_SECURITY_H
#define PROVIDERS_IMAP_SECURITY_H

enum imap_security {
	IMAP_TLS,      /* from the first octet (RFC 8314) */
	IMAP_STARTTLS, /* required: a server without it is an error */
	IMAP_PLAIN,    /* no protection: for a mailbox on the same machine */
};

#endif
