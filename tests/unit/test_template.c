/* Loading of templates: what is refused, with which words, and what is not. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/send/template.h"
#include "harness/send/template_parts.h"

static const struct template_var vars[] = { { "product", "Shop" }, { "name", "J\xc3\xb6rg" }, { "open", "{{" } };

static int parse(const char *octets, size_t len, struct template **ret, struct error *err)
{
	return template_parse("t.eml", span_make(octets, len), vars, ARRAY_LEN(vars), ret, err);
}

#define TO "To: {{to}}\n"
#define PARTS                                                                                                          \
	TO "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nhi "      \
	   "{{product}}\n"

static const struct {
	const char *label, *template, *says;
} refused[] = {
	{ "empty", "", "t.eml:1: no header" },
	{ "no header", "\nhello\n", "t.eml:1: no header" },
	{ "no empty line", "Subject: x\n" TO, "no body" },
	{ "empty body", TO "\n \n\t\n", "no body" },
	{ "line that is no field", "Subject: x\nhello world\n" TO "\nx\n", "t.eml:2: this line is no header field" },
	{ "no To", "Subject: x\n\nx\n", "no To header: add \"To: {{to}}\"" },
	{ "To without {{to}}", "Subject: x\nTo: a@b\n\n{{to}}\n", "t.eml:2: the To header has no {{to}}" },
	{ "two To", TO TO "\nx\n", "t.eml:2: a second To" },
	{ "two Subject", "subject: a\nSubject: b\n" TO "\nx\n", "t.eml:2: a second Subject" },
	{ "unknown variable in the header", TO "Subject: {{tga}}\n\nx\n",
	  "t.eml:2: unknown variable {{tga}}: did you mean {{tag}}?" },
	{ "unknown variable in a folded header", TO "Subject: a\n b\n {{prodct}}\n\nx\n",
	  "t.eml:4: unknown variable {{prodct}}: did you mean {{product}}?" },
	{ "unknown variable in the body", TO "\nx\n{{to}} {{zzzzzzzz}}\n",
	  "t.eml:4: unknown variable {{zzzzzzzz}}: set it with var.NAME" },
	{ "unterminated variable", TO "\nx {{to\n}}\n", "t.eml:3: \"{{\" is not ended by \"}}\" on its line" },
	{ "no name", TO "\nx {{ }}\n", "t.eml:3: \"{{}}\" does not hold the name of a variable" },
	{ "not a name", TO "\nx {{a b}}\n", "\"{{a b}}\" does not hold the name" },
	{ "Message-ID", "Message-ID: <a@b>\n" TO "\nx\n", "t.eml:1: Message-ID cannot stand in a template" },
	{ "own tag field", TO "x-postproof-tag: 1\n\nx\n", "t.eml:2: X-Postproof-Tag cannot stand" },
	{ "Return-Path", "Return-Path: <a@b>\n" TO "\nx\n", "Return-Path cannot stand" },
	{ "Received", "Received: from a by b; now\n" TO "\nx\n", "Received cannot stand" },
	{ "DKIM-Signature", "DKIM-Signature: v=1\n" TO "\nx\n", "DKIM-Signature cannot stand" },
	{ "Bcc", "Bcc: a@b\n" TO "\nx\n", "Bcc cannot stand" },
	{ "fixed Date", "Date: Mon, 23 Nov 2026 09:30:00 +0000\n" TO "\nx\n",
	  "t.eml:1: the Date is fixed: write {{date}}" },
	{ "Latin-1 in a header", TO "Subject: caf\xe9\n\nx\n", "t.eml:2: Subject is not UTF-8" },
	{ "control character in a header", TO "Subject: a\x1b[31m\n\nx\n",
	  "t.eml:2: Subject holds a control character" },
	{ "bare CR", TO "Subject: a\rb\n\nx\n", "t.eml:2: CR without LF" },
	{ "bare CR in the body", TO "\r\n\r\nx\r\r\n", "t.eml:4: CR without LF" },
	{ "variable in Content-Type", TO "Content-Type: text/plain; charset={{tag}}\n\nx\n",
	  "t.eml:2: variables are not replaced in Content-Type" },
	{ "UTF-8 in Content-Type", TO "Content-Type: text/plain; name=\"\xc3\xa9\"\n\nx\n",
	  "t.eml:2: Content-Type is not ASCII" },
	{ "unreadable Content-Type", TO "Content-Type: text\n\nx\n", "the Content-Type cannot be read" },
	{ "Latin-1 body without charset", TO "\ncaf\xe9\n", "t.eml:3: this text is not UTF-8" },
	{ "non-ASCII value in another charset", TO "Content-Type: text/plain; charset=iso-8859-1\n\nx {{name}}\n",
	  "t.eml:4: the value of {{name}} is not ASCII and the part is not in UTF-8" },
	{ "declared quoted-printable, but 8-bit", TO "Content-Transfer-Encoding: quoted-printable\n\ncaf\xc3\xa9\n",
	  "cannot be encoded again" },
	{ "binary", TO "Content-Transfer-Encoding: binary\n\nx\n", "a binary part cannot stand in a template" },
	{ "unknown variable in base64", TO "Content-Transfer-Encoding: base64\n\nYSB7e25vfX0gYg==\n",
	  "t.eml:4: unknown variable {{no}}" },
	{ "multipart without boundary", TO "Content-Type: multipart/mixed\n\nx\n",
	  "t.eml:1: the multipart has no boundary" },
	{ "multipart whose boundary never comes", TO "Content-Type: multipart/mixed; boundary=b\n\nx\n", "not ended" },
	{ "multipart without end", PARTS, "a multipart is not ended by its closing delimiter" },
	{ "multipart without parts", TO "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
	  "closed before its first part" },
	{ "part without empty line", TO "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\n--b--\n",
	  "t.eml:5: a line of this header is no header field" },
	{ "8-bit preamble", TO "Content-Type: multipart/mixed; boundary=b\n\ncaf\xc3\xa9\n--b\n\nx\n--b--\n",
	  "the text around the parts is not ASCII" },
	{ "8-bit epilogue", PARTS "--b--\ncaf\xc3\xa9\n", "the text behind the parts is not ASCII" },
	{ "8-bit header of a part", TO "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: \xc3\xa9\n\nx\n--b--\n",
	  "t.eml:5: the header of a part is not ASCII" },
	{ "encoded multipart",
	  TO "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n",
	  "a multipart cannot be encoded" },
	{ "variable in a signed part",
	  TO "Content-Type: multipart/signed; boundary=b\n\n--b\n\nx {{to}}\n--b\nContent-Type: "
	     "application/pgp-signature\n\ny\n--b--\n",
	  "t.eml:6: variables would break the signature" },
	{ "8-bit in a signed part", TO "Content-Type: multipart/signed; boundary=b\n\n--b\n\nx \xc3\xa9\n--b--\n",
	  "without breaking the signature" },
	{ "8-bit in a message within",
	  TO "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: "
	     "x\n\n\xc3\xa9\n--b--\n",
	  "encode the parts within it" },
};

static void bad_template_is_refused_with_line_and_mend(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct error err = ERROR_INIT;
		struct template *template = NULL;
		ROW_ASSERT(refused[i].label,
			   parse(refused[i].template, strlen(refused[i].template), &template, &err) < 0);
		ROW_ASSERT(refused[i].label, template == NULL);
		if (err.kind != ERROR_CONFIG || !strstr(err.text, refused[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", refused[i].label, err.text, refused[i].says);
	}
}

static void nul_is_refused(void **state)
{
	static const char octets[] = TO "\nx\0y\n";
	struct error err = ERROR_INIT;
	struct template *template;
	assert_int_equal(parse(octets, sizeof(octets) - 1, &template, &err), -1);
	assert_non_null(strstr(err.text, "t.eml:3: NUL"));
}

static const struct {
	const char *label, *template;
} taken[] = {
	{ "least", TO "\nx\n" },
	{ "CRLF", "To: {{to}}\r\n\r\nx\r\n" },
	{ "byte order mark", "\xef\xbb\xbf" TO "\nx\n" },
	{ "no line end at the end", TO "\nx" },
	{ "spaces in the braces", "To: {{ to }}\n\n{{ product }}\n" },
	{ "{{to}} with a name", "To: You <{{to}}>\n\nx\n" },
	{ "Date from the variable", "Date: {{date}}\n" TO "\nx\n" },
	{ "braces of a single kind", TO "\na { b } }} { {\n" },
	{ "value that looks like a variable", TO "\n{{open}}no}}\n" },
	{ "braces in an attachment", PARTS "--b\nContent-Type: application/octet-stream\n\n{{no}}\n--b--\n" },
	{ "parts", PARTS "--b--\n" },
	{ "part without a header", TO "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx {{tag}}\n--b--\n" },
	{ "empty part", TO "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--\n" },
	{ "white space behind a delimiter", TO "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nx\n--b-- \n" },
	{ "comment in Content-Type",
	  TO "Content-Type: text/plain (plain); (c) charset=\"UTF-8\";\n\n\xc3\xa9 {{name}}\n" },
};

static void good_template_is_taken(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		struct error err = ERROR_INIT;
		struct template *template = NULL;
		if (parse(taken[i].template, strlen(taken[i].template), &template, &err) < 0)
			fail_msg("%s: %s", taken[i].label, err.text);
		assert_string_equal(template_name(template), "t.eml");
		template_free(template);
	}
}

static void digest_is_of_the_file_as_it_is(void **state)
{
	struct error err = ERROR_INIT;
	struct template *template;
	assert_int_equal(parse(TO "\nx\n", strlen(TO "\nx\n"), &template, &err), 0);
	assert_string_equal(template_sha256(template),
			    "8130f959fe769665b151b505036ac7ad6a78cbc65a7761c089a530f2c5af05e2");
	template_free(template);
}

static void missing_file_is_named(void **state)
{
	struct error err = ERROR_INIT;
	struct template *template;
	assert_int_equal(template_load("/nonexistent/t.eml", NULL, 0, &template, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent/t.eml"));
}

static void large_file_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct template *template;
	size_t len = TEMPLATE_MAX + 1;
	char *octets = malloc(len);
	memset(octets, 'x', len);
	assert_int_equal(parse(octets, len, &template, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	free(octets);
}

static const struct {
	const char *label;
	struct template_var var;
	const char *says; /* NULL: taken */
} own[] = {
	{ "plain", { "a.b-c_1", "value" }, NULL },
	{ "empty value", { "a", "" }, NULL },
	{ "UTF-8 value", { "a", "\xc3\xa9" }, NULL },
	{ "empty name", { "", "x" }, "cannot be the name" },
	{ "space in the name", { "a b", "x" }, "cannot be the name" },
	{ "built-in name", { "tag", "x" }, "is set by postproof" },
	{ "line feed", { "a", "x\nBcc: y@z" }, "control character" },
	{ "carriage return", { "a", "x\ry" }, "control character" },
	{ "Latin-1", { "a", "\xe9" }, "not UTF-8" },
};

static void own_variables_are_checked(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		struct error err = ERROR_INIT;
		int rc = template_var_check(&own[i].var, &err);
		ROW_ASSERT(own[i].label, (rc == 0) == (own[i].says == NULL));
		ROW_ASSERT(own[i].label, rc == 0 || strstr(err.text, own[i].says));
	}
}

static void nesting_is_followed_to_its_cap(void **state)
{
	for (size_t depth = MIME_DEPTH_MAX; depth <= MIME_DEPTH_MAX + 1; depth++) {
		struct buf b = BUF_INIT(100000);
		struct error err = ERROR_INIT;
		struct template *template = NULL;
		buf_add_str(&b, TO);
		for (size_t i = 0; i < depth; i++)
			buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n", i, i);
		buf_add_str(&b, "\ntext\n");
		for (size_t i = depth; i-- > 0;)
			buf_addf(&b, "--b%zu--\n", i);
		int rc = parse(b.p, b.len, &template, &err);
		if (depth <= MIME_DEPTH_MAX) {
			assert_int_equal(rc, 0);
			assert_int_equal(template->tree.count, depth + 1);
		} else {
			assert_int_equal(rc, -1);
			assert_non_null(strstr(err.text, "nested too deeply"));
		}
		template_free(template);
		buf_fini(&b);
	}
}

/* Leads, headers, bodies and the tail are the message, octet for octet. */
static void structure_loses_no_octet(void **state)
{
	static const char message[] =
	    "Content-Type: multipart/mixed; boundary=o\r\n\r\npreamble\r\n--o\r\n"
	    "Content-Type: multipart/alternative; boundary=\"i n\"\r\n\r\n--i n\r\n\r\none\r\n--i n\r\n"
	    "Content-Type: text/html\r\n\r\ntwo\r\n\r\n--i n--\r\ninner\r\n--o\r\n\r\n--o--\r\nepilogue\r\n";
	struct error err = ERROR_INIT;
	struct mime_tree tree;
	struct mime_problem problem;
	struct buf b = BUF_INIT(10000);
	assert_int_equal(mime_read(&tree, span_of(message), &problem, &err), 0);
	assert_int_equal(tree.count, 5);
	for (size_t i = 0; i < tree.count; i++) {
		const struct mime_entity *e = &tree.entities[i];
		buf_add_span(&b, e->lead);
		buf_add(&b, e->lead.p + e->lead.len, e->header.body_offset);
		buf_add_span(&b, e->body);
	}
	buf_add_span(&b, tree.tail);
	assert_string_equal(buf_str(&b), message);
	assert_true(span_is(tree.entities[2].body, "one"));
	assert_true(span_is(tree.entities[3].body, "two\r\n"));
	assert_true(span_is(tree.entities[4].body, ""));
	buf_fini(&b);
	mime_tree_fini(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_template_is_refused_with_line_and_mend),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(good_template_is_taken),
		cmocka_unit_test(digest_is_of_the_file_as_it_is),
		cmocka_unit_test(missing_file_is_named),
		cmocka_unit_test(large_file_is_refused),
		cmocka_unit_test(own_variables_are_checked),
		cmocka_unit_test(nesting_is_followed_to_its_cap),
		cmocka_unit_test(structure_loses_no_octet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
