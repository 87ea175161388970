/* The look at every account that `seeds check` is. */
#include "harness/watch/seeds_check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/watch/pool.h"
#include "providers/folder_role.h"
#include "providers/profile.h"

struct look {
	struct seed_check *check;
	const struct profile *profile; /* NULL for the bounce mailbox */
	struct imap_params imap;
	char *user;
	const struct secret_ref *password;
	const char *bounce_folder; /* NULL for a seed */
	struct log *log;
	size_t group;
};

static void tell_transcript(void *user, char direction, struct span line)
{
	const struct look *look = user;
	char who[320];
	snprintf(who, sizeof(who), "imap %s", look->check->name);
	log_transcript(look->log, who, direction, line);
}

/* The bounce mailbox has one folder that matters, and it plays the inbox. */
static int find_bounce_folder(const struct look *look, struct error *err)
{
	const struct imap_folder_list *list = &look->check->folders;
	for (size_t i = 0; i < list->count; i++)
		if (list->folders[i].selectable &&
		    span_is_nocase(span_of(list->folders[i].name), look->bounce_folder)) {
			list->folders[i].role = FOLDER_INBOX;
			return 0;
		}
	return error_set(err, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NO_FOLDER, "the server lists no folder %s",
			 look->bounce_folder);
}

static int note(struct look *look, struct imap_session *session, struct error *err)
{
	struct seed_check *check = look->check;
	const struct tls_facts *facts = imap_session_facts(session);
	struct buf tls = BUF_INIT(128);
	if (imap_session_list(session, &check->folders, err) < 0)
		return -1;
	int named = look->profile ? folder_roles(&check->folders, look->profile, err) : find_bounce_folder(look, err);
	if (named < 0)
		return -1;
	if (facts && facts->version[0])
		buf_addf(&tls, "%s, %s", facts->version, facts->cipher);
	else
		buf_add_str(&tls, "none");
	check->tls = buf_take(&tls);
	check->capabilities = strdup(imap_session_capabilities(session));
	return check->tls && check->capabilities ? 0 : error_memory(err);
}

static int look_at(struct look *look, struct error *err)
{
	struct imap_session *session = NULL;
	struct secret *password = NULL;
	if (look->profile && look->profile->auth != PROFILE_AUTH_PASSWORD)
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH,
				 "the provider signs in by OAuth 2 only, which this release does not do");
	if (secret_resolve(look->password, deadline_in(SECRET_CMD_TIMEOUT_MS), &password, err) < 0)
		return -1;
	int result = imap_session_open(&session, &look->imap, err);
	if (result == 0)
		result = imap_session_login(session, look->user, password, err);
	if (result == 0)
		result = note(look, session, err);
	if (result == 0)
		imap_session_logout(session);
	imap_session_free(session);
	secret_free(password);
	return result;
}

static void work(void *argument)
{
	struct look *look = argument;
	struct seed_check *check = look->check;
	check->ok = look_at(look, &check->error) == 0;
	if (!check->ok)
		imap_mend(&check->error, look->profile, look->profile ? check->name : "", check->mend);
	log_event(look->log, "imap %s: %s", check->name, check->ok ? "looked at" : check->error.text);
}

static struct imap_params params_of(const struct config *config, int cancel_fd, struct look *look)
{
	bool wanted = log_wants(look->log, LOG_LEVEL_TRANSCRIPTS);
	return (struct imap_params){ .login_timeout_ms = config->run.login_timeout_ms,
				     .command_timeout_ms = config->run.command_timeout_ms,
				     .cancel_fd = cancel_fd,
				     .transcript = wanted ? tell_transcript : NULL,
				     .transcript_user = look };
}

static int plan_seed(const struct config *config, const struct seed *seed, int cancel_fd, struct look *look,
		     struct error *err)
{
	const struct config_provider *provider = config_provider(config, seed->provider);
	look->profile = provider->profile;
	look->group = (size_t)(provider - config->providers);
	look->check->name = seed->address;
	look->check->provider = seed->provider;
	look->password = seed->password;
	look->imap = params_of(config, cancel_fd, look);
	look->imap.host = provider->profile->host;
	look->imap.port = provider->profile->port;
	look->imap.security = provider->profile->security;
	look->imap.ca_file = provider->profile->ca_file;
	look->user = profile_user(provider->profile, seed->address, seed->user);
	return look->user ? 0 : error_memory(err);
}

static int plan_bounces(const struct config *config, int cancel_fd, struct look *look, struct error *err)
{
	const struct bounces_settings *b = &config->bounces;
	look->group = config->provider_count;
	look->check->name = "[bounces]";
	look->check->provider = "";
	look->password = b->password;
	look->bounce_folder = b->folder;
	look->imap = params_of(config, cancel_fd, look);
	look->imap.host = b->host;
	look->imap.port = (uint16_t)b->port;
	look->imap.security = b->security;
	look->imap.ca_file = b->ca_file;
	look->user = strdup(b->user);
	return look->user ? 0 : error_memory(err);
}

static int run_looks(const struct config *config, struct look *looks, size_t count, struct error *err)
{
	struct pool *pool = NULL;
	int result = pool_new(&pool, (size_t)config->run.workers, config->provider_count + 1, err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = pool_submit(pool, looks[i].group, work, &looks[i], err);
	pool_free(pool);
	return result;
}

int seeds_check(const struct config *config, const bool *chosen, int cancel_fd, struct log *log,
		struct seed_check **ret, size_t *ret_count, struct error *err)
{
	size_t most = config->seeds.count + 1, count = 0;
	struct seed_check *checks = calloc(most, sizeof(*checks));
	struct look *looks = calloc(most, sizeof(*looks));
	int result = checks && looks ? 0 : error_memory(err);
	for (size_t i = 0; i < config->seeds.count && result == 0; i++) {
		if (!chosen[i])
			continue;
		looks[count] = (struct look){ .check = &checks[count], .log = log };
		result = plan_seed(config, &config->seeds.seeds[i], cancel_fd, &looks[count++], err);
	}
	if (result == 0 && config->bounces.host) {
		looks[count] = (struct look){ .check = &checks[count], .log = log };
		result = plan_bounces(config, cancel_fd, &looks[count++], err);
	}
	if (result == 0)
		result = run_looks(config, looks, count, err);
	for (size_t i = 0; looks && i < count; i++)
		free(looks[i].user);
	free(looks);
	if (result < 0) {
		seed_checks_free(checks, count);
		return -1;
	}
	*ret = checks;
	*ret_count = count;
	return 0;
}

void seed_checks_free(struct seed_check *checks, size_t count)
{
	for (size_t i = 0; checks && i < count; i++) {
		free(checks[i].capabilities);
		free(checks[i].tls);
		imap_folder_list_fini(&checks[i].folders);
	}
	free(checks);
}
