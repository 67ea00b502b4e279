#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/ingress.h"

static enum result come_by(struct gateway_kit *kit, const struct ingress_sa *sa)
{
	rules_begin(&kit->rules, &kit->tables, kit->events, kit->now_ms);
	return ingress_of_sa(&kit->rules, sa);
}

static void sa_of_a_terminal_is_its_binding_whatever_address_is_in_the_packet(void **state)
{
	struct gateway_kit *kit = *state;
	struct ingress_sa sa = gateway_kit_from_terminal(kit, 2);
	struct leg expected;

	sa.remote = kit_address("2001:1234::10", 5060);
	assert_int_equal(come_by(kit, &sa), RESULT_OK);
	assert_int_equal(kit->rules.ingress.binding->index, 2);
	leg_of_terminal(&expected, 1, 2, 1, 0x1002);
	assert_true(leg_is_equal(&kit->rules.ingress.leg, &expected));
}

static void sa_whose_binding_or_peer_is_gone_has_no_owner(void **state)
{
	struct gateway_kit *kit = *state;
	struct ingress_sa sa = gateway_kit_from_terminal(kit, 2);
	struct ingress_sa peer = gateway_kit_from_peer(kit, 1);

	sa.owner_generation = 2;
	assert_int_equal(come_by(kit, &sa), RESULT_NOT_FOUND);
	peer.owner_index = 2;
	assert_int_equal(come_by(kit, &peer), RESULT_NOT_FOUND);
	peer.owner_index = 4000;
	assert_int_equal(come_by(kit, &peer), RESULT_NOT_FOUND);
}

static void sa_not_registered_yet_has_a_leg_of_zeros(void **state)
{
	static const uint8_t expected[10] = {1};
	struct gateway_kit *kit = *state;
	struct ingress_sa sa = gateway_kit_from_terminal(kit, 2);

	sa.owner_index = 0;
	assert_int_equal(come_by(kit, &sa), RESULT_OK);
	assert_null(kit->rules.ingress.binding);
	assert_int_equal(kit->rules.ingress.leg.length, sizeof(expected));
	assert_memory_equal(kit->rules.ingress.leg.bytes, expected, sizeof(expected));
}

static void come_in_clear(struct gateway_kit *kit, uint8_t port, const struct sip_address *from)
{
	struct contract_address local = kit_contract_address(&kit->address);
	struct contract_address remote = kit_contract_address(from);

	rules_begin(&kit->rules, &kit->tables, kit->events, kit->now_ms);
	ingress_of_clear(&kit->rules, port, &local, &remote, SIP_LEVEL_CLEAR);
}

static void clear_sender_is_its_address_and_port(void **state)
{
	struct sip_address remote = kit_address("2001:db8::1", 40000);
	struct gateway_kit *kit = *state;
	struct leg expected;

	come_in_clear(kit, 3, &remote);
	assert_true(sip_address_is_same_host(&kit->rules.ingress.local, &kit->address));
	assert_true(sip_address_is_same_host(&kit->rules.ingress.remote, &remote));
	assert_int_equal(kit->rules.ingress.remote.port, 40000);
	leg_of_clear(&expected, 1, 3, &remote);
	assert_true(leg_is_equal(&kit->rules.ingress.leg, &expected));
	assert_int_equal(kit->rules.ingress.level, 0);
	assert_int_equal(kit->rules.sa_handle, 0);
}

static void who_is_registered_where_clear_came_from_is_likely_and_no_more(void **state)
{
	struct sip_address here = kit_address("2001:db8::1", 5060);
	struct sip_address there = kit_address("2001:db8::1", 40000);
	struct gateway_kit *kit = *state;
	struct contract_binding put =
		gateway_kit_binding_make(kit, 9, "user-d@abc.com", "2001:db8::1");

	put.sa_index = 0;
	put.is_legacy = 1;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	come_in_clear(kit, 0, &here);
	assert_int_equal(kit->rules.likely->index, 9);
	assert_true(slice_is_equal(rules_remote_text(&kit->rules), SLICE("2001:db8::1")));
	assert_null(kit->rules.ingress.binding);
	assert_int_equal(kit->rules.ingress.kind, LEG_CLEAR);
	assert_int_equal(kit->rules.ingress.level, 0);
	assert_false(link_is_legacy(&kit->rules.ingress));
	come_in_clear(kit, 0, &there);
	assert_null(kit->rules.likely);
	assert_int_equal(rules_remote_text(&kit->rules).len, 0);
}

static void peer_over_tls_is_its_leg_at_the_level_it_is_worth(void **state)
{
	struct sip_address remote = kit_address("2001:db8::1", 40000);
	struct gateway_kit *kit = *state;
	struct contract_peer peer = gateway_kit_peer_make(2, "far.example", "2001:db8:7::1");
	struct leg expected;

	rules_begin(&kit->rules, &kit->tables, kit->events, kit->now_ms);
	assert_int_equal(ingress_of_peer(&kit->rules, 2, &kit->address, &remote),
			 RESULT_NOT_FOUND);
	gateway_kit_peer(kit, &peer);
	assert_int_equal(ingress_of_peer(&kit->rules, 2, &kit->address, &remote),
			 RESULT_NOT_FOUND);
	peer.is_tls = 1;
	peer.sa_out_count = 0;
	gateway_kit_peer(kit, &peer);
	assert_int_equal(ingress_of_peer(&kit->rules, 2, &kit->address, &remote), RESULT_OK);
	leg_of_peer(&expected, peer_table_at(&kit->peers, 2));
	assert_true(leg_is_equal(&kit->rules.ingress.leg, &expected));
	assert_int_equal(kit->rules.ingress.kind, LEG_PEER);
	assert_int_equal(kit->rules.ingress.level, 3);
	assert_int_equal(kit->rules.sa_handle, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(sa_of_a_terminal_is_its_binding_whatever_address_is_in_the_packet),
		KIT_TEST(sa_whose_binding_or_peer_is_gone_has_no_owner),
		KIT_TEST(peer_over_tls_is_its_leg_at_the_level_it_is_worth),
		KIT_TEST(sa_not_registered_yet_has_a_leg_of_zeros),
		KIT_TEST(who_is_registered_where_clear_came_from_is_likely_and_no_more),
		KIT_TEST(clear_sender_is_its_address_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
