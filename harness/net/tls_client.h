/* TLS clients as every stream uses them: trust, verification, and both put into words. Private to net/. */
#ifndef NET_TLS_CLIENT_H
#define NET_TLS_CLIENT_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "harness/base/span.h"
#include "harness/net/tls_facts.h"

/* A handshake that is going on. */
struct tls_handshake {
	const char *host;     /* name or address that the certificate must be for */
	bool inspects;        /* goes on whatever is wrong with the certificate; also takes TLS 1.0 and 1.1 */
	struct error refusal; /* what is wrong with the certificate; kind NONE where that is not the trouble. Of one
				 that is inspected the first fault, its own end of validity apart */
};

/* A client over the socket, which stays the caller's, before its handshake, for the length of which it keeps `of`.
 * Never raises SIGPIPE. NULL on error: as tls_stream_start. Any thread. */
SSL *tls_client_new(int fd, struct tls_handshake *of, const char *ca_file, struct error *err);

/* Says why OpenSSL gave the handshake up, in *err. Returns -1. */
int tls_client_refuse(const struct tls_handshake *of, struct error *err);

/* Verifies certificates (PEM, the server's own first) that another library was shown, by the same rules and in the same
 * words. Errors: ERROR_TLS with its enum tls_cause, ERROR_CONFIG (ca_file), memory. Any thread. */
int tls_client_verify(struct span pem, const char *host, const char *ca_file, struct error *err);

/* Takes the evidence of a finished handshake. */
void tls_client_facts(const SSL *ssl, struct tls_facts *ret);

/* Takes what is known of the certificates, beside facts and refusal. Errors: memory. */
int tls_client_inspect(const SSL *ssl, struct tls_inspection *ret, struct error *err);

/* The last word of OpenSSL on this thread; never NULL. */
const char *tls_client_reason(void);

#endif
