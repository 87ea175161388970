/* Facts of a run with one message, as the store would hand them over. */
#include "tests/unit/judged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/assess/assess_message.h"
#include "harness/config/config_load.h"
#include "tests/unit/dkim_signer.h"

enum { JUDGED_MAX = 1 << 20 };
enum { JUDGED_ACCEPTED_MS = 1000000 };

#define JUDGED_BODY "hello\r\n"

static void judged_need(bool good, const char *what, const struct error *err)
{
	if (good)
		return;
	printf("%s: %s\n", what, err->text);
	exit(1);
}

/* Adds the text with CRLF line ends and the places for the addresses filled in. */
static void judged_add_text(struct buf *out, struct span text)
{
	static const struct {
		const char *mark, *value;
	} marks[] = { { "@MF@", JUDGED_MAIL_FROM }, { "@RCPT@", JUDGED_SEED } };
	for (size_t i = 0; i < text.len;) {
		struct span rest = span_sub(text, i, SIZE_MAX);
		size_t k = 0;
		while (k < ARRAY_LEN(marks) && !span_starts(rest, span_of(marks[k].mark)))
			k++;
		if (k < ARRAY_LEN(marks)) {
			buf_add_str(out, marks[k].value);
			i += strlen(marks[k].mark);
			continue;
		}
		if (text.p[i] != '\r')
			buf_add_str(out, text.p[i] == '\n' ? "\r\n" : (char[]){ text.p[i], '\0' });
		i++;
	}
}

/* Where the field of that name begins; the end where there is none. */
static size_t judged_field_at(struct span header, const char *name)
{
	struct error err = ERROR_INIT;
	struct header h;
	judged_need(header_parse(&h, header, &err) == 0, "header", &err);
	ptrdiff_t i = header_find(&h, name, 0);
	size_t at = i < 0 ? header.len : (size_t)(h.fields[i].raw.p - header.p);
	header_fini(&h);
	return at;
}

static void judged_sign(const char *header, struct buf *out)
{
	sign_field(&(struct sign_request){ .tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=svc.test; s=s1; h=from",
					   .h = "from",
					   .header_canon = DKIM_RELAXED,
					   .body_canon = DKIM_RELAXED,
					   .kind = SIGNER_RSA_2048,
					   .header = header,
					   .body = JUDGED_BODY },
		   out);
}

/* Ends the field `b=` with the signature of the canonical text of what comes before it and of itself. */
static void judged_finish(const char *field, struct buf *canonical, struct buf *out)
{
	_cleanup_(buf_fini) struct buf line = BUF_INIT(JUDGED_MAX);
	buf_addf(&line, "%s\r\n", field);
	naive_field(DKIM_RELAXED, buf_span(&line), canonical);
	canonical->len -= 2;
	buf_add_str(out, field);
	sign_text(SIGNER_RSA_2048, buf_span(canonical), out);
	buf_add_str(out, "\r\n");
}

/* One ARC set of instance 1 over the message. */
static void judged_seal(const struct judged_request *request, struct span header, struct buf *out)
{
	_cleanup_(buf_fini) struct buf results = BUF_INIT(JUDGED_MAX), tags = BUF_INIT(JUDGED_MAX),
				       text = BUF_INIT(JUDGED_MAX), signature = BUF_INIT(JUDGED_MAX);
	struct span from = span_sub(header, judged_field_at(header, "From"), SIZE_MAX);
	buf_addf(&results, "ARC-Authentication-Results: i=1; %s\r\n", request->sealed);

	buf_addf(&tags, "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=arc; h=from; bh=",
		 request->sealer);
	hash_text(SPAN_LIT(JUDGED_BODY), &tags);
	buf_add_str(&tags, "; b=");
	naive_field(DKIM_RELAXED, span_sub(from, 0, (size_t)span_find_char(from, '\n', 0) + 1), &text);
	judged_finish(buf_str(&tags), &text, &signature);

	buf_clear(&tags);
	buf_clear(&text);
	buf_addf(&tags, "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=%s; s=arc; b=", request->sealer);
	naive_field(DKIM_RELAXED, buf_span(&results), &text);
	naive_field(DKIM_RELAXED, buf_span(&signature), &text);
	judged_finish(buf_str(&tags), &text, out);
	buf_add_span(out, buf_span(&signature));
	buf_add_span(out, buf_span(&results));
}

static void judged_write(struct judged *j, const struct judged_request *request)
{
	_cleanup_(buf_fini) struct buf header = BUF_INIT(JUDGED_MAX), whole = BUF_INIT(JUDGED_MAX);
	judged_add_text(&header, request->header);
	size_t sent_at = judged_field_at(buf_span(&header), request->sent);
	buf_add_span(&whole, span_sub(buf_span(&header), 0, sent_at));
	if (request->is_signed)
		judged_sign(buf_str(&header) + sent_at, &whole);
	buf_add_str(&whole, buf_str(&header) + sent_at);
	if (request->sealer)
		judged_seal(request, buf_span(&whole), &j->message);
	buf_add_span(&j->message, buf_span(&whole));
	buf_add_str(&j->message, "\r\n");
	buf_addf(&j->composed, "%s\r\n%s", buf_str(&header) + sent_at, JUDGED_BODY);
}

/* A TXT record, of as many strings as it needs. */
static void judged_publish(struct judged *j, const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	struct dns_fact *fact = &j->dns[j->dns_count++];
	unsigned char rdata[4096];
	size_t cap = 0, len = 0;
	*fact =
	    (struct dns_fact){ .name = strdup(name), .type = DNS_TXT, .answer = { .state = DNS_ANSWERED, .ttl = 300 } };
	for (struct span rest = span_of(text); rest.len > 0 || len == 0;) {
		struct span part = span_sub(rest, 0, 255);
		rdata[len++] = (unsigned char)part.len;
		memcpy(rdata + len, part.p, part.len);
		len += part.len;
		rest = span_sub(rest, part.len, SIZE_MAX);
	}
	judged_need(dns_answer_add(&fact->answer, &cap, rdata, len, &err) == 0, name, &err);
}

static void judged_publish_all(struct judged *j, const char *sealer)
{
	char name[200], key[1000];
	snprintf(key, sizeof(key), "v=DKIM1; p=%s", signer_public(SIGNER_RSA_2048));
	judged_publish(j, "svc.test", "v=spf1 ip4:192.0.2.10 -all");
	judged_publish(j, "bounces.svc.test", "v=spf1 ip4:192.0.2.10 -all");
	/* What the client calls itself may send from nowhere: SPF of that name is not what was asked. */
	judged_publish(j, "mail.svc.test", "v=spf1 -all");
	judged_publish(j, "_dmarc.svc.test", "v=DMARC1; p=reject");
	judged_publish(j, "_dmarc.bounces.svc.test", "nothing");
	judged_publish(j, "_dmarc.test", "nothing");
	judged_publish(j, "s1._domainkey.svc.test", key);
	if (sealer) {
		snprintf(name, sizeof(name), "arc._domainkey.%s", sealer);
		judged_publish(j, name, key);
	}
}

static void judged_configure(struct judged *j, const struct judged_request *request)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(JUDGED_MAX);
	struct config_problems problems = { 0 };
	struct error err = ERROR_INIT;
	buf_addf(&text,
		 "[service]\nfrom = Example Service <hello@svc.test>\n[smtp]\nurl = smtp://127.0.0.1\n"
		 "starttls = none\n[message m]\ntemplate = m.eml\n[seed " JUDGED_SEED "]\nprovider = %s\n"
		 "password = env:X\n%s",
		 request->provider, request->config);
	judged_need(config_parse("test.ini", buf_span(&text), &j->config, &problems, &err) == 0, "configuration", &err);
	if (problems.errors > 0) {
		printf("%s: %s\n", request->provider, problems.list[0].text);
		exit(1);
	}
	config_problems_fini(&problems);
}

static int judged_no_body(void *user, int64_t observation, char **ret, size_t *ret_len, struct error *err)
{
	return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "a body was asked for");
}

static void judged_note(struct judged *j, const struct judged_request *request)
{
	j->sends[0] = (struct send_event){ .kind = SEND_INTENT, .at_ms = 1 };
	j->sends[1] = (struct send_event){
		.kind = SEND_HANDING_OVER, .stage = STAGE_DATA, .at_ms = JUDGED_ACCEPTED_MS - 5, .attempt = 1
	};
	j->sends[2] = (struct send_event){ .kind = SEND_REPLY,
					   .stage = STAGE_END_OF_DATA,
					   .at_ms = JUDGED_ACCEPTED_MS,
					   .attempt = 1,
					   .reply_code = 250,
					   .text = fact_lend("queued") };
	j->seen = (struct observation){ .id = 1,
					.at_ms = JUDGED_ACCEPTED_MS + 2000,
					.folder = fact_lend("INBOX"),
					.role = FOLDER_INBOX,
					.uidvalidity = 1,
					.uid = 1,
					.header = j->message.p,
					.header_len = j->message.len,
					.body = fact_lend(JUDGED_BODY),
					.body_len = strlen(JUDGED_BODY),
					.found_by = fact_lend("watch") };
	j->probe = (struct probe){ .seed = fact_lend(JUDGED_SEED),
				   .provider = fact_lend(request->provider),
				   .message = fact_lend("m"),
				   .tag = fact_lend(JUDGED_TAG),
				   .mail_from = fact_lend(JUDGED_MAIL_FROM),
				   .composed = j->composed.p,
				   .composed_len = j->composed.len,
				   .sends = j->sends,
				   .send_count = ARRAY_LEN(j->sends),
				   .observations = &j->seen,
				   .observation_count = 1 };
}

static void judged_find_sender(struct judged *j, const char *provider)
{
	struct error err = ERROR_INIT;
	struct assess_message message;
	const struct config_provider *p = config_provider(j->config, provider);
	judged_need(assess_message_read(&message, &j->probe, &j->seen, p->profile, &err) == 0, provider, &err);
	sender_find(&message.header, &message.theirs, &j->sender);
	j->header = message.header;
	j->theirs = message.theirs;
	header_fini(&message.sent);
}

void judged_make(struct judged *j, const struct judged_request *request)
{
	static const struct assess_bodies no_bodies = { judged_no_body, NULL };
	struct error err = ERROR_INIT;
	*j = (struct judged){ .message = BUF_INIT(JUDGED_MAX), .composed = BUF_INIT(JUDGED_MAX) };
	judged_configure(j, request);
	judged_write(j, request);
	judged_publish_all(j, request->sealer);
	judged_note(j, request);
	struct seed_event ready = { .kind = SEED_SWEPT, .seed = fact_lend(JUDGED_SEED), .at_ms = 2 };
	const struct run_facts facts = { .summary = { .id = 1, .finished = true },
					 .probes = &j->probe,
					 .probe_count = 1,
					 .seed_events = &ready,
					 .seed_event_count = 1,
					 .dns = j->dns,
					 .dns_count = j->dns_count };
	judged_need(assess(&facts, j->config, &no_bodies, &j->matrix, &err) == 0, request->provider, &err);
	j->row = &j->matrix.rows[0];
	judged_find_sender(j, request->provider);
}

void judged_fini(struct judged *j)
{
	matrix_fini(&j->matrix);
	theirs_fini(&j->theirs);
	header_fini(&j->header);
	config_free(j->config);
	for (size_t i = 0; i < j->dns_count; i++) {
		free(j->dns[i].name);
		dns_answer_fini(&j->dns[i].answer);
	}
	buf_fini(&j->message);
	buf_fini(&j->composed);
}
