/* What a server's certificate must come up to, and in which words it is refused. Private to net/. */
#ifndef NET_TLS_CERTIFICATE_H
#define NET_TLS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/net/tls_facts.h"

/* Whether the host is given as an address (IPv4, or IPv6 without brackets). */
bool tls_certificate_is_address(const char *host);

/* Demands a certificate for this host: its name or address must stand in subjectAltName (RFC 9525 section 6.3). False
 * when out of memory. */
bool tls_certificate_want_host(X509_VERIFY_PARAM *param, const char *host);

/* Puts what the verification of `host` has just refused into *err: ERROR_TLS with its enum tls_cause. */
void tls_certificate_refuse(X509_STORE_CTX *store, const char *host, struct error *err);

/* Verifies certificates in PEM, the server's own first, as the context verifies those of a handshake. Errors:
 * ERROR_TLS, memory. */
int tls_certificate_verify(SSL_CTX *context, struct span pem, const char *host, struct error *err);

/* Adds the names that the certificate is for, escaped; those that do not fit any more are left out. */
void tls_certificate_add_names(struct buf *names, X509 *certificate);

/* A distinguished name in the form of RFC 2253, escaped. */
void tls_certificate_name(const X509_NAME *name, char *out, size_t size);

int64_t tls_certificate_time_ms(const ASN1_TIME *time); /* wall clock; 0 where it cannot be read */

#endif
