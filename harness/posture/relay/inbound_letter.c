/* Composes and hands over. The EICAR test file is put together at run time, so that neither this file nor the program
 * is taken for a virus. */
#include "harness/posture/relay/inbound_letter.h"

#include <poll.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/mail/encode.h"
#include "harness/net/smtp_client.h"

enum { CONTENT_MAX = 32 * 1024, RETRY_MS = 3000, SIGNATURE_TAGS = 8, DIGEST_TAGS = 1 };

/* --- composing -------------------------------------------------------------------------------------------------- */

static const char *const eicar[] = { "X5O!P%@AP[4",          "\\PZX54(P^)7CC)7}", "$EICAR",
				     "-STANDARD-ANTIVIRUS-", "TEST-FILE!",        "$H+H*" };

static const char gtube[] = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

/* Base64 of random octets, in lines of their own. */
static void add_random(struct buf *out, size_t tags)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(SIGNATURE_TAGS * TAG_LEN),
				       encoded = BUF_INIT(2 * SIGNATURE_TAGS * TAG_LEN);
	struct error err = ERROR_INIT;
	char tag[TAG_SIZE] = "00000000000000000000000000000000"; /* no signature that holds either */
	for (size_t i = 0; i < tags; i++) {
		tag_new(tag, &err);
		buf_add_str(&octets, tag);
	}
	encode_base64(&encoded, buf_span(&octets));
	struct span rest = buf_span(&encoded), line;
	while (span_next(&rest, '\n', &line))
		if (line.len > 0)
			buf_addf(out, "\r\n\t%.*s", SPAN_ARG(span_trim(line)));
}

static void add_broken_signature(const struct posture_params *p, struct buf *out)
{
	buf_addf(out,
		 "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=%s;\r\n\th=from:to:subject:date; bh=",
		 p->domain, p->selector_count > 0 ? p->selectors[0] : "postproof");
	add_random(out, DIGEST_TAGS);
	buf_add_str(out, ";\r\n\tb=");
	add_random(out, SIGNATURE_TAGS);
	buf_add_str(out, "\r\n");
}

static void add_attachment(struct buf *out)
{
	_cleanup_(buf_fini) struct buf file = BUF_INIT(200);
	for (size_t i = 0; i < ARRAY_LEN(eicar); i++)
		buf_add_str(&file, eicar[i]);
	buf_add_str(out, "\r\n--pp\r\nContent-Type: application/octet-stream; name=\"eicar.com\"\r\n"
			 "Content-Disposition: attachment; filename=\"eicar.com\"\r\n"
			 "Content-Transfer-Encoding: base64\r\n\r\n");
	encode_base64(out, buf_span(&file));
	buf_add_str(out, "--pp--\r\n");
}

static void add_address(const struct posture_params *p, bool service, struct buf *out)
{
	if (service)
		buf_add_str(out, p->from_address);
	else
		buf_addf(out, "postproof@%s", p->helo);
}

int letter_compose(const struct posture_params *p, const struct letter *letter, struct buf *out, struct error *err)
{
	const struct letter_kind *kind = letter->kind;
	char date[TIME_TEXT_MAX];
	if (kind->broken_signature)
		add_broken_signature(p, out);
	buf_add_str(out, "From: <");
	add_address(p, kind->from_service, out);
	buf_addf(out,
		 ">\r\nTo: <%s>\r\nSubject: Test of the receiving side: %s\r\nDate: %s\r\nMessage-ID: <" TAG_ID_PREFIX
		 "%s@%s>\r\n" TAG_FIELD ": %s\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
		 p->inbound->address, kind->what, time_rfc5322(clock_wall_ms(), date), letter->token, p->helo,
		 letter->token);
	buf_addf(out, "Content-Type: %s\r\n\r\n",
		 kind->body == LETTER_EICAR ? "multipart/mixed; boundary=pp\r\n\r\n--pp\r\nContent-Type: text/plain"
					    : "text/plain; charset=us-ascii");
	buf_addf(out,
		 "This message is a test by postproof, which the owner of this mailbox asked for.\r\n"
		 "It is %s, to see what becomes of it on its way.\r\n",
		 kind->what);
	if (kind->body == LETTER_GTUBE)
		buf_addf(out, "\r\n%s\r\n", gtube);
	if (kind->body == LETTER_EICAR)
		add_attachment(out);
	return buf_check(out, "the test message", err);
}

/* --- handing over ----------------------------------------------------------------------------------------------- */

static void inbound_letter_note(struct letter *letter, const struct smtp_reply *reply, const char *command)
{
	char text[2 * LETTER_REPLY_MAX];
	letter->state = reply->code >= 500 ? LETTER_REFUSED : reply->code >= 400 ? LETTER_DEFERRED : LETTER_TAKEN;
	snprintf(text, sizeof(text), "%d %s%s%s (%s)", reply->code, reply->enhanced, reply->enhanced[0] ? " " : "",
		 buf_str(&reply->text), command);
	escape_text(letter->reply, sizeof(letter->reply), span_of(text));
}

/* Under TLS where it is offered, whatever the certificate: this is no secret. */
static int greet(struct smtp_client *client, struct smtp_reply *reply, struct error *err)
{
	struct tls_inspection inspection = { 0 };
	if (smtp_client_hello(client, reply, err) < 0)
		return -1;
	if (!smtp_client_offers(client, "STARTTLS"))
		return 0;
	if (smtp_client_inspect_tls(client, &inspection, reply, err) < 0)
		return -1;
	tls_inspection_fini(&inspection);
	return smtp_client_hello(client, reply, err);
}

static int transact(struct check *check, struct smtp_client *client, struct letter *letter, struct smtp_reply *reply,
		    struct error *err)
{
	const struct posture_params *p = check_params(check);
	_cleanup_(buf_fini) struct buf content = BUF_INIT(CONTENT_MAX), sender = BUF_INIT(1024);
	add_address(p, letter->kind->sender_service, &sender);
	if (letter_compose(p, letter, &content, err) < 0 ||
	    smtp_client_command(client, reply, err, "MAIL FROM:<%s>", buf_str(&sender)) < 0)
		return -1;
	inbound_letter_note(letter, reply, "MAIL");
	if (letter->state != LETTER_TAKEN)
		return 0;
	if (smtp_client_command(client, reply, err, "RCPT TO:<%s>", p->inbound->address) < 0)
		return -1;
	inbound_letter_note(letter, reply, "RCPT");
	if (letter->state != LETTER_TAKEN)
		return 0;
	letter->state = LETTER_UNSENT;
	if (smtp_client_data(client, buf_span(&content), reply, err) < 0)
		return -1;
	inbound_letter_note(letter, reply, "DATA");
	return 0;
}

/* One try at one address. -1: it was not to be talked to, *err says why. */
static int try_address(struct check *check, const char *address, const struct letter_route *route,
		       struct letter *letter, struct error *err)
{
	const struct smtp_client_params params = { .address = address,
						   .port = route->port,
						   .helo = check_params(check)->helo,
						   .deadline = route->deadline,
						   .cancel_fd = -1 };
	_cleanup_(smtp_client_free_p) struct smtp_client *client = NULL;
	_cleanup_(smtp_reply_fini) struct smtp_reply reply;
	smtp_reply_init(&reply);
	check_connected(check);
	if (smtp_client_new(&params, &client, &reply, err) < 0)
		return -1;
	inbound_letter_note(letter, &reply, "greeting");
	if (letter->state != LETTER_TAKEN)
		return 0;
	letter->state = LETTER_UNSENT;
	if (greet(client, &reply, err) < 0 || transact(check, client, letter, &reply, err) < 0)
		return -1;
	smtp_client_command(client, &reply, &(struct error)ERROR_INIT, "QUIT");
	return 0;
}

static void send_once(struct check *check, const struct letter_route *route, struct letter *letter)
{
	for (size_t i = 0; i < route->count && !deadline_passed(route->deadline); i++) {
		struct error err = ERROR_INIT;
		if (try_address(check, route->addresses[i], route, letter, &err) == 0)
			return;
		letter->state = LETTER_UNSENT;
		escape_text(letter->reply, sizeof(letter->reply), span_of(err.text));
	}
}

void letter_send(struct check *check, const struct letter_route *route, struct letter *letter)
{
	send_once(check, route, letter);
	while (letter->state == LETTER_DEFERRED && deadline_left_ms(route->deadline) > RETRY_MS) {
		poll(NULL, 0, RETRY_MS);
		send_once(check, route, letter);
	}
}
