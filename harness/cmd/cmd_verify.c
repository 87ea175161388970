/* `postproof verify`: our own evaluation of any message in a file. */
#include <string.h>
#include <unistd.h>

#include "harness/auth/evaluate.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/cmd/dns_source.h"
#include "harness/cmd/output.h"
#include "harness/mail/theirs.h"
#include "harness/report/verify.h"
#include "harness/assess/assess_trace.h"

enum { MESSAGE_MAX = 256 * 1024 * 1024 };

struct verification {
	const char *file;
	bool json;
	struct evaluate_request request;
	struct dns_source source;
	struct buf octets;
	struct header header;
	struct theirs theirs;
	struct trace trace;
	struct evaluation evaluation;
};

static void verification_fini(struct verification *v)
{
	evaluation_fini(&v->evaluation);
	trace_fini(&v->trace);
	theirs_fini(&v->theirs);
	header_fini(&v->header);
	buf_fini(&v->octets);
	dns_source_fini(&v->source);
}

/* What the options say of the sender and of the time. */
static int read_options(struct verification *v, const struct command_args *args, struct error *err)
{
	struct evaluate_request *r = &v->request;
	const char *ip = args_value(args, "ip", NULL), *at = args_value(args, "at", NULL);
	const char *expect = args_value(args, "expect", "pass");
	r->now_ms = clock_wall_ms();
	if (at && !time_parse(span_of(at), &r->now_ms))
		return error_set(
		    err, ERROR_USAGE, RETRY_NEVER, 0,
		    "--at \"%s\" is no time: write 2026-11-23T09:30:00Z, 2026-11-23, or seconds since 1970", at);
	if (strcmp(expect, "pass") != 0)
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0, "--expect \"%s\" is not known: say pass", expect);
	if (!ip && (args_has(args, "helo") || args_has(args, "mail-from")))
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "--helo and --mail-from need --ip: SPF is about an "
				 "address");
	r->has_sender = ip != NULL;
	if (!ip)
		return 0;
	r->sender.helo = span_of(args_value(args, "helo", ""));
	if (!ip_parse(span_of(ip), &r->sender.client))
		return error_set(err, ERROR_USAGE, RETRY_NEVER, 0,
				 "--ip \"%s\" is no IP address: write 192.0.2.1 or 2001:db8::1", ip);
	return 0;
}

static int read_message(struct verification *v, const struct command_args *args, struct error *err)
{
	static const struct theirs_profile nobody = { 0 };
	bool from_input = strcmp(v->file, "-") == 0;
	if ((from_input ? file_read_fd(STDIN_FILENO, "standard input", &v->octets, err)
			: file_read(v->file, &v->octets, err)) < 0)
		return -1;
	if (header_parse(&v->header, buf_span(&v->octets), err) < 0 ||
	    theirs_read(&v->theirs, &v->header, &nobody, NULL, err) < 0 ||
	    trace_theirs(&v->theirs, NULL, &v->trace, err) < 0)
		return -1;
	v->request.message.header = &v->header;
	v->request.message.body = span_sub(buf_span(&v->octets), v->header.body_offset, SIZE_MAX);
	/* RFC 5321 section 4.4: the receiving server wrote the envelope sender there. */
	v->request.sender.mail_from = args_has(args, "mail-from") ? span_of(args_value(args, "mail-from", ""))
								  : v->theirs.return_path;
	/* RFC 7208 section 2.4: the HELO name stands in for a null reverse-path, not for one that is not known. */
	v->request.has_sender = v->request.has_sender && v->request.sender.mail_from.p;
	v->request.dkim_alone = !v->request.has_sender;
	return 0;
}

static int verify(struct verification *v, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(REPORT_MAX);
	const struct verify_report report = { v->file, v->request.now_ms, &v->evaluation, &v->trace };
	if (auth_evaluate(&v->request, v->source.resolver, NULL, &v->evaluation, err) < 0 ||
	    (v->json ? report_verify_json : report_verify_text)(&report, &text, err) < 0)
		return -1;
	fwrite(buf_str(&text), 1, text.len, stdout);
	return 0;
}

static int cmd_verify_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	_cleanup_(verification_fini) struct verification v = { .file = args->operands[0],
							       .octets = { .max = MESSAGE_MAX } };
	if (read_options(&v, args, &err) < 0 || output_format(args, &v.json, &err) < 0 ||
	    dns_source_open(&v.source, context, args, &err) < 0)
		return command_fail(context, &err);
	if (read_message(&v, args, &err) < 0 || verify(&v, &err) < 0)
		return command_fail(context, &err);
	if (args_has(args, "expect") && v.evaluation.dmarc.readings[DMARC_RFC9989].result != AUTH_PASS)
		return EXIT_FAIL;
	return EXIT_PASS;
}

static const struct command_option cmd_verify_options[] = {
	{ "ip", "ADDR", "address that the message came from: SPF is evaluated", 0, false },
	{ "helo", "NAME", "what the client called itself", 0, false },
	{ "mail-from", "ADDR", "envelope sender (default: that of the Return-Path field)", 0, false },
	{ "at", "TIME", "evaluate as at this time (default: now)", 0, false },
	{ "expect", "pass", "exit with 1 where DMARC (RFC 9989) does not pass", 0, false },
	DNS_SOURCE_OPTIONS,
	OUTPUT_FORMAT_OPTION,
	{ 0 },
};

const struct command cmd_verify = {
	.name = "verify",
	.arguments = "FILE",
	.summary = "evaluate SPF, DKIM, DMARC and ARC of a message in a file (-: standard input)",
	.needs = NEEDS_STORE,
	.store_option = "snapshot",
	.options = cmd_verify_options,
	.operands_min = 1,
	.operands_max = 1,
	.run = cmd_verify_run,
};
