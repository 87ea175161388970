/* From the header of a found message to plain data. Private to assessment. */
#ifndef ASSESS_ASSESS_TRACE_H
#define ASSESS_ASSESS_TRACE_H

#include "harness/base/error.h"
#include "harness/mail/theirs.h"
#include "harness/model/facts.h"
#include "harness/model/trace.h"

/* The places of a probe, each once: those that it has left, in order of time; then those where it is, the one that
 * counts last (places.h). A view (folder_role_is_view) is none where the message is in a folder too. */
int trace_places(const struct probe *probe, struct trace *ret, struct error *err);

/* Hops, results, Return-Path and Message-ID of a header that was read. `sealed_by`: domain of the seal by which
 * theirs->sealed has been proved; only read where there is such a field. */
int trace_theirs(const struct theirs *theirs, const char *sealed_by, struct trace *ret, struct error *err);

#endif
