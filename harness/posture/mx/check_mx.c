/* The MX hosts of the service's domain, and of those that From and Reply-To address. All addresses of all of them are
 * visited side by side, once each. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/dns/rdata.h"
#include "harness/posture/mx/checks.h"
#include "harness/posture/mx/mx_report.h"

enum { MEND_MAX = 3000, DOMAINS_MAX = 3 };

/* A domain whose servers are asked something. */
struct mail_domain {
	char name[DNS_NAME_TEXT_MAX];
	bool own; /* the service's: its servers are judged, too */
	struct mx_asking asking;
};

struct mail_domains {
	struct mail_domain v[DOMAINS_MAX];
	size_t count;
};

/* --- what the DNS says ------------------------------------------------------------------------------------------ */

static void report_present(struct check *check, const struct mx_route *route)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX), hosts = BUF_INIT(MEND_MAX);
	char why[200];
	mx_mend(route->domain, &mend);
	if (route->mx.state != DNS_ANSWERED) {
		check_open(check, "mx.present", route->domain, "MX: %s",
			   dns_answer_words(&route->mx, why, sizeof(why)));
		return;
	}
	if (route->null_mx || route->mx.count == 0) {
		check_bad(check, "mx.present", route->domain, check_text(check, &mend),
			  route->null_mx ? "a null MX record (RFC 7505) says that the domain takes no mail"
					 : "no MX record");
		return;
	}
	for (size_t i = 0; i < route->host_count; i++)
		buf_addf(&hosts, "%s%u %s", i ? ", " : "", (unsigned)route->hosts[i].preference, route->hosts[i].name);
	if (route->mx.count > route->host_count)
		buf_addf(&hosts, "; the first %zu of %zu, others are not looked at", route->host_count,
			 route->mx.count);
	check_good(check, "mx.present", route->domain, "%s", check_text(check, &hosts));
}

static void report_dnssec(struct check *check, const struct mx_route *route)
{
	const char *words;
	switch (mx_route_signed(route, &route->mx, &words)) {
	case FINDING_GOOD:
		check_good(check, "mx.dnssec", route->domain, "the MX answer is %s", words);
		break;
	case FINDING_BAD:
		check_bad(check, "mx.dnssec", route->domain,
			  "sign the zone with DNSSEC and have its DS record published in the zone above",
			  "the MX answer is %s", words);
		break;
	case FINDING_OPEN:
		check_open_until(check, "mx.dnssec", route->domain, mx_route_signed_mend(route, &route->mx),
				 "the MX answer is %s", words);
	}
}

/* RFC 2181 section 10.3. */
static void report_alias(struct check *check, const struct mx_route *route, const struct mx_host *host)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	const char *canonical = host->a.canonical ? host->a.canonical : host->aaaa.canonical;
	if (canonical) {
		buf_addf(&mend, "name the server itself: %s. 3600 IN MX %u %s.", route->domain,
			 (unsigned)host->preference, canonical);
		check_bad(check, "mx.no-cname", host->name, check_text(check, &mend), "a CNAME leads to %s", canonical);
	} else if (host->a.state != DNS_ANSWERED && host->aaaa.state != DNS_ANSWERED) {
		check_open(check, "mx.no-cname", host->name, "the answer is not known");
	} else {
		check_good(check, "mx.no-cname", host->name, "no CNAME");
	}
}

static void report_host(struct check *check, const struct mx_route *route, const struct mx_host *host)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	const struct dns_answer *failed = host->a.state != DNS_ANSWERED ? &host->a : &host->aaaa;
	char why[200];
	report_alias(check, route, host);
	if (host->address_count > 0) {
		check_good(check, "mx.resolves", host->name, "A records: %zu, AAAA records: %zu", host->a.count,
			   host->aaaa.count);
	} else if (!mx_host_is_absent(host)) {
		check_open(check, "mx.resolves", host->name, "%s", dns_answer_words(failed, why, sizeof(why)));
	} else {
		buf_addf(&mend,
			 "publish the server's addresses (%s. 3600 IN A ADDRESS, %s. 3600 IN AAAA ADDRESS), or "
			 "take the MX record out",
			 host->name, host->name);
		check_bad(check, "mx.resolves", host->name, check_text(check, &mend), "it has no address");
	}
}

/* Of servers of which nothing is known, not even the names. */
static void report_unknown(struct check *check, const char *domain)
{
	static const char *const of_hosts[] = { "mx.resolves",    "mx.no-cname",           "mx.ipv4",
						"mx.ipv6",        "mx.starttls",           "mx.tls12",
						"mx.certificate", "mx.certificate-expiry", "dane.present" };
	for (size_t i = 0; i < ARRAY_LEN(of_hosts); i++)
		check_open(check, of_hosts[i], domain, "the MX hosts are not known");
}

static void report_route(struct check *check, const struct mx_route *route)
{
	if (route->mx.state != DNS_ANSWERED)
		report_unknown(check, route->domain);
	report_present(check, route);
	report_dnssec(check, route);
	if (route->mx.count == 0)
		return;
	for (size_t i = 0; i < route->host_count; i++)
		report_host(check, route, &route->hosts[i]);
}

/* --- what the servers say --------------------------------------------------------------------------------------- */

static void visit_hosts(struct check *check, const struct mx_route *route, const struct mail_domain *domain)
{
	size_t max = MX_HOSTS_MAX * MX_ADDRESSES_MAX, count = 0;
	struct mx_visit *visits = calloc(max, sizeof(*visits));
	void **arguments = calloc(max, sizeof(*arguments));
	if (!visits || !arguments) {
		check_memory(check);
		free(visits);
		free(arguments);
		return;
	}
	for (size_t i = 0; i < route->host_count; i++)
		for (size_t j = 0; j < route->hosts[i].address_count; j++) {
			visits[count] = (struct mx_visit){ .route = route,
							   .host = &route->hosts[i],
							   .ip = &route->hosts[i].addresses[j],
							   .asking = &domain->asking };
			arguments[count] = &visits[count];
			count++;
		}
	check_each(check, mx_visit, arguments, count);
	const struct mx_visits seen = { check, route, visits, count, domain->own };
	if (domain->own && route->mx.count > 0) {
		mx_report_servers(&seen);
		mx_report_dane(&seen);
	}
	mx_report_accepts(&seen, &domain->asking);
	for (size_t i = 0; i < count; i++)
		mx_visit_fini(&visits[i]);
	free(visits);
	free(arguments);
}

static void look_at_domain(struct check *check, void *argument)
{
	const struct mail_domain *domain = argument;
	struct mx_route *route = calloc(1, sizeof(*route));
	if (!route) {
		check_memory(check);
		return;
	}
	if (mx_route_find(check, domain->name, route) == 0) {
		if (domain->own)
			report_route(check, route);
		visit_hosts(check, route, domain);
		mx_route_fini(route);
	}
	free(route);
}

/* --- which domains, which addresses ----------------------------------------------------------------------------- */

static struct mail_domain *find_domain(struct mail_domains *domains, const char *name)
{
	for (size_t i = 0; i < domains->count; i++)
		if (strcmp(domains->v[i].name, name) == 0)
			return &domains->v[i];
	struct mail_domain *domain = &domains->v[domains->count++];
	span_copy(span_of(name), domain->name, sizeof(domain->name));
	return domain;
}

/* False where the address has no domain that the DNS can have, which is a finding of its own (from.domain). */
static bool ask_about(struct mail_domains *domains, const char *id, const char *address, const char *mend)
{
	char name[DNS_NAME_TEXT_MAX];
	const char *at = strrchr(address, '@');
	if (!at || !dns_name_make(span_of(at + 1), name))
		return false;
	struct mx_asking *asking = &find_domain(domains, name)->asking;
	struct mx_asked *asked = &asking->v[asking->count];
	int n = snprintf(asked->address, sizeof(asked->address), "%.*s@%s", (int)(at - address), address, name);
	if (n < 0 || (size_t)n >= sizeof(asked->address))
		return false;
	asked->id = id;
	asked->mend = mend;
	asking->count++;
	return true;
}

static void ask_about_role(struct mail_domains *domains, const char *id, const char *local_part, const char *domain,
			   const char *mend)
{
	char address[DNS_NAME_TEXT_MAX + 16];
	snprintf(address, sizeof(address), "%s@%s", local_part, domain);
	ask_about(domains, id, address, mend);
}

static void list_addresses(const struct posture_params *p, struct mail_domains *domains)
{
	const char *mend = "let the servers take mail for this address: make it a mailbox, or an alias of one";
	const char *domain = p->domain;
	if (p->from_address && ask_about(domains, "from.accepts", p->from_address, mend))
		domain = strrchr(p->from_address, '@') + 1;
	if (p->reply_to && !(p->from_address && strcmp(p->reply_to, p->from_address) == 0))
		ask_about(domains, "from.reply-accepts", p->reply_to, mend);
	ask_about_role(domains, "from.postmaster", "postmaster", domain,
		       "every domain with a server of SMTP has this address (RFC 5321 section 4.5.1): make it an alias "
		       "of a mailbox that is read");
	ask_about_role(
	    domains, "from.abuse", "abuse", domain,
	    "complaints go to this address (RFC 2142 section 2): make it an alias of a mailbox that is read");
}

void check_mx(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	struct mail_domains *domains = calloc(1, sizeof(*domains));
	void *arguments[DOMAINS_MAX];
	if (!domains) {
		check_memory(check);
		return;
	}
	find_domain(domains, p->domain)->own = true;
	list_addresses(p, domains);
	for (size_t i = 0; i < domains->count; i++)
		arguments[i] = &domains->v[i];
	check_each(check, look_at_domain, arguments, domains->count);
	free(domains);
}
