/* What no single key of a configuration shows: values that follow from others, and values that do not go together. */
#include "harness/config/config_check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/mail/address.h"
#include "harness/mail/tag.h"
#include "harness/config/config_provider.h"

static int set_copy(struct config_reader *reader, char **field, struct span text)
{
	*field = span_dup(text);
	return *field ? 0 : error_memory(&reader->error);
}

/* Takes the From apart, and derives the envelope sender and the domain where they are not given. */
static void complete_service(struct config_reader *reader)
{
	struct service_settings *service = &reader->config->service;
	struct address_list list;
	struct buf address = BUF_INIT(1024);
	/* The value was checked when it was set. */
	if (!service->from || address_list_parse(&list, span_of(service->from), &reader->error) < 0)
		return;
	const struct address *from = &list.v[0];
	if (address_add_spec(&address, from) < 0)
		error_memory(&reader->error);
	else if (set_copy(reader, &service->from_address, buf_span(&address)) == 0 &&
		 set_copy(reader, &service->from_name, from->display) == 0 &&
		 (service->envelope_sender || set_copy(reader, &service->envelope_sender, buf_span(&address)) == 0) &&
		 !service->domain)
		set_copy(reader, &service->domain, from->domain);
	buf_fini(&address);
	address_list_fini(&list);
}

static void check_smtp(struct config_reader *reader)
{
	const struct smtp_settings *smtp = &reader->config->smtp;
	if (!smtp->user != !smtp->password)
		config_report(
		    reader, CONFIG_ERROR,
		    config_key_line(reader, reader->config->lines[SECTION_SMTP], smtp->user ? "user" : "password"),
		    "[smtp] %s: is missing: user and password go together", smtp->user ? "password" : "user");
}

static void complete_bounces(struct config_reader *reader)
{
	struct bounces_settings *bounces = &reader->config->bounces;
	const char *sender = reader->config->service.envelope_sender;
	if (bounces->port == 0)
		bounces->port = imap_security_port(bounces->security);
	if (bounces->host && sender && !strstr(sender, TAG_PLACEHOLDER))
		config_report(
		    reader, CONFIG_ERROR, reader->config->lines[SECTION_BOUNCES],
		    "[bounces]: bounces cannot be told apart: put {tag} into [service] envelope_sender, as in "
		    "bounces+{tag}@example.org");
}

static void complete_inbound(struct config_reader *reader)
{
	struct inbound_settings *inbound = &reader->config->inbound;
	if (inbound->port == 0)
		inbound->port = imap_security_port(inbound->security);
}

static void check_twins(struct config_reader *reader)
{
	const struct seed_list *list = &reader->config->seeds;
	_cleanup_(free_p) size_t *twin_of = calloc(list->count + 1, sizeof(*twin_of));
	if (!twin_of || seed_list_twins(list, twin_of, &reader->error) < 0) {
		error_memory(&reader->error);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct seed *seed = &list->seeds[i], *twin = &list->seeds[twin_of[i]];
		/* The same title twice is reported by the reader of the file already. */
		if (twin != seed)
			config_report(reader, CONFIG_ERROR, seed->line,
				      "[seed %s]: is the same mailbox as in line %u: keep one of them", seed->address,
				      twin->line);
	}
}

static void check_seeds(struct config_reader *reader)
{
	struct config *config = reader->config;
	for (size_t i = 0; i < config->seeds.count && reader->error.kind == ERROR_NONE; i++) {
		const struct seed *seed = &config->seeds.seeds[i];
		struct config_provider *provider = NULL;
		struct error err = ERROR_INIT;
		if (!seed->provider)
			continue;
		int found = config_provider_open(reader, seed->provider, 0, &provider, &err);
		if (found < 0)
			config_report(reader, CONFIG_ERROR, config_key_line(reader, seed->line, "provider"),
				      "[seed %s] provider: %s", seed->address, err.text);
		else if (found == 0)
			config_report_unknown_provider(reader, seed);
		else if (!seed->password && config_provider_wants_password(provider))
			config_report(
			    reader, CONFIG_ERROR, seed->line,
			    "[seed %s] password: is missing: name where it is: env:NAME, file:PATH or cmd:COMMAND",
			    seed->address);
	}
	check_twins(reader);
}

/* Nothing is sent to a mailbox without a section of its own, and what cannot be looked into shows nothing. */
static void check_probe_to(struct config_reader *reader, unsigned line, const char *section, const char *host,
			   const char *probe_to)
{
	if (probe_to && !seed_list_find(&reader->config->seeds, span_of(probe_to)))
		config_report(
		    reader, CONFIG_ERROR, config_key_line(reader, line, "probe_to"),
		    "[%s%s%s] probe_to: %s is no seed: add a [seed %s] section, so that it can be looked into", section,
		    host ? " " : "", host ? host : "", probe_to, probe_to);
}

static void check_probes(struct config_reader *reader)
{
	const struct config *config = reader->config;
	for (size_t i = 0; i < config->outbound_count; i++)
		check_probe_to(reader, config->outbounds[i].line, "outbound", config->outbounds[i].host,
			       config->outbounds[i].probe_to);
	check_probe_to(reader, config->lines[SECTION_INBOUND], "inbound", NULL, config->inbound.probe_to);
}

/* The nearest of the names of messages or of providers. */
static const char *nearest_name(const struct config *config, bool message, const char *word)
{
	size_t count = message ? config->message_count : config->provider_count;
	const char **names = calloc(count + 1, sizeof(*names));
	if (!names)
		return NULL;
	for (size_t i = 0; i < count; i++)
		names[i] = message ? config->messages[i].name : config->providers[i].name;
	const char *nearest = text_nearest(span_of(word), names, count);
	free(names);
	return nearest;
}

static size_t words_of(struct span text)
{
	struct span word;
	size_t count = 0;
	while (span_next(&text, ' ', &word))
		count++;
	return count;
}

static void check_expect(struct config_reader *reader, const struct ini_section *section)
{
	struct span rest = span_of(section->name), word;
	span_next(&rest, ' ', &word);
	if (words_of(rest) > config_sections[SECTION_EXPECT].words_max)
		return; /* reported */
	for (int message = 0; message <= 1 && span_next(&rest, ' ', &word); message++) {
		_cleanup_(free_p) char *name = span_dup(word);
		if (!name) {
			error_memory(&reader->error);
			return;
		}
		if (message ? config_message(reader->config, name) != NULL
			    : config_provider(reader->config, name) != NULL)
			continue;
		const char *nearest = nearest_name(reader->config, message, name);
		config_report(reader, CONFIG_ERROR, section->line, "[%s]: %s \"%s\"%s%s%s", section->name,
			      message ? "there is no message" : "no seed is at a provider", name,
			      nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	}
}

static bool has_section(const struct ini *ini, const char *title)
{
	for (size_t i = 0; i < ini->section_count; i++)
		if (strcmp(ini->sections[i].name, title) == 0)
			return true;
	return false;
}

static void check_there(struct config_reader *reader, const struct ini *ini)
{
	const struct config *config = reader->config;
	if (!has_section(ini, "service"))
		config_report(reader, CONFIG_ERROR, 0, "[service] is missing: it says who sends (from)");
	if (!has_section(ini, "smtp"))
		config_report(reader, CONFIG_ERROR, 0, "[smtp] is missing: it says how the service sends (url)");
	if (config->message_count == 0)
		config_report(reader, CONFIG_ERROR, 0, "there is no message to send: add a [message NAME] section");
	if (config->seeds.count == 0)
		config_report(reader, CONFIG_ERROR, 0, "there is no mailbox to send to: add a [seed ADDRESS] section");
}

void config_complete(struct config_reader *reader, const struct ini *ini)
{
	complete_service(reader);
	complete_bounces(reader);
	complete_inbound(reader);
	if (!ini)
		return;
	check_there(reader, ini);
	check_smtp(reader);
	check_seeds(reader);
	check_probes(reader);
	config_check_providers(reader);
	for (size_t i = 0; i < ini->section_count && reader->error.kind == ERROR_NONE; i++)
		if (strncmp(ini->sections[i].name, "expect ", 7) == 0)
			check_expect(reader, &ini->sections[i]);
}
