/* From configuration, templates and store to the parameters of posture_run. */
#include "harness/run_posture/posture_input.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/string_list.h"
#include "harness/dns/name.h"
#include "harness/mail/address.h"
#include "harness/mail/header.h"
#include "harness/mail/tag.h"
#include "harness/run_posture/posture_history.h"
#include "harness/send/compose.h"
#include "harness/send/message_template.h"
#include "store/reply.h"

/* Without a configuration: as its defaults. */
enum { HOST_MAX = 256, SMTP_PORT = 25, TIMEOUT_MS = 30000, QUESTION_MS = 5000 };

/* A message as it would be sent, and as it was written. */
struct message {
	struct composed composed;
	struct buf template;
};

struct posture_input {
	struct posture_params params;
	char domain[DNS_NAME_TEXT_MAX], envelope_domain[DNS_NAME_TEXT_MAX], helo[HOST_MAX];
	char *reply_to;
	struct string_list address_blocklists, domain_blocklists;
	struct message *owned;
	struct posture_message *messages; /* made of them */
	size_t message_count;
	struct posture_outbound *outbounds;
	size_t outbound_count;
	struct posture_inbound inbound;
	struct reply_fact reply_fact;
	struct posture_reply reply;
	struct posture_history history;
};

static int bad_domain(const char *domain, struct error *err)
{
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" is no domain name", domain);
}

/* --- messages --------------------------------------------------------------------------------------------------- */

static int compose_one(const struct config *config, const struct message_settings *message, const char *tag,
		       int64_t now_ms, struct composed *ret, struct error *err)
{
	struct template *template = NULL;
	if (message_template_load(message, &template, err) < 0)
		return -1;
	const struct compose_params params = {
		.template = template,
		.to = config->seeds.seeds[0].address,
		.from = config->service.from,
		.envelope = config->service.envelope_sender,
		.domain = config->service.domain,
		.tag = tag,
		.date_ms = now_ms,
		.tag_in_subject = message->subject_tag,
	};
	int result = compose(&params, ret, err);
	template_free(template);
	return result < 0 ? error_prefix(err, "message %s", message->name) : 0;
}

static int add_messages(struct posture_input *in, const struct config *config, int64_t now_ms, struct error *err)
{
	char tag[TAG_SIZE];
	in->owned = calloc(config->message_count + 1, sizeof(*in->owned));
	in->messages = calloc(config->message_count + 1, sizeof(*in->messages));
	if (!in->owned || !in->messages)
		return error_memory(err);
	for (size_t i = 0; i < config->message_count; i++) {
		const struct message_settings *message = &config->messages[i];
		struct message *owned = &in->owned[in->message_count++];
		buf_init(&owned->template, TEMPLATE_MAX);
		if (tag_new(tag, err) < 0 || compose_one(config, message, tag, now_ms, &owned->composed, err) < 0 ||
		    file_read(message->template_path, &owned->template, err) < 0)
			return -1;
		in->messages[i] = (struct posture_message){ .name = message->name,
							    .stream = message->stream,
							    .octets = span_make(owned->composed.octets,
										owned->composed.len),
							    .template = buf_span(&owned->template) };
	}
	return 0;
}

/* The first Reply-To that a message has. */
static int find_reply_to(struct posture_input *in, struct error *err)
{
	for (size_t i = 0; i < in->message_count && !in->reply_to; i++) {
		_cleanup_(header_fini) struct header header = { 0 };
		struct address_list list;
		struct error ignored = ERROR_INIT;
		struct buf spec = BUF_INIT(1024);
		if (header_parse(&header, in->messages[i].octets, err) < 0)
			return -1;
		struct span value = header_value(&header, "Reply-To");
		if (value.len == 0 || address_list_parse(&list, value, &ignored) < 0)
			continue;
		if (list.count > 0 && address_add_spec(&spec, &list.v[0]) == 0)
			in->reply_to = buf_take(&spec);
		buf_fini(&spec);
		address_list_fini(&list);
	}
	return 0;
}

/* --- configuration ---------------------------------------------------------------------------------------------- */

static int add_outbounds(struct posture_input *in, const struct config *config, struct error *err)
{
	in->outbounds = calloc(config->outbound_count + 1, sizeof(*in->outbounds));
	if (!in->outbounds)
		return error_memory(err);
	for (size_t i = 0; i < config->outbound_count; i++) {
		const struct outbound_settings *o = &config->outbounds[i];
		if (o->own)
			in->outbounds[in->outbound_count++] =
			    (struct posture_outbound){ .host = o->host,
						       .port = (uint16_t)o->port,
						       .probe_to = o->probe_to,
						       .connections = (unsigned)o->connections };
	}
	return 0;
}

static void add_inbound(struct posture_input *in, const struct inbound_settings *inbound)
{
	in->inbound = (struct posture_inbound){ .address = inbound->address,
						.port = SMTP_PORT,
						.probe_to = inbound->probe_to,
						.connections = (unsigned)inbound->connections,
						.wait_ms = inbound->wait_ms };
	in->params.inbound = &in->inbound;
}

/* What counts for any domain. */
static int add_check(struct posture_input *in, const struct check_settings *check, struct error *err)
{
	struct posture_params *p = &in->params;
	if (string_list_split(&in->address_blocklists, check->address_blocklists, ',', err) < 0 ||
	    string_list_split(&in->domain_blocklists, check->domain_blocklists, ',', err) < 0)
		return -1;
	p->address_blocklists = string_list_get(&in->address_blocklists);
	p->address_blocklist_count = in->address_blocklists.count;
	p->domain_blocklists = string_list_get(&in->domain_blocklists);
	p->domain_blocklist_count = in->domain_blocklists.count;
	p->ca_file = check->ca_file;
	p->timeout_ms = check->timeout_ms;
	if (check->helo)
		p->helo = check->helo;
	return 0;
}

/* What is of the service itself. */
static int add_service(struct posture_input *in, const struct posture_sources *sources, struct error *err)
{
	const struct config *config = sources->config;
	struct posture_params *p = &in->params;
	if (!dns_name_make(address_domain(config->service.envelope_sender), in->envelope_domain))
		return bad_domain(config->service.envelope_sender, err);
	if (add_messages(in, config, sources->now_ms, err) < 0 || find_reply_to(in, err) < 0 ||
	    add_outbounds(in, config, err) < 0 ||
	    string_list_split(&in->history.selectors, config->check.selectors, ',', err) < 0)
		return -1;
	p->from_address = config->service.from_address;
	p->from_name = config->service.from_name;
	p->reply_to = in->reply_to;
	p->envelope_domain = in->envelope_domain;
	p->messages = in->messages;
	p->message_count = in->message_count;
	p->outbounds = in->outbounds;
	p->outbound_count = in->outbound_count;
	p->mailbox = sources->mailbox;
	if (config->inbound.address)
		add_inbound(in, &config->inbound);
	p->spamd = config->check.spamassassin;
	p->rspamd = config->check.rspamd;
	return 0;
}

/* --- store ------------------------------------------------------------------------------------------------------ */

static int posture_input_add_reply(struct posture_input *in, struct store *store, struct error *err)
{
	const char *address = in->params.reply_to ? in->params.reply_to : in->params.from_address;
	int found = address ? store_reply_of(store, address, &in->reply_fact, err) : 0;
	if (found <= 0)
		return found;
	const struct reply_fact *fact = &in->reply_fact;
	in->reply = (struct posture_reply){ .confirmed = fact->confirmed_ms > 0,
					    .at_ms = fact->confirmed_ms ? fact->confirmed_ms : fact->sent_ms,
					    .until_ms = fact->until_ms,
					    .who = fact->who };
	in->params.reply = &in->reply;
	return 0;
}

static int add_history(struct posture_input *in, struct store *store, struct error *err)
{
	struct posture_history *h = &in->history;
	struct posture_params *p = &in->params;
	if (posture_history_read(h, store, in->domain, err) < 0)
		return -1;
	p->senders = h->senders;
	p->sender_count = h->sender_count;
	p->evaluations = h->evaluations;
	p->evaluation_messages = h->evaluation_messages;
	p->evaluation_count = h->evaluation_count;
	p->previous = &h->findings;
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

/* Whether what the configuration says of the service is about the domain that is looked at. */
static bool is_service(const struct posture_input *in, const struct config *config)
{
	char name[DNS_NAME_TEXT_MAX];
	return config && dns_name_make(span_of(config->service.domain), name) && strcmp(name, in->domain) == 0;
}

static int gather(struct posture_input *in, const struct posture_sources *sources, struct error *err)
{
	const struct config *config = sources->config;
	const char *domain = sources->domain ? sources->domain : config->service.domain;
	struct posture_params *p = &in->params;
	if (!dns_name_make(span_of(domain), in->domain))
		return bad_domain(domain, err);
	if (gethostname(in->helo, sizeof(in->helo) - 1) < 0 || in->helo[0] == '\0')
		span_copy(SPAN_LIT("localhost"), in->helo, sizeof(in->helo));
	*p = (struct posture_params){ .domain = in->domain,
				      .helo = in->helo,
				      .resolver = sources->resolver,
				      .now_ms = sources->now_ms,
				      .question_ms = config ? config->dns.timeout_ms : QUESTION_MS,
				      .timeout_ms = TIMEOUT_MS };
	if (config && add_check(in, &config->check, err) < 0)
		return -1;
	if (p->question_ms > p->timeout_ms / 2)
		p->question_ms = p->timeout_ms / 2;
	bool service = is_service(in, config);
	if (service && add_service(in, sources, err) < 0)
		return -1;
	if (sources->store &&
	    (add_history(in, sources->store, err) < 0 || posture_input_add_reply(in, sources->store, err) < 0))
		return -1;
	p->selectors = string_list_get(&in->history.selectors);
	p->selector_count = in->history.selectors.count;
	return 0;
}

int posture_input_new(const struct posture_sources *sources, struct posture_input **ret, struct error *err)
{
	_cleanup_(posture_input_free_p) struct posture_input *in = calloc(1, sizeof(*in));
	if (!in)
		return error_memory(err);
	if (gather(in, sources, err) < 0)
		return -1;
	*ret = in;
	in = NULL;
	return 0;
}

void posture_input_free(struct posture_input *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->message_count; i++) {
		composed_fini(&in->owned[i].composed);
		buf_fini(&in->owned[i].template);
	}
	free(in->owned);
	free(in->messages);
	free(in->outbounds);
	free(in->reply_to);
	string_list_fini(&in->address_blocklists);
	string_list_fini(&in->domain_blocklists);
	reply_fact_fini(&in->reply_fact);
	posture_history_fini(&in->history);
	free(in);
}

void posture_input_free_p(struct posture_input **in)
{
	posture_input_free(*in);
	*in = NULL;
}

const struct posture_params *posture_input_params(const struct posture_input *in)
{
	return &in->params;
}
