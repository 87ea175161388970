/* Zone files over another resolver. Questions go round by round: each is followed through the file as far as it goes;
 * those that leave the file are asked below side by side, and may come back by a CNAME. */
#include "harness/dns/resolver_zone.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"

/* So many questions at once take no memory for their courses. */
enum { CNAMES_MAX = 12, COURSES_AT_HAND = 2 };

struct zone_resolver {
	struct resolver base;
	const struct zone *zone;
	struct resolver *below;
};

/* A question on its way. */
struct course {
	enum dns_type type;
	char name[DNS_NAME_TEXT_MAX]; /* that is asked for now */
	unsigned cnames;
	uint32_t ttl; /* the least of the CNAMEs */
	bool done;
};

static void take_ttl(struct course *course, uint32_t ttl)
{
	if (ttl < course->ttl)
		course->ttl = ttl;
}

/* The owner whose records answer for the name: itself, or the wildcard of its closest encloser (RFC 4592 section
 * 3.3.1). False where the name does not exist. */
static bool find_owner(const struct zone *zone, const char *name, const char *apex, char out[DNS_NAME_TEXT_MAX])
{
	const char *encloser = name;
	while (strcmp(encloser, apex) != 0 && !zone_exists(zone, encloser))
		encloser = dns_name_parent(encloser);
	if (encloser == name) {
		span_copy(span_of(name), out, DNS_NAME_TEXT_MAX);
		return true;
	}
	bool root = strcmp(encloser, ".") == 0;
	int len = snprintf(out, DNS_NAME_TEXT_MAX, "*%s%s", root ? "" : ".", root ? "" : encloser);
	return len < DNS_NAME_TEXT_MAX && zone_exists(zone, out);
}

static int resolver_zone_fail(struct course *course, struct dns_answer *answer, const char *why, struct error *err)
{
	char *detail = NULL;
	if (asprintf(&detail, "%s %s", course->name, why) < 0)
		return error_memory(err);
	dns_answer_fini(answer);
	*answer = (struct dns_answer){ .state = DNS_FAILED, .rcode = DNS_SERVFAIL, .detail = detail };
	course->done = true;
	return 0;
}

/* Moves on to the target of a CNAME. */
static int resolver_zone_follow(struct course *course, const struct zone_record *cname, struct dns_answer *answer,
				struct error *err)
{
	char target[DNS_NAME_TEXT_MAX] ATTR_UNINIT;
	if (++course->cnames > CNAMES_MAX)
		return resolver_zone_fail(course, answer, "is behind more than 12 CNAMEs, which may be a loop", err);
	if (!rdata_name(&cname->data, target))
		return resolver_zone_fail(course, answer, "has a CNAME without a name", err);
	span_copy(span_of(target), course->name, sizeof(course->name));
	take_ttl(course, cname->ttl);
	return 0;
}

static int add_records(struct course *course, const struct zone_record *records, size_t count,
		       struct dns_answer *answer, struct error *err)
{
	size_t cap = 0;
	for (size_t i = 0; i < count; i++) {
		take_ttl(course, records[i].ttl);
		if (dns_answer_add(answer, &cap, records[i].data.rdata, records[i].data.len, err) < 0)
			return -1;
	}
	return 0;
}

/* Whether the file has records for the very question. */
static bool writes(const struct zone *zone, const char *name, enum dns_type type, const char *apex)
{
	char owner[DNS_NAME_TEXT_MAX];
	size_t count = 0;
	return find_owner(zone, name, apex, owner) &&
	       (zone_find(zone, owner, type, &count) || zone_find(zone, owner, DNS_CNAME, &count));
}

/* The apex of the zone that must answer for the name; NULL: the layer below must. */
static const char *authority(const struct zone_resolver *self, const char *name, enum dns_type type)
{
	const char *apex = zone_apex(self->zone, name);
	size_t count = 0;
	if (!self->below)
		return apex ? apex : ".";
	/* A DS record belongs to the zone above the cut (RFC 4035 section 2.4). */
	for (const char *p = name; apex && strcmp(p, apex) != 0; p = dns_name_parent(p))
		if (zone_find(self->zone, p, DNS_NS, &count) && !(p == name && type == DNS_DS))
			return NULL;
	return apex && (zone_find(self->zone, apex, DNS_SOA, &count) || writes(self->zone, name, type, apex)) ? apex
													      : NULL;
}

/* Of a negative answer: the lesser of the SOA's TTL and its minimum, which ends it. */
static void take_negative_ttl(struct course *course, const struct zone *zone, const char *apex)
{
	size_t count = 0;
	const struct zone_record *soa = zone_find(zone, apex, DNS_SOA, &count);
	if (!soa || soa->data.len < 4) {
		course->ttl = 0;
		return;
	}
	const unsigned char *minimum = soa->data.rdata + soa->data.len - 4;
	take_ttl(course, soa->ttl);
	take_ttl(course,
		 (uint32_t)minimum[0] << 24 | (uint32_t)minimum[1] << 16 | (uint32_t)minimum[2] << 8 | minimum[3]);
}

static int resolver_zone_finish(struct course *course, struct dns_answer *answer, struct error *err)
{
	course->done = true;
	answer->ttl = course->ttl;
	if (course->cnames == 0 || answer->canonical)
		return 0;
	answer->canonical = strdup(course->name);
	return answer->canonical ? 0 : error_memory(err);
}

/* One step within a zone of the file: an answer, or on to the target of a CNAME. */
static int resolver_zone_step(const struct zone *zone, const char *apex, struct course *course,
			      struct dns_answer *answer, struct error *err)
{
	char owner[DNS_NAME_TEXT_MAX] ATTR_UNINIT;
	size_t count = 0;
	if (!find_owner(zone, course->name, apex, owner)) {
		answer->rcode = DNS_NXDOMAIN;
		take_negative_ttl(course, zone, apex);
		return resolver_zone_finish(course, answer, err);
	}
	const struct zone_record *cname = zone_find(zone, owner, DNS_CNAME, &count);
	if (cname && course->type != DNS_CNAME)
		return resolver_zone_follow(course, cname, answer, err);
	const struct zone_record *records = zone_find(zone, owner, course->type, &count);
	if (count == 0)
		take_negative_ttl(course, zone, apex);
	if (add_records(course, records, count, answer, err) < 0)
		return -1;
	return resolver_zone_finish(course, answer, err);
}

/* Follows the question through the file: it is done then, or its name is one of the layer below. */
static int run_through_file(const struct zone_resolver *self, struct course *course, struct dns_answer *answer,
			    struct error *err)
{
	const char *apex;
	while (!course->done && (apex = authority(self, course->name, course->type)))
		if (resolver_zone_step(self->zone, apex, course, answer, err) < 0)
			return -1;
	return 0;
}

/* Takes the answer of the layer below; the end of its CNAMEs may be a name of the file. */
static int take_from_below(const struct zone_resolver *self, struct course *course, struct dns_answer *got,
			   struct dns_answer *answer, struct error *err)
{
	take_ttl(course, got->ttl);
	if (got->state == DNS_ANSWERED && got->canonical && authority(self, got->canonical, course->type)) {
		if (++course->cnames > CNAMES_MAX)
			return resolver_zone_fail(course, answer, "is behind more than 12 CNAMEs, which may be a loop",
						  err);
		span_copy(span_of(got->canonical), course->name, sizeof(course->name));
		answer->at_ms = got->at_ms;
		answer->ttl_remaining = got->ttl_remaining;
		return 0;
	}
	*answer = *got;
	*got = (struct dns_answer){ 0 };
	/* The CNAMEs of the file are not signed. */
	if (course->cnames > 0 && answer->security == DNS_SECURE)
		answer->security = DNS_INSECURE;
	return resolver_zone_finish(course, answer, err);
}

/* Asks below for what is not done, and takes the answers. */
static int ask_below(const struct zone_resolver *self, size_t count, struct course *courses, struct dns_answer *answers,
		     struct error *err)
{
	_cleanup_(free_p) struct dns_question *asked = calloc(count, sizeof(*asked));
	_cleanup_(free_p) struct dns_answer *got = calloc(count, sizeof(*got));
	size_t open = 0, taken = 0;
	int result = 0;
	if (!asked || !got)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		if (!courses[i].done)
			asked[open++] = (struct dns_question){ courses[i].name, courses[i].type };
	if (open == 0)
		return 0;
	if (resolver_ask_many(self->below, asked, open, got, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		if (!courses[i].done)
			result = take_from_below(self, &courses[i], &got[taken++], &answers[i], err);
	for (size_t i = 0; i < open; i++)
		dns_answer_fini(&got[i]);
	return result;
}

static bool all_done(const struct course *courses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!courses[i].done)
			return false;
	return true;
}

static int resolver_zone_resolve(const struct zone_resolver *self, const struct dns_question *questions, size_t count,
				 struct course *courses, struct dns_answer *answers, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		courses[i].type = questions[i].type;
		courses[i].cnames = 0;
		courses[i].ttl = UINT32_MAX;
		courses[i].done = false;
		if (!dns_name_normal(questions[i].name, courses[i].name)) {
			courses[i].done = true;
			answers[i].rcode = DNS_NXDOMAIN;
		}
	}
	/* Each round but the last costs a question that is not done a CNAME. */
	for (;;) {
		for (size_t i = 0; i < count; i++)
			if (run_through_file(self, &courses[i], &answers[i], err) < 0)
				return -1;
		if (all_done(courses, count))
			return 0;
		if (ask_below(self, count, courses, answers, err) < 0)
			return -1;
	}
}

static int resolver_zone_ask(struct resolver *resolver, const struct dns_question *questions, size_t count,
			     struct dns_answer *ret_answers, struct error *err)
{
	const struct zone_resolver *self = (const struct zone_resolver *)resolver;
	struct course few[COURSES_AT_HAND] ATTR_UNINIT;
	_cleanup_(free_p) struct course *many = count > COURSES_AT_HAND ? calloc(count, sizeof(*many)) : NULL;
	struct course *courses = count > COURSES_AT_HAND ? many : few;
	_cleanup_(free_p) struct dns_answer *answers = calloc(count + 1, sizeof(*answers));
	if (!courses || !answers)
		return error_memory(err);
	int result = resolver_zone_resolve(self, questions, count, courses, answers, err);
	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			ret_answers[i] = answers[i];
		else
			dns_answer_fini(&answers[i]);
	}
	return result;
}

static void zone_resolver_free(struct resolver *resolver)
{
	free(resolver);
}

int resolver_zone_new(struct zone *zone, struct resolver *below, struct resolver **ret, struct error *err)
{
	static const struct resolver_ops ops = { resolver_zone_ask, zone_resolver_free };
	if (zone_seal(zone, err) < 0)
		return -1;
	struct zone_resolver *self = calloc(1, sizeof(*self));
	if (!self)
		return error_memory(err);
	*self = (struct zone_resolver){ { &ops }, zone, below };
	*ret = &self->base;
	return 0;
}
