/* The list of checks. Data only. */
#include "harness/posture/checks.h"

#include "harness/base/compiler.h"

const struct check_entry check_entries[] = {
	{ "from", check_from },
};

const size_t check_entry_count = ARRAY_LEN(check_entries);
