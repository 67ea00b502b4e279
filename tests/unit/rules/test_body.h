/* What the rules' tests have in common: the cmocka includes and a fresh example gateway for each.
 */
#ifndef SEKISHO_TESTS_UNIT_RULES_TEST_BODY_H
#define SEKISHO_TESTS_UNIT_RULES_TEST_BODY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rules/message_kit.h"

static int kit_make(void **state)
{
	*state = example_kit_create();
	return 0;
}

static int kit_end(void **state)
{
	gateway_kit_destroy(*state);
	return 0;
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

#endif
