/* The form of the octets: MIME (RFC 2045, RFC 2046), lines (RFC 5322 section 2.1.1), charsets. */
#include <string.h>

#include "harness/mail/encode.h"
#include "harness/base/utf8.h"
#include "harness/posture/content/content_checks.h"

enum { FAULT_MAX = 300 };

/* --- MIME ------------------------------------------------------------------------------------------------------- */

static bool is_known_encoding(struct span word)
{
	static const char *const known[] = { "7bit", "8bit", "binary", "quoted-printable", "base64" };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (span_is_nocase(word, known[i]))
			return true;
	return word.len == 0;
}

/* What is wrong with a part in words, or NULL. */
static const char *fault_of_part(const struct content_part *p, char out[FAULT_MAX])
{
	char charset[PART_BOUNDARY_MAX];
	struct span type = p->part.type;
	ptrdiff_t slash = span_find_char(type, '/', 0);
	if (p->type_twice)
		return "a part has two Content-Type fields";
	snprintf(out, FAULT_MAX, "`%.*s` is no media type", SPAN_ARG(span_sub(p->type, 0, 100)));
	if (p->type.len > 0 && (slash < 1 || (size_t)slash + 1 == type.len))
		return out;
	if (span_starts_nocase(type, SPAN_LIT("multipart/")))
		return "a multipart has no boundary, or is nested too deep";
	snprintf(out, FAULT_MAX, "`%.*s` is no transfer encoding", SPAN_ARG(span_sub(p->part.encoding, 0, 100)));
	if (!is_known_encoding(p->part.encoding))
		return out;
	if (p->is_shown && !p->is_ascii && part_read_parameter(p->type, "charset", charset) == 0)
		return "a text part that is not ASCII declares no charset";
	return NULL;
}

static const char *fault_of_message(const struct content *c, char out[FAULT_MAX])
{
	struct span version = header_value(&c->header, "MIME-Version");
	const char *fault = NULL;
	if (c->header.stray_lines > 0 || !c->header.has_empty_line)
		return "the header has lines that are no fields, or no end";
	if (!span_is(version, "1.0") && (version.len > 0 || header_find(&c->header, "Content-Type", 0) >= 0))
		return "there are Content fields without `MIME-Version: 1.0`";
	if (c->part_count == 0)
		return "a multipart has no parts";
	if (c->unclosed)
		return "a multipart has no closing delimiter";
	for (size_t i = 0; i < c->part_count && !fault; i++)
		fault = fault_of_part(&c->parts[i], out);
	return fault;
}

static void check_mime(struct check *check, const struct content *c)
{
	char out[FAULT_MAX];
	const char *fault = fault_of_message(c, out);
	if (!fault && (c->parts_cut || c->header.capped))
		check_open(check, "content.mime", content_name(c),
			   "there are more parts or header fields than are looked at");
	else if (fault)
		check_bad(
		    check, "content.mime", content_name(c),
		    "mend the MIME structure: RFC 2045, RFC 2046; declare `Content-Type: text/plain; charset=utf-8`",
		    "%s", fault);
	else
		check_good(check, "content.mime", content_name(c), "%zu part%s", c->part_count,
			   c->part_count == 1 ? "" : "s");
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

static void check_lines(struct check *check, const struct content *c)
{
	struct span rest = c->message->octets, line;
	size_t number = 0, longest = 0, at = 0;
	while (span_next(&rest, '\n', &line)) {
		size_t len = line.len > 0 && line.p[line.len - 1] == '\r' ? line.len - 1 : line.len;
		number++;
		if (len <= longest)
			continue;
		longest = len;
		at = number;
	}
	check_that(check, longest <= ENCODE_LINE_HARD, "content.line-length", content_name(c),
		   "encode the part as quoted-printable or base64, and fold long fields",
		   "the longest line has %zu octets (line %zu; RFC 5322 allows 998)", longest, at);
}

/* --- charsets --------------------------------------------------------------------------------------------------- */

static const char *const charset_faults[] = { [CHARSET_UNKNOWN] = "is in a charset that nobody knows",
					      [CHARSET_INVALID] = "holds octets that are not of its charset",
					      [CHARSET_LIMIT] = "is too long" };

static void check_utf8(struct check *check, const struct content *c)
{
	static const char id[] = "content.utf8", mend[] = "send text as UTF-8 and declare it: `charset=utf-8`";
	for (size_t i = 0; i < c->part_count; i++) {
		const struct content_part *p = &c->parts[i];
		if (p->fault == CHARSET_FINE)
			continue;
		check_bad(check, id, content_name(c), mend, "the part %.*s %s", SPAN_ARG(p->type),
			  charset_faults[p->fault]);
		return;
	}
	if (!utf8_valid(span_sub(c->message->octets, 0, c->header.body_offset)))
		check_bad(check, id, content_name(c), mend, "the header is not UTF-8");
	else if (span_find(buf_span(&c->plain), SPAN_LIT("\xef\xbf\xbd"), 0) >= 0 ||
		 span_find(buf_span(&c->html.text), SPAN_LIT("\xef\xbf\xbd"), 0) >= 0)
		check_bad(check, id, content_name(c), mend,
			  "the text holds U+FFFD: characters were lost before it was sent");
	else
		check_good(check, id, content_name(c), "all text can be read as its charset says");
}

void content_check_form(struct check *check, const struct content *c)
{
	check_mime(check, c);
	check_lines(check, c);
	check_utf8(check, c);
}
