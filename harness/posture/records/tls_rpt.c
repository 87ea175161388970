/* TLS reporting records. */
#include "harness/posture/records/tls_rpt.h"

#include "harness/auth/dmarc_uri.h"
#include "harness/posture/engine/record_fields.h"

static bool is_hex(char c)
{
	c = ascii_lower(c);
	return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* RFC 3986 section 2.1. */
static bool is_encoded(struct span uri)
{
	for (size_t i = 0; i < uri.len; i++)
		if (uri.p[i] == '%' && (i + 2 >= uri.len || !is_hex(uri.p[i + 1]) || !is_hex(uri.p[i + 2])))
			return false;
	return true;
}

/* The same addresses as those of DMARC records, but that `!` sets no limit here and so is not to stand there. */
static bool read_uri(struct tls_rpt_record *record, struct span text)
{
	struct dmarc_uri uri = { 0 };
	if (!is_encoded(text) || span_find_char(text, '!', 0) >= 0 || !dmarc_uri_parse(text, &uri))
		return false;
	record->uris++;
	record->usable += uri.domain.p || span_starts_nocase(text, SPAN_LIT("https:"));
	return true;
}

static bool tls_rpt_read_field(struct tls_rpt_record *record, struct span name, struct span value)
{
	struct span uri;
	if (!span_is(name, "rua")) {
		record->why = "a field has an empty value, or octets that it may not have";
		return record_is_extension_value(value);
	}
	record->why = "a report address is no URI";
	while (span_next(&value, ',', &uri))
		if (!read_uri(record, span_trim(uri)))
			return false;
	return true;
}

bool tls_rpt_record_parse(struct span text, struct tls_rpt_record *ret)
{
	struct span rest = text, name, value;
	*ret = (struct tls_rpt_record){ .why = "it does not begin with " TLS_RPT_VERSION };
	int more = record_next_field(&rest, &name, &value);
	if (more <= 0 || !record_has_version(text, TLS_RPT_VERSION))
		return false;
	while ((more = record_next_field(&rest, &name, &value)) > 0)
		if (!tls_rpt_read_field(ret, name, value))
			return false;
	ret->why = more < 0 ? "a field is no name=value" : "it has no rua";
	if (more < 0 || ret->uris == 0)
		return false;
	ret->why = NULL;
	return true;
}
