/* How a connection to the SMTP server is protected. */
#ifndef SEND_SMTP_STARTTLS_H
#define SEND_SMTP_STARTTLS_H

enum smtp_starttls {
	SMTP_STARTTLS_REQUIRED, /* the default: no STARTTLS, no mail */
	SMTP_STARTTLS_NONE,     /* plaintext, because the user says so; means nothing for smtps:// */
};

#endif
