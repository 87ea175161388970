/* DNS data: words, copies, the end of life. */
#include "harness/model/dns.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/vec.h"

static const struct {
	enum dns_type type;
	const char *name;
} types[] = {
	{ DNS_A, "A" },       { DNS_NS, "NS" },   { DNS_CNAME, "CNAME" }, { DNS_SOA, "SOA" }, { DNS_PTR, "PTR" },
	{ DNS_MX, "MX" },     { DNS_TXT, "TXT" }, { DNS_AAAA, "AAAA" },   { DNS_DS, "DS" },   { DNS_DNSKEY, "DNSKEY" },
	{ DNS_TLSA, "TLSA" }, { DNS_CAA, "CAA" }, { DNS_SRV, "SRV" },     { DNS_SPF, "SPF" },
};
static const char *const states[] = { "answered", "failed", "missed" };
static const char *const securities[] = { "insecure", "secure", "bogus" };

const char *dns_type_name(enum dns_type type, char out[DNS_TYPE_TEXT_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type)
			return types[i].name;
	snprintf(out, DNS_TYPE_TEXT_MAX, "TYPE%u", (unsigned)type & 0xffff);
	return out;
}

bool dns_type_from(struct span word, enum dns_type *ret)
{
	uint64_t number = 0;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (span_is_nocase(word, types[i].name)) {
			*ret = types[i].type;
			return true;
		}
	if (!span_starts_nocase(word, SPAN_LIT("TYPE")) || !span_to_u64(span_sub(word, 4, SIZE_MAX), 65535, &number))
		return false;
	*ret = (enum dns_type)number;
	return true;
}

static int word_index(const char *const *words, size_t count, struct span word)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(word, words[i]))
			return (int)i;
	return -1;
}

const char *dns_state_name(enum dns_state v)
{
	return states[v];
}

const char *dns_security_name(enum dns_security v)
{
	return securities[v];
}

bool dns_state_from(struct span word, enum dns_state *ret)
{
	int i = word_index(states, ARRAY_LEN(states), word);
	if (i >= 0)
		*ret = (enum dns_state)i;
	return i >= 0;
}

bool dns_security_from(struct span word, enum dns_security *ret)
{
	int i = word_index(securities, ARRAY_LEN(securities), word);
	if (i >= 0)
		*ret = (enum dns_security)i;
	return i >= 0;
}

int dns_answer_add(struct dns_answer *answer, size_t *cap, const void *rdata, size_t len, struct error *err)
{
	unsigned char *copy = malloc(len ? len : 1);
	if (!copy)
		return error_memory(err);
	if (vec_grow(&answer->records, answer->count, cap, sizeof(*answer->records), err) < 0) {
		free(copy);
		return -1;
	}
	if (len)
		memcpy(copy, rdata, len);
	answer->records[answer->count++] = (struct dns_record){ copy, len };
	return 0;
}

int dns_answer_set_packet(struct dns_answer *answer, const void *octets, size_t len, struct error *err)
{
	if (len == 0)
		return 0;
	answer->packet = malloc(len);
	if (!answer->packet)
		return error_memory(err);
	memcpy(answer->packet, octets, len);
	answer->packet_len = len;
	return 0;
}

static int copy_string(const char *from, char **ret, struct error *err)
{
	*ret = from ? strdup(from) : NULL;
	return from && !*ret ? error_memory(err) : 0;
}

int dns_answer_copy(const struct dns_answer *answer, struct dns_answer *ret, struct error *err)
{
	_cleanup_(dns_answer_fini) struct dns_answer copy = *answer;
	size_t cap = 0;
	copy.records = NULL;
	copy.count = 0;
	copy.canonical = copy.detail = NULL;
	copy.packet = NULL;
	if (copy_string(answer->canonical, &copy.canonical, err) < 0 ||
	    copy_string(answer->detail, &copy.detail, err) < 0 ||
	    dns_answer_set_packet(&copy, answer->packet, answer->packet_len, err) < 0)
		return -1;
	for (size_t i = 0; i < answer->count; i++)
		if (dns_answer_add(&copy, &cap, answer->records[i].rdata, answer->records[i].len, err) < 0)
			return -1;
	*ret = copy;
	copy = (struct dns_answer){ 0 };
	return 0;
}

void dns_answer_fini(struct dns_answer *answer)
{
	if (!answer)
		return;
	for (size_t i = 0; i < answer->count; i++)
		free(answer->records[i].rdata);
	free(answer->records);
	free(answer->canonical);
	free(answer->detail);
	free(answer->packet);
	*answer = (struct dns_answer){ 0 };
}

void dns_fact_fini(struct dns_fact *fact)
{
	if (!fact)
		return;
	free(fact->name);
	dns_answer_fini(&fact->answer);
	*fact = (struct dns_fact){ 0 };
}
