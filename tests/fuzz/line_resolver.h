/* A resolver for fuzz targets: the first line of the input is the TXT record of every name; `?` alone is an answer that
 * failed, `!` one that a snapshot does not hold. */
#ifndef TESTS_LINE_RESOLVER_H
#define TESTS_LINE_RESOLVER_H

#include "harness/base/span.h"
#include "harness/dns/resolver.h"

struct line_resolver {
	struct resolver base;
	struct span line;
};

/* Returns what follows the line. */
struct span line_resolver_init(struct line_resolver *r, struct span input);

#endif
