/* The second judgement of libcurl's peers. Must never let pass what tls_stream_start would refuse. */
#include "harness/net/curl_peer.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/net/tls_client.h"

enum { CHAIN_MAX = 256 * 1024, HOST_MAX = 256 };

CURLcode curl_peer_demand(CURL *easy, const char *ca_file)
{
	CURLcode codes[] = {
		curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2),
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L),
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L),
		curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L),
		ca_file ? curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file) : CURLE_OK,
		ca_file ? curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) : CURLE_OK,
	};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] != CURLE_OK)
			return codes[i];
	return CURLE_OK;
}

/* The host of the URL, without brackets. */
static bool curl_peer_host(CURL *easy, char host[HOST_MAX])
{
	char *url = NULL, *part = NULL;
	CURLU *parsed = curl_url();
	bool well = parsed && curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK && url &&
		    curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		    curl_url_get(parsed, CURLUPART_HOST, &part, CURLU_PUNYCODE) == CURLUE_OK;
	struct span name = span_of(part);
	if (name.len > 2 && name.p[0] == '[')
		name = span_sub(name, 1, name.len - 2);
	well = well && span_copy(name, host, HOST_MAX);
	curl_free(part);
	curl_url_cleanup(parsed);
	return well;
}

/* Adds the chain as PEM. */
static void add_chain(CURL *easy, struct buf *pem)
{
	struct curl_certinfo *certs = NULL;
	const struct span name = SPAN_LIT("Cert:");
	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &certs) != CURLE_OK || !certs)
		return;
	for (int i = 0; i < certs->num_of_certs; i++)
		for (struct curl_slist *l = certs->certinfo[i]; l; l = l->next)
			if (span_starts(span_of(l->data), name)) {
				buf_add_str(pem, l->data + name.len);
				buf_add_char(pem, '\n');
			}
}

/* `unshown`: what is said where no certificate has been kept. */
static int curl_peer_judge(CURL *easy, const char *ca_file, const char *unshown, struct error *err)
{
	_cleanup_(buf_fini) struct buf pem = BUF_INIT(CHAIN_MAX);
	char host[HOST_MAX];
	if (!curl_peer_host(easy, host))
		return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "a connection without a host");
	add_chain(easy, &pem);
	if (!pem.len && !pem.failed)
		return error_set(err, ERROR_TLS, RETRY_NEVER, TLS_CERTIFICATE,
				 "TLS: the certificate of %s is refused: %s", host, unshown);
	if (buf_check(&pem, "the server's chain of certificates", err) < 0)
		return -1;
	return tls_client_verify(buf_span(&pem), host, ca_file, err) < 0 ? error_prefix(err, "TLS") : 0;
}

int curl_peer_verify(CURL *easy, const char *ca_file, struct error *err)
{
	return curl_peer_judge(easy, ca_file, "it was not shown", err);
}

/* What GnuTLS and OpenSSL say of octets that are no TLS. */
static bool is_plaintext(const char *why)
{
	static const char *const signs[] = { "unexpected TLS packet", "wrong version number", "packet with illegal",
					     "unsupported TLS packet" };
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (span_find_nocase(span_of(why), span_of(signs[i]), 0) >= 0)
			return true;
	return false;
}

int curl_peer_refuse(CURL *easy, CURLcode code, const char *why, const char *ca_file, struct error *err)
{
	char host[HOST_MAX];
	if (!curl_peer_host(easy, host))
		host[0] = '\0';
	if (code == CURLE_SSL_CACERT_BADFILE)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, (int)code, "ca_file %s: %s", ca_file ? ca_file : "",
				 why);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return curl_peer_judge(easy, ca_file, why, err) < 0
			   ? -1
			   : error_set(err, ERROR_TLS, RETRY_NEVER, TLS_CERTIFICATE,
				       "TLS: the certificate of %s is refused: %s", host, why);
	if (is_plaintext(why))
		return error_set(err, ERROR_TLS, RETRY_LATER, TLS_PLAINTEXT,
				 "TLS: %s does not answer in TLS here (%s): wrong port, or wrong kind of security",
				 host, why);
	/* A reset within the handshake looks like this too. */
	return error_set(err, ERROR_TLS, RETRY_LATER, TLS_HANDSHAKE, "no TLS with %s: %s", host, why);
}
