/* A resolver over a table of records, which counts what it is asked: the DNS of a unit test. */
#ifndef TESTS_TABLE_RESOLVER_H
#define TESTS_TABLE_RESOLVER_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/dns/resolver.h"

struct table_row {
	const char *name;     /* NULL ends the table */
	const char *txt;      /* a TXT record of these octets; NULL: the name has a record of some other type */
	enum dns_state state; /* unless DNS_ANSWERED: the answer to every question for the name */
};

struct table_resolver {
	struct resolver base; /* resolver_free does nothing */
	const struct table_row *rows;
	size_t asked;
	struct buf log; /* every question's name and a space */
};

void table_resolver_init(struct table_resolver *r, const struct table_row *rows);
void table_resolver_fini(struct table_resolver *r);

#endif
