/* What comes back: any message is a notification, of which something is known, or is of some other kind. */
#include <string.h>

#include "harness/mail/dsn.h"
#include "harness/mail/returned.h"
#include "harness/mail/tag.h"
#include "tests/fuzz/fuzz.h"

static void touch(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		CHECK(s.p[i] != '\r' && s.p[i] != '\n');
}

static void read_other(struct span message)
{
	struct error err = ERROR_INIT;
	struct header header;
	enum returned_kind kind = RETURNED_KIND_COUNT;
	char tag[TAG_SIZE];
	size_t at = 0, before = 0;
	CHECK(header_parse(&header, message, &err) == 0);
	CHECK(returned_kind_of(&header, message, &kind, &err) == 0 && kind < RETURNED_KIND_COUNT);
	header_fini(&header);
	for (; tag_next(message, &at, tag); before = at)
		CHECK(at > before && at <= message.len && tag_valid(span_of(tag)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct dsn d;
	int rc = dsn_parse(&d, span_make((const char *)data, size), &err);
	CHECK(rc >= 0);
	if (rc == 0) {
		read_other(span_make((const char *)data, size));
		return 0;
	}
	bool known = false;
	CHECK(d.recipient_count > 0 && d.recipient_count <= DSN_RECIPIENTS_MAX);
	touch(d.reporting_mta);
	touch(d.envelope_id);
	for (size_t i = 0; i < d.recipient_count; i++) {
		known = known || dsn_action_of(&d.recipients[i]) != DSN_UNKNOWN;
		touch(d.recipients[i].original_recipient);
		touch(d.recipients[i].final_recipient);
		touch(d.recipients[i].action);
		touch(d.recipients[i].status);
		touch(d.recipients[i].remote_mta);
		touch(d.recipients[i].diagnostic);
	}
	CHECK(known);
	dsn_fini(&d);
	return 0;
}
