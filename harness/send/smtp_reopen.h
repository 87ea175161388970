/* When to connect again after a connection could not be opened, and when to call the server unreachable. Pure: the
 * clock is handed in. */
#ifndef SEND_SMTP_REOPEN_H
#define SEND_SMTP_REOPEN_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing has failed. Times are monotonic milliseconds. */
struct smtp_reopen {
	int failures;     /* in a row */
	int64_t since_ms; /* when the first of them was begun; 0: none is known of */
	int64_t at_ms;    /* no connection is opened before then */
};

/* A connection is being opened. */
void smtp_reopen_begun(struct smtp_reopen *reopen, int64_t now_ms);

/* It failed. The pauses grow from first_ms (at most a second) twofold to ten seconds; failures at about the same time
 * count as one. `connected`: others are up, so the server is there. Returns whether the server is to be called
 * unreachable: the next try would come unreachable_ms or more after the first. */
bool smtp_reopen_failed(struct smtp_reopen *reopen, int64_t now_ms, bool connected, int64_t first_ms,
			int64_t unreachable_ms);

#endif
