/* Rule packs. Pure: the text of a file in, rules out. */
#include "harness/judge/rule.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "harness/model/finding.h"

enum { TEXT_MAX = 1000, FINDINGS_MAX = 200, TITLE_LEN = 5 };

enum key { KEY_TEXT, KEY_SINCE, KEY_SEVERITY, KEY_SOURCE, KEY_FINDINGS, KEY_COUNT };
static const char *const key_names[KEY_COUNT] = { "text", "since", "severity", "source", "findings" };

static int rule_refuse(struct error *err, const char *what, struct span value, const char *accepted)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: \"%.*s\" cannot be: %s", what,
			 SPAN_ARG(span_sub(value, 0, 100)), accepted);
}

/* `WORD.WORD` of letters, digits and hyphens; for what a rule demands also `WORD.*`. */
static bool is_id(struct span id, bool pattern)
{
	ptrdiff_t dot = span_find_char(id, '.', 0);
	if (dot <= 0 || (size_t)dot + 1 == id.len)
		return false;
	if (pattern && span_is(span_sub(id, (size_t)dot + 1, SIZE_MAX), "*"))
		id.len -= 2;
	for (size_t i = 0; i < id.len; i++)
		if (!ascii_is_alnum(id.p[i]) && id.p[i] != '-' && (ptrdiff_t)i != dot)
			return false;
	return true;
}

static int read_text(char **field, struct span value, struct error *err)
{
	char text[TEXT_MAX];
	*field = span_dup(span_of(escape_text(text, sizeof(text), value)));
	return *field ? 0 : error_memory(err);
}

/* A slip of the pen would demand nothing, and nobody would notice. */
static int check_finding(struct span id, struct error *err)
{
	struct span pattern = id;
	if (id.p[id.len - 1] == '*')
		pattern.len--;
	for (size_t i = 0; i < finding_id_count; i++)
		if (pattern.len < id.len ? span_starts(span_of(finding_ids[i]), pattern) : span_is(id, finding_ids[i]))
			return 0;
	const char *nearest = text_nearest(id, finding_ids, finding_id_count);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "findings: there is no finding \"%.*s\"%s%s%s",
			 SPAN_ARG(id), nearest ? ": did you mean \"" : "", nearest ? nearest : "",
			 nearest ? "\"?" : "");
}

static int read_findings(struct rule *rule, struct span value, struct error *err)
{
	struct span rest = value, id;
	rule->findings = calloc(FINDINGS_MAX, sizeof(*rule->findings));
	if (!rule->findings)
		return error_memory(err);
	while (span_next(&rest, ',', &id)) {
		id = span_trim(id);
		if (!is_id(id, true))
			return rule_refuse(err, "findings", id,
					   "write ids of doc/findings.md, as in mx.starttls or spf.*");
		if (check_finding(id, err) < 0)
			return -1;
		if (rule->finding_count == FINDINGS_MAX)
			return rule_refuse(err, "findings", id, "that is too many for one rule");
		if (!(rule->findings[rule->finding_count] = span_dup(id)))
			return error_memory(err);
		rule->finding_count++;
	}
	return 0;
}

static int rule_read_value(struct rule *rule, enum key key, struct span value, struct error *err)
{
	switch (key) {
	case KEY_TEXT:
		return read_text(&rule->text, value, err);
	case KEY_SOURCE:
		return read_text(&rule->source, value, err);
	case KEY_SINCE:
		return time_parse(value, &rule->since_ms)
			   ? 0
			   : rule_refuse(err, "since", value, "write a date, 2024-02-01");
	case KEY_SEVERITY:
		rule->fails = span_is(value, "fail");
		return rule->fails || span_is(value, "warn")
			   ? 0
			   : rule_refuse(err, "severity", value, "write fail or warn");
	default:
		return read_findings(rule, value, err);
	}
}

static int rule_read_key(struct rule *rule, const struct ini_item *item, unsigned *seen, struct error *err)
{
	for (int key = 0; key < KEY_COUNT; key++) {
		if (strcmp(item->key, key_names[key]) != 0)
			continue;
		*seen |= 1u << key;
		if (item->value[0] == '\0')
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s has no value", item->key);
		return rule_read_value(rule, (enum key)key, span_of(item->value), err);
	}
	const char *nearest = text_nearest(span_of(item->key), key_names, KEY_COUNT);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "there is no key \"%s\"%s%s%s", item->key,
			 nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* The id of `[rule ID]`. */
static int read_title(const struct rules *rules, const char *title, char **ret, struct error *err)
{
	struct span id = span_sub(span_of(title), TITLE_LEN, SIZE_MAX);
	if (!span_starts(span_of(title), SPAN_LIT("rule ")) || !is_id(id, false))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "[%s]: a rule pack has sections like [rule example.tls] only", title);
	for (size_t i = 0; i < rules->count; i++)
		if (span_is(id, rules->v[i].id))
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
					 "[%s]: there is a rule of that id already: give this one another", title);
	*ret = span_dup(id);
	return *ret ? 0 : error_memory(err);
}

static void rule_fini(struct rule *rule)
{
	for (size_t i = 0; i < rule->finding_count; i++)
		free(rule->findings[i]);
	free(rule->findings);
	free(rule->id);
	free(rule->text);
	free(rule->source);
}

static int add_rule(struct rules *rules, const struct ini *pack, const struct ini_section *section, struct error *err)
{
	unsigned seen = 0, line = section->line;
	if (vec_grow(&rules->v, rules->count, &rules->cap, sizeof(*rules->v), err) < 0)
		return -1;
	struct rule *rule = &rules->v[rules->count];
	int result = read_title(rules, section->name, &rule->id, err);
	for (size_t i = section->first; i < section->first + section->count && result == 0; i++) {
		line = pack->items[i].line;
		result = rule_read_key(rule, &pack->items[i], &seen, err);
	}
	for (int key = 0; key < KEY_COUNT && result == 0; key++)
		if (!(seen & 1u << key))
			result = error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "[%s]: %s is missing", section->name,
					   key_names[key]);
	if (result == 0) {
		rules->count++;
		return 0;
	}
	rule_fini(rule);
	return err->kind == ERROR_CONFIG ? error_prefix(err, "%s:%u", pack->file, line) : -1;
}

int rules_add(struct rules *rules, const struct ini *pack, struct error *err)
{
	if (ini_check(pack, err) < 0)
		return -1;
	for (size_t i = 0; i < pack->section_count; i++)
		if (add_rule(rules, pack, &pack->sections[i], err) < 0)
			return -1;
	return 0;
}

void rules_fini(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_fini(&rules->v[i]);
	free(rules->v);
	*rules = (struct rules){ 0 };
}

bool rule_demands(const struct rule *rule, const char *finding)
{
	for (size_t i = 0; i < rule->finding_count; i++) {
		struct span id = span_of(rule->findings[i]);
		if (id.p[id.len - 1] == '*' ? span_starts(span_of(finding), span_sub(id, 0, id.len - 1))
					    : span_is(id, finding))
			return true;
	}
	return false;
}
