/* What becomes of messages that should not be taken. A refusal or a filing says something only beside the message that
 * nothing is wrong with: where that is refused or filed as well, nothing is known. */
#include "harness/posture/relay/inbound.h"

#include <stdlib.h>
#include <string.h>

#include "harness/dns/rdata.h"
#include "harness/mail/authres.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/relay/inbound_letter.h"
#include "harness/posture/relay/relay.h"
#include "harness/posture/relay/relay_forms.h"

enum { HOSTS_MAX = 8, ADDRESSES_MAX = 16, WORDS_MAX = 400 };

#define SPF   (1u << METHOD_SPF)
#define DKIM  (1u << METHOD_DKIM)
#define DMARC (1u << METHOD_DMARC)

static const struct letter_kind kinds[] = {
	{ .id = "inbound.delivery", .what = "an ordinary message" },
	{ .id = "inbound.eicar",
	  .what = "a message with the EICAR test file attached",
	  .body = LETTER_EICAR,
	  .mend = "scan attachments for viruses, and refuse or quarantine what is found" },
	{ .id = "inbound.gtube",
	  .what = "a message with the GTUBE test line",
	  .body = LETTER_GTUBE,
	  .mend = "filter spam, and refuse or file what is found" },
	{ .id = "inbound.forged",
	  .what = "a message forged from the service's own address",
	  .from_service = true,
	  .sender_service = true,
	  .marks = SPF | DMARC,
	  .mend = "evaluate DMARC, and refuse or file what the policy of the From domain says" },
	{ .id = "inbound.spf-fail",
	  .what = "a message whose envelope sender fails SPF",
	  .sender_service = true,
	  .marks = SPF,
	  .mend = "evaluate SPF, and refuse, file or mark what fails" },
	{ .id = "inbound.dkim-broken",
	  .what = "a message with a DKIM signature that does not hold",
	  .broken_signature = true,
	  .marks = DKIM,
	  .mend = "verify DKIM signatures, and mark those that do not hold" },
};

enum { KINDS = ARRAY_LEN(kinds) };

struct inbound {
	char hosts[HOSTS_MAX][DNS_NAME_TEXT_MAX]; /* MX of the mailbox's domain, the preferred ones first */
	uint16_t preferences[HOSTS_MAX];
	size_t host_count;
	char texts[ADDRESSES_MAX][IP_TEXT_MAX];
	const char *addresses[ADDRESSES_MAX];
	struct letter_route route;
	struct letter letters[KINDS];
	struct posture_arrival arrivals[KINDS]; /* by position; what was not taken does not arrive */
	struct error why;                       /* the mailbox could not be read */
};

/* --- servers ---------------------------------------------------------------------------------------------------- */

static void inbound_add_host(struct inbound *in, const char *name, uint16_t preference)
{
	size_t i = in->host_count < HOSTS_MAX ? in->host_count++ : HOSTS_MAX - 1;
	for (; i > 0 && in->preferences[i - 1] > preference; i--) {
		memcpy(in->hosts[i], in->hosts[i - 1], sizeof(in->hosts[i]));
		in->preferences[i] = in->preferences[i - 1];
	}
	span_copy(span_of(name), in->hosts[i], sizeof(in->hosts[i]));
	in->preferences[i] = preference;
}

/* RFC 5321 section 5.1: the MX, or the domain itself where it has none. */
static int find_hosts(struct check *check, struct inbound *in, char *why, size_t size)
{
	const char *at = strrchr(check_params(check)->inbound->address, '@');
	char domain[DNS_NAME_TEXT_MAX], name[DNS_NAME_TEXT_MAX];
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	uint16_t preference;
	snprintf(why, size, "its domain is no name of the DNS");
	if (!at || !dns_name_make(span_of(at + 1), domain))
		return -1;
	if (check_ask(check, &(struct dns_question){ domain, DNS_MX }, 1, &answer) < 0)
		return -1;
	dns_answer_words(&answer, why, size);
	for (size_t i = 0; i < answer.count; i++)
		if (rdata_mx(&answer.records[i], &preference, name) && strcmp(name, ".") != 0)
			inbound_add_host(in, name, preference);
	if (answer.state == DNS_ANSWERED && answer.count == 0)
		inbound_add_host(in, domain, 0);
	return in->host_count > 0 ? 0 : -1;
}

static int find_addresses(struct check *check, struct inbound *in, char *why, size_t size)
{
	struct dns_question questions[2 * HOSTS_MAX];
	struct dns_answer answers[2 * HOSTS_MAX] = { 0 };
	size_t count = 2 * in->host_count;
	struct ip ip;
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct dns_question){ in->hosts[i / 2], i % 2 ? DNS_AAAA : DNS_A };
	if (check_ask(check, questions, count, answers) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < answers[i].count && in->route.count < ADDRESSES_MAX; j++) {
			if (!rdata_address(&answers[i].records[j], &ip))
				continue;
			char *text = in->texts[in->route.count];
			in->addresses[in->route.count++] = ip_format(&ip, text);
		}
	}
	dns_answer_words(&answers[0], why, size);
	for (size_t i = 0; i < count; i++)
		dns_answer_fini(&answers[i]);
	return in->route.count > 0 ? 0 : -1;
}

static void check_mx_relays(struct check *check, void *argument)
{
	const struct posture_inbound *inbound = check_params(check)->inbound;
	const struct relay_host host = { .host = argument,
					 .port = inbound->port,
					 .probe_to = inbound->probe_to,
					 .connections = inbound->connections,
					 .relay_id = "inbound.open-relay" };
	relay_check(check, &host);
}

/* --- what the receiving side says of a message ------------------------------------------------------------------ */

/* A result by which a server says that something is wrong. Nothing of our own precedes it: we send no such field. */
static bool is_bad(enum auth_method method, enum auth_result result)
{
	return result == AUTH_FAIL || result == AUTH_SOFTFAIL || result == AUTH_PERMERROR ||
	       (method == METHOD_DKIM && (result == AUTH_NEUTRAL || result == AUTH_POLICY));
}

static void add_results(struct check *check, struct span value, struct buf *words, unsigned *marks)
{
	struct authres results;
	struct error err = ERROR_INIT;
	if (authres_parse(&results, value, false, false, &err) < 0) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < results.method_count; i++) {
		const struct authres_method *m = &results.methods[i];
		enum auth_method method;
		if (!auth_method_from(m->method, &method))
			continue;
		buf_addf(words, " %s=%.*s", auth_method_name(method), SPAN_ARG(m->word));
		*marks |= is_bad(method, m->result) ? 1u << method : 0;
	}
	authres_fini(&results);
}

/* What its header says, and as a mask which methods it calls bad. */
static unsigned read_marks(struct check *check, const char *header, struct buf *words)
{
	struct header h;
	struct error err = ERROR_INIT;
	unsigned marks = 0;
	if (header_parse(&h, span_of(header), &err) < 0) {
		check_memory(check);
		return 0;
	}
	for (ptrdiff_t i = header_find(&h, "Authentication-Results", 0); i >= 0;
	     i = header_find(&h, "Authentication-Results", (size_t)i + 1))
		add_results(check, h.fields[i].value, words, &marks);
	struct span spf = header_value(&h, "Received-SPF"), word;
	if (span_next(&spf, ' ', &word)) {
		buf_addf(words, " Received-SPF: %.*s", SPAN_ARG(word));
		marks |= is_bad(METHOD_SPF, authres_result(SPAN_LIT("spf"), word)) ? SPF : 0;
	}
	header_fini(&h);
	return marks;
}

static void report_arrived(struct check *check, const struct inbound *in, size_t i)
{
	const struct posture_arrival *a = &in->arrivals[i], *ordinary = &in->arrivals[0];
	const struct letter_kind *kind = &kinds[i];
	const char *to = check_params(check)->inbound->address;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(WORDS_MAX);
	unsigned marks = read_marks(check, a->header, &words);
	const char *said = words.len > 0 ? buf_str(&words) : " no authentication results";
	bool filed = !a->inbox && ordinary->arrived && ordinary->inbox, marked = (marks & kind->marks) != 0;
	if (!a->inbox && !filed && !marked)
		check_open(check, kind->id, to, "it is in %s, but an ordinary message %s;%s", a->folder,
			   ordinary->arrived ? "is filed as well" : "has not arrived", said);
	else
		check_that(check, filed || marked, kind->id, to, kind->mend, "%s in %s;%s",
			   filed    ? "filed: it is"
			   : marked ? "marked: it is"
				    : "neither refused nor filed nor marked: it is",
			   a->folder, said);
}

static void report_letter(struct check *check, const struct inbound *in, size_t i)
{
	const struct letter *letter = &in->letters[i], *ordinary = &in->letters[0];
	const char *id = kinds[i].id, *to = check_params(check)->inbound->address;
	char wait[TIME_TEXT_MAX];
	duration_words(check_params(check)->inbound->wait_ms, wait);
	if (in->arrivals[i].arrived)
		report_arrived(check, in, i);
	else if (letter->state == LETTER_REFUSED && ordinary->state == LETTER_TAKEN)
		check_good(check, id, to, "refused: %s", letter->reply);
	else if (letter->state == LETTER_REFUSED)
		check_open(check, id, to, "refused: %s; but an ordinary message from here is not taken either: %s",
			   letter->reply, ordinary->reply);
	else if (letter->state == LETTER_DEFERRED)
		check_open(check, id, to, "deferred for %s: %s", wait, letter->reply);
	else if (letter->state == LETTER_UNSENT)
		check_open(check, id, to, "it could not be handed over: %s", letter->reply);
	else if (in->why.kind != ERROR_NONE)
		check_open(check, id, to, "taken: %s; the mailbox could not be read: %s", letter->reply, in->why.text);
	else if (in->arrivals[0].arrived)
		check_good(check, id, to, "taken: %s; not delivered within %s, as an ordinary message is",
			   letter->reply, wait);
	else
		check_open(check, id, to, "taken: %s; neither it nor an ordinary message arrived within %s",
			   letter->reply, wait);
}

static void report_ordinary(struct check *check, const struct inbound *in)
{
	const struct posture_arrival *a = &in->arrivals[0];
	const char *id = kinds[0].id, *to = check_params(check)->inbound->address;
	_cleanup_(buf_fini) struct buf words = BUF_INIT(WORDS_MAX);
	if (a->arrived) {
		read_marks(check, a->header, &words);
		check_good(check, id, to, "it is in %s;%s", a->folder,
			   words.len > 0 ? check_text(check, &words) : " no authentication results");
	} else {
		check_open(check, id, to, "an ordinary message has not arrived: %s%s%s", in->letters[0].reply,
			   in->why.kind != ERROR_NONE ? "; the mailbox could not be read: " : "", in->why.text);
	}
}

/* --- sending and looking ---------------------------------------------------------------------------------------- */

struct delivery {
	const struct letter_route *route;
	struct letter *letter;
};

static void run_delivery(struct check *check, void *argument)
{
	struct delivery *delivery = argument;
	letter_send(check, delivery->route, delivery->letter);
}

static void send_all(struct check *check, struct inbound *in)
{
	struct delivery deliveries[KINDS];
	void *arguments[KINDS];
	for (size_t i = 0; i < KINDS; i++) {
		deliveries[i] = (struct delivery){ &in->route, &in->letters[i] };
		arguments[i] = &deliveries[i];
	}
	check_each(check, run_delivery, arguments, KINDS);
}

static void inbound_collect(struct check *check, struct inbound *in)
{
	const struct posture_params *p = check_params(check);
	struct posture_arrival taken[KINDS];
	size_t from[KINDS], count = 0;
	for (size_t i = 0; i < KINDS; i++)
		if (in->letters[i].state == LETTER_TAKEN) {
			taken[count] = (struct posture_arrival){ .token = in->letters[i].token };
			from[count++] = i;
		}
	struct deadline deadline = deadline_earlier(check_deadline(check), deadline_in(p->inbound->wait_ms));
	if (count > 0)
		p->mailbox->await(p->mailbox->user, p->inbound->address, taken, count, deadline, &in->why);
	for (size_t i = 0; i < count; i++)
		in->arrivals[from[i]] = taken[i];
}

static void check_letters(struct check *check, void *argument)
{
	struct inbound *in = argument;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < KINDS; i++) {
		in->letters[i].kind = &kinds[i];
		if (tag_new(in->letters[i].token, &err) < 0)
			check_memory(check);
	}
	send_all(check, in);
	inbound_collect(check, in);
	report_ordinary(check, in);
	for (size_t i = 1; i < KINDS; i++)
		report_letter(check, in, i);
	for (size_t i = 0; i < KINDS; i++) {
		free(in->arrivals[i].folder);
		free(in->arrivals[i].header);
	}
}

static void check_relays(struct check *check, void *argument)
{
	struct inbound *in = argument;
	void *hosts[HOSTS_MAX];
	for (size_t i = 0; i < in->host_count; i++)
		hosts[i] = in->hosts[i];
	check_each(check, check_mx_relays, hosts, in->host_count);
}

struct inbound_part {
	check_fn *fn;
	struct inbound *inbound;
};

static void run_part(struct check *check, void *argument)
{
	const struct inbound_part *part = argument;
	part->fn(check, part->inbound);
}

static void check_inbound(struct check *check, void *argument)
{
	const struct posture_inbound *inbound = check_params(check)->inbound;
	struct inbound *in = calloc(1, sizeof(*in));
	char why[WORDS_MAX];
	(void)argument;
	if (!in) {
		check_memory(check);
		return;
	}
	in->route = (struct letter_route){ .addresses = in->addresses,
					   .port = inbound->port,
					   .deadline = deadline_earlier(check_deadline(check),
									deadline_in(inbound->wait_ms)) };
	if (find_hosts(check, in, why, sizeof(why)) < 0 || find_addresses(check, in, why, sizeof(why)) < 0) {
		check_open(check, "inbound.open-relay", inbound->address, "no server is known: %s", why);
		for (size_t i = 0; i < KINDS; i++)
			check_open(check, kinds[i].id, inbound->address, "no server is known: %s", why);
	} else {
		struct inbound_part parts[] = { { check_relays, in }, { check_letters, in } };
		void *arguments[] = { &parts[0], &parts[1] };
		check_each(check, run_part, arguments, ARRAY_LEN(arguments));
	}
	free(in);
}

int inbound_run(const struct posture_params *params, struct findings *ret, struct posture_cost *ret_cost,
		struct error *err)
{
	const struct check_entry entry = { "inbound", check_inbound };
	return check_run(&entry, 1, params, ret, ret_cost, err);
}

int inbound_plan(const struct posture_params *params, struct buf *out, struct error *err)
{
	const struct posture_inbound *inbound = params->inbound;
	buf_addf(out, "%s: its MX are sent", inbound->address);
	for (size_t i = 0; i < KINDS; i++)
		buf_addf(out, "%s %s", i ? "," : "", kinds[i].what);
	buf_addf(
	    out,
	    "; and each of their addresses is asked, in %zu address forms, for a mailbox of another domain, over at "
	    "most %u connection%s at once; ",
	    relay_form_count, inbound->connections, inbound->connections == 1 ? "" : "s");
	if (inbound->probe_to)
		buf_addf(out, "what is accepted of those is sent, to %s\n", inbound->probe_to);
	else
		buf_add_str(out, "none of those is sent\n");
	return buf_check(out, "the plan of tests of the receiving side", err);
}
