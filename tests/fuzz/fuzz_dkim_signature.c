/* A signature field of any kind is read or refused with a reason, and what is kept of it is as the model says. */
#include <string.h>

#include "harness/auth/dkim_signature.h"
#include "tests/fuzz/fuzz.h"

static void check(enum dkim_kind kind, const struct header_field *field)
{
	static struct dkim_field f;
	struct dkim_signature s;
	struct error err = ERROR_INIT;
	int rc = dkim_signature_read(kind, field, 1700000000000, &f, &s, &err);
	CHECK(rc == 0 || rc == 1);
	CHECK(rc == 1 || (s.reason && s.section && s.result != AUTH_NOT_REPORTED && s.result != AUTH_PASS));
	CHECK(rc == 0 || (s.domain && s.selector && s.key_name && s.key_name[0] != '\0' && f.signature_len > 0));
	CHECK(rc == 0 || kind != DKIM_SIGNATURE || (s.identity && s.signed_fields));
	CHECK(f.cut.len == 0 ||
	      (f.cut.p >= field->value.p && f.cut.p + f.cut.len <= field->value.p + field->value.len));
	dkim_signature_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct header h;
	CHECK(header_parse(&h, span_make((const char *)data, size), &err) == 0);
	for (size_t i = 0; i < h.count; i++) {
		check(DKIM_SIGNATURE, &h.fields[i]);
		check(ARC_MESSAGE_SIGNATURE, &h.fields[i]);
		check(ARC_SEAL, &h.fields[i]);
	}
	header_fini(&h);
	return 0;
}
