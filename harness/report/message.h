/* What the header of a message says, as text. */
#ifndef REPORT_MESSAGE_H
#define REPORT_MESSAGE_H

#include "harness/base/buf.h"
#include "harness/model/trace.h"

/* Add a heading and whole lines: the way through the Received fields with delays; every authentication result, whether
 * trusted or not. Foreign octets are escaped. */
void message_add_hops(struct buf *out, const struct trace *trace);
void message_add_results(struct buf *out, const struct trace *trace);

#endif
