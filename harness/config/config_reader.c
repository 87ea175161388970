/* What is wrong with a configuration that is being filled. */
#include "harness/config/config_reader.h"

#include <stdarg.h>
#include <stdio.h>

void config_report(struct config_reader *reader, enum config_severity severity, unsigned line, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX + 256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	config_problems_add(reader->problems, severity, reader->file, line, text, &reader->error);
}
