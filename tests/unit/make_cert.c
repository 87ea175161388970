/* Test certificates by OpenSSL: P-256 keys, so that making them takes no time. */
#include "tests/unit/make_cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { DAY = 24 * 3600 };

static void must(int ok)
{
	if (ok)
		return;
	ERR_print_errors_fp(stderr);
	abort();
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	must(extension && X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

static X509 *certificate_new(EVP_PKEY *key, const char *name, long from, long until)
{
	static long serial;
	X509 *certificate = X509_new();
	must(certificate && X509_set_version(certificate, 2));
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
	must(X509_gmtime_adj(X509_getm_notBefore(certificate), from) &&
	     X509_gmtime_adj(X509_getm_notAfter(certificate), until) && X509_set_pubkey(certificate, key));
	must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
					(const unsigned char *)name, -1, -1, 0));
	return certificate;
}

void test_ca_init(struct test_ca *ca, const char *name)
{
	ca->key = EVP_EC_gen("P-256");
	must(ca->key != NULL);
	ca->certificate = certificate_new(ca->key, name, -4 * 365L * DAY, 365L * DAY);
	must(X509_set_issuer_name(ca->certificate, X509_get_subject_name(ca->certificate)));
	extend(ca->certificate, ca->certificate, NID_basic_constraints, "critical,CA:TRUE");
	extend(ca->certificate, ca->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
	must(X509_sign(ca->certificate, ca->key, EVP_sha256()));
}

void test_ca_fini(struct test_ca *ca)
{
	X509_free(ca->certificate);
	EVP_PKEY_free(ca->key);
}

void test_ca_write(const struct test_ca *ca, const char *path)
{
	FILE *file = fopen(path, "w");
	must(file != NULL && PEM_write_X509(file, ca->certificate));
	fclose(file);
}

SSL_CTX *test_ca_server(const struct test_ca *ca, const char *names, int expired)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	must(key != NULL);
	long from = expired ? -2 * 365L * DAY : -DAY;
	X509 *certificate = certificate_new(key, "test server", from, from + 365L * DAY);
	must(X509_set_issuer_name(certificate, X509_get_subject_name(ca->certificate)));
	extend(certificate, ca->certificate, NID_basic_constraints, "critical,CA:FALSE");
	extend(certificate, ca->certificate, NID_ext_key_usage, "serverAuth");
	extend(certificate, ca->certificate, NID_subject_alt_name, names);
	must(X509_sign(certificate, ca->key, EVP_sha256()));
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	must(context && SSL_CTX_use_certificate(context, certificate) && SSL_CTX_use_PrivateKey(context, key));
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}
