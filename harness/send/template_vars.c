/* Replaces variables. It must never search what it has put in: a value is text, not a template. */
#include "harness/send/template_vars.h"

#include <stdlib.h>

#include "harness/base/text.h"
#include "harness/base/utf8.h"

enum { NAME_MAX_OCTETS = 64 };

const char *const template_builtins[] = { "to", "from", "tag", "date" };
const size_t template_builtin_count = ARRAY_LEN(template_builtins);

static bool template_vars_is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return s.len > 0 && s.len <= NAME_MAX_OCTETS;
}

int template_var_check(const struct template_var *var, struct error *err)
{
	struct span name = span_of(var->name), value = span_of(var->value);
	if (!template_vars_is_name(name))
		return error_set(
		    err, ERROR_CONFIG, RETRY_NEVER, 0,
		    "\"%s\" cannot be the name of a variable: use letters, digits, \"_\", \"-\" and \".\", at most "
		    "%d",
		    var->name, NAME_MAX_OCTETS);
	for (size_t i = 0; i < template_builtin_count; i++)
		if (span_is(name, template_builtins[i]))
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "the variable \"%s\" is set by postproof: choose another name", var->name);
	if (value.len > TEMPLATE_VALUE_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "the value of variable \"%s\" is longer than %d octets", var->name,
				 TEMPLATE_VALUE_MAX);
	if (!utf8_valid(value))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the value of variable \"%s\" is not UTF-8",
				 var->name);
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "the value of variable \"%s\" holds a control character or line end",
					 var->name);
	return 0;
}

/* The variable at or behind `from`: *ret_end is behind its `}}`. Returns its offset, or -1 where there is none; a
 * variable that is not ended has *ret_end 0. */
static ptrdiff_t next_variable(struct span text, size_t from, struct span *ret_name, size_t *ret_end)
{
	ptrdiff_t at = span_find(text, SPAN_LIT("{{"), from);
	if (at < 0)
		return -1;
	size_t end = (size_t)at + 2;
	while (end < text.len && text.p[end] != '\n' &&
	       !(text.p[end] == '}' && end + 1 < text.len && text.p[end + 1] == '}'))
		end++;
	bool ended = end < text.len && text.p[end] == '}';
	*ret_name = span_trim(span_sub(text, (size_t)at + 2, end - (size_t)at - 2));
	*ret_end = ended ? end + 2 : 0;
	return at;
}

bool template_mentions(struct span text, const char *name)
{
	struct span found;
	size_t end;
	for (size_t from = 0; next_variable(text, from, &found, &end) >= 0 && end; from = end)
		if (span_is(found, name))
			return true;
	return false;
}

/* 1: known, *ret_value is NULL while only names count; 0: unknown. */
static int lookup(const struct template_values *values, struct span name, const char **ret_value)
{
	for (size_t i = 0; i < template_builtin_count; i++) {
		if (span_is(name, template_builtins[i])) {
			*ret_value = values->builtin ? values->builtin[i] : NULL;
			return 1;
		}
	}
	for (size_t i = 0; i < values->own_count; i++) {
		if (span_is(name, values->own[i].name)) {
			*ret_value = values->own[i].value;
			return 1;
		}
	}
	return 0;
}

ptrdiff_t template_expand(struct span text, const struct template_values *values, struct buf *out,
			  struct template_problem *problem)
{
	ptrdiff_t count = 0, at;
	size_t from = 0, end;
	struct span name;
	for (; (at = next_variable(text, from, &name, &end)) >= 0; from = end, count++) {
		const char *value = NULL;
		struct template_problem p = { .at = (size_t)at, .name = span_sub(name, 0, 80) };
		if (!end)
			p.fault = TEMPLATE_UNTERMINATED;
		else if (!template_vars_is_name(name))
			p.fault = TEMPLATE_NO_NAME;
		else if (!lookup(values, name, &value))
			p.fault = TEMPLATE_UNKNOWN;
		else if (values->ascii_only && !span_is_ascii(span_of(value)))
			p.fault = TEMPLATE_NOT_ASCII;
		if (p.fault != TEMPLATE_FINE) {
			*problem = p;
			return -1;
		}
		if (out) {
			buf_add_span(out, span_sub(text, from, (size_t)at - from));
			buf_add_str(out, value ? value : "");
		}
	}
	if (out && buf_add_span(out, span_sub(text, from, text.len)) < 0) {
		*problem = (struct template_problem){ .fault = TEMPLATE_TOO_LARGE };
		return -1;
	}
	return count;
}

/* The known name that was probably meant, or NULL. */
static const char *nearest(struct span name, const struct template_values *values)
{
	size_t count = template_builtin_count + values->own_count;
	const char **names = calloc(count, sizeof(*names));
	if (!names)
		return NULL;
	for (size_t i = 0; i < count; i++)
		names[i] = i < template_builtin_count ? template_builtins[i]
						      : values->own[i - template_builtin_count].name;
	const char *found = text_nearest(name, names, count);
	free(names);
	return found;
}

int template_say_problem(const struct template_problem *p, const struct template_values *values, const char *where,
			 struct error *err)
{
	const char *meant;
	switch (p->fault) {
	case TEMPLATE_UNTERMINATED:
		return error_set(
		    err, ERROR_CONFIG, RETRY_NEVER, 0,
		    "%s: \"{{\" is not ended by \"}}\" on its line (a literal \"{{\" needs a variable of that "
		    "value)",
		    where);
	case TEMPLATE_NO_NAME:
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%s: \"{{%.*s}}\" does not hold the name of a variable", where, SPAN_ARG(p->name));
	case TEMPLATE_UNKNOWN:
		meant = nearest(p->name, values);
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: unknown variable {{%.*s}}%s%s%s", where,
				 SPAN_ARG(p->name),
				 meant ? ": did you mean {{" : ": set it with var.NAME in the message's section",
				 meant ? meant : "", meant ? "}}?" : "");
	case TEMPLATE_NOT_ASCII:
		return error_set(
		    err, ERROR_CONFIG, RETRY_NEVER, 0,
		    "%s: the value of {{%.*s}} is not ASCII and the part is not in UTF-8: say charset=utf-8 in its "
		    "Content-Type",
		    where, SPAN_ARG(p->name));
	case TEMPLATE_TOO_LARGE:
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "%s: too large with its variables replaced", where);
	case TEMPLATE_FINE:
		break;
	}
	return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "%s: no problem", where);
}
