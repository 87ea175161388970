/* What the hosts of links say. Links are asked for by HEAD, as providers' scanners do, at the addresses that the
 * resolver gave: never where the machine's own names lead. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/net/http.h"
#include "harness/posture/content/content_checks.h"
#include "harness/posture/engine/ask.h"

enum { HOSTS_MAX = 50, ASKED_MAX = 50, ADDRESSES_MAX = 8, LINK_MS = 8000, OCTETS_MAX = 4 * 1024 * 1024 };

struct host {
	const char *name;                 /* of a URL */
	char question[DNS_NAME_TEXT_MAX]; /* "" where the DNS can have no such name, or it is an address */
	char text[ADDRESSES_MAX][IP_TEXT_MAX];
	const char *addresses[ADDRESSES_MAX];
	size_t count;
	enum finding_state state; /* FINDING_GOOD: there are addresses, or it is one */
	char why[200];
};

struct asked {
	const struct url *url;
	const struct host *host;
	enum finding_state state;
	char what[ERROR_TEXT_MAX]; /* in words */
};

struct reach {
	struct host *hosts;
	size_t host_count;
	struct asked *asked;
	size_t asked_count;
	bool cut; /* there are more than fit */
};

/* --- hosts ------------------------------------------------------------------------------------------------------ */

static struct host *find_host(struct reach *r, const char *name)
{
	struct ip ip;
	for (size_t i = 0; i < r->host_count; i++)
		if (strcmp(r->hosts[i].name, name) == 0)
			return &r->hosts[i];
	if (r->host_count == HOSTS_MAX)
		return NULL;
	struct host *host = &r->hosts[r->host_count++];
	host->name = name;
	if (ip_parse(span_of(name), &ip))
		return host;
	if (!dns_name_make(span_of(name), host->question)) {
		host->state = FINDING_BAD;
		snprintf(host->why, sizeof(host->why), "no name of the DNS");
	}
	return host;
}

static void take_addresses(struct host *host, const struct dns_answer *answers)
{
	struct ip ip;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < answers[k].count && host->count < ADDRESSES_MAX; i++)
			if (rdata_address(&answers[k].records[i], &ip)) {
				host->addresses[host->count] = ip_format(&ip, host->text[host->count]);
				host->count++;
			}
	if (host->count > 0)
		return;
	bool known = answers[0].state == DNS_ANSWERED && answers[1].state == DNS_ANSWERED;
	host->state = known ? FINDING_BAD : FINDING_OPEN;
	dns_answer_words(&answers[answers[0].state == DNS_ANSWERED], host->why, sizeof(host->why));
}

/* All of them at once. */
static void resolve_hosts(struct check *check, struct reach *r)
{
	struct dns_question questions[2 * HOSTS_MAX] = { 0 };
	struct dns_answer answers[2 * HOSTS_MAX] = { 0 };
	struct host *of[HOSTS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < r->host_count; i++) {
		if (!r->hosts[i].question[0])
			continue;
		of[count / 2] = &r->hosts[i];
		questions[count++] = (struct dns_question){ r->hosts[i].question, DNS_A };
		questions[count++] = (struct dns_question){ r->hosts[i].question, DNS_AAAA };
	}
	if (check_ask(check, questions, count, answers) < 0)
		return;
	for (size_t i = 0; i < count; i += 2)
		take_addresses(of[i / 2], &answers[i]);
	for (size_t i = 0; i < count; i++)
		dns_answer_fini(&answers[i]);
}

static void report_hosts(struct check *check, const struct content *c, const struct reach *r)
{
	static const char id[] = "content.links-resolve",
			  mend[] = "publish addresses for the host of each link, or mend its name";
	_cleanup_(buf_fini) struct buf bad = BUF_INIT(CONTENT_LIST_MAX), open = BUF_INIT(CONTENT_LIST_MAX);
	for (size_t i = 0; i < r->host_count; i++)
		if (r->hosts[i].state != FINDING_GOOD)
			check_enumerate(r->hosts[i].state == FINDING_BAD ? &bad : &open, ", ", "%s: %s",
					r->hosts[i].name, r->hosts[i].why);
	if (r->cut)
		check_enumerate(&open, ", ", "there are more hosts than are looked at");
	if (bad.len > 0)
		check_bad(check, id, content_name(c), mend, "%s", check_text(check, &bad));
	else if (open.len > 0)
		check_open(check, id, content_name(c), "%s", check_text(check, &open));
	else
		check_good(check, id, content_name(c), "%zu hosts", r->host_count);
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

static int content_reach_ask(struct check *check, const struct asked *a, bool head, struct http_response *ret,
			     struct error *err)
{
	const struct http_request request = { .url = a->url->whole,
					      .addresses = a->host->addresses,
					      .address_count = a->host->count,
					      .head = head,
					      .ca_file = check_params(check)->ca_file,
					      .max_octets = OCTETS_MAX,
					      .deadline = deadline_earlier(check_deadline(check),
									   deadline_in(LINK_MS)) };
	check_connected(check);
	return http_send(&request, ret, err);
}

/* RFC 9110 section 15: what is wrong with the link, and what is only wrong now. */
static void content_reach_take_status(struct asked *a, const struct http_response *response)
{
	int status = response->status;
	snprintf(a->what, sizeof(a->what), "%d", status);
	if (status >= 300 && status < 400) {
		a->state = FINDING_BAD;
		snprintf(a->what, sizeof(a->what), "%d redirects to %s", status, response->location);
	} else if (status == 404 || status == 410) {
		a->state = FINDING_BAD;
	} else if (status == 429 || status >= 500) {
		a->state = FINDING_OPEN;
	}
}

/* A refused connection is an answer, silence is none. */
static void take_error(struct asked *a, const struct error *err)
{
	bool refused = err->kind == ERROR_NETWORK && err->code == ECONNREFUSED;
	bool bad = refused || err->kind == ERROR_TLS || err->kind == ERROR_PROTOCOL || err->kind == ERROR_CONFIG;
	a->state = bad ? FINDING_BAD : FINDING_OPEN;
	snprintf(a->what, sizeof(a->what), "%s", err->text);
}

static void ask_link(struct check *check, void *argument)
{
	struct asked *a = argument;
	struct http_response response = { 0 };
	struct error err = ERROR_INIT;
	int rc = content_reach_ask(check, a, true, &response, &err);
	if (rc == 0 && (response.status == 405 || response.status == 501)) {
		http_response_fini(&response);
		rc = content_reach_ask(check, a, false, &response, &err);
	}
	if (rc < 0)
		take_error(a, &err);
	else
		content_reach_take_status(a, &response);
	http_response_fini(&response);
}

static void report_answers(struct check *check, const struct content *c, const struct reach *r)
{
	static const char id[] = "content.links-answer",
			  mend[] = "link to the page itself: one that answers over verified TLS, without a redirect";
	_cleanup_(buf_fini) struct buf bad = BUF_INIT(CONTENT_LIST_MAX), open = BUF_INIT(CONTENT_LIST_MAX);
	for (size_t i = 0; i < r->asked_count; i++)
		if (r->asked[i].state != FINDING_GOOD)
			check_enumerate(r->asked[i].state == FINDING_BAD ? &bad : &open, ", ", "%s: %s",
					r->asked[i].url->whole, r->asked[i].what);
	if (r->cut || c->links_cut)
		check_enumerate(&open, ", ", "there are more links than are looked at");
	if (bad.len > 0)
		check_bad(check, id, content_name(c), mend, "%s", check_text(check, &bad));
	else if (open.len > 0)
		check_open(check, id, content_name(c), "%s", check_text(check, &open));
	else
		check_good(check, id, content_name(c), "%zu URLs", r->asked_count);
}

static bool content_reach_is_asked(const struct reach *r, const struct url *url)
{
	for (size_t i = 0; i < r->asked_count; i++)
		if (strcmp(r->asked[i].url->whole, url->whole) == 0)
			return true;
	return false;
}

/* Each URL once; what does not resolve is said already. */
static void choose_links(struct reach *r, const struct content *c)
{
	for (size_t i = 0; i < c->link_count; i++) {
		const struct url *url = &c->links[i].url;
		const struct host *host = find_host(r, url->host);
		bool is_web = strcmp(url->scheme, "https") == 0 || strcmp(url->scheme, "http") == 0;
		if (!host || !is_web || host->state != FINDING_GOOD || content_reach_is_asked(r, url))
			continue;
		if (r->asked_count == ASKED_MAX)
			r->cut = true;
		else
			r->asked[r->asked_count++] = (struct asked){ .url = url, .host = host };
	}
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void content_reach_examine(struct check *check, const struct content *c, struct reach *r)
{
	void *arguments[ASKED_MAX];
	for (size_t i = 0; i < c->link_count; i++)
		r->cut |= find_host(r, c->links[i].url.host) == NULL;
	resolve_hosts(check, r);
	report_hosts(check, c, r);
	choose_links(r, c);
	for (size_t i = 0; i < r->asked_count; i++)
		arguments[i] = &r->asked[i];
	check_each(check, ask_link, arguments, r->asked_count);
	report_answers(check, c, r);
}

void content_check_reach(struct check *check, const struct content *c)
{
	struct reach r = { .hosts = calloc(HOSTS_MAX, sizeof(*r.hosts)), .asked = calloc(ASKED_MAX, sizeof(*r.asked)) };
	if (r.hosts && r.asked)
		content_reach_examine(check, c, &r);
	else
		check_memory(check);
	free(r.hosts);
	free(r.asked);
}
