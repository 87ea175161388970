/* Hosts that the user has declared as their own and that only send: closed to mail from outside, and no relay. */
#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/relay/checks.h"
#include "harness/posture/relay/outbound.h"
#include "harness/posture/relay/relay.h"
#include "harness/posture/relay/relay_forms.h"

/* 1 it is an MX of the domain, 0 it is none, -1 not known. */
static int is_mx(struct check *check, const char *host, char *why, size_t size)
{
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	const struct dns_question question = { check_params(check)->domain, DNS_MX };
	char name[DNS_NAME_TEXT_MAX], own[DNS_NAME_TEXT_MAX];
	uint16_t preference;
	why[0] = '\0';
	if (check_ask(check, &question, 1, &answer) < 0)
		return -1;
	dns_answer_words(&answer, why, size);
	dns_name_normal(host, own);
	for (size_t i = 0; i < answer.count; i++)
		if (rdata_mx(&answer.records[i], &preference, name) && strcmp(name, own) == 0)
			return 1;
	return answer.state == DNS_ANSWERED ? 0 : -1;
}

static void check_host(struct check *check, void *argument)
{
	const struct posture_outbound *outbound = argument;
	char why[200];
	int mx = is_mx(check, outbound->host, why, sizeof(why));
	const struct relay_host host = { .host = outbound->host,
					 .port = outbound->port,
					 .probe_to = outbound->probe_to,
					 .connections = outbound->connections,
					 .relay_id = "outbound.open-relay",
					 .refuse_id = "outbound.refuses",
					 .inbound_id = mx == 0 ? "outbound.no-inbound" : NULL };
	if (mx > 0)
		check_good(check, "outbound.no-inbound", outbound->host, "it is an MX of %s, and so has to take mail",
			   check_params(check)->domain);
	else if (mx < 0)
		check_open(check, "outbound.no-inbound", outbound->host, "whether it is an MX is not known: %s", why);
	relay_check(check, &host);
}

void check_outbound(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	void **hosts = calloc(p->outbound_count + 1, sizeof(*hosts));
	(void)argument;
	if (!hosts) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < p->outbound_count; i++)
		hosts[i] = (void *)(uintptr_t)&p->outbounds[i];
	check_each(check, check_host, hosts, p->outbound_count);
	free(hosts);
}

int outbound_plan(const struct posture_params *params, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < params->outbound_count; i++) {
		const struct posture_outbound *o = &params->outbounds[i];
		buf_addf(out,
			 "%s port %u: each of its addresses is asked for the service's own address and, in %zu address "
			 "forms, for a mailbox of another domain, over at most %u connection%s at once; ",
			 o->host, o->port, relay_form_count, o->connections, o->connections == 1 ? "" : "s");
		if (o->probe_to)
			buf_addf(out, "what it accepts is sent, to %s\n", o->probe_to);
		else
			buf_add_str(out, "nothing is sent\n");
	}
	return buf_check(out, "the plan of tests of outbound hosts", err);
}
