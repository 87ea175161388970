/* Wire form of single records. */
#include "tests/unit/unit.h"

#include "harness/dns/rdata.h"

static struct dns_record record_of(struct span wire)
{
	return (struct dns_record){ (unsigned char *)(uintptr_t)wire.p, wire.len };
}

static const struct {
	const char *label;
	enum dns_type type;
	struct span wire;
	const char *text;
} rows[] = {
	{ "A", DNS_A, SPAN_LIT("\xc0\0\2\1"), "192.0.2.1" },
	{ "A too long", DNS_A, SPAN_LIT("\xc0\0\2\1\0"), "\\# 5 c000020100" },
	{ "AAAA", DNS_AAAA, SPAN_LIT("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "2001:db8::1" },
	{ "AAAA of four octets", DNS_AAAA, SPAN_LIT("\xc0\0\2\1"), "\\# 4 c0000201" },
	{ "NS", DNS_NS, SPAN_LIT("\2NS\7example\0"), "ns.example." },
	{ "MX", DNS_MX, SPAN_LIT("\0\xa\2mx\7example\0"), "10 mx.example." },
	{ "null MX", DNS_MX, SPAN_LIT("\0\0\0"), "0 ." },
	{ "MX with a pointer", DNS_MX, SPAN_LIT("\0\0\xc0\x0c"), "\\# 4 0000c00c" },
	{ "SOA", DNS_SOA, SPAN_LIT("\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"), ". . 1 2 3 4 5" },
	{ "SOA cut off", DNS_SOA, SPAN_LIT("\0\0\0\0\0"), "\\# 5 0000000000" },
	{ "TXT", DNS_TXT, SPAN_LIT("\xbv=spf1 -all\1\"\0\2\\\n"), "\"v=spf1 -all\" \"\\\"\" \"\" \"\\\\\\010\"" },
	{ "TXT, string too long", DNS_TXT, SPAN_LIT("\2a"), "\\# 2 0261" },
	{ "TXT without a string", DNS_TXT, SPAN_LIT(""), "\\# 0" },
	{ "SPF", DNS_SPF, SPAN_LIT("\2\xc3\xbc"), "\"\\195\\188\"" },
	{ "SRV", DNS_SRV, SPAN_LIT("\0\1\0\2\1\xbb\1a\0"), "1 2 443 a." },
	{ "TLSA", DNS_TLSA, SPAN_LIT("\3\1\1\xab\xcd"), "3 1 1 abcd" },
	{ "TLSA without data", DNS_TLSA, SPAN_LIT("\3\1\1"), "\\# 3 030101" },
	{ "DS", DNS_DS, SPAN_LIT("\1\0\xd\2\xff"), "256 13 2 ff" },
	{ "CAA", DNS_CAA, SPAN_LIT("\0\5issuea.example"), "0 issue \"a.example\"" },
	{ "CAA with an odd tag", DNS_CAA, SPAN_LIT("\0\1;a"), "\\# 4 00013b61" },
	{ "unknown type", (enum dns_type)65280, SPAN_LIT("\1\2"), "\\# 2 0102" },
};

static void records_are_written_as_in_a_zone_file(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dns_record record = record_of(rows[i].wire);
		_cleanup_(buf_fini) struct buf text = BUF_INIT(1000);
		ROW_ASSERT(rows[i].label, rdata_add_text(rows[i].type, &record, &text) == 0);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&text), rows[i].text);
	}
	const struct dns_record longest = record_of(rows[10].wire);
	_cleanup_(buf_fini) struct buf small = BUF_INIT(5);
	assert_int_equal(rdata_add_text(DNS_TXT, &longest, &small), -1);
}

static void strings_of_a_txt_record_are_joined(void **state)
{
	const struct dns_record two = record_of(SPAN_LIT("\2ab\0\1c")), none = record_of(SPAN_LIT("")),
				cut = record_of(SPAN_LIT("\2a"));
	_cleanup_(buf_fini) struct buf text = BUF_INIT(3), small = BUF_INIT(2);
	size_t strings = 7;
	assert_false(rdata_txt(&none, &text, &strings));
	assert_false(rdata_txt(&cut, &text, &strings));
	assert_int_equal(strings, 7);
	assert_true(rdata_txt(&two, &text, &strings));
	assert_string_equal(buf_str(&text), "abc");
	assert_int_equal(strings, 3);
	assert_false(rdata_txt(&two, &small, NULL));
}

static void single_fields_are_read(void **state)
{
	const struct dns_record a = record_of(SPAN_LIT("\xc0\0\2\1")), mx = record_of(SPAN_LIT("\1\2\1M\0")),
				name = record_of(SPAN_LIT("\1M\0")), more = record_of(SPAN_LIT("\1M\0\0"));
	const struct dns_record mapped = record_of(SPAN_LIT("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"));
	struct ip ip;
	char text[DNS_NAME_TEXT_MAX];
	uint16_t preference = 0;
	assert_true(rdata_address(&a, &ip) && !ip.v6 && ip.octets[3] == 1);
	assert_true(rdata_address(&mapped, &ip) && ip.v6 && ip.octets[15] == 1);
	assert_false(rdata_address(&mx, &ip));
	assert_true(rdata_mx(&mx, &preference, text));
	assert_int_equal(preference, 258);
	assert_string_equal(text, "m");
	assert_false(rdata_mx(&a, &preference, text));
	assert_true(rdata_name(&name, text));
	assert_string_equal(text, "m");
	assert_false(rdata_name(&more, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_written_as_in_a_zone_file),
		cmocka_unit_test(strings_of_a_txt_record_are_joined),
		cmocka_unit_test(single_fields_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
