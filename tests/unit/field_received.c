/* Received fields as servers write them: received.json. */
#include <string.h>

#include "harness/mail/received.h"
#include "tests/unit/suites.h"

/* Whether the data wants nothing of it, null, or what was read. */
static bool field_received_same(json_t *row, const char *key, struct span got)
{
	char text[1024];
	json_t *expected = json_object_get(row, key), *one;
	size_t i;
	if (!expected)
		return true;
	if (json_is_null(expected))
		return got.len == 0;
	json_array_foreach(expected, i, one) if (json_is_null(one) && got.len == 0) return true;
	return span_copy(got, text, sizeof(text)) && suite_is_any(expected, text);
}

/* The data writes the first version of TLS in both of its forms. */
static bool field_received_tls(json_t *row, enum hop_tls tls)
{
	json_t *expected = json_object_get(row, "tls");
	return !expected || suite_is_any(expected, hop_tls_name(tls)) ||
	       (tls == HOP_TLS_1_0 && suite_is_any(expected, "TLSv1"));
}

static bool field_received_right(json_t *row)
{
	const char *field = json_string_value(json_object_get(row, "field"));
	json_t *time = json_object_get(row, "time");
	struct received r;
	received_parse(&r, span_of(field));
	bool right = field_received_same(row, "from_ip", r.from_ip) && field_received_same(row, "helo", r.from_helo) &&
		     field_received_same(row, "name", r.from_name) && field_received_same(row, "by", r.by) &&
		     field_received_tls(row, r.tls) && (!json_is_boolean(time) || json_is_true(time) == r.has_time);
	if (!right)
		printf("wrong: %s: ip %.*s, helo %.*s, name %.*s, by %.*s, tls %s, %s\n  %s\n",
		       json_string_value(json_object_get(row, "id")), SPAN_ARG(r.from_ip), SPAN_ARG(r.from_helo),
		       SPAN_ARG(r.from_name), SPAN_ARG(r.by), hop_tls_name(r.tls), r.has_time ? "a time" : "no time",
		       field);
	return right;
}

void field_received(struct suite *suite)
{
	json_t *rows = suite_load(suite, "received.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, field_received_right(row), NULL);
	json_decref(rows);
}
