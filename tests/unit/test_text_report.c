/* The matrix and the explanation as text: aligned, complete, harmless. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/model/reading.h"
#include "harness/report/explain.h"
#include "harness/report/text.h"
#include "tests/unit/report_sample.h"
#include "tests/unit/unit.h"

static void matrix_text(bool colour, struct buf *out)
{
	struct sample s;
	struct error err = ERROR_INIT;
	sample_init(&s);
	assert_int_equal(report_text(&s.report, colour, out, &err), 0);
	sample_fini(&s);
}

static void assert_has(const struct buf *out, const char *part)
{
	if (!strstr(buf_str(out), part))
		fail_msg("`%s` is not in:\n%s", part, buf_str(out));
}

static void matrix_is_grouped_and_says_why(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	matrix_text(false, &out);
	assert_has(&out, "Run 3 \"after, \"SPF\" change\", 2026-11-23T09:30:00.000Z, finished\n\n  mx         1 warn, "
			 "1 fail\n  spf        1 not-tested\n");
	assert_has(&out, "\nfail        mx.starttls  mx.example.org\n    Seen: no STARTTLS in EHLO\n");
	assert_has(&out, "\n5 findings: 1 pass, 2 warn, 1 not-tested, 1 fail\n\n  seed  ");
	assert_has(&out, "\nalpha\n  ana@alpha.test ");
	assert_has(&out, "\nbravo\n  bob@bravo.test ");
	assert_has(&out, "\n\nalpha, =cmd()@alpha.test, ");
	assert_has(&out, "\n  fail     DMARC: the provider reports fail");
	assert_has(&out, "\ncharlie, cy@charlie.test, ordinary\n  unknown  Not tested: login refused. Mend: check the "
			 "password.\n");
	assert_has(&out, "\n4 probes: 1 pass, 0 warn, 2 fail, 1 unknown; 1 delivered, 1 bounced, 1 missing, 1 "
			 "not-tested\n");
	assert_has(&out, "pass/pass  pass/pass  fail/pass  no: DMARC");
	assert_has(&out, "\nSPF, DKIM, DMARC: what the provider reports / our own evaluation.\n");
	/* Who passed needs no reason. */
	assert_null(strstr(buf_str(&out), "alpha, ana@alpha.test"));
}

static void what_became_of_the_clocks_stands_at_the_head(void **state)
{
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	sample_init(&s);
	s.run.clock_set_ms = 600000;
	s.run.slept_ms = 3600000;
	assert_int_equal(report_text(&s.report, false, &out, &err), 0);
	assert_has(
	    &out, ", finished\nThis machine's clock was set by 10 min while the run worked: times across that are less "
		  "certain.\nThis machine slept for 1 h while the run worked: nothing was read meanwhile.\n");
	sample_fini(&s);
}

static void a_run_of_an_older_version_says_what_is_judged_differently(void **state)
{
	static const struct {
		const char *label;
		const char *version;
		unsigned reading;
		const char *says; /* NULL: nothing */
	} rows[] = {
		{ "not recorded", NULL, 0, "\n\nAn older version of postproof made this run. This version " },
		{ "recorded", "0.9", 1, "\n\npostproof 0.9 made this run. This version " },
		{ "hostile", "\x1b[2J\n", 1, "\n\npostproof \\x1b[2J\\x0a made this run. This version " },
		{ "of today", "0.9", READING_VERSION, NULL },
		{ "of a newer one", "9", READING_VERSION + 1, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sample s;
		struct error err = ERROR_INIT;
		_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
		sample_init(&s);
		s.program = (struct run_program){ fact_lend(rows[i].version), rows[i].reading };
		assert_int_equal(report_text(&s.report, false, &out, &err), 0);
		if (rows[i].says) {
			assert_has(&out, rows[i].says);
			assert_has(&out,
				   "judges some of it differently:\n  - SPF, DKIM and DMARC results that a provider "
				   "writes below its own Received field now count");
		} else {
			ROW_ASSERT(rows[i].label, !strstr(buf_str(&out), "made this run"));
		}
		assert_has(&out, "\n\n4 probes: ");
		sample_fini(&s);
	}
}

static void columns_stand_below_their_titles(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	static const char *const values[][2] = {
		{ "message", "ordinary" }, { "outcome", "delivered" }, { "placement", "inbox" },
		{ "SPF", "pass/pass " },   { "DMARC", "pass/pass " },  { "agree", "yes " },
		{ "TLS", "TLSv1.3" },      { "latency", "340 ms" },    { "verdict", "pass\n" },
	};
	matrix_text(false, &out);
	const char *titles = strstr(buf_str(&out), "  seed"), *row = strstr(buf_str(&out), "  ana@alpha.test");
	assert_non_null(titles);
	assert_non_null(row);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		ptrdiff_t at = strstr(titles, values[i][0]) - titles;
		if (strncmp(row + at, values[i][1], strlen(values[i][1])) != 0)
			fail_msg("%s: %.12s", values[i][0], row + at);
	}
}

static void wide_characters_take_two_columns(void **state)
{
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	sample_init(&s);
	s.matrix.rows[SAMPLE_MISSING].evidence.seed = "\xe6\x97\xa5\xe6\x9c\xac@bravo.test";
	assert_int_equal(report_text(&s.report, false, &out, &err), 0);
	sample_fini(&s);
	const char *titles = strstr(buf_str(&out), "  seed");
	assert_non_null(titles);
	struct span rest = span_of(titles), line;
	assert_true(span_next(&rest, '\n', &line));
	size_t verdict_at = utf8_columns(span_sub(line, 0, (size_t)span_find(line, SPAN_LIT("verdict"), 0)));
	size_t lines = 0;
	/* The table ends at an empty line; its rows are indented. */
	while (span_next(&rest, '\n', &line) && line.len) {
		if (line.p[0] != ' ')
			continue;
		size_t last = line.len;
		while (line.p[last - 1] != ' ')
			last--;
		assert_int_equal(utf8_columns(span_sub(line, 0, last)), verdict_at);
		lines++;
	}
	assert_int_equal(lines, SAMPLE_COUNT);
}

static void colour_is_given_only_on_demand(void **state)
{
	_cleanup_(buf_fini) struct buf plain = BUF_INIT(1024 * 1024), coloured = BUF_INIT(1024 * 1024);
	matrix_text(false, &plain);
	matrix_text(true, &coloured);
	assert_null(strchr(buf_str(&plain), '\x1b'));
	assert_has(&coloured, "\x1b[1;31mmissing\x1b[0m");
	assert_has(&coloured, "\x1b[32mpass\x1b[0m\n");
	assert_has(&coloured, "\x1b[35munknown\x1b[0m");
	/* Without the sequences it is the same text. */
	_cleanup_(buf_fini) struct buf stripped = BUF_INIT(1024 * 1024);
	for (const char *p = buf_str(&coloured); *p; p++) {
		if (*p == '\x1b')
			p += strcspn(p, "m");
		else
			buf_add_char(&stripped, *p);
	}
	assert_string_equal(buf_str(&stripped), buf_str(&plain));
}

static void explain(size_t row, struct buf *out)
{
	struct sample s;
	struct error err = ERROR_INIT;
	sample_init(&s);
	assert_int_equal(report_explain(&s.run, &s.matrix.rows[row], false, out, &err), 0);
	sample_fini(&s);
}

static void explanation_holds_all_evidence(void **state)
{
	static const char *const parts[] = {
		"Seed ana@alpha.test at alpha, message ordinary\n",
		"Tag 00112233445566778899aabbccddeeff, Message-ID <tag@example.gov.uk>, envelope sender "
		"<b+tag@example.gov.uk>\n",
		"Verdict pass: Delivered to the inbox",
		"  spf: pass, is pass, expected pass\n    SPF: the provider reports pass for example.gov.uk. Our own "
		"evaluation: pass, matches.\n",
		"  2026-11-23T09:30:00.000Z  intent\n",
		"  2026-11-23T09:30:00.010Z  attempt 1  handing-over\n",
		"  attempt 1  reply (end-of-data) 250 2.0.0 Neu; server 192.0.2.25:587; TLSv1.3 "
		"TLS_AES_256_GCM_SHA384\n",
		"  2026-11-23T09:30:00.360Z  in folder Neu (inbox), UID 41 of 7, 2345 octets, INTERNALDATE "
		"2026-11-23T09:30:00.000Z, by watch\n",
		"  2026-11-23T09:30:01.360Z  gone from folder Neu (inbox), UID 41 of 7",
		"  2026-11-23T09:30:00.360Z  other:Neu, gone since\n  2026-11-23T09:30:01.360Z  inbox\n",
		"Return-Path <Neu>\n",
		"1.5 s before the hop below (clocks disagree), written by the provider\n    from Neu (Neu "
		"[198.51.100.10]) by "
		"Neu with ESMTPS id Neu for Neu TLS TLSv1.3 as `TLSv1.3` Neu\n",
		"  trusted, by Neu, version 1; departs from RFC 8601: Neu\n    dkim=pass (Neu) reason \"Neu\" "
		"header.d=Neu  "
		"<- judged by this\n",
		"  not trusted, ARC instance 1, by Neu",
		"What came back\n  nothing\n",
	};
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	explain(SAMPLE_DELIVERED, &out);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		assert_has(&out, parts[i]);
}

static void explanation_of_what_was_not_tested_says_what_to_mend(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	explain(SAMPLE_UNREAD, &out);
	assert_has(&out, "could not be read: login refused\n  Mend: check the password\n");
	assert_has(&out, "The bounce mailbox could not be read: connection timed out\n");
	assert_has(&out, "Sending\n  nothing was sent\n");
	assert_has(&out, "Seen\n  nowhere\n");
}

static void hostile_octets_never_reach_the_terminal(void **state)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(1024 * 1024);
	matrix_text(false, &out);
	explain(SAMPLE_HOSTILE, &out);
	assert_true(utf8_valid(buf_span(&out)));
	assert_has(&out, "\n  2026-11-23T09:30:05.000Z  failed 5.1.1 for \\x1b[2J\\x0d\\x0a");
	assert_null(strstr(buf_str(&out), "\xe2\x80\xae"));
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.p[i] < 0x20 && out.p[i] != '\n')
			fail_msg("octet %02x at %zu", (unsigned char)out.p[i], i);
}

static void a_text_that_does_not_fit_is_an_error(void **state)
{
	struct sample s;
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf out = BUF_INIT(100);
	sample_init(&s);
	assert_int_equal(report_text(&s.report, false, &out, &err), -1);
	assert_int_equal(err.kind, ERROR_LIMIT);
	buf_clear(&out);
	assert_int_equal(report_explain(&s.run, &s.matrix.rows[0], false, &out, &err), -1);
	sample_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix_is_grouped_and_says_why),
		cmocka_unit_test(what_became_of_the_clocks_stands_at_the_head),
		cmocka_unit_test(a_run_of_an_older_version_says_what_is_judged_differently),
		cmocka_unit_test(columns_stand_below_their_titles),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(colour_is_given_only_on_demand),
		cmocka_unit_test(explanation_holds_all_evidence),
		cmocka_unit_test(explanation_of_what_was_not_tested_says_what_to_mend),
		cmocka_unit_test(hostile_octets_never_reach_the_terminal),
		cmocka_unit_test(a_text_that_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
