/* dataplane/tables/peer.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/peer_table.h"
#include "tests/unit/rules/gateway_kit.h"

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

static void leg_is_of_the_name_in_lower_case(void **state)
{
	/* printf xyz.com | sha256sum */
	static const uint8_t expected[PEER_LEG_BYTES] = {0x0a, 0x5d, 0x06, 0xda, 0x3e, 0xfc};
	struct contract_peer put = gateway_kit_peer_make(3, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;

	strcpy(put.name, "XYZ.COM");
	gateway_kit_peer(kit, &put);
	assert_memory_equal(peer_table_at(&kit->peers, 3)->leg, expected, sizeof(expected));
}

static void peer_speaks_and_reaches_only_what_it_was_given(void **state)
{
	struct contract_peer put = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::1");
	struct text_key xyz = text_key_make(SLICE("xyz.com"));
	struct text_key far = text_key_make(SLICE("far.example"));
	struct gateway_kit *kit = *state;
	const struct peer *peer;

	strcpy(put.reach[0], "far.example");
	put.reach_count = 1;
	gateway_kit_peer(kit, &put);
	peer = peer_table_at(&kit->peers, 1);
	assert_true(peer_speaks_for(peer, &xyz));
	assert_false(peer_speaks_for(peer, &far));
	assert_true(peer_may_reach(peer, &far));
	assert_false(peer_may_reach(peer, &xyz));
}

static void values_out_of_range_are_refused(void **state)
{
	struct contract_peer put = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::1");
	struct gateway_kit *kit = *state;

	put.index = 0;
	assert_int_equal(peer_table_put(&kit->peers, &put), RESULT_BAD);
	put.index = PEER_CAPACITY;
	assert_int_equal(peer_table_put(&kit->peers, &put), RESULT_BAD);
	put.index = 1;
	put.domain_count = PEER_DOMAINS + 1;
	assert_int_equal(peer_table_put(&kit->peers, &put), RESULT_BAD);
	put.domain_count = 1;
	memset(put.name, 'n', sizeof(put.name));
	assert_int_equal(peer_table_put(&kit->peers, &put), RESULT_BAD);
	assert_null(peer_table_at(&kit->peers, 1));
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(leg_is_of_the_name_in_lower_case),
		KIT_TEST(peer_speaks_and_reaches_only_what_it_was_given),
		KIT_TEST(values_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
