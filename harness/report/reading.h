/* What a report says of a run that an older version made. */
#ifndef REPORT_READING_H
#define REPORT_READING_H

#include "harness/base/buf.h"
#include "harness/model/facts.h"

/* Adds who made the run and what is judged differently now, a line each, and an empty line; nothing where that is
 * nothing. */
void reading_add(struct buf *out, const struct run_program *program);

#endif
