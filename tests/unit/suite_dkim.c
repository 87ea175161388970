/* DKIM: dkim/messages.json, grammar/dkim-sig.json, grammar/dkim-txt.json. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/auth/dkim.h"
#include "harness/auth/dkim_key.h"
#include "harness/auth/dkim_signature.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/suites.h"

/* Later than every signature of the data, and than every expiry. */
#define NOW_MS 1700000000000

static void add_records(struct fake_dns *dns, json_t *zone)
{
	const char *name;
	json_t *rows, *row;
	size_t i, j;
	json_object_foreach(zone, name, rows) json_array_foreach(rows, i, row)
	{
		json_t *txt = json_object_get(row, "TXT"), *string;
		_cleanup_(buf_fini) struct buf text = BUF_INIT(65536);
		buf_add_str(&text, json_is_string(txt) ? json_string_value(txt) : "");
		json_array_foreach(txt, j, string) buf_add_str(&text, json_string_value(string));
		fake_dns_add(dns, span_of(name), DNS_TXT, buf_span(&text));
	}
}

static int evaluate(json_t *row, int64_t now_ms, struct dkim_evaluation *ret)
{
	struct fake_dns *dns = fake_dns_new();
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct header h;
	add_records(dns, json_object_get(row, "zone"));
	base64_add_decoded(&octets, span_of(json_string_value(json_object_get(row, "message_base64"))));
	if (header_parse(&h, buf_span(&octets), &err) < 0)
		return -1;
	struct auth_message message = { &h, span_sub(buf_span(&octets), h.body_offset, SIZE_MAX), false };
	int rc = dkim_evaluate(&message, now_ms, &dns->base, NULL, ret, &err);
	header_fini(&h);
	resolver_free(&dns->base);
	return rc;
}

/* The last second at which no signature has expired. */
static int64_t before_expiry(const struct dkim_evaluation *e)
{
	int64_t seconds = NOW_MS / 1000;
	for (size_t i = 0; i < e->count; i++)
		if (e->signatures[i].expiry >= 0 && e->signatures[i].expiry < seconds)
			seconds = e->signatures[i].expiry;
	return seconds * 1000;
}

static bool all_pass(const struct dkim_evaluation *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->signatures[i].result != AUTH_PASS)
			return false;
	return e->count > 0;
}

static bool is_message_right(json_t *row)
{
	const char *expected = json_string_value(json_object_get(row, "expected"));
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 }, earlier = { 0 };
	bool right;
	if (evaluate(row, NOW_MS, &e) < 0)
		return false;
	if (strcmp(expected, "pass") == 0)
		right = e.result == AUTH_PASS;
	else if (strcmp(expected, "not-pass") == 0)
		right = e.result != AUTH_PASS;
	else if (strcmp(expected, "either") == 0)
		right = e.count > 0;
	else
		right = e.result == AUTH_POLICY && evaluate(row, before_expiry(&e), &earlier) == 0 &&
			all_pass(&earlier);
	if (!right)
		printf("wrong: %s: not %s but %s\n", json_string_value(json_object_get(row, "name")), expected,
		       auth_result_name(e.result));
	for (size_t i = 0; i < e.count && !right; i++)
		printf("  %s: %s\n", auth_result_name(e.signatures[i].result), e.signatures[i].reason);
	return right;
}

/* What mox says of a case: `nil)` at the end is a field or record that it reads. */
static bool wants_good(json_t *row)
{
	const char *rest = json_string_value(json_object_get(row, "go_rest"));
	return strstr(rest, ", nil)") != NULL;
}

static bool is_signature_right(json_t *row)
{
	struct span input = span_of(json_string_value(json_object_get(row, "input")));
	_cleanup_(dkim_signature_fini) struct dkim_signature s = { 0 };
	struct error err = ERROR_INIT;
	static struct dkim_field f;
	struct header h;
	if (header_parse(&h, input, &err) < 0)
		return false;
	ptrdiff_t at = header_find(&h, "DKIM-Signature", 0);
	/* x=100 of a good case has passed long ago. */
	bool good = at >= 0 && dkim_signature_read(DKIM_SIGNATURE, &h.fields[at], 0, &f, &s, &err) > 0;
	header_fini(&h);
	if (good != wants_good(row))
		printf("wrong: %.*s: %s\n", SPAN_ARG(input), s.reason ? s.reason : "good");
	return good == wants_good(row);
}

static const char *disputed_because(json_t *row)
{
	const char *rest = json_string_value(json_object_get(row, "go_rest"));
	if (strstr(rest, "No UTF-8 allowed"))
		return "the field has UTF-8: by that the message is internationalised (RFC 6532 section 3.2)";
	if (strstr(rest, "hitespace after last"))
		return "white space is allowed anywhere around tags (RFC 6376 section 3.2)";
	return NULL;
}

static bool is_key_right(json_t *row)
{
	struct dkim_key key;
	struct error err = ERROR_INIT;
	if (dkim_key_read(&key, span_of(json_string_value(json_object_get(row, "input"))), &err) < 0)
		return false;
	bool good = key.problem[0] == '\0' || key.revoked;
	if (good != wants_good(row))
		printf("wrong: %s: %s\n", json_string_value(json_object_get(row, "input")), key.problem);
	dkim_key_fini(&key);
	return good == wants_good(row);
}

void suite_dkim(struct suite *suite)
{
	json_t *rows = suite_load(suite, "dkim/messages.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, is_message_right(row), NULL);
	json_decref(rows);
}

void suite_dkim_grammar(struct suite *suite)
{
	json_t *rows = suite_load(suite, "grammar/dkim-sig.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, is_signature_right(row), disputed_because(row));
	json_decref(rows);
	rows = suite_load(suite, "grammar/dkim-txt.json");
	json_array_foreach(rows, i, row) suite_count(suite, is_key_right(row), disputed_because(row));
	json_decref(rows);
}
