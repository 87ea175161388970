/* Data files of the source tree, as if they were installed. */
#ifndef TESTS_SHIPPED_H
#define TESTS_SHIPPED_H

#include <stdio.h>
#include <stdlib.h>

/* Sets where profiles and rule packs are looked for; as a setup function of cmocka, or by itself. */
static inline int use_shipped_data(void **state)
{
	char path[4096];
	const char *top = getenv("top_srcdir");
	snprintf(path, sizeof(path), "%s/providers/profiles", top ? top : ".");
	if (setenv("POSTPROOF_PROFILES", path, 1) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/harness/judge/rules", top ? top : ".");
	return setenv("POSTPROOF_RULES", path, 1);
}

#endif
