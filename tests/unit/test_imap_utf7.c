/* Modified UTF-7. */
#include "tests/unit/unit.h"

#include "providers/imap_utf7.h"

static const struct row {
	const char *raw, *expected; /* NULL: not valid */
} rows[] = {
	{ "INBOX", "INBOX" },
	{ "", "" },
	{ "Work & Play", NULL },
	{ "Work &- Play", "Work & Play" },
	{ "&-", "&" },
	{ "&-&-", "&&" },
	{ "~peter/mail/&ZeVnLIqe-/&U,BTFw-", "~peter/mail/日本語/台北" }, /* RFC 3501 section 5.1.3 */
	{ "Entw&APw-rfe", "Entwürfe" },
	{ "&BCEEPwQwBDw-", "Спам" },
	{ "&V4NXPpCuTvY-", "垃圾邮件" },
	{ "Courrier ind&AOk-sirable", "Courrier indésirable" },
	{ "&2D3eAA-", "\xf0\x9f\x98\x80" }, /* a pair of surrogates */
	{ "&2D0-", NULL },                  /* half a pair */
	{ "&3gA-", NULL },                  /* the other half */
	{ "&2D0AQQ-", NULL },               /* half a pair and a letter */
	{ "&AEE-", NULL },                  /* a letter that can stand for itself */
	{ "&AOkAQQ-", NULL },               /* the same behind one that cannot */
	{ "&", NULL },
	{ "&AOk", NULL },
	{ "&AO-", NULL },   /* half a unit */
	{ "&AOl-", NULL },  /* bits that are left over are not zero */
	{ "&AOkA-", NULL }, /* a whole digit is left over */
	{ "&A/k-", NULL },  /* the alphabet has a comma there */
	{ "&AO k-", NULL },
	{ "Entw\xc3\xbcrfe", NULL }, /* UTF-8 */
	{ "tab\there", NULL },
};

static void names_are_decoded_strictly(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT(100);
		buf_add_str(&out, "=");
		int result = imap_utf7_decode(span_of(rows[i].raw), &out);
		ROW_ASSERT(rows[i].raw, result == (rows[i].expected ? 0 : -1));
		ROW_ASSERT_STRING(rows[i].raw, buf_str(&out) + 1, rows[i].expected ? rows[i].expected : "");
		ROW_ASSERT(rows[i].raw, buf_str(&out)[0] == '=' && !out.failed);
		buf_fini(&out);
	}
}

static void nul_is_an_octet_of_the_name(void **state)
{
	struct buf out = BUF_INIT(100);
	assert_int_equal(imap_utf7_decode(SPAN_LIT("a&AAA-b"), &out), 0);
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.p, "a\0b", 3);
	buf_fini(&out);
}

static void full_buffer_stays_as_it_was(void **state)
{
	struct buf out = BUF_INIT(5);
	buf_add_str(&out, "abc");
	assert_int_equal(imap_utf7_decode(SPAN_LIT("def"), &out), -1);
	assert_string_equal(buf_str(&out), "abc");
	assert_int_equal(imap_utf7_decode(SPAN_LIT("de"), &out), 0);
	assert_string_equal(buf_str(&out), "abcde");
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_decoded_strictly),
		cmocka_unit_test(nul_is_an_octet_of_the_name),
		cmocka_unit_test(full_buffer_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
