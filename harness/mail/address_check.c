/* The plain address of configuration and SMTP envelopes: strict, since nothing but such an address may reach a command
 * line of a server. */
#include "harness/mail/address.h"

#include <arpa/inet.h>

#include "harness/base/utf8.h"
#include "harness/mail/rfc5322.h"

enum { LOCAL_MAX = 64, DOMAIN_MAX = 255, LABEL_MAX = 63 }; /* RFC 5321 section 4.5.3.1, RFC 1035 section 2.3.4 */

static int address_check_refuse(struct error *err, struct span text, const char *what)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%.*s is not an address: %s",
			 SPAN_ARG(span_sub(text, 0, 320)), what);
}

/* Valid UTF-8 without control characters, C1 included. */
static bool is_clean(struct span s)
{
	uint32_t code;
	for (size_t at = 0, n; at < s.len; at += n) {
		n = utf8_next(span_sub(s, at, 4), &code);
		if (n == 0 || utf8_is_control(code))
			return false;
	}
	return true;
}

static bool is_label(struct span s)
{
	if (s.len == 0 || s.len > LABEL_MAX || s.p[0] == '-' || s.p[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-' && (unsigned char)s.p[i] < 128)
			return false;
	return true;
}

struct span address_domain(const char *address)
{
	const char *at = strrchr(address, '@');
	return span_of(at ? at + 1 : NULL);
}

struct span address_of_path(struct span text)
{
	text = span_trim(text);
	while (text.len > 0 && text.p[0] == '<') {
		size_t end = text.len;
		while (end > 0 && text.p[end - 1] != '>')
			end--;
		text = span_trim(span_sub(text, 1, end > 1 ? end - 2 : text.len));
	}
	ptrdiff_t colon = text.len > 0 && text.p[0] == '@' ? span_find_char(text, ':', 0) : -1;
	return colon < 0 ? text : span_sub(text, (size_t)colon + 1, SIZE_MAX);
}

bool address_domain_valid(struct span text)
{
	struct span rest = text, label;
	if (text.len == 0 || text.len > DOMAIN_MAX || !is_clean(text))
		return false;
	while (span_next(&rest, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

/* RFC 5321 section 4.1.3, without the general form, which nothing uses. */
static bool address_check_is_literal(struct span s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	if (s.len < 2 || s.p[0] != '[' || s.p[s.len - 1] != ']')
		return false;
	s = span_sub(s, 1, s.len - 2);
	struct span prefix = SPAN_LIT("IPv6:");
	bool six = span_starts_nocase(s, prefix);
	if (!span_copy(span_sub(s, six ? prefix.len : 0, SIZE_MAX), text, sizeof(text)))
		return false;
	return inet_pton(six ? AF_INET6 : AF_INET, text, &address) == 1;
}

int address_check(struct span text, struct address *ret, struct error *err)
{
	struct lexer l = { text, 0 };
	struct span quoted;
	if (!is_clean(text))
		return address_check_refuse(err, text, "control character or invalid UTF-8");
	if (lexer_quoted(&l, &quoted) <= 0)
		lexer_run(&l, is_dot_atext);
	struct span local = span_sub(text, 0, l.at), domain;
	if (!lexer_char(&l, '@'))
		return address_check_refuse(
		    err, text, l.at == text.len ? "no @" : "a character that needs quotes in front of the @");
	domain = span_sub(text, l.at, SIZE_MAX);
	if (local.len == 0)
		return address_check_refuse(err, text, "nothing in front of the @");
	if (local.len > LOCAL_MAX)
		return address_check_refuse(err, text, "more than 64 octets in front of the @");
	if (local.p[0] != '"' && !is_dot_atom(local))
		return address_check_refuse(err, text, "a dot at an end or two in a row in front of the @");
	if (!address_check_is_literal(domain) && !address_domain_valid(domain))
		return address_check_refuse(err, text, "what stands behind the @ is no domain");
	*ret = (struct address){ .local = local, .domain = domain };
	return 0;
}
