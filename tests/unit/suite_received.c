/* Received: received/spamassassin.json. */
#include "harness/mail/received.h"
#include "tests/unit/suites.h"

/* Where the data is held to be wrong, or of another purpose than ours; by the start of the field. */
static const struct {
	const char *start;
	const char *why;
} disputed[] = {
	{ "from 211.245.85.228  (EHLO ) (211.245.85.228) by mta232", "an address in front is no reverse name" },
};

static const char *disputed_because(const char *field)
{
	for (size_t i = 0; i < sizeof(disputed) / sizeof(disputed[0]); i++)
		if (strncmp(field, disputed[i].start, strlen(disputed[i].start)) == 0)
			return disputed[i].why;
	return NULL;
}

/* `key=value` of the expected line, a literal `!192.0.2.1!` as `[192.0.2.1]`. */
static void expected(const char *line, const char *key, char out[256])
{
	char wanted[32];
	snprintf(wanted, sizeof(wanted), " %s=", key);
	const char *at = strstr(line, wanted);
	struct span rest = span_of(at ? at + strlen(wanted) : ""), value;
	out[0] = '\0';
	if (!span_next(&rest, ' ', &value))
		return;
	if (value.len > 2 && value.p[0] == '!')
		snprintf(out, 256, "[%.*s]", (int)value.len - 2, value.p + 1);
	else
		span_copy(value, out, 256);
}

static bool is_right(const char *field, const char *line)
{
	struct received r;
	bool right = true;
	received_parse(&r, span_of(field));
	const struct {
		const char *key;
		struct span seen;
	} rows[] = { { "ip", r.from_ip }, { "rdns", r.from_name }, { "helo", r.from_helo },
		     { "by", r.by },      { "id", r.id },          { "envfrom", r.envelope_from } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char want[256];
		expected(line, rows[i].key, want);
		if (span_is(rows[i].seen, want))
			continue;
		printf("differs: %s is %.*s, not %s\n  %s\n", rows[i].key, SPAN_ARG(rows[i].seen), want, field);
		right = false;
	}
	return right;
}

void suite_received(struct suite *suite)
{
	json_t *rows = suite_load(suite, "received/spamassassin.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		const char *field = json_string_value(json_object_get(row, "received"));
		const char *line = json_string_value(json_object_get(row, "expected"));
		/* An empty expectation: there is nothing to be learnt from the field. */
		if (line[0] != '\0')
			suite_count(suite, is_right(field, line), disputed_because(field));
	}
	json_decref(rows);
}
