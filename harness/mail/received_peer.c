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

/* `2001:db8::1.25`: without the port. */
static struct span peer_cut_port(struct span s, bool *ret_port)
{
	size_t at = s.len;
	uint64_t number;
	while (at > 0 && ascii_is_digit(s.p[at - 1]))
		at--;
	*ret_port = at > 0 && s.p[at - 1] == '.' && span_find_char(s, '.', 0) == (ptrdiff_t)at - 1 &&
		    span_to_u64(span_sub(s, at, SIZE_MAX), 65535, &number);
	return *ret_port ? span_sub(s, 0, at - 1) : s;
}

/* Finds the address in `192.0.2.1`, `192.0.2.1:25`, `192.0.2.1.25`, `IPv6:2001:db8::1`, `::ffff:192.0.2.1`,
 * `fe80::1%2`, `2001:db8::1.25`. */
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
		s = cut_at(peer_cut_port(s, ret_port), '%');
		n = s.len;
		if (!is_ipv6(s))
			return false;
	}
	*ret = span_sub(s, 0, n);
	return true;
}

/* The same in brackets, with or without a port behind them; MDaemon has parentheses within. */
static bool read_literal(struct span s, struct span *ret, bool *ret_port)
{
	ptrdiff_t end = span_find_char(s, ']', 0);
	if (s.len == 0 || s.p[0] != '[' || end < 0)
		return false;
	struct span inner = span_trim(span_sub(s, 1, (size_t)end - 1));
	if (inner.len > 2 && inner.p[0] == '(' && inner.p[inner.len - 1] == ')')
		inner = span_sub(inner, 1, inner.len - 2);
	if (!read_ip(inner, ret, ret_port))
		return false;
	*ret_port = *ret_port || (size_t)end + 1 < s.len;
	return true;
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
	static const char *const words[] = { "unknown",     "softdnserr",     "unverified", "unavailable",
					     "unknownhost", "unknown_domain", NULL };
	return is_any(s, words);
}

void peer_add_word(struct peer *p, struct span word)
{
	struct span ip;
	bool port;
	if (p->form != PEER_IP_NONE || !read_literal(word, &ip, &port))
		return;
	p->ip = ip;
	p->form = PEER_IP_WORD;
}

/* One comment while it is read. */
struct peer_comment {
	struct span first; /* word, without an address in brackets that is joined to it */
	size_t words;
	struct span ip;
	enum peer_ip_form form;
	bool port;
	bool helo;  /* it names the HELO name: what stands behind that is the client's too */
	bool known; /* a word of it tells what it is about */
};

/* What may be joined to an address in brackets; behind `x=` there is a value, maybe of the client's. */
static bool peer_may_precede(struct span s)
{
	return s.len == 0 || is_host(s) || s.p[s.len - 1] == '@' || (s.p[0] == '<' && s.p[s.len - 1] == '>') ||
	       span_starts_nocase(s, SPAN_LIT("IDENT:"));
}

/* `name[192.0.2.1]`, `user@[192.0.2.1]`, `<name>[192.0.2.1]`: the last one of a comment counts, since the client's own
 * literal stands in front (Haraka), and brackets outrank an address without them, which may be a name (`(192.0.2.1
 * [192.0.2.9])`). */
static bool peer_add_address(struct peer_comment *c, struct span word)
{
	struct span ip, name = word;
	bool port;
	ptrdiff_t open = span_find_char(word, '[', 0);
	if (open >= 0 && peer_may_precede(span_sub(word, 0, (size_t)open)) &&
	    read_literal(span_sub(word, (size_t)open, SIZE_MAX), &ip, &port)) {
		if (c->words == 1)
			c->first = span_sub(word, 0, (size_t)open);
		c->ip = ip;
		c->form = PEER_IP_BRACKETS;
		c->port = port;
		return true;
	}
	/* The user part of `ident@address` may have an @ in it. */
	for (ptrdiff_t at; (at = span_find_char(name, '@', 0)) >= 0;)
		name = span_sub(name, (size_t)at + 1, SIZE_MAX);
	if (!read_ip(name, &ip, &port))
		return false;
	if (c->form != PEER_IP_BRACKETS) {
		c->ip = ip;
		c->form = port ? PEER_IP_BARE_PORT : PEER_IP_BARE;
	}
	return true;
}

/* `ident=x`, `port=1`, `helo=x`: the value is the client's. */
static bool peer_add_pair(struct peer *p, struct peer_comment *c, struct span word)
{
	static const char *const known[] = { "helo", "ident", "port", NULL };
	ptrdiff_t equals = span_find_char(word, '=', 0);
	if (equals <= 0 || !is_any(span_sub(word, 0, (size_t)equals), known))
		return false;
	if (span_starts_nocase(word, SPAN_LIT("helo"))) {
		p->helo = span_sub(word, (size_t)equals + 1, SIZE_MAX);
		p->has_helo = true;
		c->helo = true;
	}
	c->known = true;
	return true;
}

static struct span peer_next_word(struct lexer *l)
{
	size_t start = l->at;
	struct span word = lexer_run(l, is_not_space);
	/* `[192.0.2.1 ]`, `[unix socket]` */
	ptrdiff_t end = span_find_char(span_sub(l->in, l->at, INET6_ADDRSTRLEN), ']', 0);
	if (span_find_char(word, '[', 0) >= 0 && span_find_char(word, ']', 0) < 0 && end >= 0) {
		l->at += (size_t)end + 1;
		word = span_sub(l->in, start, l->at - start);
	}
	if (word.len > 0 && word.p[0] == '"')
		word = span_sub(word, 1, SIZE_MAX);
	while (word.len > 0 && strchr("\",;", word.p[word.len - 1]))
		word.len--;
	return word;
}

/* `name (helo=x [192.0.2.1])`: it may be a part of what the client calls itself, so that any other one outranks it. */
static void peer_add_behind(struct peer *p, struct span word)
{
	struct span ip;
	bool port;
	if (read_literal(word, &ip, &port))
		p->behind_helo = ip;
}

/* Words of comments that are known, and say nothing of the address. */
static bool peer_is_known(struct span word)
{
	static const char *const known[] = { "verified", "authenticated", "account", "uid", "user", NULL };
	return is_any(word, known);
}

static void peer_add_comment_word(struct peer *p, struct peer_comment *c, struct lexer *l, struct span word)
{
	static const char *const hello[] = { "HELO", "EHLO", "LHLO", NULL };
	c->words++;
	if (c->words == 1)
		c->first = word;
	if (is_any(word, hello) && !p->has_helo) {
		lexer_fws(l);
		p->helo = peer_next_word(l);
		p->has_helo = true;
		c->helo = true;
		c->words++;
		return;
	}
	p->verified = p->verified || span_is_nocase(word, "verified");
	c->known = c->known || peer_is_known(word) || span_starts_nocase(word, SPAN_LIT("[local")) ||
		   span_starts_nocase(word, SPAN_LIT("[unix")) || span_starts_nocase(word, SPAN_LIT("[[unix"));
	if (peer_add_pair(p, c, word))
		return;
	if (!c->helo)
		c->known = peer_add_address(c, word) || c->known;
	else
		peer_add_behind(p, word);
}

/* A name counts alone in its comment or beside the address; anything else is prose. */
static void peer_end_comment(struct peer *p, const struct peer_comment *c)
{
	bool ip = c->form != PEER_IP_NONE;
	if (ip && p->form == PEER_IP_NONE) {
		p->ip = c->ip;
		p->form = c->form;
		p->port = c->port && c->form == PEER_IP_BRACKETS;
	}
	bool name = is_host(c->first) && !peer_is_known(c->first) && ipv4_length(c->first) != c->first.len &&
		    (c->words == 1 || (ip && c->words <= 4));
	if (name && p->name.len == 0) {
		p->name = c->first;
		p->named_with_ip = ip;
	}
	p->strange = p->strange || !(c->helo || c->known || p->forged || (name && !is_no_name(c->first)));
}

void peer_add_comment(struct peer *p, struct span inner)
{
	struct lexer l = { inner, 0 };
	struct peer_comment c = { 0 };
	struct span nested = inner;
	bool closed = true;
	p->forged = p->forged || span_starts_nocase(inner, SPAN_LIT("may be forged"));
	for (;;) {
		lexer_fws(&l);
		if (lexer_peek(&l) < 0)
			break;
		int rc = closed ? lexer_comment(&l, &nested) : 0;
		closed = rc >= 0;
		if (rc > 0)
			p->forged = p->forged || span_starts_nocase(nested, SPAN_LIT("may be forged"));
		else
			peer_add_comment_word(p, &c, &l, peer_next_word(&l));
	}
	peer_end_comment(p, &c);
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
	/* `[address] (name)` is one server's, and another's `literal of the client (name)`. */
	bool named = p->name.len > 0 && !p->named_with_ip && !p->has_helo && !p->literal_first;
	struct peer_identity r = { .name_forged = p->forged };
	bool behind = p->behind_helo.len > 0;
	r.unclear = p->form == PEER_IP_NONE && (p->strange || (numeric && (named || behind)));
	if (r.unclear) {
		r.from_helo = p->has_helo ? p->helo : p->word;
		return r;
	}
	r.from_ip = p->form != PEER_IP_NONE ? p->ip : numeric ? ip : p->behind_helo;
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
