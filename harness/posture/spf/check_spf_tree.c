/* What an SPF record leads to, and what that costs. */
#include "harness/posture/spf/check_spf.h"

enum { LOOKUPS_MAX = 10, VOID_MAX = 2, MX_MAX = 10 /* RFC 7208 section 4.6.4 */, TERMS_MAX = 32 };

/* Terms that should go. Those of the root's record are taken out of it by the mend. */
struct terms {
	const char *v[TERMS_MAX];
	size_t count;
};

static void add_term(struct terms *terms, size_t node, const char *term)
{
	if (node == 0 && terms->count < TERMS_MAX)
		terms->v[terms->count++] = term;
}

static void mend_without(const struct spf_posture *posture, const struct terms *terms, const char *words,
			 struct buf *mend)
{
	const struct spf_edit edit = { .without = terms->v, .without_count = terms->count };
	if (terms->count)
		spf_mend_edit(mend, words, &posture->tree.nodes[0], &edit);
	else
		buf_addf(mend, "%s, or have it done by whoever publishes that record", words);
}

/* --- lookups ---------------------------------------------------------------------------------------------------- */

/* The first mx with more hosts than count; NULL. */
static const struct spf_probe *long_mx(const struct spf_tree *tree)
{
	for (size_t i = 0; i < tree->probe_count; i++)
		if (tree->probes[i].type == DNS_MX && tree->probes[i].records > MX_MAX)
			return &tree->probes[i];
	return NULL;
}

/* Why a number is not the whole of it; NULL where it is. */
static const char *unknown(const struct spf_tree *tree, enum dns_type type)
{
	const char *why = spf_tree_unanswered(tree);
	return why ? why : spf_tree_unprobed(tree, type) ? "a name in it has no answer" : NULL;
}

static void check_lookups(const struct spf_posture *posture)
{
	static const char mend[] = "name addresses (ip4:, ip6:) in place of mx, a and the includes that cost most";
	_cleanup_(buf_fini) struct buf words = BUF_INIT(SPF_WORDS_MAX);
	const struct spf_tree *tree = &posture->tree;
	const char *why = unknown(tree, DNS_MX);
	const struct spf_probe *mx = long_mx(tree);
	unsigned lookups = spf_tree_lookups(tree);
	spf_tree_words(tree, &words);
	if (mx)
		check_bad(posture->check, "spf.lookups", posture->domain, mend, "%s has %zu MX records, of at most %d",
			  mx->term, mx->records, MX_MAX);
	else if (lookups <= LOOKUPS_MAX && !tree->endless && why)
		check_open(posture->check, "spf.lookups", posture->domain, "%u known of at most %d: %s", lookups,
			   LOOKUPS_MAX, why);
	else
		check_that(posture->check, lookups <= LOOKUPS_MAX && !tree->endless, "spf.lookups", posture->domain,
			   mend, "%s%u of at most %d: %s",
			   tree->endless ? "a record includes itself: more than "
			   : tree->cut   ? "more than "
					 : "",
			   lookups, LOOKUPS_MAX, check_text(posture->check, &words));
}

static void check_void_lookups(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(SPF_WORDS_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	const struct spf_tree *tree = &posture->tree;
	const char *why = unknown(tree, 0);
	struct spf_void voids[TERMS_MAX];
	struct terms terms = { .count = 0 };
	size_t count = spf_tree_voids(tree, voids, TERMS_MAX);
	for (size_t i = 0; i < count && i < TERMS_MAX; i++) {
		add_term(&terms, voids[i].node, voids[i].term);
		check_enumerate(&list, "; ", "%s of %s finds nothing at %s", voids[i].term,
				tree->nodes[voids[i].node].name, voids[i].name);
	}
	mend_without(posture, &terms, "take out what finds nothing", &mend);
	if (count <= VOID_MAX && why)
		check_open(posture->check, "spf.void-lookups", posture->domain, "%zu known of at most %d: %s", count,
			   VOID_MAX, why);
	else
		check_that(posture->check, count <= VOID_MAX, "spf.void-lookups", posture->domain,
			   check_text(posture->check, &mend), "%zu of at most %d%s%s", count, VOID_MAX,
			   count ? ": " : "", check_text(posture->check, &list));
}

/* --- includes --------------------------------------------------------------------------------------------------- */

static void check_includes(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(SPF_WORDS_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	struct terms terms = { .count = 0 };
	const char *why = NULL;
	size_t broken = 0;
	for (size_t i = 1; i < posture->tree.count; i++) {
		const struct spf_node *node = &posture->tree.nodes[i];
		if (node->state == SPF_NODE_UNANSWERED)
			why = node->why;
		if (node->state != SPF_NODE_NONE && node->state != SPF_NODE_SEVERAL)
			continue;
		add_term(&terms, node->parent, node->term);
		check_enumerate(&list, "; ", "%s of %s: %s", node->term, posture->tree.nodes[node->parent].name,
				node->why);
		broken++;
	}
	mend_without(posture, &terms, "take out what has no record", &mend);
	if (broken)
		check_bad(posture->check, "spf.includes", posture->domain, check_text(posture->check, &mend), "%s",
			  check_text(posture->check, &list));
	else if (why)
		check_open(posture->check, "spf.includes", posture->domain, "%s", why);
	else
		check_good(posture->check, "spf.includes", posture->domain, "%zu record%s besides the domain's own",
			   posture->tree.count - 1, posture->tree.count == 2 ? "" : "s");
}

void spf_posture_tree(const struct spf_posture *posture)
{
	check_lookups(posture);
	check_void_lookups(posture);
	check_includes(posture);
}
