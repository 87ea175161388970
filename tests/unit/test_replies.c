/* What the replies of servers mean. */
#include "harness/judge/replies.h"

#include "tests/unit/unit.h"

#define FULL     REPLY_ABOUT_SEED_FULL
#define DISABLED REPLY_ABOUT_SEED_DISABLED
#define UNKNOWN  REPLY_ABOUT_SEED_UNKNOWN
#define SENDER   REPLY_ABOUT_SENDER
#define SPF      (1u << METHOD_SPF)
#define DKIM     (1u << METHOD_DKIM)
#define DMARC    (1u << METHOD_DMARC)

static void replies_have_a_meaning(void **state)
{
	static const struct {
		const char *label, *status, *text, *server;
		enum reply_about about;
		unsigned methods;
		const char *cause; /* part of it; NULL: none is known */
	} rows[] = {
		{ "Gmail, no PTR", NULL, "451-4.7.23 x https://support.google.com/a", NULL, SENDER, 0,
		  "no PTR record" },
		{ "Gmail, no PTR, for good", "5.7.25", "550-5.7.25 x - gsmtp", "gmail-smtp-in.l.google.com", SENDER, 0,
		  "Gmail finds no PTR" },
		{ "Gmail, SPF record", "4.7.24", NULL, "aspmx.l.google.com", SENDER, SPF, "suspicious entries" },
		{ "Gmail, neither", "5.7.26", "550 5.7.26 x", "mx.google.com", SENDER, SPF | DKIM,
		  "neither SPF nor DKIM" },
		{ "Gmail, DMARC", "5.7.26",
		  "550-5.7.26 Unauthenticated email is not accepted due to domain's 550-5.7.26 "
		  "DMARC policy. support.google.com",
		  NULL, SENDER, DMARC, "DMARC does not pass" },
		{ "Gmail, hard fail", "5.7.26", "550 5.7.26 has an SPF record with a hard fail policy (-all)",
		  "mx.google.com", SENDER, SPF, "SPF fails" },
		{ "Gmail, SPF", "4.7.27", NULL, "mx.google.com", SENDER, SPF, "SPF does not pass" },
		{ "Gmail, rate", "4.7.28", NULL, "mx.google.com", SENDER, 0, "unusual rate" },
		{ "Gmail, TLS", "5.7.29", NULL, "mx.google.com", SENDER, 0, "requires TLS" },
		{ "Gmail, DKIM", "5.7.30", NULL, "mx.google.com", SENDER, DKIM, "DKIM does not pass" },
		{ "Gmail, alignment", "4.7.32", NULL, "mx.google.com", SENDER, DMARC, "matches neither" },
		{ "Gmail, no DMARC record", "5.7.40", NULL, "mx.google.com", SENDER, DMARC, "no DMARC record" },
		{ "Gmail, reputation", "5.7.1", "due to the very low reputation of the sending domain", NULL, SENDER, 0,
		  "very low reputation" },
		{ "5.7.27 of another means a null MX", "5.7.27", NULL, "mx.example", SENDER, 0, "null MX" },
		{ "5.7.23 of another means SPF", NULL, "550 5.7.23 SPF validation failed", NULL, SENDER, SPF, "SPF" },
		{ "Outlook.com", "5.7.515", NULL, NULL, SENDER, SPF | DKIM | DMARC, "Outlook.com requires" },
		{ "Outlook.com, in the text", "5.0.0", "550 5.7.515 Access denied", NULL, SENDER, SPF | DKIM | DMARC,
		  "Outlook.com requires" },
		{ "Exchange Online, DMARC", "5.7.509", NULL, NULL, SENDER, DMARC, "DMARC" },
		{ "Exchange Online, group", "5.7.124", NULL, NULL, SENDER, 0, "allowed senders" },
		{ "Exchange Online, inside alone", "5.7.133", NULL, NULL, SENDER, 0, "own organisation" },
		{ "Outlook.com, network", "5.7.1", "part of their network is on our block list (S3150)", NULL, SENDER,
		  0, "blocks the network" },
		{ "Yahoo, volume", NULL, "421 4.7.0 [TSS04] Messages from 192.0.2.1 deferred", NULL, SENDER, 0,
		  "Yahoo" },
		{ "Yahoo, for good", NULL, "553 5.7.2 [TSS09] All messages", NULL, SENDER, 0, "for good" },
		{ "Yahoo, phishing", NULL, "554 Message not allowed - [PH01]", NULL, SENDER, 0, "phishing" },
		{ "Yahoo, Spamhaus", NULL, "553 5.7.1 [BL21] Connections will not be accepted", NULL, SENDER, 0,
		  "Spamhaus" },
		{ "GMX", NULL, "554 gmx.net (mxgmx017) Nemesis ESMTP Service not available", NULL, SENDER, 0, "GMX" },
		{ "iCloud", NULL, "550 5.7.1 [CS01] Message rejected due to local policy", NULL, SENDER, 0, "iCloud" },
		{ "iCloud, authentication", NULL, "554 5.7.1 [HME1] blocked", NULL, SENDER, SPF | DKIM, "iCloud" },
		{ "Spamhaus", "5.7.1", "listed at zen.spamhaus.org", NULL, SENDER, 0, "a list of Spamhaus" },
		{ "Spamhaus, domain", NULL, "having a domain in the Spamhaus DBL", NULL, SENDER, 0, "domain list" },
		{ "Spamhaus did not answer the receiver", NULL, "zen.spamhaus.org: Error open resolver", NULL, SENDER,
		  0, "not listed" },
		{ "greylisting is not the mailbox's fault, whatever the status", "4.2.1",
		  "450 4.2.1 Greylisted, come again", NULL, SENDER, 0, "greylisting" },
		{ "full", "5.2.2", NULL, NULL, FULL, 0, "full" },
		{ "full for a time", "4.2.2", NULL, NULL, FULL, 0, "full" },
		{ "full, Gmail", NULL, "https://support.google.com/mail/?p=OverQuotaPerm", NULL, FULL, 0, "full" },
		{ "disabled", NULL, "550 5.2.1 The email account is inactive", NULL, DISABLED, 0, "disabled" },
		{ "too much mail for it", "4.2.1", "The user is receiving mail too quickly", NULL, DISABLED, 0,
		  "more mail than" },
		{ "unknown", "5.1.1", NULL, NULL, UNKNOWN, 0, "no mailbox" },
		{ "unknown in words", NULL, "550 No such user here", NULL, UNKNOWN, 0, "no mailbox" },
		{ "a longer status", NULL, "550 5.7.260 x google", NULL, SENDER, 0, NULL },
		{ "an address", NULL, "550 host 5.7.26.1 google", NULL, SENDER, 0, NULL },
		{ "another class", "2.7.26", NULL, "mx.google.com", SENDER, 0, NULL },
		{ "words alone", NULL, "550 no", NULL, SENDER, 0, NULL },
		{ "nothing", NULL, NULL, NULL, SENDER, 0, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct reply_meaning *m = reply_meaning_find(rows[i].status, rows[i].text, rows[i].server);
		ROW_ASSERT(rows[i].label, (m != NULL) == (rows[i].cause != NULL));
		if (!m)
			continue;
		ROW_ASSERT(rows[i].label, strstr(m->cause, rows[i].cause) != NULL);
		ROW_ASSERT(rows[i].label, m->about == rows[i].about);
		ROW_ASSERT(rows[i].label, m->methods == rows[i].methods);
	}
}

/* A row behind one that fits whatever it fits could never count. */
static void every_row_can_count(void **state)
{
	assert_true(reply_meaning_count > 50);
	for (size_t i = 0; i < reply_meaning_count; i++) {
		const struct reply_meaning *m = &reply_meanings[i];
		char status[32] = "";
		assert_true(m->status || m->mark);
		assert_true(m->cause[0] && m->fix[0] && !strchr(".!", m->fix[strlen(m->fix) - 1]));
		if (m->status)
			snprintf(status, sizeof(status), "%s%s", m->status[0] == '.' ? "5" : "", m->status);
		if (reply_meaning_find(status, m->mark, NULL) != m)
			fail_msg("row %zu: %s %s", i, status, m->mark ? m->mark : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_have_a_meaning),
		cmocka_unit_test(every_row_can_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
