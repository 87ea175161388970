/* Certificates for tests, made when they are needed: an authority and server certificates of every sort. */
#ifndef TESTS_MAKE_CERT_H
#define TESTS_MAKE_CERT_H

#include <openssl/ssl.h>

struct test_ca {
	EVP_PKEY *key;
	X509 *certificate;
};

/* A self-signed authority. Aborts when OpenSSL fails, as all here. */
void test_ca_init(struct test_ca *ca, const char *name);
void test_ca_fini(struct test_ca *ca);

/* Writes its certificate as PEM. */
void test_ca_write(const struct test_ca *ca, const char *path);

/* A server context with a new key and a certificate of this authority for the subject alternative names
 * (`IP:127.0.0.1`, `DNS:mx.test`, separated by commas), valid from one day ago (two years ago when `expired`) for one
 * year. */
SSL_CTX *test_ca_server(const struct test_ca *ca, const char *names, int expired);

#endif
