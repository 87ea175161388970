/* What is looked at in each message. Every function reports its findings under the message's name. Private to
 * harness/posture. */
#ifndef CONTENT_CONTENT_CHECKS_H
#define CONTENT_CONTENT_CHECKS_H

#include "harness/posture/content/content.h"

typedef void content_fn(struct check *check, const struct content *content);

content_fn content_check_header;      /* Date, Message-ID, From */
content_fn content_check_unsubscribe; /* of a marketing stream: RFC 8058 */
content_fn content_check_body;        /* what is shown: placeholders, a test, images, attachments, size */
content_fn content_check_form;        /* MIME, lines, charsets */
content_fn content_check_links;       /* as they are written */
content_fn content_check_reach;       /* what the links' hosts say */
content_fn content_check_spamd;       /* SpamAssassin's opinion, where there is one */
content_fn content_check_rspamd;      /* Rspamd's */

#endif
