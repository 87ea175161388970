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

/* Where the export goes: standard output, or a file beside the one that is wanted, so that nobody reads half of one. */
struct export_file {
	const char *path; /* NULL: standard output */
	char temporary[4096];
	int fd;
};

static int export_cannot_write(const struct export_file *file, int code, struct error *err)
{
	return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, code, "cannot write %s%s", file->path ? "" : "to ",
			   file->path ? file->path : "standard output");
}

static int export_open(struct export_file *file, const char *path, struct error *err)
{
	*file = (struct export_file){ .path = path, .fd = STDOUT_FILENO };
	if (!path)
		return 0;
	if (snprintf(file->temporary, sizeof(file->temporary), "%s.XXXXXX", path) >= (int)sizeof(file->temporary))
		return error_set(err, ERROR_USAGE, RETRY_NEVER, ENAMETOOLONG, "%s: the name is too long", path);
	file->fd = mkostemp(file->temporary, O_CLOEXEC);
	return file->fd < 0 ? export_cannot_write(file, errno, err) : 0;
}

static int export_write(void *user, struct span octets, struct error *err)
{
	const struct export_file *file = user;
	for (size_t at = 0; at < octets.len;) {
		ssize_t n = write(file->fd, octets.p + at, octets.len - at);
		if (n < 0 && errno != EINTR)
			return export_cannot_write(file, errno, err);
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* The file takes its place where `result` is 0, and is gone where not. */
static int export_close(struct export_file *file, int result, struct error *err)
{
	if (!file->path)
		return result;
	mode_t mask = umask(0);
	umask(mask);
	int failed = result == 0 && fchmod(file->fd, 0666 & ~mask) < 0 ? errno : 0;
	if (close(file->fd) < 0 && !failed)
		failed = errno;
	if (result == 0 && !failed && rename(file->temporary, file->path) < 0)
		failed = errno;
	if (result == 0 && !failed)
		return 0;
	unlink(file->temporary);
	return result < 0 ? -1 : export_cannot_write(file, failed, err);
}

static int export_csv(const struct stored_run *stored, struct export_file *file, struct error *err)
{
	struct buf text = BUF_INIT(REPORT_MAX);
	int result = report_csv(&stored->facts.summary, &stored->matrix, &text, err);
	if (result == 0)
		result = export_write(file, buf_span(&text), err);
	buf_fini(&text);
	return result;
}

static int export_run(const struct stored_run *stored, bool csv, const char *path, struct error *err)
{
	struct export_file file;
	if (export_open(&file, path, err) < 0)
		return -1;
	const struct run_report report = stored_run_report(stored);
	const struct report_sink sink = { export_write, &file };
	int result = csv ? export_csv(stored, &file, err) : report_json(&report, &sink, err);
	return export_close(&file, result, err);
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
