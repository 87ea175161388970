/* Domain names. */
#include "tests/unit/unit.h"

#include "harness/dns/name.h"

#define L63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"
#define L61 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxy"

static const struct {
	const char *label;
	struct span octets;
	const char *name; /* NULL: the DNS cannot have it */
} made[] = {
	{ "letters are put in lower case", SPAN_LIT("WWW.Example.NET"), "www.example.net" },
	{ "one final dot is dropped", SPAN_LIT("example."), "example" },
	{ "underscore and hyphens", SPAN_LIT("_dmarc.-a-.example"), "_dmarc.-a-.example" },
	{ "odd octets are escaped", SPAN_LIT("a b.c\\d.\"@$();"), "a\\032b.c\\092d.\\034\\064\\036\\040\\041\\059" },
	{ "percent and slash stay", SPAN_LIT("%{i}.a/b"), "%{i}.a/b" },
	{ "NUL and controls", SPAN_LIT("a\0\r\n\177.b"), "a\\000\\013\\010\\127.b" },
	{ "octets that are not UTF-8", SPAN_LIT("\xff\x80.b"), "\\255\\128.b" },
	{ "UTF-8 becomes an A-label",
	  SPAN_LIT("B\xc3\xbc"
		   "cher.example"),
	  "xn--bcher-kva.example" },
	{ "upper case beyond ASCII",
	  SPAN_LIT("B\xc3\x9c"
		   "CHER"),
	  "xn--bcher-kva" },
	{ "sharp s is kept",
	  SPAN_LIT("stra\xc3\x9f"
		   "e"),
	  "xn--strae-oqa" },
	{ "decomposed letters are composed",
	  SPAN_LIT("bu\xcc\x88"
		   "cher"),
	  "xn--bcher-kva" },
	{ "A-label stays", SPAN_LIT("XN--BCHER-KVA"), "xn--bcher-kva" },
	{ "label that IDNA refuses",
	  SPAN_LIT("a\xe2\x80\xae"
		   "b.example"),
	  NULL },
	{ "UTF-8 beside NUL", SPAN_LIT("\xc3\xbc\0x"), NULL },
	{ "full stop that is no dot",
	  SPAN_LIT("a\xe3\x80\x82"
		   "b"),
	  NULL },
	{ "empty", SPAN_LIT(""), NULL },
	{ "dot alone", SPAN_LIT("."), NULL },
	{ "empty label", SPAN_LIT("a..b"), NULL },
	{ "empty first label", SPAN_LIT(".b"), NULL },
	{ "two final dots", SPAN_LIT("a.."), NULL },
	{ "label of 63 octets", SPAN_LIT(L63 ".b"), L63 ".b" },
	{ "label of 64 octets", SPAN_LIT("a" L63 ".b"), NULL },
	{ "253 octets", SPAN_LIT(L63 "." L63 "." L63 "." L61 "."), L63 "." L63 "." L63 "." L61 },
	{ "254 octets", SPAN_LIT(L63 "." L63 "." L63 "." L61 "x"), NULL },
	{ "A-label of more than 63 octets", SPAN_LIT("\xc3\xbc" L63), NULL },
};

static void names_are_made_of_octets(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		char name[DNS_NAME_TEXT_MAX];
		bool well = dns_name_make(made[i].octets, name);
		ROW_ASSERT(made[i].label, well == (made[i].name != NULL));
		ROW_ASSERT_STRING(made[i].label, name, well ? made[i].name : "");
	}
}

static void every_octet_survives_wire_and_back(void **state)
{
	unsigned char octets[127];
	char name[DNS_NAME_TEXT_MAX], back[DNS_NAME_TEXT_MAX];
	for (unsigned start = 0; start < 256; start += 32) {
		for (unsigned i = 0; i < 32; i++)
			octets[i] = (unsigned char)(start + i);
		_cleanup_(buf_fini) struct buf wire = BUF_INIT(255), again = BUF_INIT(255);
		buf_add_char(&wire, 32);
		buf_add(&wire, octets, 32);
		buf_add(&wire, "\3Com", 5);
		size_t used = 0;
		buf_add_str(&wire, "behind");
		assert_true(dns_name_from_wire(buf_span(&wire), name, &used));
		assert_int_equal(used, 1 + 32 + 5);
		assert_true(dns_name_to_wire(name, &again));
		assert_int_equal(again.len, used);
		assert_true(span_eq_nocase(buf_span(&again), span_sub(buf_span(&wire), 0, used)));
		assert_true(dns_name_from_wire(buf_span(&again), back, NULL));
		assert_string_equal(name, back);
	}
}

static void wire_that_is_no_name_is_refused(void **state)
{
	static const struct {
		const char *label;
		struct span wire;
	} rows[] = {
		{ "nothing", SPAN_LIT("") },
		{ "no root", SPAN_LIT("\3abc") },
		{ "label cut off", SPAN_LIT("\4abc") },
		{ "compression pointer", SPAN_LIT("\xc0\x0c") },
		{ "label of 64 octets", SPAN_LIT("\x40"
						 "a" L63 "\0") },
		{ "256 octets", SPAN_LIT("\x3f" L63 "\x3f" L63 "\x3f" L63 "\x3e" L61 "x\0") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[DNS_NAME_TEXT_MAX] = "x";
		ROW_ASSERT(rows[i].label, !dns_name_from_wire(rows[i].wire, name, NULL));
		ROW_ASSERT_STRING(rows[i].label, name, "");
	}
}

static void presentation_form_becomes_wire(void **state)
{
	static const struct {
		const char *name;
		struct span wire; /* NULL: bad */
	} rows[] = {
		{ ".", SPAN_LIT("\0") },
		{ "a.", SPAN_LIT("\1a\0") },
		{ "A.bc", SPAN_LIT("\1a\2bc\0") },
		{ "a\\.b", SPAN_LIT("\3a.b\0") },
		{ "\\255\\000", SPAN_LIT("\2\xff\0\0") },
		{ "", { NULL, 0 } },
		{ "..", { NULL, 0 } },
		{ ".a", { NULL, 0 } },
		{ "a..b", { NULL, 0 } },
		{ "a\\", { NULL, 0 } },
		{ "a\\1", { NULL, 0 } },
		{ "a\\12x", { NULL, 0 } },
		{ "a\\256", { NULL, 0 } },
		{ "a" L63, { NULL, 0 } },
		{ L63 "." L63 "." L63 "." L61 "x", { NULL, 0 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf wire = BUF_INIT(1000);
		ROW_ASSERT(rows[i].name, dns_name_to_wire(rows[i].name, &wire) == (rows[i].wire.p != NULL));
		ROW_ASSERT(rows[i].name, span_eq(buf_span(&wire), rows[i].wire));
	}
	_cleanup_(buf_fini) struct buf longest = BUF_INIT(255);
	assert_true(dns_name_to_wire(L63 "." L63 "." L63 "." L61, &longest));
	assert_int_equal(longest.len, 255);
}

static void names_know_what_is_above_them(void **state)
{
	assert_string_equal(dns_name_parent("service.gov.uk"), "gov.uk");
	assert_string_equal(dns_name_parent("uk"), ".");
	assert_null(dns_name_parent("."));
	assert_int_equal(dns_name_labels("."), 0);
	assert_int_equal(dns_name_labels("uk"), 1);
	assert_int_equal(dns_name_labels("a.b\\046c.uk"), 3);
	assert_true(dns_name_under("a.example", "example"));
	assert_true(dns_name_under("example", "example"));
	assert_true(dns_name_under("example", "."));
	assert_true(dns_name_under(".", "."));
	assert_false(dns_name_under("aexample", "example"));
	assert_false(dns_name_under("example", "a.example"));
	assert_false(dns_name_under(".", "example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_made_of_octets),        cmocka_unit_test(every_octet_survives_wire_and_back),
		cmocka_unit_test(wire_that_is_no_name_is_refused), cmocka_unit_test(presentation_form_becomes_wire),
		cmocka_unit_test(names_know_what_is_above_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
