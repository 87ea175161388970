/* What a Received field says of TLS: for received.c alone. */
#ifndef MAIL_RECEIVED_TLS_H
#define MAIL_RECEIVED_TLS_H

#include <stdbool.h>

#include "harness/base/span.h"
#include "harness/model/words.h"

struct received_tls {
	struct span version; /* as written: `TLSv1.3`, `TLS1_2`, `Tls12`, `TLS 1.2`; empty where not said */
	struct span cipher;  /* as written */
	bool secured;        /* it is said that there was TLS, maybe without a version: `(TLS)`, `with STARTTLS` */
};

/* Takes in the inside of a comment, if that is about TLS. `clients`: the comment stands behind `from`, where it may
 * begin with a name of the client's choice, so that only forms which no name has count. Returns whether it was about
 * TLS. */
bool received_tls_comment(struct received_tls *t, struct span inner, bool clients);

/* Takes in a word outside of comments where a protocol is expected. Returns whether it is about TLS and no protocol:
 * `STARTTLS`, `TLSv1.3:` (a cipher suite follows). */
bool received_tls_word(struct received_tls *t, struct span word);

/* Takes in the word behind `tls`, a cipher suite. */
void received_tls_suite(struct received_tls *t, struct span word);

/* What all of it comes to, the protocol of the `with` clause included (RFC 3848, RFC 6531 section 4.3, and forms such
 * as `ESMTP/TLS/CIPHER`, `ESMTP-TLS`), whose cipher suite is taken in. */
enum hop_tls received_tls_result(struct received_tls *t, struct span with);

#endif
