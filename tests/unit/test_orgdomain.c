/* Organisational domains by the public suffix list. */
#include <string.h>

#include "harness/auth/orgdomain.h"
#include "tests/unit/unit.h"

static void organisational_domain_is_one_label_above_the_suffix(void **state)
{
	static const struct {
		const char *name;
		const char *expected; /* NULL: a public suffix */
	} rows[] = {
		{ "example.com", "example.com" },
		{ "a.b.example.com", "example.com" },
		{ "mail.example.co.uk", "example.co.uk" },
		{ "co.uk", NULL },
		{ "com", NULL },
		{ "user.github.io", "user.github.io" }, /* of the list's private section */
		{ "b.c.kobe.jp", "b.c.kobe.jp" },       /* a wildcard */
		{ "www.city.kobe.jp", "city.kobe.jp" }, /* an exception to it */
		{ "lab.unlisted-tld", "lab.unlisted-tld" },
		{ "unlisted-tld", NULL },
		{ ".", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = orgdomain_by_suffix(rows[i].name);
		ROW_ASSERT_STRING(rows[i].name, got ? got : "(none)", rows[i].expected ? rows[i].expected : "(none)");
		if (got)
			ROW_ASSERT(rows[i].name, got == rows[i].name + strlen(rows[i].name) - strlen(got));
	}
}

static void a_top_level_domain_is_known_or_not(void **state)
{
	static const struct {
		const char *name;
		bool known;
	} rows[] = { { "example.com", true },     { "gov.uk", true },    { "com", true },
		     { "a.unlisted-tld", false }, { "dr.smith", false }, { ".", false } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].name, orgdomain_suffix_known(rows[i].name) == rows[i].known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(organisational_domain_is_one_label_above_the_suffix),
		cmocka_unit_test(a_top_level_domain_is_known_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
