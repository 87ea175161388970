/* DMARC policy records by both grammars: what is handed out lies in the record, and is what it may be. */
#include "harness/auth/dmarc_record.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct dmarc_record *r, struct span text, enum dmarc_standard standard)
{
	CHECK(r->uri_count <= DMARC_URIS_MAX && r->problem_count <= DMARC_PROBLEMS_MAX && r->pct <= 100);
	CHECK(r->usable == (r->p != DMARC_POLICY_ABSENT));
	CHECK(standard == DMARC_RFC9989 || (r->np == DMARC_POLICY_ABSENT && r->psd == DMARC_PSD_U && !r->testing));
	for (size_t i = 0; i < r->uri_count; i++) {
		const struct dmarc_uri *uri = &r->uris[i];
		CHECK(uri->uri.p >= text.p && uri->uri.p + uri->uri.len <= text.p + text.len);
		CHECK(!uri->domain.p || (uri->domain.p > uri->uri.p && uri->domain.len > 0));
		CHECK(uri->max_octets >= -1);
	}
	for (size_t i = 0; i < r->problem_count; i++)
		CHECK(r->problems[i].offset <= text.len && r->problems[i].what && r->problems[i].section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	struct error err = ERROR_INIT;
	struct dmarc_record r;
	int found[DMARC_STANDARD_COUNT];
	for (int s = 0; s < DMARC_STANDARD_COUNT; s++) {
		found[s] = dmarc_record_parse(text, (enum dmarc_standard)s, &r, &err);
		CHECK(found[s] >= 0);
		if (found[s] == 0)
			continue;
		check(&r, text, (enum dmarc_standard)s);
		dmarc_record_fini(&r);
	}
	CHECK(found[DMARC_RFC9989] == found[DMARC_RFC7489]);
	return 0;
}
