/* Records as they are to be published, for mends: lines of a zone file. Whatever does not fit into `out` is left out as
 * a whole. */
#ifndef ENGINE_PUBLISH_H
#define ENGINE_PUBLISH_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

enum { PUBLISH_TTL = 3600 };

/* Adds `NAME. 3600 IN TXT "..."`; what is longer than 255 octets in several strings. */
void publish_txt(struct buf *out, const char *name, struct span text);

/* The same of a record that was put together; one that did not fit is never published in part: *out fails too. */
void publish_buf(struct buf *out, const char *name, const struct buf *text);

/* Adds `NAME. 3600 IN TYPE DATA`. */
void publish(struct buf *out, const char *name, const char *type, const char *data);

#endif
