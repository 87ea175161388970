/* CSV: quoting, harmless cells, rows that read back, columns as documented. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/report/csv.h"
#include "tests/unit/report_sample.h"

static void cells_are_quoted_and_harmless(void **state)
{
	static const struct {
		const char *label;
		struct span value;
		const char *written;
	} rows[] = {
		{ "empty", SPAN_LIT(""), "" },
		{ "plain", SPAN_LIT("delivered"), "delivered" },
		{ "comma", SPAN_LIT("a,b"), "\"a,b\"" },
		{ "quote", SPAN_LIT("say \"hi\""), "\"say \"\"hi\"\"\"" },
		{ "only a quote", SPAN_LIT("\""), "\"\"\"\"" },
		{ "line end is escaped", SPAN_LIT("a\r\nb"), "a\\x0d\\x0ab" },
		{ "NUL is escaped", SPAN_LIT("a\0b"), "a\\x00b" },
		{ "escape sequence", SPAN_LIT("\x1b[2J"), "\\x1b[2J" },
		{ "invalid UTF-8", SPAN_LIT("\xff,"), "\"\\xff,\"" },
		{ "UTF-8", SPAN_LIT("Entw\xc3\xbcrfe"), "Entw\xc3\xbcrfe" },
		{ "right-to-left override", SPAN_LIT("\xe2\x80\xaetxt"), "\\u{202e}txt" },
		{ "equals", SPAN_LIT("=1+1"), "'=1+1" },
		{ "plus", SPAN_LIT("+1"), "'+1" },
		{ "minus", SPAN_LIT("-1"), "'-1" },
		{ "at", SPAN_LIT("@SUM(A1)"), "'@SUM(A1)" },
		{ "tab", SPAN_LIT("\t=1"), "'\\x09=1" },
		{ "carriage return", SPAN_LIT("\r=1"), "'\\x0d=1" },
		{ "line feed", SPAN_LIT("\n=1"), "'\\x0a=1" },
		{ "behind spaces", SPAN_LIT("  =1"), "'  =1" },
		{ "full-width equals", SPAN_LIT("\xef\xbc\x9d\x31"), "'\xef\xbc\x9d\x31" },
		{ "full-width plus", SPAN_LIT("\xef\xbc\x8b\x31"), "'\xef\xbc\x8b\x31" },
		{ "full-width minus", SPAN_LIT("\xef\xbc\x8d\x31"), "'\xef\xbc\x8d\x31" },
		{ "full-width at", SPAN_LIT("\xef\xbc\xa0\x31"), "'\xef\xbc\xa0\x31" },
		{ "formula that needs quotes", SPAN_LIT("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"" },
		{ "formula sign within", SPAN_LIT("a=b"), "a=b" },
		{ "blanks at the ends", SPAN_LIT(" a "), "\" a \"" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf b = BUF_INIT(1024);
		assert_int_equal(csv_add_cell(&b, rows[i].value), 0);
		if (strcmp(buf_str(&b), rows[i].written) != 0)
			fail_msg("%s: %s", rows[i].label, buf_str(&b));
	}
}

/* Reads one field as RFC 4180 says into *field; returns what stands behind it: `,`, `\r` (then LF is taken too). */
static char read_field(const char **p, struct buf *field)
{
	buf_clear(field);
	if (**p == '"') {
		for (++*p; **p != '"' || (*p)[1] == '"'; ++*p) {
			assert_int_not_equal(**p, '\0');
			if (**p == '"')
				++*p;
			buf_add_char(field, **p);
		}
		++*p;
	} else {
		for (; **p && **p != ',' && **p != '\r'; ++*p) {
			assert_int_not_equal(**p, '"');
			assert_int_not_equal(**p, '\n');
			buf_add_char(field, **p);
		}
	}
	char behind = **p;
	assert_true(behind == ',' || behind == '\r');
	++*p;
	if (behind == '\r')
		assert_int_equal(*(*p)++, '\n');
	return behind;
}

/* The field of a row (0 is the header row) and column, of a report that is read whole. */
static void find_field(const char *csv, size_t row, const char *column, struct buf *ret)
{
	_cleanup_(buf_fini) struct buf field = BUF_INIT(65536);
	size_t wanted = SIZE_MAX;
	bool found = false;
	const char *p = csv;
	for (size_t r = 0; *p; r++) {
		size_t c = 0;
		for (char behind = ','; behind == ','; c++) {
			behind = read_field(&p, &field);
			if (r == 0 && strcmp(buf_str(&field), column) == 0)
				wanted = c;
			if (r == row && c == wanted) {
				buf_clear(ret);
				buf_add_span(ret, buf_span(&field));
				found = true;
			}
		}
		assert_int_equal(c, csv_column_count());
	}
	if (!found)
		fail_msg("row %zu, column %s: not there", row, column);
}

static void report_has_one_row_per_probe_that_reads_back(void **state)
{
	static const struct {
		size_t row;
		const char *column, *value;
	} rows[] = {
		{ SAMPLE_DELIVERED, "schema", "1" },
		{ SAMPLE_DELIVERED, "run", "3" },
		{ SAMPLE_DELIVERED, "label", "after, \"SPF\" change" },
		{ SAMPLE_DELIVERED, "provider", "alpha" },
		{ SAMPLE_DELIVERED, "seed", "ana@alpha.test" },
		{ SAMPLE_DELIVERED, "message", "ordinary" },
		{ SAMPLE_DELIVERED, "outcome", "delivered" },
		{ SAMPLE_DELIVERED, "placement", "inbox" },
		{ SAMPLE_DELIVERED, "spf", "pass" },
		{ SAMPLE_DELIVERED, "dkim", "pass" },
		{ SAMPLE_DELIVERED, "dmarc", "pass" },
		{ SAMPLE_DELIVERED, "tls", "TLSv1.3" },
		{ SAMPLE_DELIVERED, "latency_ms", "340" },
		{ SAMPLE_DELIVERED, "verdict", "pass" },
		{ SAMPLE_DELIVERED, "reason",
		  "Delivered to the inbox, found 340 ms after the service's server had accepted it." },
		{ SAMPLE_DELIVERED, "run_created", "2026-11-23T09:30:00.000Z" },
		{ SAMPLE_DELIVERED, "message_id", "tag@example.gov.uk" },
		{ SAMPLE_DELIVERED, "reply_code", "250" },
		{ SAMPLE_DELIVERED, "reply", "Neu" },
		{ SAMPLE_DELIVERED, "smtp_tls", "TLSv1.3" },
		{ SAMPLE_DELIVERED, "first_seen", "2026-11-23T09:30:00.360Z" },
		{ SAMPLE_DELIVERED, "moved_from", "other:Neu" },
		{ SAMPLE_HOSTILE, "seed", "'=cmd()@alpha.test" },
		{ SAMPLE_HOSTILE, "message", "\\x1b[2J\\x0d\\x0a\"\\xff\\xc3(\\u{202e}<&,;" },
		{ SAMPLE_HOSTILE, "outcome", "bounced" },
		{ SAMPLE_HOSTILE, "dmarc", "fail" },
		{ SAMPLE_HOSTILE, "verdict", "fail" },
		{ SAMPLE_MISSING, "outcome", "missing" },
		{ SAMPLE_MISSING, "placement", "" },
		{ SAMPLE_MISSING, "spf", "" },
		{ SAMPLE_MISSING, "tls", "" },
		{ SAMPLE_MISSING, "latency_ms", "" },
		{ SAMPLE_MISSING, "first_seen", "" },
		{ SAMPLE_UNREAD, "outcome", "not-tested" },
		{ SAMPLE_UNREAD, "verdict", "unknown" },
		{ SAMPLE_UNREAD, "reason", "Not tested: login refused. Mend: check the password." },
		{ SAMPLE_UNREAD, "reply_code", "" },
	};
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024), field = BUF_INIT(65536);
	sample_init(&s);
	assert_int_equal(report_csv(&s.run, &s.matrix, &out, &err), 0);
	assert_true(utf8_valid(buf_span(&out)));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		find_field(buf_str(&out), rows[i].row + 1, rows[i].column, &field);
		if (strcmp(buf_str(&field), rows[i].value) != 0)
			fail_msg("row %zu, %s: %s", rows[i].row, rows[i].column, buf_str(&field));
	}
	sample_fini(&s);
}

static void columns_at_the_front_are_those_promised(void **state)
{
	static const char front[] = "schema,run,label,provider,seed,message,outcome,placement,spf,dkim,dmarc,tls,"
				    "latency_ms,verdict,reason,";
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	sample_init(&s);
	assert_int_equal(report_csv(&s.run, &s.matrix, &out, &err), 0);
	assert_memory_equal(buf_str(&out), front, strlen(front));
	sample_fini(&s);
}

static void columns_are_documented_in_order(void **state)
{
	char *doc = sample_read_source("doc/csv.md");
	struct span rest = span_of(doc), line;
	size_t column = 0;
	while (span_next(&rest, '\n', &line)) {
		if (!span_starts(line, SPAN_LIT("| `")))
			continue;
		struct span name = span_sub(line, 3, line.len);
		assert_true(span_next(&name, '`', &line));
		if (column == csv_column_count() || !span_is(line, csv_column_name(column)))
			fail_msg("doc/csv.md has %.*s as column %zu", SPAN_ARG(line), column);
		column++;
	}
	assert_int_equal(column, csv_column_count());
	_cleanup_(buf_fini) struct buf version = BUF_INIT(64);
	buf_addf(&version, "Schema %d.", CSV_SCHEMA);
	assert_non_null(strstr(doc, buf_str(&version)));
	free(doc);
}

static void a_report_that_does_not_fit_is_an_error(void **state)
{
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(200);
	sample_init(&s);
	assert_int_equal(report_csv(&s.run, &s.matrix, &out, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	sample_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_quoted_and_harmless),
		cmocka_unit_test(report_has_one_row_per_probe_that_reads_back),
		cmocka_unit_test(columns_at_the_front_are_those_promised),
		cmocka_unit_test(columns_are_documented_in_order),
		cmocka_unit_test(a_report_that_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
