/* Addresses by senders, hosts and MX. */
#include "harness/posture/engine/addresses.h"

#include <stdio.h>
#include <string.h>

#include "harness/dns/rdata.h"

enum { HOSTS_MAX = 16, FAMILIES = 2 };

bool addresses_hold(const struct dns_answer *answer, const struct ip *ip)
{
	struct ip other;
	for (size_t i = 0; i < answer->count; i++)
		if (rdata_address(&answer->records[i], &other) && memcmp(&other, ip, sizeof(*ip)) == 0)
			return true;
	return false;
}

static void addresses_add(struct addresses *addresses, const struct ip *ip, const char *host)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (memcmp(&addresses->v[i].ip, ip, sizeof(*ip)) == 0)
			return;
	if (addresses->count == ADDRESSES_MAX) {
		snprintf(addresses->missing, sizeof(addresses->missing), "only the first %d addresses were looked at",
			 ADDRESSES_MAX);
		return;
	}
	struct address *address = &addresses->v[addresses->count++];
	address->ip = *ip;
	ip_format(ip, address->text);
	dns_name_make(span_of(host), address->host);
}

static void note_missing(struct addresses *addresses, const struct dns_question *question,
			 const struct dns_answer *answer)
{
	char type[DNS_TYPE_TEXT_MAX], words[ERROR_TEXT_MAX / 2];
	if (answer->state != DNS_ANSWERED)
		snprintf(addresses->missing, sizeof(addresses->missing), "%s of %.250s: %s",
			 dns_type_name(question->type, type), question->name,
			 dns_answer_words(answer, words, sizeof(words)));
}

struct hosts {
	char v[HOSTS_MAX][DNS_NAME_TEXT_MAX];
	size_t count;
};

static void addresses_add_host(struct addresses *addresses, struct hosts *hosts, struct span name)
{
	char made[DNS_NAME_TEXT_MAX];
	if (!dns_name_make(name, made))
		return;
	if (hosts->count == HOSTS_MAX)
		snprintf(addresses->missing, sizeof(addresses->missing), "only the first %d hosts were looked at",
			 HOSTS_MAX);
	else
		memcpy(hosts->v[hosts->count++], made, sizeof(made));
}

/* Addresses of both families of all hosts. */
static int addresses_resolve(struct check_resolver *dns, const struct hosts *hosts, struct addresses *ret)
{
	struct dns_question questions[FAMILIES * HOSTS_MAX];
	struct dns_answer answers[FAMILIES * HOSTS_MAX] = { 0 };
	size_t count = FAMILIES * hosts->count;
	struct ip ip;
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct dns_question){ hosts->v[i / FAMILIES], i % FAMILIES ? DNS_AAAA : DNS_A };
	if (count == 0)
		return 0;
	if (check_resolver_ask(dns, questions, count, answers) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		note_missing(ret, &questions[i], &answers[i]);
		for (size_t n = 0; n < answers[i].count; n++)
			if (rdata_address(&answers[i].records[n], &ip))
				addresses_add(ret, &ip, hosts->v[i / FAMILIES]);
		dns_answer_fini(&answers[i]);
	}
	return 0;
}

static int find_mx(struct check_resolver *dns, struct hosts *hosts, struct addresses *ret)
{
	const struct dns_question question = { check_params(dns->check)->domain, DNS_MX };
	_cleanup_(dns_answer_fini) struct dns_answer mx = { 0 };
	char host[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	if (check_resolver_ask(dns, &question, 1, &mx) < 0)
		return -1;
	note_missing(ret, &question, &mx);
	for (size_t i = 0; i < mx.count; i++)
		if (rdata_mx(&mx.records[i], &preference, host) && strcmp(host, ".") != 0)
			addresses_add_host(ret, hosts, span_of(host));
	return 0;
}

int addresses_collect(struct check_resolver *dns, struct addresses *ret)
{
	const struct posture_params *p = check_params(dns->check);
	struct hosts hosts = { .count = 0 };
	struct ip ip;
	ret->count = 0;
	ret->missing[0] = '\0';
	for (size_t i = 0; i < p->sender_count; i++)
		addresses_add(ret, &p->senders[i].ip, p->senders[i].helo ? p->senders[i].helo : "");
	for (size_t i = 0; i < p->outbound_count; i++) {
		struct span host = span_of(p->outbounds[i].host);
		if (ip_parse(host, &ip))
			addresses_add(ret, &ip, "");
		else
			addresses_add_host(ret, &hosts, host);
	}
	return find_mx(dns, &hosts, ret) < 0 ? -1 : addresses_resolve(dns, &hosts, ret);
}
