/* The log. Each line is one write, so that lines of several threads and processes do not mix. Must never fail its
 * caller nor write a control character. */
#include "harness/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"

enum { LINE_MAX_OCTETS = 4000, MARK_MAX = 300 };

struct log {
	int fd;
	enum log_level level;
	pthread_mutex_t lock;
};

int log_new(int fd, enum log_level level, struct log **ret, struct error *err)
{
	struct log *log = calloc(1, sizeof(*log));
	if (!log)
		return error_memory(err);
	log->fd = fd;
	log->level = level;
	pthread_mutex_init(&log->lock, NULL);
	*ret = log;
	return 0;
}

void log_free(struct log *log)
{
	if (!log)
		return;
	pthread_mutex_destroy(&log->lock);
	free(log);
}

bool log_wants(const struct log *log, enum log_level level)
{
	return log && log->level >= level;
}

static void write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static void write_line(struct log *log, const char *mark, struct span text)
{
	char time[TIME_TEXT_MAX], escaped[LINE_MAX_OCTETS], line[LINE_MAX_OCTETS + TIME_TEXT_MAX + MARK_MAX + 16];
	escape_text(escaped, sizeof(escaped), text);
	int n = snprintf(line, sizeof(line), "%s %s%s\n", time_rfc3339(clock_wall_ms(), time), mark, escaped);
	if (n < 0)
		return;
	pthread_mutex_lock(&log->lock);
	write_all(log->fd, line, (size_t)n);
	pthread_mutex_unlock(&log->lock);
}

static void write_formatted(struct log *log, const char *mark, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void write_formatted(struct log *log, const char *mark, const char *fmt, va_list args)
{
	char raw[LINE_MAX_OCTETS];
	vsnprintf(raw, sizeof(raw), fmt, args);
	write_line(log, mark, span_of(raw));
}

void log_problem(struct log *log, const char *fmt, ...)
{
	va_list args;
	if (!log_wants(log, LOG_LEVEL_QUIET))
		return;
	va_start(args, fmt);
	write_formatted(log, "warning: ", fmt, args);
	va_end(args);
}

void log_event(struct log *log, const char *fmt, ...)
{
	va_list args;
	if (!log_wants(log, LOG_LEVEL_EVENTS))
		return;
	va_start(args, fmt);
	write_formatted(log, "", fmt, args);
	va_end(args);
}

void log_transcript(struct log *log, const char *who, char direction, struct span octets)
{
	struct span line;
	char name[MARK_MAX], mark[MARK_MAX + 8];
	if (!log_wants(log, LOG_LEVEL_TRANSCRIPTS))
		return;
	snprintf(mark, sizeof(mark), "%s %c ", escape_text(name, sizeof(name), span_of(who)), direction);
	while (octets.len > 0 && span_next(&octets, '\n', &line)) {
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		write_line(log, mark, line);
	}
}
