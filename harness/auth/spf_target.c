/* Names of terms, as macros see them and as the DNS is asked for them. */
#include "harness/auth/spf_target.h"

#include <string.h>

#include "harness/auth/spf_validated.h"

void spf_target_set(struct spf_target *target, struct span octets)
{
	if (octets.len > 0 && octets.p[octets.len - 1] == '.')
		octets.len--;
	target->len = octets.len <= SPF_DOMAIN_MAX ? octets.len : SPF_DOMAIN_MAX;
	span_copy(octets, target->text, sizeof(target->text));
	if (octets.len > SPF_DOMAIN_MAX || !dns_name_make(octets, target->name)) {
		target->name[0] = '\0';
		return;
	}
	/* RFC 8616 section 4: macros see A-labels too. Where the name is longer than a domain, it is none. */
	struct span name = span_of(target->name);
	if (!span_is_ascii(octets) && name.len <= SPF_DOMAIN_MAX) {
		target->len = name.len;
		span_copy(name, target->text, sizeof(target->text));
	}
}

/* Section 7.3: the domain itself, one below it, any, or "unknown". */
static struct span best_validated(const struct spf_validated *v, const char *domain)
{
	struct span best = { NULL, 0 };
	for (size_t i = 0; i < v->count; i++) {
		if (strcmp(v->names[i], domain) == 0)
			return span_of(v->names[i]);
		bool under = dns_name_under(v->names[i], domain);
		if (!best.p || (under && !dns_name_under(best.p, domain)))
			best = span_of(v->names[i]);
	}
	return best.p ? best : SPAN_LIT("unknown");
}

int spf_values_for(struct spf_current *c, struct span text, enum spf_outcome *ret_outcome, struct error *err)
{
	struct spf_check *check = c->frame->check;
	size_t step;
	*ret_outcome = SPF_NO_MATCH;
	check->values.domain = span_make(c->frame->domain->text, c->frame->domain->len);
	if (!spf_macro_uses(text, "p"))
		return 0;
	unsigned depth = c->frame->depth + 1;
	if (!check->validated.asked && spf_step_add(check, depth, "%{p}", &step, err) < 0)
		return -1;
	if (check->validated.asked)
		step = c->step;
	if (spf_validate(c, step, depth + 1, ret_outcome, err) < 0)
		return -1;
	if (check->validated.missed[0])
		*ret_outcome = spf_stop_missed(c->frame);
	check->values.validated = best_validated(&check->validated, c->frame->domain->name);
	return 0;
}

int spf_target_make(struct spf_current *c, struct spf_target *ret, enum spf_outcome *ret_outcome, struct error *err)
{
	struct spf_check *check = c->frame->check;
	struct span spec = c->term->domain;
	*ret_outcome = SPF_NO_MATCH;
	if (spec.len == 0) {
		*ret = *c->frame->domain;
		return 0;
	}
	if (spec.len <= SPF_DOMAIN_MAX && span_find_char(spec, '%', 0) < 0) {
		spf_target_set(ret, spec);
		return 0;
	}
	if (spf_values_for(c, spec, ret_outcome, err) < 0)
		return -1;
	if (*ret_outcome == SPF_STOP)
		return 0;
	if (spf_macro_expand_name(spec, &check->values, &check->expanded) < 0)
		return buf_check(&check->expanded, "an expanded domain", err);
	spf_target_set(ret, buf_span(&check->expanded));
	return 0;
}
