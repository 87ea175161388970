/* Delivery status notifications: any message is one or is none. */
#include "harness/mail/dsn.h"
#include "tests/fuzz/fuzz.h"

static void touch(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		CHECK(s.p[i] != '\r' && s.p[i] != '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct dsn d;
	int rc = dsn_parse(&d, span_make((const char *)data, size), &err);
	CHECK(rc >= 0);
	if (rc == 0)
		return 0;
	CHECK(d.recipient_count > 0 && d.recipient_count <= DSN_RECIPIENTS_MAX);
	touch(d.reporting_mta);
	touch(d.envelope_id);
	for (size_t i = 0; i < d.recipient_count; i++) {
		touch(d.recipients[i].original_recipient);
		touch(d.recipients[i].final_recipient);
		touch(d.recipients[i].action);
		touch(d.recipients[i].status);
		touch(d.recipients[i].remote_mta);
		touch(d.recipients[i].diagnostic);
	}
	dsn_fini(&d);
	return 0;
}
