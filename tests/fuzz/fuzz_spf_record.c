/* SPF records: terms lie within the record, in order, and faults are where they are said to be. */
#include "harness/auth/spf_macro.h"
#include "harness/auth/spf_record.h"
#include "tests/fuzz/fuzz.h"

static bool lies_in(struct span part, struct span whole)
{
	return part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

static void check_term(const struct spf_term *t, struct span record)
{
	struct spf_macro macro;
	struct span rest = t->domain;
	const char *what;
	int found;
	CHECK(t->text.len > 0 && lies_in(t->text, record) && lies_in(t->name, t->text) && lies_in(t->domain, t->text));
	CHECK(t->bits4 <= 32 && t->bits6 <= 128 && t->kind <= SPF_UNKNOWN_MODIFIER);
	CHECK(t->kind != SPF_IP4 || !t->network.v6);
	CHECK(t->kind != SPF_IP6 || t->network.v6);
	while ((found = spf_macro_next(&rest, SPF_MACRO_TERM, &macro, &what)) > 0)
		continue;
	CHECK(found == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span record = { (const char *)data, size };
	struct spf_term term;
	struct spf_fault fault;
	int found;
	if (!spf_record_is(record))
		return 0;
	struct spf_reader reader = spf_reader_start(record);
	size_t last = 0;
	while ((found = spf_reader_next(&reader, &term, &fault)) != 0) {
		CHECK(reader.at > last && reader.at <= size);
		last = reader.at;
		if (found > 0)
			check_term(&term, record);
		else
			CHECK(lies_in(fault.term, record) && fault.offset <= size && fault.what && fault.section);
	}
	return 0;
}
