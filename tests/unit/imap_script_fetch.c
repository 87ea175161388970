/* FETCH as the case has it, with the UIDs, sizes and dates of the folder. */
#include "tests/unit/imap_script_fetch.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/compiler.h"
#include "harness/base/span.h"

enum { SAID_MAX = 1 << 16 };

/* --- reading the case ------------------------------------------------------------------------------------------- */

/* The size in `... {91}` at the end of a line; -1. */
static long size_at_end(struct span line)
{
	size_t open = line.len;
	if (line.len == 0 || line.p[line.len - 1] != '}')
		return -1;
	while (open > 0 && line.p[open - 1] != '{')
		open--;
	return open > 0 ? strtol(line.p + open, NULL, 10) : -1;
}

static struct span line_at(struct span text, size_t from)
{
	ptrdiff_t end = span_find(text, SPAN_LIT("\r\n"), from);
	return span_sub(text, from, end < 0 ? SIZE_MAX : (size_t)end - from);
}

/* How long the response at the beginning is, with its literals, without its line end. */
static size_t response_length(struct span text)
{
	size_t len = 0;
	for (;;) {
		struct span line = line_at(text, len);
		long literal = size_at_end(line);
		len += line.len;
		if (literal < 0)
			return len;
		len += 2 + (size_t)literal;
	}
}

static bool says_nocase(struct span text, const char *what)
{
	return span_find_nocase(text, span_of(what), 0) >= 0;
}

static unsigned long number_of(struct span response)
{
	return response.len > 2 ? strtoul(response.p + 2, NULL, 10) : 0;
}

static uint32_t uid_of(struct span response)
{
	for (size_t at = 0; at < response.len;) {
		ptrdiff_t found = span_find_nocase(response, SPAN_LIT("UID "), at);
		if (found < 0)
			return 0;
		at = (size_t)found + 4;
		if (at < response.len && isdigit((unsigned char)response.p[at]))
			return (uint32_t)strtoul(response.p + at, NULL, 10);
	}
	return 0;
}

static void add_response(struct script_group *group, struct span response)
{
	bool untagged = span_starts(response, SPAN_LIT("* ")) && !span_starts(response, SPAN_LIT("* BYE"));
	group->responses[group->count++] = (struct script_response){ .octets = span_dup(response),
								     .tagged = !untagged };
}

static void read_groups(struct imap_script *s, struct span text)
{
	size_t at = 0, group = 0;
	while (at < text.len) {
		struct span response = span_sub(text, at, response_length(span_sub(text, at, SIZE_MAX)));
		bool whole = says_nocase(response, "BODY[]") || says_nocase(response, "BODY.PEEK[]");
		at += response.len + 2;
		if (whole && group == 0 && s->groups[0].count == 0)
			s->groups[0].usual = true;
		group = group >= SCRIPT_GROUPS ? SCRIPT_GROUPS - 1 : whole ? 1 : group;
		s->groups[group].usual = s->groups[group].usual || response.p[0] == '(';
		if (response.p[0] != '(')
			add_response(&s->groups[group], response);
		bool last = s->groups[group].usual ||
			    (s->groups[group].count && s->groups[group].responses[s->groups[group].count - 1].tagged);
		group += last;
	}
	for (size_t i = 0; i < SCRIPT_GROUPS; i++)
		s->groups[i].usual = s->groups[i].count == 0;
}

static void for_each_response(struct imap_script *s, void (*see)(struct imap_script *s, struct script_response *r))
{
	for (size_t g = 0; g < SCRIPT_GROUPS; g++)
		for (size_t i = 0; i < s->groups[g].count; i++)
			if (!s->groups[g].responses[i].tagged)
				see(s, &s->groups[g].responses[i]);
}

static void find_number(struct imap_script *s, struct script_response *r)
{
	unsigned long number = number_of(span_of(r->octets));
	s->example.our_number = number > s->example.our_number ? number : s->example.our_number;
}

static void find_whose(struct imap_script *s, struct script_response *r)
{
	struct span octets = span_of(r->octets);
	uint32_t uid = uid_of(octets);
	r->ours = number_of(octets) == s->example.our_number;
	if (r->ours)
		s->example.our_uid = uid ? uid : s->example.our_uid;
	else
		s->example.old_uid = uid ? uid : 1;
}

void script_fetch_init(struct imap_script *s)
{
	json_t *say = script_says(s, "FETCH");
	struct buf text = BUF_INIT(SAID_MAX);
	for (size_t i = 0; i < json_array_size(say); i++)
		buf_addf(&text, "%s\r\n", json_string_value(json_array_get(say, i)));
	read_groups(s, buf_span(&text));
	buf_fini(&text);
	for_each_response(s, find_number);
	for_each_response(s, find_whose);
	if (!s->example.old_uid && (!s->example.our_uid || s->example.our_number > 1))
		s->example.old_uid = s->example.our_uid > 4 ? s->example.our_uid - 4 : 1;
	if (s->with_others || (s->habits & (SCRIPT_UIDNEXT_0 | SCRIPT_EMPTY_BAD)))
		s->example.old_uid = 0;
}

void script_fetch_fini(struct imap_script *s)
{
	for (size_t g = 0; g < SCRIPT_GROUPS; g++)
		for (size_t i = 0; i < s->groups[g].count; i++)
			free(s->groups[g].responses[i].octets);
}

/* --- messages --------------------------------------------------------------------------------------------------- */

static void add_tagged_text(struct buf *out, struct span text, const char *tag)
{
	for (size_t at = 0; at < text.len;) {
		ptrdiff_t found = span_find(text, SPAN_LIT("@TAG@"), at);
		size_t end = found < 0 ? text.len : (size_t)found;
		buf_add_span(out, span_sub(text, at, end - at));
		at = end;
		if (found >= 0) {
			buf_add_str(out, tag);
			at += strlen("@TAG@");
		}
	}
}

/* The literal of our whole message in the case, with @TAG@ in it; empty where it has none. */
static struct span whole_literal(const struct imap_script *s)
{
	for (size_t i = 0; i < s->groups[1].count; i++) {
		struct span text = span_of(s->groups[1].responses[i].octets), line = line_at(text, 0);
		long size = size_at_end(line);
		struct span literal = span_sub(text, line.len + 2, size < 0 ? 0 : (size_t)size);
		if (s->groups[1].responses[i].ours && says_nocase(literal, "@TAG@"))
			return literal;
	}
	return (struct span){ 0 };
}

char *script_message_ours(const struct imap_script *s)
{
	struct buf octets = BUF_INIT(SAID_MAX);
	struct span literal = whole_literal(s);
	if (!literal.len)
		literal = SPAN_LIT("Received: x\r\nX-Postproof-Tag: @TAG@\r\nMessage-ID: <pp.@TAG@@svc.test>\r\n"
				   "Subject: y\r\n\r\nhello\r\n");
	add_tagged_text(&octets, literal, s->tag);
	return buf_take(&octets);
}

char *script_message_old(void)
{
	return strdup("Subject: An old message\r\nMessage-ID: <old@example.org>\r\n\r\nIt was here before.\r\n");
}

/* --- answering -------------------------------------------------------------------------------------------------- */

/* What one FETCH asks for. */
struct fetch_asked {
	const char *items;
	bool by_uid, header, whole;
	size_t offset, length;
	bool wanted[SCRIPT_MESSAGES_MAX]; /* of the folder's messages */
	size_t count;
};

static uint32_t set_number(struct span text, uint32_t star)
{
	return span_is(text, "*") ? star : (uint32_t)strtoul(text.p, NULL, 10);
}

static void find_wanted(const struct script_folder *f, struct span set, bool all, struct fetch_asked *asked)
{
	struct span range;
	uint32_t star = f->count == 0 ? 0 : asked->by_uid ? 0 : (uint32_t)f->count;
	for (size_t i = 0; i < f->count && asked->by_uid; i++)
		star = f->messages[i].uid > star ? f->messages[i].uid : star;
	while (span_next(&set, ',', &range)) {
		ptrdiff_t colon = span_find_char(range, ':', 0);
		uint32_t low = set_number(range, star);
		uint32_t high = colon < 0 ? low : set_number(span_sub(range, (size_t)colon + 1, SIZE_MAX), star);
		uint32_t least = low < high ? low : high, most = low < high ? high : low;
		for (size_t i = 0; i < f->count; i++) {
			uint32_t number = asked->by_uid ? f->messages[i].uid : (uint32_t)i + 1;
			asked->wanted[i] = asked->wanted[i] || all || (number >= least && number <= most);
		}
	}
	for (size_t i = 0; i < f->count; i++)
		asked->count += asked->wanted[i];
}

static struct fetch_asked read_asked(const struct imap_script *s, const struct script_folder *f, const char *command)
{
	struct fetch_asked asked = { .by_uid = command[0] == 'U', .length = SIZE_MAX };
	const char *set = strstr(command, "FETCH ") + 6;
	asked.items = strchr(set, ' ');
	asked.items = asked.items ? asked.items : "";
	asked.header = strstr(asked.items, "HEADER.FIELDS");
	const char *whole = strstr(asked.items, "BODY.PEEK[]");
	asked.whole = whole;
	if (whole && whole[11] == '<')
		sscanf(whole + 12, "%zu.%zu", &asked.offset, &asked.length);
	find_wanted(f, span_make(set, strcspn(set, " ")), s->habits & SCRIPT_ANSWERS_ALL, &asked);
	return asked;
}

/* `30-Nov-2026 17:00:00` and `30 Nov 2026 17:00:00` become now. */
static void redate(struct buf *out, size_t from)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];
	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%d-%b-%Y %H:%M:%S", &tm);
	for (size_t i = from; i + 20 <= out->len; i++) {
		char *p = out->p + i;
		bool date = isdigit((unsigned char)p[0]) && isdigit((unsigned char)p[1]) &&
			    memcmp(p + 3, "Nov", 3) == 0 && memcmp(p + 7, "2026 ", 5) == 0 && p[14] == ':' &&
			    p[17] == ':' && (p[2] == '-' || p[2] == ' ');
		char separator = p[2];
		if (!date)
			continue;
		memcpy(p, text, 20);
		p[2] = p[6] = separator;
	}
}

/* The date of a message of somebody else, as the case has it. */
static void add_date(const struct imap_script *s, const struct script_message *m, struct buf *out)
{
	const char *also = json_string_value(json_object_get(s->form, "also"));
	const char *given = also ? strstr(also, "is given as \"") : NULL;
	if (m->whose == SCRIPT_OTHER && given) {
		given += strlen("is given as \"");
		buf_addf(out, " INTERNALDATE \"%.*s\"", (int)strcspn(given, "\""), given);
	} else {
		buf_add_str(out, " INTERNALDATE \"30-Nov-2026 17:00:00 +0000\"");
	}
}

static void add_usual(const struct imap_script *s, const struct script_folder *f, size_t at,
		      const struct fetch_asked *asked, struct buf *out)
{
	const struct script_message *m = &f->messages[at];
	size_t whole = strlen(m->octets), head = (size_t)(strstr(m->octets, "\r\n\r\n") + 4 - m->octets);
	size_t offset = asked->offset < whole ? asked->offset : whole;
	size_t length = asked->length < whole - offset ? asked->length : whole - offset;
	buf_addf(out, "* %zu FETCH (UID %" PRIu32, at + 1, m->uid);
	if (strstr(asked->items, "INTERNALDATE"))
		add_date(s, m, out);
	if (strstr(asked->items, "RFC822.SIZE"))
		buf_addf(out, " RFC822.SIZE %zu", whole);
	if (asked->header) {
		const char *fields = strstr(asked->items, "[HEADER.FIELDS");
		buf_addf(out, " BODY%.*s {%zu}\r\n%.*s", (int)strcspn(fields, "]") + 1, fields, head, (int)head,
			 m->octets);
	}
	if (asked->whole && length == 0 && (s->habits & SCRIPT_EMPTY_QUOTED))
		buf_addf(out, " BODY[]<%zu> \"\"", asked->offset);
	else if (asked->whole && asked->length != SIZE_MAX)
		buf_addf(out, " BODY[]<%zu> {%zu}\r\n%.*s", asked->offset, length, (int)length, m->octets + offset);
	else if (asked->whole)
		buf_addf(out, " BODY[] {%zu}\r\n%s", whole, m->octets);
	buf_add_str(out, ")\r\n");
}

/* The text between literals: with the size that our message has. */
static void add_head(const struct imap_script *s, struct span head, bool ours, struct buf *out)
{
	const struct span name = SPAN_LIT("RFC822.SIZE ");
	ptrdiff_t at = ours ? span_find_nocase(head, name, 0) : -1;
	char *message = at >= 0 ? script_message_ours(s) : NULL;
	if (message) {
		size_t digits = (size_t)at + name.len, end = digits;
		while (end < head.len && isdigit((unsigned char)head.p[end]))
			end++;
		buf_add_span(out, span_sub(head, 0, digits));
		buf_addf(out, "%zu", strlen(message));
		head = span_sub(head, end, SIZE_MAX);
	}
	buf_add_span(out, head);
	free(message);
}

static void add_scripted(const struct imap_script *s, const struct script_response *r, struct buf *out)
{
	struct span rest = span_of(r->octets);
	for (;;) {
		struct span line = line_at(rest, 0);
		long size = size_at_end(line);
		if (size < 0) {
			add_head(s, line, r->ours, out);
			buf_add_str(out, "\r\n");
			return;
		}
		_cleanup_(buf_fini) struct buf literal = BUF_INIT(SAID_MAX);
		add_tagged_text(&literal, span_sub(rest, line.len + 2, (size_t)size), s->tag);
		size_t open = line.len;
		while (line.p[open - 1] != '{')
			open--;
		add_head(s, span_sub(line, 0, open), r->ours, out);
		buf_addf(out, "%zu}\r\n", literal.len);
		buf_add_buf(out, &literal);
		rest = span_sub(rest, line.len + 2 + (size_t)size, SIZE_MAX);
	}
}

/* Untagged responses of the case for one message. Returns whether it has any. */
static bool add_from_group(const struct imap_script *s, const struct script_group *group, bool ours, struct buf *out)
{
	bool any = false;
	for (size_t i = 0; i < group->count; i++) {
		const struct script_response *r = &group->responses[i];
		if (r->tagged || r->ours != ours)
			continue;
		add_scripted(s, r, out);
		any = true;
	}
	return any;
}

static const struct script_response *final_of(const struct script_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->responses[i].tagged)
			return &group->responses[i];
	return NULL;
}

/* What the case has to say to this; NULL: nothing. */
static struct script_group *group_for(struct imap_script *s, const struct script_folder *f,
				      const struct fetch_asked *asked)
{
	bool ours = false, other = false;
	struct script_group *group = asked->whole ? &s->groups[1] : &s->groups[0];
	for (size_t i = 0; i < f->count; i++) {
		ours = ours || (asked->wanted[i] && f->messages[i].whose == SCRIPT_OURS);
		other = other || (asked->wanted[i] && f->messages[i].whose != SCRIPT_OURS);
	}
	if ((!asked->header && !asked->whole) || f != s->message_in || group->usual || asked->offset > 0 || !ours ||
	    ((s->habits & SCRIPT_ONCE) && group->used) || ((s->habits & SCRIPT_CORRUPT_OTHER) && !other))
		return NULL;
	group->used = true;
	return group;
}

static void add_messages(const struct imap_script *s, const struct script_folder *f, const struct fetch_asked *asked,
			 const struct script_group *group, struct buf *out)
{
	bool other_said = false, empty = group && group->count == 1 && final_of(group);
	for (size_t i = 0; i < f->count && !empty; i++) {
		bool ours = f->messages[i].whose == SCRIPT_OURS;
		if (!asked->wanted[i])
			continue;
		bool said = group && (ours || !other_said) && add_from_group(s, group, ours, out);
		other_said = other_said || (said && !ours);
		if (!said)
			add_usual(s, f, i, asked, out);
	}
}

/* What the case says at the end of every FETCH. Returns whether the command has its end by that. */
static bool add_end(const struct imap_script *s, const struct script_folder *f, const char *tag, struct buf *out)
{
	json_t *say = script_says(s, "end of FETCH");
	bool ended = false;
	for (size_t i = 0; i < json_array_size(say); i++) {
		const char *line = json_string_value(json_array_get(say, i));
		script_add_line(out, line, tag, f);
		ended = ended || line[0] == '{';
	}
	return ended;
}

bool script_fetch(struct imap_script *s, struct script_folder *open, const char *command, const char *tag,
		  struct buf *out)
{
	size_t from = out->len;
	if (!open) {
		buf_addf(out, "%s BAD no folder is open\r\n", tag);
		return false;
	}
	struct fetch_asked asked = read_asked(s, open, command);
	struct script_group *group = group_for(s, open, &asked);
	const struct script_response *final = group ? final_of(group) : NULL;
	add_messages(s, open, &asked, group, out);
	redate(out, from);
	if (final)
		script_add_line(out, final->octets, tag, open);
	else if (asked.count == 0 && (s->habits & SCRIPT_EMPTY_BAD))
		buf_addf(out, "%s BAD the message set is empty\r\n", tag);
	else if (!add_end(s, open, tag, out))
		buf_addf(out, "%s OK done\r\n", tag);
	return final && strncmp(final->octets, "* BYE", 5) == 0;
}
