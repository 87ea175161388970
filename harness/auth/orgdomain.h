/* Organisational domains by the public suffix list (RFC 7489 section 3.2). The list is the one that was built into
 * libpsl: an evaluation reads no file, so that the same evaluation has the same result. */
#ifndef AUTH_ORGDOMAIN_H
#define AUTH_ORGDOMAIN_H

#include <stdbool.h>

/* The organisational domain of a name in the form of harness/model/dns.h: a part of `name`. NULL where the name itself
 * is a public suffix. Any thread. */
const char *orgdomain_by_suffix(const char *name);

/* Whether the list knows the top-level domain of such a name. Any thread. */
bool orgdomain_suffix_known(const char *name);

#endif
