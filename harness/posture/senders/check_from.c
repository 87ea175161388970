/* The From address: its domain, and what the domain says of taking mail. */
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/mail/address.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/senders/checks.h"
#include "harness/posture/engine/mx_route.h"

enum { MEND_MAX = 1000 };

static void check_on_service(struct check *check, const char *domain)
{
	const struct posture_params *p = check_params(check);
	check_that(check, dns_name_under(domain, p->domain), "from.domain", p->from_address,
		   "send from an address of the service's own domain", "%s is %s the service's domain %s", domain,
		   dns_name_under(domain, p->domain) ? "in" : "not in", p->domain);
}

static bool is_null_mx(const struct dns_answer *mx)
{
	char host[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	return mx->count == 1 && rdata_mx(&mx->records[0], &preference, host) && strcmp(host, ".") == 0;
}

/* RFC 5321 section 5.1: without MX records the address records count; RFC 7505: a null MX takes no mail. */
static void check_takes_mail(struct check *check, const char *domain)
{
	const struct dns_question questions[] = { { domain, DNS_MX }, { domain, DNS_A }, { domain, DNS_AAAA } };
	struct dns_answer answers[ARRAY_LEN(questions)] = { 0 };
	if (check_ask(check, questions, ARRAY_LEN(questions), answers) < 0)
		return;
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	mx_mend(domain, &mend);
	size_t addresses = answers[1].count + answers[2].count;
	char why[200];
	if (answers[0].state != DNS_ANSWERED)
		check_open(check, "from.takes-mail", domain, "MX: %s", dns_answer_words(&answers[0], why, sizeof(why)));
	else if (is_null_mx(&answers[0]))
		check_bad(check, "from.takes-mail", domain, check_text(check, &mend),
			  "a null MX record (RFC 7505) says that the domain takes no mail");
	else
		check_that(check, answers[0].count + addresses > 0, "from.takes-mail", domain, check_text(check, &mend),
			   "MX records: %zu, address records: %zu", answers[0].count, addresses);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		dns_answer_fini(&answers[i]);
}

void check_from(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	char domain[DNS_NAME_TEXT_MAX];
	if (!p->from_address)
		return;
	if (!dns_name_make(address_domain(p->from_address), domain)) {
		check_bad(check, "from.domain", p->from_address, "write an address with a domain name",
			  "its domain is no name of the DNS");
		return;
	}
	check_on_service(check, domain);
	check_takes_mail(check, domain);
}
