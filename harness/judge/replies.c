/* Finds the row of the table that fits a reply. Pure. */
#include "harness/judge/replies.h"

#include "harness/base/compiler.h"

enum { REPLY_TEXT_MAX = 8 * 1024 }; /* octets of a text that are searched */

/* Whether the status stands in the text: `.7.26` behind a 4 or 5, with neither digit nor dot and digit around it. */
static bool reply_has_status(struct span text, struct span status)
{
	bool any_class = status.len > 0 && status.p[0] == '.';
	for (ptrdiff_t at = 0; (at = span_find(text, status, (size_t)at)) >= 0; at++) {
		size_t begin = (size_t)at, end = (size_t)at + status.len;
		if (any_class && (begin == 0 || (text.p[begin - 1] != '4' && text.p[begin - 1] != '5')))
			continue;
		begin -= any_class;
		bool before = begin > 0 && (ascii_is_digit(text.p[begin - 1]) || text.p[begin - 1] == '.');
		bool after = end < text.len &&
			     (ascii_is_digit(text.p[end]) ||
			      (text.p[end] == '.' && end + 1 < text.len && ascii_is_digit(text.p[end + 1])));
		if (!before && !after)
			return true;
	}
	return false;
}

static bool reply_fits(const struct reply_meaning *m, struct span status, struct span text, struct span server)
{
	if (m->status && !reply_has_status(status, span_of(m->status)) && !reply_has_status(text, span_of(m->status)))
		return false;
	return !m->mark || span_find_nocase(text, span_of(m->mark), 0) >= 0 ||
	       span_find_nocase(server, span_of(m->mark), 0) >= 0;
}

const struct reply_meaning *reply_meaning_find(const char *status, const char *text, const char *server)
{
	struct span words = span_sub(span_of(text), 0, REPLY_TEXT_MAX);
	for (size_t i = 0; i < reply_meaning_count; i++)
		if (reply_fits(&reply_meanings[i], span_of(status), words, span_of(server)))
			return &reply_meanings[i];
	return NULL;
}
