/* Records as they are to be published, for mends: lines of a zone file. Whatever does not fit into `out` is left out as
 * a whole. */
#ifndef ENGINE_PUBLISH_H
#define ENGINE_PUBLISH_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

enum { PUBLISH_TTL = 3600 };

/* Adds `NAME. 3600 IN TXT "..."`; what is longer than 255 octets in several strings. */
void publish_txt(struct buf *out, const char *name, struct span text);

/* Adds `NAME. 3600 IN TYPE DATA`. */
void publish(struct buf *out, const char *name, const char *type, const char *data);

#endif
