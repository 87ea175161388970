/* IP addresses. */
#include "tests/unit/unit.h"

#include "harness/base/ip.h"

static const struct {
	const char *text;
	const char *canonical; /* NULL: no address */
	const char *reverse;
} rows[] = {
	{ "192.0.2.1", "192.0.2.1", "1.2.0.192.in-addr.arpa" },
	{ "2001:DB8:0:0::1", "2001:db8::1",
	  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" },
	{ "::ffff:192.0.2.1", "192.0.2.1", "1.2.0.192.in-addr.arpa" },
	{ "", NULL, NULL },
	{ "192.0.2", NULL, NULL },
	{ "192.0.2.256", NULL, NULL },
	{ "[192.0.2.1]", NULL, NULL },
	{ "fe80::1%eth0", NULL, NULL },
	{ "192.0.2.1 ", NULL, NULL },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111", NULL, NULL },
};

static void addresses_are_read_and_written(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip ip;
		char text[IP_TEXT_MAX], reverse[IP_REVERSE_MAX];
		bool is_one = ip_parse(span_of(rows[i].text), &ip);
		ROW_ASSERT(rows[i].text, is_one == (rows[i].canonical != NULL));
		if (!is_one)
			continue;
		ROW_ASSERT_STRING(rows[i].text, ip_format(&ip, text), rows[i].canonical);
		ROW_ASSERT_STRING(rows[i].text, ip_reverse(&ip, reverse), rows[i].reverse);
	}
}

static const struct {
	const char *label, *ip, *network;
	unsigned bits;
	bool within;
} prefixes[] = {
	{ "same address", "192.0.2.1", "192.0.2.1", 32, true },
	{ "other address", "192.0.2.1", "192.0.2.0", 32, false },
	{ "last bit left out", "192.0.2.1", "192.0.2.0", 31, true },
	{ "inside of an octet", "192.0.2.65", "192.0.2.127", 26, true },
	{ "inside of an octet, outside", "192.0.2.63", "192.0.2.127", 26, false },
	{ "no bits", "192.0.2.1", "10.0.0.0", 0, true },
	{ "other family, no bits", "192.0.2.1", "::", 0, false },
	{ "IPv6", "2001:db8::ff", "2001:db8::", 120, true },
	{ "IPv6 outside", "2001:db8::1ff", "2001:db8::", 120, false },
	{ "IPv6 whole", "2001:db8::1", "2001:db8::1", 128, true },
};

static void a_prefix_compares_its_bits_only(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct ip ip, network;
		assert_true(ip_parse(span_of(prefixes[i].ip), &ip) && ip_parse(span_of(prefixes[i].network), &network));
		ROW_ASSERT(prefixes[i].label, ip_in_prefix(&ip, &network, prefixes[i].bits) == prefixes[i].within);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(a_prefix_compares_its_bits_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
