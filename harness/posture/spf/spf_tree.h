/* An SPF record with all records that it leads to (RFC 7208 sections 5.2 and 6.1), walked level by level, also where an
 * evaluation would stop: what it costs at the worst, and what is wrong anywhere in it. */
#ifndef SPF_SPF_TREE_H
#define SPF_SPF_TREE_H

#include "harness/auth/spf_record.h"
#include "harness/base/buf.h"
#include "harness/posture/engine/check_resolver.h"

/* Records, questions for their terms, and levels, beyond which a tree is cut: far above what any evaluation allows. */
enum { SPF_TREE_MAX = 256, SPF_TREE_LEVELS_MAX = 20 };

enum spf_node_state {
	SPF_NODE_RECORD,
	SPF_NODE_NONE,          /* the name has no SPF record, or cannot be */
	SPF_NODE_SEVERAL,       /* it has more than one */
	SPF_NODE_UNANSWERED,    /* not known */
	SPF_NODE_LOOP,          /* it is one of those that led here */
	SPF_NODE_NEEDS_MESSAGE, /* which one depends on sender and client (section 7) */
};

struct spf_node {
	enum spf_node_state state;
	size_t parent; /* index; the root is its own */
	unsigned depth;
	char *name; /* of the domain; "" where the DNS cannot have it */
	char *term; /* that led here, as written; "" of the root */
	bool redirect;
	char *record;      /* of SPF_NODE_RECORD and of SPF_NODE_SEVERAL, there the first; else NULL */
	size_t record_len; /* octets: it may hold any */
	char *why;         /* in words, where there is none */
	size_t records;
	bool void_lookup;
	unsigned lookups; /* terms of the record that cost one (section 4.6.4); those behind `all` do not count */
};

/* A question of an a, mx or exists. */
struct spf_probe {
	size_t node;
	char *term, *name;
	enum dns_type type;
	enum dns_state state;
	size_t records;
};

struct spf_tree {
	struct spf_node *nodes; /* level by level, the root first */
	size_t count, cap;
	struct spf_probe *probes;
	size_t probe_count, probe_cap;
	struct dns_answer answer; /* for the root */
	bool cut;                 /* there is more than is walked */
	bool endless;             /* a record includes itself */
};

/* Walks. 0, or -1 for memory, which the check remembers. Whatever records and servers say is a state. Free with
 * spf_tree_fini. */
int spf_tree_walk(struct spf_tree *tree, struct check_resolver *dns, const char *domain);
void spf_tree_fini(struct spf_tree *tree);

unsigned spf_tree_lookups(const struct spf_tree *tree); /* of all records */

/* A term that finds nothing, whatever the client (section 4.6.4). Borrowed. */
struct spf_void {
	size_t node; /* whose record has it */
	const char *term, *name;
};

/* The first `max` of them; returns how many there are. */
size_t spf_tree_voids(const struct spf_tree *tree, struct spf_void *ret, size_t max);

/* Where not all records are known, the first reason in words; else NULL. */
const char *spf_tree_unanswered(const struct spf_tree *tree);

/* Whether an answer for a term is missing, of type `type` or, where that is 0, of any. */
bool spf_tree_unprobed(const struct spf_tree *tree, enum dns_type type);

/* The node whose record says what becomes of what nothing matches: the root, or the one that it redirects to, which
 * may have no record. */
const struct spf_node *spf_tree_last(const struct spf_tree *tree);

/* Adds the tree in words: `example.org 3 [include:a.example 1 [include:b.example 0], include:c.example 0]`; the
 * numbers are the lookups of a record and all below it. */
void spf_tree_words(const struct spf_tree *tree, struct buf *out);

/* The terms of a node that has a record. */
struct spf_reader spf_node_reader(const struct spf_node *node);

/* Reads the next term that counts: faults are passed over, and behind `all` mechanisms and redirect (sections 5.1 and
 * 6.1). *all_seen is the caller's, false at first. False at the end. */
bool spf_tree_term(struct spf_reader *reader, bool *all_seen, struct spf_term *ret);

#endif
