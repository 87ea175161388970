/* Reading replies, whole and in pieces. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/net/smtp_reply.h"

static const struct {
	const char *label, *octets;
	int code; /* -1: an error; 0: more is needed */
	const char *enhanced, *text;
	enum error_kind kind;
} rows[] = {
	{ "one line", "250 2.1.0 Ok\r\n", 250, "2.1.0", "Ok" },
	{ "no text", "250\r\n", 250, "", "" },
	{ "no text behind the space", "250 \r\n", 250, "", "" },
	{ "bare line feed", "250 ok\n", 250, "", "ok" },
	{ "several lines", "550-5.7.26 This mail\r\n550-5.7.26 is\r\n550 5.7.26 bad\r\n", 550, "5.7.26",
	  "This mail is bad" },
	{ "empty line within", "250-a\r\n250-\r\n250 b\r\n", 250, "", "a b" },
	{ "status without text", "450 4.7.1\r\n", 450, "4.7.1", "" },
	{ "status of another class", "550 4.7.1 x\r\n", 550, "", "4.7.1 x" },
	{ "address is no status", "220 2.0.0.1 ready\r\n", 220, "", "2.0.0.1 ready" },
	{ "four digits are no status", "250 2.1234.1 x\r\n", 250, "", "2.1234.1 x" },
	{ "three digits are", "250 2.123.456 x\r\n", 250, "2.123.456", "x" },
	{ "control characters", "550 a\x1b[31mb\x07\r\n", 550, "", "a\\x1b[31mb\\x07" },
	{ "octets that are not UTF-8", "550 caf\xe9\r\n", 550, "", "caf\\xe9" },
	{ "half a line", "250 o", 0 },
	{ "half a reply", "250-ok\r\n", 0 },
	{ "no number", "SSH-2.0\r\n", -1, .kind = ERROR_PROTOCOL },
	{ "code too large", "600 x\r\n", -1, .kind = ERROR_PROTOCOL },
	{ "code too small", "150 x\r\n", -1, .kind = ERROR_PROTOCOL },
	{ "no space behind the code", "250x\r\n", -1, .kind = ERROR_PROTOCOL },
	{ "two codes", "250-a\r\n550 b\r\n", -1, .kind = ERROR_PROTOCOL },
	{ "empty line", "\r\n", -1, .kind = ERROR_PROTOCOL },
};

/* Feeds `step` octets at a time; returns as smtp_reader_next. */
static int read_reply(const char *octets, size_t step, struct smtp_reply *reply, struct error *err)
{
	struct smtp_reader reader;
	smtp_reader_init(&reader);
	int rc = 0;
	struct span in = span_of(octets);
	for (size_t at = 0; at < in.len && rc == 0; at += step) {
		assert_int_equal(smtp_reader_feed(&reader, span_sub(in, at, step), err), 0);
		rc = smtp_reader_next(&reader, reply, err);
	}
	smtp_reader_fini(&reader);
	return rc;
}

static void reply_is_read_however_it_is_cut(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t step = 1; step <= 64; step *= 4) {
			struct smtp_reply reply;
			struct error err = ERROR_INIT;
			smtp_reply_init(&reply);
			int rc = read_reply(rows[i].octets, step, &reply, &err);
			ROW_ASSERT(rows[i].label, rc == (rows[i].code > 0 ? 1 : rows[i].code));
			ROW_ASSERT(rows[i].label, err.kind == rows[i].kind);
			if (rc > 0) {
				ROW_ASSERT(rows[i].label, reply.code == rows[i].code);
				ROW_ASSERT_STRING(rows[i].label, reply.enhanced, rows[i].enhanced);
				ROW_ASSERT_STRING(rows[i].label, buf_str(&reply.text), rows[i].text);
			}
			smtp_reply_fini(&reply);
		}
	}
}

static void replies_are_taken_one_by_one(void **state)
{
	struct smtp_reader reader;
	struct smtp_reply reply;
	struct error err = ERROR_INIT;
	smtp_reader_init(&reader);
	smtp_reply_init(&reply);
	assert_int_equal(smtp_reader_feed(&reader, SPAN_LIT("250 a\r\n354-b\r\n354 c\r\n5"), &err), 0);
	assert_int_equal(smtp_reader_next(&reader, &reply, &err), 1);
	assert_int_equal(reply.code, 250);
	assert_true(smtp_reader_waiting(&reader));
	assert_int_equal(smtp_reader_next(&reader, &reply, &err), 1);
	assert_int_equal(reply.code, 354);
	assert_string_equal(buf_str(&reply.text), "b c");
	assert_int_equal(smtp_reader_next(&reader, &reply, &err), 0);
	assert_int_equal(smtp_reader_feed(&reader, SPAN_LIT("50 d\r\n"), &err), 0);
	assert_int_equal(smtp_reader_next(&reader, &reply, &err), 1);
	assert_int_equal(reply.code, 550);
	assert_false(smtp_reader_waiting(&reader));
	smtp_reader_fini(&reader);
	smtp_reply_fini(&reply);
}

static void endless_reply_is_cut_off(void **state)
{
	static const char *const pieces[] = { "250 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "250-x\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct smtp_reader reader;
		struct smtp_reply reply;
		struct error err = ERROR_INIT;
		smtp_reader_init(&reader);
		smtp_reply_init(&reply);
		size_t fed = 0;
		int rc = 0;
		while (rc == 0 && fed < 10 * SMTP_REPLY_MAX) {
			assert_int_equal(smtp_reader_feed(&reader, span_of(pieces[i]), &err), 0);
			fed += strlen(pieces[i]);
			rc = smtp_reader_next(&reader, &reply, &err);
		}
		assert_int_equal(rc, -1);
		assert_int_equal(err.kind, ERROR_LIMIT);
		assert_true(fed <= SMTP_REPLY_MAX + 100);
		smtp_reader_fini(&reader);
		smtp_reply_fini(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_is_read_however_it_is_cut),
		cmocka_unit_test(replies_are_taken_one_by_one),
		cmocka_unit_test(endless_reply_is_cut_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
