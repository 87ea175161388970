/* What a survey asks for. */
#include "tests/unit/unit.h"

#include "harness/posture/survey.h"
#include "tests/unit/survey_of.h"

static bool asked(const struct dns_snapshot *facts, const char *name, enum dns_type type)
{
	for (size_t i = 0; i < facts->count; i++)
		if (facts->facts[i].type == type && strcmp(facts->facts[i].name, name) == 0)
			return true;
	return false;
}

static void everything_that_matters_is_asked_for(void **state)
{
	static const char zone[] =
	    "example.org. 300 TXT \"v=spf1 include:_spf.example.net mx:mail.example.com -all\"\n"
	    "example.org. 300 MX 10 mx.example.net.\n"
	    "example.org. 300 NS ns.example.com.\n"
	    "_spf.example.net. 300 TXT \"v=spf1 a:out.example.net redirect=_more.example.net\"\n"
	    "mail.example.com. 300 MX 10 x.example.com.\n"
	    "_dmarc.example.org. 300 TXT \"v=DMARC1; p=none; rua=mailto:a@reports.example.net\"\n";
	static const struct {
		const char *name;
		enum dns_type type;
	} rows[] = {
		{ "example.org", DNS_TXT },
		{ "example.org", DNS_MX },
		{ "example.org", DNS_NS },
		{ "example.org", DNS_SOA },
		{ "example.org", DNS_DS },
		{ "b.example.org", DNS_TXT },
		{ "s1._domainkey.example.org", DNS_TXT },
		{ "_dmarc.example.org", DNS_TXT },
		{ "_dmarc.org", DNS_TXT },
		{ "example.org._report._dmarc.reports.example.net", DNS_TXT },
		{ "_mta-sts.example.org", DNS_TXT },
		{ "mta-sts.example.org", DNS_A },
		{ "_smtp._tls.example.org", DNS_TXT },
		{ "default._bimi.example.org", DNS_TXT },
		{ "mx.example.net", DNS_AAAA },
		{ "_25._tcp.mx.example.net", DNS_TLSA },
		{ "ns.example.com", DNS_A },
		{ "_spf.example.net", DNS_TXT },
		{ "out.example.net", DNS_A },
		{ "_more.example.net", DNS_TXT },
		{ "mail.example.com", DNS_MX },
		{ "x.example.com", DNS_AAAA },
	};
	struct dns_snapshot facts;
	survey_of(zone, NULL, &facts);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].name, asked(&facts, rows[i].name, rows[i].type));
	assert_false(asked(&facts, ".", DNS_NS));
	dns_snapshot_fini(&facts);
}

static void only_questions_of_the_domain_are_carried_on(void **state)
{
	static const struct {
		const char *label;
		struct dns_question question;
		bool wanted;
	} rows[] = {
		{ "the domain", { "example.org", DNS_TXT }, true },
		{ "under it", { "x.example.org", DNS_A }, true },
		{ "a key of another domain", { "s1._domainkey.example.net", DNS_TXT }, true },
		{ "a sender's address", { "1.2.0.192.in-addr.arpa", DNS_PTR }, true },
		{ "another domain", { "notexample.org", DNS_TXT }, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i].label, survey_wants("example.org", &rows[i].question) == rows[i].wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_matters_is_asked_for),
		cmocka_unit_test(only_questions_of_the_domain_are_carried_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
