/* The matrix of a run: every probe with its judgement, grouped by provider. */
#ifndef JUDGE_MATRIX_H
#define JUDGE_MATRIX_H

#include <stddef.h>

#include "harness/base/error.h"
#include "harness/judge/judge.h"
#include "harness/model/facts.h"
#include "harness/model/evaluation.h"
#include "harness/model/trace.h"

struct matrix_row {
	const struct probe *probe;        /* borrowed from the run's facts */
	struct trace trace;               /* owned, as all below; zeroed for a probe that was not found */
	bool evaluated;                   /* the message was found whole, and the run has a snapshot of the DNS */
	struct evaluation evaluation;     /* our own */
	struct probe_evidence evidence;   /* may borrow from probe, trace and evaluation */
	struct probe_judgement judgement; /* by judge_probe */
};

struct matrix {
	struct matrix_row *rows; /* providers in the order of the plan, within one the order of the plan */
	size_t count;
	size_t verdicts[VERDICT_COUNT]; /* probes of each */
	size_t outcomes[OUTCOME_COUNT];
};

/* Takes `count` rows (a heap array, in the order of the plan) and orders and counts them. The rows are taken on failure
 * as well. Errors: memory. Free with matrix_fini. */
int matrix_init(struct matrix *ret, struct matrix_row *rows, size_t count, struct error *err);
void matrix_fini(struct matrix *matrix);

/* Frees what one row owns and leaves it zeroed, for who builds rows. */
void matrix_row_fini(struct matrix_row *row);

/* Exit status of run, resume, matrix and export: 1 when a probe fails; else 2 when one is unknown, or there is none at
 * all; else 0. */
int matrix_exit_status(const struct matrix *matrix);

#endif
