/* BIMI of the From domain: one fault at a time in a zone where all is right. */
#include <stdio.h>
#include <string.h>

#include "harness/posture/records/checks.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

const struct check_entry check_entries[] = { { "bimi", check_bimi } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

#define AT  "default._bimi.example.org. TXT "
#define OWN "publish: default._bimi.mail.example.org. 3600 IN TXT \"v=BIMI1; l=https://mail.example.org/logo.svg;\""

static const char zone[] = AT "\"v=BIMI1; l=https://example.org/logo.svg; a=\"\n";

static const struct posture_params params = { .domain = "mail.example.org", .from_address = "a@mail.example.org" };

static const struct posture_fault faults[] = {
	{ "no record", AT, NULL, NULL, "bimi.record bad, bimi.logo gone",
	  "default._bimi.example.org has no BIMI record", OWN },
	{ "two records", NULL, AT "\"v=BIMI1; l=\"", NULL, "bimi.record bad, bimi.logo gone", "has 2 BIMI records",
	  OWN },
	{ "no list of tags", AT, AT "\"v=BIMI1; logo\"", NULL, "bimi.record bad, bimi.logo gone",
	  "no equals sign behind tag logo: v=BIMI1; logo", OWN },
	{ "a record of the domain's own goes first", NULL,
	  "default._bimi.mail.example.org. TXT \"v=BIMI1; l=https://mail.example.org/logo.png\"", NULL, "bimi.logo bad",
	  "l=https://mail.example.org/logo.png: no SVG file by https", OWN },
	{ "a logo by http", AT, AT "\"v=BIMI1; l=http://example.org/logo.svg\"", NULL, "bimi.logo bad",
	  "no SVG file by https", OWN },
	{ "a logo that is named in the query", AT, AT "\"v=BIMI1; l=https://example.org/?logo.svg\"", NULL,
	  "bimi.logo bad", "no SVG file by https", OWN },
	{ "no reference", AT, AT "\"v=BIMI1; a=https://example.org/c.pem\"", NULL, "bimi.logo bad", "no l=", OWN },
	{ "no logo is wanted", AT, AT "\"v=BIMI1; l=; a=\"", NULL, "", NULL, NULL },
	{ "a query is no part of the name", AT, AT "\"v=BIMI1; l=https://example.org/logo.SVG?v=2\"", NULL, "", NULL,
	  NULL },
	{ "no answer", NULL, NULL, "default._bimi.mail.example.org", "bimi.logo open, bimi.record open",
	  "default._bimi.mail.example.org: timed out", NULL },
};

static void each_fault_is_found(void **state)
{
	posture_faults(zone, &params, faults, ARRAY_LEN(faults));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
