/* One HTTP request and its response, by libcurl: policy files, scanners, hooks. Certificates and names are always
 * verified, TLS 1.2 at least; a redirect is a response like any other (RFC 8461 section 3.3); neither proxies nor
 * anything else of the environment count. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

/* Borrowed for the call. */
struct http_request {
	const char *url;              /* `https://mta-sts.example.org/.well-known/mta-sts.txt`; or http: */
	const char *const *addresses; /* to connect to; none: those that the system knows of the host */
	size_t address_count;
	const char *content_type; /* of the body: then the request is POST; NULL: GET or HEAD */
	struct span body;
	const char *body_field; /* a further field of a request with a body, `Name: value`; NULL: none */
	bool head;              /* HEAD: the response has no body */
	const char *ca_file;    /* trusted certificates in PEM instead of the system's; NULL: the system's */
	size_t max_octets;      /* of the response's body */
	struct deadline deadline;
};

enum { HTTP_TYPE_MAX = 128, HTTP_LOCATION_MAX = 512 };

struct http_response {
	int status;                       /* `404` */
	char content_type[HTTP_TYPE_MAX]; /* `text/plain; charset=utf-8`, escaped, cut; "" where there is none */
	char location[HTTP_LOCATION_MAX]; /* URL that a redirect leads to, escaped, cut; "" where there is none */
	struct buf body;                  /* as sent, no more than max_octets; owned */
};

/* Sends the request and waits for the whole response; *ret receives it, for the caller to free. Whatever the status, it
 * is no error. Errors: ERROR_TIMEOUT; ERROR_NETWORK (code: errno of the connecting, or 0);
 * ERROR_TLS with its enum tls_cause; ERROR_PROTOCOL; ERROR_LIMIT, where the body is longer; ERROR_CONFIG (URL,
 * ca_file); memory. *ret is left alone then. Any thread. */
int http_send(const struct http_request *request, struct http_response *ret, struct error *err);

void http_response_fini(struct http_response *response);

#endif
