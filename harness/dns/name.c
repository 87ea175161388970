/* Domain names. Every name is brought into one form, so that equal names are equal strings. */
#include "harness/dns/name.h"

#include <idn2.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/utf8.h"

enum {
	LABEL_MAX = 63,   /* octets, RFC 1035 section 2.3.4 */
	WIRE_MAX = 255,   /* the same: length octets and that of the root counted */
	U_LABEL_MAX = 252 /* octets of UTF-8; none that is longer has an A-label of 63 octets */
};

/* A name that grows label by label. */
struct made {
	char *out;
	size_t len;
	size_t wire; /* octets of its wire form so far, the root's counted */
};

static struct made made_start(char *out)
{
	out[0] = '\0';
	return (struct made){ .out = out, .wire = 1 };
}

static bool name_is_literal(unsigned char c)
{
	return c > 0x20 && c < 0x7f && !strchr(".\\\";()@$", c);
}

static bool add_label(struct made *name, struct span label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.len + 1 > WIRE_MAX - name->wire)
		return false;
	if (name->len > 0)
		name->out[name->len++] = '.';
	for (size_t i = 0; i < label.len; i++) {
		unsigned char c = (unsigned char)label.p[i];
		size_t room = DNS_NAME_TEXT_MAX - name->len;
		if (name_is_literal(c))
			name->out[name->len++] = ascii_lower((char)c);
		else
			name->len += (size_t)snprintf(name->out + name->len, room, "\\%03u", c);
	}
	name->out[name->len] = '\0';
	name->wire += label.len + 1;
	return true;
}

/* libidn2 maps as UTS 46 does, non-transitionally (RFC 5891 keeps the sharp s), and refuses what RFC 5892 disallows. */
static bool add_u_label(struct made *name, struct span label)
{
	char text[U_LABEL_MAX + 1];
	uint8_t *ascii = NULL;
	if (memchr(label.p, '\0', label.len) || !span_copy(label, text, sizeof(text)))
		return false;
	if (idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	struct span a_label = span_of((const char *)ascii);
	/* UTS 46 makes dots of other full stops; here only the dot parts labels. */
	bool well = span_find_char(a_label, '.', 0) < 0 && add_label(name, a_label);
	idn2_free(ascii);
	return well;
}

bool dns_name_make(struct span octets, char out[DNS_NAME_TEXT_MAX])
{
	struct made name = made_start(out);
	struct span label;
	if (octets.len > 0 && octets.p[octets.len - 1] == '.')
		octets.len--;
	if (octets.len == 0)
		return false;
	while (span_next(&octets, '.', &label)) {
		bool beyond_ascii = !span_is_ascii(label) && utf8_valid(label);
		if (!(beyond_ascii ? add_u_label(&name, label) : add_label(&name, label))) {
			out[0] = '\0';
			return false;
		}
	}
	return true;
}

bool dns_name_from_wire(struct span rdata, char out[DNS_NAME_TEXT_MAX], size_t *ret_used)
{
	struct made name = made_start(out);
	size_t at = 0;
	while (at < rdata.len) {
		size_t len = (unsigned char)rdata.p[at++];
		if (len == 0) {
			if (name.len == 0)
				memcpy(out, ".", 2);
			if (ret_used)
				*ret_used = at;
			return true;
		}
		if (len > rdata.len - at || !add_label(&name, span_sub(rdata, at, len)))
			break;
		at += len;
	}
	out[0] = '\0';
	return false;
}

/* The octet that an escape (RFC 1035 section 5.1) behind a backslash stands for; returns the length of what was read,
 * 0 where it is none. */
static size_t read_escape(const char *p, unsigned char *ret)
{
	if (!ascii_is_digit(p[0])) {
		*ret = (unsigned char)p[0];
		return p[0] ? 1 : 0;
	}
	uint64_t value = 0;
	if (!span_to_u64(span_make(p, strnlen(p, 3)), 255, &value) || !p[1] || !p[2])
		return 0;
	*ret = (unsigned char)value;
	return 3;
}

/* Reads one label up to its dot or the end into wire[at], behind its length octet. *text moves behind the dot. Returns
 * the end of the label, or 0 where it is bad. */
static size_t read_label(const char **text, unsigned char *wire, size_t at)
{
	size_t start = at++;
	const char *p = *text;
	while (*p && *p != '.') {
		unsigned char c = (unsigned char)*p++;
		if (c > 127)
			return 0;
		if (c == '\\') {
			size_t used = read_escape(p, &c);
			if (used == 0)
				return 0;
			p += used;
		}
		if (at - start > LABEL_MAX || at >= WIRE_MAX - 1)
			return 0;
		wire[at++] = (unsigned char)ascii_lower((char)c);
	}
	wire[start] = (unsigned char)(at - start - 1);
	*text = *p ? p + 1 : p;
	return at == start + 1 ? 0 : at;
}

bool dns_name_to_wire(const char *name, struct buf *out)
{
	unsigned char wire[WIRE_MAX];
	size_t len = 0;
	if (name[0] == '\0')
		return false;
	if (strcmp(name, ".") == 0)
		name++;
	while (*name) {
		len = read_label(&name, wire, len);
		if (len == 0)
			return false;
	}
	wire[len++] = 0;
	return buf_add(out, wire, len) == 0;
}

/* Whether a name is of lower-case letters, digits, hyphens and underscores, as nearly all are: it is normal then. */
static bool is_plain(const char *name)
{
	size_t label = 0, len = 0;
	for (; name[len]; len++) {
		char c = name[len];
		if (c == '.' ? label == 0 : !(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '-' && c != '_')
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || len >= WIRE_MAX - 2)
			return false;
	}
	return label > 0;
}

bool dns_name_normal(const char *name, char out[DNS_NAME_TEXT_MAX])
{
	if (is_plain(name))
		return span_copy(span_of(name), out, DNS_NAME_TEXT_MAX);
	_cleanup_(buf_fini) struct buf wire = BUF_INIT(WIRE_MAX);
	out[0] = '\0';
	return dns_name_to_wire(name, &wire) && dns_name_from_wire(buf_span(&wire), out, NULL);
}

const char *dns_name_parent(const char *name)
{
	if (strcmp(name, ".") == 0)
		return NULL;
	const char *dot = strchr(name, '.');
	return dot ? dot + 1 : ".";
}

unsigned dns_name_labels(const char *name)
{
	unsigned labels = 0;
	for (const char *p = name; p && strcmp(p, ".") != 0; p = dns_name_parent(p))
		labels++;
	return labels;
}

bool dns_name_under(const char *name, const char *zone)
{
	size_t len = strlen(name), zone_len = strlen(zone);
	if (strcmp(zone, ".") == 0)
		return true;
	return len >= zone_len && strcmp(name + len - zone_len, zone) == 0 &&
	       (len == zone_len || name[len - zone_len - 1] == '.');
}
