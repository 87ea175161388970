/* Structure of ARC chains, as strict as RFC 8617 section 5.2 step 3. Pure. */
#include "harness/auth/arc_chain.h"

#include <stdio.h>

#include "harness/auth/tag_list.h"
#include "harness/base/compiler.h"
#include "harness/mail/rfc5322.h"

#define SECTION "RFC 8617 section 5.2"

static const char *const arc_chain_names[] = { "ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal" };

const char *arc_part_name(enum arc_part part)
{
	return arc_chain_names[part];
}

/* RFC 8617 section 4.2.1: one or two digits, 1 to 50. 0 where it is none. */
static unsigned read_instance(struct span digits)
{
	uint64_t number = 0;
	return digits.len <= 2 && span_to_u64(digits, ARC_SETS_MAX, &number) ? (unsigned)number : 0;
}

static bool is_instance_octet(char c)
{
	return ascii_is_digit(c);
}

/* `i=1;` in front of what Authentication-Results holds (section 4.1.1). */
static unsigned results_instance(struct span value)
{
	struct lexer l = { value };
	if (!lexer_cfws(&l) || !lexer_char(&l, 'i') || !lexer_cfws(&l) || !lexer_char(&l, '=') || !lexer_cfws(&l))
		return 0;
	unsigned instance = read_instance(lexer_run(&l, is_instance_octet));
	return lexer_cfws(&l) && lexer_char(&l, ';') ? instance : 0;
}

static unsigned signature_instance(struct span value, bool *ret_capped)
{
	struct tag_list list;
	/* A list that breaks behind its instance is for the reading of the signature to refuse. */
	tag_list_parse(&list, value);
	*ret_capped = *ret_capped || list.capped;
	const struct tag *i = tag_list_find(&list, "i");
	return i ? read_instance(i->value) : 0;
}

static bool read_part(const struct header *h, enum arc_part part, struct arc_chain *c)
{
	for (ptrdiff_t at = header_find(h, arc_chain_names[part], 0); at >= 0;
	     at = header_find(h, arc_chain_names[part], (size_t)at + 1)) {
		struct span value = h->fields[at].value;
		unsigned instance = part == ARC_PART_RESULTS ? results_instance(value)
							     : signature_instance(value, &c->capped);
		if (instance == 0) {
			snprintf(c->problem, sizeof(c->problem), "%s has no instance of 1 to %d", arc_chain_names[part],
				 ARC_SETS_MAX);
			return false;
		}
		if (c->sets[instance - 1][part]) {
			snprintf(c->problem, sizeof(c->problem), "more than one %s of instance %u",
				 arc_chain_names[part], instance);
			return false;
		}
		c->sets[instance - 1][part] = &h->fields[at];
		c->count = instance > c->count ? instance : c->count;
	}
	return true;
}

static bool check_seal(struct arc_chain *c, unsigned instance)
{
	struct tag_list list;
	const struct tag *cv;
	const char *wanted = instance == 1 ? "none" : "pass";
	tag_list_parse(&list, c->sets[instance - 1][ARC_PART_SEAL]->value);
	/* A signature over other fields would be a trap, RFC 8617 section 4.1.3. */
	if (tag_list_find(&list, "h")) {
		snprintf(c->problem, sizeof(c->problem), "ARC-Seal i=%u has h=: a seal signs what is fixed", instance);
		return false;
	}
	cv = tag_list_find(&list, "cv");
	if (cv && span_is_nocase(cv->value, wanted))
		return true;
	if (cv && span_is_nocase(cv->value, "fail"))
		snprintf(c->problem, sizeof(c->problem), "ARC-Seal i=%u says that the chain failed (cv=fail)",
			 instance);
	else
		snprintf(c->problem, sizeof(c->problem), "cv= of ARC-Seal i=%u is not %s", instance, wanted);
	return false;
}

static bool check_sets(struct arc_chain *c)
{
	for (unsigned i = c->count; i > 0; i--) {
		for (int part = 0; part < ARC_PARTS; part++)
			if (!c->sets[i - 1][part]) {
				snprintf(c->problem, sizeof(c->problem), "%s i=%u is missing", arc_chain_names[part],
					 i);
				return false;
			}
		if (!check_seal(c, i))
			return false;
	}
	return true;
}

void arc_chain_read(const struct header *h, struct arc_chain *ret)
{
	*ret = (struct arc_chain){ .capped = h->capped };
	bool good = true;
	for (int part = 0; part < ARC_PARTS && good; part++)
		good = read_part(h, (enum arc_part)part, ret);
	if (!good || !check_sets(ret))
		ret->section = SECTION;
}
