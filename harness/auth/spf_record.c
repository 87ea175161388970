/* The syntax of an SPF record. The whole of it is here, so that what passes can be evaluated without a look at syntax
 * again; what is more lenient than the grammar or stricter is said where it is done. */
#include "harness/auth/spf_record.h"

#include <string.h>

#include "harness/auth/spf_macro.h"
#include "harness/base/compiler.h"

#define SECTION_TERMS  "RFC 7208 section 4.6.1"
#define SECTION_DOMAIN "RFC 7208 section 7.1"

/* What may stand behind the name of a term. */
enum {
	NEEDS_DOMAIN = 1, /* `:domain-spec`, `=domain-spec` of a modifier */
	MAY_DOMAIN = 2,
	MAY_DUAL_CIDR = 4,
	NEEDS_NETWORK = 8, /* `:ip4-network` or `:ip6-network`, with a prefix length of that family */
};

static const struct {
	struct span name;
	enum spf_term_kind kind;
	unsigned takes;
	const char *section;
} known[] = {
	{ { "all", sizeof("all") - 1 }, SPF_ALL, 0, "RFC 7208 section 5.1" },
	{ { "include", sizeof("include") - 1 }, SPF_INCLUDE, NEEDS_DOMAIN, "RFC 7208 section 5.2" },
	{ { "a", sizeof("a") - 1 }, SPF_A, MAY_DOMAIN | MAY_DUAL_CIDR, "RFC 7208 section 5.3" },
	{ { "mx", sizeof("mx") - 1 }, SPF_MX, MAY_DOMAIN | MAY_DUAL_CIDR, "RFC 7208 section 5.4" },
	{ { "ptr", sizeof("ptr") - 1 }, SPF_PTR, MAY_DOMAIN, "RFC 7208 section 5.5" },
	{ { "ip4", sizeof("ip4") - 1 }, SPF_IP4, NEEDS_NETWORK, "RFC 7208 section 5.6" },
	{ { "ip6", sizeof("ip6") - 1 }, SPF_IP6, NEEDS_NETWORK, "RFC 7208 section 5.6" },
	{ { "exists", sizeof("exists") - 1 }, SPF_EXISTS, NEEDS_DOMAIN, "RFC 7208 section 5.7" },
	{ { "redirect", sizeof("redirect") - 1 }, SPF_REDIRECT, NEEDS_DOMAIN, "RFC 7208 section 6.1" },
	{ { "exp", sizeof("exp") - 1 }, SPF_EXP, NEEDS_DOMAIN, "RFC 7208 section 6.2" },
};

/* A term that is being read. */
struct parse {
	struct spf_reader *reader;
	struct spf_term term;
	struct spf_fault *fault;
};

static int fail_at(struct parse *p, const char *where, const char *section, const char *what)
{
	p->fault->offset = (size_t)(where - p->reader->record.p);
	p->fault->section = section;
	p->fault->what = what;
	return -1;
}

static bool is_toplabel(struct span label)
{
	bool alpha = false, dash = false;
	for (size_t i = 0; i < label.len; i++) {
		if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-')
			return false;
		alpha |= ascii_is_alpha(label.p[i]);
		dash |= label.p[i] == '-';
	}
	/* A label with a dash within needs no letter. */
	return label.len > 0 && (alpha || dash) && label.p[0] != '-' && label.p[label.len - 1] != '-';
}

static int check_macros(struct parse *p, struct span text, struct spf_macro *ret_last)
{
	struct spf_macro macro = { 0 };
	const char *what;
	int found;
	while ((found = spf_macro_next(&text, SPF_MACRO_TERM, &macro, &what)) > 0)
		*ret_last = macro;
	return found < 0 ? fail_at(p, text.p, SECTION_DOMAIN, what) : 0;
}

/* domain-spec = macro-string domain-end; domain-end = ( "." toplabel [ "." ] ) / macro-expand */
static int check_domain_spec(struct parse *p, struct span spec)
{
	struct spf_macro last = { 0 };
	if (spec.len == 0)
		return fail_at(p, spec.p, SECTION_DOMAIN, "an empty domain");
	if (check_macros(p, spec, &last) < 0)
		return -1;
	if (last.letter != 0)
		return 0;
	/* Of the last literal only: the dot before the top label must be no part of a macro. */
	struct span tail = last.text;
	if (tail.p[tail.len - 1] == '.')
		tail.len--;
	const char *dot = tail.len ? memrchr(tail.p, '.', tail.len) : NULL;
	if (!dot && last.text.p == spec.p)
		return fail_at(p, spec.p, SECTION_DOMAIN, "a domain of one label");
	struct span label = dot ? span_make(dot + 1, (size_t)(tail.p + tail.len - dot - 1)) : tail;
	if (!dot || !is_toplabel(label))
		return fail_at(p, label.p, SECTION_DOMAIN, "a domain that does not end in a top-level label");
	return 0;
}

/* Prefix length: no sign, no leading zero (section 12). */
static int read_bits(struct parse *p, struct span digits, unsigned max, const char *section, unsigned *ret)
{
	uint64_t value;
	if (digits.len == 0 || (digits.len > 1 && digits.p[0] == '0') || !span_to_u64(digits, UINT64_MAX, &value))
		return fail_at(p, digits.p, section, "a prefix length that is no number");
	if (value > max)
		return fail_at(p, digits.p, section,
			       max == 32 ? "a prefix length above 32" : "a prefix length above 128");
	*ret = (unsigned)value;
	return 0;
}

/* Cuts `/24`, `//64` or `/24//64` off the end of *rest. A slash that no number follows is left: a domain may have it.
 */
static int cut_dual_cidr(struct parse *p, struct span *rest, const char *section)
{
	for (int family = 6; family >= 4; family -= 2) {
		size_t slashes = family == 6 ? 2 : 1, at = rest->len;
		while (at > 0 && ascii_is_digit(rest->p[at - 1]))
			at--;
		if (at == rest->len || at < slashes || rest->p[at - 1] != '/' || rest->p[at - slashes] != '/')
			continue;
		if (read_bits(p, span_sub(*rest, at, rest->len), family == 6 ? 128 : 32, section,
			      family == 6 ? &p->term.bits6 : &p->term.bits4) < 0)
			return -1;
		rest->len = at - slashes;
	}
	return 0;
}

/* ip_parse() reads an IPv4-mapped address as IPv4, as RFC 7208 section 5 wants a client to be read. In an ip6 mechanism
 * it is an IPv6 network nonetheless, which then has no clients but those of a shorter prefix. */
static bool read_network(struct span text, bool v6, struct ip *ret)
{
	bool colon = span_find_char(text, ':', 0) >= 0;
	struct ip ip;
	if (colon != v6 || !ip_parse(text, &ip))
		return false;
	if (v6 && !ip.v6) {
		memmove(ip.octets + 12, ip.octets, 4);
		memset(ip.octets, 0, 10);
		memset(ip.octets + 10, 0xff, 2);
		ip.v6 = true;
	}
	*ret = ip;
	return true;
}

static int read_network_term(struct parse *p, struct span rest, const char *section)
{
	bool v6 = p->term.kind == SPF_IP6;
	if (rest.len == 0 || rest.p[0] != ':')
		return fail_at(p, rest.p, section, "a network is missing");
	rest = span_sub(rest, 1, rest.len);
	ptrdiff_t slash = span_find_char(rest, '/', 0);
	struct span address = slash < 0 ? rest : span_sub(rest, 0, (size_t)slash);
	if (!read_network(address, v6, &p->term.network))
		return fail_at(p, address.p, section, v6 ? "no IPv6 address" : "no IPv4 address");
	if (slash < 0)
		return 0;
	return read_bits(p, span_sub(rest, (size_t)slash + 1, rest.len), v6 ? 128 : 32, section,
			 v6 ? &p->term.bits6 : &p->term.bits4);
}

/* What stands behind the name of a known term; `separator` is ':' or '='. */
static int read_arguments(struct parse *p, struct span rest, char separator, unsigned takes, const char *section)
{
	if (takes & NEEDS_NETWORK)
		return read_network_term(p, rest, section);
	if ((takes & MAY_DUAL_CIDR) && cut_dual_cidr(p, &rest, section) < 0)
		return -1;
	if (rest.len == 0)
		return takes & NEEDS_DOMAIN ? fail_at(p, rest.p, section, "a domain is missing") : 0;
	if (rest.p[0] != separator || !(takes & (NEEDS_DOMAIN | MAY_DOMAIN)))
		return fail_at(p, rest.p, section, "something that this mechanism does not take");
	p->term.domain = span_sub(rest, 1, rest.len);
	return check_domain_spec(p, p->term.domain);
}

static int read_known(struct parse *p, struct span rest, bool modifier)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (modifier != (known[i].kind >= SPF_REDIRECT) || !span_eq_nocase(p->term.name, known[i].name))
			continue;
		p->term.kind = known[i].kind;
		return read_arguments(p, rest, modifier ? '=' : ':', known[i].takes, known[i].section) < 0 ? -1 : 1;
	}
	return 0;
}

static bool is_modifier_name(struct span name)
{
	if (name.len == 0 || !ascii_is_alpha(name.p[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && !strchr("-_.", name.p[i]))
			return false;
	return true;
}

static int read_modifier(struct parse *p, struct span rest)
{
	struct spf_macro last;
	int found = read_known(p, rest, true);
	if (found == 0) {
		p->term.kind = SPF_UNKNOWN_MODIFIER;
		p->term.domain = span_sub(rest, 1, rest.len);
		return check_macros(p, p->term.domain, &last);
	}
	if (found < 0)
		return -1;
	bool *seen = p->term.kind == SPF_EXP ? &p->reader->exp_seen : &p->reader->redirect_seen;
	if (*seen)
		return fail_at(p, p->term.text.p, "RFC 7208 section 6", "a modifier that stands there already");
	*seen = true;
	return 0;
}

static bool read_qualifier(char c, enum auth_result *ret)
{
	switch (c) {
	case '+':
		*ret = AUTH_PASS;
		return true;
	case '-':
		*ret = AUTH_FAIL;
		return true;
	case '~':
		*ret = AUTH_SOFTFAIL;
		return true;
	case '?':
		*ret = AUTH_NEUTRAL;
		return true;
	default:
		return false;
	}
}

static int read_term(struct parse *p)
{
	struct span rest = p->term.text;
	bool qualified = read_qualifier(rest.p[0], &p->term.qualifier);
	if (qualified)
		rest = span_sub(rest, 1, rest.len);
	size_t n = 0;
	while (n < rest.len && rest.p[n] != ':' && rest.p[n] != '/' && rest.p[n] != '=')
		n++;
	p->term.name = span_sub(rest, 0, n);
	rest = span_sub(rest, n, rest.len);
	if (!qualified && rest.len > 0 && rest.p[0] == '=' && is_modifier_name(p->term.name))
		return read_modifier(p, rest);
	int found = read_known(p, rest, false);
	if (found == 0)
		return fail_at(p, p->term.name.p, SECTION_TERMS, "an unknown mechanism");
	return found < 0 ? -1 : 0;
}

bool spf_record_is(struct span txt)
{
	struct span version = SPAN_LIT("v=spf1");
	return span_starts_nocase(txt, version) && (txt.len == version.len || txt.p[version.len] == ' ');
}

struct spf_reader spf_reader_start(struct span record)
{
	return (struct spf_reader){ .record = record, .at = strlen("v=spf1") };
}

int spf_reader_next(struct spf_reader *reader, struct spf_term *ret, struct spf_fault *ret_fault)
{
	struct parse p = { .reader = reader, .fault = ret_fault };
	while (reader->at < reader->record.len && reader->record.p[reader->at] == ' ')
		reader->at++;
	if (reader->at >= reader->record.len)
		return 0;
	ptrdiff_t end = span_find_char(reader->record, ' ', reader->at);
	size_t len = (end < 0 ? reader->record.len : (size_t)end) - reader->at;
	p.term = (struct spf_term){
		.text = span_sub(reader->record, reader->at, len), .qualifier = AUTH_PASS, .bits4 = 32, .bits6 = 128
	};
	reader->at += len;
	if (read_term(&p) < 0) {
		ret_fault->term = p.term.text;
		return -1;
	}
	*ret = p.term;
	return 1;
}

bool spf_term_costs_lookup(enum spf_term_kind kind)
{
	return kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX || kind == SPF_PTR || kind == SPF_EXISTS ||
	       kind == SPF_REDIRECT;
}
