/* Runs the checks beside the thread of the run. */
#include "harness/run_posture/look.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/posture/checks.h"
#include "harness/posture/relay/outbound.h"
#include "harness/run_posture/posture_input.h"

struct look {
	struct posture_input *input;
	pthread_t thread;
	bool started;
	int done_fd, result;
	struct findings findings;
	struct error error;
};

static void *look_around(void *argument)
{
	struct look *look = argument;
	const uint64_t one = 1;
	struct posture_cost cost;
	look->result = posture_run(posture_input_params(look->input), &look->findings, &cost, &look->error);
	if (write(look->done_fd, &one, sizeof(one)) < 0)
		look->result = error_errno(&look->error, ERROR_BUG, RETRY_NEVER, errno,
					   "cannot say that a look has ended");
	return NULL;
}

int look_new(struct look **ret, const struct config *config, struct store *store, struct resolver *resolver,
	     struct log *log, struct error *err)
{
	_cleanup_(look_free_p) struct look *look = calloc(1, sizeof(*look));
	if (!look)
		return error_memory(err);
	look->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (look->done_fd < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "eventfd");
	const struct posture_sources sources = {
		.config = config, .store = store, .resolver = resolver, .log = log, .now_ms = clock_wall_ms()
	};
	if (posture_input_new(&sources, &look->input, err) < 0)
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
	int failed = pthread_create(&look->thread, NULL, look_around, look);
	if (failed)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, failed, "cannot start a thread");
	look->started = true;
	return 0;
}

int look_fd(const struct look *look)
{
	return look->done_fd;
}

bool look_ended(struct look *look)
{
	return poll(&(struct pollfd){ .fd = look->done_fd, .events = POLLIN }, 1, 0) > 0;
}

static void join(struct look *look)
{
	if (look->started)
		pthread_join(look->thread, NULL);
	look->started = false;
}

int look_take(struct look *look, struct findings *ret, struct error *err)
{
	join(look);
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
	join(look);
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
