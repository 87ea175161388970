/* The walk: one level of records at a time, with the questions of the terms above it. */
#include "harness/posture/spf/spf_tree.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/spf_macro.h"
#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "harness/dns/rdata.h"
#include "harness/posture/spf/spf_strings.h"

enum { RECORD_MAX = 65535, EXPANDED_MAX = 1 << 20, WORDS_MAX = 256 };

struct spf_reader spf_node_reader(const struct spf_node *node)
{
	return spf_reader_start(span_make(node->record, node->record_len));
}

bool spf_tree_term(struct spf_reader *reader, bool *all_seen, struct spf_term *ret)
{
	struct spf_fault fault;
	int found;
	while ((found = spf_reader_next(reader, ret, &fault)) != 0) {
		if (found < 0 || (*all_seen && ret->kind <= SPF_REDIRECT))
			continue;
		*all_seen |= ret->kind == SPF_ALL;
		return true;
	}
	return false;
}

/* --- terms ------------------------------------------------------------------------------------------------------ */

/* The name that a term leads to. False where it depends on the message. */
static bool make_target(const struct spf_tree *tree, const struct spf_node *node, struct span spec,
			char out[DNS_NAME_TEXT_MAX])
{
	_cleanup_(buf_fini) struct buf name = BUF_INIT(EXPANDED_MAX);
	const struct spf_macro_values values = { .domain = span_of(node->name),
						 .sender_domain = span_of(tree->nodes[0].name) };
	out[0] = '\0';
	if (spec.len == 0) {
		span_copy(span_of(node->name), out, DNS_NAME_TEXT_MAX);
		return true;
	}
	if (spf_macro_uses(spec, "slipvhcrt"))
		return false;
	if (spf_macro_expand_name(spec, &values, &name) == 0)
		dns_name_make(buf_span(&name), out);
	return true;
}

static bool is_above(const struct spf_tree *tree, size_t node, const char *name)
{
	while (strcmp(tree->nodes[node].name, name) != 0) {
		if (node == 0)
			return false;
		node = tree->nodes[node].parent;
	}
	return true;
}

static int add_node(struct spf_tree *tree, size_t parent, const char *name, struct span term, struct error *err)
{
	if (vec_grow(&tree->nodes, tree->count, &tree->cap, sizeof(*tree->nodes), err) < 0)
		return -1;
	struct spf_node *node = &tree->nodes[tree->count++];
	node->parent = parent;
	node->depth = tree->count == 1 ? 0 : tree->nodes[parent].depth + 1;
	node->state = SPF_NODE_UNANSWERED;
	if (text_set(&node->name, span_of(name), err) < 0)
		return -1;
	return text_set(&node->term, term, err);
}

/* An include or a redirect. */
static int add_child(struct spf_tree *tree, size_t parent, const struct spf_term *term, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	bool known = make_target(tree, &tree->nodes[parent], term->domain, name);
	bool loop = known && is_above(tree, parent, name);
	if (tree->count == SPF_TREE_MAX || tree->nodes[parent].depth == SPF_TREE_LEVELS_MAX) {
		tree->cut = true;
		return 0;
	}
	if (add_node(tree, parent, name, term->text, err) < 0)
		return -1;
	struct spf_node *node = &tree->nodes[tree->count - 1];
	node->redirect = term->kind == SPF_REDIRECT;
	if (!known)
		node->state = SPF_NODE_NEEDS_MESSAGE;
	else if (loop)
		node->state = SPF_NODE_LOOP;
	tree->endless |= loop;
	return 0;
}

static int spf_tree_add_probe(struct spf_tree *tree, size_t node, const struct spf_term *term, const char *name,
			      enum dns_type type, struct error *err)
{
	if (tree->probe_count == SPF_TREE_MAX) {
		tree->cut = true;
		return 0;
	}
	if (vec_grow(&tree->probes, tree->probe_count, &tree->probe_cap, sizeof(*tree->probes), err) < 0)
		return -1;
	struct spf_probe *probe = &tree->probes[tree->probe_count++];
	*probe = (struct spf_probe){ .node = node, .type = type, .state = DNS_FAILED };
	if (text_set(&probe->term, term->text, err) < 0)
		return -1;
	return text_set(&probe->name, span_of(name), err);
}

/* What a, mx and exists ask for; of `a` both families, since either may be that of a client. */
static int add_probes(struct spf_tree *tree, size_t node, const struct spf_term *term, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	if (!make_target(tree, &tree->nodes[node], term->domain, name) || !name[0])
		return 0;
	if (term->kind == SPF_MX)
		return spf_tree_add_probe(tree, node, term, name, DNS_MX, err);
	if (spf_tree_add_probe(tree, node, term, name, DNS_A, err) < 0)
		return -1;
	return term->kind == SPF_A ? spf_tree_add_probe(tree, node, term, name, DNS_AAAA, err) : 0;
}

static int read_terms(struct spf_tree *tree, size_t index, struct error *err)
{
	struct spf_reader reader = spf_node_reader(&tree->nodes[index]);
	struct spf_term term;
	bool all_seen = false;
	while (spf_tree_term(&reader, &all_seen, &term)) {
		int rc = 0;
		tree->nodes[index].lookups += spf_term_costs_lookup(term.kind);
		if (term.kind == SPF_INCLUDE || term.kind == SPF_REDIRECT)
			rc = add_child(tree, index, &term, err);
		else if (term.kind == SPF_A || term.kind == SPF_MX || term.kind == SPF_EXISTS)
			rc = add_probes(tree, index, &term, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

/* Of the root what is split wrongly is read as it was meant: that is a finding of its own. */
static bool spf_tree_read_record(const struct dns_record *record, bool root, struct buf *out)
{
	buf_clear(out);
	return (root ? spf_strings_join(record, out) >= 0 : rdata_txt(record, out, NULL)) &&
	       spf_record_is(buf_span(out));
}

static int take_answer(struct spf_tree *tree, size_t index, const struct dns_answer *answer, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(2 * RECORD_MAX);
	struct spf_node *node = &tree->nodes[index];
	char words[WORDS_MAX];
	node->void_lookup = index > 0 && answer->state == DNS_ANSWERED && answer->count == 0;
	for (size_t i = 0; i < answer->count; i++) {
		bool found = spf_tree_read_record(&answer->records[i], index == 0, &text);
		if (buf_check_memory(&text, err) < 0)
			return -1;
		if (!found || node->records++ > 0)
			continue;
		node->record_len = text.len;
		if (text_set(&node->record, buf_span(&text), err) < 0)
			return -1;
	}
	if (answer->state != DNS_ANSWERED)
		node->state = SPF_NODE_UNANSWERED;
	else if (node->records > 1)
		node->state = SPF_NODE_SEVERAL;
	else
		node->state = node->records ? SPF_NODE_RECORD : SPF_NODE_NONE;
	snprintf(words, sizeof(words), node->records ? "%zu SPF records" : "no SPF record", node->records);
	if (answer->count == 0 || answer->state != DNS_ANSWERED)
		dns_answer_words(answer, words, sizeof(words));
	if (node->state != SPF_NODE_RECORD && text_set(&node->why, span_of(words), err) < 0)
		return -1;
	return node->record ? read_terms(tree, index, err) : 0;
}

/* What is not asked yet of nodes and probes: their questions, and where the answers belong. */
struct level {
	size_t node, node_end, probe, probe_end;
	struct dns_question questions[2 * SPF_TREE_MAX];
	struct dns_answer answers[2 * SPF_TREE_MAX];
	size_t count;
};

static void level_free(struct level **level)
{
	for (size_t i = 0; *level && i < (*level)->count; i++)
		dns_answer_fini(&(*level)->answers[i]);
	free(*level);
}

static bool spf_tree_is_asked(const struct spf_node *node)
{
	return node->state == SPF_NODE_UNANSWERED;
}

static void collect(const struct spf_tree *tree, struct level *level)
{
	for (size_t i = level->node; i < level->node_end; i++)
		if (spf_tree_is_asked(&tree->nodes[i]))
			level->questions[level->count++] = (struct dns_question){ tree->nodes[i].name, DNS_TXT };
	for (size_t i = level->probe; i < level->probe_end; i++)
		level->questions[level->count++] = (struct dns_question){ tree->probes[i].name, tree->probes[i].type };
}

static int spread(struct spf_tree *tree, struct level *level, struct error *err)
{
	size_t n = 0;
	if (level->node == 0 && dns_answer_copy(&level->answers[0], &tree->answer, err) < 0)
		return -1;
	for (size_t i = level->node; i < level->node_end; i++)
		if (spf_tree_is_asked(&tree->nodes[i]) && take_answer(tree, i, &level->answers[n++], err) < 0)
			return -1;
	for (size_t i = level->probe; i < level->probe_end; i++) {
		tree->probes[i].state = level->answers[n].state;
		tree->probes[i].records = level->answers[n++].count;
	}
	return 0;
}

/* *node and *probe are where the level begins, and then where the next one does. */
static int walk_level(struct spf_tree *tree, struct check_resolver *dns, size_t *node, size_t *probe, struct error *err)
{
	_cleanup_(level_free) struct level *level = calloc(1, sizeof(*level));
	if (!level)
		return error_memory(err);
	level->node = *node;
	level->probe = *probe;
	*node = level->node_end = tree->count;
	*probe = level->probe_end = tree->probe_count;
	collect(tree, level);
	if (resolver_ask_many(dns->memory, level->questions, level->count, level->answers, err) < 0) {
		level->count = 0;
		return -1;
	}
	return spread(tree, level, err);
}

int spf_tree_walk(struct spf_tree *tree, struct check_resolver *dns, const char *domain)
{
	struct error err = ERROR_INIT;
	size_t node = 0, probe = 0;
	int rc = add_node(tree, 0, domain, SPAN_LIT(""), &err);
	while (rc == 0 && (node < tree->count || probe < tree->probe_count))
		rc = walk_level(tree, dns, &node, &probe, &err);
	if (rc < 0)
		check_memory(dns->check);
	return rc;
}

void spf_tree_fini(struct spf_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->nodes[i].name);
		free(tree->nodes[i].term);
		free(tree->nodes[i].record);
		free(tree->nodes[i].why);
	}
	for (size_t i = 0; i < tree->probe_count; i++) {
		free(tree->probes[i].term);
		free(tree->probes[i].name);
	}
	free(tree->nodes);
	free(tree->probes);
	dns_answer_fini(&tree->answer);
	*tree = (struct spf_tree){ 0 };
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

unsigned spf_tree_lookups(const struct spf_tree *tree)
{
	unsigned lookups = 0;
	for (size_t i = 0; i < tree->count; i++)
		lookups += tree->nodes[i].lookups;
	return lookups;
}

/* Whether the next probe is the other family of the same term. */
static bool has_other_family(const struct spf_tree *tree, size_t i)
{
	return tree->probes[i].type == DNS_A && i + 1 < tree->probe_count && tree->probes[i + 1].type == DNS_AAAA;
}

static bool finds_nothing(const struct spf_probe *probe)
{
	return probe->state == DNS_ANSWERED && probe->records == 0;
}

size_t spf_tree_voids(const struct spf_tree *tree, struct spf_void *ret, size_t max)
{
	size_t count = 0;
	for (size_t i = 1; i < tree->count; i++) {
		const struct spf_node *node = &tree->nodes[i];
		if (node->void_lookup && count++ < max)
			ret[count - 1] = (struct spf_void){ node->parent, node->term, node->name };
	}
	for (size_t i = 0; i < tree->probe_count; i++) {
		const struct spf_probe *probe = &tree->probes[i];
		bool nothing = finds_nothing(probe);
		if (has_other_family(tree, i))
			nothing &= finds_nothing(&tree->probes[++i]);
		if (nothing && count++ < max)
			ret[count - 1] = (struct spf_void){ probe->node, probe->term, probe->name };
	}
	return count;
}

const char *spf_tree_unanswered(const struct spf_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].state == SPF_NODE_UNANSWERED)
			return tree->nodes[i].why;
	return NULL;
}

bool spf_tree_unprobed(const struct spf_tree *tree, enum dns_type type)
{
	for (size_t i = 0; i < tree->probe_count; i++)
		if (tree->probes[i].state != DNS_ANSWERED && (type == 0 || tree->probes[i].type == type))
			return true;
	return false;
}

static const struct spf_node *redirect_of(const struct spf_tree *tree, size_t node)
{
	for (size_t i = node + 1; i < tree->count; i++)
		if (tree->nodes[i].parent == node && tree->nodes[i].redirect)
			return &tree->nodes[i];
	return NULL;
}

const struct spf_node *spf_tree_last(const struct spf_tree *tree)
{
	const struct spf_node *node = &tree->nodes[0], *next;
	while ((next = redirect_of(tree, (size_t)(node - tree->nodes))))
		node = next;
	return node;
}

static unsigned lookups_under(const struct spf_tree *tree, size_t node)
{
	unsigned lookups = 0;
	for (size_t i = node; i < tree->count; i++) {
		size_t above = i;
		while (above > node)
			above = tree->nodes[above].parent;
		lookups += above == node ? tree->nodes[i].lookups : 0;
	}
	return lookups;
}

/* Recursion ends with the tree. */
static void add_words(const struct spf_tree *tree, size_t node, struct buf *out)
{
	const char *before = " [";
	buf_addf(out, "%s %u", node ? tree->nodes[node].term : tree->nodes[0].name, lookups_under(tree, node));
	for (size_t i = node + 1; i < tree->count; i++) {
		if (tree->nodes[i].parent != node)
			continue;
		buf_add_str(out, before);
		add_words(tree, i, out);
		before = ", ";
	}
	if (before[0] == ',')
		buf_add_char(out, ']');
}

void spf_tree_words(const struct spf_tree *tree, struct buf *out)
{
	add_words(tree, 0, out);
}
