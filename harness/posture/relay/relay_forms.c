/* The table of address forms. The first sixteen senders and recipients are those that nmap's smtp-open-relay tries; the
 * others are RFC 5321 appendix C and what servers have been seen to fall for. */
#include "harness/posture/relay/relay_forms.h"

#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/compiler.h"

const struct relay_form relay_forms[] = {
	{ "empty sender", "<>", "<{user}@{domain}>" },
	{ "sender of the foreign domain", "<postproof@{domain}>", "<{user}@{domain}>" },
	{ "sender of the host", "<postproof@{host}>", "<{user}@{domain}>" },
	{ "sender of the address", "<postproof@[{ip}]>", "<{user}@{domain}>" },
	{ "percent hack at the address", "<postproof@[{ip}]>", "<{user}%{domain}@[{ip}]>" },
	{ "percent hack at the host", "<postproof@[{ip}]>", "<{user}%{domain}@{host}>" },
	{ "quoted", "<postproof@[{ip}]>", "<\"{user}@{domain}\">" },
	{ "percent hack, quoted", "<postproof@[{ip}]>", "<\"{user}%{domain}\">" },
	{ "two domains, the address last", "<postproof@[{ip}]>", "<{user}@{domain}@[{ip}]>" },
	{ "quoted at the address", "<postproof@[{ip}]>", "<\"{user}@{domain}\"@[{ip}]>" },
	{ "two domains, the host last", "<postproof@[{ip}]>", "<{user}@{domain}@{host}>" },
	{ "source route by the address", "<postproof@[{ip}]>", "<@[{ip}]:{user}@{domain}>" },
	{ "source route by the host", "<postproof@[{ip}]>", "<@{host}:{user}@{domain}>" },
	{ "bang path", "<postproof@[{ip}]>", "<{domain}!{user}>" },
	{ "bang path at the address", "<postproof@[{ip}]>", "<{domain}!{user}@[{ip}]>" },
	{ "bang path at the host", "<postproof@[{ip}]>", "<{domain}!{user}@{host}>" },
	{ "percent hack alone", "<postproof@{helo}>", "<{user}%{domain}>" },
	{ "quoted at the host", "<postproof@{helo}>", "<\"{user}@{domain}\"@{host}>" },
	{ "source route of two", "<postproof@{helo}>", "<@{host},@{domain}:{user}@{domain}>" },
	{ "without brackets", "<postproof@{helo}>", "{user}@{domain}" },
	{ "sender of the service", "<{from}>", "<{user}@{domain}>" },
	{ "sender of localhost", "<postproof@localhost>", "<{user}@{domain}>" },
	{ "sender without a domain", "<postproof>", "<{user}@{domain}>" },
};

const size_t relay_form_count = ARRAY_LEN(relay_forms);

static const char *word_of(struct span name, const struct relay_words *w)
{
	const struct {
		const char *name, *word;
	} words[] = { { "user", w->user }, { "domain", w->domain }, { "host", w->host },
		      { "ip", w->ip },     { "from", w->from },     { "helo", w->helo } };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_is(name, words[i].name))
			return words[i].word;
	return "";
}

bool relay_form_fill(const char *pattern, const struct relay_words *words, char out[RELAY_PATH_MAX])
{
	_cleanup_(buf_fini) struct buf filled = BUF_INIT(RELAY_PATH_MAX - 1);
	struct span rest = span_of(pattern), text, name;
	while (span_next(&rest, '{', &text)) {
		buf_add_span(&filled, text);
		if (rest.p && span_next(&rest, '}', &name))
			buf_add_str(&filled, word_of(name, words));
	}
	return !filled.failed && span_copy(buf_span(&filled), out, RELAY_PATH_MAX);
}
