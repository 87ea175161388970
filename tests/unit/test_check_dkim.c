/* DKIM keys of the sending domain: one fault at a time in a zone where all is right. */
#include <stdio.h>
#include <string.h>

#include "harness/posture/dkim/checks.h"
#include "tests/unit/dns_server.h"
#include "tests/unit/dns_words.h"
#include "tests/unit/posture_bench.h"
#include "tests/unit/unit.h"

const struct check_entry check_entries[] = { { "dkim", check_dkim } };
const size_t check_entry_count = ARRAY_LEN(check_entries);

/* An RSA key of 2,048 bits in two halves, and shorter ones. */
#define KEY_A                                                                                                          \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu/nucY3Fml/X0m4e9hq8Wd/QiG4cXn/chtHYxr2qcHNb"                     \
	"ZGCKDpjonSwNmY+fhuztREu+8Kb8cK5Xqvfebiye+3wDjLD4BW9vP22nxxEilKk0DEe+lMYQwDTNhHAv0/t0Vo71"                     \
	"wuWrFe5nhGyThyzCbUNJGsmz"
#define KEY_B                                                                                                          \
	"RBqlJi/hwDh9UqL2wLyCVGjd8rOWaNj4i5W3Z7/E1aO5BtN46PhmgLBU5iWBsQzhjF8qp0Nulv5taK/GVUdHZMjN"                     \
	"9No2//MlIh0cM0xz4pmPzuL900sJrFlsJ79Gc/QOdPadGhjSGaK+ZCoEZvhOJxrgUOcoAJITgqcVtYG8IR4r5Uhg"                     \
	"fBisullUXwIDAQAB"
#define KEY_1024                                                                                                       \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3s134MwsL2Db/YtUQ4Pc8IhZKgC+zvcmyxno0H/AvjSQbOZ4g"                     \
	"PKDsqw2nWkxPyoe21Pdy3OCd67/vcwEPoGp07xyamZGY1NppPgTPv7+ramixt9C/cPWE52w2v3X1veULARb5oyOV"                     \
	"k0vZMqElmU+2F30/AJ8csbxaYCC8DggtCwIDAQAB"
#define KEY_512                                                                                                        \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKKFhG36NCMPqZz/+7Kl6eOdpvn6lq9zYosnvhKyIQJ6QyDR9I3qArsN"                     \
	"kLTuKT/Z8/aIYOCskNVn7WRRas6x03sCAwEAAQ=="
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

#define S1  "s1._domainkey.example.org. TXT "
#define OWN "s1._domainkey.example.org. 3600 IN TXT "

static const char zone[] = "example.org. SOA ns. root. 1 2 3 4 3600\n" S1 "\"v=DKIM1; k=rsa; t=s; p=" KEY_A
			   "\" \"" KEY_B "\"\n"
			   "s2._domainkey.example.org. CNAME s2.provider.example.\n"
			   "s2.provider.example. TXT \"v=DKIM1; k=ed25519; p=" ED25519 "\"\n";

static const char *const selectors[] = { "s1", "s2" };

static const struct posture_params params = { .domain = "example.org",
					      .selectors = selectors,
					      .selector_count = ARRAY_LEN(selectors) };

static const struct posture_fault faults[] = {
	{ "no key", S1, NULL, NULL,
	  "dkim.key bad, dkim.key-1024 gone, dkim.key-2048 gone, dkim.syntax gone, dkim.testing gone, dkim.ttl gone, "
	  "dkim.txt gone, dkim.type gone",
	  "no such name", OWN "\"v=DKIM1; k=rsa; p=BASE64-OF-THE-PUBLIC-KEY\"" },
	{ "revoked", S1, S1 "\"v=DKIM1; p=\"", NULL,
	  "dkim.key bad, dkim.key-1024 gone, dkim.key-2048 gone, dkim.syntax gone, dkim.testing gone, dkim.type gone",
	  "the key is revoked", OWN "\"v=DKIM1; k=rsa; p=" },
	{ "wrong version", S1, S1 "\"v=DKIM2; k=rsa; p=" KEY_A "\" \"" KEY_B "\"", NULL,
	  "dkim.syntax bad, dkim.key-1024 gone, dkim.key-2048 gone, dkim.testing gone, dkim.type gone",
	  "the first tag of the key record is not v=DKIM1", OWN },
	{ "half of a key", S1, S1 "\"v=DKIM1; k=rsa; p=" KEY_A "\"", NULL,
	  "dkim.syntax bad, dkim.key-1024 gone, dkim.key-2048 gone, dkim.testing gone, dkim.type gone",
	  "p= of the key record is no RSA key", OWN },
	{ "unknown type", S1, S1 "\"v=DKIM1; k=dsa; t=s; p=" KEY_A "\" \"" KEY_B "\"", NULL,
	  "dkim.type bad, dkim.key-1024 gone, dkim.key-2048 gone", "k=dsa: not rsa or ed25519",
	  OWN "\"v=DKIM1; t=s; p=MII" },
	{ "not for mail", S1, S1 "\"v=DKIM1; s=tlsrpt; p=" KEY_A "\" \"" KEY_B "\"", NULL, "dkim.type bad",
	  "s= does not allow it for mail", OWN "\"v=DKIM1; p=MII" },
	{ "only SHA-1", S1, S1 "\"v=DKIM1; h=sha1; p=" KEY_A "\" \"" KEY_B "\"", NULL, "dkim.type bad",
	  "h= does not allow sha256", OWN "\"v=DKIM1; p=MII" },
	{ "1,024 bits", S1, S1 "\"v=DKIM1; p=" KEY_1024 "\"", NULL, "dkim.key-2048 bad", "RSA, 1024 bits",
	  "a new RSA key of 2,048 bits" },
	{ "512 bits", S1, S1 "\"v=DKIM1; p=" KEY_512 "\"", NULL, "dkim.key-1024 bad, dkim.key-2048 bad",
	  "RSA, 512 bits", "a new RSA key of 2,048 bits" },
	{ "test flag", S1, S1 "\"v=DKIM1; k=rsa; t=y; p=" KEY_A "\" \"" KEY_B "\"", NULL, "dkim.testing bad", "t=y",
	  OWN "\"v=DKIM1; k=rsa; p=MII" },
	{ "test flag with another one", S1, S1 "\"v=DKIM1; t=y:s; p=" KEY_A "\" \"" KEY_B "\"", NULL,
	  "dkim.testing bad", "t=y", OWN "\"v=DKIM1; t=s; p=MII" },
	{ "a key in two records", S1, S1 "\"v=DKIM1; k=rsa; p=" KEY_A "\"\n" S1 "\"" KEY_B "\"", NULL, "dkim.txt bad",
	  "2 TXT records", OWN "\"v=DKIM1; k=rsa; p=" KEY_A },
	{ "another record beside it", NULL, S1 "\"hello\"", NULL, "dkim.txt bad", "2 TXT records",
	  OWN "\"v=DKIM1; k=rsa; t=s; p=" KEY_A },
	{ "quotes and backslashes of a zone file", S1,
	  S1 "\"\\\"v=DKIM1\\\\; k=rsa\\\\; p=" KEY_A "\\\" \" \"\\\"" KEY_B "\\\"\"", NULL, "dkim.txt bad",
	  "1 TXT record, with quotes or backslashes in it", OWN "\"v=DKIM1; k=rsa; p=" KEY_A },
	{ "a short TTL", S1, "s1._domainkey.example.org. 300 TXT \"v=DKIM1; p=" KEY_A "\" \"" KEY_B "\"", NULL,
	  "dkim.ttl bad", "300 seconds", OWN "\"v=DKIM1; p=MII" },
	{ "a short TTL of the alias", "s2._domainkey", "s2._domainkey.example.org. 60 CNAME s2.provider.example.", NULL,
	  "dkim.ttl bad", "60 seconds", "s2.provider.example. 3600 IN TXT \"v=DKIM1; k=ed25519; p=" },
	{ "no answer", NULL, NULL, "s1._domainkey.example.org",
	  "dkim.key open, dkim.key-1024 open, dkim.key-2048 open, dkim.syntax open, dkim.testing open, dkim.ttl open, "
	  "dkim.txt open, dkim.type open",
	  "TXT of s1._domainkey.example.org: timed out after 5 s", NULL },
};

static void each_fault_is_found(void **state)
{
	posture_faults(zone, &params, faults, ARRAY_LEN(faults));
}

static void one_good_selector_must_be_there(void **state)
{
	static const char *const gone[] = { "x", "y" }, *const failing[] = { "x", "s1" };
	static const struct {
		const char *label;
		const char *const *selectors;
		size_t count;
		enum finding_state state;
		const char *evidence;
	} rows[] = {
		{ "both", selectors, 2, FINDING_GOOD, "2 of 2 selectors have a usable key" },
		{ "none of them", gone, 2, FINDING_BAD, "0 of 2 selectors have a usable key" },
		{ "one not known", failing, 2, FINDING_OPEN, "1 of 2 selectors have no answer, no other is usable" },
		{ "none at all", NULL, 0, FINDING_OPEN,
		  "no selector is known: neither the configuration nor a stored run names one" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		struct posture_params own = params;
		const struct posture_dns dns = { .zone = zone, .failed = i == 2 ? "s1._domainkey.example.org" : NULL };
		own.selectors = rows[i].selectors;
		own.selector_count = rows[i].count;
		posture_look(&dns, &own, &findings, NULL);
		const struct finding *any = posture_finding(&findings, "dkim.any", "example.org");
		ROW_ASSERT(rows[i].label, any->state == rows[i].state);
		ROW_ASSERT_STRING(rows[i].label, any->evidence, rows[i].evidence);
	}
}

/* What a cache has left of a TTL is no published one, unless it is long enough. */
static void a_remaining_ttl_is_no_published_one(void **state)
{
	static const struct {
		const char *ttl;
		enum finding_state state;
		const char *evidence;
	} rows[] = {
		{ "120", FINDING_OPEN, "a cache has 120 seconds left, and no authoritative server says of how many" },
		{ "7200", FINDING_GOOD, "at least 7200 seconds" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		char text[2000];
		snprintf(text, sizeof(text), "s1._domainkey.example.org. %s TXT \"p=" KEY_1024 "\"\n", rows[i].ttl);
		const struct posture_dns dns = { .zone = text, .remaining = "s1._domainkey.example.org" };
		posture_look(&dns, &params, &findings, NULL);
		const struct finding *ttl = posture_finding(&findings, "dkim.ttl", "s1 of example.org");
		ROW_ASSERT(rows[i].ttl, ttl->state == rows[i].state);
		ROW_ASSERT_STRING(rows[i].ttl, ttl->evidence, rows[i].evidence);
	}
}

/* The zone's own server knows which one that is. */
static void the_published_ttl_is_asked_of_the_authority(void **state)
{
	static const char known[] = "example.org. NS ns.example.org.\n"
				    "ns.example.org. A 127.0.0.1\n"
				    "s1._domainkey.example.org. 120 TXT \"p=" KEY_1024 "\"\n";
	static const struct {
		const char *ttl;
		bool silent;
		enum finding_state state;
		const char *evidence;
	} rows[] = {
		{ "3600", false, FINDING_GOOD, "3600 seconds" },
		{ "300", false, FINDING_BAD, "300 seconds" },
		{ "3601", true, FINDING_OPEN,
		  "a cache has 120 seconds left, and no authoritative server says of how many" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(findings_fini) struct findings findings = { 0 };
		struct posture_params own = params;
		char text[1000];
		uint64_t port = 0;
		snprintf(text, sizeof(text),
			 "example.org. SOA ns. root. 1 2 3 4 50\ns1._domainkey.example.org. %s TXT \"p=" KEY_1024
			 "\"\n",
			 rows[i].ttl);
		struct zone *zone_at_authority = zone_of(text);
		struct dns_server *authority = dns_server_new(zone_at_authority);
		dns_server_conduct(authority, (struct dns_conduct){ .silent = rows[i].silent });
		const struct posture_dns dns = { .zone = known, .remaining = "s1._domainkey.example.org" };
		assert_true(span_to_u64(span_of(strchr(dns_server_address(authority), ':') + 1), 65535, &port));
		own.dns_port = (uint16_t)port;
		posture_look(&dns, &own, &findings, NULL);
		const struct finding *ttl = posture_finding(&findings, "dkim.ttl", "s1 of example.org");
		ROW_ASSERT(rows[i].ttl, ttl->state == rows[i].state);
		ROW_ASSERT_STRING(rows[i].ttl, ttl->evidence, rows[i].evidence);
		dns_server_free(authority);
		zone_free(zone_at_authority);
	}
}

/* A selector that was seen in a stored run is looked for where it was seen, unless it is a stranger's. */
static void the_domain_is_the_one_that_was_seen_to_sign(void **state)
{
	char example[] = "example.org", stranger[] = "provider.example", s1[] = "s1", s2[] = "s2";
	struct dkim_signature signatures[] = { { .domain = example, .selector = s1 },
					       { .domain = stranger, .selector = s2 } };
	const struct evaluation evaluation = { .dkim = { .signatures = signatures, .count = 2 } };
	const struct evaluation *const evaluations[] = { &evaluation };
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = zone };
	own.domain = "mail.example.org";
	own.evaluations = evaluations;
	own.evaluation_count = 1;
	posture_look(&dns, &own, &findings, NULL);
	assert_int_equal(posture_finding(&findings, "dkim.key", "s1 of example.org")->state, FINDING_GOOD);
	assert_int_equal(posture_finding(&findings, "dkim.key", "s2 of mail.example.org")->state, FINDING_BAD);
}

static void the_last_of_many_selectors_counts(void **state)
{
	enum { MANY = 100 };
	static char names[MANY][16];
	const char *many[MANY + 1];
	_cleanup_(findings_fini) struct findings findings = { 0 };
	struct posture_params own = params;
	const struct posture_dns dns = { .zone = zone };
	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		many[i] = names[i];
	}
	many[MANY] = "s1";
	own.selectors = many;
	own.selector_count = ARRAY_LEN(many);
	posture_look(&dns, &own, &findings, NULL);
	assert_int_equal(posture_finding(&findings, "dkim.any", "example.org")->state, FINDING_GOOD);
	assert_int_equal(posture_finding(&findings, "dkim.key", "n99 of example.org")->state, FINDING_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(one_good_selector_must_be_there),
		cmocka_unit_test(a_remaining_ttl_is_no_published_one),
		cmocka_unit_test(the_published_ttl_is_asked_of_the_authority),
		cmocka_unit_test(the_domain_is_the_one_that_was_seen_to_sign),
		cmocka_unit_test(the_last_of_many_selectors_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
