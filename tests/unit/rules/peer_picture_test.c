/* dataplane/tables/peer_picture.c: which of several is found, and chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rules/peer_kit.h"

static void of_two_gateways_of_a_domain_the_one_with_a_link_is_taken(void **state)
{
	struct contract_peer first = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::1");
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct gateway_kit *kit = *state;

	gateway_kit_peer(kit, &first);
	gateway_kit_peer(kit, &second);
	assert_int_equal(by_domain(kit, "xyz.com")->index, 1);
	first.sa_out_count = 0;
	gateway_kit_peer(kit, &first);
	assert_int_equal(by_domain(kit, "xyz.com")->index, 2);
	assert_int_equal(by_address(kit, "2001:abcd::1")->index, 1);
}

/* How often each of the gateways 1..count is chosen for many calls. */
static void chosen(const struct gateway_kit *kit, unsigned *of, unsigned count)
{
	memset(of, 0, count * sizeof(*of));
	for (unsigned i = 0; i < 1000; i++) {
		char call[32];
		uint64_t hash;
		const struct peer *peer;

		snprintf(call, sizeof(call), "call-%u@example", i);
		hash = text_hash(slice_make(call, strlen(call)));
		peer = peer_table_choose(&kit->peers, by_domain(kit, "xyz.com"), hash);
		assert_ptr_equal(peer, peer_table_choose(&kit->peers, peer, hash));
		of[peer->index - 1]++;
	}
}

static void calls_choose_by_priority_then_weight_among_those_that_are_up(void **state)
{
	struct contract_peer put[3];
	struct gateway_kit *kit = *state;
	unsigned of[3];

	for (unsigned i = 0; i < 3; i++) {
		char address[32];

		snprintf(address, sizeof(address), "2001:abcd::%u", i + 1);
		put[i] = gateway_kit_peer_make(i + 1, "xyz.com", address);
		put[i].priority = i == 0 ? 2 : 1;
		put[i].weight = i == 2 ? 3 : 1;
		gateway_kit_peer(kit, &put[i]);
	}
	chosen(kit, of, 3);
	assert_int_equal(of[0], 0);
	assert_in_range(of[1], 200, 300);
	assert_in_range(of[2], 700, 800);
	put[2].is_lost = 1;
	gateway_kit_peer(kit, &put[2]);
	chosen(kit, of, 3);
	assert_int_equal(of[1], 1000);
	assert_int_equal(by_domain(kit, "xyz.com")->index, 2);
	put[1].sa_out_count = 0;
	gateway_kit_peer(kit, &put[1]);
	chosen(kit, of, 3);
	assert_int_equal(of[0], 1000);
	/* none is up: whoever was asked about */
	put[0].is_lost = 1;
	gateway_kit_peer(kit, &put[0]);
	chosen(kit, of, 3);
	assert_false(peer_is_up(by_domain(kit, "xyz.com")));
}

static void gateways_of_one_leg_know_each_other_by_address(void **state)
{
	struct contract_peer first = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::1");
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct contract_peer other = gateway_kit_peer_make(3, "far.example", "2001:db8::3");
	struct sip_address at = kit_address("2001:abcd::2", 1), far = kit_address("2001:db8::3", 1);
	struct gateway_kit *kit = *state;
	const struct peer *peer;

	gateway_kit_peer(kit, &first);
	peer = peer_table_at(&kit->peers, 1);
	assert_false(peer_table_is_one_of_many(&kit->peers, peer));
	gateway_kit_peer(kit, &second);
	gateway_kit_peer(kit, &other);
	assert_true(peer_table_is_one_of_many(&kit->peers, peer));
	assert_int_equal(peer_table_beside(&kit->peers, peer, &at)->index, 2);
	assert_null(peer_table_beside(&kit->peers, peer, &far));
	assert_false(peer_table_has_siblings(&kit->peers));
	other.is_sibling = 1;
	gateway_kit_peer(kit, &other);
	assert_true(peer_table_has_siblings(&kit->peers));
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(of_two_gateways_of_a_domain_the_one_with_a_link_is_taken),
		KIT_TEST(calls_choose_by_priority_then_weight_among_those_that_are_up),
		KIT_TEST(gateways_of_one_leg_know_each_other_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
