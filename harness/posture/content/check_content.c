/* The messages: each is opened once, then looked at from several sides at the same time. */
#include <stdlib.h>

#include "harness/posture/content/checks.h"
#include "harness/posture/content/content_checks.h"

/* What needs nobody else's answer. */
static void look_at_octets(struct check *check, const struct content *content)
{
	content_check_header(check, content);
	content_check_unsubscribe(check, content);
	content_check_body(check, content);
	content_check_form(check, content);
	content_check_links(check, content);
}

static content_fn *const sides[] = { look_at_octets, content_check_reach, content_check_spamd, content_check_rspamd };

struct check_content_job {
	const struct content *content;
	content_fn *side;
};

static void run_job(struct check *check, void *argument)
{
	const struct check_content_job *job = argument;
	job->side(check, job->content);
}

static void examine_all(struct check *check, const struct content *contents, size_t count)
{
	struct check_content_job *jobs = calloc(count * ARRAY_LEN(sides), sizeof(*jobs));
	void **arguments = calloc(count * ARRAY_LEN(sides), sizeof(*arguments));
	if (jobs && arguments) {
		for (size_t i = 0; i < count * ARRAY_LEN(sides); i++) {
			jobs[i] = (struct check_content_job){ &contents[i / ARRAY_LEN(sides)],
							      sides[i % ARRAY_LEN(sides)] };
			arguments[i] = &jobs[i];
		}
		check_each(check, run_job, arguments, count * ARRAY_LEN(sides));
	} else {
		check_memory(check);
	}
	free(jobs);
	free(arguments);
}

void check_content(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	struct content *contents = calloc(p->message_count + 1, sizeof(*contents));
	struct error err = ERROR_INIT;
	size_t opened = 0;
	if (!contents) {
		check_memory(check);
		return;
	}
	while (opened < p->message_count && content_open(&p->messages[opened], &contents[opened], &err) == 0)
		opened++;
	if (opened < p->message_count)
		check_memory(check);
	else if (opened > 0)
		examine_all(check, contents, opened);
	for (size_t i = 0; i < p->message_count; i++)
		content_fini(&contents[i]);
	free(contents);
}
