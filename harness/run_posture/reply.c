/* Codes that are sent to the service's own address. */
#include "harness/run_posture/reply.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/connect/connect_smtp.h"
#include "harness/mail/tag.h"
#include "harness/run_posture/posture_input.h"
#include "harness/send/compose.h"
#include "store/reply.h"

/* `ABCD-EFGH`, of letters and digits that are not taken for one another: 40 bits. */
enum { CODE_HALF = 4, CODE_SIZE = 2 * CODE_HALF + 2, SEND_MS = 120000 };
static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
_Static_assert(sizeof(alphabet) == 32 + 1, "five bits a letter");

static const char template_text[] =
    "To: {{to}}\n"
    "Subject: Is this mailbox read? Code {{code}}\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "\n"
    "Messages of this service say that replies go to {{to}}.\n"
    "\n"
    "If you read this, please have this command run where the service is tested:\n"
    "\n"
    "    postproof reply confirm {{code}} --by \"YOUR NAME\"\n"
    "\n"
    "It notes that a person reads what comes here. Nothing else is done with this message.\n";

static void code_of(const char *tag, char out[CODE_SIZE])
{
	for (size_t i = 0, at = 0; i < (size_t)2 * CODE_HALF; i++) {
		/* Two digits a letter: of their eight bits the upper five. */
		const char digits[3] = { tag[2 * i], tag[2 * i + 1], '\0' };
		if (i == CODE_HALF)
			out[at++] = '-';
		out[at++] = alphabet[strtoul(digits, NULL, 16) >> 3];
		out[at] = '\0';
	}
}

static int compose_code(const struct config *config, const char *to, const char *tag, const char *code, int64_t now_ms,
			struct composed *ret, struct error *err)
{
	const struct template_var var = { "code", code };
	struct template *template = NULL;
	if (template_parse("the message with a code", span_of(template_text), &var, 1, &template, err) < 0)
		return -1;
	const struct compose_params params = {
		.template = template,
		.to = to,
		.from = config->service.from,
		.envelope = config->service.envelope_sender,
		.domain = config->service.domain,
		.tag = tag,
		.date_ms = now_ms,
	};
	int result = compose(&params, ret, err);
	template_free(template);
	return result;
}

static int send_code(const struct config *config, struct log *log, const char *to, const char *code, const char *tag,
		     int64_t now_ms, struct error *err)
{
	struct composed composed = { 0 };
	if (compose_code(config, to, tag, code, now_ms, &composed, err) < 0)
		return -1;
	const struct smtp_job job = { .provider = "",
				      .mail_from = composed.mail_from,
				      .rcpt = to,
				      .message = span_make(composed.octets, composed.len),
				      .smtputf8 = composed.smtputf8 };
	int result = connect_smtp_send(&(struct connect_context){ config, log, -1 }, &job, deadline_in(SEND_MS), err);
	composed_fini(&composed);
	return result;
}

/* The address, as the checks know it. */
static int find_address(const struct config *config, int64_t now_ms, char **ret, struct error *err)
{
	_cleanup_(posture_input_free_p) struct posture_input *input = NULL;
	if (posture_input_new(&(struct posture_sources){ .config = config, .now_ms = now_ms }, &input, err) < 0)
		return -1;
	const struct posture_params *p = posture_input_params(input);
	*ret = strdup(p->reply_to ? p->reply_to : p->from_address);
	return *ret ? 0 : error_memory(err);
}

int reply_start(const struct config *config, struct store *store, struct log *log, struct reply_fact *ret,
		struct error *err)
{
	char tag[TAG_SIZE], code[CODE_SIZE];
	struct reply_fact fact = { .sent_ms = clock_wall_ms() };
	int result = tag_new(tag, err);
	if (result == 0)
		result = find_address(config, fact.sent_ms, &fact.address, err);
	if (result == 0) {
		code_of(tag, code);
		fact.code = strdup(code);
		result = fact.code ? send_code(config, log, fact.address, code, tag, fact.sent_ms, err)
				   : error_memory(err);
	}
	if (result == 0)
		result = store_reply_sent(store, &fact, err);
	if (result < 0)
		reply_fact_fini(&fact);
	else
		*ret = fact;
	return result;
}

/* Letters as a person may write them. */
static void code_normal(const char *code, char out[CODE_SIZE])
{
	size_t at = 0;
	for (; *code && at + 1 < CODE_SIZE; code++) {
		char c = *code >= 'a' && *code <= 'z' ? (char)(*code - 'a' + 'A') : *code;
		if (c == '-' || c == ' ')
			continue;
		if (at == CODE_HALF)
			out[at++] = '-';
		out[at++] = c;
	}
	out[at] = '\0';
}

int reply_confirm(const struct config *config, struct store *store, const char *code, const char *who, int64_t now_ms,
		  struct reply_fact *ret, struct error *err)
{
	char normal[CODE_SIZE];
	struct reply_fact fact = { 0 };
	code_normal(code, normal);
	int found = store_reply_find(store, normal, &fact, err);
	if (found == 0)
		return error_set(
		    err, ERROR_USAGE, RETRY_NEVER, 0,
		    "the code %s was not sent from here: look at the newest message of `postproof reply start`", code);
	if (found < 0)
		return -1;
	int result = 0;
	if (fact.confirmed_ms == 0) {
		fact.confirmed_ms = now_ms;
		fact.until_ms = now_ms + config->check.reply_valid_ms;
		fact.who = who ? strdup(who) : NULL;
		result = who && !fact.who ? error_memory(err) : store_reply_confirmed(store, &fact, err);
	}
	if (result < 0)
		reply_fact_fini(&fact);
	else
		*ret = fact;
	return result;
}
