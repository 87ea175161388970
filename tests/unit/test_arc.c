/* ARC chains that are sealed here. */
#include "harness/auth/arc.h"

#include <string.h>

#include "harness/auth/arc_chain.h"
#include "tests/unit/dkim_scene.h"
#include "tests/unit/unit.h"

/* Tags of the sets of a chain, other than those that are always there. */
struct set_tags {
	const char *message; /* of the message signature: the relaxed form is signed, whatever they say */
	const char *seal;
};

static const struct set_tags usual_tags = { "c=relaxed/relaxed; h=from", "" };

/* Adds a message signature of this instance over From, where h= is not empty, and the body. */
static void sign_arc_message(unsigned instance, const char *tags, const char *header, const char *body, struct buf *out)
{
	_cleanup_(buf_fini) struct buf canonical = BUF_INIT(1 << 20), field = BUF_INIT(10000), text = BUF_INIT(1 << 20);
	naive_body(DKIM_RELAXED, span_of(body), &canonical);
	buf_addf(&field, "ARC-Message-Signature: i=%u; a=rsa-sha256; d=example.org; s=s1; %s; bh=", instance, tags);
	hash_text(buf_span(&canonical), &field);
	buf_add_str(&field, "; b=");
	const char *from = strstr(header, "From:");
	if (strstr(tags, "h=from"))
		naive_field(DKIM_RELAXED, span_make(from, (size_t)(strstr(from, "\r\n") - from) + 2), &text);
	buf_add_str(&field, "\r\n");
	naive_field(DKIM_RELAXED, buf_span(&field), &text);
	text.len -= 2;
	field.len -= 2;
	buf_add_span(out, buf_span(&field));
	sign_text(SIGNER_RSA_2048, buf_span(&text), out);
	buf_add_str(out, "\r\n");
}

/* The sets of one chain, as a seal sees them: oldest first, results, message signature, seal. */
struct sealer {
	struct buf sealed;  /* canonical form of the sets below */
	struct buf message; /* header block so far, newest set on top */
	const char *body;
	const struct set_tags *tags;
};

static void prepend(struct buf *message, const char *field)
{
	_cleanup_(buf_fini) struct buf before = *message;
	buf_init(message, before.max);
	buf_add_str(message, field);
	buf_add_span(message, buf_span(&before));
}

static void seal(struct sealer *s, unsigned instance)
{
	_cleanup_(buf_fini) struct buf field = BUF_INIT(10000), text = BUF_INIT(1 << 20);
	buf_addf(&field, "ARC-Authentication-Results: i=%u; lists.example.org; spf=pass\r\n", instance);
	naive_field(DKIM_RELAXED, buf_span(&field), &s->sealed);
	_cleanup_(buf_fini) struct buf results = field;
	buf_init(&field, 10000);
	sign_arc_message(instance, s->tags->message, buf_str(&s->message), s->body, &field);
	naive_field(DKIM_RELAXED, buf_span(&field), &s->sealed);
	prepend(&s->message, buf_str(&results));
	prepend(&s->message, buf_str(&field));
	buf_clear(&field);
	buf_addf(&field, "ARC-Seal: i=%u; a=rsa-sha256; d=example.org; s=s1; cv=%s;%s b=\r\n", instance,
		 instance == 1 ? "none" : "pass", s->tags->seal);
	buf_add_span(&text, buf_span(&s->sealed));
	naive_field(DKIM_RELAXED, buf_span(&field), &text);
	text.len -= 2;
	field.len -= 2;
	sign_text(SIGNER_RSA_2048, buf_span(&text), &field);
	buf_add_str(&field, "\r\n");
	naive_field(DKIM_RELAXED, buf_span(&field), &s->sealed);
	prepend(&s->message, buf_str(&field));
}

/* A scene with a chain of so many sets; behind `changed_after` (0: never) the body is another one. */
static void make_tagged_chain(struct scene *scene, unsigned count, unsigned changed_after, const struct set_tags *tags)
{
	struct sealer s = { .sealed = BUF_INIT(1 << 22), .message = BUF_INIT(1 << 22), .tags = tags };
	scene_init(scene);
	scene_key(scene, "s1", "", SIGNER_RSA_2048);
	buf_add_str(&s.message, SCENE_HEADER);
	for (unsigned i = 1; i <= count; i++) {
		s.body = i <= changed_after ? "Before.\r\n" : SCENE_BODY;
		seal(&s, i);
	}
	buf_addf(&scene->message, "%s\r\n%s", buf_str(&s.message), SCENE_BODY);
	buf_fini(&s.sealed);
	buf_fini(&s.message);
}

static void make_chain(struct scene *scene, unsigned count, unsigned changed_after)
{
	make_tagged_chain(scene, count, changed_after, &usual_tags);
}

static void chains_of_every_length_pass(void **state)
{
	static const unsigned counts[] = { 1, 2, 3, 10, ARC_SETS_MAX };
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
		make_chain(&s, counts[i], 0);
		scene_arc(&s, &e);
		assert_string_equal(e.reason, "every seal verifies, and every message signature");
		assert_int_equal(e.result, AUTH_PASS);
		assert_int_equal(e.instances, counts[i]);
		assert_int_equal(e.oldest_pass, 0);
		assert_int_equal(s.dns->questions, 1);
		assert_int_equal(e.trail.count, 1);
	}
}

static void a_change_on_the_way_is_dated(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
	make_chain(&s, 4, 2);
	scene_arc(&s, &e);
	assert_int_equal(e.result, AUTH_PASS);
	assert_int_equal(e.oldest_pass, 3);
	assert_string_equal(e.reason, "every seal verifies; the message is unchanged since instance 3 of 4");
}

static void what_breaks_a_chain_is_named(void **state)
{
	static const struct {
		const char *label, *old, *new, *reason;
	} rows[] = {
		{ "results of the first set", "i=1; lists.example.org", "i=1; lists.example.com",
		  "ARC-Seal i=3: the signature does not verify" },
		{ "results are missing", "ARC-Authentication-Results: i=2;",
		  "X: ", "ARC-Authentication-Results i=2 is missing" },
		{ "a gap", "ARC-Seal: i=2", "X-Seal: i=2", "ARC-Seal i=2 is missing" },
		{ "twice", "ARC-Seal: i=2", "ARC-Seal: i=1", "more than one ARC-Seal of instance 1" },
		{ "instance 0", "ARC-Seal: i=2", "ARC-Seal: i=0", "ARC-Seal has no instance of 1 to 50" },
		{ "instance 51", "ARC-Message-Signature: i=2", "ARC-Message-Signature: i=51",
		  "ARC-Message-Signature has no instance of 1 to 50" },
		{ "no instance", "ARC-Authentication-Results: i=2;",
		  "ARC-Authentication-Results:", "ARC-Authentication-Results has no instance of 1 to 50" },
		{ "failed chain", "i=3; a=rsa-sha256; d=example.org; s=s1; cv=pass",
		  "i=3; a=rsa-sha256; d=example.org; s=s1; cv=fail",
		  "ARC-Seal i=3 says that the chain failed (cv=fail)" },
		{ "first seal says pass", "cv=none", "cv=pass", "cv= of ARC-Seal i=1 is not none" },
		{ "later seal says none", "cv=pass", "cv=none", "cv= of ARC-Seal i=3 is not pass" },
		{ "h= in a seal", "cv=none", "cv=none; h=from", "ARC-Seal i=1 has h=: a seal signs what is fixed" },
		{ "body", "Hi.", "Ho.", "ARC-Message-Signature i=3: body hash differs: the body was changed" },
		{ "algorithm", "ARC-Seal: i=3; a=rsa-sha256", "ARC-Seal: i=3; a=rsa-sha1",
		  "ARC-Seal i=3: rsa-sha1 is no longer a valid algorithm" },
		{ "seal in h=", "h=from; bh", "h=from:arc-seal; bh", "ARC-Message-Signature i=3: ARC-Seal is in h=" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
		make_chain(&s, 3, 0);
		scene_change(&s, rows[i].old, rows[i].new);
		scene_arc(&s, &e);
		ROW_ASSERT_STRING(rows[i].label, e.reason, rows[i].reason);
		ROW_ASSERT(rows[i].label, e.result == AUTH_FAIL);
		ROW_ASSERT(rows[i].label, e.section != NULL);
	}
}

static void what_other_sealers_write_passes(void **state)
{
	static const struct {
		const char *label;
		struct set_tags tags;
	} rows[] = {
		{ "c= is absent", { "h=from", "" } },
		{ "h= is empty", { "c=relaxed/relaxed; h=", "" } },
		{ "an empty name in h=", { "c=relaxed/relaxed; h=from::x", "" } },
		{ "an unknown tag in a seal", { "c=relaxed/relaxed; h=from", " w=cat;" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
		make_tagged_chain(&s, 2, 0, &rows[i].tags);
		scene_arc(&s, &e);
		ROW_ASSERT_STRING(rows[i].label, e.reason, "every seal verifies, and every message signature");
		ROW_ASSERT(rows[i].label, e.result == AUTH_PASS);
	}
}

static void what_is_not_known_fails_nothing(void **state)
{
	static const struct {
		enum dns_state state;
		enum auth_result result;
	} rows[] = { { DNS_FAILED, AUTH_TEMPERROR }, { DNS_MISSED, AUTH_UNKNOWN } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 }, certain = { 0 };
		make_chain(&s, 2, 0);
		resolver_free(&s.dns->base);
		s.dns = fake_dns_new();
		fake_dns_state(s.dns, SPAN_LIT("s1._domainkey.example.org"), rows[i].state);
		scene_arc(&s, &e);
		assert_int_equal(e.result, rows[i].result);
		/* What breaks the chain for certain comes first. */
		scene_change(&s, "ARC-Seal: i=1; a=rsa-sha256", "ARC-Seal: i=1; a=rsa-sha1");
		scene_arc(&s, &certain);
		assert_int_equal(certain.result, AUTH_FAIL);
	}
}

/* A set may stand behind the fields that are read. */
static void more_fields_than_are_read_leave_the_chain_open(void **state)
{
	static const char *const rows[] = { "a chain above", "no set above" };
	for (unsigned sets = 0; sets < ARRAY_LEN(rows); sets++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
		_cleanup_(buf_fini) struct buf fields = BUF_INIT(1 << 20);
		make_chain(&s, 1 - sets, 0);
		for (int i = 0; i < HEADER_FIELDS_MAX; i++)
			buf_add_str(&fields, "X: y\r\n");
		buf_add_str(&fields, "Subject: ");
		scene_change(&s, "Subject: ", buf_str(&fields));
		scene_arc(&s, &e);
		ROW_ASSERT(rows[sets], e.result == AUTH_UNKNOWN);
		ROW_ASSERT(rows[sets], strstr(e.reason, "more than 20000 header fields"));
	}
}

static void without_a_set_there_is_none(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(arc_evaluation_fini) struct arc_evaluation e = { 0 };
	scene_init(&s);
	buf_add_str(&s.message, SCENE_HEADER "\r\n" SCENE_BODY);
	scene_arc(&s, &e);
	assert_int_equal(e.result, AUTH_NONE);
	assert_int_equal(e.instances, 0);
	assert_int_equal(s.dns->questions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_of_every_length_pass),
		cmocka_unit_test(a_change_on_the_way_is_dated),
		cmocka_unit_test(what_breaks_a_chain_is_named),
		cmocka_unit_test(what_other_sealers_write_passes),
		cmocka_unit_test(what_is_not_known_fails_nothing),
		cmocka_unit_test(more_fields_than_are_read_leave_the_chain_open),
		cmocka_unit_test(without_a_set_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
