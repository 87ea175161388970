/* The matrix as a table. Must never let an octet of a stranger act on the terminal. */
#include "harness/report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/base/utf8.h"
#include "harness/report/check.h"
#include "harness/report/reading.h"
#include "harness/report/style.h"

enum {
	COLUMN_SEED,
	COLUMN_MESSAGE,
	COLUMN_OUTCOME,
	COLUMN_PLACEMENT,
	COLUMN_SPF,
	COLUMN_DKIM,
	COLUMN_DMARC,
	COLUMN_AGREE,
	COLUMN_TLS,
	COLUMN_LATENCY,
	COLUMN_VERDICT,
	COLUMN_COUNT
};

enum { CELL_MAX = 64 * 1024, SEED_INDENT = 2 };

static const struct column {
	const char *title;
	int key; /* enum expect_key whose cell colours the column; -1 where none does */
} columns[COLUMN_COUNT] = {
	[COLUMN_SEED] = { "seed", -1 },
	[COLUMN_MESSAGE] = { "message", -1 },
	[COLUMN_OUTCOME] = { "outcome", EXPECT_OUTCOME },
	[COLUMN_PLACEMENT] = { "placement", EXPECT_PLACEMENT },
	[COLUMN_SPF] = { "SPF", EXPECT_SPF },
	[COLUMN_DKIM] = { "DKIM", EXPECT_DKIM },
	[COLUMN_DMARC] = { "DMARC", EXPECT_DMARC },
	[COLUMN_AGREE] = { "agree", -1 },
	[COLUMN_TLS] = { "TLS", EXPECT_TLS },
	[COLUMN_LATENCY] = { "latency", EXPECT_WITHIN },
	[COLUMN_VERDICT] = { "verdict", -1 },
};

static const char *const method_titles[AUTH_METHOD_COUNT] = { "SPF", "DKIM", "DMARC" };

/* `pass/pass`: what the provider reports, and what we found. */
static void text_add_method(struct buf *b, const struct matrix_row *row, enum auth_method method)
{
	const struct cell *cell = judgement_cell(&row->judgement, (enum expect_key)(EXPECT_SPF + (int)method));
	enum auth_result ours = row->evidence.ours[method].result;
	if (!cell)
		return;
	buf_add_str(b, cell->actual);
	if (ours != AUTH_NOT_REPORTED)
		buf_addf(b, "/%s", auth_result_name(ours));
}

/* `yes`, or where not: `no: SPF DKIM`; nothing where there is nothing to compare. */
static void add_agreement(struct buf *b, const struct probe_judgement *j)
{
	bool agree = false, disagree = false;
	for (int m = 0; m < AUTH_METHOD_COUNT; m++) {
		agree = agree || j->agreement[m] == AGREEMENT_AGREE;
		if (j->agreement[m] != AGREEMENT_DISAGREE)
			continue;
		buf_addf(b, "%s %s", disagree ? "" : "no:", method_titles[m]);
		disagree = true;
	}
	if (agree && !disagree)
		buf_add_str(b, "yes");
}

/* Adds what stands in a column; `-` where there is nothing. */
static void add_content(struct buf *b, const struct matrix_row *row, int column)
{
	const struct probe_judgement *j = &row->judgement;
	size_t before = b->len;
	switch (column) {
	case COLUMN_SEED:
		text_add_escaped(b, span_of(row->evidence.seed));
		break;
	case COLUMN_MESSAGE:
		text_add_escaped(b, span_of(row->evidence.message));
		break;
	case COLUMN_SPF:
	case COLUMN_DKIM:
	case COLUMN_DMARC:
		text_add_method(b, row, (enum auth_method)(column - COLUMN_SPF));
		break;
	case COLUMN_AGREE:
		add_agreement(b, j);
		break;
	case COLUMN_VERDICT:
		buf_add_str(b, verdict_name(j->verdict));
		break;
	default: {
		const struct cell *cell = judgement_cell(j, (enum expect_key)columns[column].key);
		buf_add_str(b, cell ? cell->actual : "");
		break;
	}
	}
	if (b->len == before)
		buf_add_char(b, '-');
}

static void pad(struct buf *out, size_t columns_taken, size_t width)
{
	for (; columns_taken < width; columns_taken++)
		buf_add_char(out, ' ');
}

/* The verdict that colours a column, PASS for none. */
static enum verdict column_verdict(const struct matrix_row *row, int column)
{
	if (column == COLUMN_VERDICT)
		return row->judgement.verdict;
	if (columns[column].key < 0)
		return VERDICT_PASS;
	const struct cell *cell = judgement_cell(&row->judgement, (enum expect_key)columns[column].key);
	return cell ? cell->verdict : VERDICT_PASS;
}

static void add_row(struct buf *out, const struct matrix_row *row, const size_t *widths, bool colour)
{
	_cleanup_(buf_fini) struct buf content = BUF_INIT(CELL_MAX);
	pad(out, 0, SEED_INDENT);
	for (int c = 0; c < COLUMN_COUNT; c++) {
		enum verdict verdict = column_verdict(row, c);
		bool coloured = colour && (verdict != VERDICT_PASS || c == COLUMN_VERDICT);
		buf_clear(&content);
		add_content(&content, row, c);
		/* What is too long for a cell is cut. */
		if (content.failed == BUF_NO_MEMORY)
			buf_add_buf(out, &content);
		style_add_verdict(out, coloured, verdict, buf_str(&content));
		if (c + 1 < COLUMN_COUNT)
			pad(out, utf8_columns(buf_span(&content)), widths[c] + 2);
	}
	buf_add_char(out, '\n');
}

static void measure(const struct matrix *matrix, size_t *widths)
{
	_cleanup_(buf_fini) struct buf content = BUF_INIT(CELL_MAX);
	for (int c = 0; c < COLUMN_COUNT; c++)
		widths[c] = strlen(columns[c].title);
	for (size_t i = 0; i < matrix->count; i++) {
		for (int c = 0; c < COLUMN_COUNT; c++) {
			buf_clear(&content);
			add_content(&content, &matrix->rows[i], c);
			size_t taken = utf8_columns(buf_span(&content));
			if (taken > widths[c])
				widths[c] = taken;
		}
	}
}

static void add_table(struct buf *out, const struct matrix *matrix, bool colour)
{
	size_t widths[COLUMN_COUNT];
	measure(matrix, widths);
	pad(out, 0, SEED_INDENT);
	for (int c = 0; c < COLUMN_COUNT; c++) {
		buf_add_str(out, columns[c].title);
		if (c + 1 < COLUMN_COUNT)
			pad(out, strlen(columns[c].title), widths[c] + 2);
	}
	buf_add_char(out, '\n');
	for (size_t i = 0; i < matrix->count; i++) {
		const char *provider = matrix->rows[i].evidence.provider;
		if (i == 0 || strcmp(provider, matrix->rows[i - 1].evidence.provider) != 0) {
			text_add_escaped(out, span_of(provider));
			buf_add_char(out, '\n');
		}
		add_row(out, &matrix->rows[i], widths, colour);
	}
}

static void add_reasons(struct buf *out, const struct matrix_row *row, bool colour)
{
	const struct probe_judgement *j = &row->judgement;
	text_add_escaped(out, span_of(row->evidence.provider));
	buf_add_str(out, ", ");
	text_add_escaped(out, span_of(row->evidence.seed));
	buf_add_str(out, ", ");
	text_add_escaped(out, span_of(row->evidence.message));
	buf_add_char(out, '\n');
	for (int verdict = VERDICT_FAIL; verdict > VERDICT_PASS; verdict--) {
		for (size_t i = 0; i < j->cell_count; i++) {
			if ((int)j->cells[i].verdict != verdict)
				continue;
			const char *name = verdict_name(j->cells[i].verdict);
			buf_add_str(out, "  ");
			style_add_verdict(out, colour, j->cells[i].verdict, name);
			pad(out, strlen(name), strlen("unknown") + 2);
			buf_addf(out, "%s\n", j->cells[i].reason);
		}
	}
}

static void add_summary(struct buf *out, const struct matrix *matrix)
{
	static const enum verdict order[] = { VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL, VERDICT_UNKNOWN };
	buf_addf(out, "%zu probe%s:", matrix->count, matrix->count == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		buf_addf(out, "%s %zu %s", i ? "," : "", matrix->verdicts[order[i]], verdict_name(order[i]));
	bool first = true;
	for (int v = 0; v < OUTCOME_COUNT; v++) {
		if (!matrix->outcomes[v])
			continue;
		buf_addf(out, "%s %zu %s", first ? ";" : ",", matrix->outcomes[v], outcome_name((enum outcome)v));
		first = false;
	}
	buf_add_char(out, '\n');
}

int report_text(const struct run_report *report, bool colour, struct buf *out, struct error *err)
{
	const struct matrix *matrix = report->matrix;
	style_add_run(out, report->run);
	buf_add_char(out, '\n');
	if (report->posture) {
		check_add_summary(out, report->posture, colour);
		buf_add_char(out, '\n');
	}
	add_table(out, matrix, colour);
	buf_add_char(out, '\n');
	for (size_t i = 0; i < matrix->count; i++)
		if (matrix->rows[i].evaluated) {
			buf_add_str(out, "SPF, DKIM, DMARC: what the provider reports / our own evaluation.\n\n");
			break;
		}
	bool any = false;
	for (size_t i = 0; i < matrix->count; i++) {
		if (matrix->rows[i].judgement.verdict == VERDICT_PASS)
			continue;
		add_reasons(out, &matrix->rows[i], colour);
		any = true;
	}
	if (any)
		buf_add_char(out, '\n');
	reading_add(out, report->program);
	add_summary(out, matrix);
	return buf_check(out, "the matrix", err);
}
