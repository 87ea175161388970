/* When a message arrived, as far as that is known. Nobody may have been looking at that moment: then the mailbox's own
 * note (INTERNALDATE) dates it, and what remains is bounds. Pure. */
#ifndef JUDGE_ARRIVAL_H
#define JUDGE_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What dates an arrival. Times are wall-clock milliseconds; 0 where there is none. */
struct arrival_facts {
	int64_t handed_over_ms; /* our octets left */
	int64_t accepted_ms;    /* the 2xx came */
	int64_t absent_ms;      /* the folder was read, and the message was not in it */
	int64_t seen_ms;        /* the message was seen */
	int64_t internal_ms;    /* INTERNALDATE: a whole second of the mailbox's clock (RFC 3501 section 2.3.3) */
};

/* This machine's clock was set by shift_ms (negative: back) at or shortly before at_ms, which is by the new setting. */
struct arrival_clock_set {
	int64_t at_ms, shift_ms;
};

struct arrival {
	int64_t earliest_ms, latest_ms; /* bounds; both 0 where it was never seen */
	int64_t seen_ms;
	bool by_mailbox_clock; /* it had arrived clearly before it was seen, as the mailbox's clock says */
	bool at_the_end;       /* the folder was read at the end of the run only */
	bool clock_wrong;      /* the mailbox's clock contradicts ours, so that what it says does not count */
	int64_t clock_set_ms;  /* this machine's clock was set meanwhile by so much (negative: back), which widens the
				  bounds; 0: it was not */
};

/* How long after the acceptance. */
enum arrival_time {
	ARRIVAL_IN_TIME,
	ARRIVAL_LATE,
	ARRIVAL_OPEN, /* the bounds do not decide it, or it is not known when the message was accepted */
};

/* Whether the mailbox's clock contradicts ours by more than two seconds: a date after the sight, or before the handing
 * over or a reading that did not find the message. False where there is no date. */
bool arrival_contradicts(const struct arrival_facts *facts);

/* The bounds. clock_wrong: what arrival_contradicts says of this or another message of the mailbox; its dates then do
 * not count. at_the_end stays false: who knows it sets it. */
void arrival_find(const struct arrival_facts *facts, bool clock_wrong, const struct arrival_clock_set *sets,
		  size_t set_count, struct arrival *ret);

/* Least and most milliseconds from the acceptance to the arrival, never negative: a message can be in the mailbox
 * before the reply has come back. -1 where it was not accepted or never seen. */
int64_t arrival_least_ms(const struct arrival *arrival, int64_t accepted_ms);
int64_t arrival_most_ms(const struct arrival *arrival, int64_t accepted_ms);

enum arrival_time arrival_within(const struct arrival *arrival, int64_t accepted_ms, int64_t within_ms);

#endif
