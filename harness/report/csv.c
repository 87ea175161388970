/* CSV. Must never let a cell be run as a formula, nor end a row early. */
#include "harness/report/csv.h"

#include <inttypes.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/base/utf8.h"

/* What a column is made of. */
struct source {
	const struct run_summary *run;
	const struct matrix_row *row;
};

/* Adds the raw value of one column; nothing where there is none. */
typedef void value_fn(struct buf *b, const struct source *s);

static void add_time(struct buf *b, int64_t ms)
{
	char text[TIME_TEXT_MAX];
	if (ms)
		buf_add_str(b, time_rfc3339(ms, text));
}

static void add_actual(struct buf *b, const struct source *s, enum expect_key key)
{
	const struct cell *cell = judgement_cell(&s->row->judgement, key);
	if (cell)
		buf_add_str(b, cell->actual);
}

static void add_schema(struct buf *b, const struct source *s)
{
	buf_addf(b, "%d", CSV_SCHEMA);
}

static void add_run(struct buf *b, const struct source *s)
{
	buf_addf(b, "%" PRId64, s->run->id);
}

static void add_label(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->run->label);
}

static void add_provider(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->evidence.provider);
}

static void csv_add_seed(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->evidence.seed);
}

static void csv_add_message(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->evidence.message);
}

static void add_outcome(struct buf *b, const struct source *s)
{
	buf_add_str(b, outcome_name(s->row->judgement.outcome));
}

static void add_placement(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->judgement.placement_text);
}

static void add_spf(struct buf *b, const struct source *s)
{
	add_actual(b, s, EXPECT_SPF);
}

static void add_dkim(struct buf *b, const struct source *s)
{
	add_actual(b, s, EXPECT_DKIM);
}

static void add_dmarc(struct buf *b, const struct source *s)
{
	add_actual(b, s, EXPECT_DMARC);
}

static void add_tls(struct buf *b, const struct source *s)
{
	add_actual(b, s, EXPECT_TLS);
}

static void add_latency_least(struct buf *b, const struct source *s)
{
	if (s->row->judgement.latency_ms >= 0)
		buf_addf(b, "%" PRId64, s->row->judgement.latency_least_ms);
}

static void add_latency_by(struct buf *b, const struct source *s)
{
	if (s->row->judgement.latency_ms >= 0)
		buf_add_str(b, s->row->evidence.arrival.by_mailbox_clock ? "mailbox-clock" : "sight");
}

static void add_latency(struct buf *b, const struct source *s)
{
	if (s->row->judgement.latency_ms >= 0)
		buf_addf(b, "%" PRId64, s->row->judgement.latency_ms);
}

static void add_verdict(struct buf *b, const struct source *s)
{
	buf_add_str(b, verdict_name(s->row->judgement.verdict));
}

static void csv_add_reason(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->judgement.reason);
}

static void add_run_created(struct buf *b, const struct source *s)
{
	add_time(b, s->run->created_ms);
}

static void add_message_id(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->probe->message_id);
}

static void add_reply_code(struct buf *b, const struct source *s)
{
	if (s->row->evidence.sending.code)
		buf_addf(b, "%d", s->row->evidence.sending.code);
}

static void csv_add_reply(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->evidence.sending.text);
}

static void add_smtp_tls(struct buf *b, const struct source *s)
{
	buf_add_str(b, s->row->evidence.sending.tls);
}

static void add_first_seen(struct buf *b, const struct source *s)
{
	add_time(b, s->row->evidence.first_seen_ms);
}

static void add_moved_from(struct buf *b, const struct source *s)
{
	const struct probe_evidence *e = &s->row->evidence;
	for (size_t i = 0; i + 1 < e->place_count && e->places[i].gone; i++) {
		if (i > 0)
			buf_add_str(b, "; ");
		trace_place_add(b, &e->places[i]);
	}
}

static void add_ours(struct buf *b, const struct source *s, enum auth_method method)
{
	if (s->row->evaluated)
		buf_add_str(b, auth_result_name(s->row->evidence.ours[method].result));
}

static void add_agreement(struct buf *b, const struct source *s, enum auth_method method)
{
	if (judgement_cell(&s->row->judgement, (enum expect_key)(EXPECT_SPF + (int)method)))
		buf_add_str(b, agreement_name(s->row->judgement.agreement[method]));
}

static void add_spf_ours(struct buf *b, const struct source *s)
{
	add_ours(b, s, METHOD_SPF);
}

static void add_dkim_ours(struct buf *b, const struct source *s)
{
	add_ours(b, s, METHOD_DKIM);
}

static void add_dmarc_ours(struct buf *b, const struct source *s)
{
	add_ours(b, s, METHOD_DMARC);
}

static void add_spf_agreement(struct buf *b, const struct source *s)
{
	add_agreement(b, s, METHOD_SPF);
}

static void add_dkim_agreement(struct buf *b, const struct source *s)
{
	add_agreement(b, s, METHOD_DKIM);
}

static void add_dmarc_agreement(struct buf *b, const struct source *s)
{
	add_agreement(b, s, METHOD_DMARC);
}

static const struct column {
	const char *name;
	value_fn *add;
} columns[] = {
	{ "schema", add_schema },
	{ "run", add_run },
	{ "label", add_label },
	{ "provider", add_provider },
	{ "seed", csv_add_seed },
	{ "message", csv_add_message },
	{ "outcome", add_outcome },
	{ "placement", add_placement },
	{ "spf", add_spf },
	{ "dkim", add_dkim },
	{ "dmarc", add_dmarc },
	{ "tls", add_tls },
	{ "latency_ms", add_latency },
	{ "verdict", add_verdict },
	{ "reason", csv_add_reason },
	{ "run_created", add_run_created },
	{ "message_id", add_message_id },
	{ "reply_code", add_reply_code },
	{ "reply", csv_add_reply },
	{ "smtp_tls", add_smtp_tls },
	{ "first_seen", add_first_seen },
	{ "moved_from", add_moved_from },
	{ "spf_ours", add_spf_ours },
	{ "dkim_ours", add_dkim_ours },
	{ "dmarc_ours", add_dmarc_ours },
	{ "spf_agreement", add_spf_agreement },
	{ "dkim_agreement", add_dkim_agreement },
	{ "dmarc_agreement", add_dmarc_agreement },
	{ "latency_least_ms", add_latency_least },
	{ "latency_by", add_latency_by },
};

enum { VALUE_MAX = 4 * 1024 * 1024 };

/* Whether a spreadsheet could take the cell for a formula: its first character that is not a space begins one. */
static bool looks_like_formula(struct span s)
{
	static const uint32_t starts[] = { '=', '+', '-', '@', '\t', '\r', '\n', 0xff1d, 0xff0b, 0xff0d, 0xff20 };
	while (s.len && s.p[0] == ' ')
		s = span_sub(s, 1, s.len);
	uint32_t code = 0;
	if (utf8_next(s, &code) == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (code == starts[i])
			return true;
	return false;
}

static bool wants_quotes(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '"' || s.p[i] == ',')
			return true;
	/* Blanks at the ends belong to the value (RFC 4180 section 2.4), and are lost by many readers unless quoted. */
	return s.len && (s.p[0] == ' ' || s.p[s.len - 1] == ' ');
}

int csv_add_cell(struct buf *out, struct span value)
{
	/* An octet becomes at most the four of \xNN. */
	_cleanup_(buf_fini) struct buf b = BUF_INIT(4 * value.len + 1);
	if (looks_like_formula(value))
		buf_add_char(&b, '\'');
	if (text_add_escaped(&b, value) < 0)
		return buf_add_buf(out, &b);
	struct span text = buf_span(&b), part;
	if (!wants_quotes(text))
		return buf_add_span(out, text);
	buf_add_char(out, '"');
	for (bool first = true; span_next(&text, '"', &part); first = false) {
		buf_add_str(out, first ? "" : "\"\"");
		buf_add_span(out, part);
	}
	return buf_add_char(out, '"');
}

size_t csv_column_count(void)
{
	return ARRAY_LEN(columns);
}

const char *csv_column_name(size_t column)
{
	return columns[column].name;
}

int report_csv(const struct run_summary *run, const struct matrix *matrix, struct buf *out, struct error *err)
{
	_cleanup_(buf_fini) struct buf value = BUF_INIT(VALUE_MAX);
	for (size_t c = 0; c < ARRAY_LEN(columns); c++)
		buf_addf(out, "%s%s", c ? "," : "", columns[c].name);
	buf_add_str(out, "\r\n");
	for (size_t i = 0; i < matrix->count; i++) {
		const struct source source = { run, &matrix->rows[i] };
		for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
			buf_clear(&value);
			columns[c].add(&value, &source);
			if (buf_check(&value, columns[c].name, err) < 0)
				return -1;
			if (c > 0)
				buf_add_char(out, ',');
			csv_add_cell(out, buf_span(&value));
		}
		buf_add_str(out, "\r\n");
	}
	return buf_check(out, "the CSV export", err);
}
