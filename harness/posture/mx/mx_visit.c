/* The dialogue with an MX host. It must never send DATA: whoever is asked gets no mail by it. */
#include "harness/posture/mx/mx_visit.h"

#include <stdio.h>

#include "harness/net/smtp_client.h"

enum { SMTP_PORT = 25 };

struct dialogue {
	struct check *check;
	struct mx_visit *visit;
	struct smtp_client *client;
	struct smtp_reply reply;
	struct error *err;
};

void mx_visit_fini(struct mx_visit *visit)
{
	tls_inspection_fini(&visit->tls);
}

static void mx_visit_keep(const struct dialogue *d, struct mx_reply *ret)
{
	const struct smtp_reply *r = &d->reply;
	ret->code = r->code;
	ret->policy = span_is(span_sub(span_of(r->enhanced), 1, 3), ".7.");
	snprintf(ret->text, sizeof(ret->text), "%d%s%s%s%s", r->code, r->enhanced[0] ? " " : "", r->enhanced,
		 r->text.len ? " " : "", buf_str(&r->text));
}

static bool refused(struct dialogue *d, const char *command)
{
	error_set(d->err, ERROR_REFUSED, RETRY_LATER, d->reply.code, "%s: %d %s", command, d->reply.code,
		  buf_str(&d->reply.text));
	return false;
}

/* As far as a dialogue that may ask something. */
static bool open_dialogue(struct dialogue *d)
{
	const struct posture_params *p = check_params(d->check);
	struct mx_visit *v = d->visit;
	char address[IP_TEXT_MAX];
	const struct smtp_client_params params = { .address = ip_format(v->ip, address),
						   .port = p->mx_port ? p->mx_port : SMTP_PORT,
						   .host = v->host->name,
						   .ca_file = p->ca_file,
						   .helo = p->helo ? p->helo : "localhost",
						   .deadline = check_deadline(d->check),
						   .cancel_fd = -1 };
	check_connected(d->check);
	if (smtp_client_new(&params, &d->client, &d->reply, d->err) < 0)
		return false;
	mx_visit_keep(d, &v->greeting);
	if (d->reply.code != 220)
		return refused(d, "greeting");
	if (smtp_client_hello(d->client, &d->reply, d->err) < 0)
		return false;
	v->hello = d->reply.code == 250;
	return v->hello || refused(d, "EHLO");
}

static void close_dialogue(struct dialogue *d)
{
	if (d->client && d->err->kind == ERROR_NONE)
		smtp_client_quit(d->client);
	else
		smtp_client_free(d->client);
	d->client = NULL;
}

/* Begins TLS where it is offered. False where the connection is of no use any more. */
static bool start_tls(struct dialogue *d)
{
	struct mx_visit *v = d->visit;
	v->offers_starttls = smtp_client_offers(d->client, "STARTTLS");
	if (!v->offers_starttls)
		return true;
	d->reply.code = 0;
	int result = smtp_client_inspect_tls(d->client, &v->tls, &d->reply, &v->tls_error);
	if (d->reply.code)
		mx_visit_keep(d, &v->starttls);
	if (result < 0)
		return false;
	if (v->starttls.code != 220)
		return true;
	v->handshake = true;
	return smtp_client_hello(d->client, &d->reply, d->err) == 0 && (d->reply.code == 250 || refused(d, "EHLO"));
}

/* The empty reverse-path is one that nobody forges; the service's own is the other that a server may expect. */
static bool say_mail(struct dialogue *d, const char *parameters)
{
	const char *own = check_params(d->check)->from_address;
	if (smtp_client_command(d->client, &d->reply, d->err, "MAIL FROM:<>%s", parameters) < 0)
		return false;
	if (d->reply.code < 500 || !own || !span_is_ascii(span_of(own)))
		return true;
	return smtp_client_command(d->client, &d->reply, d->err, "MAIL FROM:<%s>%s", own, parameters) == 0;
}

static bool ask_about(struct dialogue *d, size_t i)
{
	struct mx_visit *v = d->visit;
	const char *address = v->asking->v[i].address;
	bool utf8 = !span_is_ascii(span_of(address));
	if (!say_mail(d, utf8 ? " SMTPUTF8" : ""))
		return false;
	if (d->reply.code != 250) {
		mx_visit_keep(d, &v->mail[i]);
	} else {
		if (smtp_client_command(d->client, &d->reply, d->err, "RCPT TO:<%s>", address) < 0)
			return false;
		mx_visit_keep(d, &v->rcpt[i]);
	}
	if (d->reply.code == 421) /* it is about to close (RFC 5321 section 3.8) */
		return refused(d, "the server ends the dialogue");
	return smtp_client_command(d->client, &d->reply, d->err, "RSET") == 0;
}

void mx_visit(struct check *check, void *argument)
{
	struct mx_visit *v = argument;
	struct dialogue d = { .check = check, .visit = v, .err = &v->error };
	smtp_reply_init(&d.reply);
	bool well = open_dialogue(&d) && start_tls(&d);
	if (v->tls_error.kind != ERROR_NONE) {
		/* Senders that do not insist on TLS come back without. */
		smtp_client_free(d.client);
		d.client = NULL;
		well = open_dialogue(&d);
	}
	for (size_t i = 0; well && i < v->asking->count; i++)
		well = ask_about(&d, i);
	close_dialogue(&d);
	smtp_reply_fini(&d.reply);
}
