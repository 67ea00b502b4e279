#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/policy_table.h"
#include "tests/unit/rules/gateway_kit.h"

static const struct kit_rule one[] = {{POLICY_ALLOW, "*", "*", 0, 0}};

static int kit_make(void **state)
{
	*state = gateway_kit_create("abc.com", "2001:6789::5060");
	return 0;
}

static int kit_end(void **state)
{
	gateway_kit_destroy(*state);
	return 0;
}

static void without_a_put_there_is_no_policy(void **state)
{
	struct gateway_kit *kit = *state;

	assert_null(policy_table_view(&kit->policies)->current);
	assert_null(policy_previous(policy_table_view(&kit->policies), 0));
}

static void policy_before_the_last_is_kept_for_ten_minutes(void **state)
{
	struct gateway_kit *kit = *state;
	uint64_t now_s = kit->now_ms / 1000;
	const struct policy_pair *pair;

	gateway_kit_policy(kit, one, 1);
	gateway_kit_policy(kit, one, 1);
	pair = policy_table_view(&kit->policies);
	assert_int_equal(policy_index_generation(pair->current), 2);
	assert_int_equal(policy_index_generation(policy_previous(pair, now_s)), 1);
	assert_int_equal(policy_index_generation(policy_previous(pair, now_s + 599)), 1);
	assert_null(policy_previous(pair, now_s + 600));
}

static void same_bytes_again_change_nothing_and_others_do(void **state)
{
	struct gateway_kit *kit = *state;
	const struct policy_pair *before;
	struct policy_blob same = {
		.magic = POLICY_BLOB_MAGIC, .generation = 1, .strings_at = sizeof(same)};

	assert_int_equal(policy_table_put(&kit->policies, &same, sizeof(same), 0), RESULT_OK);
	before = policy_table_view(&kit->policies);
	assert_int_equal(policy_table_put(&kit->policies, &same, sizeof(same), 0), RESULT_OK);
	assert_ptr_equal(policy_table_view(&kit->policies), before);
	/* Of one generation, but another time zone. */
	same.zone_count = 1;
	same.zone[0].offset_s = 3600;
	assert_int_equal(policy_table_put(&kit->policies, &same, sizeof(same), 0), RESULT_OK);
	assert_ptr_not_equal(policy_table_view(&kit->policies), before);
}

static void damaged_blob_is_refused_and_the_policy_stays(void **state)
{
	struct policy_blob bad = {.magic = 1, .generation = 9, .strings_at = sizeof(bad)};
	struct gateway_kit *kit = *state;

	gateway_kit_policy(kit, one, 1);
	assert_int_equal(policy_table_put(&kit->policies, &bad, sizeof(bad), 0), RESULT_BAD);
	assert_int_equal(policy_table_put(&kit->policies, &bad, 3, 0), RESULT_BAD);
	assert_int_equal(policy_index_generation(policy_table_view(&kit->policies)->current), 1);
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(without_a_put_there_is_no_policy),
		KIT_TEST(policy_before_the_last_is_kept_for_ten_minutes),
		KIT_TEST(same_bytes_again_change_nothing_and_others_do),
		KIT_TEST(damaged_blob_is_refused_and_the_policy_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
