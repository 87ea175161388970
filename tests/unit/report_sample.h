/* A judged run for the tests of the reports. */
#ifndef REPORT_SAMPLE_H
#define REPORT_SAMPLE_H

#include <stddef.h>

#include "harness/judge/matrix.h"
#include "harness/model/facts.h"
#include "harness/report/run_report.h"

enum {
	SAMPLE_DELIVERED, /* alpha, ana: moved from other:Neu to the inbox, everything filled, all pass */
	SAMPLE_HOSTILE,   /* alpha, =cmd(): bounced, hostile octets in every text */
	SAMPLE_MISSING,   /* bravo, bob: missing */
	SAMPLE_UNREAD,    /* charlie, cy: not tested */
	SAMPLE_COUNT
};

/* Octets that none of the reports may hand on as they are: an escape sequence, a line end, a quote, a NUL-free run of
 * invalid UTF-8, a right-to-left override. */
#define SAMPLE_HOSTILE_TEXT "\x1b[2J\r\n\"\xff\xc3(\xe2\x80\xae<&,;"

struct sample {
	struct run_summary run;
	struct probe probes[SAMPLE_COUNT];
	struct matrix matrix; /* its rows are in the order of the enumeration */
	struct findings findings;
	struct rules rules;
	struct waivers waivers;
	struct posture_judgement posture; /* a finding of each result, one of them hostile, and waivers of each state */
	struct run_program program;
	struct run_report report; /* of all that is above */
};

void sample_init(struct sample *s);
void sample_fini(struct sample *s);

/* Fills every member; where `hostile`, every text is `text`. */
void sample_fill_evaluation(struct evaluation *e, const char *text, bool hostile);

/* Fills findings, rules, waivers and posture; called by sample_init. */
void sample_fill_findings(struct sample *s, int64_t at_ms);

/* The content of a file below the top source folder; the caller frees it. */
char *sample_read_source(const char *path);

#endif
