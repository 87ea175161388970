/* SPF: terms that came and went, and which addresses that lets in or shuts out. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/dns_diff_internal.h"
#include "harness/auth/spf_allowed.h"

enum { SHOWN_MAX = 6, BITS_V4 = 32, BITS_V6 = 128 };

static bool has_term(const struct spf_allowed *allowed, const char *text)
{
	for (size_t i = 0; i < allowed->term_count; i++)
		if (span_eq_nocase(span_of(allowed->terms[i].text), span_of(text)))
			return true;
	return false;
}

static void add_network(struct buf *out, const struct spf_network *network)
{
	char text[IP_TEXT_MAX];
	struct ip ip = network->ip;
	unsigned all = ip.v6 ? BITS_V6 : BITS_V4;
	for (unsigned bit = network->bits; bit < all; bit++)
		ip.octets[bit / 8] &= (unsigned char)~(0x80u >> bit % 8);
	buf_add_str(out, ip_format(&ip, text));
	if (network->bits < all)
		buf_addf(out, "/%u", network->bits);
}

/* Adds the networks of a term that the other record does not cover; returns how many there are. */
static size_t add_networks(struct buf *out, const struct spf_allowed *allowed, size_t term,
			   const struct spf_allowed *other)
{
	size_t count = 0;
	for (size_t i = 0; i < allowed->network_count; i++) {
		const struct spf_network *n = &allowed->networks[i];
		if (n->term != term || spf_allowed_covers(other, n))
			continue;
		if (count++ >= SHOWN_MAX)
			continue;
		buf_add_str(out, count > 1 ? ", " : "");
		add_network(out, n);
	}
	if (count > SHOWN_MAX)
		buf_addf(out, " and %zu more", count - SHOWN_MAX);
	return count;
}

/* What it means that a term which lets somebody send is there no longer, or newly. */
static int say_term(const struct diff *diff, const struct spf_allowed *of, size_t term, const struct spf_allowed *other,
		    bool added, struct error *err)
{
	_cleanup_(buf_fini) struct buf networks = BUF_INIT(DIFF_WHAT_MAX);
	const struct spf_allowed_term *t = &of->terms[term];
	const char *verb = added ? "added" : "removed";
	const char *effect = added ? "now allowed" : "no longer allowed";
	size_t count = add_networks(&networks, of, term, other);
	/* What a term of the other record allows beyond what is known of it may be these. */
	bool doubtful = t->incomplete || (count > 0 && spf_allowed_incomplete(other));
	if (count > 0)
		return diff_say(diff, err, "%s %s: %s %s %s%s", t->text, verb, buf_str(&networks),
				count > 1 ? "are" : "is", effect, doubtful ? ", as far as the answers tell" : "");
	if (doubtful)
		return diff_say(diff, err, "%s %s: whom it allows is not known", t->text, verb);
	return diff_say(diff, err, "%s %s: %s", t->text, verb,
			added ? "it allows nothing that was not allowed before"
			      : "all that it allowed is still allowed by other terms");
}

static int say_terms(const struct diff *diff, const struct spf_allowed *of, const struct spf_allowed *other, bool added,
		     struct error *err)
{
	for (size_t i = 0; i < of->term_count; i++) {
		const struct spf_allowed_term *t = &of->terms[i];
		if (t->kind == SPF_ALL || has_term(other, t->text))
			continue;
		int result = t->qualifier == AUTH_PASS && t->kind <= SPF_REDIRECT
				 ? say_term(diff, of, i, other, added, err)
				 : diff_say(diff, err, "%s %s", t->text, added ? "added" : "removed");
		if (result < 0)
			return -1;
	}
	return 0;
}

/* --- all -------------------------------------------------------------------------------------------------------- */

/* What becomes of senders that no term names, from strict to lax. */
static const struct {
	enum auth_result result;
	const char *what;
} rests[] = {
	{ AUTH_FAIL, "fails" },
	{ AUTH_SOFTFAIL, "is only marked (softfail)" },
	{ AUTH_NEUTRAL, "is neither allowed nor refused" },
	{ AUTH_PASS, "is allowed: anybody may send" },
};

static const struct spf_allowed_term *find_all(const struct spf_allowed *allowed)
{
	for (size_t i = 0; i < allowed->term_count; i++)
		if (allowed->terms[i].kind == SPF_ALL)
			return &allowed->terms[i];
	return NULL;
}

static size_t rest_of(const struct spf_allowed_term *all)
{
	enum auth_result result = all ? all->qualifier : AUTH_NEUTRAL;
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(rests) && rests[i].result != result)
		i++;
	return i;
}

static bool redirects(const struct spf_allowed *allowed)
{
	for (size_t i = 0; i < allowed->term_count; i++)
		if (allowed->terms[i].kind == SPF_REDIRECT)
			return true;
	return false;
}

static int say_all(const struct diff *diff, const struct spf_allowed *older, const struct spf_allowed *newer,
		   struct error *err)
{
	const struct spf_allowed_term *before = find_all(older), *after = find_all(newer);
	/* Without `all` the record that is redirected to says it. */
	if ((!before && redirects(older)) || (!after && redirects(newer)))
		return 0;
	size_t was = rest_of(before), is = rest_of(after);
	if (was == is)
		return 0;
	return diff_say(diff, err, "%s: %s became %s: mail from anywhere else now %s",
			is > was ? "loosened" : "tightened", before ? before->text : "no all",
			after ? after->text : "no all", rests[is].what);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

int diff_spf(const struct diff *diff, struct span older, struct span newer, struct error *err)
{
	_cleanup_(spf_allowed_fini) struct spf_allowed before = { 0 }, after = { 0 };
	const size_t said = diff->out->count;
	if (spf_allowed_read(diff->name, diff->older, &before, err) < 0 ||
	    spf_allowed_read(diff->name, diff->newer, &after, err) < 0)
		return -1;
	if (say_terms(diff, &before, &after, false, err) < 0 || say_terms(diff, &after, &before, true, err) < 0 ||
	    say_all(diff, &before, &after, err) < 0)
		return -1;
	if (diff->out->count > said)
		return 0;
	return diff_say(diff, err, "%.*s became %.*s: the same terms in another form or order", SPAN_ARG(older),
			SPAN_ARG(newer));
}
