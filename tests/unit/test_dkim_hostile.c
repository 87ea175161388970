/* DKIM verification of what senders can do to a verifier. */
#include "harness/auth/dkim.h"

#include <string.h>

#include "tests/unit/dkim_scene.h"
#include "tests/unit/unit.h"

#define TAGS "v=1; a=rsa-sha256; d=example.org; s=s1; h=from:to:subject:date; c=relaxed/relaxed"

static struct sign_request request(const char *header)
{
	return (struct sign_request){ .tags = TAGS,
				      .h = "from:to:subject:date",
				      .header_canon = DKIM_RELAXED,
				      .body_canon = DKIM_RELAXED,
				      .kind = SIGNER_RSA_2048,
				      .header = header,
				      .body = SCENE_BODY };
}

/* Whatever is in a message, there is a result, soon. */
static void hostile_messages_have_a_result(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation none = { 0 }, many = { 0 };
	struct sign_request r = request(SCENE_HEADER);
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	scene_dkim(&s, &none);
	assert_int_equal(none.result, AUTH_NONE);
	assert_int_equal(none.count, 0);
	for (int i = 0; i < 60; i++)
		sign_field(&r, &s.message);
	buf_add_str(&s.message, SCENE_HEADER "X: ");
	for (int i = 0; i < 1 << 20; i++)
		buf_add_char(&s.message, ' ');
	buf_add_str(&s.message, "\r\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&s.message, "X-%d: %d\r\n", i % 100, i);
	buf_addf(&s.message, "\r\n%s", SCENE_BODY);
	scene_dkim(&s, &many);
	assert_int_equal(many.count, DKIM_SIGNATURES_MAX);
	assert_true(many.capped);
	assert_int_equal(many.result, AUTH_PASS);
	assert_int_equal(s.dns->questions, 1);
}

static void a_message_without_from_does_not_pass(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	struct sign_request r = request("To: x\r\n");
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign_message(&r, &s.message);
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), "permerror: the message has no From field");
}

/* What stands beyond the limit may be what was signed. */
static void fields_beyond_the_limit_leave_the_result_open(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	struct sign_request r = request(SCENE_HEADER);
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign_field(&r, &s.message);
	for (int i = 0; i < HEADER_FIELDS_MAX; i++)
		buf_add_str(&s.message, "X: y\r\n");
	buf_addf(&s.message, "%s\r\n%s", SCENE_HEADER, SCENE_BODY);
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), "unknown: the signature is not known to fail: the message has more header "
					     "fields than are read");
}

/* Many signatures over a large body that none of them fits: the work is bounded. */
static void many_failures_are_not_all_looked_into(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 };
	struct sign_request r = request(SCENE_HEADER);
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	for (int i = 0; i < 10; i++)
		sign_field(&r, &s.message);
	buf_addf(&s.message, "%s\r\n", SCENE_HEADER);
	for (int i = 0; i < 100000; i++)
		buf_add_str(&s.message, "x\r\n");
	scene_dkim(&s, &e);
	assert_int_equal(e.count, 10);
	assert_string_equal(e.signatures[0].reason, "body hash differs: the body was changed");
	assert_string_equal(e.signatures[9].reason, "body hash differs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_messages_have_a_result),
		cmocka_unit_test(a_message_without_from_does_not_pass),
		cmocka_unit_test(fields_beyond_the_limit_leave_the_result_open),
		cmocka_unit_test(many_failures_are_not_all_looked_into),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
