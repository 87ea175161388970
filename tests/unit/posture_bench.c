/* A bench for checks. */
#include "tests/unit/posture_bench.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "harness/posture/engine/check.h"
#include "harness/base/buf.h"
#include "harness/dns/resolver_zone.h"
#include "tests/unit/dns_words.h"
#include "tests/unit/unit.h"

enum { ZONE_MAX = 1 << 22, CHANGES_MAX = 4000, TIMEOUT_MS = 20000 };

struct bench_dns {
	struct resolver base;
	struct resolver *zone;
	const struct posture_dns *conduct;
};

static void behave(const struct posture_dns *conduct, const struct dns_question *question, struct dns_answer *answer)
{
	if (conduct->failed && strcmp(question->name, conduct->failed) == 0) {
		dns_answer_fini(answer);
		*answer = (struct dns_answer){ .state = DNS_FAILED, .detail = strdup("timed out after 5 s") };
		assert_non_null(answer->detail);
	}
	answer->ttl_remaining = conduct->remaining && strcmp(question->name, conduct->remaining) == 0;
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	const struct bench_dns *dns = (struct bench_dns *)self;
	poll(NULL, 0, (int)dns->conduct->delay_ms);
	if (resolver_ask_many(dns->zone, questions, count, ret_answers, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		behave(dns->conduct, &questions[i], &ret_answers[i]);
	return 0;
}

void posture_look(const struct posture_dns *dns, const struct posture_params *params, struct findings *ret,
		  struct posture_cost *ret_cost)
{
	static const struct resolver_ops ops = { ask, NULL };
	struct bench_dns bench = { .base = { &ops }, .conduct = dns };
	struct posture_params own = *params;
	struct posture_cost cost;
	struct error err = ERROR_INIT;
	struct zone *zone = zone_of(dns->zone);
	assert_int_equal(resolver_zone_new(zone, NULL, &bench.zone, &err), 0);
	own.resolver = &bench.base;
	own.timeout_ms = dns->timeout_ms ? dns->timeout_ms : TIMEOUT_MS;
	if (check_run(check_entries, check_entry_count, &own, ret, ret_cost ? ret_cost : &cost, &err) < 0)
		fail_msg("%s", err.text);
	resolver_free(bench.zone);
	zone_free(zone);
}

static const struct finding *find(const struct findings *findings, const char *id, const char *subject)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, id) == 0 && strcmp(findings->v[i].subject, subject) == 0)
			return &findings->v[i];
	return NULL;
}

const struct finding *posture_finding(const struct findings *findings, const char *id, const char *subject)
{
	const struct finding *finding = find(findings, id, subject);
	if (!finding)
		fail_msg("no finding %s of %s", id, subject);
	return finding;
}

/* The zone without the line, and with others. */
static void edit(const char *zone, const struct posture_fault *fault, struct buf *out)
{
	struct span rest = span_of(zone), line;
	bool found = !fault->line;
	while (span_next(&rest, '\n', &line)) {
		if (fault->line && span_starts(line, span_of(fault->line)))
			found = true;
		else
			buf_addf(out, "%.*s\n", SPAN_ARG(line));
	}
	ROW_ASSERT(fault->label, found);
	buf_addf(out, "%s\n", fault->instead ? fault->instead : "");
	ROW_ASSERT(fault->label, !out->failed);
}

/* Adds what is otherwise than in the good case; *ret is the first of it that is there. */
static void compare(const struct findings *good, const struct findings *seen, struct buf *out,
		    const struct finding **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < seen->count; i++) {
		const struct finding *f = &seen->v[i], *before = find(good, f->id, f->subject);
		if (before && f->state == FINDING_GOOD)
			continue;
		buf_addf(out, "%s%s %s", out->len ? ", " : "", f->id, finding_state_name(f->state));
		*ret = *ret ? *ret : f;
	}
	for (size_t i = 0; i < good->count; i++)
		if (!find(seen, good->v[i].id, good->v[i].subject))
			buf_addf(out, "%s%s gone", out->len ? ", " : "", good->v[i].id);
}

static bool has(const char *text, const char *part)
{
	return !part || strstr(text, part);
}

static void look_at_fault(const char *zone, const struct posture_params *params, const struct findings *good,
			  const struct posture_fault *fault)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(ZONE_MAX), changes = BUF_INIT(CHANGES_MAX);
	_cleanup_(findings_fini) struct findings seen = { 0 };
	const struct finding *first;
	edit(zone, fault, &text);
	const struct posture_dns dns = { .zone = buf_str(&text), .failed = fault->failed };
	posture_look(&dns, params, &seen, NULL);
	compare(good, &seen, &changes, &first);
	ROW_ASSERT_STRING(fault->label, buf_str(&changes), fault->changed);
	if (first && !has(first->evidence, fault->evidence))
		fail_msg("%s: evidence: %s", fault->label, first->evidence);
	if (first && !has(first->mend, fault->mend))
		fail_msg("%s: mend: %s", fault->label, first->mend);
	ROW_ASSERT(fault->label, first || (!fault->evidence && !fault->mend));
	ROW_ASSERT(fault->label, !first || first->state != FINDING_BAD || first->mend[0]);
}

void posture_faults(const char *zone, const struct posture_params *params, const struct posture_fault *faults,
		    size_t count)
{
	_cleanup_(findings_fini) struct findings good = { 0 };
	const struct posture_dns dns = { .zone = zone };
	posture_look(&dns, params, &good, NULL);
	assert_true(good.count > 0);
	for (size_t i = 0; i < good.count; i++)
		if (good.v[i].state != FINDING_GOOD)
			fail_msg("good case: %s of %s: %s", good.v[i].id, good.v[i].subject, good.v[i].evidence);
	for (size_t i = 0; i < count; i++)
		look_at_fault(zone, params, &good, &faults[i]);
}
