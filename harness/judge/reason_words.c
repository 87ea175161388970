/* What every sentence for people is made with. Must never let an octet of a server through unescaped, nor a text of any
 * length. */
#include "harness/judge/reason_words.h"

#include <string.h>

#include "harness/base/text.h"

enum { FOREIGN_MAX = 400 }; /* octets of one text of a server that a sentence quotes */

/* Adds a text of a stranger: runs of blanks and line ends made one space, the rest escaped, cut where it is long. */
void reason_add_foreign(struct buf *b, const char *text)
{
	struct span s = span_trim(span_of(text));
	bool cut = s.len > FOREIGN_MAX;
	if (cut) {
		s.len = FOREIGN_MAX;
		while (s.len > FOREIGN_MAX - 3 && (s.p[s.len] & 0xc0) == 0x80)
			s.len--;
	}
	size_t from = 0;
	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && !ascii_is_space(s.p[i]))
			continue;
		if (i > from) {
			if (from > 0)
				buf_add_char(b, ' ');
			text_add_escaped(b, span_sub(s, from, i - from));
		}
		from = i + 1;
	}
	if (cut)
		buf_add_str(b, "...");
}

bool reason_has(const char *text)
{
	return text && span_trim(span_of(text)).len > 0;
}

/* Ends the sentence, unless what it quoted last has done so. */
void reason_add_stop(struct buf *b)
{
	if (b->len == 0 || !strchr(".!?", b->p[b->len - 1]))
		buf_add_char(b, '.');
}
