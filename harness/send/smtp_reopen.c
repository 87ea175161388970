/* Pauses between attempts to connect. It must never let a server that refuses us be stormed. */
#include "harness/send/smtp_reopen.h"

enum { FIRST_MS = 1000, MOST_MS = 10 * 1000 };

void smtp_reopen_begun(struct smtp_reopen *reopen, int64_t now_ms)
{
	if (!reopen->since_ms)
		reopen->since_ms = now_ms;
}

bool smtp_reopen_failed(struct smtp_reopen *reopen, int64_t now_ms, bool connected, int64_t first_ms,
			int64_t unreachable_ms)
{
	if (reopen->at_ms <= now_ms) {
		int64_t wait_ms = first_ms < FIRST_MS ? first_ms : FIRST_MS;
		for (int i = 0; i < reopen->failures && wait_ms < MOST_MS; i++)
			wait_ms *= 2;
		reopen->failures++;
		reopen->at_ms = now_ms + (wait_ms < MOST_MS ? wait_ms : MOST_MS);
	}
	if (connected) {
		reopen->since_ms = 0;
		return false;
	}
	smtp_reopen_begun(reopen, now_ms);
	return reopen->at_ms - reopen->since_ms >= unreachable_ms;
}
