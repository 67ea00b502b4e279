#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static const struct peer *by_domain(const struct gateway_kit *kit, const char *domain)
{
	struct text_key key = text_key_make(slice_make(domain, strlen(domain)));

	return peer_table_by_domain(&kit->peers, &key);
}

static const struct peer *by_address(const struct gateway_kit *kit, const char *address)
{
	struct sip_address at = kit_address(address, 1);

	return peer_table_by_address(&kit->peers, &at);
}

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
		KIT_TEST(peer_is_found_by_index_address_domain_and_leg),
		KIT_TEST(leg_is_of_the_name_in_lower_case),
		KIT_TEST(of_two_gateways_of_a_domain_the_one_with_a_link_is_taken),
		KIT_TEST(calls_choose_by_priority_then_weight_among_those_that_are_up),
		KIT_TEST(gateways_of_one_leg_know_each_other_by_address),
		KIT_TEST(deleted_peer_is_unknown_in_every_way),
		KIT_TEST(full_table_finds_each_of_its_peers),
		KIT_TEST(peer_speaks_and_reaches_only_what_it_was_given),
		KIT_TEST(values_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
