/* INI files. inih splits a line into its name and its value and knows which line goes on with the one before; this file
 * hands it one clean line at a time, and so knows the number of the line that inih speaks of. It must never hand inih a
 * line that it would cut, since its buffers are fixed when it is built: of a longer line inih gets the beginning, in
 * which the name stands, and the rest is put behind the value here. */
#include "harness/base/ini.h"

#include <ini.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/escape.h"
#include "harness/base/file.h"
#include "harness/base/utf8.h"
#include "harness/base/vec.h"

enum { NAME_MAX_OCTETS = 400, PROBLEM_TEXT_MAX = 400 };

/* What the line that was handed to inih last must come back as. */
enum given { GIVEN_NOTHING, GIVEN_SETTING, GIVEN_MORE };

struct builder {
	struct ini *ini;
	size_t section_cap, item_cap, problem_cap;
	struct span rest; /* the octets that were not read yet */
	unsigned line;    /* number of the line that was read last */
	enum given given;
	struct span tail; /* what inih was not handed of it */
	bool answered;    /* inih called back for it */
	bool open;        /* the last item still collects its value */
	struct buf value;
	struct error error; /* of a callback: kind NONE while all is well */
};

static int problem(struct builder *b, unsigned line, const char *fmt, ...) ATTR_PRINTF(3, 4);

static int problem(struct builder *b, unsigned line, const char *fmt, ...)
{
	struct ini *ini = b->ini;
	char raw[PROBLEM_TEXT_MAX], text[PROBLEM_TEXT_MAX];
	if (ini->problem_count == INI_PROBLEMS_MAX)
		return 0;
	va_list args;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	escape_text(text, sizeof(text), span_of(raw));
	if (vec_grow(&ini->problems, ini->problem_count, &b->problem_cap, sizeof(*ini->problems), &b->error) < 0)
		return -1;
	char *copy = strdup(text);
	if (!copy)
		return error_memory(&b->error);
	ini->problems[ini->problem_count++] = (struct ini_problem){ .line = line, .text = copy };
	return 0;
}

/* Hands the collected value over to the item that it belongs to. */
static int close_item(struct builder *b)
{
	if (!b->open)
		return 0;
	b->open = false;
	char *value = buf_take(&b->value);
	if (!value)
		return error_memory(&b->error);
	b->ini->items[b->ini->item_count - 1].value = value;
	return 0;
}

static int add_section(struct builder *b, struct span name, unsigned line)
{
	struct ini *ini = b->ini;
	if (close_item(b) < 0 ||
	    vec_grow(&ini->sections, ini->section_count, &b->section_cap, sizeof(*ini->sections), &b->error) < 0)
		return -1;
	char *copy = span_dup(name);
	if (!copy)
		return error_memory(&b->error);
	ini->sections[ini->section_count++] =
	    (struct ini_section){ .name = copy, .line = line, .first = ini->item_count };
	return 0;
}

/* inih trims what it is handed, so that blanks before the tail are left only where the value begins there. */
static int add_value(struct builder *b, const char *value)
{
	buf_add_str(&b->value, value);
	buf_add_span(&b->value, *value ? b->tail : span_trim(b->tail));
	return b->value.failed ? error_memory(&b->error) : 0;
}

static int add_item(struct builder *b, const char *key, const char *value)
{
	struct ini *ini = b->ini;
	if (ini->section_count == 0 && add_section(b, SPAN_LIT(""), 0) < 0)
		return -1;
	if (close_item(b) < 0 ||
	    vec_grow(&ini->items, ini->item_count, &b->item_cap, sizeof(*ini->items), &b->error) < 0)
		return -1;
	char *copy = strdup(key);
	if (!copy)
		return error_memory(&b->error);
	struct ini_section *section = &ini->sections[ini->section_count - 1];
	ini->items[ini->item_count++] = (struct ini_item){ .section = section->name, .key = copy, .line = b->line };
	section->count++;
	b->open = true;
	return add_value(b, value);
}

/* inih's callback. Its name for the section, and for the key of a line that goes on, may be cut: they are not used. */
static int on_setting(void *argument, const char *section, const char *name, const char *value)
{
	struct builder *b = argument;
	b->answered = true;
	if (b->given == GIVEN_MORE && b->open) {
		if (b->value.len > 0 && *value)
			buf_add_char(&b->value, ' ');
		add_value(b, value);
		return 1;
	}
	if (!*name)
		problem(b, b->line, "no name stands before the \"=\": write `key = value`");
	else if (strlen(name) > NAME_MAX_OCTETS)
		problem(b, b->line, "the name before the \"=\" is too long");
	else
		add_item(b, name, value);
	return 1;
}

/* Without what a `;` behind a blank begins. */
static struct span strip_comment(struct span line)
{
	for (size_t i = 1; i < line.len; i++)
		if (line.p[i] == ';' && (line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return span_trim(span_sub(line, 0, i));
	return line;
}

/* Whether the line begins as a setting does, `word =`: then its indentation means nothing. */
static bool looks_like_setting(struct span line)
{
	size_t i = 0;
	while (i < line.len && (ascii_is_alnum(line.p[i]) || memchr("._-", line.p[i], 3)))
		i++;
	struct span after = span_trim(span_sub(line, i, line.len));
	return i > 0 && after.len > 0 && after.p[0] == '=';
}

static void read_section(struct builder *b, struct span line)
{
	ptrdiff_t end = span_find_char(line, ']', 0);
	if (end < 0 || (size_t)end + 1 < line.len)
		problem(b, b->line,
			end < 0 ? "the section line has no \"]\": write `[name]`"
				: "something stands behind the \"]\": give it a line of its own");
	struct span rest = span_trim(span_sub(line, 1, end < 0 ? line.len : (size_t)end - 1)), word;
	struct buf name = BUF_INIT(NAME_MAX_OCTETS);
	while (rest.len > 0) {
		size_t n = 0;
		while (n < rest.len && !ascii_is_space(rest.p[n]))
			n++;
		word = span_sub(rest, 0, n);
		if (name.len > 0)
			buf_add_char(&name, ' ');
		buf_add_span(&name, word);
		rest = span_trim(span_sub(rest, n, rest.len));
	}
	if (buf_check_memory(&name, &b->error) < 0 || name.failed)
		problem(b, b->line, "the section's name is too long");
	else if (name.len == 0)
		problem(b, b->line, "the section has no name: write `[name]`");
	else
		add_section(b, buf_span(&name), b->line);
	buf_fini(&name);
}

/* The first octet that has no place in a text file, or -1. */
static ptrdiff_t find_foreign(struct span line)
{
	for (size_t i = 0; i < line.len;) {
		uint32_t code = 0;
		size_t n = utf8_next(span_sub(line, i, line.len), &code);
		if (n == 0 || (utf8_is_control(code) && code != '\t'))
			return (ptrdiff_t)i;
		i += n;
	}
	return -1;
}

/* The beginning of the line that inih has room for. It ends before a blank or not at all in one, so that what inih
 * trims there is none of the value's. */
static struct span cut_line(struct builder *b, struct span line, size_t room)
{
	size_t at = room;
	if (line.len <= room)
		return line;
	while (at > 1 && (line.p[at - 1] == ' ' || line.p[at - 1] == '\t'))
		at--;
	b->tail = span_sub(line, at, line.len);
	return span_sub(line, 0, at);
}

/* Decides what inih gets for a line; the empty span where it has no part in it. */
static struct span prepare_line(struct builder *b, struct span line, size_t room)
{
	const struct span nothing = { "", 0 };
	b->tail = nothing;
	b->given = GIVEN_NOTHING;
	ptrdiff_t foreign = find_foreign(line);
	if (foreign >= 0) {
		problem(b, b->line, "octet 0x%02x at column %zu has no place in a text file: save the file as UTF-8",
			(unsigned char)line.p[foreign], (size_t)foreign + 1);
		return nothing;
	}
	bool indented = line.len > 0 && ascii_is_space(line.p[0]);
	struct span text = span_trim(line);
	if (text.len == 0 || text.p[0] == ';' || text.p[0] == '#')
		return nothing;
	text = strip_comment(text);
	if (text.p[0] == '[') {
		read_section(b, text);
		return SPAN_LIT("[s]"); /* so that inih forgets the key above; the name does not matter to it */
	}
	text = cut_line(b, text, room);
	b->given = indented && b->open && !looks_like_setting(text) ? GIVEN_MORE : GIVEN_SETTING;
	b->answered = false;
	return text;
}

static void check_answer(struct builder *b)
{
	if (b->given == GIVEN_SETTING && !b->answered)
		problem(b, b->line, "neither `[section]` nor `key = value`");
	b->given = GIVEN_NOTHING;
}

/* inih's source of lines, as fgets: size counts the NUL. */
static char *ini_next_line(char *out, int size, void *argument)
{
	struct builder *b = argument;
	struct span line;
	check_answer(b);
	if (b->error.kind != ERROR_NONE || size < 8 || b->rest.len == 0 || !span_next(&b->rest, '\n', &line))
		return NULL;
	b->line++;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	struct span text = prepare_line(b, line, (size_t)size - 3);
	snprintf(out, (size_t)size, "%s%.*s\n", b->given == GIVEN_MORE ? " " : "", SPAN_ARG(text));
	return out;
}

static int by_name_then_line(const void *a, const void *b)
{
	const struct ini_section *x = *(const struct ini_section *const *)a, *y = *(const struct ini_section *const *)b;
	int order = strcmp(x->name, y->name);
	return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

static int by_key_then_line(const void *a, const void *b)
{
	const struct ini_item *x = *(const struct ini_item *const *)a, *y = *(const struct ini_item *const *)b;
	int order = strcmp(x->key, y->key);
	return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

static int by_line(const void *a, const void *b)
{
	const struct ini_problem *x = a, *y = b;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void twin_keys(struct builder *b, const struct ini_item *one, const struct ini_item *two)
{
	struct ini *ini = b->ini;
	size_t before = ini->problem_count;
	if (strcmp(one->key, two->key) != 0)
		return;
	problem(b, two->line, "[%s] %s: is given in line %u already: keep one of them", two->section, two->key,
		one->line);
	if (ini->problem_count > before)
		ini->problems[before].twin = two;
}

static int find_twins(struct builder *b)
{
	struct ini *ini = b->ini;
	size_t most = ini->section_count > ini->item_count ? ini->section_count : ini->item_count;
	_cleanup_(free_p) const void **sorted = calloc(most + 1, sizeof(*sorted));
	if (!sorted)
		return error_memory(&b->error);
	for (size_t i = 0; i < ini->section_count; i++)
		sorted[i] = &ini->sections[i];
	qsort(sorted, ini->section_count, sizeof(*sorted), by_name_then_line);
	for (size_t i = 1; i < ini->section_count; i++) {
		const struct ini_section *one = sorted[i - 1], *two = sorted[i];
		if (strcmp(one->name, two->name) == 0)
			problem(b, two->line, "[%s] stands in line %u already: keep one of them", two->name, one->line);
	}
	for (size_t s = 0; s < ini->section_count; s++) {
		const struct ini_section *section = &ini->sections[s];
		for (size_t i = 0; i < section->count; i++)
			sorted[i] = &ini->items[section->first + i];
		qsort(sorted, section->count, sizeof(*sorted), by_key_then_line);
		for (size_t i = 1; i < section->count; i++) {
			twin_keys(b, sorted[i - 1], sorted[i]);
		}
	}
	if (ini->problem_count > 0)
		qsort(ini->problems, ini->problem_count, sizeof(*ini->problems), by_line);
	return b->error.kind == ERROR_NONE ? 0 : -1;
}

int ini_read_span(const char *file, struct span octets, struct ini **ret, struct error *err)
{
	if (octets.len > INI_FILE_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "%s: the file is larger than %d octets", file,
				 INI_FILE_MAX);
	struct builder b = { .rest = octets, .value = BUF_INIT(INI_FILE_MAX) };
	if (span_starts(octets, SPAN_LIT("\xef\xbb\xbf")))
		b.rest = span_sub(octets, 3, octets.len);
	b.ini = calloc(1, sizeof(*b.ini));
	if (!b.ini || !(b.ini->file = strdup(file))) {
		free(b.ini);
		return error_memory(err);
	}
	if (ini_parse_stream(ini_next_line, &b, on_setting, &b) < 0)
		error_memory(&b.error);
	check_answer(&b);
	close_item(&b);
	buf_wipe(&b.value);
	if (b.error.kind != ERROR_NONE || find_twins(&b) < 0) {
		*err = b.error;
		ini_free(b.ini);
		return -1;
	}
	*ret = b.ini;
	return 0;
}

int ini_read_file(const char *path, struct ini **ret, struct error *err)
{
	_cleanup_(buf_wipe) struct buf octets = BUF_INIT(INI_FILE_MAX);
	if (file_read(path, &octets, err) < 0)
		return -1;
	return ini_read_span(path, buf_span(&octets), ret, err);
}

int ini_check(const struct ini *ini, struct error *err)
{
	if (ini->problem_count == 0)
		return 0;
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s:%u: %s", ini->file, ini->problems[0].line,
			 ini->problems[0].text);
}

const char *ini_get(const struct ini *ini, const char *section, const char *key)
{
	for (size_t i = 0; i < ini->item_count; i++)
		if (strcmp(ini->items[i].section, section) == 0 && strcmp(ini->items[i].key, key) == 0)
			return ini->items[i].value;
	return NULL;
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->item_count; i++) {
		if (ini->items[i].value) {
			OPENSSL_cleanse(ini->items[i].value, strlen(ini->items[i].value));
			free(ini->items[i].value);
		}
		free(ini->items[i].key);
	}
	for (size_t i = 0; i < ini->section_count; i++)
		free(ini->sections[i].name);
	for (size_t i = 0; i < ini->problem_count; i++)
		free(ini->problems[i].text);
	free(ini->items);
	free(ini->sections);
	free(ini->problems);
	free(ini->file);
	free(ini);
}
