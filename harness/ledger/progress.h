/* What a run tells while it works. The receiver prints; the run itself never does. */
#ifndef LEDGER_PROGRESS_H
#define LEDGER_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

enum progress_kind {
	PROGRESS_PHASE,    /* text: what begins now */
	PROGRESS_READY,    /* a seed is logged in and its baseline noted */
	PROGRESS_PROBLEM,  /* a seed or the bounce mailbox cannot be read; text says why and the mend */
	PROGRESS_SENT,     /* the server accepted a message; text is its reply */
	PROGRESS_DEFERRED, /* a temporary refusal, or an attempt that failed before the handing over */
	PROGRESS_REJECTED,
	PROGRESS_IN_DOUBT, /* handed over without a reply */
	PROGRESS_FOUND,    /* seen in a mailbox for the first time; text is the folder */
	PROGRESS_MOVED,    /* seen in another folder, and no longer where it was before */
	PROGRESS_COPIED,   /* seen in several folders at once; text is the one that was found first */
	PROGRESS_GONE,     /* no longer where it was seen */
	PROGRESS_BOUNCED,  /* a failure notice came back */
	PROGRESS_DELAY,    /* a delay notice came back */
	PROGRESS_RETURNED, /* another message came back; text is its subject */
	PROGRESS_RETRY,    /* a connection was lost and is made again; text says why */
	PROGRESS_TICK,     /* nothing new, but the counts stand as they do now */
};

struct progress_event {
	enum progress_kind kind;
	const char *provider; /* "" where it is about no provider, and so for the two below */
	const char *seed;
	const char *message;
	const char *text; /* one escaped line, "" where there is nothing to say */
};

/* Where the probes of one provider stand. */
struct progress_counts {
	const char *provider;
	size_t probes;
	size_t sent;        /* accepted by the service's server, or in doubt */
	size_t delivered;   /* found in any folder */
	size_t inbox, spam; /* of those, by the last placement */
	size_t refused;     /* rejected or bounced */
	size_t waiting;     /* not settled */
	size_t not_tested;
};

struct progress {
	/* Called under a lock of the run, from any of its threads: it must be quick and must not call back. */
	void (*event)(void *user, const struct progress_event *event, const struct progress_counts *counts,
		      size_t count);
	void *user;
};

#endif
