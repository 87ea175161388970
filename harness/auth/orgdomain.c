/* Organisational domains by libpsl. A name under a top-level domain that the list does not know lies under the rule
 * `*` (publicsuffix.org/list, step 2 of the algorithm). */
#include "harness/auth/orgdomain.h"

#include <libpsl.h>

const char *orgdomain_by_suffix(const char *name)
{
	return psl_registrable_domain(psl_builtin(), name);
}
