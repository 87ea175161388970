/* Snapshots for tests. */
#include "tests/unit/survey_of.h"

#include <stdlib.h>
#include <string.h>

#include "harness/dns/resolver_snapshot.h"
#include "harness/dns/resolver_zone.h"
#include "harness/posture/survey.h"
#include "tests/unit/dns_words.h"

static void must(bool well, const struct error *err)
{
	if (well)
		return;
	fprintf(stderr, "survey: %s\n", err->text);
	abort();
}

/* The zone, but for names that have no answer. */
struct partly {
	struct resolver base;
	struct resolver *zone;
	const char *failed;
};

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	struct partly *partly = (struct partly *)self;
	must(resolver_ask_many(partly->zone, questions, count, ret_answers, err) == 0, err);
	for (size_t i = 0; i < count; i++) {
		if (!partly->failed || strcmp(partly->failed, questions[i].name) != 0)
			continue;
		dns_answer_fini(&ret_answers[i]);
		ret_answers[i] = (struct dns_answer){ .state = DNS_FAILED, .detail = strdup("timed out") };
	}
	return 0;
}

void survey_of(const char *zone_text, const char *failed, struct dns_snapshot *ret)
{
	static const struct resolver_ops ops = { ask, NULL };
	static const char *const selectors[] = { "s1" };
	const struct survey_params params = {
		.domain = "example.org", .envelope_domain = "b.example.org", .selectors = selectors, .selector_count = 1
	};
	struct error err = ERROR_INIT;
	struct zone *zone = zone_of(zone_text);
	struct resolver *answers = NULL, *recording = NULL;
	*ret = (struct dns_snapshot){ 0 };
	must(resolver_zone_new(zone, NULL, &answers, &err) == 0, &err);
	struct partly partly = { { &ops }, answers, failed };
	must(resolver_recording_new(&partly.base, NULL, 0, dns_snapshot_sink, ret, &recording, &err) == 0, &err);
	must(survey(&params, recording, &err) == 0, &err);
	resolver_free(recording);
	resolver_free(answers);
	zone_free(zone);
}
