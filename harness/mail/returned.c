/* What came back, where it says nothing of delivery. Pure. Only what is plainly automatic is named: a message that is
 * not known is shown as what it is. */
#include "harness/mail/returned.h"

#include "harness/base/compiler.h"
#include "harness/mail/charset.h"
#include "harness/mail/dsn_text.h"
#include "harness/mail/part.h"

enum { SUBJECT_MAX = 4096, CHALLENGE_TEXT_MAX = 16 * 1024 };

static const struct {
	const char *type;
	enum returned_kind kind;
} returned_types[] = {
	{ "message/feedback-report", RETURNED_COMPLAINT },
	{ "message/disposition-notification", RETURNED_RECEIPT },
	{ "message/global-disposition-notification", RETURNED_RECEIPT },
};

/* A field that only automatic replies have, or that says so when its value begins like this. "no" of RFC 3834 section
 * 5 begins like none of them. */
static const struct {
	const char *name, *value;
} auto_fields[] = {
	{ "Auto-Submitted", "auto-" },
	{ "X-Autoreply", "" },
	{ "X-Autorespond", "" },
	{ "X-Autoresponder", "" },
	{ "X-Autoreply-From", "" },
	{ "X-Auto-Reply", "" },
	{ "X-Auto-Response-Suppress", "" },
	{ "Precedence", "auto" },
	{ "X-Precedence", "auto" },
	{ "X-POST-MessageClass", "9; Auto" },
	{ "X-MS-Exchange-Inbox-Rules-Loop", "" },
};

/* How the subjects of automatic replies begin. */
static const char *const auto_subjects[] = {
	"Automatic reply",
	"Auto:",
	"Auto Reply",
	"Auto-Reply",
	"AutoReply",
	"AutoRespons",
	"Autosvar",
	"Automatisch",
	"Automatische",
	"Automatisk",
	"Out of Office",
	"Out of the Office",
	"Out of Mail",
	"Away from",
	"On vacation",
	"On holiday",
	"Vacation",
	"Abwesen",
	"Absence",
	"Afwezig",
	"R\xc3\xa9ponse automatique",
	"Respuesta autom\xc3\xa1tica",
	"Resposta autom\xc3\xa1tica",
	"Risposta automatica",
	"Fuori sede",
	"Poissa",
	"Fr\xc3\xa5nvarande",
	"Automatyczna odpowied\xc5\xba",
	"Odpowied\xc5\xba automatyczna",
	"Autom\xc3\xa1tica",
	"\xe8\x87\xaa\xe5\x8b\x95\xe5\xbf\x9c\xe7\xad\x94",
	"\xe8\x87\xaa\xe5\x8a\xa8\xe5\x9b\x9e\xe5\xa4\x8d",
};

/* What challenges say in their subject or at the beginning of their text. */
static const char *const challenges[] = {
	"confirm your message",
	"confirm your email to",
	"please confirm your mail",
	"confirmation of your message",
	"sender verification",
	"verify that you are a person",
	"verify that you are human",
	"verify you are a human",
	"waiting for your confirmation",
	"awaiting your confirmation",
	"requires confirmation of the sender",
	"add yourself to my allow list",
	"approved senders list",
	"challenge/response",
	"spamarrest",
	"recipient's allowed list",
	"boxbe",
};

enum returned_kind returned_kind_of_type(struct span type)
{
	for (size_t i = 0; i < ARRAY_LEN(returned_types); i++)
		if (span_is_nocase(type, returned_types[i].type))
			return returned_types[i].kind;
	return RETURNED_MESSAGE;
}

static bool returned_is_automatic(const struct header *h, struct span subject)
{
	for (size_t i = 0; i < ARRAY_LEN(auto_fields); i++)
		if (header_find(h, auto_fields[i].name, 0) >= 0 &&
		    span_starts_nocase(header_value(h, auto_fields[i].name), span_of(auto_fields[i].value)))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(auto_subjects); i++)
		if (span_starts_nocase(subject, span_of(auto_subjects[i])))
			return true;
	return false;
}

static bool returned_is_challenge(struct span text)
{
	for (size_t i = 0; i < ARRAY_LEN(challenges); i++)
		if (span_find_nocase(text, span_of(challenges[i]), 0) >= 0)
			return true;
	return false;
}

/* The beginning of a part as it is read. */
static int returned_read(const struct part *part, struct buf *out, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(CHALLENGE_TEXT_MAX);
	const struct part begin = { .encoding = part->encoding, .body = span_sub(part->body, 0, CHALLENGE_TEXT_MAX) };
	if (part_add_decoded(&text, &begin) < 0)
		return error_memory(err);
	return dsn_text_squeeze(buf_span(&text), out, err);
}

/* By the types of its parts; *text: the beginning of the first one. */
static int returned_walk(struct span message, enum returned_kind *ret, struct buf *text, struct error *err)
{
	struct part_walk walk;
	struct part part;
	int rc;
	part_walk_init(&walk, message);
	while ((rc = part_next(&walk, &part, err)) > 0) {
		if (text->len == 0 && returned_read(&part, text, err) < 0)
			return -1;
		*ret = returned_kind_of_type(part.type);
		if (*ret != RETURNED_MESSAGE)
			return 0;
	}
	return rc;
}

int returned_kind_of(const struct header *header, struct span message, enum returned_kind *ret, struct error *err)
{
	_cleanup_(buf_fini) struct buf subject = BUF_INIT(SUBJECT_MAX);
	enum returned_kind kind = RETURNED_MESSAGE;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(CHALLENGE_TEXT_MAX);
	if (returned_walk(message, &kind, &text, err) < 0)
		return -1;
	/* A subject beyond the cap is cut: none of these begins there. */
	charset_add_field(&subject, span_sub(header_value(header, "Subject"), 0, SUBJECT_MAX / 4));
	if (kind == RETURNED_MESSAGE &&
	    (returned_is_challenge(buf_span(&subject)) || returned_is_challenge(buf_span(&text))))
		kind = RETURNED_CHALLENGE;
	if (kind == RETURNED_MESSAGE && returned_is_automatic(header, buf_span(&subject)))
		kind = RETURNED_AUTO_REPLY;
	*ret = kind;
	return 0;
}
