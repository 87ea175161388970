/* Rules for mail as dated data: what providers and public bodies demand of a sender, since when, and which findings
 * (doc/findings.md) show whether it is so. A rule pack is an INI file with one section for each rule:
 *
 *	[rule gmail.tls]
 *	text = Mail is handed over with TLS.
 *	since = 2024-02-01
 *	severity = fail
 *	source = https://support.google.com/mail/answer/81126
 *	findings = mx.starttls, outbound.*
 *
 * Since a rule has the day from which it holds, an old run can be judged by the rules of its day. */
#ifndef JUDGE_RULE_H
#define JUDGE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/ini.h"

struct rule {
	char *id;         /* `gmail.tls` */
	char *text;       /* one sentence, escaped, as source */
	char *source;     /* where it is demanded */
	int64_t since_ms; /* wall clock: the first moment at which it holds */
	bool fails;       /* severity = fail; else a breach is a warning */
	char **findings;  /* ids it demands; `GROUP.*` is every id of a group */
	size_t finding_count;
};

struct rules {
	struct rule *v; /* in the order in which they were added */
	size_t count;
	size_t cap;
};

/* Adds all rules of a pack. Errors: ERROR_CONFIG as `file:line: what is wrong`, also where the file itself has mistakes
 * or an id is there already; *rules may then hold a part. Memory. */
int rules_add(struct rules *rules, const struct ini *pack, struct error *err);
void rules_fini(struct rules *rules); /* leaves it zeroed */

/* Whether the rule demands the finding of that id. */
bool rule_demands(const struct rule *rule, const char *finding);

#endif
