/* A single message: evaluation, authentication results, trace. */
#include "harness/report/verify.h"

#include "harness/base/clock.h"
#include "harness/base/text.h"
#include "harness/report/evaluation.h"
#include "harness/report/json_message.h"
#include "harness/report/json_writer.h"
#include "harness/report/message.h"

int report_verify_text(const struct verify_report *report, struct buf *out, struct error *err)
{
	char time[TIME_TEXT_MAX];
	text_add_escaped(out, span_of(report->file));
	buf_addf(out, ", evaluated for %s\n\n", time_rfc3339(report->at_ms, time));
	evaluation_add(out, report->evaluation);
	message_add_hops(out, report->trace);
	message_add_results(out, report->trace);
	return buf_check(out, "the evaluation", err);
}

int report_verify_json(const struct verify_report *report, struct buf *out, struct error *err)
{
	struct writer w = { .failed = false };
	json_t *root = json_object();
	writer_put(&w, root, "schema", json_integer(VERIFY_SCHEMA));
	writer_put(&w, root, "file", writer_text(report->file));
	writer_put(&w, root, "at", writer_time(report->at_ms));
	message_put_evaluation(&w, root, report->evaluation);
	message_put_results(&w, root, report->trace);
	message_put_received(&w, root, report->trace);
	return writer_end(&w, root, "the evaluation", out, err);
}

int report_spf_text(const struct spf_evaluation *spf, struct buf *out, struct error *err)
{
	evaluation_add_spf(out, spf);
	return buf_check(out, "the evaluation", err);
}

int report_spf_json(const struct spf_evaluation *spf, struct buf *out, struct error *err)
{
	struct writer w = { .failed = false };
	json_t *root = message_spf(&w, spf);
	return writer_end(&w, root, "the evaluation", out, err);
}
