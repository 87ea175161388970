/* What the terms of an SPF record and of those below it say. */
#include "harness/posture/spf/check_spf.h"

/* --- syntax ----------------------------------------------------------------------------------------------------- */

/* Adds the faults of one record in words; returns how many. */
static size_t add_faults(const struct spf_node *node, struct buf *list)
{
	struct spf_reader reader = spf_node_reader(node);
	struct spf_term term;
	struct spf_fault fault;
	size_t count = 0;
	int found;
	while ((found = spf_reader_next(&reader, &term, &fault)) != 0) {
		if (found > 0)
			continue;
		check_enumerate(list, "; ", "%s, octet %zu, `%.*s`: %s (%s)", node->name, fault.offset,
				SPAN_ARG(fault.term), fault.what, fault.section);
		count++;
	}
	return count;
}

static void check_spf_terms_check_syntax(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf faults = BUF_INIT(SPF_WORDS_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	const char *why = spf_tree_unanswered(&posture->tree);
	const struct spf_node *first = NULL;
	for (size_t i = 0; i < posture->tree.count; i++) {
		const struct spf_node *node = &posture->tree.nodes[i];
		if (node->record && add_faults(node, &faults) > 0 && !first)
			first = node;
	}
	if (first) {
		spf_mend_edit(&mend, "write what was meant, or leave it out", first, &(struct spf_edit){ 0 });
		check_bad(posture->check, "spf.syntax", posture->domain, check_text(posture->check, &mend), "%s",
			  check_text(posture->check, &faults));
	} else if (why) {
		check_open(posture->check, "spf.syntax", posture->domain, "%s", why);
	} else {
		check_good(posture->check, "spf.syntax", posture->domain, "no fault in %zu record%s",
			   posture->tree.count, posture->tree.count == 1 ? "" : "s");
	}
}

/* --- all -------------------------------------------------------------------------------------------------------- */

static const struct spf_edit softfail = { .all = "~all" };

static bool find_term(const struct spf_node *node, enum spf_term_kind kind, struct spf_term *ret)
{
	struct spf_reader reader = spf_node_reader(node);
	bool all_seen = false;
	while (spf_tree_term(&reader, &all_seen, ret))
		if (ret->kind == kind)
			return true;
	return false;
}

static void check_all(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
	const struct spf_node *last = spf_tree_last(&posture->tree);
	struct spf_term all;
	if (last->state == SPF_NODE_UNANSWERED || last->state == SPF_NODE_NEEDS_MESSAGE)
		check_open(posture->check, "spf.all", posture->domain, "%s: %s", last->term,
			   last->why ? last->why : "depends on the message");
	if (!last->record) /* else it is a finding of spf.includes */
		return;
	spf_mend_edit(&mend, "end it in ~all, or in -all", last, &softfail);
	if (find_term(last, SPF_ALL, &all))
		check_that(posture->check, all.qualifier == AUTH_FAIL || all.qualifier == AUTH_SOFTFAIL, "spf.all",
			   posture->domain, check_text(posture->check, &mend),
			   "the record of %s ends in %.*s: %s of other addresses", last->name, SPAN_ARG(all.text),
			   auth_result_name(all.qualifier));
	else
		check_bad(posture->check, "spf.all", posture->domain, check_text(posture->check, &mend),
			  "the record of %s has no `all`: neutral of other addresses", last->name);
}

/* Of an included record it makes the include match everything. */
static void check_all_plus(const struct spf_posture *posture)
{
	const char *why = spf_tree_unanswered(&posture->tree);
	for (size_t i = 0; i < posture->tree.count; i++) {
		_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
		const struct spf_node *node = &posture->tree.nodes[i];
		struct spf_term all;
		if (!node->record || !find_term(node, SPF_ALL, &all) || all.qualifier != AUTH_PASS)
			continue;
		spf_mend_edit(&mend, "do not let every address of the internet pass", node, &softfail);
		check_bad(posture->check, "spf.all-plus", posture->domain, check_text(posture->check, &mend),
			  "the record of %s has %.*s: every address passes", node->name, SPAN_ARG(all.text));
		return;
	}
	if (why)
		check_open(posture->check, "spf.all-plus", posture->domain, "%s", why);
	else
		check_good(posture->check, "spf.all-plus", posture->domain, "no +all in %zu record%s",
			   posture->tree.count, posture->tree.count == 1 ? "" : "s");
}

/* --- ptr -------------------------------------------------------------------------------------------------------- */

static void check_ptr_terms(const struct spf_posture *posture)
{
	const char *why = spf_tree_unanswered(&posture->tree);
	for (size_t i = 0; i < posture->tree.count; i++) {
		_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
		const struct spf_node *node = &posture->tree.nodes[i];
		const struct posture_params *p = check_params(posture->check);
		const struct spf_edit edit = { .without_ptr = true,
					       .senders = i ? NULL : p->senders,
					       .sender_count = i ? 0 : p->sender_count };
		struct spf_term term;
		if (!node->record || !find_term(node, SPF_PTR, &term))
			continue;
		spf_mend_edit(&mend, "name addresses in place of ptr", node, &edit);
		check_bad(posture->check, "spf.ptr", posture->domain, check_text(posture->check, &mend),
			  "the record of %s has %.*s, which should not be used (RFC 7208 section 5.5)", node->name,
			  SPAN_ARG(term.text));
		return;
	}
	if (why)
		check_open(posture->check, "spf.ptr", posture->domain, "%s", why);
	else
		check_good(posture->check, "spf.ptr", posture->domain, "no ptr in %zu record%s", posture->tree.count,
			   posture->tree.count == 1 ? "" : "s");
}

void spf_posture_terms(const struct spf_posture *posture)
{
	check_spf_terms_check_syntax(posture);
	check_all(posture);
	check_all_plus(posture);
	check_ptr_terms(posture);
}
