/* What the reports on a run are made of. Plain data. */
#ifndef REPORT_RUN_REPORT_H
#define REPORT_RUN_REPORT_H

#include "harness/judge/matrix.h"
#include "harness/judge/posture.h"
#include "harness/model/facts.h"

/* All borrowed. */
struct run_report {
	const struct run_summary *run;
	const struct posture_judgement *posture; /* NULL: the run took no look at the sending domain */
	const struct matrix *matrix;
	int exit_status; /* of the command that reports */
	const struct run_program *program;
};

#endif
