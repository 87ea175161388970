/* How a connection to an IMAP server is protected. */
#include "harness/model/imap_security.h"

#include <stddef.h>

const char *const imap_security_words[] = { "tls", "starttls", "none", NULL };

uint16_t imap_security_port(enum imap_security security)
{
	return security == IMAP_TLS ? 993 : 143;
}
