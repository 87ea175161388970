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

static void check_spf_terms_check_syntax(const struct spf_look *look)
{
	_cleanup_(buf_fini) struct buf faults = BUF_INIT(SPF_WORDS_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	const char *why = spf_tree_unanswered(&look->tree);
	const struct spf_node *first = NULL;
	for (size_t i = 0; i < look->tree.count; i++) {
		const struct spf_node *node = &look->tree.nodes[i];
		if (node->record && add_faults(node, &faults) > 0 && !first)
			first = node;
	}
	if (first) {
		spf_mend_edit(&mend, "write what was meant, or leave it out", first, &(struct spf_edit){ 0 });
		check_bad(look->check, "spf.syntax", look->domain, check_text(look->check, &mend), "%s",
			  check_text(look->check, &faults));
	} else if (why) {
		check_open(look->check, "spf.syntax", look->domain, "%s", why);
	} else {
		check_good(look->check, "spf.syntax", look->domain, "no fault in %zu record%s", look->tree.count,
			   look->tree.count == 1 ? "" : "s");
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

static void check_all(const struct spf_look *look)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
	const struct spf_node *last = spf_tree_last(&look->tree);
	struct spf_term all;
	if (last->state == SPF_NODE_UNANSWERED || last->state == SPF_NODE_NEEDS_MESSAGE)
		check_open(look->check, "spf.all", look->domain, "%s: %s", last->term,
			   last->why ? last->why : "depends on the message");
	if (!last->record) /* else it is a finding of spf.includes */
		return;
	spf_mend_edit(&mend, "end it in ~all, or in -all", last, &softfail);
	if (find_term(last, SPF_ALL, &all))
		check_that(look->check, all.qualifier == AUTH_FAIL || all.qualifier == AUTH_SOFTFAIL, "spf.all",
			   look->domain, check_text(look->check, &mend),
			   "the record of %s ends in %.*s: %s of other addresses", last->name, SPAN_ARG(all.text),
			   auth_result_name(all.qualifier));
	else
		check_bad(look->check, "spf.all", look->domain, check_text(look->check, &mend),
			  "the record of %s has no `all`: neutral of other addresses", last->name);
}

/* Of an included record it makes the include match everything. */
static void check_all_plus(const struct spf_look *look)
{
	const char *why = spf_tree_unanswered(&look->tree);
	for (size_t i = 0; i < look->tree.count; i++) {
		_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
		const struct spf_node *node = &look->tree.nodes[i];
		struct spf_term all;
		if (!node->record || !find_term(node, SPF_ALL, &all) || all.qualifier != AUTH_PASS)
			continue;
		spf_mend_edit(&mend, "do not let every address of the internet pass", node, &softfail);
		check_bad(look->check, "spf.all-plus", look->domain, check_text(look->check, &mend),
			  "the record of %s has %.*s: every address passes", node->name, SPAN_ARG(all.text));
		return;
	}
	if (why)
		check_open(look->check, "spf.all-plus", look->domain, "%s", why);
	else
		check_good(look->check, "spf.all-plus", look->domain, "no +all in %zu record%s", look->tree.count,
			   look->tree.count == 1 ? "" : "s");
}

/* --- ptr -------------------------------------------------------------------------------------------------------- */

static void check_ptr_terms(const struct spf_look *look)
{
	const char *why = spf_tree_unanswered(&look->tree);
	for (size_t i = 0; i < look->tree.count; i++) {
		_cleanup_(buf_fini) struct buf mend = BUF_INIT(SPF_WORDS_MAX);
		const struct spf_node *node = &look->tree.nodes[i];
		const struct posture_params *p = check_params(look->check);
		const struct spf_edit edit = { .without_ptr = true,
					       .senders = i ? NULL : p->senders,
					       .sender_count = i ? 0 : p->sender_count };
		struct spf_term term;
		if (!node->record || !find_term(node, SPF_PTR, &term))
			continue;
		spf_mend_edit(&mend, "name addresses in place of ptr", node, &edit);
		check_bad(look->check, "spf.ptr", look->domain, check_text(look->check, &mend),
			  "the record of %s has %.*s, which should not be used (RFC 7208 section 5.5)", node->name,
			  SPAN_ARG(term.text));
		return;
	}
	if (why)
		check_open(look->check, "spf.ptr", look->domain, "%s", why);
	else
		check_good(look->check, "spf.ptr", look->domain, "no ptr in %zu record%s", look->tree.count,
			   look->tree.count == 1 ? "" : "s");
}

void spf_look_terms(const struct spf_look *look)
{
	check_spf_terms_check_syntax(look);
	check_all(look);
	check_all_plus(look);
	check_ptr_terms(look);
}
