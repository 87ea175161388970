/* DKIM verification of what senders can do to a verifier. */
#include "harness/auth/dkim.h"
#include "harness/auth/tag_list.h"

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
	assert_true(many.unread);
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

static void add_fields(struct scene *s, int count)
{
	for (int i = 0; i < count; i++)
		buf_add_str(&s->message, "X: y\r\n");
}

/* What was signed stands behind the fields that are read. */
static void push_header_down(struct scene *s)
{
	struct sign_request r = request(SCENE_HEADER);
	scene_key(s, "s1", "", SIGNER_RSA_2048);
	sign_field(&r, &s->message);
	add_fields(s, HEADER_FIELDS_MAX);
	buf_addf(&s->message, "%s\r\n%s", SCENE_HEADER, SCENE_BODY);
}

static void push_signature_down(struct scene *s)
{
	struct sign_request r = request(SCENE_HEADER);
	scene_key(s, "s1", "", SIGNER_RSA_2048);
	add_fields(s, HEADER_FIELDS_MAX);
	sign_message(&r, &s->message);
}

/* A reader may well show it. */
static void push_second_from_down(struct scene *s)
{
	struct sign_request r = request(SCENE_HEADER);
	scene_key(s, "s1", "", SIGNER_RSA_2048);
	sign_field(&r, &s->message);
	buf_add_str(&s->message, SCENE_HEADER);
	add_fields(s, HEADER_FIELDS_MAX);
	buf_add_str(&s->message, "From: mallory@example.net\r\n\r\n" SCENE_BODY);
}

static void put_good_signature_last(struct scene *s)
{
	struct sign_request good = request(SCENE_HEADER), bad = good;
	bad.bh = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	scene_key(s, "s1", "", SIGNER_RSA_2048);
	for (int i = 0; i < DKIM_SIGNATURES_MAX; i++)
		sign_field(&bad, &s->message);
	sign_message(&good, &s->message);
}

static void publish_good_key_among_many(struct scene *s)
{
	struct sign_request r = request(SCENE_HEADER);
	char tags[64];
	for (int i = 0; i < 21; i++) {
		snprintf(tags, sizeof(tags), "v=DKIM1; n=%d; h=%s; ", i, i == 10 ? "sha256" : "sha1");
		scene_key(s, "s1", tags, SIGNER_RSA_2048);
	}
	sign_message(&r, &s->message);
}

static void add_tags(struct buf *out)
{
	for (int i = 0; i < TAG_LIST_MAX; i++)
		buf_addf(out, "x%d=y; ", i);
}

static void sign_with_many_tags(struct scene *s)
{
	_cleanup_(buf_fini) struct buf tags = BUF_INIT(10000);
	struct sign_request r = request(SCENE_HEADER);
	add_tags(&tags);
	buf_add_str(&tags, TAGS);
	r.tags = buf_str(&tags);
	scene_key(s, "s1", "", SIGNER_RSA_2048);
	sign_message(&r, &s->message);
}

static void publish_key_with_many_tags(struct scene *s)
{
	_cleanup_(buf_fini) struct buf tags = BUF_INIT(10000);
	struct sign_request r = request(SCENE_HEADER);
	add_tags(&tags);
	scene_key(s, "s1", buf_str(&tags), SIGNER_RSA_2048);
	sign_message(&r, &s->message);
}

/* A limit of ours is nothing that a receiver would hold against the message. */
static void what_is_beyond_a_limit_leaves_the_result_open(void **state)
{
	static const struct {
		const char *label;
		void (*make)(struct scene *s);
		const char *says; /* the reason of the first signature; of them all where there is none */
	} rows[] = {
		{ "what was signed", push_header_down, "not evaluated: the message has more than 20000 header fields" },
		{ "the signature", push_signature_down, "the message has more header fields than are read" },
		{ "a second From", push_second_from_down,
		  "not evaluated: the message has more than 20000 header fields" },
		{ "the good signature", put_good_signature_last, "body hash differs: the body was changed" },
		{ "the good key", publish_good_key_among_many, "selector s1 has 21 records, of which 8 were tried" },
		{ "tags of the signature", sign_with_many_tags, "not evaluated: the field has more than 64 tags" },
		{ "tags of the key", publish_key_with_many_tags, "the key record was not read: too many tags" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 };
		scene_init(&s);
		rows[i].make(&s);
		scene_dkim(&s, &e);
		ROW_ASSERT(rows[i].label, e.result == AUTH_UNKNOWN);
		ROW_ASSERT_STRING(rows[i].label, e.count ? e.signatures[0].reason : e.unread, rows[i].says);
	}
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
		cmocka_unit_test(what_is_beyond_a_limit_leaves_the_result_open),
		cmocka_unit_test(many_failures_are_not_all_looked_into),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
