/* Checks of the posture over a zone, and what one fault in it changes. The test program defines check_entries with the
 * checks that it is about. */
#ifndef TESTS_POSTURE_BENCH_H
#define TESTS_POSTURE_BENCH_H

#include "harness/posture/engine/check.h"

/* Of the test program. */
extern const struct check_entry check_entries[];
extern const size_t check_entry_count;

/* How the DNS behaves. */
struct posture_dns {
	const char *zone;      /* in the form of a zone file; it is all of the DNS */
	const char *failed;    /* a name whose questions all fail; NULL */
	const char *remaining; /* a name whose TTLs are those of a cache; NULL */
	unsigned delay_ms;     /* of each round of questions */
	int64_t timeout_ms;    /* of the look; 0: long */
};

/* Runs; the resolver and the timeout of params are set here. Whatever goes wrong ends the test. */
void posture_look(const struct posture_dns *dns, const struct posture_params *params, struct findings *ret,
		  struct posture_cost *ret_cost);

/* The finding, which must be there. */
const struct finding *posture_finding(const struct findings *findings, const char *id, const char *subject);

struct posture_fault {
	const char *label;
	const char *line;     /* the beginning of a line of the zone, which is taken out; NULL: none */
	const char *instead;  /* lines that are put in; NULL: none */
	const char *failed;   /* as above */
	const char *changed;  /* what differs then, in the order of findings, and what is not there then: `spf.all bad,
				 spf.lookups gone` */
	const char *evidence; /* a part of that of the first of them */
	const char *mend;     /* the same */
};

/* Each fault by itself against the good case, in which all findings are good. */
void posture_faults(const char *zone, const struct posture_params *params, const struct posture_fault *faults,
		    size_t count);

#endif
