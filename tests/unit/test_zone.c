/* Zone files. */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"
#include "harness/dns/zone.h"

/* One record as `NAME TTL TYPE DATA`. */
static void add_words(const struct zone_record *records, size_t count, struct buf *out)
{
	char type[DNS_TYPE_TEXT_MAX];
	for (size_t i = 0; i < count; i++) {
		buf_addf(out, "%s%s %u %s ", out->len ? "\n" : "", records[i].name, records[i].ttl,
			 dns_type_name(records[i].type, type));
		rdata_add_text(records[i].type, &records[i].data, out);
	}
}

#define S16  "aaaaaaaaaaaaaaaa"
#define S240 S16 S16 S16 S16 S16 S16 S16 S16 S16 S16 S16 S16 S16 S16 S16

static const struct {
	const char *label, *text;
	const char *name; /* whose records are shown */
	enum dns_type type;
	const char *words; /* the records */
} good[] = {
	{ "absolute name, TTL, class", "a.example. 60 IN A 192.0.2.1", "a.example", DNS_A, "a.example 60 A 192.0.2.1" },
	{ "class before TTL", "a.example. in 1h30m a 192.0.2.1\n", "a.example", DNS_A, "a.example 5400 A 192.0.2.1" },
	{ "no TTL anywhere", "a. A 192.0.2.1", "a", DNS_A, "a 3600 A 192.0.2.1" },
	{ "the last TTL holds on", "a. 60 A 192.0.2.1\na. A 192.0.2.2", "a", DNS_A,
	  "a 60 A 192.0.2.1\na 60 A 192.0.2.2" },
	{ "$TTL outranks the last TTL", "$TTL 1d\na. 60 A 192.0.2.1\na. A 192.0.2.2", "a", DNS_A,
	  "a 60 A 192.0.2.1\na 86400 A 192.0.2.2" },
	{ "minimum of the SOA", "a. SOA ns. root. 1 2 3 4 1m\n A 192.0.2.1", "a", DNS_A, "a 60 A 192.0.2.1" },
	{ "all units of time", "a. 1w1d1h1m1s A 192.0.2.1", "a", DNS_A, "a 694861 A 192.0.2.1" },
	{ "blank owner, comment, empty lines", "; a\na. A 192.0.2.1 ; b\n\n  ; c\n\t A 192.0.2.2\r\n", "a", DNS_A,
	  "a 3600 A 192.0.2.1\na 3600 A 192.0.2.2" },
	{ "relative names and @", "$ORIGIN Example.\n@ MX 10 mx\n MX 20 @", "example", DNS_MX,
	  "example 3600 MX 10 mx.example.\nexample 3600 MX 20 example." },
	{ "relative $ORIGIN", "$ORIGIN example.\n$origin sub\n@ NS ns", "sub.example", DNS_NS,
	  "sub.example 3600 NS ns.sub.example." },
	{ "origin of the root", "$ORIGIN .\nexample NS ns", "example", DNS_NS, "example 3600 NS ns." },
	{ "parentheses", "a. SOA ns. root. ( 1 ; serial\n 2h\n3 4\n5 ) ; end\n", "a", DNS_SOA,
	  "a 5 SOA ns. root. 1 7200 3 4 5" },
	{ "times of all 32 bits", "a. 1 SOA . . 4294967295 4294967295 2 3 4", "a", DNS_SOA,
	  "a 1 SOA . . 4294967295 4294967295 2 3 4" },
	{ "owner within parentheses", "(a.) (\n A) 192.0.2.1", "a", DNS_A, "a 3600 A 192.0.2.1" },
	{ "strings", "a. TXT \"v=DKIM1; (p=\" b \"\" \"x\"\"y\"", "a", DNS_TXT,
	  "a 3600 TXT \"v=DKIM1; (p=\" \"b\" \"\" \"x\" \"y\"" },
	{ "a string of 256 octets is parted", "a. TXT " S240 S16 " b", "a", DNS_TXT,
	  "a 3600 TXT \"" S240 "aaaaaaaaaaaaaaa\" \"a\" \"b\"" },
	{ "types that nobody asks for",
	  "a. NS b.\na. DNSKEY 257 3 13 aaaa\n RRSIG NS 13 1 60 20300101000000 ( 20200101000000\n 1 a. aa )\n"
	  "b.a. CNAME a.\nb.a. NSEC a. CNAME RRSIG NSEC\na. HTTPS 1 . alpn=h2\na. TYPE46 \\# 0",
	  "a", DNS_NS, "a 3600 NS b." },
	{ "the origin is where the SOA record stands", "A.example. SOA ns root 1 2 3 4 5\n@ NS ns", "a.example", DNS_NS,
	  "a.example 5 NS ns.a.example." },
	{ "each SOA record is an origin", "a. SOA ns root 1 2 3 4 5\nb. SOA ns root 1 2 3 4 5\n@ NS ns", "b", DNS_NS,
	  "b 5 NS ns.b." },
	{ "$ORIGIN outranks the SOA record", "$ORIGIN b.\na SOA ns root 1 2 3 4 5\n@ NS ns", "b", DNS_NS,
	  "b 5 NS ns.b." },
	{ "escapes in strings", "a. TXT \"\\\"\\\\\\065\\010\" \\;\\ x", "a", DNS_TXT,
	  "a 3600 TXT \"\\\"\\\\A\\010\" \"; x\"" },
	{ "UTF-8 in strings", "a. TXT \xc3\xbc", "a", DNS_TXT, "a 3600 TXT \"\\195\\188\"" },
	{ "escapes in names", "a\\.b\\032c. A 192.0.2.1", "a\\046b\\032c", DNS_A, "a\\046b\\032c 3600 A 192.0.2.1" },
	{ "escaped dot at the end", "$ORIGIN b.\na\\. A 192.0.2.1", "a\\046.b", DNS_A, "a\\046.b 3600 A 192.0.2.1" },
	{ "UTF-8 in names",
	  "$ORIGIN b\xc3\xbc"
	  "cher.\nm\xc3\xbcl MX 1 @",
	  "xn--ml-xka.xn--bcher-kva", DNS_MX, "xn--ml-xka.xn--bcher-kva 3600 MX 1 xn--bcher-kva." },
	{ "unknown type", "a. TYPE65280 \\# 3 ab (\n cd ef)", "a", (enum dns_type)65280,
	  "a 3600 TYPE65280 \\# 3 abcdef" },
	{ "known type by number", "a. CLASS1 TYPE257 \\# 4 0001 6161", "a", DNS_CAA, "a 3600 CAA 0 a \"a\"" },
	{ "no octets", "a. TYPE65280 \\# 0", "a", (enum dns_type)65280, "a 3600 TYPE65280 \\# 0" },
	{ "SPF is no TXT", "a. SPF v=spf1\na. TXT x", "a", DNS_SPF, "a 3600 SPF \"v=spf1\"" },
	{ "SRV", "a. SRV 1 2 443 b.", "a", DNS_SRV, "a 3600 SRV 1 2 443 b." },
	{ "TLSA in parts", "a. TLSA 3 1 1 AB\tcd", "a", DNS_TLSA, "a 3600 TLSA 3 1 1 abcd" },
	{ "DS", "a. DS 60485 5 1 2BB1", "a", DNS_DS, "a 3600 DS 60485 5 1 2bb1" },
	{ "CAA", "a. CAA 128 issue \"ca.example; x=1\"", "a", DNS_CAA, "a 3600 CAA 128 issue \"ca.example; x=1\"" },
	{ "AAAA", "a. AAAA 2001:DB8::1\na. AAAA ::ffff:192.0.2.1", "a", DNS_AAAA,
	  "a 3600 AAAA 2001:db8::1\na 3600 AAAA ::ffff:192.0.2.1" },
	{ "PTR", "1.2.0.192.in-addr.arpa. PTR a.", "1.2.0.192.in-addr.arpa", DNS_PTR,
	  "1.2.0.192.in-addr.arpa 3600 PTR a." },
	{ "a record that is there twice", "a. A 192.0.2.2\nA. A 192.0.2.1\na. 1 A 192.0.2.2", "a", DNS_A,
	  "a 3600 A 192.0.2.2\na 3600 A 192.0.2.1" },
};

static void records_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(zone_free_p) struct zone *zone = NULL;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		size_t count = 0;
		assert_int_equal(zone_new(&zone, &err), 0);
		zone_parse(zone, span_of(good[i].text), "file", &err);
		ROW_ASSERT_STRING(good[i].label, err.text, "");
		ROW_ASSERT(good[i].label, zone_seal(zone, &err) == 0);
		const struct zone_record *found = zone_find(zone, good[i].name, good[i].type, &count);
		add_words(found, count, &words);
		ROW_ASSERT_STRING(good[i].label, buf_str(&words), good[i].words);
	}
}

static const struct {
	const char *label, *text, *error;
} bad[] = {
	{ "string not closed", "\na. TXT \"b\nc\"",
	  "f:2: a string is not closed: write `\"` at its end, on the same line" },
	{ "string with a backslash at its end", "a. TXT \"b\\\n\"",
	  "f:1: a string is not closed: write `\"` at its end, on the same line" },
	{ "parenthesis not closed", "a. TXT b\na. TXT (\nb\n", "f:2: a parenthesis is not closed: write `)`" },
	{ "parenthesis not opened", "a. TXT b )", "f:1: `)` stands without `(`" },
	{ "string within a word", "a. CAA 0 a b\"c\"",
	  "f:1: a string begins within a word: write a space in front of it, or `\\\"`" },
	{ "$INCLUDE", "$INCLUDE other", "f:1: `$INCLUDE` is not read here: put the records of that file in its place" },
	{ "$GENERATE", "$GENERATE 1-9 a$ A 192.0.2.$",
	  "f:1: `$GENERATE` is not read here: write its records one by one" },
	{ "other directive", "$FOO 1", "f:1: `$FOO` is no directive: $ORIGIN and $TTL are" },
	{ "directive without value", "$TTL", "f:1: `$TTL` wants one value" },
	{ "bad $TTL", "$TTL 1x", "f:1: `1x` is no TTL: write seconds, or units as in `1h30m`" },
	{ "TTL over 31 bits", "$TTL 2147483648", "f:1: `2147483648` is no TTL: write seconds, or units as in `1h30m`" },
	{ "number without unit behind others", "$TTL 1h30",
	  "f:1: `1h30` is no TTL: write seconds, or units as in `1h30m`" },
	{ "relative name", "www A 192.0.2.1", "f:1: `www` is relative: write `www.`, or $ORIGIN in front of it" },
	{ "relative name in data", "a. MX 10 (\nmx)", "f:2: `mx` is relative: write `mx.`, or $ORIGIN in front of it" },
	{ "@ without origin", "@ A 192.0.2.1",
	  "f:1: `@` is the origin, and there is none: write $ORIGIN in front of it" },
	{ "bad owner", "a..b. A 192.0.2.1", "f:1: `a..b.` is no domain name" },
	{ "bad escape in a name", "a\\999. A 192.0.2.1", "f:1: `a\\999.` is no domain name" },
	{ "name too long with its origin",
	  "$ORIGIN " S16 S16 S16 "." S16 S16 S16 "." S16 S16 S16 "." S16 S16 S16 ".\nab A 192.0.2.1\n" S16 S16 S16
	  "abcdefghij A 192.0.2.1",
	  "f:3: `" S16 S16 S16 "abcdefghij` is no domain name" },
	{ "first record begins with a blank", " A 192.0.2.1",
	  "f:1: `A` stands on a line that begins with a blank: the first record must have a name" },
	{ "other class", "a. CH TXT b", "f:1: `CH` is another class than IN, which is the only one here" },
	{ "unknown word for a type", "a. 60 IN TXTT b", "f:1: `TXTT` stands where a type (A, MX, TXT...) is wanted" },
	{ "no type", "a. 60 IN", "f:1: the record ends where a type (A, MX, TXT...) is wanted" },
	{ "no data", "a. A", "f:1: the record ends where an IPv4 address is wanted" },
	{ "bad address", "a. A 192.0.2.256", "f:1: `192.0.2.256` stands where an IPv4 address is wanted" },
	{ "IPv6 in an A record", "a. A ::1", "f:1: `::1` stands where an IPv4 address is wanted" },
	{ "more than there may be", "a. A 192.0.2.1\na. A 192.0.2.1 (\n192.0.2.2 )",
	  "f:3: `192.0.2.2` stands where the end of the record is wanted" },
	{ "MX without preference", "a. MX mx.", "f:1: `mx.` stands where a number up to 65535 is wanted" },
	{ "MX, preference too big", "a. MX 65536 mx.", "f:1: `65536` stands where a number up to 65535 is wanted" },
	{ "bad escape in a string", "a. TXT \"\\25\"",
	  "f:1: a backslash stands before an octet in three digits up to 255, or before another character" },
	{ "unknown type without RFC 3597", "a. TYPE65280 abc",
	  "f:1: the data of this type is not known here: write `\\# LENGTH HEX` (RFC 3597)" },
	{ "RFC 3597, wrong length", "a. TYPE65280 \\# 3 abcd", "f:1: 2 octets stand where 3 were announced" },
	{ "half an octet", "a. TLSA 3 1 1 abc",
	  "f:1: `abc` stands where an even number of hexadecimal digits is wanted" },
	{ "no hexadecimal digit", "a. TLSA 3 1 1 xy", "f:1: `xy` stands where a row of hexadecimal digits is wanted" },
	{ "CAA with an odd tag", "a. CAA 0 a-b c", "f:1: `a-b` stands where a tag of letters and digits is wanted" },
	{ "SOA with a bad time", "a. SOA b. c. 1 2 3\n",
	  "f:1: the record ends where a time in seconds, or as `1h30m`, is wanted" },
	{ "CNAME beside another record", "a. A 192.0.2.1\nb. A 192.0.2.1\nb. CNAME a.",
	  "f:3: b has a CNAME beside another record: a name with a CNAME can have nothing else" },
	{ "two CNAMEs", "b. CNAME a.\nb. CNAME c.",
	  "f:2: b has a CNAME beside another record: a name with a CNAME can have nothing else" },
	{ "controls are escaped", "a. \33[2J b", "f:1: `\\x1b[2J` stands where a type (A, MX, TXT...) is wanted" },
};

static void errors_name_the_line_and_what_is_wanted(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(zone_free_p) struct zone *zone = NULL;
		assert_int_equal(zone_new(&zone, &err), 0);
		int result = zone_parse(zone, span_of(bad[i].text), "f", &err);
		if (result == 0)
			result = zone_seal(zone, &err);
		ROW_ASSERT(bad[i].label, result == -1 && err.kind == ERROR_CONFIG);
		ROW_ASSERT_STRING(bad[i].label, err.text, bad[i].error);
	}
}

static void a_program_adds_records(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	_cleanup_(free_p) char *big = calloc(1, 65536);
	size_t count = 0;
	assert_int_equal(zone_new(&zone, &err), 0);
	assert_int_equal(zone_add(zone, "A B.Example.", DNS_TXT, 5, "\1x", 2, &err), 0);
	assert_int_equal(zone_add(zone, "a..b", DNS_TXT, 5, "\1x", 2, &err), -1);
	assert_string_equal(err.text, "`a..b` is no domain name");
	assert_int_equal(zone_add(zone, "c.example", DNS_TXT, 5, big, 65536, &err), -1);
	assert_int_equal(zone_add(zone, "c.example", DNS_TXT, 5, big, 65535, &err), 0);
	assert_int_equal(zone_seal(zone, &err), 0);
	add_words(zone_find(zone, "a\\032b.example", DNS_TXT, &count), 1, &words);
	assert_string_equal(buf_str(&words), "a\\032b.example 5 TXT \"x\"");
	assert_int_equal(zone_add(zone, "c.example", DNS_TXT, 5, "\1x", 2, &err), -1);
	assert_int_equal(err.kind, ERROR_BUG);
}

static void zones_are_those_of_soa_records_or_of_a_name(void **state)
{
	static const char text[] = "one.example. SOA a. b. 1 2 3 4 5\n"
				   "sub.one.example. SOA a. b. 1 2 3 4 5\n"
				   "alone.example. TXT a\n"
				   "*.wild.example. TXT a\n"
				   "$ORIGIN two.example.\n"
				   "a.b TXT a\n"
				   "a.one.example. TXT a\n"
				   "c.three.example. TXT a\n"
				   "$ORIGIN .\n"
				   "a.four.example TXT a\n";
	static const struct {
		const char *name, *apex; /* NULL: none */
	} rows[] = {
		{ "one.example", "one.example" },
		{ "x.a.one.example", "one.example" },
		{ "x.sub.one.example", "sub.one.example" },
		{ "x.alone.example", "alone.example" },
		{ "x.wild.example", "wild.example" },
		{ "x.a.b.two.example", "a.b.two.example" },
		{ "two.example", NULL },
		{ "x.c.three.example", "c.three.example" },
		{ "three.example", NULL },
		{ "a.four.example", "a.four.example" },
		{ "b.four.example", NULL },
		{ "example", NULL },
		{ "oone.example", NULL },
		{ ".", NULL },
	};
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	assert_int_equal(zone_new(&zone, &err), 0);
	assert_int_equal(zone_parse(zone, span_of(text), "f", &err), 0);
	assert_int_equal(zone_seal(zone, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *apex = zone_apex(zone, rows[i].name);
		ROW_ASSERT(rows[i].name, (apex != NULL) == (rows[i].apex != NULL));
		if (apex)
			ROW_ASSERT_STRING(rows[i].name, apex, rows[i].apex);
	}
	assert_true(zone_exists(zone, "b.two.example"));
	assert_false(zone_exists(zone, "x.two.example"));
	assert_false(zone_exists(zone, "b.two.exampl"));
}

static void files_are_read(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	char path[] = "/tmp/postproof-zone-XXXXXX";
	_cleanup_(close_p) int fd = mkstemp(path);
	assert_int_equal(zone_new(&zone, &err), 0);
	assert_int_equal(write(fd, "a. A 1\n", 7), 7);
	assert_int_equal(zone_read(zone, path, &err), -1);
	assert_non_null(strstr(err.text, ":1: `1` stands where an IPv4 address is wanted"));
	unlink(path);
	assert_int_equal(zone_read(zone, path, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(zone_parse(zone, span_make("", (16 << 20) + 1), "f", &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
}

static void data_of_a_record_is_limited(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
	assert_int_equal(zone_new(&zone, &err), 0);
	buf_add_str(&text, "a. TXT");
	for (int i = 0; i < 65535; i++)
		buf_add_str(&text, " \"\"");
	assert_int_equal(zone_parse(zone, buf_span(&text), "f", &err), 0);
	buf_add_str(&text, " \"\"");
	assert_int_equal(zone_parse(zone, buf_span(&text), "f", &err), -1);
	assert_string_equal(err.text, "f:1: the data of a record is larger than 65535 octets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),       cmocka_unit_test(errors_name_the_line_and_what_is_wanted),
		cmocka_unit_test(a_program_adds_records), cmocka_unit_test(zones_are_those_of_soa_records_or_of_a_name),
		cmocka_unit_test(files_are_read),         cmocka_unit_test(data_of_a_record_is_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
