/* A template, and the message that is composed from it: whatever is taken must give octets that fit for SMTP, with the
 * header fields of postproof in them once. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "harness/mail/header.h"
#include "harness/mail/tag.h"
#include "harness/send/compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void check_octets(const struct composed *c)
{
	size_t line = 0;
	bool in_header = true;
	for (size_t i = 0; i < c->len; i++) {
		unsigned char octet = (unsigned char)c->octets[i];
		must(octet != '\0' && (octet < 0x80 || (in_header && c->smtputf8)));
		must(octet != '\n' || (i > 0 && c->octets[i - 1] == '\r'));
		must(octet != '\r' || (i + 1 < c->len && c->octets[i + 1] == '\n'));
		if (octet == '\n' && line == 1)
			in_header = false;
		line = octet == '\n' ? 0 : line + 1;
		must(line <= 999);
	}
	must(line == 0);
}

static void check_header(const struct composed *c, const char *tag)
{
	static const char *const once[] = { "From", "To", "Date", "Message-ID", TAG_FIELD };
	struct header header = { 0 };
	struct error err = ERROR_INIT;
	char found[TAG_SIZE];
	must(header_parse(&header, span_make(c->octets, c->len), &err) == 0);
	must(header.stray_lines == 0 && header.has_empty_line);
	for (size_t i = 0; i < ARRAY_LEN(once); i++) {
		ptrdiff_t at = header_find(&header, once[i], 0);
		must(at >= 0 && header_find(&header, once[i], (size_t)at + 1) < 0);
	}
	must(tag_from_header(&header, found) && span_is(span_of(found), tag));
	must(header_find(&header, "Bcc", 0) < 0);
	header_fini(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct template_var vars[] = { { "name", "J\xc3\xb6rg" }, { "line", ".\"<>,;:\\ --b" } };
	static const char tag[] = "0123456789abcdef0123456789abcdef";
	struct error err = ERROR_INIT;
	struct template *template = NULL;
	struct composed composed = { 0 }, again = { 0 };
	if (template_parse("fuzz.eml", span_make((const char *)data, size), vars, ARRAY_LEN(vars), &template, &err) < 0)
		return 0;
	const struct compose_params params = { .template = template,
					       .to = size % 2 ? "ana@alpha.test" : "\xc3\xa4na@alpha.test",
					       .from = "Caf\xc3\xa9 <no-reply@shop.test>",
					       .envelope = "b+{tag}@bounces.test",
					       .domain = "shop.test",
					       .tag = tag,
					       .date_ms = 1795426200000,
					       .tag_in_subject = size % 3 == 0 };
	if (compose(&params, &composed, &err) == 0) {
		check_octets(&composed);
		check_header(&composed, tag);
		must(compose(&params, &again, &err) == 0);
		must(span_eq(span_make(composed.octets, composed.len), span_make(again.octets, again.len)));
	}
	composed_fini(&composed);
	composed_fini(&again);
	template_free(template);
	return 0;
}
