/* A client of Rspamd (its HTTP protocol, /checkv2). Private to harness/posture. */
#ifndef CONTENT_RSPAMD_H
#define CONTENT_RSPAMD_H

#include "harness/posture/content/spam_score.h"

/* Puts the message to the server at `http://HOST:PORT`. *ret is left alone on failure; its rules are the caller's to
 * free. Errors: as http_send; ERROR_REFUSED (a status other than 200), ERROR_PROTOCOL, memory. Any thread. */
int rspamd_ask(const char *url, struct span message, struct deadline deadline, struct spam_score *ret,
	       struct error *err);

/* Reads the JSON of a response. Errors: ERROR_PROTOCOL, memory. Pure. */
int rspamd_read(struct span json, struct spam_score *ret, struct error *err);

#endif
