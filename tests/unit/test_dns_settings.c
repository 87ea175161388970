/* What settings must look like that are of the DNS. */
#include "tests/unit/unit.h"

#include "harness/dns/dns_settings.h"

static void servers_and_names_are_checked_one_by_one(void **state)
{
	static const struct {
		const struct setting_form *form;
		const char *text, *says; /* NULL: accepted */
	} rows[] = {
		{ &dns_form_servers, "192.0.2.1", NULL },
		{ &dns_form_servers, "192.0.2.1:5353 , [::1]:53,2001:db8::1", NULL },
		{ &dns_form_servers, "192.0.2.1,", "`` is no address" },
		{ &dns_form_servers, "192.0.2.1, resolver.example", "resolver.example" },
		{ &dns_form_servers, "192.0.2.1:0", "192.0.2.1:0" },
		{ &dns_form_servers, "192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2" },
		{ &dns_form_servers, "192.0.2.256", "192.0.2.256" },
		{ &dns_form_names, "s1", NULL },
		{ &dns_form_names, "s1, s_2.k ,zen.example", NULL },
		{ &dns_form_names, "s1,", "write names of the DNS, separated by commas" },
		{ &dns_form_names, "s1, a..b", "write names of the DNS, separated by commas" },
		{ &dns_form_names, "s1; s2 s3..", "write names of the DNS, separated by commas" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		ROW_ASSERT(rows[i].text, rows[i].form->check(span_of(rows[i].text), &err) == (rows[i].says ? -1 : 0));
		if (rows[i].says && (err.kind != ERROR_CONFIG || !strstr(err.text, rows[i].says)))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].text, err.text, rows[i].says);
	}
}

static void a_name_is_as_long_as_the_dns_allows(void **state)
{
	char text[80];
	struct error err = ERROR_INIT;
	memset(text, 'a', sizeof(text));
	assert_int_equal(dns_form_names.check(span_make(text, 63), &err), 0);
	assert_int_equal(dns_form_names.check(span_make(text, 64), &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_and_names_are_checked_one_by_one),
		cmocka_unit_test(a_name_is_as_long_as_the_dns_allows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
