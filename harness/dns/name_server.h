/* The address of a DNS server, as people write it, and what sort of server it is. */
#ifndef DNS_NAME_SERVER_H
#define DNS_NAME_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/ip.h"
#include "harness/base/span.h"

struct name_server {
	struct ip ip;
	uint16_t port;
};

/* Reads `192.0.2.1`, `192.0.2.1:5353`, `192.0.2.1@5353`, `2001:db8::1`, `[2001:db8::1]:5353`, `2001:db8::1@5353`; port
 * 53 is the default. Errors: ERROR_CONFIG naming what was found and what is accepted. */
int name_server_parse(struct span text, struct name_server *ret, struct error *err);

/* `192.0.2.1@53`, as libunbound wants it. Returns out. */
enum { NAME_SERVER_TEXT_MAX = IP_TEXT_MAX + 8 };
const char *name_server_format(const struct name_server *server, char out[NAME_SERVER_TEXT_MAX]);

/* Whether the server says that it offers no recursion (RA of RFC 1035 section 4.1.1): then its answers are from its own
 * zones and their TTLs are those published. Asks it by UDP, for the servers of the root, and waits for no longer than
 * the deadline. False where it does not answer. Any thread. */
bool name_server_is_authoritative(const struct name_server *server, struct deadline deadline);

/* Whether this machine has a way to the server at all: not to IPv6 where it has none. Nothing is sent. Any thread. */
bool name_server_has_route(const struct name_server *server);

#endif
