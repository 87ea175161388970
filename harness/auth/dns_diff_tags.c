/* Records of tags: DMARC and DKIM by what they mean, and tag by tag. */
#include <string.h>

#include "harness/base/base64.h"
#include "harness/auth/dkim_key.h"
#include "harness/auth/dmarc_record.h"
#include "harness/auth/dns_diff_internal.h"
#include "harness/auth/tag_list.h"

enum { VALUE_SHOWN_MAX = 200, KEY_WORDS_MAX = 160 };

/* --- tag by tag ------------------------------------------------------------------------------------------------- */

static struct span shown(const struct tag *tag)
{
	return span_sub(tag->value, 0, VALUE_SHOWN_MAX);
}

/* Whether the tag is one of a list of names with colons around them, `:p:sp:`. */
static bool dns_diff_tags_is_one_of(struct span name, const char *names)
{
	char wanted[VALUE_SHOWN_MAX];
	snprintf(wanted, sizeof(wanted), ":%.*s:", SPAN_ARG(span_sub(name, 0, VALUE_SHOWN_MAX / 2)));
	return strstr(names, wanted) != NULL;
}

static const struct tag *find(const struct tag_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_eq(list->tags[i].name, name))
			return &list->tags[i];
	return NULL;
}

/* Tags that changed, but for those in `said`. */
static int say_tags(const struct diff *diff, struct span older, struct span newer, const char *said, struct error *err)
{
	struct tag_list before, after;
	tag_list_parse(&before, older);
	tag_list_parse(&after, newer);
	if (after.problem[0] && !before.problem[0] &&
	    diff_say(diff, err, "the record can no longer be read: %s", after.problem) < 0)
		return -1;
	for (size_t i = 0; i < before.count; i++) {
		const struct tag *old = &before.tags[i], *new = find(&after, old->name);
		if (dns_diff_tags_is_one_of(old->name, said) || (new &&span_eq(old->value, new->value)))
			continue;
		int result = new ? diff_say(diff, err, "%.*s changed: %.*s became %.*s", SPAN_ARG(old->name),
					    SPAN_ARG(shown(old)), SPAN_ARG(shown(new)))
				 : diff_say(diff, err, "%.*s=%.*s removed", SPAN_ARG(old->name), SPAN_ARG(shown(old)));
		if (result < 0)
			return -1;
	}
	for (size_t i = 0; i < after.count; i++) {
		const struct tag *new = &after.tags[i];
		if (!dns_diff_tags_is_one_of(new->name, said) && !find(&before, new->name) &&
		    diff_say(diff, err, "%.*s=%.*s added", SPAN_ARG(new->name), SPAN_ARG(shown(new))) < 0)
			return -1;
	}
	return 0;
}

/* Where nothing has been said since: the texts differ, but in form only. */
static int say_form(const struct diff *diff, size_t said, struct error *err)
{
	return diff->out->count > said ? 0 : diff_say(diff, err, "the same tags in another form or order");
}

int diff_tags(const struct diff *diff, struct span older, struct span newer, struct error *err)
{
	const size_t said = diff->out->count;
	return say_tags(diff, older, newer, "", err) < 0 ? -1 : say_form(diff, said, err);
}

/* --- DMARC ------------------------------------------------------------------------------------------------------ */

static const char *policy_words(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_ABSENT ? "absent" : dmarc_policy_name(policy);
}

/* The policy that holds for a tag: that of the tag before it where it is absent itself (RFC 9989 section 4.7). */
static enum dmarc_policy effective(const struct dmarc_record *r, int tag)
{
	enum dmarc_policy p = r->p == DMARC_POLICY_ABSENT ? DMARC_POLICY_NONE : r->p;
	enum dmarc_policy sp = r->sp == DMARC_POLICY_ABSENT ? p : r->sp;
	return tag == 0 ? p : tag == 1 ? sp : r->np == DMARC_POLICY_ABSENT ? sp : r->np;
}

static int say_policies(const struct diff *diff, const struct dmarc_record *before, const struct dmarc_record *after,
			struct error *err)
{
	static const struct {
		const char *tag, *whom;
	} policies[] = { { "p", "the domain" }, { "sp", "its subdomains" }, { "np", "subdomains that do not exist" } };
	const enum dmarc_policy was[] = { before->p, before->sp, before->np };
	const enum dmarc_policy is[] = { after->p, after->sp, after->np };
	for (int i = 0; i < (int)ARRAY_LEN(policies); i++) {
		if (was[i] == is[i])
			continue;
		enum dmarc_policy old = effective(before, i), new = effective(after, i);
		if (diff_say(diff, err, "policy for %s %s: %s=%s became %s", policies[i].whom,
			     old == new  ? "unchanged, but written otherwise"
			     : new > old ? "tightened"
					 : "loosened",
			     policies[i].tag, policy_words(was[i]), policy_words(is[i])) < 0)
			return -1;
	}
	return 0;
}

static int say_alignment(const struct diff *diff, const char *tag, bool was_strict, bool is_strict, struct error *err)
{
	if (was_strict == is_strict)
		return 0;
	return diff_say(diff, err, "alignment %s: %s=%c became %c", is_strict ? "tightened" : "loosened", tag,
			was_strict ? 's' : 'r', is_strict ? 's' : 'r');
}

static bool has_uri(const struct dmarc_record *record, const struct dmarc_uri *uri)
{
	for (size_t i = 0; i < record->uri_count; i++)
		if (record->uris[i].failure == uri->failure && span_eq(record->uris[i].uri, uri->uri))
			return true;
	return false;
}

static int say_uris(const struct diff *diff, const struct dmarc_record *of, const struct dmarc_record *other,
		    const char *verb, struct error *err)
{
	for (size_t i = 0; i < of->uri_count; i++)
		if (!has_uri(other, &of->uris[i]) &&
		    diff_say(diff, err, "%s reports to %.*s %s", of->uris[i].failure ? "failure" : "aggregate",
			     SPAN_ARG(of->uris[i].uri), verb) < 0)
			return -1;
	return 0;
}

static int say_dmarc(const struct diff *diff, const struct dmarc_record *before, const struct dmarc_record *after,
		     struct error *err)
{
	if (say_policies(diff, before, after, err) < 0 ||
	    say_alignment(diff, "adkim", before->strict_dkim, after->strict_dkim, err) < 0 ||
	    say_alignment(diff, "aspf", before->strict_spf, after->strict_spf, err) < 0)
		return -1;
	if (before->testing != after->testing &&
	    diff_say(diff, err, "%s",
		     after->testing ? "loosened: t=y added, receivers apply the next weaker policy"
				    : "tightened: t=y removed, receivers apply the whole policy") < 0)
		return -1;
	if (say_uris(diff, before, after, "removed", err) < 0)
		return -1;
	return say_uris(diff, after, before, "added", err);
}

int diff_dmarc(const struct diff *diff, struct span older, struct span newer, struct error *err)
{
	_cleanup_(dmarc_record_fini) struct dmarc_record before = { 0 }, after = { 0 };
	const size_t said = diff->out->count;
	int was = dmarc_record_parse(older, DMARC_RFC9989, &before, err);
	int is = was < 0 ? -1 : dmarc_record_parse(newer, DMARC_RFC9989, &after, err);
	if (is < 0 || (was && is && say_dmarc(diff, &before, &after, err) < 0) ||
	    say_tags(diff, older, newer, was && is ? ":v:p:sp:np:adkim:aspf:t:rua:ruf:" : "", err) < 0)
		return -1;
	return say_form(diff, said, err);
}

/* --- DKIM ------------------------------------------------------------------------------------------------------- */

static const char *key_words(const struct dkim_key *key, char out[KEY_WORDS_MAX])
{
	if (key->problem[0])
		snprintf(out, KEY_WORDS_MAX, "none that can be used (%s)", key->problem);
	else if (key->ed25519)
		snprintf(out, KEY_WORDS_MAX, "Ed25519");
	else
		snprintf(out, KEY_WORDS_MAX, "RSA, %u bits", key->bits);
	return out;
}

/* The public key as written, without the white space in it. */
static bool same_key(struct span older, struct span newer)
{
	unsigned char a[4096], b[4096];
	size_t a_len, b_len;
	struct tag_list before, after;
	tag_list_parse(&before, older);
	tag_list_parse(&after, newer);
	const struct tag *was = tag_list_find(&before, "p"), *is = tag_list_find(&after, "p");
	if (!was || !is || !base64_decode(was->value, BASE64_TAG, a, sizeof(a), &a_len) ||
	    !base64_decode(is->value, BASE64_TAG, b, sizeof(b), &b_len))
		return was && is && span_eq(was->value, is->value);
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static int say_key(const struct diff *diff, const struct dkim_key *before, const struct dkim_key *after,
		   struct error *err)
{
	char was[KEY_WORDS_MAX], is[KEY_WORDS_MAX];
	if (after->revoked)
		return diff_say(diff, err, "key revoked: p= is empty, signatures with it no longer verify");
	if (before->revoked)
		return diff_say(diff, err, "key published again: %s", key_words(after, is));
	return diff_say(diff, err, "key replaced: %s became %s; signatures made with the old key no longer verify",
			key_words(before, was), key_words(after, is));
}

int diff_dkim(const struct diff *diff, struct span older, struct span newer, struct error *err)
{
	_cleanup_(dkim_key_fini) struct dkim_key before = { 0 }, after = { 0 };
	const size_t said = diff->out->count;
	if (dkim_key_read(&before, older, err) < 0 || dkim_key_read(&after, newer, err) < 0)
		return -1;
	if (!same_key(older, newer) && say_key(diff, &before, &after, err) < 0)
		return -1;
	if (say_tags(diff, older, newer, ":p:", err) < 0)
		return -1;
	return say_form(diff, said, err);
}
