/* Runs inputs from the field and holds them against their right values. Skipped where FIELD_CASES does not name their
 * folder. */
#include "harness/base/compiler.h"
#include "tests/unit/shipped.h"
#include "tests/unit/suites.h"

static const struct suite_row rows[] = {
	{ "Authentication-Results", field_authres },
	{ "headers of providers", field_headers },
	{ "what comes back", field_dsn },
	{ "From", field_from },
	{ "Received", field_received },
	{ "IMAP", field_imap },
	{ "SPF", field_spf },
	{ "templates", field_templates },
	{ "configurations", field_config },
	{ "signing in to SMTP", field_smtp_auth },
	{ "TLS", field_tls },
};

int main(void)
{
	use_shipped_data(NULL);
	return suites_run("FIELD_CASES", rows, ARRAY_LEN(rows));
}
