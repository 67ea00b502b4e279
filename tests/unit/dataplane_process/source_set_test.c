#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "dataplane/source_set.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static void an_address_is_in_as_long_as_an_sa_goes_there(void **state)
{
	struct contract_address a = plane_address("2001:db8::1", 0);
	struct contract_address with_port = plane_address("2001:db8::1", 4500);
	struct source_set *set;

	(void)state;
	assert_int_equal(source_set_create(64, 1, &set), RESULT_OK);
	assert_false(source_set_has(set, &a));
	source_set_add(set, &a);
	source_set_add(set, &with_port);
	assert_true(source_set_has(set, &a));
	source_set_remove(set, &a);
	assert_true(source_set_has(set, &with_port));
	source_set_remove(set, &a);
	assert_false(source_set_has(set, &a));
	source_set_remove(set, &a);
	assert_false(source_set_has(set, &a));
	source_set_destroy(set);
}

static void families_are_told_apart(void **state)
{
	struct contract_address v4 = plane_address("1.2.3.4", 0);
	struct contract_address v6 = plane_address("102:304::", 0);
	struct source_set *set;

	(void)state;
	assert_int_equal(source_set_create(64, 1, &set), RESULT_OK);
	source_set_add(set, &v4);
	assert_true(source_set_has(set, &v4));
	assert_false(source_set_has(set, &v6));
	source_set_destroy(set);
}

static void as_many_as_it_was_made_for_are_found_again(void **state)
{
	struct source_set *set;
	char text[32];

	(void)state;
	assert_int_equal(source_set_create(1000, 99, &set), RESULT_OK);
	for (unsigned round = 0; round < 2; round++) {
		unsigned found = 0;

		for (unsigned i = 0; i < 1000; i++) {
			struct contract_address address;

			snprintf(text, sizeof(text), "10.0.%u.%u", i / 250, i % 250);
			address = plane_address(text, 0);
			if (round == 0)
				source_set_add(set, &address);
			found += source_set_has(set, &address);
		}
		assert_int_equal(found + source_set_left_out(set), 1000);
	}
	assert_in_range(source_set_left_out(set), 0, 100);
	source_set_destroy(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_in_as_long_as_an_sa_goes_there),
		cmocka_unit_test(families_are_told_apart),
		cmocka_unit_test(as_many_as_it_was_made_for_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
