/* Dot-stuffing. Whatever the content is, it cannot end itself. */
#include "harness/net/smtp_content.h"

bool smtp_content_next(struct span content, size_t *pos, size_t want, struct buf *out)
{
	if (*pos >= content.len)
		return false;
	size_t start = *pos, end = want < content.len - start ? start + want : content.len;
	for (size_t i = start; i < end; i++) {
		if (content.p[i] == '.' && (i == 0 || content.p[i - 1] == '\n')) {
			buf_add(out, content.p + start, i - start);
			buf_add_char(out, '.');
			start = i;
		}
	}
	buf_add(out, content.p + start, end - start);
	if (end == content.len && !(end >= 2 && content.p[end - 2] == '\r' && content.p[end - 1] == '\n'))
		buf_add_str(out, "\r\n");
	*pos = end;
	return true;
}
