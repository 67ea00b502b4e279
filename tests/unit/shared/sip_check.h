/* What the tests of the SIP library share: text as slices, and slices compared with text. */
#ifndef SEKISHO_TESTS_UNIT_SHARED_SIP_CHECK_H
#define SEKISHO_TESTS_UNIT_SHARED_SIP_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/slice.h"

/* A text without its terminator. */
static inline struct slice text_slice(const char *text)
{
	return slice_make(text, strlen(text));
}

/* Fails with both texts printed. */
#define assert_slice(got, want)                                                                    \
	do {                                                                                       \
		struct slice s_ = (got);                                                           \
		const char *t_ = (want);                                                           \
                                                                                                   \
		if (s_.len != strlen(t_) || memcmp(s_.at, t_, s_.len) != 0)                        \
			fail_msg("\"%.*s\" is not \"%s\"", (int)s_.len, s_.at, t_);                \
	} while (0)

/* Stops the test with a name of the row that failed. */
#define assert_row(row, condition)                                                                 \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("\"%s\" is not so for: %s", #condition, row);                     \
	} while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
