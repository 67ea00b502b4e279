#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/tables.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/tables/settings.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static void all_tables_are_there_and_empty(void **state)
{
	const struct tables *tables = ((struct plane_kit *)*state)->tables;

	assert_non_null(tables->sas);
	assert_non_null(tables->bindings);
	assert_non_null(tables->identities);
	assert_non_null(tables->peers);
	assert_non_null(tables->policies);
	assert_non_null(tables->keys);
	assert_non_null(tables->next_hops);
	assert_non_null(tables->sources);
	assert_int_equal(tables->sas->live, 0);
	assert_int_equal(tables->sas->capacity, 64);
}

static void the_rules_know_the_gateways_addresses_with_the_sip_port(void **state)
{
	const struct tables *tables = ((struct plane_kit *)*state)->tables;
	const struct own_address *own = settings_own_address(tables->settings, 0, 6);
	struct contract_address expected = plane_address("2001:db8::60", 5060);

	assert_non_null(own);
	assert_int_equal(own->address.port, 5060);
	assert_memory_equal(own->address.bytes, expected.bytes, 16);
	assert_non_null(settings_own_address(tables->settings, 0, 4));
	assert_null(settings_own_address(tables->settings, 1, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_tables_are_there_and_empty),
		cmocka_unit_test(the_rules_know_the_gateways_addresses_with_the_sip_port),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
