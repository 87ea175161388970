/* Findings of a run. They are loaded with the run. */
#include "store/finding.h"

#include "store/db.h"

static int add_finding(struct store *store, int64_t run, const struct finding *finding, struct error *err)
{
	struct statement *s = db_statement(
	    store,
	    "INSERT INTO finding (run, name, subject, state, evidence, mend, at_ms, seen_version, seen_sha256)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (!s)
		return -1;
	db_number(s, 1, run);
	db_text(s, 2, finding->id);
	db_text(s, 3, finding->subject);
	db_text(s, 4, finding_state_name(finding->state));
	db_text(s, 5, finding->evidence);
	db_text(s, 6, finding->mend);
	db_number(s, 7, finding->at_ms);
	db_text(s, 8, finding->seen_version);
	db_text(s, 9, finding->seen_sha256);
	return db_run(store, s, "cannot store a finding", err);
}

int store_findings_add(struct store *store, int64_t run, const struct findings *findings, struct error *err)
{
	int result = 0;
	if (db_begin(store, err) < 0)
		return -1;
	for (size_t i = 0; i < findings->count && result == 0; i++)
		result = add_finding(store, run, &findings->v[i], err);
	return db_end(store, result, err);
}
