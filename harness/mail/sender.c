/* The sender's address for SPF. Comments quote the envelope sender, which a sender chooses: an address is only read
 * where it cannot stand in that quotation. */
#include "harness/mail/sender.h"

#include "harness/base/compiler.h"
#include "harness/mail/address.h"
#include "harness/mail/rfc5322.h"

static void set_client(struct sender *s, struct span text, enum sender_source source)
{
	if (!s->has_client && ip_parse(text, &s->client)) {
		s->has_client = true;
		s->client_source = source;
	}
}

static void set_helo(struct sender *s, struct span text, enum sender_source source)
{
	if (!s->has_helo && text.len > 0) {
		s->has_helo = true;
		s->helo = text;
		s->helo_source = source;
	}
}

/* A text without .p was not there at all. */
static void set_mail_from(struct sender *s, struct span text, enum sender_source source)
{
	if (!s->has_mail_from && text.p) {
		s->has_mail_from = true;
		s->mail_from = address_of_path(text);
		s->mail_from_source = source;
	}
}

/* A word that is long enough for every address, so that looking at many of them stays linear. */
static struct span word_at(struct span text, size_t at)
{
	struct lexer l = { span_sub(text, at, IP_TEXT_MAX), 0 };
	return lexer_run(&l, is_not_space);
}

/* The address in the comment of an SPF result:
 *   sender IP is 192.0.2.1
 *   google.com: 192.0.2.1 is neither permitted nor denied by domain of a@example.net
 *   google.com: domain of a@example.net designates 192.0.2.1 as permitted sender
 *   example.net does not designate 192.0.2.1 as permitted sender
 * The first two stand in front of the quoted sender; of the others the last counts, which stands behind it. */
static void read_comment(struct sender *s, struct span comment, enum sender_source source)
{
	struct span head = SPAN_LIT("sender IP is "), verb = SPAN_LIT("designate"), found = { NULL, 0 };
	struct span host = word_at(comment, 0), word = word_at(comment, host.len + 1);
	if (span_starts_nocase(comment, head)) {
		set_client(s, word_at(comment, head.len), source);
		return;
	}
	if (host.len > 0 && host.p[host.len - 1] == ':' &&
	    span_starts_nocase(span_sub(comment, host.len + 1 + word.len, SIZE_MAX), SPAN_LIT(" is neither permitted")))
		set_client(s, word, source);
	for (ptrdiff_t at = span_find_nocase(comment, verb, 0); at >= 0;
	     at = span_find_nocase(comment, verb, (size_t)at + 1)) {
		size_t end = (size_t)at + verb.len;
		end += span_starts(span_sub(comment, end, 1), SPAN_LIT("s"));
		word = word_at(comment, end + 1);
		if (span_starts_nocase(span_sub(comment, end + 1 + word.len, SIZE_MAX),
				       SPAN_LIT(" as permitted sender")))
			found = word;
	}
	set_client(s, found, source);
}

static bool is_key(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static bool is_value(char c)
{
	return !ascii_is_space(c) && c != ';';
}

static void take_pair(struct sender *s, struct span key, struct span value)
{
	if (span_is_nocase(key, "client-ip"))
		set_client(s, value, SENDER_RECEIVED_SPF);
	else if (span_is_nocase(key, "helo"))
		set_helo(s, value, SENDER_RECEIVED_SPF);
	else if (span_is_nocase(key, "envelope-from"))
		set_mail_from(s, value, SENDER_RECEIVED_SPF);
}

/* RFC 7208 section 9.1: a result, a comment, pairs. A value with quoted pairs in it is left out. */
static void read_received_spf(struct sender *s, struct span value)
{
	struct lexer l = { value, 0 };
	struct span comment = { NULL, 0 };
	while (lexer_peek(&l) >= 0) {
		struct span inner = { NULL, 0 };
		if (lexer_comment(&l, &inner) > 0) {
			comment = comment.p ? comment : inner;
			continue;
		}
		struct span key = lexer_run(&l, is_key);
		if (key.len == 0) {
			l.at++;
			continue;
		}
		lexer_fws(&l);
		if (!lexer_char(&l, '='))
			continue;
		lexer_fws(&l);
		int quoted = lexer_quoted(&l, &inner);
		if (quoted < 0)
			break;
		if (quoted == 0)
			inner = lexer_run(&l, is_value);
		if (quoted == 0 || span_find_char(inner, '\\', 0) < 0)
			take_pair(s, key, inner);
	}
	read_comment(s, comment, SENDER_RECEIVED_SPF);
}

static void read_method(struct sender *s, const struct authres_method *m)
{
	bool spf = span_is_nocase(m->method, "spf");
	if (spf || span_is_nocase(m->method, "iprev")) {
		set_client(s, authres_property_get(m, "smtp", "remote-ip"), SENDER_AUTHRES);
		set_client(s, authres_property_get(m, "policy", "iprev"), SENDER_AUTHRES);
	}
	if (!spf)
		return;
	read_comment(s, m->comment, SENDER_AUTHRES);
	set_helo(s, authres_property_get(m, "smtp", "helo"), SENDER_AUTHRES);
	set_mail_from(s, authres_property_get(m, "smtp", "mailfrom"), SENDER_AUTHRES);
	set_mail_from(s, authres_property_get(m, "smtp", "mail"), SENDER_AUTHRES);
}

static void read_boundary_hop(struct sender *s, const struct received *r)
{
	set_client(s, r->from_ip, SENDER_RECEIVED);
	set_helo(s, r->from_helo, SENDER_RECEIVED);
	if (r->envelope_from.len > 0)
		set_mail_from(s, r->envelope_from, SENDER_RECEIVED);
}

/* Above the boundary hop the field that stands nearest counts first, below it the first one alone. */
static void sender_read_received_spf(struct sender *s, const struct header *header, const struct theirs *theirs)
{
	static const char name[] = "Received-SPF";
	size_t boundary = theirs->hops.v[theirs->boundary].field;
	for (size_t i = boundary; i-- > 0;)
		if (span_is_nocase(header->fields[i].name, name))
			read_received_spf(s, header->fields[i].value);
	ptrdiff_t below = header_find(header, name, boundary + 1);
	if (below >= 0 && theirs_wrote(theirs, (size_t)below))
		read_received_spf(s, header->fields[below].value);
}

static void sender_read_field(struct sender *s, const struct theirs_header *th)
{
	for (size_t k = 0; k < th->results.method_count; k++)
		if (theirs_believes(th, &th->results.methods[k]))
			read_method(s, &th->results.methods[k]);
}

static void sender_read_results(struct sender *s, const struct theirs *theirs)
{
	size_t above = 0;
	while (above < theirs->header_count &&
	       hops_trusted(&theirs->hops, theirs->boundary, theirs->headers[above].field))
		above++;
	for (size_t i = above; i-- > 0;)
		sender_read_field(s, &theirs->headers[i]);
	for (size_t i = above; i < theirs->header_count; i++)
		sender_read_field(s, &theirs->headers[i]);
}

void sender_find(const struct header *header, const struct theirs *theirs, struct sender *ret)
{
	struct sender s = { 0 };
	if (theirs->boundary >= 0) {
		ptrdiff_t path = header_find(header, "Return-Path", 0);
		if (path >= 0 && theirs_wrote(theirs, (size_t)path))
			set_mail_from(&s, header->fields[path].value, SENDER_RECEIVED);
		if (theirs->outside)
			read_boundary_hop(&s, &theirs->hops.v[theirs->boundary].received);
		sender_read_received_spf(&s, header, theirs);
	}
	sender_read_results(&s, theirs);
	*ret = s;
}
