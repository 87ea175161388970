/* The phrases. A row names what its author writes always and no person does; what many write stands last. Adding a mail
 * system is adding rows. */
#include "harness/mail/dsn_forms.h"

#include "harness/base/compiler.h"

static const struct dsn_form forms[] = {
	/* Delays first: a warning quotes the words of a failure. */
	{ "Exim", FORM_TEXT, true, "a message that you sent has not yet been delivered" },
	{ "", FORM_TEXT, true, "has not yet been delivered" },
	{ "", FORM_TEXT, true, "no action is required on your part" },
	{ "Gmail", FORM_TEXT, true, "recipient has been delayed" },
	{ "", FORM_TEXT, true, "has been delayed" },
	{ "Gmail", FORM_TEXT, true, "this is a warning message only" },
	{ "Sendmail", FORM_TEXT, true, "you do not need to resend your message" },
	{ "Gmail", FORM_TEXT, true, "message will be retried for" },
	{ "Postfix", FORM_TEXT, true, "your message could not be delivered for more than" },
	{ "Postfix", FORM_TEXT, true, "it will be retried until it is" },
	{ "OpenSMTPD", FORM_TEXT, true, "a message is delayed for more than" },
	{ "Exchange", FORM_TEXT, true, "delivery of this message will be attempted again" },
	{ "Exchange", FORM_TEXT, true, "the server will keep trying to deliver" },
	{ "IronPort", FORM_TEXT, true, "delivery will continue to be attempted" },
	{ "", FORM_TEXT, true, "i'm going to try again" },
	{ "", FORM_TEXT, true, "will continue to try" },
	{ "", FORM_TEXT, true, "delivery attempts will continue" },
	{ "", FORM_TEXT, true, "will keep trying" },
	{ "", FORM_TEXT, true, "we will try again" },
	{ "", FORM_TEXT, true, "is still trying to deliver" },
	{ "", FORM_TEXT, true, "continue to try to deliver" },
	{ "", FORM_TEXT, true, "has been postponed due to" },
	{ "", FORM_SUBJECT, true, "delayed" },
	{ "", FORM_SUBJECT, true, "(delay)" },
	{ "", FORM_SUBJECT, true, "warning: could not send message" },
	{ "", FORM_SUBJECT, true, "still trying" },

	{ "qmail", FORM_TEXT, false, "this is the qmail-send program" },
	{ "qmail", FORM_TEXT, false, "this is a permanent error; i've given up" },
	{ "qmail", FORM_TEXT, false, "i wasn't able to deliver your message to the following" },
	{ "Postfix", FORM_TEXT, false, "i'm sorry to have to inform you that" },
	{ "qmail", FORM_TEXT, false, "addresses were not reached, and no more will be tried" },
	{ "Exim", FORM_TEXT, false, "a message that you sent could not be delivered" },
	{ "Exim", FORM_TEXT, false, "could not be delivered to one or more of its recipients" },
	{ "Exim", FORM_TEXT, false, "could not be delivered to all of its recipients" },
	{ "Exim", FORM_TEXT, false, "the following address(es) failed" },
	{ "Exim", FORM_TEXT, false, "recipient addresses that were incorrectly constructed" },
	{ "Exim", FORM_TEXT, false, "a message that you sent was rejected" },
	{ "Postfix", FORM_TEXT, false, "could not be delivered to one or more destinations" },
	{ "Postfix", FORM_TEXT, false, "could not be delivered to one or more recipients" },
	{ "Postfix", FORM_SUBJECT, false, "postfix smtp server: errors from" },
	{ "Sendmail", FORM_TEXT, false, "the following addresses had permanent" },
	{ "Sendmail", FORM_TEXT, false, "the following addresses had fatal errors" },
	{ "Sendmail", FORM_TEXT, false, "the following addresses had delivery" },
	{ "Sendmail", FORM_TEXT, false, "the following addresses have delivery" },
	{ "Sendmail", FORM_TEXT, false, "----- transcript of session follows -----" },
	{ "Sendmail", FORM_TEXT, false, "unsent message follows" },
	{ "dma", FORM_TEXT, false, "there was an error delivering your mail to" },
	{ "OpenSMTPD", FORM_TEXT, false, "an error has occurred while attempting to deliver a message" },
	{ "Courier", FORM_TEXT, false, "undeliverable mail delivery-notification" },
	{ "Gmail", FORM_TEXT, false, "to the following recipient failed permanently" },
	{ "Gmail", FORM_TEXT, false, "to the following recipients failed permanently" },
	{ "Gmail", FORM_TEXT, false, "technical details of permanent failure" },
	{ "", FORM_TEXT, false, "your message wasn't delivered" },
	{ "Google Groups", FORM_TEXT, false, "the group you tried to contact" },
	{ "Yahoo", FORM_TEXT, false, "we were unable to deliver your message to the following" },
	{ "Yahoo", FORM_TEXT, false, "unable to deliver message to the following address" },
	{ "Zoho", FORM_TEXT, false, "invalid address, error_code" },
	{ "Exchange", FORM_TEXT, false, "delivery has failed to these recipients" },
	{ "Exchange", FORM_TEXT, false, "did not reach the following recipient" },
	{ "Exchange", FORM_TEXT, false, "did not reach some or all of the intended recipients" },
	{ "Exchange", FORM_TEXT, false, "the following recipient(s) could not be reached" },
	{ "", FORM_TEXT, false, "your message couldn't be delivered" },
	{ "Exchange", FORM_TEXT, false, "diagnostic information for administrators:" },
	{ "", FORM_TEXT, false, "non-delivery report" },
	{ "Domino", FORM_TEXT, false, "was not delivered to:" },
	{ "Notes", FORM_TEXT, false, "------- failure reasons" },
	{ "GroupWise", FORM_TEXT, false, "the message that you sent was undeliverable" },
	{ "Amazon", FORM_TEXT, false, "an error occurred while trying to deliver the mail" },
	{ "Amazon", FORM_TEXT, false, "\"notificationtype\":\"bounce\"" },
	{ "Amazon", FORM_TEXT, false, "\\\"notificationtype\\\":\\\"bounce\\\"" },
	{ "InterScan", FORM_TEXT, false, "message from interscan" },
	{ "InterScan", FORM_TEXT, false, "received >>> 5" },
	{ "InterScan", FORM_TEXT, false, "unable to deliver message to <" },
	{ "", FORM_TEXT, false, "the following mail could not be delivered" },
	{ "", FORM_TEXT, false, "could not be delivered because" },
	{ "MailFoundry", FORM_TEXT, false, "delivery failed for the following reason" },
	{ "IMail", FORM_TEXT, false, "body of message generated response" },
	{ "KDDI", FORM_TEXT, false, "as their mailbox is full" },
	{ "", FORM_TEXT, false, "could not be delivered to:" },
	{ "EZweb", FORM_TEXT, false, "each of the following recipients was rejected" },
	{ "EZweb", FORM_TEXT, false, "the user(s) account is" },
	{ "EZweb", FORM_TEXT, false, "the following recipients did not receive this message" },
	{ "Verizon", FORM_TEXT, false, "message could not be delivered to mobile" },
	{ "Smail", FORM_TEXT, false, "failed addresses follow:" },
	{ "James", FORM_TEXT, false, "error: invalid user address" },
	{ "fml", FORM_TEXT, false, "you are not a member of this mailing list" },
	{ "fml", FORM_TEXT, false, "duplicated message-id in <" },
	{ "", FORM_TEXT, false, "the following recipients returned permanent errors" },
	{ "", FORM_TEXT, false, "we had trouble delivering your message" },
	{ "", FORM_TEXT, false, "your message was not delivered" },
	{ "", FORM_TEXT, false, "your message cannot be delivered" },
	{ "", FORM_TEXT, false, "your message could not be delivered" },
	{ "", FORM_TEXT, false, "your mail cannot be delivered" },
	{ "", FORM_TEXT, false, "could not be delivered to the following" },
	{ "", FORM_TEXT, false, "mail has been returned because it encountered an error" },
	{ "", FORM_TEXT, false, "your mail message to the following address" },
	{ "", FORM_TEXT, false, "delivery to the following recipient" },
	{ "", FORM_TEXT, false, "this is a permanent error" },
	{ "", FORM_TEXT, false, "giving up on" },
	{ "", FORM_SUBJECT, false, "undeliver" },
	{ "", FORM_SUBJECT, false, "failure notice" },
	{ "", FORM_SUBJECT, false, "mail failure" },
	{ "", FORM_SUBJECT, false, "returned mail" },
	{ "", FORM_SUBJECT, false, "mail delivery fail" },
	{ "", FORM_SUBJECT, false, "mail failed" },
	{ "", FORM_SUBJECT, false, "mail error" },
	{ "", FORM_SUBJECT, false, "user unknown" },
	{ "", FORM_SUBJECT, false, "delivery fail" },
	{ "", FORM_SUBJECT, false, "delivery has failed" },
	{ "", FORM_SUBJECT, false, "failed delivery" },
	{ "", FORM_SUBJECT, false, "failure delivery" },
	{ "", FORM_SUBJECT, false, "non-delivery" },
	{ "", FORM_SUBJECT, false, "nondeliverable" },
	{ "", FORM_SUBJECT, false, "could not be delivered" },
	{ "", FORM_SUBJECT, false, "delivery error" },
	{ "", FORM_SUBJECT, false, "delivery status notification" },
	{ "", FORM_SUBJECT, false, "delivery notification" },
	{ "", FORM_SUBJECT, false, "mail system error" },
	{ "", FORM_SUBJECT, false, "error sending your mail" },
};

/* How the line begins behind which the returned message stands; its own first fields where nobody announces it. */
static const char *const ends[] = {
	"Received:",
	"Return-Path:",
	"X-Received:",
	"DKIM-Signature:",
	"X-Originating-IP:",
	"--- Below this line is a copy",
	"--- Enclosed is a copy",
	"------ This is a copy of",
	"--- The header of the original",
	"----- Original message",
	"--- Original message",
	"--- Unsent message",
	"--------- Returned",
	"------- Returned",
	"Original message follows",
	"Original message headers",
	"Message headers follow",
	"Below is a copy of the original",
	"Content-Type: message/rfc822",
};

static const char *const systems[] = {
	"mailer-daemon",   "mailer daemon",       "postmaster",  "post_master",  "mail delivery s",
	"mail.delivery.s", "mail-daemon",         "maildaemon",  "mdaemon",      "system administrator",
	"delivery system", "mail deliver system", "mail system", "email server", "mail router",
};

const struct dsn_form *dsn_form_find(struct span lowered, enum dsn_form_place place, bool delayed, bool anybody,
				     size_t *ret_at)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (forms[i].place != place || forms[i].delayed != delayed || (!anybody && !forms[i].family[0]))
			continue;
		ptrdiff_t at = span_find(lowered, span_of(forms[i].phrase), 0);
		if (at < 0)
			continue;
		*ret_at = (size_t)at;
		return &forms[i];
	}
	return NULL;
}

bool dsn_form_ends(struct span line)
{
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (span_starts_nocase(line, span_of(ends[i])))
			return true;
	return false;
}

bool dsn_form_is_system(struct span from)
{
	/* The null reverse-path, written as an author. */
	if (span_ends_nocase(from, SPAN_LIT("<>")))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(systems); i++)
		if (span_find_nocase(from, span_of(systems[i]), 0) >= 0)
			return true;
	return false;
}
