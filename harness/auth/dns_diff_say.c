/* Adding one change in words. */
#include "harness/auth/dns_diff_internal.h"

#include <stdarg.h>
#include <stdio.h>

int diff_say(const struct diff *diff, struct error *err, const char *fmt, ...)
{
	/* vsnprintf cuts; what is cut is shown as far as it goes. */
	char text[DIFF_WHAT_MAX];
	_cleanup_(buf_fini) struct buf what = BUF_INIT(DIFF_WHAT_MAX);
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_add_str(&what, text);
	const struct dns_change change = { (char *)(uintptr_t)diff->name, diff->type, diff->subject, NULL, false };
	return dns_changes_add(diff->out, &change, &what, err);
}
