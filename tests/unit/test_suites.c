/* Runs the conformance data of others and counts it. Skipped where SUITES does not name its folder. */
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/compiler.h"
#include "tests/unit/suites.h"

static const struct {
	const char *name;
	suite_fn *run;
} suites[] = {
	{ "ARC validation (ValiMail)", suite_arc },
	{ "Authentication-Results (dkim_verifier)", suite_authres },
	{ "DKIM messages (dkimpy, mail-auth, Mail::DKIM, mailauth)", suite_dkim },
	{ "DKIM signatures and keys (mox)", suite_dkim_grammar },
	{ "DMARC (mailauth, RFC 9989)", suite_dmarc },
	{ "DMARC records (mox)", suite_dmarc_record },
	{ "MTA-STS records and policies (mox)", suite_mta_sts },
	{ "public suffix list (publicsuffix.org)", suite_psl },
	{ "Received (SpamAssassin)", suite_received },
	{ "SPF (openspf)", suite_spf },
	{ "SPF records (mox)", suite_spf_record },
	{ "TLS reporting records (mox)", suite_tls_rpt },
};

json_t *suite_load(const struct suite *suite, const char *name)
{
	char path[4096];
	json_error_t why;
	snprintf(path, sizeof(path), "%s/%s", suite->folder, name);
	json_t *data = json_load_file(path, JSON_ALLOW_NUL, &why);
	if (!data) {
		printf("%s: %s\n", path, why.text);
		exit(1);
	}
	return data;
}

void suite_count(struct suite *suite, bool right, const char *disputed)
{
	suite->total++;
	suite->right += right;
	if (!right && disputed) {
		suite->disputed++;
		printf("disputed: %s\n", disputed);
	}
}

int main(void)
{
	const char *folder = getenv("SUITES");
	size_t total = 0, right = 0, disputed = 0;
	if (!folder) {
		printf("skipped: SUITES does not name the folder of the conformance data\n");
		return 77;
	}
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		struct suite suite = { .folder = folder };
		suites[i].run(&suite);
		printf("conformance: %s: %zu of %zu right, %zu disputed\n", suites[i].name, suite.right, suite.total,
		       suite.disputed);
		if (suite.total == 0)
			return 1;
		total += suite.total;
		right += suite.right;
		disputed += suite.disputed;
	}
	printf("conformance: %zu of %zu right, %zu disputed, %zu wrong\n", right, total, disputed,
	       total - right - disputed);
	return right + disputed == total ? 0 : 1;
}
