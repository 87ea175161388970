/* Whom TLS clients believe: the system's certificate authorities and, where given, those of a file. One object for all
 * streams of the same trust. */
#ifndef NET_TLS_TRUST_H
#define NET_TLS_TRUST_H

#include "harness/base/error.h"

struct tls_trust;

/* ca_file: PEM certificates that are trusted besides the system's; NULL for the system's alone. Clients made from it
 * speak TLS 1.2 at least and always verify chain and host name. Errors: ERROR_CONFIG (file missing or without a
 * certificate; the text names it), memory. */
int tls_trust_new(const char *ca_file, struct tls_trust **ret, struct error *err);

/* NULL is allowed. Must outlive the handshakes, not the streams. */
void tls_trust_free(struct tls_trust *trust);

/* What err->code says of an error of kind ERROR_TLS. */
enum tls_cause {
	TLS_HANDSHAKE,   /* no common version or cipher, not TLS at all, an alert */
	TLS_EXPIRED,     /* the server's certificate, or one above it */
	TLS_NOT_YET,     /* not valid yet: the clock of one of the two is wrong */
	TLS_WRONG_NAME,  /* valid, for another host */
	TLS_UNKNOWN_CA,  /* no trusted authority vouches for it; self-signed */
	TLS_OTHER_CHAIN, /* revoked, weak, not for servers, ... */
};

#endif
