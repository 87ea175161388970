/* What every unit test needs: cmocka with its prerequisites, and a message in front of a row's assertion. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka last: it needs the four above. */
#include <cmocka.h>

#include "harness/base/compiler.h"

/* Fails with the label of a table's row in the message. */
#define ROW_ASSERT(label, condition)                                                                                   \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fail_msg("%s: not so: %s", (label), #condition);                                               \
	} while (0)

#define ROW_ASSERT_STRING(label, got, expected)                                                                        \
	do {                                                                                                           \
		const char *got_ = (got), *expected_ = (expected);                                                     \
		if (strcmp(got_, expected_) != 0)                                                                      \
			fail_msg("%s: \"%s\" instead of \"%s\"", (label), got_, expected_);                            \
	} while (0)

#endif
