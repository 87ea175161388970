/* DKIM verification of messages that are signed here. */
#include "harness/auth/dkim.h"

#include <string.h>

#include "tests/unit/dkim_scene.h"
#include "tests/unit/unit.h"

#define TAGS "v=1; a=rsa-sha256; d=example.org; s=s1; h=from:to:subject:date"
#define GOOD "pass: the signature verifies"

static struct sign_request request(const char *tags, const char *h)
{
	return (struct sign_request){ .tags = tags,
				      .h = h,
				      .header_canon = DKIM_RELAXED,
				      .body_canon = DKIM_RELAXED,
				      .kind = SIGNER_RSA_2048,
				      .header = SCENE_HEADER,
				      .body = SCENE_BODY };
}

static void sign(struct scene *s, const char *tags)
{
	struct sign_request r = request(tags, "from:to:subject:date");
	sign_message(&r, &s->message);
}

static void every_form_and_algorithm_verifies(void **state)
{
	static const enum signer_kind kinds[] = { SIGNER_RSA_1024, SIGNER_RSA_2048, SIGNER_ED25519 };
	for (size_t i = 0; i < ARRAY_LEN(kinds) * 8; i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 };
		enum signer_kind kind = kinds[i / 8];
		struct sign_request r = request(NULL, "from:to:subject:date");
		char tags[200];
		r.header_canon = (i & 1) ? DKIM_RELAXED : DKIM_SIMPLE;
		r.body_canon = (i & 2) ? DKIM_RELAXED : DKIM_SIMPLE;
		r.kind = kind;
		r.tags = tags;
		r.body = (i & 4) ? "" : SCENE_BODY;
		snprintf(tags, sizeof(tags), "v=1; a=%s-sha256; d=example.org; s=s1; h=%s; c=%s/%s",
			 kind == SIGNER_ED25519 ? "ed25519" : "rsa", r.h, (i & 1) ? "relaxed" : "simple",
			 (i & 2) ? "relaxed" : "simple");
		scene_init(&s);
		scene_key(&s, "s1", kind == SIGNER_ED25519 ? "k=ed25519; " : "v=DKIM1; ", kind);
		sign_message(&r, &s.message);
		scene_dkim(&s, &e);
		assert_int_equal(e.count, 1);
		ROW_ASSERT_STRING(tags, e.signatures[0].reason, "the signature verifies");
		ROW_ASSERT(tags, e.result == AUTH_PASS);
		ROW_ASSERT(tags, e.signatures[0].key_bits == (kind == SIGNER_ED25519    ? 256
							      : kind == SIGNER_RSA_1024 ? 1024
											: 2048));
		ROW_ASSERT(tags, e.signatures[0].weak_key == (kind == SIGNER_RSA_1024));
	}
}

static void a_message_of_bare_lf_is_hashed_as_crlf(void **state)
{
	for (int canon = 0; canon < 2; canon++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000), lf = BUF_INIT(10000);
		struct sign_request r = request(canon ? TAGS "; c=relaxed/relaxed" : TAGS, "from:to:subject:date");
		r.header_canon = r.body_canon = canon ? DKIM_RELAXED : DKIM_SIMPLE;
		scene_init(&s);
		scene_key(&s, "s1", "", SIGNER_RSA_2048);
		sign_message(&r, &s.message);
		for (size_t i = 0; i < s.message.len; i++)
			if (s.message.p[i] != '\r')
				buf_add_char(&lf, s.message.p[i]);
		buf_clear(&s.message);
		buf_add_span(&s.message, buf_span(&lf));
		scene_words(&s, &words);
		assert_string_equal(buf_str(&words), GOOD);
	}
}

/* One change to the message or its key. */
static void what_was_changed_is_named(void **state)
{
	static const struct {
		const char *label, *old, *new, *expected;
	} rows[] = {
		{ "nothing", "Hi.", "Hi.", GOOD },
		{ "white space, relaxed", "lost  the game. \r\n", "lost \t the game.\r\n", GOOD },
		{ "empty lines at the end", "game. \r\n\r\n\r\n", "game. \r\n", GOOD },
		{ "fold of a field", "Is  dinner\r\n ready?", "Is dinner ready?", GOOD },
		{ "name of a field", "To: Bo", "TO : Bo", GOOD },
		{ "a field that is not signed", "Date:", "X-New: 1\r\nDate:", GOOD },
		{ "body", "game", "gams", "fail: body hash differs: the body was changed" },
		{ "footer", "game. \r\n\r\n\r\n", "game. \r\n-- \r\nSent by the list\r\n",
		  "fail: body hash differs: 23 octets appended after the signed body" },
		{ "footer behind an empty line", "game. \r\n\r\n\r\n", "game. \r\n\r\n1",
		  "fail: body hash differs: 3 octets appended after the signed body" },
		{ "one octet", "game. \r\n\r\n\r\n", "game. \r\n.",
		  "fail: body hash differs: 1 octet appended after the signed body" },
		{ "octets in front", "Hi.\r\n", ">Hi.\r\n", "fail: body hash differs: the body was changed" },
		{ "signed field", "dinner", "supper",
		  "fail: signed fields were changed, added or removed: from:to:subject:date" },
		{ "signed field is removed", "Date: Tue, 14 Nov 2023 22:00:00 +0000\r\n", "",
		  "fail: signed fields were changed, added or removed: from:to:subject:date" },
		{ "signed field is added below", "+0000\r\n", "+0000\r\nSubject: x\r\n",
		  "fail: signed fields were changed, added or removed: from:to:subject:date" },
		{ "signed field is added above", "From: Ana", "Subject: x\r\nFrom: Ana", GOOD },
		{ "second From", "From: Ana", "From: Eve <eve@example.com>\r\nFrom: Ana",
		  "policy: the message has 2 From fields, of which the signature covers 1" },
		{ "signature field itself", "s=s1;", "s=s1; y=1;",
		  "fail: signed fields were changed, added or removed: from:to:subject:date" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		scene_init(&s);
		scene_key(&s, "s1", "", SIGNER_RSA_2048);
		sign(&s, TAGS "; c=relaxed/relaxed");
		scene_change(&s, rows[i].old, rows[i].new);
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
	}
}

static void another_canonicalisation_is_found(void **state)
{
	static const struct {
		const char *label, *old, *new, *expected;
	} rows[] = {
		{ "body", "Hi.\r\n", "Hi. \r\n",
		  "fail: body hash differs: it is that of the relaxed form, white space was changed or c= is wrong" },
		{ "body and a footer", "Hi.\r\nBye.\r\n", "Hi. \r\nBye.\r\n--\r\n",
		  "fail: body hash differs: 4 octets appended after the signed body, and white space was changed or "
		  "c= is wrong" },
		{ "header", "Subject: x\r\n", "Subject:  x\r\n",
		  "fail: signed fields were changed, added or removed: from:subject" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		struct sign_request r = request("v=1; a=rsa-sha256; d=example.org; s=s1; h=from:subject",
						"from:subject");
		r.header_canon = r.body_canon = DKIM_SIMPLE;
		r.header = "From: a@example.org\r\nSubject: x\r\n";
		r.body = "Hi.\r\nBye.\r\n";
		scene_init(&s);
		scene_key(&s, "s1", "", SIGNER_RSA_2048);
		sign_message(&r, &s.message);
		scene_change(&s, rows[i].old, rows[i].new);
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
	}
}

/* c= says one form, and the header was signed in the other. */
static void a_wrong_c_is_found(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	struct sign_request r = request(TAGS "; c=simple/relaxed", "from:to:subject:date");
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign_message(&r, &s.message);
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), "fail: the signature is over the relaxed form of the header: white space "
					     "was changed or c= is wrong");
}

static void a_field_that_differs_from_its_copy_is_named(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign(&s, TAGS "; c=relaxed/relaxed; z=From:Ana=20<ana@example.org>|To:=20Bo=20<bo@example.net>\r\n"
		      " |Subject:=20Is=20dinner=20ready?");
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), GOOD);
	buf_clear(&words);
	scene_change(&s, "Subject:  Is", "Subject: [list] Is");
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words),
			    "fail: signed fields were changed: Subject is not as it was when signed (z=)");
}

static void the_key_decides(void **state)
{
	static const struct {
		const char *label, *tags;
		enum signer_kind kind;
		const char *expected;
	} rows[] = {
		{ "good", "", SIGNER_RSA_2048, GOOD },
		{ "another key", "", SIGNER_RSA_1024,
		  "fail: the signature was not made with the key of selector s1, or was damaged" },
		{ "too short", "", SIGNER_RSA_512, "policy: the RSA key is too short: 512 bits" },
		{ "of another type", "k=ed25519; ", SIGNER_ED25519,
		  "permerror: the key is of type ed25519, the signature is rsa-sha256" },
		{ "not for SHA-256", "h=sha1; ", SIGNER_RSA_2048, "permerror: the key does not allow SHA-256 (h=)" },
		{ "not for mail", "s=tlsrpt; ", SIGNER_RSA_2048, "permerror: the key is not for mail (s=)" },
		{ "strict, i= below d=", "t=s; ", SIGNER_RSA_2048,
		  "permerror: the key allows no subdomain of d= in i= (t=s)" },
		{ "testing", "t=y; ", SIGNER_RSA_2048, GOOD "; the key is being tested (t=y)" },
		{ "broken", "v=DKIM2; ", SIGNER_RSA_2048, "permerror: the first tag of the key record is not v=DKIM1" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		scene_init(&s);
		scene_key(&s, "s1", rows[i].tags, rows[i].kind);
		sign(&s, TAGS "; c=relaxed/relaxed; i=@sub.example.org");
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
	}
}

static void the_answer_for_the_key_decides(void **state)
{
	static const struct {
		const char *label;
		int state; /* -1: no such name */
		const char *expected;
	} rows[] = {
		{ "no such name", -1, "permerror: selector s1 has no key record" },
		{ "no record", DNS_ANSWERED, "permerror: selector s1 has no key record" },
		{ "no answer", DNS_FAILED, "temperror: the key of selector s1 could not be had: timed out" },
		{ "not in the snapshot", DNS_MISSED,
		  "unknown: the key of selector s1 is not known: the snapshot does not hold "
		  "s1._domainkey.example.org TXT" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 };
		scene_init(&s);
		if (rows[i].state >= 0)
			fake_dns_state(s.dns, SPAN_LIT("s1._domainkey.example.org"), (enum dns_state)rows[i].state);
		sign(&s, TAGS);
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
		scene_dkim(&s, &e);
		ROW_ASSERT(rows[i].label, e.trail.count == 1);
		ROW_ASSERT_STRING(rows[i].label, e.trail.steps[0].what, "key of selector s1");
		ROW_ASSERT_STRING(rows[i].label, e.trail.steps[0].name, "s1._domainkey.example.org");
	}
}

static void of_several_records_the_one_that_fits_counts(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	scene_init(&s);
	fake_dns_add(s.dns, SPAN_LIT("s1._domainkey.example.org"), DNS_TXT, SPAN_LIT("v=spf1 -all"));
	scene_key(&s, "s1", "", SIGNER_RSA_1024);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign(&s, TAGS "; c=relaxed/relaxed");
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), GOOD);
}

static void length_covers_a_part_of_the_body(void **state)
{
	static const struct {
		const char *label, *body, *changed, *expected;
	} rows[] = {
		{ "all of it", "12345678\r\n", "12345678\r\n", GOOD },
		{ "appended", "12345678\r\n", "12345678\r\nmore",
		  GOOD "; the body goes on behind the 10 octets that it covers (l=)" },
		{ "cut off", "12345678\r\n", "1234",
		  "fail: body hash differs: the body has 6 octets, and 10 were signed (l=)" },
		{ "changed", "12345678\r\n", "x2345678\r\n", "fail: body hash differs: the body was changed" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		struct sign_request r = request(TAGS "; c=relaxed/relaxed; l=10", "from:to:subject:date");
		r.body = rows[i].body;
		r.length = 10;
		scene_init(&s);
		scene_key(&s, "s1", "", SIGNER_RSA_2048);
		sign_message(&r, &s.message);
		scene_change(&s, rows[i].body, rows[i].changed);
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
	}
}

static void what_a_cut_body_leaves_open_is_unknown(void **state)
{
	static const struct {
		const char *label, *tags, *old, *new;
		long long length;
		const char *expected;
	} rows[] = {
		{ "all is held", TAGS "; c=relaxed/relaxed", "Hi", "Hi", 0,
		  "unknown: the header is as it was signed; the body hash is not known, since the stored body is cut" },
		{ "l= lies within", TAGS "; c=relaxed/relaxed; l=8", "Hi", "Hi", 8,
		  GOOD "; the body goes on behind the 8 octets that it covers (l=)" },
		{ "l= lies behind", TAGS "; c=relaxed/relaxed; l=24", "game. \r\n\r\n\r\n", "ga\r", 24,
		  "unknown: the header is as it was signed; the body hash is not known, since the stored body is cut" },
		{ "the header was changed", TAGS "; c=relaxed/relaxed", "Ana", "Eve", 0,
		  "fail: signed fields were changed, added or removed: from:to:subject:date" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		struct sign_request r = request(rows[i].tags, "from:to:subject:date");
		r.length = rows[i].length;
		scene_init(&s);
		s.truncated = true;
		scene_key(&s, "s1", "", SIGNER_RSA_2048);
		sign_message(&r, &s.message);
		scene_change(&s, rows[i].old, rows[i].new);
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
	}
}

static void repeated_and_absent_fields_are_signed(void **state)
{
	static const struct {
		const char *label, *old, *new, *expected;
	} rows[] = {
		{ "as signed", "X: 1", "X: 1", GOOD },
		{ "the upper of two is changed", "X: 1", "X: 3",
		  "fail: signed fields were changed, added or removed: from:x:X:x:cc" },
		{ "the order of two is changed", "X: 1\r\nX: 2\r\n", "X: 2\r\nX: 1\r\n",
		  "fail: signed fields were changed, added or removed: from:x:X:x:cc" },
		{ "a third is added", "X: 1", "X: 0\r\nX: 1",
		  "fail: signed fields were changed, added or removed: from:x:X:x:cc" },
		{ "an absent one is added", "From", "Cc: x\r\nFrom",
		  "fail: signed fields were changed, added or removed: from:x:X:x:cc" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
		struct sign_request r = request("v=1; a=rsa-sha256; d=example.org; s=s1; c=relaxed/relaxed; "
						"h=from : x : X : x : cc",
						"from:x:x:x:cc");
		r.header = "From: a@example.org\r\nX: 1\r\nX: 2\r\n";
		scene_init(&s);
		scene_key(&s, "s1", "", SIGNER_RSA_2048);
		sign_message(&r, &s.message);
		scene_change(&s, rows[i].old, rows[i].new);
		scene_words(&s, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].expected);
	}
}

static void a_signature_can_sign_another_one_but_never_itself(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000), inner = BUF_INIT(10000);
	struct sign_request r = request(TAGS "; c=relaxed/relaxed", "from:to:subject:date");
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign_field(&r, &inner);
	buf_add_str(&inner, SCENE_HEADER);
	r.header = buf_str(&inner);
	r.h = "from:dkim-signature:dkim-signature";
	r.tags = "v=1; a=rsa-sha256; d=example.org; s=s1; h=from:dkim-signature:dkim-signature; c=relaxed/relaxed";
	sign_message(&r, &s.message);
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), GOOD "\n" GOOD);
	assert_int_equal(s.dns->questions, 1);
}

static void the_best_of_several_signatures_is_the_result(void **state)
{
	static const struct {
		const char *label, *second;
		enum auth_result expected;
	} rows[] = {
		{ "pass", "good", AUTH_PASS },
		{ "key missed", "missed", AUTH_UNKNOWN },
		{ "key failed", "failed", AUTH_TEMPERROR },
		{ "no key", "absent", AUTH_PERMERROR },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(scene_fini) struct scene s;
		_cleanup_(buf_fini) struct buf field = BUF_INIT(10000), tags = BUF_INIT(1000);
		_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 };
		struct sign_request r = request(TAGS "; c=relaxed/relaxed", "from:to:subject:date");
		scene_init(&s);
		scene_key(&s, "good", "", SIGNER_RSA_2048);
		fake_dns_state(s.dns, SPAN_LIT("missed._domainkey.example.org"), DNS_MISSED);
		fake_dns_state(s.dns, SPAN_LIT("failed._domainkey.example.org"), DNS_FAILED);
		buf_addf(&tags, "v=1; a=rsa-sha256; d=example.org; s=%s; h=from:to:subject:date; c=relaxed/relaxed",
			 rows[i].second);
		r.tags = buf_str(&tags);
		buf_add_str(&field, "DKIM-Signature: v=1\r\n");
		sign_field(&r, &field);
		buf_addf(&s.message, "%s%s\r\n%s", buf_str(&field), SCENE_HEADER, SCENE_BODY);
		scene_dkim(&s, &e);
		assert_int_equal(e.count, 2);
		ROW_ASSERT(rows[i].label, e.signatures[0].result == AUTH_NEUTRAL);
		ROW_ASSERT(rows[i].label, e.signatures[1].result == rows[i].expected);
		/* A permerror is below the neutral of the broken field. */
		ROW_ASSERT(rows[i].label,
			   e.result == (rows[i].expected == AUTH_PERMERROR ? AUTH_NEUTRAL : rows[i].expected));
	}
}

static void time_is_an_input(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	scene_init(&s);
	scene_key(&s, "s1", "", SIGNER_RSA_2048);
	sign(&s, TAGS "; c=relaxed/relaxed; t=1600000000; x=1600000100");
	s.now_ms = 1600000100999;
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), GOOD);
	buf_clear(&words);
	s.now_ms = 1600000101000;
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), "policy: the signature expired 1 seconds before the evaluation (x=)");
	buf_clear(&words);
	s.now_ms = 1599999990000;
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), GOOD "; it says that it is made 10 seconds after the evaluation (t=)");
}

/* RFC 8463 appendix A. */
static void the_example_of_rfc_8463_verifies(void **state)
{
	_cleanup_(scene_fini) struct scene s;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(1000);
	scene_init(&s);
	fake_dns_add(s.dns, SPAN_LIT("brisbane._domainkey.football.example.com"), DNS_TXT,
		     SPAN_LIT("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
	fake_dns_add(s.dns, SPAN_LIT("test._domainkey.football.example.com"), DNS_TXT,
		     SPAN_LIT("v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3id"
			      "Y6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1L"
			      "xj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"));
	buf_add_str(&s.message, "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
				" d=football.example.com; i=@football.example.com;\r\n"
				" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
				" subject : date : message-id : from : subject : date;\r\n"
				" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
				" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
				" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
				"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
				" d=football.example.com; i=@football.example.com;\r\n"
				" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
				" date : message-id : from : subject : date;\r\n"
				" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
				" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
				" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
				" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
				"From: Joe SixPack <joe@football.example.com>\r\n"
				"To: Suzie Q <suzie@shopping.example.net>\r\n"
				"Subject: Is dinner ready?\r\n"
				"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
				"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
				"\r\n"
				"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n");
	scene_words(&s, &words);
	assert_string_equal(buf_str(&words), GOOD "\n" GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_and_algorithm_verifies),
		cmocka_unit_test(a_message_of_bare_lf_is_hashed_as_crlf),
		cmocka_unit_test(what_was_changed_is_named),
		cmocka_unit_test(another_canonicalisation_is_found),
		cmocka_unit_test(a_wrong_c_is_found),
		cmocka_unit_test(a_field_that_differs_from_its_copy_is_named),
		cmocka_unit_test(the_key_decides),
		cmocka_unit_test(the_answer_for_the_key_decides),
		cmocka_unit_test(of_several_records_the_one_that_fits_counts),
		cmocka_unit_test(length_covers_a_part_of_the_body),
		cmocka_unit_test(what_a_cut_body_leaves_open_is_unknown),
		cmocka_unit_test(repeated_and_absent_fields_are_signed),
		cmocka_unit_test(a_signature_can_sign_another_one_but_never_itself),
		cmocka_unit_test(the_best_of_several_signatures_is_the_result),
		cmocka_unit_test(time_is_an_input),
		cmocka_unit_test(the_example_of_rfc_8463_verifies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
