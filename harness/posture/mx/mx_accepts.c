/* Whether the servers of a domain take mail for addresses of it: RCPT, without ever sending a message. */
#include "harness/posture/mx/mx_report.h"

enum { EVIDENCE_MAX = 3000 };

/* Servers refuse whom they do not trust with the same code as whom they do not know. Where every address is refused by
 * policy, it is the one who asks that is refused, not the address. */
static bool refuses_us(const struct mx_visit *visit)
{
	for (size_t i = 0; i < visit->asking->count; i++)
		if (visit->rcpt[i].code < 500 || !visit->rcpt[i].policy)
			return false;
	return true;
}

static enum mx_seen see_reply(const struct mx_visit *visit, size_t asked, const char **ret_words)
{
	const struct mx_reply *rcpt = &visit->rcpt[asked], *mail = &visit->mail[asked];
	*ret_words = rcpt->code ? rcpt->text : mail->code ? mail->text : visit->error.text;
	if (rcpt->code >= 200 && rcpt->code < 300)
		return MX_GOOD;
	/* What is temporary, greylisting as a rule, says nothing about the address; nor does a refused sender. */
	return rcpt->code >= 500 && !refuses_us(visit) ? MX_BAD : MX_OPEN;
}

/* Why no server could be asked at all: bad where the DNS says that there is none. */
static void report_unasked(const struct mx_visits *visits, const struct mx_asked *asked)
{
	const struct mx_route *route = visits->route;
	bool known = route->mx.state == DNS_ANSWERED;
	char why[200];
	if (!known) {
		check_open(visits->check, asked->id, asked->address, "MX: %s",
			   dns_answer_words(&route->mx, why, sizeof(why)));
		return;
	}
	for (size_t i = 0; i < route->host_count; i++)
		known = known && mx_host_is_absent(&route->hosts[i]);
	if (known && !visits->own) /* where it is the own, that is a finding by itself */
		check_bad(visits->check, asked->id, asked->address, asked->mend, "%s has no server that takes mail",
			  route->domain);
	else if (!known)
		check_open(visits->check, asked->id, asked->address, "the addresses of the servers of %s are not known",
			   route->domain);
}

/* A sender goes to whichever server answers: one that refuses is one too many, one that does not answer is not. */
static void mx_accepts_report(const struct mx_visits *visits, const struct mx_asked *asked, size_t index)
{
	_cleanup_(buf_fini) struct buf good = BUF_INIT(EVIDENCE_MAX), open = BUF_INIT(EVIDENCE_MAX),
				       bad = BUF_INIT(EVIDENCE_MAX);
	for (size_t i = 0; i < visits->count; i++) {
		const char *words;
		char address[IP_TEXT_MAX];
		enum mx_seen seen = see_reply(&visits->v[i], index, &words);
		struct buf *to = seen == MX_GOOD ? &good : seen == MX_BAD ? &bad : &open;
		buf_addf(to, "%s%s [%s]: %s", to->len ? "; " : "", visits->v[i].host->name,
			 ip_format(visits->v[i].ip, address), words);
	}
	if (bad.len)
		check_bad(visits->check, asked->id, asked->address, asked->mend, "%s", check_text(visits->check, &bad));
	else if (good.len)
		check_good(visits->check, asked->id, asked->address, "%s", check_text(visits->check, &good));
	else if (open.len)
		check_open(visits->check, asked->id, asked->address, "%s", check_text(visits->check, &open));
	else
		report_unasked(visits, asked);
}

void mx_report_accepts(const struct mx_visits *visits, const struct mx_asking *asking)
{
	for (size_t i = 0; i < asking->count; i++)
		mx_accepts_report(visits, &asking->v[i], i);
}
