/* Findings as members of a JSON object. For the JSON reports alone. */
#ifndef REPORT_CHECK_JSON_H
#define REPORT_CHECK_JSON_H

#include "harness/judge/posture.h"
#include "harness/report/json_writer.h"

/* Adds the members findings, rules, waivers and counts. */
void check_put_findings(struct writer *w, json_t *to, const struct posture_judgement *judgement);

#endif
