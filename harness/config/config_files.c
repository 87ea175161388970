/* A look at the files that a configuration names, so that what is wrong with them is known before anything is sent. */
#include "harness/config/config_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/config/rule_packs.h"
#include "harness/send/message_template.h"
#include "providers/profile.h"

static void check_template(struct config_reader *reader, const struct message_settings *message)
{
	struct error err = ERROR_INIT;
	struct template *template = NULL;
	if (message_template_load(message, &template, &err) < 0)
		config_report(reader, CONFIG_ERROR, message->line, "[message %s] template: %s", message->name,
			      err.text);
	template_free(template);
}

static void check_certificates(struct config_reader *reader, unsigned line, const char *section, const char *name,
			       const char *path)
{
	struct stat st;
	int problem = 0;
	if (!path)
		return;
	_cleanup_(close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		problem = errno;
	else if (S_ISDIR(st.st_mode))
		problem = EISDIR;
	if (problem) {
		struct error err = ERROR_INIT;
		error_errno(&err, ERROR_CONFIG, RETRY_NEVER, problem, "cannot open %s", path);
		config_report(reader, CONFIG_ERROR, line, "[%s%s%s] ca_file: %s", section, name ? " " : "",
			      name ? name : "", err.text);
	}
}

static void check_rules(struct config_reader *reader)
{
	struct error err = ERROR_INIT;
	struct rules rules = { 0 };
	if (rule_packs_load(reader->config->rules.packs, &rules, &err) < 0)
		config_report(reader, CONFIG_ERROR, reader->config->lines[SECTION_CHECK], "[check] rules: %s",
			      err.text);
	else if (rule_packs_check_waivers(reader->config, &err) < 0)
		config_report(reader, CONFIG_ERROR, reader->config->lines[SECTION_CHECK], "[check] waive: %s",
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
	check_certificates(reader, config->lines[SECTION_BOUNCES], "bounces", NULL, config->bounces.ca_file);
	check_certificates(reader, config->lines[SECTION_INBOUND], "inbound", NULL, config->inbound.ca_file);
	for (size_t i = 0; i < config->provider_count; i++)
		check_certificates(reader, config->providers[i].line, "provider", config->providers[i].name,
				   config->providers[i].profile->ca_file);
}
