/* From the words of a master file to rdata in wire form, by the fields of the type. */
#include <arpa/inet.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/escape.h"
#include "harness/dns/rdata.h"
#include "harness/dns/zone_internal.h"

enum { SHOWN_MAX = 80, STRING_MAX = 255, RDATA_MAX = 65535 };

/* Where reading stands. */
struct words {
	const struct zone_token *next;
	size_t left;
	const char *origin;
	unsigned line;
};

static int wants(const struct zone_token *token, const char *wanted, struct error *err)
{
	char shown[SHOWN_MAX];
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "`%s` stands where %s is wanted",
			 escape_text(shown, sizeof(shown), token->text), wanted);
}

/* The next word; NULL with an error where there is none. */
static const struct zone_token *zone_rdata_take(struct words *words, const char *wanted, struct error *err)
{
	if (words->left == 0) {
		error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the record ends where %s is wanted", wanted);
		return NULL;
	}
	words->line = words->next->line;
	words->left--;
	return words->next++;
}

static void add_number(struct buf *out, uint64_t value, unsigned octets)
{
	while (octets-- > 0)
		buf_add_char(out, (char)(value >> 8 * octets & 0xff));
}

static int zone_rdata_read_number(struct words *words, unsigned octets, struct buf *out, struct error *err)
{
	const uint64_t max = (UINT64_C(1) << 8 * octets) - 1;
	char wanted[SHOWN_MAX];
	uint64_t value = 0;
	snprintf(wanted, sizeof(wanted), "a number up to %ju", (uintmax_t)max);
	const struct zone_token *token = zone_rdata_take(words, wanted, err);
	if (!token)
		return -1;
	if (token->quoted || !span_to_u64(token->text, max, &value))
		return wants(token, wanted, err);
	add_number(out, value, octets);
	return 0;
}

static int read_seconds(struct words *words, struct buf *out, struct error *err)
{
	static const char wanted[] = "a time in seconds, or as `1h30m`,";
	uint32_t value = 0;
	const struct zone_token *token = zone_rdata_take(words, wanted, err);
	if (!token)
		return -1;
	if (!zone_token_seconds(token, UINT32_MAX, &value))
		return wants(token, wanted, err);
	add_number(out, value, 4);
	return 0;
}

static int read_address(struct words *words, bool v6, struct buf *out, struct error *err)
{
	const char *wanted = v6 ? "an IPv6 address" : "an IPv4 address";
	char text[INET6_ADDRSTRLEN];
	unsigned char octets[16];
	const struct zone_token *token = zone_rdata_take(words, wanted, err);
	if (!token)
		return -1;
	if (memchr(token->text.p, '\0', token->text.len) || !span_copy(token->text, text, sizeof(text)) ||
	    inet_pton(v6 ? AF_INET6 : AF_INET, text, octets) != 1)
		return wants(token, wanted, err);
	return buf_add(out, octets, v6 ? 16 : 4);
}

static int read_name(struct words *words, struct buf *out, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	const struct zone_token *token = zone_rdata_take(words, "a domain name", err);
	if (!token || zone_token_name(token, words->origin, name, err) < 0)
		return -1;
	return dns_name_to_wire(name, out) ? 0 : -1;
}

/* A string of more octets than the DNS can hold, as keys are pasted, is parted: readers join the parts again. */
static int read_strings(struct words *words, struct buf *out, struct error *err)
{
	do {
		_cleanup_(buf_fini) struct buf string = BUF_INIT(RDATA_MAX);
		const struct zone_token *token = zone_rdata_take(words, "a string", err);
		if (!token || zone_token_octets(token, &string, err) < 0)
			return -1;
		struct span rest = buf_span(&string);
		do {
			struct span part = span_sub(rest, 0, STRING_MAX);
			buf_add_char(out, (char)part.len);
			buf_add_span(out, part);
			rest = span_sub(rest, part.len, SIZE_MAX);
		} while (rest.len > 0);
	} while (words->left > 0);
	return 0;
}

/* The tag of a CAA record, RFC 8659 section 4.1. */
static int read_tag(struct words *words, struct buf *out, struct error *err)
{
	static const char wanted[] = "a tag of letters and digits";
	const struct zone_token *token = zone_rdata_take(words, wanted, err);
	if (!token)
		return -1;
	bool well = token->text.len > 0 && token->text.len <= STRING_MAX;
	for (size_t i = 0; well && i < token->text.len; i++)
		well = ascii_is_alnum(token->text.p[i]);
	if (!well)
		return wants(token, wanted, err);
	buf_add_char(out, (char)token->text.len);
	return buf_add_span(out, token->text);
}

static int zone_rdata_read_value(struct words *words, struct buf *out, struct error *err)
{
	const struct zone_token *token = zone_rdata_take(words, "a string", err);
	if (!token)
		return -1;
	return zone_token_octets(token, out, err);
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits to the end; words part them anywhere. */
static int read_hex(struct words *words, struct buf *out, struct error *err)
{
	const struct zone_token *token;
	int half = -1;
	do {
		token = zone_rdata_take(words, "a pair of hexadecimal digits", err);
		if (!token)
			return -1;
		for (size_t i = 0; i < token->text.len; i++) {
			int digit = hex_digit(token->text.p[i]);
			if (digit < 0 || token->quoted)
				return wants(token, "a row of hexadecimal digits", err);
			if (half >= 0)
				buf_add_char(out, (char)(half << 4 | digit));
			half = half >= 0 ? -1 : digit;
		}
	} while (words->left > 0);
	return half < 0 ? 0 : wants(token, "an even number of hexadecimal digits", err);
}

/* `\# LENGTH HEX...`, RFC 3597 section 5. */
static int read_unknown(struct words *words, struct buf *out, struct error *err)
{
	_cleanup_(buf_fini) struct buf number = BUF_INIT(2);
	if (!zone_rdata_take(words, "`\\#`", err) || zone_rdata_read_number(words, 2, &number, err) < 0 ||
	    buf_check(&number, "a length", err) < 0)
		return -1;
	size_t len = (size_t)(unsigned char)number.p[0] << 8 | (unsigned char)number.p[1];
	if (len > 0 && read_hex(words, out, err) < 0)
		return -1;
	if (out->len == len || out->failed)
		return 0;
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%zu octets stand where %zu were announced", out->len, len);
}

static int zone_rdata_read_field(struct words *words, char field, struct buf *out, struct error *err)
{
	switch (field) {
	case 'a':
	case 'A':
		return read_address(words, field == 'A', out, err);
	case 'n':
		return read_name(words, out, err);
	case 't':
		return read_seconds(words, out, err);
	case 's':
		return read_strings(words, out, err);
	case 'g':
		return read_tag(words, out, err);
	case 'v':
		return zone_rdata_read_value(words, out, err);
	case 'x':
		return read_hex(words, out, err);
	default:
		return zone_rdata_read_number(words, (unsigned)(field - '0'), out, err);
	}
}

static int read_fields(struct words *words, enum dns_type type, struct buf *out, struct error *err)
{
	const char *fields = rdata_fields(type);
	if (words->left > 0 && !words->next->quoted && span_is(words->next->text, "\\#"))
		return read_unknown(words, out, err);
	if (!fields)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "the data of this type is not known here: write `\\# LENGTH HEX` (RFC 3597)");
	for (; *fields; fields++)
		if (zone_rdata_read_field(words, *fields, out, err) < 0)
			return -1;
	return 0;
}

int zone_rdata_read(const struct zone_token *tokens, size_t count, enum dns_type type, const char *origin,
		    struct buf *out, unsigned *ret_line, struct error *err)
{
	struct words words = { tokens, count, origin, *ret_line };
	int result = read_fields(&words, type, out, err);
	if (result == 0 && words.left > 0) {
		words.line = words.next->line;
		result = wants(words.next, "the end of the record", err);
	}
	*ret_line = words.line;
	return out->failed ? buf_check(out, "the data of a record", err) : result;
}
