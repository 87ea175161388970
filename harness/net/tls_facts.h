/* What is known of the other side of a TLS connection, and what was wrong with it. */
#ifndef NET_TLS_FACTS_H
#define NET_TLS_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"

/* Evidence of a handshake: escaped text. */
struct tls_facts {
	char version[16];     /* `TLSv1.3` */
	char cipher[64];      /* `TLS_AES_256_GCM_SHA384` */
	char subject[200];    /* of the server's certificate, in the form of RFC 2253, cut where too long */
	char issuer[200];     /* likewise */
	int64_t not_after_ms; /* end of its validity, wall clock */
};

/* A certificate in DER form. */
struct tls_certificate {
	unsigned char *der;
	size_t len; /* octets */
};

enum { TLS_CHAIN_MAX = 16, TLS_NAMES_MAX = 400 };

/* What a server shows of itself, held against the same rules as any other, but taken whatever comes of that. */
struct tls_inspection {
	struct tls_facts facts;
	char names[TLS_NAMES_MAX]; /* that its certificate is for: `mx.example.org, *.example.org`, escaped; those that
				      do not fit are left out */
	struct error refusal;      /* why the certificate is not to be trusted, as tls_stream_start would say it; kind
				      ERROR_NONE where it is. That it has expired itself is not counted here:
				      facts.not_after_ms says so */
	struct tls_certificate chain[TLS_CHAIN_MAX]; /* as sent: the server's own, then those above it */
	size_t chain_count;
};

/* Frees what it owns and leaves it zeroed. */
void tls_inspection_fini(struct tls_inspection *inspection);

/* What err->code says of an error of kind ERROR_TLS. */
enum tls_cause {
	TLS_HANDSHAKE,   /* no common version or cipher, an alert */
	TLS_PLAINTEXT,   /* the server speaks, but not TLS: another port, or another kind of security */
	TLS_EXPIRED,     /* the server's certificate, or one above it */
	TLS_NOT_YET,     /* not valid yet: one of the two clocks is wrong */
	TLS_WRONG_NAME,  /* valid, for another host */
	TLS_UNKNOWN_CA,  /* no trusted authority vouches for it; self-signed */
	TLS_CERTIFICATE, /* anything else against it: weak, revoked, not for servers */
};

#endif
