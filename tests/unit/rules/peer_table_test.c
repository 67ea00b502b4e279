#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rules/peer_kit.h"

static void peer_is_found_by_index_address_domain_and_leg(void **state)
{
	struct contract_peer put = gateway_kit_peer_make(3, "xyz.com", "2001:abcd::5060");
	struct gateway_kit *kit = *state;
	const struct peer *peer;

	strcpy(put.name, "XYZ.com");
	gateway_kit_peer(kit, &put);
	peer = peer_table_at(&kit->peers, 3);
	assert_non_null(peer);
	assert_ptr_equal(by_address(kit, "2001:abcd::5060"), peer);
	assert_ptr_equal(by_domain(kit, "xyz.com"), peer);
	assert_ptr_equal(peer_table_by_leg(&kit->peers, peer->leg), peer);
	assert_null(by_address(kit, "2001:abcd::5061"));
	assert_null(by_domain(kit, "xyz.co"));
	assert_null(peer_table_at(&kit->peers, 4));
	assert_null(peer_table_at(&kit->peers, 4000));
}

static void deleted_peer_is_unknown_in_every_way(void **state)
{
	struct contract_peer put = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::1");
	struct gateway_kit *kit = *state;

	gateway_kit_peer(kit, &put);
	assert_int_equal(peer_table_delete(&kit->peers, 1), RESULT_OK);
	assert_null(peer_table_at(&kit->peers, 1));
	assert_null(by_domain(kit, "xyz.com"));
	assert_null(by_address(kit, "2001:abcd::1"));
	assert_int_equal(peer_table_delete(&kit->peers, 1), RESULT_NOT_FOUND);
}

static void full_table_finds_each_of_its_peers(void **state)
{
	struct gateway_kit *kit = *state;
	char domain[32], address[40];

	for (unsigned i = 1; i < PEER_CAPACITY; i++) {
		struct contract_peer put;

		snprintf(domain, sizeof(domain), "peer-%u.example", i);
		snprintf(address, sizeof(address), "2001:db8:%x::1", i);
		put = gateway_kit_peer_make(i, domain, address);
		gateway_kit_peer(kit, &put);
		deferred_poll(kit->deferred);
	}
	for (unsigned i = 1; i < PEER_CAPACITY; i++) {
		snprintf(domain, sizeof(domain), "peer-%u.example", i);
		snprintf(address, sizeof(address), "2001:db8:%x::1", i);
		assert_int_equal(by_domain(kit, domain)->index, i);
		assert_int_equal(by_address(kit, address)->index, i);
	}
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(peer_is_found_by_index_address_domain_and_leg),
		KIT_TEST(deleted_peer_is_unknown_in_every_way),
		KIT_TEST(full_table_finds_each_of_its_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
