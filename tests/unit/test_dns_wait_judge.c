/* What is made of the answers of one round. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/dns_wait/dns_wait_judge.h"

enum { SERVERS = 3, NOW_MS = 1000000 };

/* An answer in a word: "-" not asked, "!" failed, "" none, else the text of a TXT record. */
static struct dns_answer answer_of(const char *word, uint32_t ttl)
{
	struct error err = ERROR_INIT;
	struct dns_answer answer = { .ttl = ttl };
	unsigned char rdata[32];
	size_t cap = 0, len = strlen(word);
	if (strcmp(word, "-") == 0)
		answer.state = DNS_MISSED;
	else if (strcmp(word, "!") == 0)
		answer.state = DNS_FAILED;
	else if (len == 0)
		answer.rcode = DNS_NXDOMAIN;
	if (answer.state != DNS_ANSWERED || len == 0)
		return answer;
	rdata[0] = (unsigned char)len;
	memcpy(rdata + 1, word, len);
	assert_int_equal(dns_answer_add(&answer, &cap, rdata, len + 1, &err), 0);
	return answer;
}

static struct dns_answer soa_of(uint32_t serial)
{
	struct error err = ERROR_INIT;
	struct dns_answer answer = { .ttl = 60 };
	/* Two root names, then five numbers. */
	unsigned char rdata[22] = { 0,
				    0,
				    (unsigned char)(serial >> 24),
				    (unsigned char)(serial >> 16),
				    (unsigned char)(serial >> 8),
				    (unsigned char)serial };
	size_t cap = 0;
	assert_int_equal(dns_answer_add(&answer, &cap, rdata, sizeof(rdata), &err), 0);
	return answer;
}

struct row {
	const char *label;
	const char *expected, *before; /* NULL: none */
	const char *answers[SERVERS];  /* ns1, ns2, resolver */
	uint32_t ttls[SERVERS], serials[2], before_ttl;
	bool remaining; /* the TTL of the earlier answer is from a cache */
	enum visibility_state states[SERVERS];
	int64_t left_s, kept_s; /* of the resolver; from now, -1: none */
	bool published;
};

static const struct row rows[] = {
	{ "all new",
	  "new",
	  NULL,
	  { "new", "new", "new" },
	  { 60, 60, 60 },
	  { 1, 1 },
	  0,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_NEW, VISIBILITY_NEW },
	  0,
	  -1,
	  true },
	{ "the higher serial is the new one",
	  NULL,
	  NULL,
	  { "b", "a", "a" },
	  { 60, 60, 9 },
	  { 1, 2 },
	  0,
	  false,
	  { VISIBILITY_OLD, VISIBILITY_NEW, VISIBILITY_NEW },
	  0,
	  61,
	  false },
	{ "serials wrap around",
	  NULL,
	  NULL,
	  { "b", "a", "b" },
	  { 60, 60, 9 },
	  { 3, UINT32_MAX },
	  0,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_OLD, VISIBILITY_NEW },
	  0,
	  61,
	  false },
	{ "a cache that knows of nothing",
	  "new",
	  NULL,
	  { "new", "new", "" },
	  { 60, 60, 30 },
	  { 1, 1 },
	  0,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_NEW, VISIBILITY_OLD },
	  31,
	  31,
	  true },
	{ "what is to be gone",
	  "",
	  NULL,
	  { "", "", "old" },
	  { 60, 60, 12 },
	  { 1, 1 },
	  0,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_NEW, VISIBILITY_OLD },
	  13,
	  13,
	  true },
	{ "no answer",
	  "new",
	  NULL,
	  { "new", "!", "!" },
	  { 60, 0, 0 },
	  { 1, 1 },
	  0,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_UNKNOWN, VISIBILITY_UNKNOWN },
	  0,
	  -1,
	  false },
	{ "nobody knows the new one",
	  NULL,
	  NULL,
	  { "!", "!", "a" },
	  { 0, 0, 9 },
	  { 1, 1 },
	  0,
	  false,
	  { VISIBILITY_UNKNOWN, VISIBILITY_UNKNOWN, VISIBILITY_UNKNOWN },
	  0,
	  -1,
	  false },
	{ "an earlier answer",
	  NULL,
	  "old",
	  { "new", "new", "new" },
	  { 60, 60, 60 },
	  { 1, 1 },
	  300,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_NEW, VISIBILITY_NEW },
	  0,
	  300,
	  true },
	{ "an earlier answer from a cache",
	  NULL,
	  "old",
	  { "new", "new", "new" },
	  { 60, 60, 60 },
	  { 1, 1 },
	  2,
	  true,
	  { VISIBILITY_NEW, VISIBILITY_NEW, VISIBILITY_NEW },
	  0,
	  60,
	  true },
	{ "an earlier answer that is the same",
	  NULL,
	  "new",
	  { "new", "new", "new" },
	  { 60, 60, 60 },
	  { 1, 1 },
	  300,
	  false,
	  { VISIBILITY_NEW, VISIBILITY_NEW, VISIBILITY_NEW },
	  0,
	  -1,
	  true },
};

static void check_row(const struct row *row)
{
	struct error err = ERROR_INIT;
	struct dns_answer expected = answer_of(row->expected ? row->expected : "-", 60);
	struct dns_answer before = answer_of(row->before ? row->before : "-", row->before_ttl);
	struct dns_answer answers[SERVERS];
	struct dns_wait_reply replies[SERVERS];
	bool known[1] = { false };
	before.ttl_remaining = row->remaining;
	const struct dns_wait_question question = { "a.test", DNS_TXT, "test", row->expected ? &expected : NULL,
						    row->before ? &before : NULL };
	const struct dns_wait_server servers[SERVERS] = { { "ns1", NULL, "test", false },
							  { "ns2", NULL, "test", false },
							  { "resolver", NULL, NULL, false } };
	const struct dns_wait_params params = {
		.questions = &question, .question_count = 1, .servers = servers, .server_count = SERVERS
	};
	struct dns_wait_memory memory = { .known = known };
	_cleanup_(visibility_fini) struct visibility v = { 0 };
	for (size_t i = 0; i < SERVERS; i++) {
		answers[i] = answer_of(row->answers[i], row->ttls[i]);
		replies[i] = (struct dns_wait_reply){ &answers[i],
						      i < 2 ? soa_of(row->serials[i]) : answer_of("-", 0) };
	}
	ROW_ASSERT(row->label, dns_wait_judge(&params, replies, NOW_MS, &memory, &v, &err) == 0);
	for (size_t i = 0; i < SERVERS; i++)
		ROW_ASSERT(row->label, v.rows[i].state == row->states[i]);
	ROW_ASSERT(row->label, v.rows[2].left_s == row->left_s);
	ROW_ASSERT(row->label, v.kept_until_ms == (row->kept_s < 0 ? 0 : NOW_MS + row->kept_s * 1000));
	ROW_ASSERT(row->label, (v.rerun_ms > 0) == row->published);
	for (size_t i = 0; i < SERVERS; i++) {
		dns_answer_fini(&answers[i]);
		dns_answer_fini(&replies[i].soa);
	}
	dns_answer_fini(&expected);
	dns_answer_fini(&before);
}

static void answers_say_who_sees_the_change(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers_say_who_sees_the_change) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
