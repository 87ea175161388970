/* Which questions prove an answer: upwards from who signed, downwards to what is not signed, and no more than that. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/dns/chain.h"
#include "harness/dns/name.h"
#include "harness/dns/resolver_snapshot.h"

enum { PACKET_MAX = 65535, TYPE_RRSIG = 46, TYPE_NSEC = 47 };

/* A record set of a made-up world: who signs it, NULL where nobody does. */
struct set {
	const char *question; /* `NAME TYPE` */
	const char *owner;    /* NULL: the packet has no record */
	enum dns_type type;
	const char *signer;
	int rcode;
};

/* `hostile`: every answer is signed by a zone with a new name. */
struct world {
	struct resolver base;
	const struct set *sets;
	size_t count;
	bool hostile;
	unsigned asked;
	struct resolver *recording;
	struct dns_chain *chain;
	struct buf log;
};

static void add_u16(struct buf *b, unsigned value)
{
	buf_add_char(b, (char)(value >> 8));
	buf_add_char(b, (char)value);
}

static void add_record(struct buf *b, const char *owner, unsigned type, struct span rdata)
{
	assert_true(dns_name_to_wire(owner, b));
	add_u16(b, type);
	add_u16(b, 1);
	buf_add_span(b, SPAN_LIT("\0\0\0\74"));
	add_u16(b, (unsigned)rdata.len);
	buf_add_span(b, rdata);
}

/* A packet with the set, and its signature where it has one. */
static void make_packet(const char *name, enum dns_type type, const struct set *set, struct buf *b)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(512);
	add_u16(b, 1);
	add_u16(b, 0x8180);
	add_u16(b, 1);
	add_u16(b, set->owner ? 1 + (set->signer != NULL) : 0);
	add_u16(b, 0);
	add_u16(b, 0);
	assert_true(dns_name_to_wire(name, b));
	add_u16(b, (unsigned)type);
	add_u16(b, 1);
	if (!set->owner)
		return;
	add_record(b, set->owner, (unsigned)set->type, SPAN_LIT("x"));
	if (!set->signer)
		return;
	add_u16(&rdata, (unsigned)set->type);
	for (int i = 0; i < 16; i++)
		buf_add_char(&rdata, 0);
	assert_true(dns_name_to_wire(set->signer, &rdata));
	add_record(b, set->owner, TYPE_RRSIG, buf_span(&rdata));
}

static const struct set *find(const struct world *world, const char *question)
{
	for (size_t i = 0; i < world->count; i++)
		if (strcmp(world->sets[i].question, question) == 0)
			return &world->sets[i];
	return NULL;
}

static void answer(struct world *world, const struct dns_question *q, struct dns_answer *ret)
{
	_cleanup_(buf_fini) struct buf packet = BUF_INIT(PACKET_MAX);
	struct error err = ERROR_INIT;
	char word[DNS_TYPE_TEXT_MAX], question[DNS_NAME_TEXT_MAX + 32], signer[DNS_NAME_TEXT_MAX];
	struct set fresh = { .owner = q->name, .type = q->type, .signer = signer };
	snprintf(question, sizeof(question), "%s %s", q->name, dns_type_name(q->type, word));
	snprintf(signer, sizeof(signer), "%s", q->name);
	if (world->asked < 50)
		buf_addf(&world->log, "%s%s", world->log.len ? ", " : "", question);
	world->asked++;
	const struct set *set = world->hostile ? &fresh : find(world, question);
	*ret = (struct dns_answer){ .state = set ? DNS_ANSWERED : DNS_FAILED, .rcode = set ? set->rcode : 0 };
	if (!set)
		return;
	make_packet(q->name, q->type, set, &packet);
	assert_int_equal(dns_answer_set_packet(ret, packet.p, packet.len, &err), 0);
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		answer((struct world *)self, &questions[i], &ret_answers[i]);
	return 0;
}

static int sink(void *user, const struct dns_fact *fact, struct error *err)
{
	struct world *world = user;
	return dns_chain_note(world->chain, fact, err);
}

static void begin(struct world *world, const struct set *sets, size_t count)
{
	static const struct resolver_ops ops = { ask, NULL };
	struct error err = ERROR_INIT;
	*world = (struct world){ .base = { &ops }, .sets = sets, .count = count, .log = BUF_INIT(65536) };
	assert_int_equal(dns_chain_new(&world->chain, &err), 0);
	assert_int_equal(resolver_recording_new(&world->base, NULL, 0, sink, world, &world->recording, &err), 0);
}

static void end(struct world *world)
{
	resolver_free(world->recording);
	dns_chain_free(world->chain);
	buf_fini(&world->log);
}

static void ask_and_close(struct world *world, const char *name, enum dns_type type)
{
	struct error err = ERROR_INIT;
	struct dns_answer got;
	assert_int_equal(resolver_ask(world->recording, name, type, &got, &err), 0);
	dns_answer_fini(&got);
	assert_int_equal(dns_chain_close(world->chain, world->recording, deadline_in(60000), &err), 0);
}

#define ROOT_KEYS                                                                                                      \
	{                                                                                                              \
		". DNSKEY", ".", DNS_DNSKEY, ".", 0                                                                    \
	}
#define TEST_SIGNED                                                                                                    \
	ROOT_KEYS, { "test DS", "test", DNS_DS, ".", 0 },                                                              \
	{                                                                                                              \
		"test DNSKEY", "test", DNS_DNSKEY, "test", 0                                                           \
	}
#define ONE_SIGNED                                                                                                     \
	TEST_SIGNED, { "one.test DS", "one.test", DNS_DS, "test", 0 },                                                 \
	{                                                                                                              \
		"one.test DNSKEY", "one.test", DNS_DNSKEY, "one.test", 0                                               \
	}

static void questions_are_those_that_prove_the_answer(void **state)
{
	static const struct {
		const char *label, *name;
		struct set sets[8];
		const char *asked; /* behind the question itself */
	} rows[] = {
		{ "signed, up to the root",
		  "a.one.test",
		  { { "a.one.test A", "a.one.test", DNS_A, "one.test", 0 }, ONE_SIGNED },
		  "one.test DNSKEY, one.test DS, test DNSKEY, test DS, . DNSKEY" },
		{ "by the root itself", "a", { { "a A", "a", DNS_A, ".", 0 }, ROOT_KEYS }, ". DNSKEY" },
		{ "absence that is signed",
		  "b.test",
		  { { "b.test A", "a.test", (enum dns_type)TYPE_NSEC, "test", DNS_NXDOMAIN }, TEST_SIGNED },
		  "test DNSKEY, test DS, . DNSKEY" },
		{ "not signed: down to the proof that it is not",
		  "a.two.test",
		  { { "a.two.test A", "a.two.test", DNS_A, NULL, 0 },
		    TEST_SIGNED,
		    { "two.test DS", "two.test", (enum dns_type)TYPE_NSEC, "test", 0 },
		    { "a.two.test DS", "two.test", DNS_SOA, NULL, 0 } },
		  "test DS, . DNSKEY, two.test DS, test DNSKEY, a.two.test DS" },
		{ "nothing is signed",
		  "a.b.c",
		  { { "a.b.c A", "a.b.c", DNS_A, NULL, 0 }, { "c DS", NULL, 0, NULL, 0 } },
		  "c DS" },
		{ "no record at all", "a.b", { { "a.b A", NULL, 0, NULL, 0 }, { "b DS", NULL, 0, NULL, 0 } }, "b DS" },
		{ "an alias that leads elsewhere",
		  "a.test",
		  { { "a.test A", "b.far", DNS_A, NULL, 0 }, { "far DS", NULL, 0, NULL, 0 } },
		  "far DS" },
		{ "who may not sign it", "a.test", { { "a.test A", "a.test", DNS_A, "evil.example", 0 } }, "" },
		{ "who lies below it", "test", { { "test A", "test", DNS_A, "a.test", 0 } }, "" },
		{ "whose name only ends alike", "nottest", { { "nottest A", "nottest", DNS_A, "test", 0 } }, "" },
		{ "no answer", "a.test", { { "", NULL, 0, NULL, 0 } }, "" },
		{ "no answer of a zone above",
		  "a.test",
		  { { "a.test A", "a.test", DNS_A, "test", 0 }, { "test DS", "test", DNS_DS, ".", 0 } },
		  "test DNSKEY, test DS, . DNSKEY" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world world;
		begin(&world, rows[i].sets, 0);
		while (world.count < ARRAY_LEN(rows[i].sets) && rows[i].sets[world.count].question)
			world.count++;
		ask_and_close(&world, rows[i].name, DNS_A);
		char first[DNS_NAME_TEXT_MAX];
		int len = snprintf(first, sizeof(first), "%s A", rows[i].name);
		const char *rest = buf_str(&world.log) + len;
		ROW_ASSERT_STRING(rows[i].label, *rest ? rest + 2 : rest, rows[i].asked);
		end(&world);
	}
}

static void what_was_asked_is_not_asked_again(void **state)
{
	static const struct set sets[] = { { "a.one.test A", "a.one.test", DNS_A, "one.test", 0 },
					   { "b.one.test A", "b.one.test", DNS_A, "one.test", 0 },
					   ONE_SIGNED };
	struct world world;
	begin(&world, sets, ARRAY_LEN(sets));
	ask_and_close(&world, "a.one.test", DNS_A);
	assert_int_equal(world.asked, 6);
	ask_and_close(&world, "b.one.test", DNS_A);
	assert_int_equal(world.asked, 7);
	end(&world);
}

/* Whoever answers chooses the names: there is an end all the same. */
static void a_hostile_world_is_asked_a_bounded_number_of_questions(void **state)
{
	struct world world;
	struct error err = ERROR_INIT;
	begin(&world, NULL, 0);
	world.hostile = true;
	for (unsigned i = 0; i < 2 * DNS_CHAIN_MAX; i++) {
		char name[32];
		struct dns_answer got;
		snprintf(name, sizeof(name), "n%u.test", i);
		assert_int_equal(resolver_ask(world.recording, name, DNS_A, &got, &err), 0);
		dns_answer_fini(&got);
	}
	unsigned before = world.asked;
	assert_int_equal(dns_chain_close(world.chain, world.recording, deadline_in(60000), &err), 0);
	assert_true(world.asked - before <= DNS_CHAIN_MAX + 2);
	assert_true(world.asked - before >= DNS_CHAIN_MAX / 2);
	end(&world);
}

static void after_the_deadline_nothing_is_asked(void **state)
{
	static const struct set sets[] = { { "a A", "a", DNS_A, ".", 0 }, ROOT_KEYS };
	struct world world;
	struct error err = ERROR_INIT;
	struct dns_answer got;
	begin(&world, sets, ARRAY_LEN(sets));
	assert_int_equal(resolver_ask(world.recording, "a", DNS_A, &got, &err), 0);
	dns_answer_fini(&got);
	assert_int_equal(dns_chain_close(world.chain, world.recording, deadline_in(0), &err), 0);
	assert_int_equal(world.asked, 1);
	end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_are_those_that_prove_the_answer),
		cmocka_unit_test(what_was_asked_is_not_asked_again),
		cmocka_unit_test(a_hostile_world_is_asked_a_bounded_number_of_questions),
		cmocka_unit_test(after_the_deadline_nothing_is_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
