/* Data that is not of this project: conformance suites (test_suites, suite_*.c, $SUITES names the folder) and inputs
 * from the field with their right values (test_field, field_*.c, $FIELD_CASES). Each file runs the cases of one file of
 * data. */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What a suite counts. */
struct suite {
	const char *folder; /* of the data */
	size_t total, right, disputed;
};

/* The file `name` of the folder; says why and ends the program where it cannot be read. Decref it. */
json_t *suite_load(const struct suite *suite, const char *name);

/* Counts one case. `disputed`, where not NULL, says why the data is held to be wrong (doc/deviations.md): such a case
 * is printed and does not count as wrong. */
void suite_count(struct suite *suite, bool right, const char *disputed);

/* Whether `got` is the word that the data expects, or one of an array of them. */
bool suite_is_any(const json_t *expected, const char *got);

typedef void suite_fn(struct suite *suite);

struct suite_row {
	const char *name;
	suite_fn *run;
};

/* Runs the rows over the folder that the environment variable names and prints what each counted. Returns an exit
 * status: 0, 1 where a case is wrong, 77 where the variable is not set. */
int suites_run(const char *variable, const struct suite_row *rows, size_t count);

suite_fn suite_arc, suite_authres, suite_dkim, suite_dkim_grammar, suite_dmarc, suite_dmarc_record, suite_mta_sts,
    suite_psl, suite_received, suite_spf, suite_spf_record, suite_tls_rpt;

suite_fn field_authres, field_config, field_dsn, field_from, field_headers, field_imap, field_received, field_smtp_auth,
    field_spf, field_templates, field_tls;

#endif
