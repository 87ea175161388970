/* The HELO names that senders of stored runs gave (RFC 5321 sections 2.3.5 and 4.1.1.1). */
#include <stdlib.h>
#include <string.h>

#include "harness/posture/engine/addresses.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/senders/checks.h"
#include "harness/posture/engine/publish.h"

enum { MEND_MAX = 1500, WORDS_MAX = 256, SUBJECT_MAX = DNS_NAME_TEXT_MAX + IP_TEXT_MAX + 8 };

struct helo {
	const struct posture_sender *sender;
	char name[DNS_NAME_TEXT_MAX];
	char subject[SUBJECT_MAX];
};

static void check_helo_report(struct check *check, const struct helo *helo, const struct dns_answer *answer)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	char words[WORDS_MAX], ip[IP_TEXT_MAX];
	bool good = addresses_hold(answer, &helo->sender->ip);
	dns_answer_words(answer, words, sizeof(words));
	ip_format(&helo->sender->ip, ip);
	buf_add_str(&mend, "publish ");
	publish(&mend, helo->name, helo->sender->ip.v6 ? "AAAA" : "A", ip);
	if (answer->state != DNS_ANSWERED)
		check_open(check, "helo.name", helo->subject, "%s: %s", helo->name, words);
	else
		check_that(check, good, "helo.name", helo->subject, check_text(check, &mend), "%s %s %s (%s)",
			   helo->name, good ? "leads to" : "does not lead to", ip, words);
}

/* Whether the name can be asked for; else it is reported. */
static bool check_helo_start(struct check *check, const struct posture_sender *sender, struct helo *ret)
{
	struct ip literal;
	char ip[IP_TEXT_MAX];
	struct span name = span_of(sender->helo);
	ret->sender = sender;
	ip_format(&sender->ip, ip);
	snprintf(ret->subject, sizeof(ret->subject), "%.*s at %s", SPAN_ARG(span_sub(name, 0, DNS_NAME_TEXT_MAX)), ip);
	bool is_literal = ip_parse(name, &literal) || sender->helo[0] == '[';
	if (!is_literal && dns_name_make(name, ret->name) && strchr(ret->name, '.'))
		return true;
	check_bad(check, "helo.name", ret->subject,
		  "have the server say a full name of its own in EHLO, one that leads to its address",
		  "%s is no full name", sender->helo);
	return false;
}

void check_helo(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	_cleanup_(free_p) struct helo *helos = calloc(p->sender_count + 1, sizeof(*helos));
	_cleanup_(free_p) struct dns_question *questions = calloc(p->sender_count + 1, sizeof(*questions));
	_cleanup_(free_p) struct dns_answer *answers = calloc(p->sender_count + 1, sizeof(*answers));
	size_t count = 0;
	if (!helos || !questions || !answers) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < p->sender_count; i++) {
		const struct posture_sender *sender = &p->senders[i];
		if (!sender->helo || !check_helo_start(check, sender, &helos[count]))
			continue;
		questions[count] = (struct dns_question){ helos[count].name, sender->ip.v6 ? DNS_AAAA : DNS_A };
		count++;
	}
	if (count == 0 || check_ask(check, questions, count, answers) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		check_helo_report(check, &helos[i], &answers[i]);
		dns_answer_fini(&answers[i]);
	}
}
