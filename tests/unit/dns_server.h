/* A small DNS server on the loopback, for tests of what asks one: UDP and TCP on one port of 127.0.0.1, records of a
 * zone, and the ways in which servers fail. Whatever cannot be had here ends the test program. */
#ifndef TESTS_DNS_SERVER_H
#define TESTS_DNS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/dns/zone.h"

struct dns_server;

/* How it behaves; may be changed at any time. */
struct dns_conduct {
	bool silent;      /* never answers */
	bool truncates;   /* answers by UDP are always cut (TC) */
	bool resolver;    /* says RA, not AA, as one that answers from its cache */
	unsigned fails;   /* so many questions more are answered with SERVFAIL */
	const char *only; /* the above holds for this name alone; NULL: for all */
};

/* The zone is sealed by it and must outlive it. */
struct dns_server *dns_server_new(struct zone *zone);
void dns_server_free(struct dns_server *server);

void dns_server_conduct(struct dns_server *server, struct dns_conduct conduct);

/* In after_ms it answers from another zone, which is sealed now and must outlive it: the change reaches it late. With
 * `cached`, TTLs until then are what is left of that time, as of a cache that has the old answer. */
void dns_server_next(struct dns_server *server, struct zone *zone, int64_t after_ms, bool cached);

/* `127.0.0.1:PORT`. */
const char *dns_server_address(const struct dns_server *server);

/* Questions so far. */
unsigned dns_server_udp(struct dns_server *server);
unsigned dns_server_tcp(struct dns_server *server);

#endif
