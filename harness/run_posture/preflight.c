/* Runs the checks beside the thread of the run. */
#include "harness/run_posture/preflight.h"

#include <poll.h>
#include <stdlib.h>

#include "harness/base/thread.h"
#include "harness/posture/checks.h"
#include "harness/posture/relay/outbound.h"

struct preflight {
	struct posture_input *input;
	struct thread thread;
	int done_fd, result;
	struct findings findings;
	struct error error;
};

static void *run_checks(void *argument)
{
	struct preflight *preflight = argument;
	struct posture_cost cost;
	preflight->result = posture_run(posture_input_params(preflight->input), &preflight->findings, &cost,
					&preflight->error);
	thread_wake(preflight->done_fd);
	return NULL;
}

int preflight_new(struct preflight **ret, const struct posture_sources *sources, struct error *err)
{
	_cleanup_(preflight_free_p) struct preflight *preflight = calloc(1, sizeof(*preflight));
	if (!preflight)
		return error_memory(err);
	if (thread_wake_open(&preflight->done_fd, err) < 0)
		return -1;
	if (posture_input_new(sources, &preflight->input, err) < 0)
		return -1;
	*ret = preflight;
	preflight = NULL;
	return 0;
}

int preflight_plan(const struct preflight *preflight, struct buf *out, struct error *err)
{
	return outbound_plan(posture_input_params(preflight->input), out, err);
}

int preflight_start(struct preflight *preflight, struct error *err)
{
	return thread_start(&preflight->thread, run_checks, preflight, 0, err);
}

int preflight_fd(const struct preflight *preflight)
{
	return preflight->done_fd;
}

bool preflight_ended(struct preflight *preflight)
{
	return poll(&(struct pollfd){ .fd = preflight->done_fd, .events = POLLIN }, 1, 0) > 0;
}

int preflight_take(struct preflight *preflight, struct findings *ret, struct error *err)
{
	thread_join(&preflight->thread);
	if (preflight->result < 0) {
		*err = preflight->error;
		return -1;
	}
	*ret = preflight->findings;
	preflight->findings = (struct findings){ 0 };
	return 0;
}

void preflight_free(struct preflight *preflight)
{
	if (!preflight)
		return;
	thread_join(&preflight->thread);
	findings_fini(&preflight->findings);
	posture_input_free(preflight->input);
	close_p(&preflight->done_fd);
	free(preflight);
}

void preflight_free_p(struct preflight **preflight)
{
	preflight_free(*preflight);
	*preflight = NULL;
}
