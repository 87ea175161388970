/* Authentication-Results as data. Any input gives a result: what a sender could write must neither stop nor slow the
 * reading, and a header that is broken says where. */
#include "harness/mail/authres.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/base/vec.h"
#include "harness/mail/rfc5322.h"

/* One block of three parts, each as long as the input: unquoted values, the text of comments (apart, so that the
 * comments of a method are one piece although values stand between them), and a copy of the input, which is what is
 * read. */
struct authres_reader {
	struct lexer l;
	struct authres *a;
	size_t values, comments; /* used of the first and second part */
	size_t method_cap, property_cap;
	bool internationalised;
	bool odd; /* the element at hand departs from the grammar: go on behind the next semicolon */
	struct error *err;
};

/* Notes a departure from the RFC; the first one counts. */
static void deviate(struct authres_reader *r, size_t at, const char *what)
{
	if (r->a->deviation[0] == '\0')
		snprintf(r->a->deviation, sizeof(r->a->deviation), "%s at octet %zu", what, at);
}

/* Something that the grammar does not have: this element is not read any further. Returns 0, as the steps below do
 * then. */
static int authres_odd(struct authres_reader *r, const char *what)
{
	deviate(r, r->l.at, what);
	r->odd = true;
	return 0;
}

/* Ends the reading here: nobody knows where the comment or the quoted string ends that began here, and in one a sender
 * can have written anything. */
static int broken(struct authres_reader *r, const char *what)
{
	r->a->broken = true;
	return authres_odd(r, what);
}

static bool is_keyword(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

/* A value that is not quoted ends at white space, a semicolon or a comment; no control characters. A quotation mark in
 * it begins a quoted string, as in the local part `a."b;c"`. */
static bool is_loose(char c)
{
	return (unsigned char)c > 32 && c != 127 && c != ';' && c != '(' && c != '"';
}

/* What stands unquoted in an authserv-id or value by the RFC: tokens, and in values an address. */
static bool is_strict_value(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token(s.p[i]) && s.p[i] != '@')
			return false;
	return s.len > 0;
}

static void check_charset(struct authres_reader *r, struct span s, size_t at)
{
	bool ascii = true;
	for (size_t i = 0; i < s.len; i++)
		ascii = ascii && (unsigned char)s.p[i] < 128;
	if (!ascii && (!r->internationalised || !utf8_valid(s)))
		deviate(r, at, utf8_valid(s) ? "UTF-8 in a message that is not internationalised" : "invalid UTF-8");
}

/* Copies the inside of a quoted string or a comment without the backslashes of quoted pairs and without line ends.
 * Returns the length. */
static size_t authres_copy_unquoted(char *to, struct span inner)
{
	size_t len = 0;
	for (size_t i = 0; i < inner.len; i++) {
		if (inner.p[i] == '\\' && i + 1 < inner.len)
			i++;
		if (inner.p[i] != '\r' && inner.p[i] != '\n')
			to[len++] = inner.p[i];
	}
	return len;
}

/* Quoted strings and unquoted octets without anything between them (`"a b"@c`): copied unquoted. False where a quoted
 * string does not end. */
static bool authres_read_value(struct authres_reader *r, struct span *ret)
{
	struct span inner;
	char *to = r->a->octets + r->values;
	size_t len = 0, at = r->l.at;
	bool strict = true, any_loose = false;
	for (;;) {
		struct span loose = lexer_run(&r->l, is_loose);
		if (loose.len > 0)
			memcpy(to + len, loose.p, loose.len);
		len += loose.len;
		/* Behind `"a b"` only what makes an address of it is by the RFC. */
		strict = strict && (loose.len == 0 || is_strict_value(loose));
		any_loose = any_loose || loose.len > 0;
		int rc = lexer_quoted(&r->l, &inner);
		if (rc < 0)
			return false;
		if (rc == 0)
			break;
		strict = strict && !any_loose;
		len += authres_copy_unquoted(to + len, inner);
	}
	if (r->l.at == at || !strict)
		deviate(r, at, r->l.at > at ? "value must be quoted" : "value missing");
	*ret = span_make(to, len);
	r->values += len;
	check_charset(r, *ret, at);
	return true;
}

/* Skips comments and white space; the text of the comments is added to that of the method, if there is one. */
static bool skip(struct authres_reader *r, struct authres_method *m)
{
	struct span inner;
	for (;;) {
		lexer_fws(&r->l);
		int rc = lexer_comment(&r->l, &inner);
		if (rc < 0)
			broken(r, "comment without end");
		if (rc <= 0)
			return rc == 0;
		if (!m)
			continue;
		char *to = r->a->octets + r->l.in.len + r->comments;
		size_t len = 0;
		if (m->comment.p)
			to[len++] = ' ';
		else
			m->comment.p = to;
		len += authres_copy_unquoted(to + len, inner);
		m->comment.len += len;
		r->comments += len;
	}
}

/* `reason=value`, `ptype.property=value`, or Microsoft's `property=value`. 1 read, 0 odd, -1 memory. */
static int read_property(struct authres_reader *r, struct authres_method *m)
{
	struct authres_property p = { .ptype = SPAN_LIT("") };
	size_t at = r->l.at;
	p.property = lexer_run(&r->l, is_keyword);
	if (p.property.len == 0)
		return authres_odd(r, "property expected");
	if (!skip(r, m))
		return 0;
	bool typed = lexer_char(&r->l, '.');
	if (typed) {
		if (!skip(r, m))
			return 0;
		p.ptype = p.property;
		p.property = lexer_run(&r->l, is_keyword);
		if (p.property.len == 0)
			return authres_odd(r, "name of a property expected");
		if (!skip(r, m))
			return 0;
	}
	if (!lexer_char(&r->l, '='))
		return authres_odd(r, "= expected");
	if (!skip(r, m))
		return 0;
	if (!authres_read_value(r, &p.value))
		return broken(r, "quoted string without end");
	if (!typed && span_is_nocase(p.property, "reason") && m->property_count == 0 && !m->reason.p) {
		m->reason = p.value;
		return 1;
	}
	if (!typed)
		deviate(r, at, "property without a type");
	if (m->property_count == AUTHRES_PROPERTIES_MAX) {
		deviate(r, at, "too many properties");
		return 1;
	}
	if (vec_grow(&m->properties, m->property_count, &r->property_cap, sizeof(p), r->err) < 0)
		return -1;
	m->properties[m->property_count++] = p;
	return 1;
}

/* Google Workspace writes `gateway.spf=pass` of the server in front of its own: a method of another name. */
static bool authres_is_method(char c)
{
	return is_keyword(c) || c == '.';
}

/* The result ends at white space, a semicolon or a comment. SES writes `client-ip=192.0.2.1`, which is no result; but
 * what begins with a word that is known is one, whatever stands behind it. */
static bool authres_read_word(struct authres_reader *r, struct authres_method *m)
{
	m->word = lexer_run(&r->l, is_keyword);
	if (m->word.len == 0)
		return authres_odd(r, "result expected");
	m->result = authres_result(m->method, m->word);
	int c = lexer_peek(&r->l);
	if (c < 0 || c == ';' || c == '(' || ascii_is_space((char)c))
		return true;
	authres_odd(r, "odd octet behind the result");
	return m->result != AUTH_NOT_REPORTED;
}

/* `method[/version]=result`. False where there is no result. */
static bool read_head(struct authres_reader *r, struct authres_method *m)
{
	size_t at = r->l.at;
	m->method = lexer_run(&r->l, authres_is_method);
	if (m->method.len == 0)
		return authres_odd(r, "method expected");
	if (!skip(r, NULL))
		return false;
	if (lexer_char(&r->l, '/')) {
		if (!skip(r, NULL))
			return false;
		m->version = lexer_run(&r->l, ascii_is_digit);
		if (m->version.len == 0)
			return authres_odd(r, "version of the method expected");
		if (!skip(r, NULL))
			return false;
	}
	if (!lexer_char(&r->l, '='))
		return authres_odd(r, "= expected");
	if (!skip(r, NULL) || !authres_read_word(r, m))
		return false;
	if (span_find_char(m->method, '.', 0) >= 0)
		deviate(r, at, "method with a dot");
	if (!authres_word_is_of(m->method, m->word))
		deviate(r, at, "result that the method does not have");
	return true;
}

/* The properties of *m up to the semicolon or the end. 0, or -1 for memory. */
static int read_properties(struct authres_reader *r, struct authres_method *m)
{
	r->property_cap = 0;
	int rc = r->odd ? 0 : 1;
	while (rc > 0) {
		if (!skip(r, m) || lexer_peek(&r->l) < 0 || lexer_peek(&r->l) == ';')
			return 0;
		rc = read_property(r, m);
	}
	return rc;
}

static int authres_add_method(struct authres_reader *r)
{
	struct authres_method m = { 0 };
	size_t at = r->l.at;
	if (!read_head(r, &m))
		return 0;
	if (read_properties(r, &m) < 0) {
		free(m.properties);
		return -1;
	}
	if (r->a->method_count == AUTHRES_METHODS_MAX) {
		deviate(r, at, "too many methods");
		free(m.properties);
		return 0;
	}
	if (vec_grow(&r->a->methods, r->a->method_count, &r->method_cap, sizeof(m), r->err) < 0) {
		free(m.properties);
		return -1;
	}
	r->a->methods[r->a->method_count++] = m;
	return 0;
}

/* `none`, and nothing but the end or a semicolon behind it. */
static bool is_none(struct authres_reader *r)
{
	struct lexer ahead = r->l;
	struct span word = lexer_run(&ahead, is_keyword);
	if (!span_is_nocase(word, "none") || !lexer_cfws(&ahead))
		return false;
	if (lexer_peek(&ahead) >= 0 && lexer_peek(&ahead) != ';')
		return false;
	r->l = ahead;
	return true;
}

/* Moves on to the next semicolon outside of comments and quoted strings, or to the end. */
static void authres_resync(struct authres_reader *r)
{
	struct span inner;
	r->odd = false;
	while (!r->a->broken && lexer_peek(&r->l) >= 0 && lexer_peek(&r->l) != ';') {
		int comment = lexer_comment(&r->l, &inner), quoted = lexer_quoted(&r->l, &inner);
		if (comment < 0 || quoted < 0)
			broken(r, comment < 0 ? "comment without end" : "quoted string without end");
		else if (comment == 0 && quoted == 0)
			r->l.at++;
	}
}

/* What stands behind a semicolon. 0, or -1 for memory. */
static int authres_read_result(struct authres_reader *r)
{
	if (lexer_peek(&r->l) == ';')
		deviate(r, r->l.at, "empty result");
	else if (is_none(r))
		r->a->none = true;
	else
		return authres_add_method(r);
	return 0;
}

/* The results, each behind a semicolon; the first one at once where there is no authserv-id. One that is odd costs
 * itself alone. */
static int read_results(struct authres_reader *r, bool at_once)
{
	for (;; at_once = false) {
		if (!at_once) {
			if (!r->odd && lexer_peek(&r->l) >= 0 && lexer_peek(&r->l) != ';')
				authres_odd(r, "; expected");
			authres_resync(r);
			if (r->a->broken || !lexer_char(&r->l, ';'))
				return 0;
		}
		if (!skip(r, NULL) || lexer_peek(&r->l) < 0)
			return 0;
		size_t at = r->l.at;
		if (authres_read_result(r) < 0)
			return -1;
		if (r->a->none && r->a->method_count > 0)
			deviate(r, at, "none beside results");
	}
}

/* RFC 8617 section 4.1.1: `i=1;` comes first. False where it is broken. */
static bool read_instance(struct authres_reader *r)
{
	uint64_t instance;
	struct lexer start = r->l;
	if (!span_is_nocase(lexer_run(&r->l, is_keyword), "i") || !lexer_cfws(&r->l) || !lexer_char(&r->l, '=')) {
		r->l = start;
		deviate(r, r->l.at, "i= expected");
		return true;
	}
	if (!skip(r, NULL))
		return false;
	if (!span_to_u64(lexer_run(&r->l, ascii_is_digit), 50, &instance) || instance == 0)
		return broken(r, "instance is not 1 to 50");
	r->a->instance = (unsigned)instance;
	if (!skip(r, NULL))
		return false;
	if (!lexer_char(&r->l, ';'))
		return broken(r, "; expected");
	return skip(r, NULL);
}

/* Whether a result stands where the authserv-id should. */
static bool is_result_ahead(const struct authres_reader *r)
{
	struct lexer ahead = r->l;
	if (lexer_run(&ahead, is_keyword).len == 0 || !lexer_cfws(&ahead))
		return false;
	return lexer_peek(&ahead) == '=' || lexer_peek(&ahead) == '/';
}

/* `authserv-id [version]`. False where it is broken. */
static bool read_server(struct authres_reader *r)
{
	int c = lexer_peek(&r->l);
	if (c < 0 || (c != '"' && !is_loose((char)c)))
		return broken(r, "authserv-id expected");
	if (!authres_read_value(r, &r->a->authserv_id))
		return broken(r, "quoted string without end");
	if (!skip(r, NULL))
		return false;
	r->a->version = lexer_run(&r->l, ascii_is_digit);
	return skip(r, NULL);
}

int authres_parse(struct authres *a, struct span value, bool arc, bool internationalised, struct error *err)
{
	struct authres made = { .arc = arc, .octets = malloc(3 * value.len + 1) };
	struct authres_reader r = { .a = &made, .internationalised = internationalised, .err = err };
	int rc = 0;
	if (!made.octets)
		return error_memory(err);
	if (value.len > 0)
		memcpy(made.octets + 2 * value.len, value.p, value.len);
	r.l.in = span_make(made.octets + 2 * value.len, value.len);
	bool good = skip(&r, NULL) && (!arc || read_instance(&r));
	bool at_once = good && is_result_ahead(&r);
	if (at_once)
		deviate(&r, r.l.at, "no authserv-id");
	if (good && (at_once || read_server(&r)))
		rc = read_results(&r, at_once);
	if (rc < 0) {
		authres_fini(&made);
		return -1;
	}
	if (!made.broken && !made.none && made.method_count == 0 && lexer_peek(&r.l) < 0 &&
	    span_find_char(value, ';', 0) < 0)
		deviate(&r, r.l.at, "neither none nor a result");
	*a = made;
	return 0;
}

void authres_fini(struct authres *a)
{
	for (size_t i = 0; i < a->method_count; i++)
		free(a->methods[i].properties);
	free(a->methods);
	free(a->octets);
	*a = (struct authres){ 0 };
}

struct span authres_property_get(const struct authres_method *m, const char *ptype, const char *property)
{
	for (size_t i = 0; i < m->property_count; i++)
		if (span_is_nocase(m->properties[i].ptype, ptype) &&
		    span_is_nocase(m->properties[i].property, property))
			return m->properties[i].value;
	return (struct span){ 0 };
}
