/* The settings of [run]. Data only. */
#include "harness/run/run_settings.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const run_check_words[] = { "warn", "enforce", "off", NULL };

static const struct setting_key run_keys[] = {
	{ "check", SETTING_WORD(run_settings, check), .fallback = "warn", .words = run_check_words,
	  .help = "warn: a run begins with a look at the sending domain, and shows what fails there as a warning. "
		  "enforce: what fails there fails the run. off: it takes no such look." },
	{ "wait", SETTING_DURATION(run_settings, wait_ms), .fallback = "10m", .min = 0, .max = 7 * (int64_t)DAY,
	  .help = "How long messages are waited for after the last one was handed over." },
	{ "settle", SETTING_DURATION(run_settings, settle_ms), .fallback = "5s", .min = 0, .max = HOUR,
	  .help = "How long a message that was found is watched for being moved to another folder." },
	{ "sweep", SETTING_BOOL(run_settings, sweep), .fallback = "yes",
	  .help = "Whether all folders of a mailbox are read once at the end for what is still missing: with no, only "
		  "those that are watched (inbox and spam) are." },
	{ "max_messages", SETTING_NUMBER(run_settings, max_messages), .fallback = "1000", .min = 1, .max = 1000000,
	  .help = "A run that would send more than this is refused." },
	{ "login_timeout", SETTING_DURATION(run_settings, login_timeout_ms), .fallback = "30s", .min = 100, .max = HOUR,
	  .help = "Most time for connecting and logging in to a mailbox." },
	{ "command_timeout", SETTING_DURATION(run_settings, command_timeout_ms), .fallback = "30s", .min = 100,
	  .max = HOUR, .help = "Most time for the answer to an IMAP command." },
	{ "workers", SETTING_NUMBER(run_settings, workers), .fallback = "64", .min = 1, .max = 64,
	  .help = "Threads that talk to mailboxes, shared out among the providers." },
};

const struct setting_table run_settings_table = SETTING_TABLE(run_keys);
