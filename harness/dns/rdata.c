/* Reading and writing of rdata. What a type consists of stands in one table, which the zone file's parser uses too. */
#include "harness/dns/rdata.h"

#include <string.h>

#include "harness/base/compiler.h"

/* A character-string has at most 255 octets (RFC 1035 section 3.3), rdata 65,535; every octet may become `\DDD`. */
enum { RDATA_TEXT_MAX = 65535 * 5 };

const char *rdata_fields(enum dns_type type)
{
	static const struct {
		enum dns_type type;
		const char *fields;
	} forms[] = {
		{ DNS_A, "a" },       { DNS_NS, "n" },  { DNS_CNAME, "n" }, { DNS_SOA, "nn4tttt" }, { DNS_PTR, "n" },
		{ DNS_MX, "2n" },     { DNS_TXT, "s" }, { DNS_AAAA, "A" },  { DNS_SRV, "222n" },    { DNS_DS, "211x" },
		{ DNS_TLSA, "111x" }, { DNS_SPF, "s" }, { DNS_CAA, "1gv" },
	};
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (forms[i].type == type)
			return forms[i].fields;
	return NULL;
}

static struct span rdata_span(const struct dns_record *record)
{
	return span_make((const char *)record->rdata, record->len);
}

/* Cuts the first `len` octets off *rest. */
static bool rdata_take(struct span *rest, size_t len, struct span *ret)
{
	if (rest->len < len)
		return false;
	*ret = span_sub(*rest, 0, len);
	*rest = span_sub(*rest, len, rest->len);
	return true;
}

static bool take_number(struct span *rest, size_t octets, uint32_t *ret)
{
	struct span s;
	uint32_t value = 0;
	if (!rdata_take(rest, octets, &s))
		return false;
	for (size_t i = 0; i < octets; i++)
		value = value << 8 | (unsigned char)s.p[i];
	*ret = value;
	return true;
}

/* A character-string, RFC 1035 section 3.3. */
static bool take_string(struct span *rest, struct span *ret)
{
	struct span s = *rest;
	uint32_t len = 0;
	if (!take_number(&s, 1, &len) || !rdata_take(&s, len, ret))
		return false;
	*rest = s;
	return true;
}

static bool take_name(struct span *rest, char out[DNS_NAME_TEXT_MAX])
{
	size_t used = 0;
	struct span octets;
	return dns_name_from_wire(*rest, out, &used) && rdata_take(rest, used, &octets);
}

bool rdata_txt(const struct dns_record *record, struct buf *out, size_t *ret_strings)
{
	struct span rest = rdata_span(record), string;
	size_t strings = 0;
	for (; rest.len > 0; strings++)
		if (!take_string(&rest, &string) || buf_add_span(out, string) < 0)
			return false;
	if (strings > 0 && ret_strings)
		*ret_strings = strings;
	return strings > 0;
}

bool rdata_address(const struct dns_record *record, struct ip *ret)
{
	struct ip ip = { .v6 = record->len == sizeof(ip.octets) };
	if (record->len != 4 && record->len != sizeof(ip.octets))
		return false;
	memcpy(ip.octets, record->rdata, record->len);
	*ret = ip;
	return true;
}

bool rdata_name(const struct dns_record *record, char out[DNS_NAME_TEXT_MAX])
{
	struct span rest = rdata_span(record);
	return take_name(&rest, out) && rest.len == 0;
}

bool rdata_mx(const struct dns_record *record, uint16_t *ret_preference, char out[DNS_NAME_TEXT_MAX])
{
	struct span rest = rdata_span(record);
	uint32_t preference = 0;
	if (!take_number(&rest, 2, &preference) || !take_name(&rest, out) || rest.len != 0)
		return false;
	*ret_preference = (uint16_t)preference;
	return true;
}

static void add_quoted(struct buf *out, struct span s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c > 0x7e)
			buf_addf(out, "\\%03u", c);
		else if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else
			buf_add_char(out, (char)c);
	}
	buf_add_char(out, '"');
}

static void add_hex(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addf(out, "%02x", (unsigned char)s.p[i]);
}

static bool add_number(struct buf *out, struct span *rest, size_t octets)
{
	uint32_t value = 0;
	if (!take_number(rest, octets, &value))
		return false;
	buf_addf(out, "%u", value);
	return true;
}

static bool rdata_add_name(struct buf *out, struct span *rest)
{
	char name[DNS_NAME_TEXT_MAX];
	if (!take_name(rest, name))
		return false;
	buf_addf(out, "%s%s", name, strcmp(name, ".") == 0 ? "" : ".");
	return true;
}

static bool add_address(struct buf *out, struct span *rest, bool v6)
{
	struct ip ip = { .v6 = v6 };
	struct span octets;
	char text[IP_TEXT_MAX];
	if (!rdata_take(rest, ip_bits(&ip) / 8, &octets))
		return false;
	memcpy(ip.octets, octets.p, octets.len);
	buf_add_str(out, ip_format(&ip, text));
	return true;
}

static bool add_strings(struct buf *out, struct span *rest)
{
	struct span string;
	for (bool first = true; first || rest->len > 0; first = false) {
		if (!take_string(rest, &string))
			return false;
		buf_add_str(out, first ? "" : " ");
		add_quoted(out, string);
	}
	return true;
}

/* The tag of a CAA record, RFC 8659 section 4.1. */
static bool add_tag(struct buf *out, struct span *rest)
{
	struct span tag;
	if (!take_string(rest, &tag) || tag.len == 0)
		return false;
	for (size_t i = 0; i < tag.len; i++)
		if (!ascii_is_alnum(tag.p[i]))
			return false;
	buf_add_span(out, tag);
	return true;
}

/* What is left, as digits or as one string. */
static bool add_rest(struct buf *out, struct span *rest, bool hex)
{
	if (hex)
		add_hex(out, *rest);
	else
		add_quoted(out, *rest);
	bool any = rest->len > 0 || !hex;
	*rest = (struct span){ 0 };
	return any;
}

static bool add_field(char field, struct buf *out, struct span *rest)
{
	switch (field) {
	case 'a':
	case 'A':
		return add_address(out, rest, field == 'A');
	case 'n':
		return rdata_add_name(out, rest);
	case 't':
		return add_number(out, rest, 4);
	case 's':
		return add_strings(out, rest);
	case 'g':
		return add_tag(out, rest);
	case 'v':
	case 'x':
		return add_rest(out, rest, field == 'x');
	default:
		return add_number(out, rest, (size_t)(field - '0'));
	}
}

int rdata_add_text(enum dns_type type, const struct dns_record *record, struct buf *out)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(RDATA_TEXT_MAX);
	struct span rest = rdata_span(record);
	const char *fields = rdata_fields(type), *field = fields;
	while (field && *field && add_field(*field, &text, &rest))
		if (*++field)
			buf_add_char(&text, ' ');
	if (!field || *field || rest.len > 0) {
		buf_clear(&text);
		buf_addf(&text, "\\# %zu%s", record->len, record->len ? " " : "");
		add_hex(&text, rdata_span(record));
	}
	return buf_add_buf(out, &text);
}
