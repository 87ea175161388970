/* Blocklists of addresses and of domains (RFC 5782): first whether a list can be believed, then what it says. */
#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/posture/engine/addresses.h"
#include "harness/posture/engine/author.h"
#include "harness/posture/senders/blocklist.h"
#include "harness/posture/senders/checks.h"

enum { DOMAINS_MAX = 3, TXT_MAX = 65535, WORDS_MAX = 2000, ENTRIES_MAX = ADDRESSES_MAX };

/* A list may know one family of addresses and not the other. */
enum kind { LIST_V4, LIST_V6, LIST_DOMAIN };

/* Entries that every list of the kind has, and that none has (sections 2.3 and 5). */
static const char *const tests[][2] = {
	[LIST_V4] = { "127.0.0.2", "127.0.0.1" }, [LIST_DOMAIN] = { "test", "invalid" }
};
static const struct ip tests_v6[2] = { { true, { [10] = 0xff, 0xff, 127, 0, 0, 2 } },
				       { true, { [10] = 0xff, 0xff, 127, 0, 0, 1 } } };

/* What all lists are asked about. */
struct subjects {
	struct check_resolver dns;
	struct addresses addresses;
	const char *domains[DOMAINS_MAX];
	size_t domain_count;
};

/* A list, on a thread of its own. */
struct check_blocklist_list {
	struct subjects *subjects;
	enum kind kind;
	const char *zone;
};

struct entry {
	const char *what; /* address or domain */
	char name[BLOCKLIST_NAME_MAX];
	char subject[BLOCKLIST_NAME_MAX + 8];
	char code[IP_TEXT_MAX]; /* of the listing; "" where there is none */
};

struct entries {
	struct entry v[ENTRIES_MAX];
	struct dns_question questions[ENTRIES_MAX];
	struct dns_answer answers[ENTRIES_MAX];
	size_t count;
};

static const char *id_of(const struct check_blocklist_list *list)
{
	return list->kind == LIST_DOMAIN ? "blocklist.domain" : "blocklist.address";
}

/* --- what to ask ------------------------------------------------------------------------------------------------ */

static void name_of(const struct check_blocklist_list *list, const char *what, char out[BLOCKLIST_NAME_MAX])
{
	struct ip ip;
	if (list->kind != LIST_DOMAIN && ip_parse(span_of(what), &ip))
		blocklist_address_name(&ip, list->zone, out);
	else
		snprintf(out, BLOCKLIST_NAME_MAX, "%s.%s", what, list->zone);
}

static void add_entry(const struct check_blocklist_list *list, const char *what, struct entries *entries)
{
	struct entry *entry = &entries->v[entries->count++];
	entry->what = what;
	name_of(list, what, entry->name);
	snprintf(entry->subject, sizeof(entry->subject), "%.*s in %s", DNS_NAME_TEXT_MAX, what, list->zone);
}

static void add_entries(const struct check_blocklist_list *list, struct entries *entries)
{
	const struct subjects *s = list->subjects;
	for (size_t i = 0; list->kind == LIST_DOMAIN && i < s->domain_count; i++)
		add_entry(list, s->domains[i], entries);
	for (size_t i = 0; list->kind != LIST_DOMAIN && i < s->addresses.count; i++)
		if (s->addresses.v[i].ip.v6 == (list->kind == LIST_V6))
			add_entry(list, s->addresses.v[i].text, entries);
}

/* Whether the list can be believed: 1 yes, 0 no (*ret_fault says why), -1 memory. */
static int try_list(const struct check_blocklist_list *list, const char **ret_fault)
{
	char names[2][BLOCKLIST_NAME_MAX];
	struct dns_answer answers[2] = { 0 };
	for (size_t i = 0; i < 2; i++)
		if (list->kind == LIST_V6)
			blocklist_address_name(&tests_v6[i], list->zone, names[i]);
		else
			name_of(list, tests[list->kind][i], names[i]);
	const struct dns_question questions[2] = { { names[0], DNS_A }, { names[1], DNS_A } };
	if (check_resolver_ask(&list->subjects->dns, questions, 2, answers) < 0)
		return -1;
	*ret_fault = blocklist_fault(&answers[0], &answers[1]);
	dns_answer_fini(&answers[0]);
	dns_answer_fini(&answers[1]);
	return *ret_fault ? 0 : 1;
}

static int ask_entries(const struct check_blocklist_list *list, struct entries *entries, enum dns_type type)
{
	for (size_t i = 0; i < entries->count; i++) {
		dns_answer_fini(&entries->answers[i]);
		entries->questions[i] = (struct dns_question){ entries->v[i].name, type };
	}
	return entries->count == 0
		   ? 0
		   : check_resolver_ask(&list->subjects->dns, entries->questions, entries->count, entries->answers);
}

/* --- what to say ------------------------------------------------------------------------------------------------ */

/* The reason that the list gives (section 2.1), from the answer with TXT records. */
static void report_listed(const struct check_blocklist_list *list, const struct entry *entry,
			  const struct dns_answer *answer)
{
	_cleanup_(buf_fini) struct buf reason = BUF_INIT(TXT_MAX);
	char mend[WORDS_MAX];
	if (answer->count > 0)
		rdata_txt(&answer->records[0], &reason, NULL);
	snprintf(mend, sizeof(mend),
		 "find out why mail from %s was taken for spam, then ask the operator of %s to remove it", entry->what,
		 list->zone);
	check_bad(list->subjects->dns.check, id_of(list), entry->subject, mend, "%s: %s", entry->code,
		  reason.len ? check_text(list->subjects->dns.check, &reason) : "listed without a reason");
}

/* Says what it is, unless it is listed. */
static void report_entry(const struct check_blocklist_list *list, struct entry *entry, const struct dns_answer *answer)
{
	struct check *check = list->subjects->dns.check;
	char words[WORDS_MAX];
	struct ip ip;
	switch (blocklist_read(answer)) {
	case BLOCKLIST_YES:
		rdata_address(&answer->records[0], &ip);
		ip_format(&ip, entry->code);
		break;
	case BLOCKLIST_NO:
		check_good(check, id_of(list), entry->subject, "not listed");
		break;
	case BLOCKLIST_REFUSED:
	case BLOCKLIST_FOREIGN:
		check_open(check, id_of(list), entry->subject, "%s answers with what is no listing", list->zone);
		break;
	case BLOCKLIST_UNKNOWN:
		check_open(check, id_of(list), entry->subject, "%s", dns_answer_words(answer, words, sizeof(words)));
		break;
	}
}

static void keep_listed(struct entries *entries)
{
	size_t kept = 0;
	for (size_t i = 0; i < entries->count; i++) {
		dns_answer_fini(&entries->answers[i]);
		if (entries->v[i].code[0])
			entries->v[kept++] = entries->v[i];
	}
	entries->count = kept;
}

static void check_blocklist_look_up(const struct check_blocklist_list *list, struct entries *entries)
{
	if (ask_entries(list, entries, DNS_A) < 0)
		return;
	for (size_t i = 0; i < entries->count; i++)
		report_entry(list, &entries->v[i], &entries->answers[i]);
	keep_listed(entries);
	if (ask_entries(list, entries, DNS_TXT) < 0)
		return;
	for (size_t i = 0; i < entries->count; i++)
		report_listed(list, &entries->v[i], &entries->answers[i]);
}

static void report_unusable(const struct check_blocklist_list *list, const struct entries *entries, const char *fault)
{
	struct check *check = list->subjects->dns.check;
	check_open(check, "blocklist.usable", list->zone, "%s", fault);
	for (size_t i = 0; i < entries->count; i++)
		check_open(check, id_of(list), entries->v[i].subject, "%s: %s", list->zone, fault);
}

static void check_list(struct check *check, void *argument)
{
	const struct check_blocklist_list *list = argument;
	const char *fault = NULL;
	struct entries *entries = calloc(1, sizeof(*entries));
	int usable = entries ? try_list(list, &fault) : -1;
	if (!entries) {
		check_memory(check);
		return;
	}
	add_entries(list, entries);
	/* A list without a test entry for IPv6 has no IPv6: that is no fault. */
	if (usable > 0 && list->kind != LIST_V6)
		check_good(check, "blocklist.usable", list->zone,
			   "it lists its test entry, and not the one that none may");
	if (usable > 0)
		check_blocklist_look_up(list, entries);
	else if (usable == 0 && list->kind != LIST_V6)
		report_unusable(list, entries, fault);
	for (size_t i = 0; i < entries->count; i++)
		dns_answer_fini(&entries->answers[i]);
	free(entries);
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

static void check_blocklist_add_domain(struct subjects *subjects, const char *domain)
{
	for (size_t i = 0; i < subjects->domain_count; i++)
		if (strcmp(subjects->domains[i], domain) == 0)
			return;
	subjects->domains[subjects->domain_count++] = domain;
}

static bool has_v6(const struct addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (addresses->v[i].ip.v6)
			return true;
	return false;
}

static void check_lists(struct check *check, struct subjects *subjects)
{
	const struct posture_params *p = check_params(check);
	size_t most = 2 * p->address_blocklist_count + p->domain_blocklist_count, count = 0;
	_cleanup_(free_p) struct check_blocklist_list *lists = calloc(most + 1, sizeof(*lists));
	_cleanup_(free_p) void **arguments = calloc(most + 1, sizeof(*arguments));
	if (!lists || !arguments) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < p->address_blocklist_count; i++) {
		lists[count++] = (struct check_blocklist_list){ subjects, LIST_V4, p->address_blocklists[i] };
		if (has_v6(&subjects->addresses))
			lists[count++] = (struct check_blocklist_list){ subjects, LIST_V6, p->address_blocklists[i] };
	}
	for (size_t i = 0; i < p->domain_blocklist_count; i++)
		lists[count++] = (struct check_blocklist_list){ subjects, LIST_DOMAIN, p->domain_blocklists[i] };
	for (size_t i = 0; i < count; i++)
		arguments[i] = &lists[i];
	check_each(check, check_list, arguments, count);
}

void check_blocklist(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	char author[DNS_NAME_TEXT_MAX];
	_cleanup_(free_p) struct subjects *subjects = calloc(1, sizeof(*subjects));
	if (!subjects) {
		check_memory(check);
		return;
	}
	if (p->address_blocklist_count + p->domain_blocklist_count == 0 ||
	    check_resolver_init(&subjects->dns, check) < 0)
		return;
	check_blocklist_add_domain(subjects, p->domain);
	check_blocklist_add_domain(subjects, author_domain(p, author));
	if (p->envelope_domain)
		check_blocklist_add_domain(subjects, p->envelope_domain);
	if (addresses_collect(&subjects->dns, &subjects->addresses) == 0)
		check_lists(check, subjects);
	if (p->address_blocklist_count && subjects->addresses.missing[0])
		check_open(check, "blocklist.address", p->domain, "%s", subjects->addresses.missing);
	check_resolver_fini(&subjects->dns);
}
