/* Authentication-Results as servers write them: authres.json. */
#include <string.h>

#include "harness/mail/theirs.h"
#include "tests/unit/suites.h"

static bool authres_results_are(json_t *row, const struct theirs *t)
{
	const enum auth_result results[] = { t->spf, t->dkim, t->dmarc };
	bool right = true;
	for (int m = 0; m < AUTH_METHOD_COUNT; m++) {
		const char *name = auth_method_name((enum auth_method)m), *got = auth_result_name(results[m]);
		json_t *one, *wanted = NULL;
		size_t i;
		json_array_foreach(json_object_get(row, "results"), i, one)
		{
			if (strcmp(json_string_value(json_object_get(one, "method")), name) == 0)
				wanted = json_object_get(one, "result");
		}
		if (wanted ? suite_is_any(wanted, got) : results[m] == AUTH_NOT_REPORTED)
			continue;
		printf("wrong: %s: %s is %s\n", json_string_value(json_object_get(row, "id")), name, got);
		right = false;
	}
	return right;
}

static bool authres_is_right(json_t *row)
{
	static const char *const any[] = { "*", NULL };
	static const struct theirs_profile profile = { .own_hops = any, .authserv_ids = any, .no_authserv_id = true };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct header h;
	struct theirs t;
	buf_addf(&text,
		 "Authentication-Results: %s\r\nReceived: from m.example.org (m.example.org [192.0.2.10]) by "
		 "mx.example.net with ESMTPS id 1\r\nFrom: a@example.org\r\n\r\n",
		 json_string_value(json_object_get(row, "field")));
	if (header_parse(&h, buf_span(&text), &err) < 0)
		return false;
	bool right = theirs_read(&t, &h, &profile, NULL, &err) == 0;
	if (right) {
		right = authres_results_are(row, &t);
		theirs_fini(&t);
	}
	header_fini(&h);
	return right;
}

void field_authres(struct suite *suite)
{
	json_t *rows = suite_load(suite, "authres.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, authres_is_right(row), NULL);
	json_decref(rows);
}
