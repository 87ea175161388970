/* Registrable domains: psl/tests.txt. */
#include <stdio.h>
#include <stdlib.h>

#include "harness/auth/orgdomain.h"
#include "harness/dns/name.h"
#include "tests/unit/suites.h"

/* `null` in either column: no name, no registrable domain. */
static bool is_right(struct span domain, struct span expected)
{
	char name[DNS_NAME_TEXT_MAX], wanted[DNS_NAME_TEXT_MAX];
	const char *got = NULL;
	if (!span_is(domain, "null") && dns_name_make(domain, name))
		got = orgdomain_by_suffix(name);
	if (span_is(expected, "null"))
		return !got;
	return got && dns_name_make(expected, wanted) && span_is(span_of(got), wanted);
}

void suite_psl(struct suite *suite)
{
	char path[4096], line[512];
	snprintf(path, sizeof(path), "%s/psl/tests.txt", suite->folder);
	FILE *file = fopen(path, "re");
	if (!file) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		struct span rest = span_trim(span_of(line)), domain;
		if (rest.len == 0 || span_starts(rest, SPAN_LIT("//")))
			continue;
		span_next(&rest, ' ', &domain);
		bool right = is_right(domain, span_trim(rest));
		if (!right)
			printf("wrong: %s", line);
		suite_count(suite, right, NULL);
	}
	fclose(file);
}
