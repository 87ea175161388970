/* Arrivals of a run. Cost follows the number of probes: those of a seed stand together in the plan. */
#include "harness/assess/assess_arrival.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assess/assess_message.h"

static struct arrival_facts assess_arrival_facts(const struct probe *p, const struct observation *o)
{
	struct arrival_facts f = { .absent_ms = o->absent_ms, .seen_ms = o->at_ms, .internal_ms = o->internal_ms };
	for (size_t i = 0; i < p->send_count; i++) {
		const struct send_event *s = &p->sends[i];
		if (s->kind == SEND_HANDING_OVER)
			f.handed_over_ms = s->at_ms;
		else if (s->kind == SEND_REPLY && s->reply_code / 100 == 2)
			f.accepted_ms = s->at_ms;
	}
	return f;
}

static bool assess_arrival_contradicts(const struct probe *p)
{
	const struct observation *o = assess_first_sight(p);
	if (!o)
		return false;
	const struct arrival_facts f = assess_arrival_facts(p, o);
	return arrival_contradicts(&f);
}

/* The probes from `first` on that are of the same seed; *ret_wrong: one of them shows its clock to be wrong. */
static size_t assess_arrival_seed(const struct run_facts *facts, size_t first, bool *ret_wrong)
{
	size_t i = first;
	*ret_wrong = false;
	for (; i < facts->probe_count && strcmp(facts->probes[i].seed, facts->probes[first].seed) == 0; i++)
		*ret_wrong = *ret_wrong || assess_arrival_contradicts(&facts->probes[i]);
	return i;
}

static size_t assess_arrival_sets(const struct run_facts *facts, struct arrival_clock_set *sets)
{
	size_t count = 0;
	for (size_t i = 0; i < facts->event_count; i++)
		if (facts->events[i].kind == RUN_CLOCK_SET)
			sets[count++] = (struct arrival_clock_set){ facts->events[i].at_ms, facts->events[i].shift_ms };
	return count;
}

int assess_arrivals(const struct run_facts *facts, struct arrival **ret, struct error *err)
{
	struct arrival_clock_set *sets = calloc(facts->event_count + 1, sizeof(*sets));
	struct arrival *arrivals = calloc(facts->probe_count + 1, sizeof(*arrivals));
	if (!sets || !arrivals) {
		free(arrivals);
		free(sets);
		return error_memory(err);
	}
	size_t set_count = assess_arrival_sets(facts, sets);
	for (size_t i = 0; i < facts->probe_count;) {
		bool wrong = false;
		size_t end = assess_arrival_seed(facts, i, &wrong);
		for (; i < end; i++) {
			const struct observation *o = assess_first_sight(&facts->probes[i]);
			if (!o)
				continue;
			const struct arrival_facts f = assess_arrival_facts(&facts->probes[i], o);
			arrival_find(&f, wrong, sets, set_count, &arrivals[i]);
			arrivals[i].at_the_end = strcmp(o->found_by, "sweep") == 0;
		}
	}
	free(sets);
	*ret = arrivals;
	return 0;
}
