/* All addresses of a server side by side, within its number of connections, and what comes of it in words. */
#include "harness/posture/relay/relay.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/relay/relay_session.h"

/* Servers slow down or hang up on whoever is refused too often in one session; Postfix after ten times. */
enum { ADDRESSES_MAX = 8, SESSION_PROBES = 8, SUBJECT_MAX = 400 };

struct relay_place {
	char ip[IP_TEXT_MAX];
	struct relay_probe *probes; /* one for each form, and behind them the one for the service's own address */
	size_t count;
	atomic_bool unrouted;
};

struct relay {
	const struct relay_host *host;
	struct relay_place places[ADDRESSES_MAX];
	size_t place_count;
	bool cut;             /* the host has more addresses than are tried */
	size_t session_count; /* for each place */
	atomic_size_t next;   /* session that nobody has taken yet */
};

/* --- asking ----------------------------------------------------------------------------------------------------- */

static void ask_in_turn(struct check *check, void *argument)
{
	struct relay *relay = argument;
	size_t i;
	while ((i = atomic_fetch_add(&relay->next, 1)) < relay->place_count * relay->session_count) {
		struct relay_place *place = &relay->places[i % relay->place_count];
		size_t from = i / relay->place_count * SESSION_PROBES, left = place->count - from;
		const struct relay_server server = { relay->host->host, place->ip, relay->host->port,
						     relay->host->probe_to };
		if (!relay_ask(check, &server, place->probes + from, left < SESSION_PROBES ? left : SESSION_PROBES))
			atomic_store(&place->unrouted, true);
	}
}

static int relay_fill(struct relay_probe *probe, const char *sender, const char *recipient,
		      const struct relay_words *words, bool sends)
{
	struct error err = ERROR_INIT;
	if (!relay_form_fill(sender, words, probe->sender) || !relay_form_fill(recipient, words, probe->recipient))
		return -1;
	return sends ? tag_new(probe->token, &err) : 0;
}

static int relay_prepare(const struct check *check, const struct relay_host *host, struct relay_place *place)
{
	const struct posture_params *p = check_params(check);
	const char *to = host->probe_to ? host->probe_to : "postproof@example.com", *at = strrchr(to, '@');
	char user[RELAY_PATH_MAX], from[RELAY_PATH_MAX], literal[IP_TEXT_MAX + 8];
	if (!at || !span_copy(span_make(to, (size_t)(at - to)), user, sizeof(user)))
		return -1;
	snprintf(from, sizeof(from), "postmaster@%s", p->domain);
	/* RFC 5321 section 4.1.3 */
	snprintf(literal, sizeof(literal), "%s%s", strchr(place->ip, ':') ? "IPv6:" : "", place->ip);
	const struct relay_words words = {
		user, at + 1, host->host, literal, p->from_address ? p->from_address : from, p->helo
	};
	place->probes = calloc(relay_form_count + 1, sizeof(*place->probes));
	if (!place->probes)
		return -1;
	for (; place->count < relay_form_count; place->count++) {
		const struct relay_form *form = &relay_forms[place->count];
		place->probes[place->count].name = form->name;
		if (relay_fill(&place->probes[place->count], form->sender, form->recipient, &words, host->probe_to) < 0)
			return -1;
	}
	if (!host->inbound_id)
		return 0;
	place->probes[place->count].name = "the service's own address";
	return relay_fill(&place->probes[place->count++], "<postproof@{helo}>", "<{from}>", &words, false);
}

static void ask_all(struct check *check, struct relay *relay)
{
	unsigned connections = relay->host->connections ? relay->host->connections : 1;
	relay->session_count = (relay->places[0].count + SESSION_PROBES - 1) / SESSION_PROBES;
	size_t sessions = relay->place_count * relay->session_count, workers = connections;
	if (workers > sessions)
		workers = sessions;
	void *arguments[ADDRESSES_MAX * 8];
	if (workers > ARRAY_LEN(arguments))
		workers = ARRAY_LEN(arguments);
	for (size_t i = 0; i < workers; i++)
		arguments[i] = relay;
	check_each(check, ask_in_turn, arguments, workers);
}

/* --- looking where it went -------------------------------------------------------------------------------------- */

static size_t collect_sent(const struct relay *relay, struct relay_probe **ret)
{
	size_t count = 0;
	for (size_t i = 0; i < relay->place_count; i++)
		for (size_t j = 0; j < relay->places[i].count; j++)
			if (relay->places[i].probes[j].state == RELAY_SENT)
				ret[count++] = &relay->places[i].probes[j];
	return count;
}

/* Waits for what was accepted. *why says, where it could not be looked for, why. */
static void await(struct check *check, const struct relay *relay, struct error *why)
{
	const struct posture_mailbox *mailbox = check_params(check)->mailbox;
	struct relay_probe *sent[ADDRESSES_MAX * (SESSION_PROBES * 8)];
	size_t count = collect_sent(relay, sent);
	struct posture_arrival *arrivals = calloc(count + 1, sizeof(*arrivals));
	if (!arrivals)
		check_memory(check);
	for (size_t i = 0; arrivals && i < count; i++)
		arrivals[i].token = sent[i]->token;
	if (count > 0 && !mailbox)
		error_set(why, ERROR_CONFIG, RETRY_NEVER, 0, "there is no access to it");
	else if (arrivals && count > 0)
		mailbox->await(mailbox->user, relay->host->probe_to, arrivals, count, check_deadline(check), why);
	for (size_t i = 0; arrivals && i < count; i++) {
		if (arrivals[i].arrived)
			sent[i]->state = RELAY_ARRIVED;
		free(arrivals[i].folder);
		free(arrivals[i].header);
	}
	free(arrivals);
}

/* --- what comes of it ------------------------------------------------------------------------------------------- */

struct tally {
	size_t of[RELAY_ARRIVED + 1];
	struct buf list; /* forms with their replies, the worst first */
};

static const char *const state_words[] = {
	[RELAY_UNTESTED] = "not tested", [RELAY_REFUSED] = "refused", [RELAY_DEFERRED] = "deferred",
	[RELAY_ACCEPTED] = "accepted",   [RELAY_SENT] = "accepted",   [RELAY_ARRIVED] = "RELAYED",
};

static void count_forms(const struct relay_place *place, struct tally *tally)
{
	static const enum relay_state order[] = { RELAY_ARRIVED,  RELAY_SENT,     RELAY_ACCEPTED,
						  RELAY_DEFERRED, RELAY_UNTESTED, RELAY_REFUSED };
	tally->list = (struct buf)BUF_INIT(FINDING_TEXT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		for (size_t j = 0; j < relay_form_count; j++) {
			const struct relay_probe *probe = &place->probes[j];
			if (probe->state != order[i])
				continue;
			tally->of[probe->state]++;
			buf_addf(&tally->list, "; %s %s to %s: %s", state_words[probe->state], probe->sender,
				 probe->recipient, probe->reply);
		}
}

static void report_relay(struct check *check, const struct relay *relay, const char *subject, const struct tally *tally,
			 const struct error *why)
{
	const char *id = relay->host->relay_id, *list = buf_str(&tally->list), *to = relay->host->probe_to;
	const size_t *of = tally->of;
	if (of[RELAY_ARRIVED] > 0)
		check_bad(check, id, subject,
			  "let the server take mail for its own domains and from its own clients only; "
			  "where this machine is one of its clients, look from elsewhere",
			  "it relays: %zu of %zu address forms came to %s%s", of[RELAY_ARRIVED], relay_form_count, to,
			  list);
	else if (of[RELAY_SENT] > 0 && why->kind != ERROR_NONE)
		check_open(check, id, subject,
			   "it accepts %zu address forms; whether they came to %s is not known: %s%s", of[RELAY_SENT],
			   to, why->text, list);
	else if (of[RELAY_SENT] > 0)
		check_open(
		    check, id, subject,
		    "it accepts %zu address forms, of which none has come to %s so far: it discards them, or is slow%s",
		    of[RELAY_SENT], to, list);
	else if (of[RELAY_ACCEPTED] > 0)
		check_open_until(
		    check, id, subject,
		    "name a seed at another domain as probe_to, so that a message shows what becomes of it",
		    "it accepts %zu address forms; without probe_to nothing was sent%s", of[RELAY_ACCEPTED], list);
	else if (of[RELAY_DEFERRED] + of[RELAY_UNTESTED] > 0)
		check_open(check, id, subject, "%zu of %zu address forms have no final answer%s",
			   of[RELAY_DEFERRED] + of[RELAY_UNTESTED], relay_form_count, list);
	else
		check_good(check, id, subject, "it refuses all of %zu address forms%s", relay_form_count, list);
}

static void report_refusal(struct check *check, const char *id, const char *subject, const struct tally *tally)
{
	const size_t *of = tally->of;
	size_t accepted = of[RELAY_ARRIVED] + of[RELAY_SENT] + of[RELAY_ACCEPTED];
	if (accepted == 0 && of[RELAY_DEFERRED] + of[RELAY_UNTESTED] > 0)
		check_open(check, id, subject, "%zu of %zu address forms have no final answer",
			   of[RELAY_DEFERRED] + of[RELAY_UNTESTED], relay_form_count);
	else
		check_that(check, accepted == 0, id, subject,
			   "let the server refuse recipients of other domains in the dialogue (reply to RCPT)",
			   "%zu of %zu address forms of a foreign mailbox are accepted", accepted, relay_form_count);
}

static void report_inbound(struct check *check, const char *id, const char *subject, const struct relay_probe *probe)
{
	if (probe->state == RELAY_UNTESTED || probe->state == RELAY_DEFERRED)
		check_open(check, id, subject, "%s: %s", probe->recipient, probe->reply);
	else
		check_that(check, probe->state == RELAY_REFUSED, id, subject,
			   "close port 25 of a host that only sends, or let it refuse mail from outside",
			   "mail from outside for %s is %s: %s", probe->recipient, state_words[probe->state],
			   probe->reply);
}

static void relay_report(struct check *check, const struct relay *relay, const struct relay_place *place,
			 const struct error *why)
{
	const struct relay_host *host = relay->host;
	struct tally tally = { { 0 } };
	char subject[SUBJECT_MAX];
	snprintf(subject, sizeof(subject), "%s [%s]", host->host, place->ip);
	count_forms(place, &tally);
	report_relay(check, relay, subject, &tally, why);
	if (host->refuse_id)
		report_refusal(check, host->refuse_id, subject, &tally);
	if (host->inbound_id)
		report_inbound(check, host->inbound_id, subject, &place->probes[relay_form_count]);
	buf_fini(&tally.list);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void relay_add_place(struct relay *relay, const struct ip *ip)
{
	relay->cut = relay->place_count == ADDRESSES_MAX;
	if (!relay->cut)
		ip_format(ip, relay->places[relay->place_count++].ip);
}

/* 0, or -1 with every finding open: nothing can be said without an address. */
static int find_places(struct check *check, struct relay *relay)
{
	const char *host = relay->host->host;
	const struct dns_question questions[] = { { host, DNS_A }, { host, DNS_AAAA } };
	struct dns_answer answers[ARRAY_LEN(questions)] = { 0 };
	char why[200];
	struct ip ip;
	if (ip_parse(span_of(host), &ip)) {
		relay_add_place(relay, &ip);
		return 0;
	}
	if (check_ask(check, questions, ARRAY_LEN(questions), answers) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		for (size_t j = 0; j < answers[i].count; j++)
			if (rdata_address(&answers[i].records[j], &ip))
				relay_add_place(relay, &ip);
	const char *const ids[] = { relay->host->relay_id, relay->host->refuse_id, relay->host->inbound_id };
	for (size_t i = 0; i < ARRAY_LEN(ids) && relay->place_count == 0; i++)
		if (ids[i])
			check_open(check, ids[i], host, "its address is not known: %s",
				   dns_answer_words(&answers[0], why, sizeof(why)));
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		dns_answer_fini(&answers[i]);
	return relay->place_count > 0 ? 0 : -1;
}

void relay_check(struct check *check, const struct relay_host *host)
{
	struct relay relay = { .host = host };
	struct error why = ERROR_INIT;
	int result = find_places(check, &relay);
	size_t unrouted = 0;
	for (size_t i = 0; i < relay.place_count && result == 0; i++)
		if ((result = relay_prepare(check, host, &relay.places[i])) < 0)
			check_memory(check);
	if (result == 0) {
		ask_all(check, &relay);
		await(check, &relay, &why);
	}
	for (size_t i = 0; i < relay.place_count; i++)
		unrouted += relay.places[i].unrouted;
	/* A machine without IPv6 says nothing of IPv6: only where there is no other way is that worth a finding. */
	for (size_t i = 0; i < relay.place_count && result == 0; i++)
		if (!relay.places[i].unrouted || unrouted == relay.place_count)
			relay_report(check, &relay, &relay.places[i], &why);
	if (relay.cut && result == 0 && host->relay_id)
		check_open(check, host->relay_id, host->host, "only the first %d of its addresses were tried",
			   ADDRESSES_MAX);
	for (size_t i = 0; i < relay.place_count; i++)
		free(relay.places[i].probes);
}
