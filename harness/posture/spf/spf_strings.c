/* Strings that run together. A string may end within a term, so only what is surely the beginning of another one is
 * taken for it. */
#include "harness/posture/spf/spf_strings.h"

#include "harness/auth/spf_record.h"

enum { WORD_MAX = 300 /* octets: the longest string, and what stands before it */ };

static struct span first_word(struct span string)
{
	ptrdiff_t space = span_find_char(string, ' ', 0);
	return span_sub(string, 0, space < 0 ? string.len : (size_t)space);
}

/* `include:x`, `-all`, but not `a`, which may as well be the rest of a name. */
static bool begins_term(struct span string)
{
	_cleanup_(buf_fini) struct buf record = BUF_INIT(WORD_MAX);
	struct spf_term term;
	struct spf_fault fault;
	struct span word = first_word(string);
	buf_add_str(&record, "v=spf1 ");
	buf_add_span(&record, word);
	struct spf_reader reader = spf_reader_start(buf_span(&record));
	return spf_reader_next(&reader, &term, &fault) > 0 && term.kind != SPF_UNKNOWN_MODIFIER &&
	       (term.name.len < word.len || term.kind == SPF_ALL);
}

int spf_strings_join(const struct dns_record *record, struct buf *out)
{
	struct span rest = span_make((const char *)record->rdata, record->len);
	int missing = 0;
	while (rest.len > 0) {
		size_t len = (unsigned char)rest.p[0];
		struct span string = span_sub(rest, 1, len);
		if (string.len < len)
			return -1;
		if (out->len > 0 && out->p[out->len - 1] != ' ' && begins_term(string)) {
			buf_add_char(out, ' ');
			missing++;
		}
		buf_add_span(out, string);
		rest = span_sub(rest, 1 + len, SIZE_MAX);
	}
	return out->failed || out->len == 0 ? -1 : missing;
}
