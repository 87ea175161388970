/* Conformance data of others, run by test_suites: $SUITES names its folder. Each suite_*.c runs the cases of one file.
 */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What a suite counts. */
struct suite {
	const char *folder; /* $SUITES */
	size_t total, right, disputed;
};

/* The file `name` of the folder; says why and ends the program where it cannot be read. Decref it. */
json_t *suite_load(const struct suite *suite, const char *name);

/* Counts one case. `disputed`, where not NULL, says why the data is held to be wrong (doc/deviations.md): such a case
 * is printed and does not count as wrong. */
void suite_count(struct suite *suite, bool right, const char *disputed);

typedef void suite_fn(struct suite *suite);
suite_fn suite_arc, suite_authres, suite_dkim, suite_dkim_grammar, suite_dmarc, suite_dmarc_record, suite_mta_sts,
    suite_psl, suite_received, suite_spf, suite_spf_record, suite_tls_rpt;

#endif
