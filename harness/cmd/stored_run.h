/* A stored run, judged: what the reading commands begin with. */
#ifndef CMD_STORED_RUN_H
#define CMD_STORED_RUN_H

#include "harness/cmd/command.h"
#include "harness/cmd/output.h"
#include "harness/judge/matrix.h"
#include "harness/judge/posture.h"
#include "harness/report/run_report.h"
#include "store/run.h"

struct stored_run {
	struct store *store;
	struct run_facts facts;
	struct config *config; /* that it was judged by */
	struct matrix matrix;
	struct rules rules; /* these, and what they make of the findings, are empty where the run has none */
	struct waivers waivers;
	struct posture_judgement posture;
};

/* The id of a run as given on the command line (a number, or NULL for the newest; with `unfinished`, the newest that
 * has not finished). Errors: ERROR_USAGE. */
int stored_run_id(struct store *store, const char *operand, bool unfinished, int64_t *ret, struct error *err);

/* Loads and judges a run, by its own settings or, where judge_by is not NULL, by the configuration file of that name
 * (its problems go to standard error). Errors: ERROR_USAGE (no such run), ERROR_CONFIG, ERROR_STORE. */
int stored_run_load(struct stored_run *ret, struct store *store, int64_t id, const char *judge_by, enum store_load load,
		    struct error *err);

/* Opens the store for reading, and then as above with the first operand. ret->store is closed by stored_run_fini. */
int stored_run_open(struct stored_run *ret, const struct command_context *context, const char *operand,
		    const char *judge_by, enum store_load load, struct error *err);

/* The same with the probes of one seed alone, or its one of a message (NULL: all); the matrix may hold rows of other
 * seeds besides, and none where there is no such probe. */
int stored_run_open_seed(struct stored_run *ret, const struct command_context *context, const char *operand,
			 const char *seed, const char *message, const char *judge_by, struct error *err);
void stored_run_fini(struct stored_run *run);

/* Whether to colour what goes to standard output: a terminal, and NO_COLOR is not set (no-color.org). */
bool stored_run_colour(void);

/* What the reports are made of. Borrows from the run. */
struct run_report stored_run_report(const struct stored_run *run);

/* Prints the matrix as text on standard output and returns the exit code that it stands for. */
int stored_run_print(const struct stored_run *run, const struct command_context *context);

#endif
