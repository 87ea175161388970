/* What a case says, and the folders that it has. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/span.h"
#include "tests/unit/imap_script_state.h"

enum { SAID_LINE_OCTETS = 16384 };

/* A character up to U+00FF is one octet. */
static void add_octets(struct buf *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p >= 0xc2 && *p <= 0xc3 && p[1]) {
			buf_add_char(out, (char)(((*p & 3) << 6) | (p[1] & 0x3f)));
			p++;
		} else {
			buf_add_char(out, (char)*p);
		}
	}
}

void script_add_line(struct buf *out, const char *say, const char *tag, const struct script_folder *folder)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(SAID_LINE_OCTETS);
	add_octets(&octets, say);
	for (const char *p = buf_str(&octets); *p; p++) {
		if (strncmp(p, "{tag}", 5) == 0) {
			buf_add_str(out, tag);
			p += 4;
		} else if (strncmp(p, "{exists}", 8) == 0) {
			buf_addf(out, "%zu", folder ? folder->count : 0);
			p += 7;
		} else if (strncmp(p, "{messages}", 10) == 0) {
			buf_addf(out, "%zu", folder ? folder->count : 0);
			p += 9;
		} else if (strncmp(p, "{uidnext}", 9) == 0) {
			buf_addf(out, "%" PRIu32, folder ? folder->uidnext : 1);
			p += 8;
		} else if (strncmp(p, "{uidvalidity}", 13) == 0) {
			buf_addf(out, "%d", SCRIPT_UIDVALIDITY);
			p += 12;
		} else {
			buf_add_char(out, *p);
		}
	}
	buf_add_str(out, "\r\n");
}

json_t *script_says(const struct imap_script *s, const char *on)
{
	size_t i, prefix = strlen(s->of);
	json_t *one;
	json_array_foreach(json_object_get(s->form, "server"), i, one)
	{
		const char *at = json_string_value(json_object_get(one, "on"));
		if (strncmp(at, s->of, prefix) == 0 && strcmp(at + prefix, on) == 0)
			return json_object_get(one, "say");
	}
	return NULL;
}

bool script_is_tagged(const char *say)
{
	return strncmp(say, "{tag}", 5) == 0;
}

/* Adds all that is said there. Returns whether the command has its end by that. */
bool script_add_said(json_t *say, const char *tag, const struct script_folder *folder, struct buf *out)
{
	bool ended = false;
	for (size_t i = 0; i < json_array_size(say); i++) {
		const char *line = json_string_value(json_array_get(say, i));
		ended = ended || script_is_tagged(line);
		if (line[0] != '(')
			script_add_line(out, line, tag, folder);
	}
	return ended;
}

/* NUL octets and the like: json strings with NUL come as they are. */
void script_add_octets_said(json_t *say, const char *tag, const struct script_folder *folder, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(say); i++) {
		json_t *line = json_array_get(say, i);
		if (json_string_length(line) > 0 && json_string_value(line)[0] == '\0') {
			buf_add(out, "\0\0", 2);
			script_add_line(out, json_string_value(line) + 2, tag, folder);
		} else {
			script_add_line(out, json_string_value(line), tag, folder);
		}
	}
}

/* --- folders ---------------------------------------------------------------------------------------------------- */

struct script_folder *script_find_folder(struct imap_script *s, struct span name)
{
	for (size_t i = 0; i < s->folder_count; i++)
		if (span_is(name, s->folders[i].name) ||
		    (strcmp(s->folders[i].name, "INBOX") == 0 && span_is_nocase(name, "INBOX")))
			return &s->folders[i];
	return NULL;
}

static struct script_folder *add_folder(struct imap_script *s, const char *name)
{
	struct script_folder *known = script_find_folder(s, span_of(name));
	if (known || s->folder_count == SCRIPT_FOLDERS_MAX)
		return known;
	struct script_folder *f = &s->folders[s->folder_count++];
	*f = (struct script_folder){ .name = strdup(name), .uidnext = 1 };
	return f;
}

void script_put_message(struct script_folder *f, uint32_t uid, enum script_whose whose, char *octets)
{
	f->messages[f->count++] = (struct script_message){ uid, whose, octets };
	f->uidnext = uid + 1;
}

/* The name that ends a line of LIST: quoted, an atom, or the literal on the next line. */
static char *listed_name(json_t *say, size_t i)
{
	const char *line = json_string_value(json_array_get(say, i));
	struct span s = span_trim(span_of(line));
	if (s.len > 1 && s.p[s.len - 1] == '}')
		return strdup(json_string_value(json_array_get(say, i + 1)));
	size_t begin = s.len;
	if (s.len > 1 && s.p[s.len - 1] == '"') {
		begin = s.len - 1;
		while (begin > 0 && s.p[begin - 1] != '"')
			begin--;
		return span_dup(span_sub(s, begin, s.len - 1 - begin));
	}
	while (begin > 0 && s.p[begin - 1] != ' ')
		begin--;
	return span_dup(span_sub(s, begin, SIZE_MAX));
}

/* Where the message is: said, or where its placement is another than the inbox the last folder that is listed. */
static void find_message_folder(struct imap_script *s, char *last_listed)
{
	const char *named = json_string_value(json_array_get(json_object_get(s->form, "message_in"), 0));
	const char *placement = json_string_value(json_object_get(s->form, "placement"));
	if (named)
		s->message_in = add_folder(s, named);
	else if (placement && strcmp(placement, "inbox") != 0 && last_listed)
		s->message_in = add_folder(s, last_listed);
	else
		s->message_in = &s->folders[0];
}

/* A folder of which the case tells how it stands is there. */
static void add_folders_with_status(struct imap_script *s)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(s->form, "server"), i, one)
	{
		const char *on = json_string_value(json_object_get(one, "on"));
		const char *say = json_string_value(json_array_get(json_object_get(one, "say"), 0));
		if (strncmp(on, "STATUS ", 7) == 0 && !script_is_tagged(say))
			add_folder(s, on + 7);
	}
}

void script_make_folders(struct imap_script *s)
{
	json_t *folders = json_object_get(s->form, "folders"), *say = script_says(s, "LIST");
	char *last = NULL;
	add_folder(s, "INBOX");
	for (size_t i = 0; i < json_array_size(folders); i++)
		add_folder(s, json_string_value(json_array_get(folders, i)));
	if (!folders)
		add_folder(s, "Junk");
	add_folders_with_status(s);
	for (size_t i = 0; i < json_array_size(say); i++) {
		if (strncmp(json_string_value(json_array_get(say, i)), "* LIST", 6) != 0)
			continue;
		free(last);
		last = listed_name(say, i);
	}
	find_message_folder(s, last);
	free(last);
	if (s->habits & SCRIPT_ALL_MAIL)
		s->view = add_folder(s, "[Gmail]/All Mail");
}
