#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/leg.h"

static void terminal_leg_is_written_as_the_page_says(void **state)
{
	static const uint8_t expected[] = {0x3f, 0x12, 0x34, 0x56, 0x78,
					   0x9a, 0xde, 0xad, 0xbe, 0xef};
	struct leg_fields fields;
	struct leg leg;

	(void)state;
	leg_of_terminal(&leg, 63, 0x123456, 0x789a, 0xdeadbeef);
	assert_int_equal(leg.length, sizeof(expected));
	assert_memory_equal(leg.bytes, expected, sizeof(expected));
	leg_fields_get(&leg, &fields);
	assert_int_equal(fields.kind, LEG_TERMINAL);
	assert_int_equal(fields.gateway_id, 63);
	assert_int_equal(fields.index, 0x123456);
	assert_int_equal(fields.generation, 0x789a);
	assert_int_equal(fields.name, 0xdeadbeef);
}

static void only_a_terminals_leg_names_a_binding(void **state)
{
	static const struct peer peer = {.leg = {1, 2, 3, 4, 5, 6}};
	struct sip_address ipv6 = kit_address("2001:db8::1", 5070);
	struct leg leg;

	(void)state;
	leg_of_terminal(&leg, 63, 0xfffffe, 0xffff, 0xffffffff);
	assert_int_equal(leg_binding_index(&leg), 0xfffffe);
	leg_of_peer(&leg, &peer);
	assert_int_equal(leg_binding_index(&leg), 0);
	leg_of_clear(&leg, 1, 2, &ipv6);
	assert_int_equal(leg_binding_index(&leg), 0);
	leg_of_self(&leg, 5);
	assert_int_equal(leg_binding_index(&leg), 0);
}

static void clear_leg_holds_port_and_address_of_either_family(void **state)
{
	static const uint8_t expected[] = {0x81, 2, 0x13, 0xc4, 4, 192, 0, 2, 1};
	struct sip_address ipv4 = kit_address("192.0.2.1", 5060);
	struct sip_address ipv6 = kit_address("2001:db8::1", 65535);
	struct leg_fields fields;
	struct leg leg;

	(void)state;
	leg_of_clear(&leg, 1, 2, &ipv4);
	assert_int_equal(leg.length, sizeof(expected));
	assert_memory_equal(leg.bytes, expected, sizeof(expected));
	leg_of_clear(&leg, 1, 2, &ipv6);
	assert_int_equal(leg.length, LEG_BYTES_MAX);
	leg_fields_get(&leg, &fields);
	assert_int_equal(fields.port, 2);
	assert_int_equal(fields.address.port, 65535);
	assert_true(sip_address_is_same_host(&fields.address, &ipv6));
}

static void peer_leg_is_its_hash_and_self_its_gateway(void **state)
{
	static const struct peer peer = {.leg = {1, 2, 3, 4, 5, 6}};
	static const uint8_t expected[] = {0x40, 1, 2, 3, 4, 5, 6};
	struct leg_fields fields;
	struct leg leg;

	(void)state;
	leg_of_peer(&leg, &peer);
	assert_int_equal(leg.length, sizeof(expected));
	assert_memory_equal(leg.bytes, expected, sizeof(expected));
	leg_fields_get(&leg, &fields);
	assert_memory_equal(fields.peer, peer.leg, sizeof(peer.leg));
	leg_of_self(&leg, 5);
	assert_int_equal(leg.length, 1);
	assert_int_equal(leg.bytes[0], 0xc5);
}

static void leg_is_read_from_the_start_of_more_bytes(void **state)
{
	uint8_t bytes[LEG_BYTES_MAX + 9] = {0};
	struct leg leg, read;

	(void)state;
	leg_of_terminal(&leg, 1, 2, 3, 4);
	memcpy(bytes, leg.bytes, leg.length);
	assert_int_equal(leg_read(bytes, sizeof(bytes), &read), RESULT_OK);
	assert_true(leg_is_equal(&leg, &read));
	for (size_t length = 0; length < leg.length; length++)
		assert_int_equal(leg_read(bytes, length, &read), RESULT_BAD);
}

static void bytes_that_no_leg_begins_with_are_bad(void **state)
{
	static const uint8_t peer_of_a_gateway[7] = {0x41};
	static const uint8_t clear_without_family[21] = {0x80, 0, 0, 0, 5};
	static const uint8_t clear_cut[8] = {0x80, 0, 0, 0, 4};
	struct leg leg;

	(void)state;
	assert_int_equal(leg_read(peer_of_a_gateway, 7, &leg), RESULT_BAD);
	assert_int_equal(leg_read(clear_without_family, 21, &leg), RESULT_BAD);
	assert_int_equal(leg_read(clear_cut, 8, &leg), RESULT_BAD);
	assert_int_equal(leg_read(clear_cut, 0, &leg), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_leg_is_written_as_the_page_says),
		cmocka_unit_test(only_a_terminals_leg_names_a_binding),
		cmocka_unit_test(clear_leg_holds_port_and_address_of_either_family),
		cmocka_unit_test(peer_leg_is_its_hash_and_self_its_gateway),
		cmocka_unit_test(leg_is_read_from_the_start_of_more_bytes),
		KIT_TEST(bytes_that_no_leg_begins_with_are_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
