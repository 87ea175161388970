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
	struct error *err;
};

/* Notes a departure from the RFC; the first one counts. */
static void deviate(struct authres_reader *r, size_t at, const char *what)
{
	if (r->a->deviation[0] == '\0')
		snprintf(r->a->deviation, sizeof(r->a->deviation), "%s at octet %zu", what, at);
}

/* Ends the reading here. Returns 0, as the steps below do then. */
static int broken(struct authres_reader *r, const char *what)
{
	deviate(r, r->l.at, what);
	r->a->broken = true;
	return 0;
}

static bool is_keyword(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

/* A value that is not quoted ends at white space, a semicolon or a comment; no control characters. */
static bool is_loose(char c)
{
	return (unsigned char)c > 32 && c != 127 && c != ';' && c != '(';
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

/* An optional quoted string, then optional unquoted octets (`"a b"@c`): copied unquoted. False where a quoted string
 * does not end. */
static bool authres_read_value(struct authres_reader *r, struct span *ret)
{
	struct span inner, loose;
	char *to = r->a->octets + r->values;
	size_t len = 0, at = r->l.at;
	int rc = lexer_quoted(&r->l, &inner);
	if (rc < 0)
		return false;
	for (size_t i = 0; rc > 0 && i < inner.len; i++) {
		if (inner.p[i] == '\\' && i + 1 < inner.len)
			i++;
		if (inner.p[i] != '\r' && inner.p[i] != '\n')
			to[len++] = inner.p[i];
	}
	loose = lexer_run(&r->l, is_loose);
	if (!is_strict_value(loose) && (loose.len > 0 || rc == 0))
		deviate(r, at, loose.len > 0 ? "value must be quoted" : "value missing");
	if (loose.len > 0)
		memcpy(to + len, loose.p, loose.len);
	*ret = span_make(to, len + loose.len);
	r->values += ret->len;
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
		for (size_t i = 0; i < inner.len; i++) {
			if (inner.p[i] == '\\' && i + 1 < inner.len)
				i++;
			if (inner.p[i] != '\r' && inner.p[i] != '\n')
				to[len++] = inner.p[i];
		}
		m->comment.len += len;
		r->comments += len;
	}
}

enum auth_result authres_result(struct span word)
{
	enum auth_result result = AUTH_NOT_REPORTED;
	if (span_is_nocase(word, "hardfail"))
		return AUTH_FAIL;
	if (span_is_nocase(word, "success")) /* Yahoo's DMARC */
		return AUTH_PASS;
	if (span_is_nocase(word, "tmperror")) /* Exim */
		return AUTH_TEMPERROR;
	if (span_is_nocase(word, "bestguesspass"))
		return AUTH_NONE;
	auth_result_from(word, &result);
	return result;
}

/* RFC 8601 section 2.7 and RFC 8617: the words of the methods that are defined there. RFC 4408 wrote those of SPF with
 * capitals, and servers still do. */
static bool is_word_of(struct span method, struct span word)
{
	static const struct {
		const char *method;
		bool folded;
		const char *words;
	} known[] = {
		{ "spf", true, " none pass fail softfail policy neutral temperror permerror " },
		{ "sender-id", true, " none pass fail softfail policy neutral temperror permerror " },
		{ "dkim", false, " none pass fail policy neutral temperror permerror " },
		{ "dmarc", false, " none pass fail temperror permerror " },
		{ "auth", false, " none pass fail temperror permerror " },
		{ "iprev", false, " pass fail temperror permerror " },
		{ "arc", false, " none pass fail " },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!span_is_nocase(method, known[i].method))
			continue;
		struct span rest = span_of(known[i].words), one;
		while (span_next(&rest, ' ', &one))
			if (one.len > 0 && (known[i].folded ? span_eq_nocase(one, word) : span_eq(one, word)))
				return true;
		return false;
	}
	return true;
}

/* `reason=value`, `ptype.property=value`, or Microsoft's `property=value`. 1 read, 0 broken, -1 memory. */
static int read_property(struct authres_reader *r, struct authres_method *m)
{
	struct authres_property p = { .ptype = SPAN_LIT("") };
	size_t at = r->l.at;
	p.property = lexer_run(&r->l, is_keyword);
	if (p.property.len == 0)
		return broken(r, "property expected");
	if (!skip(r, m))
		return 0;
	bool typed = lexer_char(&r->l, '.');
	if (typed) {
		if (!skip(r, m))
			return 0;
		p.ptype = p.property;
		p.property = lexer_run(&r->l, is_keyword);
		if (p.property.len == 0)
			return broken(r, "name of a property expected");
		if (!skip(r, m))
			return 0;
	}
	if (!lexer_char(&r->l, '='))
		return broken(r, "= expected");
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

/* `method[/version]=result`. False where it is broken. */
static bool read_head(struct authres_reader *r, struct authres_method *m)
{
	size_t at = r->l.at;
	m->method = lexer_run(&r->l, is_keyword);
	if (m->method.len == 0)
		return broken(r, "method expected");
	if (!skip(r, NULL))
		return false;
	if (lexer_char(&r->l, '/')) {
		if (!skip(r, NULL))
			return false;
		m->version = lexer_run(&r->l, ascii_is_digit);
		if (m->version.len == 0)
			return broken(r, "version of the method expected");
		if (!skip(r, NULL))
			return false;
	}
	if (!lexer_char(&r->l, '='))
		return broken(r, "= expected");
	if (!skip(r, NULL))
		return false;
	m->word = lexer_run(&r->l, is_keyword);
	if (m->word.len == 0)
		return broken(r, "result expected");
	m->result = authres_result(m->word);
	if (!is_word_of(m->method, m->word))
		deviate(r, at, "result that the method does not have");
	return true;
}

/* The properties of *m up to the semicolon or the end. 0, or -1 for memory. */
static int read_properties(struct authres_reader *r, struct authres_method *m)
{
	r->property_cap = 0;
	int rc = 1;
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

/* The results, each behind a semicolon; the first one at once where there is no authserv-id. */
static int read_results(struct authres_reader *r, bool at_once)
{
	while (!r->a->broken) {
		if (!at_once && !lexer_char(&r->l, ';')) {
			if (lexer_peek(&r->l) >= 0)
				broken(r, "; expected");
			return 0;
		}
		at_once = false;
		if (!skip(r, NULL) || lexer_peek(&r->l) < 0)
			return 0;
		if (lexer_peek(&r->l) == ';')
			deviate(r, r->l.at, "empty result");
		else if (is_none(r))
			r->a->none = true;
		else if (authres_add_method(r) < 0)
			return -1;
	}
	return 0;
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
