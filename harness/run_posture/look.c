/* Runs the checks beside the thread of the run. */
#include "harness/run_posture/look.h"

#include <poll.h>
#include <stdlib.h>

#include "harness/base/thread.h"
#include "harness/posture/checks.h"
#include "harness/posture/relay/outbound.h"

struct look {
	struct posture_input *input;
	struct thread thread;
	int done_fd, result;
	struct findings findings;
	struct error error;
};

static void *look_around(void *argument)
{
	struct look *look = argument;
	struct posture_cost cost;
	look->result = posture_run(posture_input_params(look->input), &look->findings, &cost, &look->error);
	thread_wake(look->done_fd);
	return NULL;
}

int look_new(struct look **ret, const struct posture_sources *sources, struct error *err)
{
	_cleanup_(look_free_p) struct look *look = calloc(1, sizeof(*look));
	if (!look)
		return error_memory(err);
	if (thread_wake_open(&look->done_fd, err) < 0)
		return -1;
	if (posture_input_new(sources, &look->input, err) < 0)
		return -1;
	*ret = look;
	look = NULL;
	return 0;
}

int look_plan(const struct look *look, struct buf *out, struct error *err)
{
	return outbound_plan(posture_input_params(look->input), out, err);
}

int look_start(struct look *look, struct error *err)
{
	return thread_start(&look->thread, look_around, look, 0, err);
}

int look_fd(const struct look *look)
{
	return look->done_fd;
}

bool look_ended(struct look *look)
{
	return poll(&(struct pollfd){ .fd = look->done_fd, .events = POLLIN }, 1, 0) > 0;
}

int look_take(struct look *look, struct findings *ret, struct error *err)
{
	thread_join(&look->thread);
	if (look->result < 0) {
		*err = look->error;
		return -1;
	}
	*ret = look->findings;
	look->findings = (struct findings){ 0 };
	return 0;
}

void look_free(struct look *look)
{
	if (!look)
		return;
	thread_join(&look->thread);
	findings_fini(&look->findings);
	posture_input_free(look->input);
	close_p(&look->done_fd);
	free(look);
}

void look_free_p(struct look **look)
{
	look_free(*look);
	*look = NULL;
}
