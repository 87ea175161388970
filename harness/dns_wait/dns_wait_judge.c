/* Which answer is the new one, who has it, and for how long others may keep the old one. */
#include "harness/dns_wait/dns_wait_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/base/escape.h"
#include "harness/dns/answer_compare.h"
#include "harness/model/evaluation.h"

enum { SHOWN_MAX = 100, DETAIL_MAX = 600, ROUNDS_UP_S = 1 };

bool dns_wait_asks(const struct dns_wait_server *server, const struct dns_wait_question *question)
{
	if (server->skipped)
		return false;
	return !server->zone || (question->zone && strcmp(server->zone, question->zone) == 0);
}

/* --- the new answer --------------------------------------------------------------------------------------------- */

/* The serial number behind the two names (RFC 1035 section 3.3.13): the first of five numbers at the end. */
static bool read_serial(const struct dns_answer *soa, uint32_t *ret)
{
	const struct dns_record *record = soa->count == 1 ? &soa->records[0] : NULL;
	if (soa->state != DNS_ANSWERED || !record || record->len < 20)
		return false;
	const unsigned char *p = record->rdata + record->len - 20;
	*ret = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return true;
}

/* RFC 1982 section 3.2. */
static bool is_later(uint32_t a, uint32_t b)
{
	return a != b && a - b < 0x80000000u;
}

/* The answer that is waited for; NULL where no authoritative server has told it. */
static const struct dns_answer *find_new(const struct dns_wait_params *p, const struct dns_wait_reply *replies,
					 size_t question)
{
	const struct dns_answer *found = p->questions[question].expected;
	uint32_t best = 0, serial = 0;
	for (size_t s = 0; s < p->server_count && !p->questions[question].expected; s++) {
		const struct dns_answer *answer = &replies[s].answers[question];
		if (!p->servers[s].zone || answer->state != DNS_ANSWERED || !read_serial(&replies[s].soa, &serial))
			continue;
		if (found && !is_later(serial, best))
			continue;
		found = answer;
		best = serial;
	}
	return found;
}

/* --- one server ------------------------------------------------------------------------------------------------- */

static void dns_wait_judge_describe(const struct dns_wait_question *question, const struct dns_answer *answer,
				    char out[DETAIL_MAX])
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(ANSWER_RECORD_TEXT_MAX);
	char type[DNS_TYPE_TEXT_MAX], shown[SHOWN_MAX], words[SHOWN_MAX];
	const char *what = dns_answer_words(answer, words, sizeof(words));
	if (answer->state == DNS_ANSWERED && answer->count > 0) {
		answer_record_text(question->type, &answer->records[0], &text);
		what = escape_text(shown, sizeof(shown), buf_span(&text));
	}
	snprintf(out, DETAIL_MAX, "%.200s %s: %s%s", question->name, dns_type_name(question->type, type), what,
		 answer->count > 1 ? ", ..." : "");
}

static int judge_server(const struct dns_wait_params *p, const struct dns_wait_server *server,
			const struct dns_wait_reply *reply, const struct dns_answer *const *wanted,
			struct visibility_row *row, struct error *err)
{
	char detail[DETAIL_MAX] = "";
	*row = (struct visibility_row){ .server = strdup(server->label), .authoritative = server->zone != NULL };
	row->state = server->skipped ? VISIBILITY_SKIPPED : VISIBILITY_NEW;
	for (size_t q = 0; q < p->question_count; q++) {
		const struct dns_answer *answer = &reply->answers[q];
		if (!dns_wait_asks(server, &p->questions[q]) ||
		    (wanted[q] && answer_same(p->questions[q].type, answer, wanted[q])))
			continue;
		bool old = wanted[q] && answer->state == DNS_ANSWERED;
		if (!detail[0] || (old && row->state != VISIBILITY_OLD))
			dns_wait_judge_describe(&p->questions[q], answer, detail);
		if (old)
			row->state = VISIBILITY_OLD;
		else if (row->state == VISIBILITY_NEW)
			row->state = VISIBILITY_UNKNOWN;
		if (old && !server->zone && row->left_s < (int64_t)answer->ttl + ROUNDS_UP_S)
			row->left_s = (int64_t)answer->ttl + ROUNDS_UP_S;
	}
	row->detail = strdup(detail);
	return row->detail && row->server ? 0 : error_memory(err);
}

/* --- how long the old answer lives ------------------------------------------------------------------------------ */

static void dns_wait_judge_keep(struct dns_wait_memory *memory, int64_t until_ms)
{
	if (until_ms > memory->until_ms)
		memory->until_ms = until_ms;
}

/* An earlier snapshot had another answer. When it was replaced is not known, but that it was by now: a cache that took
 * it last may keep it for one TTL more. A TTL from a cache is only what was left of it; the new one says more. */
static void remember_before(const struct dns_wait_question *q, const struct dns_answer *wanted, int64_t now_ms,
			    struct dns_wait_memory *memory)
{
	const struct dns_answer *before = q->before;
	if (!before || before->state != DNS_ANSWERED || !wanted || answer_same(q->type, before, wanted))
		return;
	uint32_t ttl = before->ttl_remaining && wanted->ttl > before->ttl ? wanted->ttl : before->ttl;
	dns_wait_judge_keep(memory, now_ms + (int64_t)ttl * 1000);
	memory->policy_changed |= q->type == DNS_TXT && strncmp(q->name, "_mta-sts.", 9) == 0;
}

/* Whoever asks a server that has the old answer keeps it for its TTL. */
static void remember_old(const struct dns_wait_params *p, const struct dns_wait_reply *replies, size_t question,
			 const struct dns_answer *wanted, int64_t now_ms, struct dns_wait_memory *memory)
{
	const struct dns_wait_question *q = &p->questions[question];
	for (size_t s = 0; s < p->server_count; s++) {
		const struct dns_answer *answer = &replies[s].answers[question];
		if (!dns_wait_asks(&p->servers[s], q) || answer->state != DNS_ANSWERED || !wanted ||
		    answer_same(q->type, answer, wanted))
			continue;
		dns_wait_judge_keep(memory, now_ms + ((int64_t)answer->ttl + ROUNDS_UP_S) * 1000);
		memory->policy_changed |= q->type == DNS_TXT && strncmp(q->name, "_mta-sts.", 9) == 0;
	}
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void sum_up(const struct dns_wait_memory *memory, struct visibility *ret)
{
	bool published = true;
	ret->visible = true;
	for (size_t i = 0; i < ret->count; i++) {
		const struct visibility_row *row = &ret->rows[i];
		bool old = row->state == VISIBILITY_OLD || row->state == VISIBILITY_UNKNOWN;
		ret->visible &= !old;
		published &= !(old && row->authoritative);
	}
	ret->policy_changed = memory->policy_changed;
	ret->kept_until_ms = memory->until_ms;
	if (published)
		ret->rerun_ms = memory->until_ms > ret->at_ms ? memory->until_ms : ret->at_ms;
}

int dns_wait_judge(const struct dns_wait_params *params, const struct dns_wait_reply *replies, int64_t now_ms,
		   struct dns_wait_memory *memory, struct visibility *ret, struct error *err)
{
	_cleanup_(free_p) const struct dns_answer **wanted = calloc(params->question_count + 1, sizeof(*wanted));
	*ret = (struct visibility){ .questions = params->question_count, .at_ms = now_ms };
	ret->rows = calloc(params->server_count + 1, sizeof(*ret->rows));
	if (!wanted || !ret->rows)
		return error_memory(err);
	for (size_t q = 0; q < params->question_count; q++) {
		wanted[q] = find_new(params, replies, q);
		if (!memory->known[q])
			remember_before(&params->questions[q], wanted[q], now_ms, memory);
		memory->known[q] |= wanted[q] != NULL;
		remember_old(params, replies, q, wanted[q], now_ms, memory);
	}
	ret->count = params->server_count;
	for (size_t s = 0; s < params->server_count; s++)
		if (judge_server(params, &params->servers[s], &replies[s], wanted, &ret->rows[s], err) < 0)
			return -1;
	sum_up(memory, ret);
	return 0;
}
