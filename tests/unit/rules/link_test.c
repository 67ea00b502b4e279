#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/link.h"

static enum result to_leg(const struct gateway_kit *kit, const struct leg *leg, struct link *out)
{
	return link_to_leg(&kit->tables, settings_view(&kit->settings), leg, out);
}

static void leg_of_a_terminal_leads_to_its_binding(void **state)
{
	struct gateway_kit *kit = *state;
	struct link link;
	struct leg leg;

	leg_of_terminal(&leg, 1, 2, 1, 0x1002);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_OK);
	assert_int_equal(link.kind, LEG_TERMINAL);
	assert_ptr_equal(link.binding, binding_table_at(&kit->bindings, 2));
	assert_true(leg_is_equal(&link.leg, &leg));
	assert_true(sip_address_is_same_host(&link.local, &kit->address));
	assert_int_equal(link.level, 3);
}

static void leg_of_another_gateway_generation_or_name_leads_nowhere(void **state)
{
	struct gateway_kit *kit = *state;
	struct link link;
	struct leg leg;

	leg_of_terminal(&leg, 2, 2, 1, 0x1002);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
	leg_of_terminal(&leg, 1, 2, 2, 0x1002);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
	leg_of_terminal(&leg, 1, 2, 1, 0x1003);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
	leg_of_terminal(&leg, 1, 0, 0, 0);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
	leg_of_self(&leg, 2);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
}

static void leg_of_a_peer_leads_to_any_of_its_gateways_that_is_up(void **state)
{
	struct contract_peer first = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct gateway_kit *kit = *state;
	struct link link;
	struct leg leg;

	leg_of_peer(&leg, peer_table_at(&kit->peers, 1));
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_OK);
	assert_int_equal(link.peer->index, 1);
	first.sa_out_count = 0;
	gateway_kit_peer(kit, &first);
	gateway_kit_peer(kit, &second);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_OK);
	assert_int_equal(link.peer->index, 2);
	assert_int_equal(peer_table_delete(&kit->peers, 1), RESULT_OK);
	assert_int_equal(peer_table_delete(&kit->peers, 2), RESULT_OK);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
}

static void clear_leg_leads_to_its_address_where_we_have_one_like_it(void **state)
{
	struct sip_address ipv6 = kit_address("2001:db8::1", 5070);
	struct sip_address ipv4 = kit_address("192.0.2.1", 5070);
	struct gateway_kit *kit = *state;
	struct link link;
	struct leg leg;

	leg_of_clear(&leg, 1, 0, &ipv6);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_OK);
	assert_int_equal(link.kind, LEG_CLEAR);
	assert_int_equal(link.level, 0);
	assert_int_equal(link.remote.port, 5070);
	assert_true(sip_address_is_same_host(&link.remote, &ipv6));
	assert_true(sip_address_is_same_host(&link.local, &kit->address));
	assert_true(leg_is_equal(&link.leg, &leg));
	leg_of_clear(&leg, 1, 0, &ipv4);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
	leg_of_clear(&leg, 1, 7, &ipv6);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
	leg_of_clear(&leg, 2, 0, &ipv6);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_NOT_FOUND);
}

static void at_a_clear_legs_end_is_most_likely_who_is_registered_there(void **state)
{
	struct sip_address here = kit_address("2001:db8::1", 5060);
	struct sip_address there = kit_address("2001:db8::1", 5070);
	struct gateway_kit *kit = *state;
	struct contract_binding put =
		gateway_kit_binding_make(kit, 9, "user-d@abc.com", "2001:db8::1");
	struct leg leg;

	put.sa_index = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	leg_of_clear(&leg, 1, 0, &here);
	assert_int_equal(link_likely_index(&kit->tables, &leg), 9);
	leg_of_clear(&leg, 1, 0, &there);
	assert_int_equal(link_likely_index(&kit->tables, &leg), 0);
	leg_of_terminal(&leg, 1, 2, 1, 0x1002);
	assert_int_equal(link_likely_index(&kit->tables, &leg), 2);
	leg_of_self(&leg, 1);
	assert_int_equal(link_likely_index(&kit->tables, &leg), 0);
}

static void leg_of_ourselves_is_ourselves(void **state)
{
	struct gateway_kit *kit = *state;
	struct link link;
	struct leg leg;

	leg_of_self(&leg, 1);
	assert_int_equal(to_leg(kit, &leg, &link), RESULT_OK);
	assert_int_equal(link.kind, LEG_SELF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(leg_of_a_terminal_leads_to_its_binding),
		KIT_TEST(leg_of_another_gateway_generation_or_name_leads_nowhere),
		KIT_TEST(leg_of_a_peer_leads_to_any_of_its_gateways_that_is_up),
		KIT_TEST(clear_leg_leads_to_its_address_where_we_have_one_like_it),
		KIT_TEST(at_a_clear_legs_end_is_most_likely_who_is_registered_there),
		KIT_TEST(leg_of_ourselves_is_ourselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
