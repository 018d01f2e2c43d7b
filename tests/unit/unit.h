#ifndef HAMLET_TESTS_UNIT_H
#define HAMLET_TESTS_UNIT_H

/* What every unit test includes first: cmocka, and the headers it wants to see before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

/* Check that CALL returns 0, and show what it says if it doesn't. */
#define assert_ok(call, err)                                                                                 \
	do {                                                                                                 \
		if ((call) != 0)                                                                             \
			fail_msg("%s: %s", #call, (err).text);                                               \
	} while (0)

#endif
