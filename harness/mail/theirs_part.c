/* The provider's part of a header, as its neighbours bound it. Pure. When in doubt a field is the sender's: then a word
 * of the provider's goes unheard, and the trouble says why, but none of the sender's is believed. */
#include "harness/mail/theirs_part.h"

#include "harness/base/compiler.h"

static bool part_is_any(struct span name, const char *const *names)
{
	for (; *names; names++)
		if (span_is_nocase(name, *names))
			return true;
	return false;
}

/* What an author's program writes and no server does. Date and Message-ID are not among them: servers add them where
 * they are missing. */
static bool part_is_authors(struct span name)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To", "Cc", "Subject", NULL };
	return part_is_any(name, names);
}

/* Signatures and hops of the sender's side. */
static bool part_is_senders(struct span name)
{
	static const char *const names[] = {
		"Received", "X-Received", "DKIM-Signature", "X-Google-DKIM-Signature", "DomainKey-Signature", NULL
	};
	return part_is_any(name, names);
}

static bool part_same_text(struct span a, struct span b)
{
	size_t i = 0, k = 0;
	for (;;) {
		while (i < a.len && ascii_is_space(a.p[i]))
			i++;
		while (k < b.len && ascii_is_space(b.p[k]))
			k++;
		if (i == a.len || k == b.len)
			return i == a.len && k == b.len;
		if (a.p[i++] != b.p[k++])
			return false;
	}
}

static bool part_was_sent(const struct header_field *field, const struct header *sent)
{
	for (size_t i = 0; sent && i < sent->count; i++)
		if (span_eq_nocase(field->name, sent->fields[i].name) &&
		    part_same_text(field->value, sent->fields[i].value))
			return true;
	return false;
}

size_t theirs_hops_end(const struct header *h, const struct header *sent)
{
	size_t i = 0;
	while (i < h->count && !(span_is_nocase(h->fields[i].name, "Received") && part_was_sent(&h->fields[i], sent)))
		i++;
	return i;
}

static bool part_is_authored(const struct header_field *field, const struct header *sent)
{
	return part_is_authors(field->name) || part_was_sent(field, sent);
}

size_t theirs_first_sent(const struct header *h, const struct header *sent)
{
	size_t i = 0;
	while (i < h->count && !part_is_authored(&h->fields[i], sent))
		i++;
	return i;
}

size_t theirs_below_end(const struct header *h, const struct header *sent, size_t from)
{
	while (from < h->count && !part_is_senders(h->fields[from].name) && !part_is_authored(&h->fields[from], sent))
		from++;
	return from;
}

static bool part_signature_begins(struct span value, struct span b)
{
	struct span rest = value, tag;
	while (span_next(&rest, ';', &tag)) {
		tag = span_trim(tag);
		ptrdiff_t equals = span_find_char(tag, '=', 0);
		if (equals < 0 || !span_is(span_trim(span_sub(tag, 0, (size_t)equals)), "b"))
			continue;
		size_t at = (size_t)equals + 1, k = 0;
		for (; at < tag.len && k < b.len; at++)
			if (ascii_is_space(tag.p[at]))
				continue;
			else if (tag.p[at] != b.p[k++])
				return false;
		return k == b.len;
	}
	return false;
}

bool theirs_has_signature(const struct header *h, struct span b)
{
	static const char name[] = "DKIM-Signature";
	for (ptrdiff_t i = header_find(h, name, 0); b.len > 0 && i >= 0; i = header_find(h, name, (size_t)i + 1))
		if (part_signature_begins(h->fields[i].value, b))
			return true;
	return false;
}
