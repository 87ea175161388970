/* Reverse DNS of the addresses that send: that there is a name, and that it leads back (RFC 1912 section 2.1). */
#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/posture/engine/addresses.h"
#include "harness/posture/senders/checks.h"
#include "harness/posture/engine/publish.h"

enum { NAMES_MAX = 4 /* of an address that are looked at */, MEND_MAX = 1500, WORDS_MAX = 256 };

struct reverse {
	struct addresses addresses;
	char names[ADDRESSES_MAX * NAMES_MAX][DNS_NAME_TEXT_MAX];
	size_t address[ADDRESSES_MAX * NAMES_MAX]; /* whose name it is */
	size_t named[ADDRESSES_MAX];               /* how many names the address has */
	size_t count;
};

static void report_name(struct check *check, const struct address *address, const struct dns_answer *answer)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	char name[IP_REVERSE_MAX], host[DNS_NAME_TEXT_MAX + 1], words[WORDS_MAX];
	if (answer->state != DNS_ANSWERED) {
		dns_answer_words(answer, words, sizeof(words));
		check_open(check, "ptr.present", address->text, "PTR: %s", words);
		check_open(check, "ptr.confirmed", address->text, "PTR: %s", words);
		return;
	}
	snprintf(host, sizeof(host), "%s.", address->host[0] ? address->host : check_params(check)->domain);
	buf_add_str(&mend, "have whoever runs the address publish ");
	publish(&mend, ip_reverse(&address->ip, name), "PTR", host);
	dns_answer_words(answer, words, sizeof(words));
	if (answer->count > 0 && rdata_name(&answer->records[0], host))
		check_good(check, "ptr.present", address->text, "%s, of %zu", host, answer->count);
	else
		check_bad(check, "ptr.present", address->text, check_text(check, &mend), "PTR: %s", words);
}

static void add_names(struct reverse *reverse, size_t address, const struct dns_answer *answer)
{
	reverse->named[address] = answer->count;
	for (size_t i = 0; i < answer->count && i < NAMES_MAX; i++) {
		reverse->address[reverse->count] = address;
		reverse->count += rdata_name(&answer->records[i], reverse->names[reverse->count]);
	}
}

static int find_names(struct check_resolver *dns, struct reverse *reverse)
{
	char names[ADDRESSES_MAX][IP_REVERSE_MAX];
	struct dns_question questions[ADDRESSES_MAX];
	struct dns_answer answers[ADDRESSES_MAX] = { 0 };
	size_t count = reverse->addresses.count;
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct dns_question){ ip_reverse(&reverse->addresses.v[i].ip, names[i]), DNS_PTR };
	if (count == 0)
		return 0;
	if (check_resolver_ask(dns, questions, count, answers) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		report_name(dns->check, &reverse->addresses.v[i], &answers[i]);
		add_names(reverse, i, &answers[i]);
		dns_answer_fini(&answers[i]);
	}
	return 0;
}

/* The names from `first` on that are those of one address; *answers are theirs. */
static void report_confirmed(struct check *check, const struct reverse *reverse, size_t first,
			     const struct dns_answer *answers)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	const struct address *address = &reverse->addresses.v[reverse->address[first]];
	const char *unanswered = NULL;
	char words[WORDS_MAX];
	for (size_t i = first; i < reverse->count && reverse->address[i] == reverse->address[first]; i++) {
		if (addresses_hold(&answers[i], &address->ip)) {
			check_good(check, "ptr.confirmed", address->text, "%s", reverse->names[i]);
			return;
		}
		if (answers[i].state != DNS_ANSWERED) {
			dns_answer_words(&answers[i], words, sizeof(words));
			unanswered = reverse->names[i];
		}
	}
	buf_add_str(&mend, "publish ");
	publish(&mend, reverse->names[first], address->ip.v6 ? "AAAA" : "A", address->text);
	if (unanswered)
		check_open(check, "ptr.confirmed", address->text, "%s: %s", unanswered, words);
	else if (reverse->named[reverse->address[first]] > NAMES_MAX)
		check_open(check, "ptr.confirmed", address->text,
			   "none of the first %d of its %zu names leads back to it, and the others were not looked at",
			   NAMES_MAX, reverse->named[reverse->address[first]]);
	else
		check_bad(check, "ptr.confirmed", address->text, check_text(check, &mend),
			  "%s does not lead back to it", reverse->names[first]);
}

static int confirm(struct check_resolver *dns, const struct reverse *reverse)
{
	struct dns_question questions[ADDRESSES_MAX * NAMES_MAX];
	struct dns_answer answers[ADDRESSES_MAX * NAMES_MAX] = { 0 };
	for (size_t i = 0; i < reverse->count; i++) {
		bool v6 = reverse->addresses.v[reverse->address[i]].ip.v6;
		questions[i] = (struct dns_question){ reverse->names[i], v6 ? DNS_AAAA : DNS_A };
	}
	if (reverse->count == 0)
		return 0;
	if (check_resolver_ask(dns, questions, reverse->count, answers) < 0)
		return -1;
	for (size_t i = 0; i < reverse->count; i++)
		if (i == 0 || reverse->address[i] != reverse->address[i - 1])
			report_confirmed(dns->check, reverse, i, answers);
	for (size_t i = 0; i < reverse->count; i++)
		dns_answer_fini(&answers[i]);
	return 0;
}

static void check_ptr_lookup(struct check_resolver *dns, struct reverse *reverse)
{
	const char *domain = check_params(dns->check)->domain;
	if (addresses_collect(dns, &reverse->addresses) < 0 || find_names(dns, reverse) < 0 ||
	    confirm(dns, reverse) < 0 || !reverse->addresses.missing[0])
		return;
	check_open(dns->check, "ptr.present", domain, "%s", reverse->addresses.missing);
	check_open(dns->check, "ptr.confirmed", domain, "%s", reverse->addresses.missing);
}

void check_ptr(struct check *check, void *argument)
{
	_cleanup_(free_p) struct reverse *reverse = calloc(1, sizeof(*reverse));
	struct check_resolver dns;
	if (!reverse) {
		check_memory(check);
		return;
	}
	if (check_resolver_init(&dns, check) < 0)
		return;
	check_ptr_lookup(&dns, reverse);
	check_resolver_fini(&dns);
}
