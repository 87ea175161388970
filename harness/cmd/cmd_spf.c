/* `postproof spf`: check_host (RFC 7208) for an address, an envelope sender and a HELO name. */
#include "harness/auth/spf.h"
#include "harness/base/clock.h"
#include "harness/cmd/dns_source.h"
#include "harness/cmd/output.h"
#include "harness/report/verify.h"

static int evaluate_spf(struct dns_source *source, const struct spf_request *request, bool json, struct error *err)
{
	_cleanup_(spf_evaluation_fini) struct spf_evaluation spf = { 0 };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	if (spf_evaluate(request, source->resolver, &spf, err) < 0 ||
	    (json ? report_spf_json : report_spf_text)(&spf, &text, err) < 0)
		return -1;
	fwrite(buf_str(&text), 1, text.len, stdout);
	return 0;
}

static int cmd_spf_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct spf_request request = { .mail_from = span_of(args->operands[1]),
				       .helo = span_of(args->operands[2]),
				       .now_ms = clock_wall_ms() };
	_cleanup_(dns_source_fini) struct dns_source source = { 0 };
	bool json = false;
	if (!ip_parse(span_of(args->operands[0]), &request.client))
		return command_usage(context, "\"%s\" is no IP address: write 192.0.2.1 or 2001:db8::1",
				     args->operands[0]);
	if (output_format(args, &json, &err) < 0 || dns_source_open(&source, context, args, &err) < 0 ||
	    evaluate_spf(&source, &request, json, &err) < 0)
		return command_fail(context, &err);
	return EXIT_PASS;
}

static const struct command_option cmd_spf_options[] = { DNS_SOURCE_OPTIONS, OUTPUT_FORMAT_OPTION, { 0 } };

const struct command cmd_spf = {
	.name = "spf",
	.arguments = "IP MAILFROM HELO",
	.summary = "evaluate SPF for a client's address, an envelope sender and a HELO name",
	.needs = NEEDS_STORE,
	.store_option = "snapshot",
	.options = cmd_spf_options,
	.operands_min = 3,
	.operands_max = 3,
	.run = cmd_spf_run,
};
