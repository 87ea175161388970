/* Whole headers as providers leave them: headers.json and headers/. */
#include <string.h>

#include "harness/base/file.h"
#include "tests/unit/judged.h"
#include "tests/unit/suites.h"

static const char *headers_text(json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* A message that is right so far: says what is not. */
static bool headers_is(bool right, const char *file, const char *what, const char *got)
{
	if (!right)
		printf("wrong: %s: %s is %s\n", file, what, got);
	return right;
}

/* Whether `got` is what the data wants, which is not tested where it is null. */
static bool headers_matches(json_t *row, const char *key, const char *got)
{
	json_t *expected = json_object_get(row, key);
	return !expected || json_is_null(expected) ||
	       headers_is(suite_is_any(expected, got), headers_text(row, "file"), key, got);
}

static bool headers_sender_is(json_t *row, const struct sender *sender)
{
	char client[IP_TEXT_MAX], text[300];
	const char *envelope = headers_text(row, "envelope_sender");
	bool right = headers_matches(row, "client", sender->has_client ? ip_format(&sender->client, client) : "");
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(sender->helo));
	right = headers_matches(row, "helo", text) && right;
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(sender->mail_from));
	return (!envelope ||
		headers_is(strcmp(text, JUDGED_MAIL_FROM) == 0, headers_text(row, "file"), "envelope_sender", text)) &&
	       right;
}

static bool headers_results_are(json_t *row, const struct probe_evidence *e)
{
	bool right = true;
	for (int m = 0; m < AUTH_METHOD_COUNT; m++) {
		const char *name = auth_method_name((enum auth_method)m);
		json_t *one, *wanted = NULL;
		size_t i;
		json_array_foreach(json_object_get(row, "results"), i,
				   one) if (strcmp(headers_text(one, "method"), name) == 0)
		    wanted = json_object_get(one, "result");
		const char *got = auth_result_name(e->theirs[m].result);
		right = headers_is(wanted ? suite_is_any(wanted, got) : e->theirs[m].result == AUTH_NOT_REPORTED,
				   headers_text(row, "file"), name, got) &&
			right;
	}
	return right;
}

static bool headers_row_is(json_t *row, const struct judged *j)
{
	const struct probe_evidence *e = &j->row->evidence;
	const struct spf_evaluation *spf = &j->row->evaluation.spf;
	const char *verdict = verdict_name(j->row->judgement.verdict), *not = headers_text(row, "verdict_not");
	bool right = headers_results_are(row, e);
	right = headers_sender_is(row, &j->sender) && right;
	right = headers_matches(row, "tls", hop_tls_name(e->tls)) && right;
	right = headers_matches(row, "own_spf", spf->evaluated ? auth_result_name(spf->result) : "") && right;
	right = headers_matches(row, "verdict", verdict) && right;
	if (not &&strcmp(not, verdict) == 0)
		right = headers_is(false, headers_text(row, "file"), "verdict", verdict);
	if (!right)
		printf("  %s\n", j->row->judgement.reason);
	return right;
}

static bool headers_is_right(const struct suite *suite, json_t *row)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct header h;
	char path[4096];
	const char *profile = headers_text(row, "profile"), *config = headers_text(row, "config");
	bool own = strcmp(profile, "own") == 0;
	snprintf(path, sizeof(path), "%s/%s", suite->folder, headers_text(row, "file"));
	if (file_read(path, &text, &err) < 0 || header_parse(&h, buf_span(&text), &err) < 0)
		return headers_is(false, path, "the file", err.text);
	struct judged j;
	judged_make(&j, &(struct judged_request){ .provider = own ? "own" : profile,
						  .config = config ? config : "",
						  .header = span_sub(buf_span(&text), 0, h.body_offset - 1),
						  .sent = "From",
						  .is_signed = true });
	header_fini(&h);
	bool right = headers_row_is(row, &j);
	judged_fini(&j);
	return right;
}

void field_headers(struct suite *suite)
{
	json_t *rows = suite_load(suite, "headers.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, headers_is_right(suite, row), NULL);
	json_decref(rows);
}
