/* Fields of TXT records. One pass, nothing copied. */
#include "harness/posture/engine/record_fields.h"

#include <stddef.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/dns/rdata.h"

enum { NAME_MAX_OCTETS = 32, RDATA_MAX = 65535 };

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_space(s.p[0]))
		s = span_sub(s, 1, s.len);
	return s;
}

bool record_has_version(struct span text, const char *version)
{
	struct span rest = text, first = { 0 };
	span_next(&rest, ';', &first);
	/* Nothing may stand before it. */
	return first.len > 0 && !is_space(first.p[0]) && span_is(trim(first), version);
}

size_t record_find(const struct dns_answer *answer, const char *version, struct buf *ret_text)
{
	size_t found = 0;
	for (size_t i = 0; i < answer->count; i++) {
		_cleanup_(buf_fini) struct buf text = BUF_INIT(RDATA_MAX);
		bool read = rdata_txt(&answer->records[i], &text, NULL);
		if (buf_result(&text) < 0)
			buf_add_buf(ret_text, &text);
		if (!read || !record_has_version(buf_span(&text), version))
			continue;
		if (found++ == 0)
			buf_add_span(ret_text, buf_span(&text));
	}
	return found;
}

bool record_is_extension_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && (i == 0 || name.p[i] == '\0' || !strchr("_-.", name.p[i])))
			return false;
	return name.len > 0 && name.len <= NAME_MAX_OCTETS;
}

bool record_is_extension_value(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < 0x21 || value.p[i] > 0x7e || value.p[i] == '=')
			return false;
	return value.len > 0;
}

int record_next_field(struct span *rest, struct span *ret_name, struct span *ret_value)
{
	struct span field;
	if (!span_next(rest, ';', &field))
		return 0;
	field = trim(field);
	if (field.len == 0 && !rest->p)
		return 0; /* behind the last semicolon */
	ptrdiff_t equals = span_find_char(field, '=', 0);
	if (equals < 0)
		return -1;
	*ret_name = span_sub(field, 0, (size_t)equals);
	*ret_value = span_sub(field, (size_t)equals + 1, field.len);
	return record_is_extension_name(*ret_name) ? 1 : -1;
}
