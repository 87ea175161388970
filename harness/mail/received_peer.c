/* Sorts out what servers write of their clients: which name is the client's own claim, which one was looked up. Pure.
 */
#include "harness/mail/received_peer.h"

#include <arpa/inet.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/mail/rfc5322.h"

static struct span cut_at(struct span s, char c)
{
	ptrdiff_t at = span_find_char(s, c, 0);
	return at < 0 ? s : span_sub(s, 0, (size_t)at);
}

/* Four numbers with dots at the start of s; returns their length, or 0. */
static size_t ipv4_length(struct span s)
{
	size_t at = 0;
	for (int part = 0; part < 4; part++) {
		size_t start = at;
		int value = 0;
		if (part > 0 && (at >= s.len || s.p[at] != '.'))
			return 0;
		start = at += part > 0;
		while (at < s.len && at - start < 3 && ascii_is_digit(s.p[at]))
			value = value * 10 + (s.p[at++] - '0');
		if (at == start || value > 255)
			return 0;
	}
	return at;
}

static bool is_ipv6(struct span s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	return span_find_char(s, ':', 0) >= 0 && span_copy(s, text, sizeof(text)) &&
	       inet_pton(AF_INET6, text, &address) == 1;
}

/* Finds the address in `192.0.2.1`, `192.0.2.1:25`, `192.0.2.1.25`, `IPv6:2001:db8::1`, `::ffff:192.0.2.1`,
 * `fe80::1%2`. */
static bool read_ip(struct span s, struct span *ret, bool *ret_port)
{
	struct span prefix = SPAN_LIT("IPv6:"), mapped = SPAN_LIT("::ffff:");
	if (span_starts_nocase(s, prefix))
		s = span_sub(s, prefix.len, SIZE_MAX);
	if (span_starts_nocase(s, mapped) && ipv4_length(span_sub(s, mapped.len, SIZE_MAX)) == s.len - mapped.len)
		s = span_sub(s, mapped.len, SIZE_MAX);
	size_t n = ipv4_length(s);
	struct span port = span_sub(s, n + 1, SIZE_MAX);
	uint64_t number;
	if (n > 0 && n == s.len) {
		*ret_port = false;
	} else if (n > 0 && (s.p[n] == ':' || s.p[n] == '.') && span_to_u64(port, 65535, &number)) {
		*ret_port = true;
	} else {
		s = cut_at(s, '%');
		n = s.len;
		*ret_port = false;
		if (!is_ipv6(s))
			return false;
	}
	*ret = span_sub(s, 0, n);
	return true;
}

/* The same in brackets, with or without a port behind them. */
static bool read_literal(struct span s, struct span *ret, bool *ret_port)
{
	ptrdiff_t end = span_find_char(s, ']', 0);
	if (s.len == 0 || s.p[0] != '[' || end < 0 || !read_ip(span_sub(s, 1, (size_t)end - 1), ret, ret_port))
		return false;
	*ret_port = *ret_port || (size_t)end + 1 < s.len;
	return true;
}

static void take_ip(struct peer *p, struct span ip, enum peer_ip_form form)
{
	if (p->form != PEER_IP_NONE)
		return;
	p->ip = ip;
	p->form = form;
}

static bool is_host(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && !strchr(".-_", s.p[i]) && (unsigned char)s.p[i] < 128)
			return false;
	return s.len > 0 && s.p[0] != '\0';
}

static bool is_any(struct span s, const char *const *words)
{
	for (; *words; words++)
		if (span_is_nocase(s, *words))
			return true;
	return false;
}

/* What servers write where a reverse name would be. */
static bool is_no_name(struct span s)
{
	static const char *const words[] = { "unknown", "softdnserr", "unverified", "unavailable", NULL };
	return is_any(s, words);
}

void peer_add_word(struct peer *p, struct span word)
{
	struct span ip;
	bool port;
	if (read_literal(word, &ip, &port))
		take_ip(p, ip, PEER_IP_WORD);
}

/* One word of a comment. Returns true where it is an address. */
static bool add_comment_word(struct peer *p, struct span word)
{
	struct span ip, prefix = SPAN_LIT("helo=");
	bool port;
	if (span_starts_nocase(word, prefix)) {
		p->helo = span_sub(word, prefix.len, SIZE_MAX);
		p->has_helo = true;
	} else if (span_is_nocase(word, "verified")) {
		p->verified = true;
	} else if (read_literal(word, &ip, &port)) {
		take_ip(p, ip, PEER_IP_BRACKETS);
		p->port = port;
		return true;
	} else {
		/* The user part of `ident@address` may have an @ in it. */
		for (ptrdiff_t at; (at = span_find_char(word, '@', 0)) >= 0;)
			word = span_sub(word, (size_t)at + 1, SIZE_MAX);
		if (!read_ip(word, &ip, &port))
			return false;
		take_ip(p, ip, port ? PEER_IP_BARE_PORT : PEER_IP_BARE);
		return true;
	}
	return false;
}

void peer_add_comment(struct peer *p, struct span inner)
{
	static const char *const hello[] = { "HELO", "EHLO", "LHLO", NULL };
	struct lexer l = { inner, 0 };
	struct span first = { 0 };
	size_t words = 0;
	bool ip = false;
	for (;;) {
		lexer_fws(&l);
		if (lexer_peek(&l) < 0 || lexer_peek(&l) == '(')
			break;
		struct span word = lexer_run(&l, is_not_space);
		if (is_any(word, hello) && !p->has_helo) {
			lexer_fws(&l);
			p->helo = lexer_run(&l, is_not_space);
			p->has_helo = true;
			words += 2;
			continue;
		}
		if (words++ == 0)
			first = word;
		ip = add_comment_word(p, word) || ip;
	}
	p->forged = p->forged || span_find_nocase(span_sub(inner, l.at, 32), SPAN_LIT("may be forged"), 0) >= 0;
	/* A name counts alone in its comment or beside the address; anything else is prose. */
	if (p->name.len == 0 && is_host(first) && !span_is_nocase(first, "verified") &&
	    ipv4_length(first) != first.len && (words == 1 || (ip && words <= 4))) {
		p->name = first;
		p->named_with_ip = ip;
	}
}

static struct span as_name(struct span s)
{
	if (s.len > 0 && s.p[s.len - 1] == '.')
		s.len--;
	return is_host(s) && !is_no_name(s) && ipv4_length(s) != s.len ? s : (struct span){ 0 };
}

/* No comment names the client and none says HELO: the one word is all there is. */
static void resolve_word(const struct peer *p, struct peer_identity *r, bool literal, bool numeric, bool names_client,
			 bool never_names)
{
	bool dotted = span_find_char(p->word, '.', 0) >= 0;
	bool looked_up = p->form == PEER_IP_BRACKETS ? names_client || p->verified
						     : p->form == PEER_IP_BARE && dotted && !never_names;
	if (looked_up)
		r->from_name = as_name(p->word);
	/* The address over again, or a local user, is no HELO name. */
	bool again = literal ? p->port : numeric && p->form == PEER_IP_NONE;
	if (!again && !(p->silent && looked_up) && (p->form != PEER_IP_NONE || span_find_char(p->word, '@', 0) < 0))
		r->from_helo = p->word;
}

struct peer_identity peer_resolve(const struct peer *p, bool names_client, bool never_names)
{
	struct span ip;
	bool port, literal = read_literal(p->word, &ip, &port);
	bool numeric = literal || read_ip(p->word, &ip, &port);
	struct peer_identity r = { .name_forged = p->forged,
				   .from_ip = p->form == PEER_IP_NONE && numeric ? ip : p->ip };
	if (p->has_helo) {
		r.from_helo = p->helo;
		r.from_name = as_name(p->word);
	} else if (p->name.len > 0 && !p->named_with_ip && (numeric || p->form == PEER_IP_WORD)) {
		r.from_helo = p->name;
		r.from_name = as_name(p->word);
	} else if (p->name.len > 0) {
		r.from_helo = p->word;
		r.from_name = as_name(p->name);
	} else {
		resolve_word(p, &r, literal, numeric, names_client, never_names);
	}
	return r;
}
