/* A try of the secrets that a configuration names. */
#include "harness/config/config_secrets.h"

#include <stddef.h>

#include "harness/base/clock.h"
#include "harness/base/secret.h"
#include "harness/config/config_reader.h"

static void try_secret(struct config_reader *reader, unsigned line, const char *section, const char *name,
		       const struct secret_ref *ref)
{
	struct error err = ERROR_INIT;
	_cleanup_(secret_free_p) struct secret *secret = NULL;
	if (!ref || secret_ref_kind(ref) == SECRET_CMD)
		return;
	if (secret_resolve(ref, deadline_in(0), -1, &secret, &err) < 0)
		config_report(reader, CONFIG_ERROR, config_key_line(reader, line, "password"), "[%s%s%s] password: %s",
			      section, name ? " " : "", name ? name : "", err.text);
}

int config_check_secrets(const struct config *config, struct config_problems *problems, struct error *err)
{
	struct error unread = ERROR_INIT;
	struct ini *ini = NULL;
	/* For the lines of the keys alone: where the file is gone by now, those of the sections have to do. */
	if (ini_read_file(config->path, &ini, &unread) < 0)
		ini = NULL;
	struct config_reader reader = { .problems = problems, .file = config->path, .ini = ini };
	try_secret(&reader, config->lines[SECTION_SMTP], "smtp", NULL, config->smtp.password);
	try_secret(&reader, config->lines[SECTION_BOUNCES], "bounces", NULL, config->bounces.password);
	try_secret(&reader, config->lines[SECTION_INBOUND], "inbound", NULL, config->inbound.password);
	for (size_t i = 0; i < config->seeds.count; i++)
		try_secret(&reader, config->seeds.seeds[i].line, "seed", config->seeds.seeds[i].address,
			   config->seeds.seeds[i].password);
	config_problems_sort(problems);
	ini_free(ini);
	if (reader.error.kind == ERROR_NONE)
		return 0;
	*err = reader.error;
	return -1;
}
