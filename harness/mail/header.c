/* The index of a header block. Pure: it only ever points into what it is given, and it never judges. */
#include "harness/mail/header.h"

#include <stdlib.h>

#include "harness/base/vec.h"

/* One line from offset `at`: its octets with the line end, and without. */
static struct span line_at(struct span s, size_t at, struct span *ret_text)
{
	ptrdiff_t lf = span_find_char(s, '\n', at);
	struct span line = span_sub(s, at, lf < 0 ? SIZE_MAX : (size_t)lf - at + 1);
	size_t len = line.len;
	if (lf >= 0)
		len--;
	if (lf >= 0 && len > 0 && line.p[len - 1] == '\r')
		len--;
	*ret_text = span_sub(line, 0, len);
	return line;
}

static bool is_continuation(struct span line)
{
	return line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* RFC 5322 section 3.6.8, with the white space in front of the colon of section 4.5. Returns the offset of the colon.
 */
static bool split_name(struct span text, struct span *ret_name, size_t *ret_colon)
{
	size_t n = 0;
	while (n < text.len && text.p[n] > 32 && text.p[n] < 127 && text.p[n] != ':')
		n++;
	size_t colon = n;
	while (colon < text.len && (text.p[colon] == ' ' || text.p[colon] == '\t'))
		colon++;
	if (n == 0 || colon == text.len || text.p[colon] != ':')
		return false;
	*ret_name = span_sub(text, 0, n);
	*ret_colon = colon;
	return true;
}

int header_parse(struct header *h, struct span message, struct error *err)
{
	struct header made = { 0 };
	size_t cap = 0, at = 0;
	while (at < message.len) {
		struct span text, name;
		size_t start = at, end, colon;
		at += line_at(message, at, &text).len;
		if (text.len == 0) {
			made.has_empty_line = true;
			break;
		}
		end = start + text.len;
		while (at < message.len && is_continuation(span_sub(message, at, 1))) {
			size_t line = at;
			at += line_at(message, at, &text).len;
			end = line + text.len;
		}
		/* The name stands on the first line: what is split here may only be that line. */
		line_at(message, start, &text);
		if (!split_name(text, &name, &colon)) {
			made.stray_lines++;
			continue;
		}
		if (made.count == HEADER_FIELDS_MAX) {
			made.capped = true;
			continue;
		}
		if (vec_grow(&made.fields, made.count, &cap, sizeof(*made.fields), err) < 0) {
			header_fini(&made);
			return -1;
		}
		made.fields[made.count++] = (struct header_field){
			.name = name,
			.value = span_sub(message, start + colon + 1, end - (start + colon + 1)),
			.raw = span_sub(message, start, at - start),
		};
	}
	made.body_offset = at;
	*h = made;
	return 0;
}

void header_fini(struct header *h)
{
	free(h->fields);
	*h = (struct header){ 0 };
}

ptrdiff_t header_find(const struct header *h, const char *name, size_t from)
{
	struct span wanted = span_of(name);
	for (size_t i = from; i < h->count; i++)
		if (span_eq_nocase(h->fields[i].name, wanted))
			return (ptrdiff_t)i;
	return -1;
}

struct span header_value(const struct header *h, const char *name)
{
	ptrdiff_t i = header_find(h, name, 0);
	return i < 0 ? (struct span){ 0 } : span_trim(h->fields[i].value);
}

int header_unfold(struct span value, struct buf *out)
{
	struct span rest = span_trim(value);
	while (rest.len > 0) {
		size_t n = 0;
		while (n < rest.len && rest.p[n] != '\r' && rest.p[n] != '\n')
			n++;
		buf_add_span(out, span_sub(rest, 0, n));
		while (n < rest.len && (rest.p[n] == '\r' || rest.p[n] == '\n'))
			n++;
		rest = span_sub(rest, n, SIZE_MAX);
	}
	return buf_result(out);
}
