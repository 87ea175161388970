/* Composing: the octets, exactly. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/mail/decode.h"
#include "harness/mail/header.h"
#include "harness/send/compose.h"

#define TAG  "0123456789abcdef0123456789abcdef"
#define DATE "Mon, 23 Nov 2026 09:30:00 +0000"
#define OWN                                                                                                            \
	"Date: " DATE "\r\nFrom: Shop <no-reply@shop.test>\r\nMessage-ID: <pp." TAG "@shop.test>\r\n"                  \
	"X-Postproof-Tag: " TAG "\r\n"

static const struct template_var vars[] = {
	{ "product", "Shop" },
	{ "name", "J\xc3\xb6rg" },
	{ "open", "{{" },
	{ "long", "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789" },
};

static struct compose_params params_for(const struct template *template)
{
	return (struct compose_params){ .template = template,
					.to = "ana@alpha.test",
					.from = "Shop <no-reply@shop.test>",
					.envelope = "b+{tag}@bounces.test",
					.domain = "shop.test",
					.tag = TAG,
					.date_ms = 1795426200000 };
}

static struct template *load(const char *label, const char *octets)
{
	struct error err = ERROR_INIT;
	struct template *template = NULL;
	if (template_parse("t.eml", span_of(octets), vars, ARRAY_LEN(vars), &template, &err) < 0)
		fail_msg("%s: %s", label, err.text);
	return template;
}

static const struct {
	const char *label, *template, *octets;
} rows[] = {
	{ "least", "To: {{to}}\n\nhi\n", OWN "To: ana@alpha.test\r\n\r\nhi\r\n" },
	{ "header that needs nothing is kept as it is",
	  "Subject:  two  spaces \n\tfolded\nX-Odd:no space\nTo: {{to}}\n\nhi\n",
	  OWN "Subject:  two  spaces \r\n\tfolded\r\nX-Odd:no space\r\nTo: ana@alpha.test\r\n\r\nhi\r\n" },
	{ "UTF-8 subject", "Subject: Caf\xc3\xa9 menu\nTo: {{to}}\n\nhi\n",
	  OWN "Subject: =?UTF-8?B?Q2Fmw6k=?= menu\r\nTo: ana@alpha.test\r\n\r\nhi\r\n" },
	{ "variables everywhere",
	  "Subject: {{product}} {{tag}}\nTo: You <{{to}}>\nX-F: {{from}}\n\n{{ product }}: {{date}}, {{to}}\n",
	  OWN "Subject: Shop " TAG "\r\nTo: You <ana@alpha.test>\r\nX-F: no-reply@shop.test\r\n\r\nShop: " DATE
	      ", ana@alpha.test\r\n" },
	{ "values are not searched", "To: {{to}}\n\n{{open}}to}}\n", OWN "To: ana@alpha.test\r\n\r\n{{to}}\r\n" },
	{ "value folds its header", "To: {{to}}\nSubject: {{long}}\n\nhi\n",
	  OWN "To: ana@alpha.test\r\nSubject: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n"
	      " 0123456789 0123456789\r\n\r\nhi\r\n" },
	{ "display name of the template",
	  "From: The \xc3\x9c"
	  "ber Shop <no-reply@SHOP.test>\nTo: {{to}}\n\nhi\n",
	  "Date: " DATE "\r\nMessage-ID: <pp." TAG "@shop.test>\r\nX-Postproof-Tag: " TAG
	  "\r\nFrom: =?UTF-8?Q?The_=C3=9Cber_Shop?= <no-reply@SHOP.test>\r\nTo: ana@alpha.test\r\n\r\nhi\r\n" },
	{ "own From and Date by variables", "Date: {{date}}\nFrom: {{from}}\nTo: {{to}}\n\nhi\n",
	  "Message-ID: <pp." TAG "@shop.test>\r\nX-Postproof-Tag: " TAG "\r\nDate: " DATE
	  "\r\nFrom: no-reply@shop.test\r\nTo: ana@alpha.test\r\n\r\nhi\r\n" },
	{ "UTF-8 body", "To: {{to}}\n\nCaf\xc3\xa9 = {{name}} and more of it\n",
	  OWN "To: ana@alpha.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\nCaf=C3=A9 =3D J=C3=B6rg and more of it\r\n" },
	{ "body that is shorter in base64",
	  "To: {{to}}\nContent-Type: text/plain; charset=utf-8\n\n\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n",
	  OWN "To: ana@alpha.test\r\nContent-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\n"
	      "Content-Transfer-Encoding: base64\r\n\r\n5pel5pys6KqeDQo=\r\n" },
	{ "8bit that is none", "To: {{to}}\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\nhi\n",
	  OWN "To: ana@alpha.test\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n\r\nhi\r\n" },
	{ "variable within quoted-printable",
	  "To: {{to}}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
	  "quoted-printable\n\n"
	  "caf=C3=A9 {{=\nname}} and more of it\n",
	  OWN "To: ana@alpha.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 J=C3=B6rg and more of it\r\n" },
	{ "quoted-printable without a variable is kept",
	  "To: {{to}}\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: "
	  "Quoted-Printable\n\nodd =43=\n=e9 \n",
	  OWN "To: ana@alpha.test\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	      "Content-Transfer-Encoding: Quoted-Printable\r\nMIME-Version: 1.0\r\n\r\nodd =43=\r\n=e9 \r\n" },
	{ "variable within base64",
	  "To: {{to}}\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\naGkge3twcm9kdWN0fX0K\n",
	  OWN "To: ana@alpha.test\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n"
	      "\r\nhi Shop\r\n" },
	{ "parts, each by its own",
	  "To: {{to}}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"o\"\nContent-Transfer-Encoding: "
	  "8bit\n\npre\n"
	  "--o\nContent-Type: multipart/alternative; boundary=i\n\n"
	  "--i\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\xc3\xbc\xc3\x9f"
	  "e, {{to}}, and so on\n"
	  "--i\nContent-Type: text/html; charset=utf-8\n\n<p>{{name}}, and so on</p>\n\n--i--\n"
	  "--o\nContent-Type: image/gif\nContent-Transfer-Encoding: base64\nContent-Disposition: "
	  "attachment\n\nR0lGODlh{{x}}\n"
	  "--o\n\nplain\n--o--\nend\n",
	  OWN "To: ana@alpha.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"o\"\r\n"
	      "Content-Transfer-Encoding: 7bit\r\n\r\npre\r\n"
	      "--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
	      "--i\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	      "Gr=C3=BC=C3=9Fe, ana@alpha.test, and so on\r\n"
	      "--i\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	      "<p>J=C3=B6rg, and so on</p>\r\n\r\n--i--\r\n"
	      "--o\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: "
	      "attachment\r\n\r\n"
	      "R0lGODlh{{x}}\r\n"
	      "--o\r\n\r\nplain\r\n--o--\r\nend\r\n" },
	{ "base64 part ends where its delimiter begins",
	  "To: {{to}}\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: text/plain; charset=utf-8\n\n"
	  "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n--o--\n",
	  OWN "To: ana@alpha.test\r\nContent-Type: multipart/mixed; boundary=o\r\nMIME-Version: 1.0\r\n\r\n--o\r\n"
	      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
	      "base64\r\n\r\n5pel5pys6Kqe\r\n--o--\r\n" },
};

static void message_is_composed_to_the_octet(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct template *template = load(rows[i].label, rows[i].template);
		const struct compose_params params = params_for(template);
		struct composed c, again;
		if (compose(&params, &c, &err) < 0)
			fail_msg("%s: %s", rows[i].label, err.text);
		ROW_ASSERT_STRING(rows[i].label, c.octets, rows[i].octets);
		ROW_ASSERT(rows[i].label, c.len == strlen(c.octets));
		ROW_ASSERT_STRING(rows[i].label, c.message_id, "pp." TAG "@shop.test");
		ROW_ASSERT_STRING(rows[i].label, c.mail_from, "b+" TAG "@bounces.test");
		ROW_ASSERT(rows[i].label, !c.smtputf8);
		assert_int_equal(compose(&params, &again, &err), 0);
		ROW_ASSERT_STRING(rows[i].label, again.octets, c.octets);
		composed_fini(&again);
		composed_fini(&c);
		template_free(template);
	}
}

static const struct {
	const char *label, *template;
	struct compose_params params; /* what differs from params_for */
	const char *says;
} refused[] = {
	{ "From of another address",
	  "From: x@other.test\nTo: {{to}}\n\nhi\n",
	  {},
	  "t.eml:1: From is x@other.test, but the service sends as no-reply@shop.test" },
	{ "From of another case in the local part",
	  "From: No-Reply@shop.test\nTo: {{to}}\n\nhi\n",
	  {},
	  "From is No-Reply@shop.test" },
	{ "two From addresses", "From: no-reply@shop.test, x@y.test\nTo: {{to}}\n\nhi\n", {}, "2 addresses" },
	{ "line end in the seed's address", "To: {{to}}\n\nhi\n", { .to = "a@b.test\r\nBcc: c@d.test" }, "to: " },
	{ "display name in the seed's address", "To: {{to}}\n\nhi\n", { .to = "A <a@b.test>" }, "to: " },
	{ "list in the seed's address", "To: {{to}}\n\nhi\n", { .to = "a@b.test,c@d.test" }, "to: " },
	{ "line end in the service's From", "To: {{to}}\n\nhi\n", { .from = "A\r\nX: y <a@b.test>" }, "line end" },
	{ "service's From without address", "To: {{to}}\n\nhi\n", { .from = "Shop" }, "[service] from" },
	{ "two tags in the envelope", "To: {{to}}\n\nhi\n", { .envelope = "{tag}{tag}@b.test" }, "envelope sender" },
	{ "no address in the envelope", "To: {{to}}\n\nhi\n", { .envelope = "bounces" }, "envelope sender: " },
	{ "domain with a space", "To: {{to}}\n\nhi\n", { .domain = "shop test" }, "no domain for the Message-ID" },
	{ "encoded words and UTF-8 mixed",
	  "To: {{to}}\nSubject: =?UTF-8?Q?Caf=C3=A9?= {{name}}\n\nhi\n",
	  {},
	  "t.eml:2: Subject mixes encoded words" },
	{ "UTF-8 address in a part of another charset",
	  "To: {{to}}\nContent-Type: text/plain\n\n{{to}}\n",
	  { .to = "j\xc3\xb6rg@alpha.test" },
	  "t.eml:4: the value of {{to}} is not ASCII" },
};

static void what_cannot_be_composed_is_said(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct error err = ERROR_INIT;
		struct template *template = load(refused[i].label, refused[i].template);
		struct compose_params params = params_for(template);
		const struct compose_params *other = &refused[i].params;
		params.to = other->to ? other->to : params.to;
		params.from = other->from ? other->from : params.from;
		params.envelope = other->envelope ? other->envelope : params.envelope;
		params.domain = other->domain ? other->domain : params.domain;
		struct composed c = { .len = 4711 };
		ROW_ASSERT(refused[i].label, compose(&params, &c, &err) < 0);
		ROW_ASSERT(refused[i].label, err.kind == ERROR_CONFIG && c.len == 4711);
		if (!strstr(err.text, refused[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", refused[i].label, err.text, refused[i].says);
		template_free(template);
	}
}

static void tag_stands_in_the_subject_where_wanted(void **state)
{
	static const struct {
		const char *label, *template, *field;
	} subjects[] = {
		{ "plain", "Subject: Hi\nTo: {{to}}\n\nhi\n", "\r\nSubject: Hi [pp:" TAG "]\r\n" },
		{ "none", "To: {{to}}\n\nhi\n", "\r\nSubject: [pp:" TAG "]\r\n" },
		{ "UTF-8", "Subject: {{name}}\nTo: {{to}}\n\nhi\n",
		  "\r\nSubject: =?UTF-8?B?SsO2cmc=?= [pp:" TAG "]\r\n" },
		{ "encoded words", "Subject: =?UTF-8?B?SsO2cmc=?=\nTo: {{to}}\n\nhi\n",
		  "\r\nSubject: =?UTF-8?B?SsO2cmc=?= [pp:" TAG "]\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		struct error err = ERROR_INIT;
		struct template *template = load(subjects[i].label, subjects[i].template);
		struct compose_params params = params_for(template);
		params.tag_in_subject = true;
		params.envelope = "bounces@shop.test";
		struct composed c;
		assert_int_equal(compose(&params, &c, &err), 0);
		if (!strstr(c.octets, subjects[i].field))
			fail_msg("%s: %s", subjects[i].label, c.octets);
		assert_string_equal(c.mail_from, "bounces@shop.test");
		composed_fini(&c);
		template_free(template);
	}
}

static void utf8_address_stands_as_it_is_and_needs_smtputf8(void **state)
{
	struct error err = ERROR_INIT;
	struct template *template = load("utf8", "To: {{name}} <{{to}}>\n\nhi {{to}}\n");
	struct compose_params params = params_for(template);
	params.to = "j\xc3\xb6rg@alpha.test";
	struct composed c;
	assert_int_equal(compose(&params, &c, &err), 0);
	assert_true(c.smtputf8);
	assert_non_null(strstr(c.octets, "\r\nTo: =?UTF-8?B?SsO2cmc=?= <j\xc3\xb6rg@alpha.test>\r\n"));
	assert_non_null(strstr(c.octets, "\r\n\r\nhi j=C3=B6rg@alpha.test\r\n"));
	composed_fini(&c);
	template_free(template);
}

/* Every line within 998 octets, only CRLF, no NUL. */
static void assert_fit_for_smtp(const char *label, const struct composed *c)
{
	size_t line = 0;
	for (size_t i = 0; i < c->len; i++) {
		bool cr = c->octets[i] == '\r', lf = c->octets[i] == '\n';
		ROW_ASSERT(label, c->octets[i] != '\0' && (unsigned char)c->octets[i] < 0x80);
		ROW_ASSERT(label, !lf || (i > 0 && c->octets[i - 1] == '\r'));
		ROW_ASSERT(label, !cr || (i + 1 < c->len && c->octets[i + 1] == '\n'));
		line = lf ? 0 : line + 1;
		ROW_ASSERT(label, line <= 999);
	}
	ROW_ASSERT(label, line == 0);
}

static void long_lines_are_brought_below_the_limit(void **state)
{
	static const struct {
		const char *label, *before, *after;
		bool words;
	} lines[] = {
		{ "body", "To: {{to}}\n\n", "\n", false },
		{ "subject", "To: {{to}}\nSubject: ", "\n\nhi\n", true },
		{ "Content-Type of the message", "To: {{to}}\nContent-Type: text/plain;", " x=y\n\nhi\n", true },
		{ "base64 with a variable", "To: {{to}}\nContent-Transfer-Encoding: base64\n\ne3t0b319", "\n", false },
		{ "base64 of a message within",
		  "To: {{to}}\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n", "\n", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct error err = ERROR_INIT;
		struct buf b = BUF_INIT(10000);
		buf_add_str(&b, lines[i].before);
		for (int k = 0; k < 400; k++)
			buf_add_str(&b, lines[i].words ? " x=1;" : "abcd");
		buf_add_str(&b, lines[i].after);
		struct template *template = NULL;
		int rc = template_parse("t.eml", buf_span(&b), NULL, 0, &template, &err);
		if (i == ARRAY_LEN(lines) - 1) {
			/* Encoded already, but not within the limit. */
			ROW_ASSERT(lines[i].label, rc < 0 && strstr(err.text, "cannot be encoded again"));
		} else {
			if (rc < 0)
				fail_msg("%s: %s", lines[i].label, err.text);
			struct compose_params params = params_for(template);
			struct composed c;
			if (compose(&params, &c, &err) == 0) {
				assert_fit_for_smtp(lines[i].label, &c);
				composed_fini(&c);
			} else {
				fail_msg("%s: %s", lines[i].label, err.text);
			}
		}
		template_free(template);
		buf_fini(&b);
	}
}

static void header_word_above_the_limit_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT(10000);
	buf_add_str(&b, "To: {{to}}\nX-Long: ");
	for (int k = 0; k < 400; k++)
		buf_add_str(&b, "abcd");
	buf_add_str(&b, "\n\nhi\n");
	struct template *template = load("long word", b.p);
	struct compose_params params = params_for(template);
	struct composed c;
	assert_int_equal(compose(&params, &c, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "t.eml:2: "));
	template_free(template);
	buf_fini(&b);
}

/* Lines above 998 octets of what is encoded already are broken, and stand for the same octets. */
static void encoded_bodies_are_broken_into_lines(void **state)
{
	static const struct {
		const char *label, *encoding, *unit, *end, *wraps;
		size_t times;
	} rewrapped[] = {
		{ "base64", "base64", "QUJD", "", "\r\n", 300 },
		{ "base64 with padding", "base64", "QUJD", "QQ==", "\r\n", 300 },
		{ "base64 in two long lines", "base64", "QUJD", "\nQUJD", "\r\n", 300 },
		{ "quoted-printable", "quoted-printable", "abc", "", "=\r\n", 400 },
		{ "quoted-printable of octets", "quoted-printable", "=C3=A9", "", "=\r\n", 300 },
		{ "quoted-printable of words", "quoted-printable", "=3D b ", "x", "=\r\n", 300 },
		{ "quoted-printable that goes on", "quoted-printable", "x=41", "=\nend", "=\r\n", 300 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rewrapped); i++) {
		struct buf text = BUF_INIT(20000), before = BUF_INIT(20000), after = BUF_INIT(20000);
		buf_addf(&text, "To: {{to}}\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: %s\n\n",
			 rewrapped[i].encoding);
		size_t header = text.len;
		for (size_t k = 0; k < rewrapped[i].times; k++)
			buf_add_str(&text, rewrapped[i].unit);
		buf_addf(&text, "%s\n", rewrapped[i].end);
		struct template *template = load(rewrapped[i].label, buf_str(&text));
		struct compose_params params = params_for(template);
		struct composed composed;
		struct error err = ERROR_INIT;
		ROW_ASSERT(rewrapped[i].label, compose(&params, &composed, &err) == 0);
		struct span octets = span_make(composed.octets, composed.len), line;
		ptrdiff_t body = span_find(octets, SPAN_LIT("\r\n\r\n"), 0);
		struct span rest = span_sub(octets, (size_t)body + 4, octets.len), written = rest;
		ROW_ASSERT(rewrapped[i].label, span_find(rest, span_of(rewrapped[i].wraps), 0) > 0);
		while (span_next(&rest, '\n', &line))
			ROW_ASSERT(rewrapped[i].label, line.len <= 77); /* with CR */
		struct span given = span_sub(buf_span(&text), header, text.len);
		if (rewrapped[i].encoding[0] == 'b') {
			base64_add_decoded(&before, given);
			base64_add_decoded(&after, written);
		} else {
			decode_quoted_printable(&before, span_sub(given, 0, given.len - 1));
			decode_quoted_printable(&after, span_sub(written, 0, written.len - 2));
		}
		ROW_ASSERT(rewrapped[i].label, before.len > 0 && span_eq(buf_span(&before), buf_span(&after)));
		composed_fini(&composed);
		template_free(template);
		buf_fini(&text);
		buf_fini(&before);
		buf_fini(&after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_composed_to_the_octet),
		cmocka_unit_test(what_cannot_be_composed_is_said),
		cmocka_unit_test(tag_stands_in_the_subject_where_wanted),
		cmocka_unit_test(utf8_address_stands_as_it_is_and_needs_smtputf8),
		cmocka_unit_test(long_lines_are_brought_below_the_limit),
		cmocka_unit_test(header_word_above_the_limit_is_refused),
		cmocka_unit_test(encoded_bodies_are_broken_into_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
