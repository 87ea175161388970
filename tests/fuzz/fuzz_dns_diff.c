/* Two looks at zones that a stranger wrote: whatever stands in them, the survey ends, and what changed can be said in
 * single lines that no terminal acts on. Nothing changed between a look and itself. */
#include <string.h>

#include "harness/auth/dns_diff.h"
#include "harness/base/compiler.h"
#include "harness/base/utf8.h"
#include "harness/dns/resolver_snapshot.h"
#include "harness/dns/resolver_zone.h"
#include "harness/dns/snapshot.h"
#include "harness/posture/survey.h"
#include "tests/fuzz/fuzz.h"

static const char parting[] = "\n--\n";

static bool look(struct span text, struct dns_snapshot *ret)
{
	static const char *const selectors[] = { "s" };
	const struct survey_params params = {
		.domain = "a.example", .envelope_domain = "b.a.example", .selectors = selectors, .selector_count = 1
	};
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	_cleanup_(resolver_free_p) struct resolver *answers = NULL, *recording = NULL;
	CHECK(zone_new(&zone, &err) == 0);
	zone_parse(zone, text, "file", &err);
	if (resolver_zone_new(zone, NULL, &answers, &err) < 0)
		return false;
	CHECK(resolver_recording_new(answers, NULL, 0, dns_snapshot_sink, ret, &recording, &err) == 0);
	CHECK(survey(&params, recording, &err) == 0);
	return true;
}

static size_t compare(const struct dns_snapshot *older, const struct dns_snapshot *newer)
{
	struct error err = ERROR_INIT;
	_cleanup_(dns_changes_fini) struct dns_changes changes = { 0 };
	CHECK(dns_diff(older->facts, older->count, newer->facts, newer->count, &changes, &err) == 0);
	for (size_t i = 0; i < changes.count; i++) {
		const char *what = changes.v[i].what;
		CHECK(utf8_valid(span_of(what)));
		for (const char *c = what; *c; c++)
			CHECK((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
	return changes.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span text = span_make((const char *)data, size);
	ptrdiff_t at = span_find(text, span_of(parting), 0);
	size_t end = at < 0 ? size : (size_t)at;
	_cleanup_(dns_snapshot_fini) struct dns_snapshot older = { 0 }, newer = { 0 };
	if (!look(span_sub(text, 0, end), &older) || !look(span_sub(text, end + strlen(parting), size), &newer))
		return 0;
	compare(&older, &newer);
	compare(&newer, &older);
	/* Records beyond the number that is compared are said to be too many. */
	if (size < 4096)
		CHECK(compare(&older, &older) == 0);
	return 0;
}
