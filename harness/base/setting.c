/* Settings by their types. Opens no file and resolves no name. */
#include "harness/base/setting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/utf8.h"

enum { VALUE_MAX = 65536, WORDS_MAX = 300 };

const struct setting_key *setting_find(const struct setting_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->keys[i].name, name) == 0)
			return &table->keys[i];
	return NULL;
}

int setting_refuse(struct error *err, struct span text, const char *accepted)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%.*s\" cannot be used: %s", SPAN_ARG(text), accepted);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* Names as they are, and paths as seen from the folder. */
static char *setting_names_from(const char *base_dir, struct span text)
{
	struct buf out = BUF_INIT(VALUE_MAX);
	struct span rest = text, word;
	while (span_next(&rest, ',', &word)) {
		word = span_trim(word);
		_cleanup_(free_p) char *path = span_find_char(word, '/', 0) >= 0 ? path_from(base_dir, word)
										 : span_dup(word);
		buf_addf(&out, "%s%s", out.len ? ", " : "", path ? path : "");
	}
	return buf_take(&out);
}

/* The text of the field behind what is set. */
static char *setting_text_of(const struct setting_key *key, struct span text, const char *base_dir, const char *before)
{
	char *lines = NULL;
	if (key->type == SETTING_TYPE_PATH)
		return path_from(base_dir, text);
	if (key->type == SETTING_TYPE_NAMES)
		return setting_names_from(base_dir, text);
	if (key->type != SETTING_TYPE_LINES || !before)
		return span_dup(text);
	return asprintf(&lines, "%s\n%.*s", before, SPAN_ARG(text)) < 0 ? NULL : lines;
}

/* File names are octets: nothing is asked of a path. */
static int setting_check_text(const struct setting_key *key, struct span text, struct error *err)
{
	if (key->type != SETTING_TYPE_PATH && key->type != SETTING_TYPE_NAMES && !utf8_valid(text))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the value is not UTF-8");
	return text.len > 0 && key->form && key->form->check ? key->form->check(text, err) : 0;
}

static int setting_set_text(const struct setting_key *key, struct span text, const char *base_dir, char **field,
			    struct error *err)
{
	if (setting_check_text(key, text, err) < 0)
		return -1;
	char *value = setting_text_of(key, text, base_dir, *field);
	if (!value)
		return error_memory(err);
	free(*field);
	*field = value;
	return 0;
}

static void setting_list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static int setting_fill_list(char **list, struct span text, struct error *err)
{
	struct span rest = text, part;
	size_t count = 0;
	while (text.len > 0 && span_next(&rest, ',', &part)) {
		part = span_trim(part);
		if (part.len == 0)
			return setting_refuse(err, text, "an entry is empty");
		if (count == SETTING_LIST_MAX)
			return setting_refuse(err, text, "too many entries");
		if (!(list[count++] = span_dup(part)))
			return error_memory(err);
	}
	return 0;
}

static int setting_set_list(const struct setting_key *key, struct span text, char ***field, struct error *err)
{
	if (setting_check_text(key, text, err) < 0)
		return -1;
	char **list = calloc(SETTING_LIST_MAX + 1, sizeof(*list));
	if (!list)
		return error_memory(err);
	if (setting_fill_list(list, text, err) < 0) {
		setting_list_free(list);
		return -1;
	}
	setting_list_free(*field);
	*field = list;
	return 0;
}

static int setting_set_secret(struct span text, const char *base_dir, struct secret_ref **field, struct error *err)
{
	struct secret_ref *ref;
	if (secret_ref_new(text, base_dir, &ref, err) < 0)
		return -1;
	secret_ref_free(*field);
	*field = ref;
	return 0;
}

static int setting_set_duration(const struct setting_key *key, struct span text, int64_t *field, struct error *err)
{
	int64_t ms;
	char least[TIME_TEXT_MAX], most[TIME_TEXT_MAX];
	if (duration_parse(text, &ms, err) < 0)
		return -1;
	if (ms < key->min || ms > key->max)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%.*s\" is out of range: %s to %s is accepted",
				 SPAN_ARG(text), duration_format(key->min, least), duration_format(key->max, most));
	*field = ms;
	return 0;
}

static int setting_set_number(const struct setting_key *key, struct span text, uint64_t *field, struct error *err)
{
	uint64_t number = 0;
	if (text.len > 0 && (!span_to_u64(text, (uint64_t)key->max, &number) || number < (uint64_t)key->min))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "\"%.*s\" cannot be used: a whole number from %" PRId64 " to %" PRId64 " is accepted",
				 SPAN_ARG(text), key->min, key->max);
	*field = number;
	return 0;
}

static int setting_set_bool(struct span text, bool *field, struct error *err)
{
	bool yes = span_is_nocase(text, "yes");
	if (!yes && !span_is_nocase(text, "no"))
		return setting_refuse(err, text, "write yes or no");
	*field = yes;
	return 0;
}

static bool setting_find_word(const struct setting_key *key, struct span text, unsigned *ret)
{
	for (unsigned i = 0; key->words[i]; i++)
		if (span_is_nocase(text, key->words[i])) {
			*ret = i;
			return true;
		}
	return false;
}

/* `tls, starttls or none`. */
static void setting_list_words(const struct setting_key *key, const char *last, char out[WORDS_MAX])
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; key->words[i] && at < WORDS_MAX; i++) {
		const char *between = i == 0 ? "" : key->words[i + 1] ? ", " : last;
		at += (size_t)snprintf(out + at, WORDS_MAX - at, "%s%s", between, key->words[i]);
	}
}

static int setting_refuse_word(const struct setting_key *key, struct span text, struct error *err)
{
	char words[WORDS_MAX], accepted[WORDS_MAX + 16];
	setting_list_words(key, " or ", words);
	snprintf(accepted, sizeof(accepted), "write %s", words);
	return setting_refuse(err, text, accepted);
}

static int setting_set_word(const struct setting_key *key, struct span text, void *field, struct error *err)
{
	unsigned word;
	if (!setting_find_word(key, text, &word))
		return setting_refuse_word(key, text, err);
	memcpy(field, &word, sizeof(word));
	return 0;
}

static int setting_set_flags(const struct setting_key *key, struct span text, unsigned *field, struct error *err)
{
	struct span rest = text, part;
	unsigned mask = 0, word;
	while (text.len > 0 && span_next(&rest, ',', &part)) {
		if (!setting_find_word(key, span_trim(part), &word)) {
			char words[WORDS_MAX], accepted[WORDS_MAX + 40];
			setting_list_words(key, ", ", words);
			snprintf(accepted, sizeof(accepted), "write some of %s, separated by commas", words);
			return setting_refuse(err, text, accepted);
		}
		mask |= 1U << word;
	}
	*field = mask;
	return 0;
}

int setting_set(const struct setting_key *key, struct span text, const char *base_dir, void *structure,
		struct error *err)
{
	void *field = (char *)structure + key->offset;
	text = span_trim(text);
	if (text.len == 0 && !key->may_be_empty)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "has no value: give it one, or take the line out");
	switch (key->type) {
	case SETTING_TYPE_TEXT:
	case SETTING_TYPE_LINES:
	case SETTING_TYPE_PATH:
	case SETTING_TYPE_NAMES:
		return setting_set_text(key, text, base_dir, field, err);
	case SETTING_TYPE_LIST:
		return setting_set_list(key, text, field, err);
	case SETTING_TYPE_SECRET:
		return setting_set_secret(text, base_dir, field, err);
	case SETTING_TYPE_DURATION:
		return setting_set_duration(key, text, field, err);
	case SETTING_TYPE_NUMBER:
		return setting_set_number(key, text, field, err);
	case SETTING_TYPE_BOOL:
		return setting_set_bool(text, field, err);
	case SETTING_TYPE_WORD:
		return setting_set_word(key, text, field, err);
	case SETTING_TYPE_FLAGS:
		return setting_set_flags(key, text, field, err);
	}
	return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "key %s of no type", key->name);
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static int setting_add_list(char *const *list, struct buf *out)
{
	for (size_t i = 0; list && list[i]; i++)
		if (buf_addf(out, "%s%s", i ? ", " : "", list[i]) < 0)
			return -1;
	return 0;
}

static int setting_add_flags(const struct setting_key *key, unsigned mask, struct buf *out)
{
	const char *between = "";
	for (unsigned i = 0; key->words[i]; i++) {
		if (!(mask & 1U << i))
			continue;
		if (buf_addf(out, "%s%s", between, key->words[i]) < 0)
			return -1;
		between = ", ";
	}
	return 0;
}

static int setting_add_word(const struct setting_key *key, const void *field, struct buf *out)
{
	unsigned word;
	memcpy(&word, field, sizeof(word));
	return buf_add_str(out, key->words[word]);
}

static int setting_add_secret(const struct secret_ref *ref, struct buf *out)
{
	return ref ? buf_add_str(out, secret_ref_text(ref)) : 0;
}

static int setting_add_number(uint64_t number, struct buf *out)
{
	return number ? buf_addf(out, "%" PRIu64, number) : 0;
}

int setting_add_text(const struct setting_key *key, const void *structure, struct buf *out)
{
	const void *field = (const char *)structure + key->offset;
	char duration[TIME_TEXT_MAX];
	switch (key->type) {
	case SETTING_TYPE_TEXT:
	case SETTING_TYPE_LINES:
	case SETTING_TYPE_PATH:
	case SETTING_TYPE_NAMES:
		return buf_add_span(out, span_of(*(char *const *)field));
	case SETTING_TYPE_LIST:
		return setting_add_list(*(char **const *)field, out);
	case SETTING_TYPE_SECRET:
		return setting_add_secret(*(struct secret_ref *const *)field, out);
	case SETTING_TYPE_DURATION:
		return buf_add_str(out, duration_format(*(const int64_t *)field, duration));
	case SETTING_TYPE_NUMBER:
		return setting_add_number(*(const uint64_t *)field, out);
	case SETTING_TYPE_BOOL:
		return buf_add_str(out, *(const bool *)field ? "yes" : "no");
	case SETTING_TYPE_WORD:
		return setting_add_word(key, field, out);
	case SETTING_TYPE_FLAGS:
		return setting_add_flags(key, *(const unsigned *)field, out);
	}
	return -1;
}

const char *setting_accepts(const struct setting_key *key, char out[SETTING_ACCEPTS_MAX])
{
	static const char *const texts[] = {
		[SETTING_TYPE_TEXT] = "text",
		[SETTING_TYPE_LINES] = "text",
		[SETTING_TYPE_PATH] = "a path, relative to the folder of the configuration",
		[SETTING_TYPE_NAMES] = "names and paths, separated by commas",
		[SETTING_TYPE_LIST] = "names, separated by commas",
		[SETTING_TYPE_SECRET] = "env:NAME, file:PATH or cmd:COMMAND",
		[SETTING_TYPE_BOOL] = "yes or no",
	};
	char least[TIME_TEXT_MAX], most[TIME_TEXT_MAX], words[WORDS_MAX] = "";
	if (key->words)
		setting_list_words(key, key->type == SETTING_TYPE_WORD ? " or " : ", ", words);
	if (key->type == SETTING_TYPE_WORD)
		snprintf(out, SETTING_ACCEPTS_MAX, "%s", words);
	else if (key->type == SETTING_TYPE_FLAGS)
		snprintf(out, SETTING_ACCEPTS_MAX, "some of %s, separated by commas", words);
	else if (key->type == SETTING_TYPE_NUMBER)
		snprintf(out, SETTING_ACCEPTS_MAX, "a number from %" PRId64 " to %" PRId64, key->min, key->max);
	else if (key->type == SETTING_TYPE_DURATION)
		snprintf(out, SETTING_ACCEPTS_MAX, "a duration from %s to %s", duration_format(key->min, least),
			 duration_format(key->max, most));
	else
		snprintf(out, SETTING_ACCEPTS_MAX, "%s", key->form ? key->form->accepts : texts[key->type]);
	return out;
}

/* --- tables ----------------------------------------------------------------------------------------------------- */

int settings_init(const struct setting_table *table, void *structure, struct error *err)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct setting_key *key = &table->keys[i];
		if (key->fallback && setting_set(key, span_of(key->fallback), ".", structure, err) < 0)
			return -1;
	}
	return 0;
}

static void setting_clear_field(const struct setting_key *key, void *field)
{
	switch (key->type) {
	case SETTING_TYPE_TEXT:
	case SETTING_TYPE_LINES:
	case SETTING_TYPE_PATH:
	case SETTING_TYPE_NAMES:
		free(*(char **)field);
		*(char **)field = NULL;
		break;
	case SETTING_TYPE_LIST:
		setting_list_free(*(char ***)field);
		*(char ***)field = NULL;
		break;
	case SETTING_TYPE_SECRET:
		secret_ref_free(*(struct secret_ref **)field);
		*(struct secret_ref **)field = NULL;
		break;
	default:
		break;
	}
}

void settings_fini(const struct setting_table *table, void *structure)
{
	for (size_t i = 0; i < table->count; i++)
		setting_clear_field(&table->keys[i], (char *)structure + table->keys[i].offset);
}
