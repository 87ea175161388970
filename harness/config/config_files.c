/* A look at the files that a configuration names, so that what is wrong with them is known before anything is sent. */
#include "harness/config/config_files.h"

#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/config/rule_packs.h"
#include "harness/mail/tag.h"
#include "harness/send/compose.h"
#include "harness/send/message_template.h"
#include "harness/send/smtp_params.h"
#include "providers/profile.h"

enum { SENDER_MAX = 65536 };

/* The seed with the longest address: what fits for it fits for all. */
static const struct seed *longest_seed(const struct config *config)
{
	const struct seed *longest = NULL;
	for (size_t i = 0; i < config->seeds.count; i++)
		if (!longest || strlen(config->seeds.seeds[i].address) > strlen(longest->address))
			longest = &config->seeds.seeds[i];
	return longest;
}

/* Composes the message as the run does, so that what the run would refuse is refused now. */
static int try_to_compose(const struct config *config, const struct message_settings *message,
			  const struct template *template, struct error *err)
{
	const struct service_settings *service = &config->service;
	const struct seed *seed = longest_seed(config);
	struct composed composed = { 0 };
	char tag[TAG_SIZE];
	/* Without them the configuration is wrong already. */
	if (!seed || !service->from || !service->envelope_sender || !service->domain)
		return 0;
	if (tag_new(tag, err) < 0)
		return -1;
	const struct compose_params params = { .template = template,
					       .to = seed->address,
					       .from = service->from,
					       .envelope = service->envelope_sender,
					       .domain = service->domain,
					       .tag = tag,
					       .date_ms = clock_wall_ms(),
					       .tag_in_subject = message->subject_tag };
	int result = compose(&params, &composed, err);
	composed_fini(&composed);
	return result;
}

static void check_template(struct config_reader *reader, const struct message_settings *message)
{
	struct error err = ERROR_INIT;
	struct template *template = NULL;
	if (message_template_load(message, &template, &err) < 0 ||
	    try_to_compose(reader->config, message, template, &err) < 0)
		config_report(reader, CONFIG_ERROR, config_key_line(reader, message->line, "template"),
			      "[message %s] template: %s", message->name, err.text);
	template_free(template);
}

/* Addresses that could not stand in the SMTP dialogue. */
static void check_paths(struct config_reader *reader)
{
	static const char why[] = "cannot be handed to a mail server: it holds a space, an angle bracket or a control "
				  "character, or is longer than 254 octets";
	const struct config *config = reader->config;
	_cleanup_(buf_fini) struct buf sender = BUF_INIT(SENDER_MAX);
	char tag[TAG_SIZE];
	memset(tag, '0', TAG_LEN);
	tag[TAG_LEN] = '\0';
	if (config->service.envelope_sender) {
		unsigned line = config_key_line(reader, config->lines[SECTION_SERVICE], "envelope_sender");
		tag_add_pattern(&sender, span_of(config->service.envelope_sender), tag);
		if (sender.failed || !smtp_path_valid(buf_span(&sender)))
			config_report(reader, CONFIG_ERROR, line, "[service] envelope_sender: %s %s",
				      config->service.envelope_sender, why);
	}
	for (size_t i = 0; i < config->seeds.count; i++)
		if (!smtp_path_valid(span_of(config->seeds.seeds[i].address)))
			config_report(reader, CONFIG_ERROR, config->seeds.seeds[i].line, "[seed %s]: the address %s",
				      config->seeds.seeds[i].address, why);
}

static void check_certificates(struct config_reader *reader, unsigned line, const char *section, const char *name,
			       const char *path)
{
	struct error err = ERROR_INIT;
	if (path && file_check(path, &err) < 0)
		config_report(reader, CONFIG_ERROR, config_key_line(reader, line, "ca_file"), "[%s%s%s] ca_file: %s",
			      section, name ? " " : "", name ? name : "", err.text);
}

static void check_anchor(struct config_reader *reader)
{
	struct error err = ERROR_INIT;
	const char *path = reader->config->dns.trust_anchor;
	if (path && file_check(path, &err) < 0)
		config_report(reader, CONFIG_ERROR,
			      config_key_line(reader, reader->config->lines[SECTION_DNS], "trust_anchor"),
			      "[dns] trust_anchor: %s", err.text);
}

static void check_rules(struct config_reader *reader)
{
	unsigned line = reader->config->lines[SECTION_CHECK];
	struct error err = ERROR_INIT;
	struct rules rules = { 0 };
	if (rule_packs_load(reader->config->rules.packs, &rules, &err) < 0)
		config_report(reader, CONFIG_ERROR, config_key_line(reader, line, "rules"), "[check] rules: %s",
			      err.text);
	else if (rule_packs_check_waivers(reader->config, &err) < 0)
		config_report(reader, CONFIG_ERROR, config_key_line(reader, line, "waive"), "[check] waive: %s",
			      err.text);
	rules_fini(&rules);
}

void config_check_files(struct config_reader *reader)
{
	const struct config *config = reader->config;
	for (size_t i = 0; i < config->message_count; i++)
		if (config->messages[i].template_path)
			check_template(reader, &config->messages[i]);
	check_certificates(reader, config->lines[SECTION_SMTP], "smtp", NULL, config->smtp.ca_file);
	check_certificates(reader, config->lines[SECTION_CHECK], "check", NULL, config->check.ca_file);
	check_rules(reader);
	check_anchor(reader);
	check_paths(reader);
	check_certificates(reader, config->lines[SECTION_BOUNCES], "bounces", NULL, config->bounces.ca_file);
	check_certificates(reader, config->lines[SECTION_INBOUND], "inbound", NULL, config->inbound.ca_file);
	for (size_t i = 0; i < config->provider_count; i++)
		check_certificates(reader, config->providers[i].line, "provider", config->providers[i].name,
				   config->providers[i].profile->ca_file);
}
