/* Authentication-Results: every input gives a result whose texts lie in its own memory. The first octet chooses the
 * kind of header. */
#include "harness/mail/authres.h"
#include "tests/fuzz/fuzz.h"

/* Touches every octet, so that the address sanitizer sees a span that leaves its block. */
static size_t touch(struct span s)
{
	size_t sum = 0;
	for (size_t i = 0; i < s.len; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct authres a;
	size_t sum = 0;
	if (size == 0)
		return 0;
	CHECK(authres_parse(&a, span_make((const char *)data + 1, size - 1), data[0] & 1, data[0] & 2, &err) == 0);
	CHECK(a.instance <= 50 && (!a.broken || a.deviation[0]));
	sum += touch(a.authserv_id) + touch(a.version) + strlen(a.deviation);
	for (size_t i = 0; i < a.method_count; i++) {
		const struct authres_method *m = &a.methods[i];
		CHECK(m->method.len > 0 && m->word.len > 0 && m->result < AUTH_COUNT);
		sum += touch(m->method) + touch(m->version) + touch(m->word) + touch(m->reason) + touch(m->comment);
		for (size_t k = 0; k < m->property_count; k++)
			sum += touch(m->properties[k].ptype) + touch(m->properties[k].property) +
			       touch(m->properties[k].value);
		sum += touch(authres_property_get(m, "header", "d"));
	}
	authres_fini(&a);
	return sum == SIZE_MAX;
}
