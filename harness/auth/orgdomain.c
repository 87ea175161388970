/* Organisational domains by libpsl. A name under a top-level domain that the list does not know lies under the rule
 * `*` (publicsuffix.org/list, step 2 of the algorithm). */
#include "harness/auth/orgdomain.h"

#include <libpsl.h>
#include <string.h>

const char *orgdomain_by_suffix(const char *name)
{
	return psl_registrable_domain(psl_builtin(), name);
}

bool orgdomain_suffix_known(const char *name)
{
	const char *dot = strrchr(name, '.');
	return psl_is_public_suffix2(psl_builtin(), dot ? dot + 1 : name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}
