/* Which questions are still to be asked. What an answer needs is read out of its packet: a record set with a signature
 * needs the keys of its signer; one without needs the proof that its zone is not signed. */
#include "harness/dns/chain.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/packet.h"

enum { CHAIN_RECORDS_MAX = 256 /* of one packet; no honest answer comes near */ };

/* A question, from when it was first needed. */
struct chain_question {
	char *name;
	enum dns_type type;
};

/* A name that is not signed, and how far down from the root its DS records have been asked for. */
struct chain_walk {
	char *name;
	unsigned depth; /* labels of the next name to be asked */
};

struct dns_chain {
	pthread_mutex_t lock;
	void *known; /* tree of struct chain_question, of every question that was ever needed */
	size_t known_count;
	struct chain_question **open; /* borrowed from the tree: still to be asked */
	size_t open_count, open_cap;
	struct chain_walk *walks; /* every one, also those that have ended */
	size_t walk_count, walk_cap;
};

static int chain_compare(const void *a, const void *b)
{
	const struct chain_question *left = a, *right = b;
	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void chain_question_free(void *node)
{
	struct chain_question *question = node;
	free(question->name);
	free(question);
}

int dns_chain_new(struct dns_chain **ret, struct error *err)
{
	struct dns_chain *chain = calloc(1, sizeof(*chain));
	if (!chain)
		return error_memory(err);
	pthread_mutex_init(&chain->lock, NULL);
	*ret = chain;
	return 0;
}

void dns_chain_free(struct dns_chain *chain)
{
	if (!chain)
		return;
	tdestroy(chain->known, chain_question_free);
	for (size_t i = 0; i < chain->walk_count; i++)
		free(chain->walks[i].name);
	free(chain->walks);
	free(chain->open);
	pthread_mutex_destroy(&chain->lock);
	free(chain);
}

void dns_chain_free_p(struct dns_chain **chain)
{
	dns_chain_free(*chain);
	*chain = NULL;
}

/* --- what is needed --------------------------------------------------------------------------------------------- */

static int chain_need(struct dns_chain *chain, const char *name, enum dns_type type, struct error *err)
{
	struct chain_question *fresh = calloc(1, sizeof(*fresh)), *kept = NULL;
	if (!fresh)
		return error_memory(err);
	fresh->type = type;
	fresh->name = strdup(name);
	void *node = fresh->name ? tsearch(fresh, &chain->known, chain_compare) : NULL;
	if (node)
		memcpy(&kept, node, sizeof(kept));
	if (kept != fresh) {
		chain_question_free(fresh);
		return node ? 0 : error_memory(err);
	}
	chain->known_count++;
	if (vec_grow(&chain->open, chain->open_count, &chain->open_cap, sizeof(struct chain_question *), err) < 0)
		return -1;
	chain->open[chain->open_count++] = fresh;
	return 0;
}

static int chain_need_keys(struct dns_chain *chain, const char *zone, struct error *err)
{
	if (chain_need(chain, zone, DNS_DNSKEY, err) < 0)
		return -1;
	return strcmp(zone, ".") == 0 ? 0 : chain_need(chain, zone, DNS_DS, err);
}

static int chain_add_walk(struct dns_chain *chain, const char *name, struct error *err)
{
	for (size_t i = 0; i < chain->walk_count; i++)
		if (strcmp(chain->walks[i].name, name) == 0)
			return 0;
	if (chain->walk_count == DNS_CHAIN_MAX)
		return 0;
	if (vec_grow(&chain->walks, chain->walk_count, &chain->walk_cap, sizeof(*chain->walks), err) < 0)
		return -1;
	struct chain_walk *walk = &chain->walks[chain->walk_count];
	*walk = (struct chain_walk){ strdup(name), 1 };
	if (!walk->name)
		return error_memory(err);
	chain->walk_count++;
	return 0;
}

/* --- reading a packet ------------------------------------------------------------------------------------------- */

struct chain_records {
	struct packet_record v[CHAIN_RECORDS_MAX];
	size_t count;
};

static struct chain_records *chain_read(const struct dns_answer *answer)
{
	struct packet_reader reader;
	struct chain_records *records = calloc(1, sizeof(*records));
	if (!records || !packet_open(&reader, span_make((const char *)answer->packet, answer->packet_len)))
		return records;
	while (records->count < CHAIN_RECORDS_MAX && packet_next(&reader, &records->v[records->count]))
		records->count++;
	return records;
}

static bool chain_covered(const struct chain_records *records, const struct packet_record *record)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct packet_record *r = &records->v[i];
		if (r->is_signature && r->type == record->type && strcmp(r->owner, record->owner) == 0)
			return true;
	}
	return false;
}

/* A signer that is not above the owner proves nothing (RFC 4035 section 5.3.1). */
static int chain_note_record(struct dns_chain *chain, const struct chain_records *records,
			     const struct packet_record *record, struct error *err)
{
	if (record->is_signature)
		return dns_name_under(record->owner, record->signer) ? chain_need_keys(chain, record->signer, err) : 0;
	return chain_covered(records, record) ? 0 : chain_add_walk(chain, record->owner, err);
}

static int chain_note_records(struct dns_chain *chain, const struct dns_fact *fact, const struct chain_records *records,
			      struct error *err)
{
	if (records->count == 0)
		return chain_add_walk(chain, fact->name, err);
	for (size_t i = 0; i < records->count; i++)
		if (chain_note_record(chain, records, &records->v[i], err) < 0)
			return -1;
	return 0;
}

/* An answer to a question of the chain's own needs no walk: the walk that asks it knows when to end. */
static bool chain_is_own(const struct dns_chain *chain, const struct dns_fact *fact)
{
	const struct chain_question key = { fact->name, fact->type };
	return tfind(&key, &chain->known, chain_compare) != NULL;
}

static int chain_note_own(struct dns_chain *chain, const struct chain_records *records, struct error *err)
{
	for (size_t i = 0; i < records->count; i++)
		if (records->v[i].is_signature && chain_note_record(chain, records, &records->v[i], err) < 0)
			return -1;
	return 0;
}

int dns_chain_note(struct dns_chain *chain, const struct dns_fact *fact, struct error *err)
{
	if (fact->answer.packet_len == 0)
		return 0;
	_cleanup_(free_p) struct chain_records *records = chain_read(&fact->answer);
	if (!records)
		return error_memory(err);
	pthread_mutex_lock(&chain->lock);
	int result = 0;
	if (chain->known_count < DNS_CHAIN_MAX)
		result = chain_is_own(chain, fact) ? chain_note_own(chain, records, err)
						   : chain_note_records(chain, fact, records, err);
	pthread_mutex_unlock(&chain->lock);
	return result;
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

static bool chain_is_signed(const struct dns_answer *answer)
{
	_cleanup_(free_p) struct chain_records *records = chain_read(answer);
	for (size_t i = 0; records && i < records->count; i++)
		if (records->v[i].is_signature)
			return true;
	return false;
}

/* The part of the name with so many labels. */
static const char *chain_suffix(const char *name, unsigned labels)
{
	for (unsigned have = dns_name_labels(name); have > labels; have--)
		name = dns_name_parent(name);
	return name;
}

/* What is asked in one round. */
struct chain_round {
	struct dns_question *questions;
	struct dns_answer *answers;
	size_t *walks; /* of each question behind `keys`: whose */
	size_t keys, count;
};

static void chain_round_fini(struct chain_round *round)
{
	free(round->questions);
	free(round->answers);
	free(round->walks);
}

/* The names of both outlive the round: the tree and the walks only grow while the chain lives. */
static int chain_gather(struct dns_chain *chain, struct chain_round *round, struct error *err)
{
	size_t most = chain->open_count + chain->walk_count + 1;
	round->questions = calloc(most, sizeof(*round->questions));
	round->answers = calloc(most, sizeof(*round->answers));
	round->walks = calloc(most, sizeof(*round->walks));
	if (!round->questions || !round->answers || !round->walks)
		return error_memory(err);
	for (size_t i = 0; i < chain->open_count; i++)
		round->questions[round->count++] = (struct dns_question){ chain->open[i]->name, chain->open[i]->type };
	round->keys = round->count;
	chain->open_count = 0;
	for (size_t i = 0; i < chain->walk_count && chain->known_count < DNS_CHAIN_MAX; i++) {
		const struct chain_walk *walk = &chain->walks[i];
		if (walk->depth > dns_name_labels(walk->name))
			continue;
		const char *name = chain_suffix(walk->name, walk->depth);
		if (chain_need(chain, name, DNS_DS, err) < 0)
			return -1;
		round->walks[round->count] = i;
		round->questions[round->count++] = (struct dns_question){ name, DNS_DS };
	}
	chain->open_count = 0; /* what the walks need is asked for them */
	return 0;
}

/* A walk goes on below what is signed, and ends at what is not, at a name that does not exist, and without an answer.
 */
static void chain_step(struct chain_walk *walk, const struct dns_answer *answer)
{
	bool on = answer->state == DNS_ANSWERED && answer->rcode == DNS_NOERROR && chain_is_signed(answer);
	walk->depth = on ? walk->depth + 1 : dns_name_labels(walk->name) + 1;
}

static int chain_ask(struct dns_chain *chain, struct resolver *resolver, bool *ret_asked, struct error *err)
{
	_cleanup_(chain_round_fini) struct chain_round round = { 0 };
	pthread_mutex_lock(&chain->lock);
	int result = chain_gather(chain, &round, err);
	pthread_mutex_unlock(&chain->lock);
	if (result < 0 || resolver_ask_many(resolver, round.questions, round.count, round.answers, err) < 0)
		return -1;
	pthread_mutex_lock(&chain->lock);
	for (size_t i = round.keys; i < round.count; i++)
		chain_step(&chain->walks[round.walks[i]], &round.answers[i]);
	pthread_mutex_unlock(&chain->lock);
	for (size_t i = 0; i < round.count; i++)
		dns_answer_fini(&round.answers[i]);
	*ret_asked = round.count > 0;
	return 0;
}

int dns_chain_close(struct dns_chain *chain, struct resolver *resolver, struct deadline deadline, struct error *err)
{
	bool asked = true;
	while (asked && !deadline_passed(deadline))
		if (chain_ask(chain, resolver, &asked, err) < 0)
			return -1;
	return 0;
}
