/* Whom libcurl talks to, judged by the rules that hold for every other connection: its own TLS library takes more than
 * OpenSSL (names outside of subjectAltName, weak keys, certificates that are not for servers). Private to those that
 * use libcurl. */
#ifndef NET_CURL_PEER_H
#define NET_CURL_PEER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "harness/base/error.h"

/* Before a transfer: TLS 1.2 at least, verified; certificates are kept for curl_peer_verify. ca_file: PEM, NULL for the
 * system's. */
CURLcode curl_peer_demand(CURL *easy, const char *ca_file);

/* After the handshake, before anything secret is sent: the certificates that the server has shown, as tls_stream_start
 * judges them. Errors: those of it; ERROR_TLS where there are none. */
int curl_peer_verify(CURL *easy, const char *ca_file, struct error *err);

/* Why the handshake failed, given libcurl's code (CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR,
 * CURLE_SSL_CACERT_BADFILE) and what it says: as curl_peer_verify where the certificate is to blame. Returns -1. */
int curl_peer_refuse(CURL *easy, CURLcode code, const char *why, const char *ca_file, struct error *err);

#endif
