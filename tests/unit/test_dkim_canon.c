/* Canonicalisation, against one that is written octet by octet. */
#include "harness/auth/dkim_canon.h"

#include <openssl/evp.h>
#include <string.h>

#include "tests/unit/dkim_signer.h"
#include "tests/unit/unit.h"

static void digest_of(struct span text, unsigned char out[DKIM_DIGEST_LEN])
{
	EVP_Digest(text.p ? text.p : "", text.len, out, NULL, EVP_sha256(), NULL);
}

static bool hashes_to(enum dkim_canon canon, struct span body, uint64_t limit, struct span expected)
{
	static struct dkim_hash hash;
	struct error err = ERROR_INIT;
	unsigned char got[DKIM_DIGEST_LEN], wanted[DKIM_DIGEST_LEN];
	assert_int_equal(dkim_hash_init(&hash, &err), 0);
	dkim_hash_start(&hash, limit);
	dkim_canon_body(&hash, canon, body);
	assert_int_equal(dkim_hash_finish(&hash, got, &err), 0);
	dkim_hash_fini(&hash);
	digest_of(expected, wanted);
	return memcmp(got, wanted, sizeof(got)) == 0;
}

static void bodies_take_their_canonical_form(void **state)
{
	static const struct {
		const char *label, *body, *simple, *relaxed;
	} rows[] = {
		{ "empty", "", "\r\n", "" },
		{ "one line end", "\r\n", "\r\n", "" },
		{ "empty lines only", "\r\n\r\n\r\n", "\r\n", "" },
		{ "white space only", " \t", " \t\r\n", "" },
		{ "lines of white space only", " \r\n\t\r\n", " \r\n\t\r\n", "" },
		{ "RFC 6376 section 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n" },
		{ "no line end at the end", "abc", "abc\r\n", "abc\r\n" },
		{ "white space at the very end", "abc \t", "abc \t\r\n", "abc\r\n" },
		{ "empty lines within stay", "a\r\n\r\n \r\nb\r\n", "a\r\n\r\n \r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
		{ "tab for a space", "a\tb\r\n", "a\tb\r\n", "a b\r\n" },
		{ "white space in front", "  a\r\n\tb\r\n", "  a\r\n\tb\r\n", " a\r\n b\r\n" },
		{ "bare LF is a line end", "a \nb\n\n", "a \r\nb\r\n", "a\r\nb\r\n" },
		{ "bare LF first", "\na\n", "\r\na\r\n", "\r\na\r\n" },
		{ "CRLF and bare LF", "a\r\nb\nc\r\n", "a\r\nb\r\nc\r\n", "a\r\nb\r\nc\r\n" },
		{ "bare CR is an octet", "a\rb \r c\r\n", "a\rb \r c\r\n", "a\rb \r c\r\n" },
		{ "bare CR at the end", "a\r", "a\r\r\n", "a\r\r\n" },
		{ "CR CR LF", "a\r\r\n", "a\r\r\n", "a\r\r\n" },
		{ "dots", ".\r\n..\r\n.a\r\n", ".\r\n..\r\n.a\r\n", ".\r\n..\r\n.a\r\n" },
		{ "octets above 127", "\xff\xfe \x80\r\n", "\xff\xfe \x80\r\n", "\xff\xfe \x80\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span body = span_of(rows[i].body);
		ROW_ASSERT(rows[i].label, hashes_to(DKIM_SIMPLE, body, UINT64_MAX, span_of(rows[i].simple)));
		ROW_ASSERT(rows[i].label, hashes_to(DKIM_RELAXED, body, UINT64_MAX, span_of(rows[i].relaxed)));
	}
}

static void nul_is_an_octet(void **state)
{
	assert_true(hashes_to(DKIM_RELAXED, span_make("a\0  \0b\r\n", 8), UINT64_MAX, span_make("a\0 \0b\r\n", 7)));
}

/* Every length and position of what has to change, over the edges of the lanes. */
static void long_bodies_take_the_same_form_octet_by_octet(void **state)
{
	static const char alphabet[] = "aaaaaaaaaaaaab  \t\r\n";
	uint32_t seed = 1;
	for (int round = 0; round < 3000; round++) {
		_cleanup_(buf_fini) struct buf body = BUF_INIT(100000);
		size_t wanted = round % 100 == 0 ? 70000 : (size_t)round % 400;
		while (body.len < wanted) {
			seed = seed * 1664525u + 1013904223u;
			char c = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
			if (c == '\r' || c == '\n')
				buf_add_str(&body, "\r\n");
			else
				buf_add_char(&body, c);
		}
		for (int canon = DKIM_SIMPLE; canon <= DKIM_RELAXED; canon++) {
			_cleanup_(buf_fini) struct buf expected = BUF_INIT(200000);
			naive_body((enum dkim_canon)canon, buf_span(&body), &expected);
			assert_true(
			    hashes_to((enum dkim_canon)canon, buf_span(&body), UINT64_MAX, buf_span(&expected)));
			uint64_t limit = expected.len / 2;
			assert_true(hashes_to((enum dkim_canon)canon, buf_span(&body), limit,
					      span_sub(buf_span(&expected), 0, (size_t)limit)));
		}
	}
}

static void fields_take_their_canonical_form(void **state)
{
	static const struct {
		const char *label, *field, *simple, *relaxed;
	} rows[] = {
		{ "RFC 6376 section 3.4.5, A", "A: X\r\n", "A: X\r\n", "a:X\r\n" },
		{ "RFC 6376 section 3.4.5, B", "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n" },
		{ "empty value", "Subject:\r\n", "Subject:\r\n", "subject:\r\n" },
		{ "white space only", "Subject: \t \r\n", "Subject: \t \r\n", "subject:\r\n" },
		{ "bare LF", "A: b\n c\n", "A: b\r\n c\r\n", "a:b c\r\n" },
		{ "fold in front of the value", "A:\r\n b\r\n", "A:\r\n b\r\n", "a:b\r\n" },
		{ "no line end", "A: b", "A: b\r\n", "a:b\r\n" },
		{ "bare CR stays", "A: b\rc\r\n", "A: b\rc\r\n", "a:b\rc\r\n" },
	};
	static struct dkim_hash hash;
	struct error err = ERROR_INIT;
	assert_int_equal(dkim_hash_init(&hash, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct header h;
		assert_int_equal(header_parse(&h, span_of(rows[i].field), &err), 0);
		ROW_ASSERT(rows[i].label, h.count == 1);
		for (int canon = DKIM_SIMPLE; canon <= DKIM_RELAXED; canon++) {
			unsigned char got[DKIM_DIGEST_LEN], wanted[DKIM_DIGEST_LEN];
			dkim_hash_start(&hash, UINT64_MAX);
			dkim_canon_field(&hash, (enum dkim_canon)canon, &h.fields[0]);
			assert_int_equal(dkim_hash_finish(&hash, got, &err), 0);
			digest_of(span_of(canon == DKIM_SIMPLE ? rows[i].simple : rows[i].relaxed), wanted);
			ROW_ASSERT(rows[i].label, memcmp(got, wanted, sizeof(got)) == 0);
		}
		header_fini(&h);
	}
	dkim_hash_fini(&hash);
}

static void a_hash_can_be_kept_and_gone_back_to(void **state)
{
	static struct dkim_hash hash;
	struct error err = ERROR_INIT;
	unsigned char got[DKIM_DIGEST_LEN], wanted[DKIM_DIGEST_LEN];
	assert_int_equal(dkim_hash_init(&hash, &err), 0);
	dkim_hash_start(&hash, UINT64_MAX);
	dkim_hash_add(&hash, SPAN_LIT("one"));
	assert_int_equal(dkim_hash_save(&hash, &err), 0);
	dkim_hash_add(&hash, SPAN_LIT("two"));
	assert_int_equal(dkim_hash_finish(&hash, got, &err), 0);
	digest_of(SPAN_LIT("onetwo"), wanted);
	assert_memory_equal(got, wanted, sizeof(got));
	assert_int_equal(dkim_hash_restore(&hash, &err), 0);
	dkim_hash_add(&hash, SPAN_LIT("three"));
	assert_int_equal(dkim_hash_peek(&hash, got, &err), 0);
	digest_of(SPAN_LIT("onethree"), wanted);
	assert_memory_equal(got, wanted, sizeof(got));
	assert_int_equal(dkim_hash_finish(&hash, got, &err), 0);
	assert_memory_equal(got, wanted, sizeof(got));
	dkim_hash_fini(&hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_take_their_canonical_form),
		cmocka_unit_test(nul_is_an_octet),
		cmocka_unit_test(long_bodies_take_the_same_form_octet_by_octet),
		cmocka_unit_test(fields_take_their_canonical_form),
		cmocka_unit_test(a_hash_can_be_kept_and_gone_back_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
