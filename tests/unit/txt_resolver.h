/* A resolver for tests that knows TXT records by name, and says of every other name that it does not exist. */
#ifndef TESTS_TXT_RESOLVER_H
#define TESTS_TXT_RESOLVER_H

#include "harness/dns/resolver.h"

enum { TXT_RECORDS_MAX = 64 };

struct txt_resolver {
	struct resolver base;
	struct {
		char name[256];
		char *text; /* NULL: the answer has the state below */
		enum dns_state state;
	} records[TXT_RECORDS_MAX];
	size_t count;
	unsigned questions; /* that were asked */
};

void txt_resolver_init(struct txt_resolver *r);
void txt_resolver_fini(struct txt_resolver *r);

/* Adds a record (of a name that has one already: a further one), or a name that has another answer. */
void txt_resolver_add(struct txt_resolver *r, const char *name, const char *text);
void txt_resolver_state(struct txt_resolver *r, const char *name, enum dns_state state);

#endif
