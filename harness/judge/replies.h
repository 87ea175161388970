/* What the replies of servers mean: cause and fix in words, for the codes and phrases of the big providers. The table
 * is data, in replies_table.c. */
#ifndef JUDGE_REPLIES_H
#define JUDGE_REPLIES_H

#include <stddef.h>

#include "harness/base/span.h"
#include "harness/model/words.h"

/* Whose matter it is. */
enum reply_about {
	REPLY_ABOUT_SENDER,        /* the sending service, its servers, its DNS */
	REPLY_ABOUT_SEED_FULL,     /* the seed mailbox has no room: nothing was tested */
	REPLY_ABOUT_SEED_DISABLED, /* the seed mailbox takes no mail: likewise */
	REPLY_ABOUT_SEED_UNKNOWN,  /* no mailbox of that name: likewise where the seed cannot be signed in to either */
};

struct reply_meaning {
	const char *status; /* `5.7.515`; `.7.26` for class 4 and 5; NULL: any */
	const char *mark;   /* words of the reply, or of the name of its server, ASCII case folded; NULL: any */
	enum reply_about about;
	unsigned methods;  /* 1u << METHOD_...: what it says did not pass */
	const char *cause; /* a sentence without its stop, as fix */
	const char *fix;
};

/* The rows, most particular first. Of one reply the first row counts that fits. */
extern const struct reply_meaning reply_meanings[];
extern const size_t reply_meaning_count;

/* The meaning of a reply: `status` as the notification gives it, `text` of the server (it may hold the status too),
 * `server` its name; each may be NULL. NULL where no row fits. Pure. */
const struct reply_meaning *reply_meaning_find(const char *status, const char *text, const char *server);

#endif
