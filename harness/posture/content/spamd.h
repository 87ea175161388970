/* A client of SpamAssassin's spamd (spamd/PROTOCOL of SpamAssassin, version 1.5). Private to harness/posture. */
#ifndef CONTENT_SPAMD_H
#define CONTENT_SPAMD_H

#include "harness/posture/content/spam_score.h"

/* Puts the message to the server at `HOST:PORT`; 783 is the default. *ret is left alone on failure; its rules
 * are the caller's to free. Errors: as dial and tls_stream_read; ERROR_REFUSED (spamd has a code of its own),
 * ERROR_PROTOCOL, ERROR_LIMIT, ERROR_CONFIG (the address), memory. Any thread. */
int spamd_ask(const char *address, struct span message, struct deadline deadline, struct spam_score *ret,
	      struct error *err);

/* Reads a whole response to REPORT. Errors as above. Pure. */
int spamd_read(struct span response, struct spam_score *ret, struct error *err);

#endif
