/* URLs (RFC 3986, and what browsers make of them) by libcurl's parser, the one that will fetch them. */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"

/* Owned, NUL-terminated, never NULL. */
struct url {
	char *scheme; /* in lower case: `https` */
	char *host;   /* in lower case, as written else; an IPv6 address without brackets */
	uint16_t port;
	char *query; /* without the question mark; "" where there is none */
	char *whole; /* as it is asked for: without a fragment */
};

/* Reads an absolute URL. 1, 0 where the text is none that has a host (`mailto:`, `#top`, `/path`), -1 for memory. Free
 * with url_fini. Any thread. */
int url_read(struct span text, struct url *ret, struct error *err);
void url_fini(struct url *url); /* leaves it zeroed */

#endif
