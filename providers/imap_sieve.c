/* One response at a time, in one pass. Must never hand on a response code or a text of the server. */
#include "providers/imap_sieve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "providers/imap_params.h"
#include "providers/imap_status.h"

void imap_sieve_fini(struct imap_sieve *sieve)
{
	free(sieve->capabilities);
	*sieve = (struct imap_sieve){ 0 };
}

static bool starts_number(struct span text, const char *name, uint32_t *ret)
{
	struct span rest = text, word;
	uint64_t number;
	if (!span_next(&rest, ' ', &word) || !span_is_nocase(word, name) || !span_to_u64(rest, UINT32_MAX, &number))
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* RFC 9051 section 7.2.2: the list holds words and blanks only. */
static int take_capabilities(struct imap_sieve *sieve, struct span list, struct error *err)
{
	char *copy = span_dup(span_trim(list));
	if (!copy)
		return error_memory(err);
	free(sieve->capabilities);
	sieve->capabilities = copy;
	sieve->heard.has_capabilities = true;
	return 0;
}

/* The code in front of a status text, `[UIDNEXT 5] next`. */
static int take_code(struct imap_sieve *sieve, struct span text, struct error *err)
{
	const struct span capability = SPAN_LIT("CAPABILITY ");
	ptrdiff_t end = span_find_char(text, ']', 0);
	if (!text.len || text.p[0] != '[' || end < 0)
		return 0;
	struct span code = span_sub(text, 1, (size_t)end - 1);
	if (span_starts_nocase(code, capability))
		return take_capabilities(sieve, span_sub(code, capability.len, SIZE_MAX), err);
	if (!starts_number(code, "UIDNEXT", &sieve->heard.uidnext))
		starts_number(code, "UIDVALIDITY", &sieve->heard.uidvalidity);
	return 0;
}

/* Later than the greeting a goodbye is always the end of a connection, whatever its reason: it refuses no command. */
static int goodbye(struct imap_sieve *sieve, struct span text, struct error *err)
{
	bool refused = sieve->greeting == GREETING_NONE;
	imap_status_error(IMAP_ANSWER_BYE, refused ? IMAP_ASKED_GREETING : IMAP_ASKED_OTHER, text,
			  refused ? "connecting" : "the session", err);
	if (!refused)
		err->kind = ERROR_NETWORK;
	err->retry = RETRY_LATER;
	return -1;
}

/* A line without a tag or a star. Servers that are in trouble say so in one, and close. */
static int no_imap(struct span line, struct error *err)
{
	if (imap_status_passes(line))
		return error_set(err, ERROR_REFUSED, RETRY_LATER, IMAP_CAUSE_UNAVAILABLE,
				 "the server ended the session: %.*s", SPAN_ARG(span_sub(line, 0, 80)));
	return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server does not speak IMAP: it sent \"%.*s\"",
			 SPAN_ARG(span_sub(line, 0, 80)));
}

/* The first line of all. */
static int greeting(struct imap_sieve *sieve, struct span line, struct buf *out, struct error *err)
{
	struct span rest = line, star, word = SPAN_LIT("");
	if (!span_next(&rest, ' ', &star) || !span_is(star, "*") || !span_next(&rest, ' ', &word))
		return no_imap(line, err);
	if (span_is_nocase(word, "BYE"))
		return goodbye(sieve, rest, err);
	bool preauth = span_is_nocase(word, "PREAUTH");
	if (!preauth && !span_is_nocase(word, "OK"))
		return no_imap(line, err);
	sieve->greeting = preauth ? GREETING_PREAUTH : GREETING_OK;
	buf_addf(out, "* %s x\r\n", preauth ? "PREAUTH" : "OK");
	return take_code(sieve, rest, err);
}

/* RFC 9051 section 7.3.4: `name (MESSAGES 5 UIDNEXT 6)`. The name may hold anything, the list is the last thing. */
static void imap_sieve_take_status(struct imap_sieve *sieve, struct span text)
{
	struct imap_folder_state *status = &sieve->heard.status;
	size_t begin = text.len;
	struct span name, value;
	uint64_t number;
	while (begin > 0 && text.p[begin - 1] != '(')
		begin--;
	text = span_sub(text, begin, SIZE_MAX);
	if (begin == 0 || !span_ends_nocase(text, SPAN_LIT(")")))
		return;
	text.len--;
	*status = (struct imap_folder_state){ 0 };
	sieve->heard.has_status = true;
	while (span_next(&text, ' ', &name) && span_next(&text, ' ', &value)) {
		if (!span_to_u64(value, UINT32_MAX, &number))
			continue;
		if (span_is_nocase(name, "MESSAGES"))
			status->messages = (uint32_t)number;
		else if (span_is_nocase(name, "UIDNEXT"))
			status->uidnext = (uint32_t)number;
		else if (span_is_nocase(name, "UIDVALIDITY"))
			status->uidvalidity = (uint32_t)number;
	}
}

/* RFC 9051 sections 7.4.1 and 7.5.1: both may come with the answer to any command. */
static void take_size(struct imap_sieve *sieve, uint64_t number, struct span name)
{
	struct imap_heard *heard = &sieve->heard;
	if (span_is_nocase(name, "EXISTS")) {
		heard->exists = (uint32_t)number;
		heard->has_exists = true;
	} else if (span_is_nocase(name, "EXPUNGE")) {
		heard->expunged++;
		heard->exists -= heard->exists > 0;
	}
}

static int untagged(struct imap_sieve *sieve, struct span text, struct error *err)
{
	struct span rest = text, word = SPAN_LIT("");
	uint64_t number;
	span_next(&rest, ' ', &word);
	if (span_to_u64(word, UINT32_MAX, &number)) {
		take_size(sieve, number, span_trim(rest));
		return 0;
	}
	if (span_is_nocase(word, "BYE"))
		return goodbye(sieve, rest, err);
	if (span_is_nocase(word, "CAPABILITY"))
		return take_capabilities(sieve, rest, err);
	if (span_is_nocase(word, "STATUS"))
		imap_sieve_take_status(sieve, rest);
	return span_is_nocase(word, "OK") ? take_code(sieve, rest, err) : 0;
}

static int tagged(struct imap_sieve *sieve, struct span line, struct buf *out, struct error *err)
{
	static const char *const words[] = { [CONDITION_OK] = "OK", [CONDITION_NO] = "NO", [CONDITION_BAD] = "BAD" };
	struct imap_heard *heard = &sieve->heard;
	struct span rest = line, tag = SPAN_LIT(""), word = SPAN_LIT("");
	uint64_t number;
	span_next(&rest, ' ', &tag);
	span_next(&rest, ' ', &word);
	for (size_t i = CONDITION_OK; i < ARRAY_LEN(words); i++) {
		if (!span_is_nocase(word, words[i]) || !span_to_u64(tag, UINT32_MAX, &number))
			continue;
		heard->condition = (enum imap_condition)i;
		heard->tag = (uint32_t)number;
		span_copy(rest, heard->text, sizeof(heard->text));
		buf_addf(out, "%" PRIu32 " %s x\r\n", heard->tag, words[i]);
		return take_code(sieve, rest, err);
	}
	return no_imap(line, err);
}

int imap_sieve_line(struct imap_sieve *sieve, struct span line, struct buf *out, struct error *err)
{
	while (line.len > 0 && line.p[0] == '\0')
		line = span_sub(line, 1, SIZE_MAX);
	line = span_trim(line);
	if (!line.len)
		return 0;
	if (sieve->greeting == GREETING_NONE) {
		if (greeting(sieve, line, out, err) < 0)
			return -1;
	} else if (line.p[0] == '*') {
		if (untagged(sieve, span_trim(span_sub(line, 1, SIZE_MAX)), err) < 0)
			return -1;
	} else if (line.p[0] == '+') {
		sieve->heard.more = true;
		span_copy(span_trim(span_sub(line, 1, SIZE_MAX)), sieve->heard.text, sizeof(sieve->heard.text));
	} else if (tagged(sieve, line, out, err) < 0) {
		return -1;
	}
	return buf_check(out, "answer of the server", err);
}
