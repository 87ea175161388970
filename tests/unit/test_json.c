/* JSON: valid whatever the facts hold, members as documented. */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/model/reading.h"
#include "harness/report/json.h"
#include "tests/unit/json_paths.h"
#include "tests/unit/report_sample.h"

static int add(void *out, struct span octets, struct error *err)
{
	buf_add_span(out, octets);
	return buf_check(out, "the report", err);
}

static json_t *report(struct sample *s)
{
	struct error err = ERROR_INIT;
	json_error_t where;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	assert_int_equal(report_json(&s->report, &(struct report_sink){ add, &out }, &err), 0);
	assert_true(utf8_valid(buf_span(&out)));
	assert_int_equal(out.p[out.len - 1], '\n');
	json_t *root = json_loadb(out.p, out.len, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		fail_msg("line %d: %s", where.line, where.text);
	/* Written in pieces, and yet as one would write it whole. */
	char *whole = json_dumps(root, JSON_INDENT(2));
	assert_int_equal(strlen(whole) + 1, out.len);
	assert_memory_equal(whole, out.p, out.len - 1);
	free(whole);
	return root;
}

static json_t *probe_of(json_t *root, size_t row)
{
	json_t *probe = json_array_get(json_object_get(root, "probes"), row);
	assert_non_null(probe);
	return probe;
}

static const char *string(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_string(value))
		fail_msg("%s is no string", key);
	return json_string_value(value);
}

static void report_says_what_was_judged(void **state)
{
	struct sample s;
	sample_init(&s);
	json_t *root = report(&s);
	assert_int_equal(json_integer_value(json_object_get(root, "schema")), JSON_SCHEMA);
	assert_int_equal(json_integer_value(json_object_get(root, "exit_status")), 1);
	assert_int_equal(json_array_size(json_object_get(root, "probes")), SAMPLE_COUNT);
	json_t *verdicts = json_object_get(json_object_get(root, "counts"), "verdicts");
	assert_int_equal(json_integer_value(json_object_get(verdicts, "fail")), 2);
	json_t *run = json_object_get(root, "run");
	assert_string_equal(string(run, "label"), "after, \"SPF\" change");
	assert_string_equal(string(run, "created"), "2026-11-23T09:30:00.000Z");

	json_t *findings = json_object_get(json_object_get(root, "check"), "findings");
	assert_int_equal(json_array_size(findings), s.findings.count);
	assert_string_equal(string(json_array_get(findings, 1), "id"), "mx.starttls");

	json_t *probe = probe_of(root, SAMPLE_DELIVERED);
	assert_string_equal(string(probe, "outcome"), "delivered");
	assert_string_equal(string(probe, "placement"), "inbox");
	assert_string_equal(string(probe, "tls"), "TLSv1.3");
	assert_int_equal(json_integer_value(json_object_get(probe, "latency_ms")), 340);
	json_t *cell = json_array_get(json_object_get(probe, "cells"), 2);
	assert_string_equal(string(cell, "name"), "spf");
	assert_string_equal(string(cell, "expected"), "pass");
	json_t *place = json_array_get(json_object_get(probe, "places"), 0);
	assert_string_equal(string(place, "placement"), "other:Neu");
	json_t *hop = json_array_get(json_object_get(probe, "received"), 0);
	assert_int_equal(json_integer_value(json_object_get(hop, "delay_ms")), -1500);
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(probe, "received"), 1), "delay_ms")));
	json_decref(root);
	sample_fini(&s);
}

static void a_run_without_a_look_at_the_domain_says_so(void **state)
{
	struct sample s;
	sample_init(&s);
	s.report.posture = NULL;
	json_t *root = report(&s);
	assert_true(json_is_null(json_object_get(root, "check")));
	json_decref(root);
	sample_fini(&s);
}

static void what_does_not_apply_is_null(void **state)
{
	static const char *const keys[] = { "placement", "spf", "dkim", "dmarc", "tls", "latency_ms", "return_path" };
	struct sample s;
	sample_init(&s);
	json_t *root = report(&s);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!json_is_null(json_object_get(probe_of(root, SAMPLE_MISSING), keys[i])))
			fail_msg("%s is not null", keys[i]);
	json_decref(root);
	sample_fini(&s);
}

static void hostile_octets_are_escaped_and_read_back_as_text(void **state)
{
	static const char escaped[] = "\\x1b[2J\\x0d\\x0a\"\\xff\\xc3(\\u{202e}<&,;";
	struct sample s;
	sample_init(&s);
	json_t *root = report(&s), *probe = probe_of(root, SAMPLE_HOSTILE);
	assert_string_equal(string(probe, "message"), escaped);
	assert_string_equal(string(probe, "return_path"), escaped);
	json_t *results = json_array_get(json_object_get(probe, "authentication_results"), 1);
	assert_string_equal(string(results, "authserv_id"), escaped);
	json_t *method = json_array_get(json_object_get(results, "methods"), 0);
	json_t *property = json_array_get(json_object_get(method, "properties"), 0);
	assert_string_equal(json_string_value(json_array_get(property, 2)), escaped);
	json_decref(root);
	sample_fini(&s);
}

static void a_report_says_what_the_run_was_made_with(void **state)
{
	struct sample s;
	sample_init(&s);
	json_t *root = report(&s), *program = json_object_get(root, "program");
	assert_string_equal(string(program, "version"), "0.9\\x1b");
	assert_int_equal(json_integer_value(json_object_get(program, "reading")), 1);
	assert_true(json_array_size(json_object_get(program, "changes")) > 0);
	json_decref(root);
	s.program = (struct run_program){ NULL, 0 };
	root = report(&s);
	program = json_object_get(root, "program");
	assert_true(json_is_null(json_object_get(program, "version")));
	assert_true(json_is_null(json_object_get(program, "reading")));
	assert_true(json_array_size(json_object_get(program, "changes")) > 0);
	json_decref(root);
	s.program.reading = READING_VERSION;
	root = report(&s);
	assert_int_equal(json_array_size(json_object_get(json_object_get(root, "program"), "changes")), 0);
	json_decref(root);
	sample_fini(&s);
}

static void members_are_documented_and_nothing_else(void **state)
{
	struct sample s;
	sample_init(&s);
	json_t *root = report(&s);
	/* What is in these stands in pages of their own. */
	json_paths_assert_documented(root, "check,probes[].evaluation", "doc/json.md", JSON_SCHEMA);
	json_decref(root);
	sample_fini(&s);
}

static void a_report_without_probes_is_written_as_well(void **state)
{
	struct sample s;
	sample_init(&s);
	const struct matrix *all = s.report.matrix;
	const struct matrix none = { 0 };
	s.report.matrix = &none;
	json_t *root = report(&s);
	assert_int_equal(json_array_size(json_object_get(root, "probes")), 0);
	s.report.matrix = all;
	json_decref(root);
	sample_fini(&s);
}

/* Whenever that is: at its beginning, within a probe, at its end. */
static void a_report_that_cannot_be_written_is_an_error(void **state)
{
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf whole = BUF_INIT(1024 * 1024);
	sample_init(&s);
	assert_int_equal(report_json(&s.report, &(struct report_sink){ add, &whole }, &err), 0);
	for (size_t room = 1; room < whole.len; room += whole.len / 7) {
		_cleanup_(buf_fini) struct buf out = BUF_INIT(room);
		err = (struct error)ERROR_INIT;
		assert_int_equal(report_json(&s.report, &(struct report_sink){ add, &out }, &err), -1);
		assert_int_equal(err.kind, ERROR_LIMIT);
	}
	sample_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_says_what_was_judged),
		cmocka_unit_test(a_run_without_a_look_at_the_domain_says_so),
		cmocka_unit_test(what_does_not_apply_is_null),
		cmocka_unit_test(hostile_octets_are_escaped_and_read_back_as_text),
		cmocka_unit_test(a_report_says_what_the_run_was_made_with),
		cmocka_unit_test(members_are_documented_and_nothing_else),
		cmocka_unit_test(a_report_without_probes_is_written_as_well),
		cmocka_unit_test(a_report_that_cannot_be_written_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
