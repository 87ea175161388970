/* The other side of a network test: a certificate authority made for the test, and a server on the loopback that plays
 * a script on a thread of its own. Whatever cannot be had here ends the test program. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_ca;

/* An authority, with its certificate in a PEM file. */
struct test_ca *test_ca_new(void);
void test_ca_free(struct test_ca *ca);
const char *test_ca_file(const struct test_ca *ca);

enum test_chain {
	TEST_CHAIN_DIRECT,  /* signed by the authority */
	TEST_CHAIN_SENT,    /* by an intermediate one, which the server sends */
	TEST_CHAIN_MISSING, /* by an intermediate one, which it does not send */
	TEST_CHAIN_WEAK,    /* as SENT; its key is RSA of 1,024 bits */
	TEST_CHAIN_NO_CA,   /* as SENT; it is not an authority */
};

struct test_cert {
	const char *names; /* as in openssl: `DNS:imap.test,IP:127.0.0.1`; NULL: no subjectAltName */
	long from_s, to_s; /* validity, relative to now; both 0 for an hour around now */
	bool self_signed;
	const char *common_name; /* NULL: "Test server" */
	const char *usage;       /* extendedKeyUsage as in openssl: `clientAuth`; NULL: none */
	int rsa_bits;            /* 0: P-256 */
	bool sha1;               /* signed by SHA-1 */
	enum test_chain chain;
};

/* What a server needs to show such a certificate; max_version 0 for the newest. Free with SSL_CTX_free. */
SSL_CTX *test_ca_context(struct test_ca *ca, const struct test_cert *cert, int max_version);

/* One connection, as the script has it. Each function gives up after ten seconds and says so by false: a client that
 * has gone is nothing that a script must care about. */
struct test_peer {
	int fd;
	SSL *ssl;
	void *user;
};

typedef void test_script(struct test_peer *peer);

bool peer_start_tls(struct test_peer *peer, SSL_CTX *context);
bool peer_send(struct test_peer *peer, const char *text);
bool peer_send_octets(struct test_peer *peer, const void *octets, size_t len);
bool peer_sendf(struct test_peer *peer, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool peer_read_line(struct test_peer *peer, char *out, size_t size); /* without its line end */
void peer_wait_for_end(struct test_peer *peer);                      /* until the client closes */

struct test_server;

/* Listens on 127.0.0.1, or on ::1, and plays the script for each connection, one after the other. NULL where the
 * machine has no such address. */
struct test_server *test_server_new(bool ipv6, test_script *script, void *user);
uint16_t test_server_port(const struct test_server *server);
unsigned test_server_connections(struct test_server *server); /* so far */
void test_server_free(struct test_server *server);            /* cuts what is open, waits for the script */

/* A port of 127.0.0.1 on which nobody listens. */
uint16_t test_closed_port(void);

#endif
