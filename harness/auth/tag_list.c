/* Lists of tag=value. Pure, one pass, nothing copied. */
#include "harness/auth/tag_list.h"

#include <stdio.h>

#include "harness/base/utf8.h"

enum { NAME_SHOWN_MAX = 20 };

static bool tag_list_refuse(struct tag_list *list, const char *what, struct span name)
{
	bool shown = name.len > 0 && name.len <= NAME_SHOWN_MAX;
	snprintf(list->problem, sizeof(list->problem), "%s%s%.*s", what, shown ? " " : "", shown ? (int)name.len : 0,
		 name.p ? name.p : "");
	return false;
}

static bool tag_list_is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return s.len > 0 && ascii_is_alpha(s.p[0]);
}

/* White space within is SP, HTAB and folds: a line end with white space behind it. */
static bool is_value(struct span s)
{
	bool ascii = true;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\r' && i + 1 < s.len && s.p[i + 1] == '\n')
			continue;
		if (c == '\n' && i + 1 < s.len && (s.p[i + 1] == ' ' || s.p[i + 1] == '\t'))
			continue;
		if ((c < 32 && c != '\t') || c == 127)
			return false;
		ascii = ascii && c < 128;
	}
	return ascii || utf8_valid(s);
}

static bool tag_list_add(struct tag_list *list, struct span spec)
{
	ptrdiff_t equals = span_find_char(spec, '=', 0);
	struct tag tag = { .name = span_trim(span_sub(spec, 0, equals < 0 ? SIZE_MAX : (size_t)equals)) };
	if (tag.name.len == 0)
		return tag_list_refuse(list, equals < 0 ? "empty tag" : "tag without name", tag.name);
	if (!tag_list_is_name(tag.name))
		return tag_list_refuse(list, "bad name of a tag", (struct span){ 0 });
	if (equals < 0)
		return tag_list_refuse(list, "no equals sign behind tag", tag.name);
	tag.raw = span_sub(spec, (size_t)equals + 1, SIZE_MAX);
	tag.value = span_trim(tag.raw);
	if (!is_value(tag.value))
		return tag_list_refuse(list, "bad octet in the value of tag", tag.name);
	for (size_t i = 0; i < list->count; i++)
		if (span_eq(list->tags[i].name, tag.name))
			return tag_list_refuse(list, "more than one tag", tag.name);
	list->capped = list->count == TAG_LIST_MAX;
	if (list->capped)
		return tag_list_refuse(list, "too many tags", (struct span){ 0 });
	list->tags[list->count++] = tag;
	return true;
}

bool tag_list_parse(struct tag_list *list, struct span text)
{
	struct span rest = { text.p ? text.p : "", text.len }, spec;
	list->count = 0;
	list->capped = false;
	list->problem[0] = '\0';
	while (span_next(&rest, ';', &spec)) {
		bool last = !rest.p;
		if (last && list->count > 0 && span_trim(spec).len == 0)
			return true;
		if (!tag_list_add(list, spec))
			return false;
	}
	return true;
}

const struct tag *tag_list_find(const struct tag_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_is(list->tags[i].name, name))
			return &list->tags[i];
	return NULL;
}

bool tag_next_part(struct span *rest, struct span *ret_part)
{
	if (!span_next(rest, ':', ret_part))
		return false;
	*ret_part = span_trim(*ret_part);
	return true;
}

bool tag_has_part(struct span value, const char *part)
{
	struct span one;
	while (tag_next_part(&value, &one))
		if (span_is_nocase(one, part))
			return true;
	return false;
}
