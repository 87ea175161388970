/* Certificates: what a server's must come up to, and in which words it is refused. The one policy of all connections;
 * it must never take a name from anywhere but subjectAltName. */
#include "harness/net/tls_certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/base/text.h"

enum { DETAIL_MAX = 300 };

/* The name must stand in subjectAltName (RFC 9525 section 6.3), a wildcard for a whole label. */
enum { HOST_FLAGS = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS };

bool tls_certificate_is_address(const char *host)
{
	unsigned char octets[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, octets) == 1 || inet_pton(AF_INET6, host, octets) == 1;
}

/* What the certificate must be for. */
bool tls_certificate_want_host(X509_VERIFY_PARAM *param, const char *host)
{
	if (tls_certificate_is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	X509_VERIFY_PARAM_set_hostflags(param, HOST_FLAGS);
	return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

static void add_name(struct buf *names, struct span name)
{
	if (names->len)
		buf_add_str(names, ", ");
	text_add_escaped(names, name);
}

static void add_general_name(struct buf *names, const GENERAL_NAME *name)
{
	char text[INET6_ADDRSTRLEN];
	if (name->type == GEN_DNS)
		add_name(names, span_make((const char *)ASN1_STRING_get0_data(name->d.dNSName),
					  (size_t)ASN1_STRING_length(name->d.dNSName)));
	if (name->type != GEN_IPADD)
		return;
	int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
	if ((family == AF_INET || ASN1_STRING_length(name->d.iPAddress) == 16) &&
	    inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof(text)))
		add_name(names, span_of(text));
}

void tls_certificate_add_names(struct buf *names, X509 *certificate)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; list && i < sk_GENERAL_NAME_num(list) && !names->failed; i++)
		add_general_name(names, sk_GENERAL_NAME_value(list, i));
	GENERAL_NAMES_free(list);
	if (!names->len)
		buf_add_str(names, "no host at all");
}

int64_t tls_certificate_time_ms(const ASN1_TIME *time)
{
	struct tm tm;
	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

static void add_day(struct buf *out, const ASN1_TIME *time)
{
	char text[TIME_TEXT_MAX];
	text_add_escaped(out, span_sub(span_of(time_rfc3339(tls_certificate_time_ms(time), text)), 0, 10));
}

void tls_certificate_name(const X509_NAME *name, char *out, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	out[0] = '\0';
	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(bio, &text);
		escape_text(out, size, span_make(text, len > 0 ? (size_t)len : 0));
	}
	BIO_free(bio);
}

static void add_issuer(struct buf *out, X509 *certificate)
{
	char name[DETAIL_MAX];
	tls_certificate_name(X509_get_issuer_name(certificate), name, sizeof(name));
	buf_add_str(out, name);
}

/* `above`: the topmost certificate that could be traced. */
static void refuse_certificate(X509 *certificate, X509 *above, const char *host, long verdict, struct error *err)
{
	struct buf detail = BUF_INIT(DETAIL_MAX);
	const char *words = X509_verify_cert_error_string(verdict);
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		add_day(&detail, X509_get0_notAfter(certificate));
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_EXPIRED,
			  X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0
			      ? "the certificate of %s expired on %s"
			      : "an authority above the certificate of %s (valid until %s) has expired",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		add_day(&detail, X509_get0_notBefore(certificate));
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_NOT_YET, "the certificate of %s is not valid before %s",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		tls_certificate_add_names(&detail, certificate);
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_WRONG_NAME, "the certificate is not for %s: it is for %s",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		/* Which of both it is nobody can tell who does not have the issuer's certificate. */
		add_issuer(&detail, above);
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_UNKNOWN_CA,
			  "the certificate of %s is signed by an authority that is not trusted here, %s: either the "
			  "server does not send the intermediate certificate of that name, or the authority is one "
			  "that ca_file must name",
			  host, buf_str(&detail));
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		error_set(
		    err, ERROR_TLS, RETRY_NEVER, TLS_UNKNOWN_CA,
		    "the certificate of %s is signed by an authority that is not trusted here (%s): if it is your "
		    "own, ca_file must name it",
		    host, words);
		break;
	default:
		error_set(err, ERROR_TLS, RETRY_NEVER, TLS_CERTIFICATE, "the certificate of %s is refused: %s", host,
			  words);
	}
	buf_fini(&detail);
}

void tls_certificate_refuse(X509_STORE_CTX *store, const char *host, struct error *err)
{
	X509 *certificate = X509_STORE_CTX_get0_cert(store), *at = X509_STORE_CTX_get_current_cert(store);
	refuse_certificate(certificate, at ? at : certificate, host, X509_STORE_CTX_get_error(store), err);
}

/* --- a chain that another library was shown --------------------------------------------------------------------- */

/* Of a verification that is going on. */
struct chain_check {
	const char *host;
	struct error refusal;
};

static int on_chain_verdict(int good, X509_STORE_CTX *store)
{
	struct chain_check *check = X509_STORE_CTX_get_app_data(store);
	if (!good)
		tls_certificate_refuse(store, check->host, &check->refusal);
	return good;
}

static STACK_OF(X509) * read_chain(struct span pem)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	X509 *certificate;
	while (chain && bio && sk_X509_num(chain) < TLS_CHAIN_MAX &&
	       (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (sk_X509_push(chain, certificate) <= 0)
			X509_free(certificate);
	BIO_free(bio);
	ERR_clear_error();
	return chain;
}

/* As SSL_connect verifies a server. */
static int verify_chain(X509_STORE_CTX *store, STACK_OF(X509) * chain, SSL_CTX *context, struct chain_check *check,
			struct error *err)
{
	if (!store || X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(context), sk_X509_value(chain, 0), chain) != 1)
		return error_memory(err);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);
	X509_VERIFY_PARAM_set_auth_level(param, SSL_CTX_get_security_level(context));
	if (X509_STORE_CTX_set_default(store, "ssl_server") != 1 || !tls_certificate_want_host(param, check->host) ||
	    X509_STORE_CTX_set_app_data(store, check) != 1)
		return error_memory(err);
	X509_STORE_CTX_set_verify_cb(store, on_chain_verdict);
	if (X509_verify_cert(store) == 1)
		return 0;
	ERR_clear_error();
	if (check->refusal.kind == ERROR_NONE)
		return error_memory(err);
	*err = check->refusal;
	return -1;
}

int tls_certificate_verify(SSL_CTX *context, struct span pem, const char *host, struct error *err)
{
	struct chain_check check = { .host = host };
	STACK_OF(X509) *chain = read_chain(pem);
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	int result;
	if (chain && sk_X509_num(chain) > 0)
		result = verify_chain(store, chain, context, &check, err);
	else
		result = error_set(err, ERROR_TLS, RETRY_LATER, TLS_CERTIFICATE,
				   "%s shows no certificate that can be read", host);
	X509_STORE_CTX_free(store);
	sk_X509_pop_free(chain, X509_free);
	return result;
}
