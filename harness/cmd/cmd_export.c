/* `postproof export`: a stored run as CSV or JSON. The output file appears whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cmd/stored_run.h"
#include "harness/report/csv.h"
#include "harness/report/json.h"

static int write_all(int fd, const struct buf *text)
{
	for (size_t at = 0; at < text->len;) {
		ssize_t n = write(fd, text->p + at, text->len - at);
		if (n < 0 && errno != EINTR)
			return -1;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Through a file beside it, so that nobody reads half of one. */
static int write_file(const char *path, const struct buf *text, struct error *err)
{
	char temporary[4096];
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return error_set(err, ERROR_USAGE, RETRY_NEVER, ENAMETOOLONG, "%s: the name is too long", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot write %s", path);
	mode_t mask = umask(0);
	umask(mask);
	int failed = write_all(fd, text) < 0 || fchmod(fd, 0666 & ~mask) < 0 ? errno : 0;
	if (close(fd) < 0 && !failed)
		failed = errno;
	if (!failed && rename(temporary, path) < 0)
		failed = errno;
	if (!failed)
		return 0;
	unlink(temporary);
	return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, failed, "cannot write %s", path);
}

static int export_run(const struct stored_run *stored, bool csv, const char *path, struct error *err)
{
	struct buf text = BUF_INIT(REPORT_MAX);
	const struct run_report report = stored_run_report(stored);
	int result = csv ? report_csv(&stored->facts.summary, &stored->matrix, &text, err)
			 : report_json(&report, &text, err);
	if (result == 0 && path)
		result = write_file(path, &text, err);
	else if (result == 0 && write_all(STDOUT_FILENO, &text) < 0)
		result = error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno, "cannot write to standard output");
	buf_fini(&text);
	return result;
}

static int cmd_export_run(const struct command_context *context, const struct command_args *args)
{
	struct error err = ERROR_INIT;
	struct stored_run stored = { 0 };
	const char *format = args_value(args, "format", NULL);
	if (!format)
		return command_usage(context, "--format is missing: say csv or json");
	bool csv = strcmp(format, "csv") == 0;
	if (!csv && strcmp(format, "json") != 0)
		return command_usage(context, "--format \"%s\" is neither csv nor json", format);
	int result = stored_run_open(&stored, context, args->operand_count ? args->operands[0] : NULL,
				     args_value(args, "judge-by", NULL), STORE_LOAD_HEADERS, &err);
	if (result == 0)
		result = export_run(&stored, csv, args_value(args, "output", NULL), &err);
	int code = result < 0 ? command_fail(context, &err) : stored_run_report(&stored).exit_status;
	stored_run_fini(&stored);
	return code;
}

static const struct command_option cmd_export_options[] = {
	{ "format", "csv|json", "what to write", 0, false },
	{ "output", "FILE", "write here instead of to standard output", 'o', false },
	{ "judge-by", "FILE", "judge by this configuration instead of the run's own settings", 0, false },
	{ 0 },
};

const struct command cmd_export = {
	.name = "export",
	.arguments = "[RUN]",
	.summary = "write a stored run (default: the newest) as CSV or JSON",
	.needs = NEEDS_STORE,
	.options = cmd_export_options,
	.operands_max = 1,
	.run = cmd_export_run,
};
