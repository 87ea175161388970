/* The look at every account that `seeds check` is. */
#include "harness/watch/seeds_check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/connect/connect_mailbox.h"
#include "harness/watch/folder_look.h"
#include "harness/watch/pool.h"
#include "providers/folder_role.h"

struct seeds_check_job {
	struct seed_check *check;
	struct connect_mailbox mailbox;
	const char *bounce_folder; /* NULL for a seed */
	size_t group;
};

/* The bounce mailbox has one folder that matters, and it plays the inbox. */
static int find_bounce_folder(const struct seeds_check_job *job, struct error *err)
{
	const struct imap_folder_list *list = &job->check->folders;
	for (size_t i = 0; i < list->count; i++)
		if (list->folders[i].selectable && span_is_nocase(span_of(list->folders[i].name), job->bounce_folder)) {
			list->folders[i].role = FOLDER_INBOX;
			return 0;
		}
	return error_set(err, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NO_FOLDER, "the server lists no folder %s",
			 job->bounce_folder);
}

/* As a run looks at them: every folder of a seed, and of the bounce mailbox the one that matters. */
static int seeds_check_folders(const struct seeds_check_job *job, struct imap_session *session, struct error *err)
{
	struct seed_check *check = job->check;
	for (size_t i = 0; i < check->folders.count; i++) {
		const struct imap_folder *folder = &check->folders.folders[i];
		struct imap_folder_state state;
		if (!folder->selectable || (job->bounce_folder && folder->role != FOLDER_INBOX))
			continue;
		struct error why = ERROR_INIT;
		int seen = folder_look(session, folder, &state, &why);
		if (seen < 0)
			return *err = why, -1;
		if (seen == 0 && string_list_add(&check->left_out, span_of(why.text), err) < 0)
			return -1;
	}
	return 0;
}

static int seeds_check_note(struct seeds_check_job *job, struct imap_session *session, struct error *err)
{
	struct seed_check *check = job->check;
	const struct tls_facts *facts = imap_session_facts(session);
	struct buf tls = BUF_INIT(128);
	if (imap_session_list(session, &check->folders, err) < 0)
		return -1;
	int named = job->mailbox.profile ? folder_roles(&check->folders, job->mailbox.profile, err)
					 : find_bounce_folder(job, err);
	if (named < 0 || seeds_check_folders(job, session, err) < 0)
		return -1;
	if (facts && facts->version[0])
		buf_addf(&tls, "%s, %s", facts->version, facts->cipher);
	else
		buf_add_str(&tls, "none");
	check->tls = buf_take(&tls);
	check->capabilities = strdup(imap_session_capabilities(session));
	return check->tls && check->capabilities ? 0 : error_memory(err);
}

static int seeds_check_examine(struct seeds_check_job *job, struct error *err)
{
	struct imap_session *session = NULL;
	if (connect_mailbox_open(&job->mailbox, CONNECT_NO_LIMIT, &session, err) < 0)
		return -1;
	int result = seeds_check_note(job, session, err);
	if (result == 0)
		imap_session_logout(session);
	imap_session_free(session);
	return result;
}

static void seeds_check_work(void *argument)
{
	struct seeds_check_job *job = argument;
	struct seed_check *check = job->check;
	const struct connect_mailbox *mailbox = &job->mailbox;
	check->ok = seeds_check_examine(job, &check->error) == 0;
	if (!check->ok)
		imap_mend(&check->error, mailbox->profile, mailbox->profile ? check->name : "", check->mend);
	log_event(mailbox->log, "imap %s: %s", mailbox->name, check->ok ? "looked at" : check->error.text);
}

static int plan_seed(const struct connect_context *context, const struct seed *seed, struct seeds_check_job *job,
		     struct error *err)
{
	const struct config *config = context->config;
	job->group = (size_t)(config_provider(config, seed->provider) - config->providers);
	job->check->name = seed->address;
	job->check->provider = seed->provider;
	return connect_mailbox_seed(context, seed, &job->mailbox, err);
}

static int plan_bounces(const struct connect_context *context, struct seeds_check_job *job, struct error *err)
{
	job->group = context->config->provider_count;
	job->check->name = "[bounces]";
	job->check->provider = "";
	job->bounce_folder = context->config->bounces.folder;
	return connect_mailbox_bounces(context, &job->mailbox, err);
}

static int run_jobs(const struct config *config, struct seeds_check_job *jobs, size_t count, struct error *err)
{
	struct pool *pool = NULL;
	int result = pool_new(&pool, (size_t)config->run.workers, config->provider_count + 1, err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = pool_submit(pool, jobs[i].group, seeds_check_work, &jobs[i], err);
	pool_free(pool);
	return result;
}

int seeds_check(const struct config *config, const bool *chosen, int cancel_fd, struct log *log,
		struct seed_check **ret, size_t *ret_count, struct error *err)
{
	const struct connect_context context = { config, log, cancel_fd };
	size_t most = config->seeds.count + 1, count = 0;
	struct seed_check *checks = calloc(most, sizeof(*checks));
	struct seeds_check_job *jobs = calloc(most, sizeof(*jobs));
	int result = checks && jobs ? 0 : error_memory(err);
	for (size_t i = 0; i < config->seeds.count && result == 0; i++) {
		if (!chosen[i])
			continue;
		jobs[count].check = &checks[count];
		result = plan_seed(&context, &config->seeds.seeds[i], &jobs[count++], err);
	}
	if (result == 0 && config->bounces.host) {
		jobs[count].check = &checks[count];
		result = plan_bounces(&context, &jobs[count++], err);
	}
	if (result == 0)
		result = run_jobs(config, jobs, count, err);
	for (size_t i = 0; jobs && i < count; i++)
		connect_mailbox_fini(&jobs[i].mailbox);
	free(jobs);
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
		string_list_fini(&checks[i].left_out);
	}
	free(checks);
}
