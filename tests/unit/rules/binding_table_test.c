#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/binding_table.h"
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

static struct contract_binding made(const struct gateway_kit *kit)
{
	struct contract_binding put =
		gateway_kit_binding_make(kit, 5, "user-a@abc.com", "2001:1234::10");

	put.identity_count = 2;
	strcpy(put.identity[1], "tel:+81312345678");
	put.is_untrusted = 1;
	put.registration[0] = (struct contract_registration){
		.registered_s = 1000, .expires_s = 5000, .q_thousandths = 500, .is_primary = 1};
	put.registration[1] = (struct contract_registration){
		.registered_s = 2000, .expires_s = 4000, .q_thousandths = 1000};
	return put;
}

static void binding_says_again_what_was_put(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit), out = {0};

	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	binding_record_fill(binding_table_at(&kit->bindings, 5), &out);
	assert_memory_equal(&out, &put, sizeof(out));
}

static void identities_of_the_binding_are_its_own_and_no_others(void **state)
{
	struct text_key first = text_key_make(SLICE("user-a@abc.com"));
	struct text_key second = text_key_make(SLICE("tel:+81312345678"));
	struct text_key other = text_key_make(SLICE("user-a@abc.co"));
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit);
	const struct binding *binding;

	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	binding = binding_table_at(&kit->bindings, 5);
	assert_true(binding_has_identity(binding, &first));
	assert_true(binding_has_identity(binding, &second));
	assert_false(binding_has_identity(binding, &other));
	assert_true(
		slice_is_equal(binding_contact(binding), SLICE("sip:user-a@[2001:1234::10]:5060")));
	assert_true(slice_is_equal(binding_subscriber(binding), SLICE("user-a@abc.com")));
	assert_true(slice_is_equal(binding_host(binding), SLICE("[2001:1234::10]")));
}

static void another_generation_is_not_found(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit);

	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_non_null(binding_table_find(&kit->bindings, 5, 1));
	assert_null(binding_table_find(&kit->bindings, 5, 2));
	assert_null(binding_table_find(&kit->bindings, 6, 1));
	assert_null(binding_table_find(&kit->bindings, KIT_BINDINGS, 1));
	assert_null(binding_table_find(&kit->bindings, UINT32_MAX, 1));
	assert_int_equal(binding_table_delete(&kit->bindings, 5, 2), RESULT_STALE);
	assert_int_equal(binding_table_delete(&kit->bindings, 6, 1), RESULT_NOT_FOUND);
	assert_int_equal(binding_table_delete(&kit->bindings, 5, 1), RESULT_OK);
	assert_null(binding_table_at(&kit->bindings, 5));
	assert_int_equal(kit->bindings.count, 0);
}

static void largest_binding_fits_into_a_record(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit);

	put.identity_count = LIMIT_BINDING_IDENTITIES;
	for (unsigned i = 0; i < LIMIT_BINDING_IDENTITIES; i++)
		memset(put.identity[i], 'a' + (int)i, LIMIT_AOR_BYTES);
	memset(put.contact, 'c', LIMIT_CONTACT_BYTES);
	memset(put.subscriber, 's', LIMIT_AOR_BYTES);
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_true(binding_table_at(&kit->bindings, 5)->bytes <= SLAB_RECORD_BYTES);
}

static void values_out_of_range_are_refused(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit);

	put.index = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_BAD);
	put.index = KIT_BINDINGS;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_BAD);
	put.index = 5;
	put.generation = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_BAD);
	put.generation = 1;
	put.identity_count = LIMIT_BINDING_IDENTITIES + 1;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_BAD);
	put.identity_count = 1;
	memset(put.contact, 'c', sizeof(put.contact));
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_BAD);
	assert_int_equal(kit->bindings.count, 0);
}

static void terminal_costs_less_than_half_a_kilobyte(void **state)
{
	struct gateway_kit *kit = *state;

	gateway_kit_terminal(kit, 1, "user-a@abc.com", "2001:1234::10");
	print_message("binding record: %u bytes\n", binding_table_at(&kit->bindings, 1)->bytes);
	assert_true(binding_table_at(&kit->bindings, 1)->bytes < 256);
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

static void binding_is_found_by_its_name_as_long_as_it_has_it(void **state)
{
	static const struct text_key nobody;
	struct text_key user = text_key_make(SLICE("user-a@abc.com"));
	struct text_key other = text_key_make(SLICE("user-b@abc.com"));
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit), twin;

	put.name = 0x01020304;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	/* in the same bucket, and of the very same name */
	for (uint32_t i = 6; i < 9; i++) {
		twin = gateway_kit_binding_make(kit, i, "user-b@abc.com", "2001:1234::11");
		twin.name = i == 6 ? put.name : put.name + (i << 24);
		assert_int_equal(binding_table_put(&kit->bindings, &twin), RESULT_OK);
	}
	assert_int_equal(binding_table_by_name(&kit->bindings, put.name, &user)->index, 5);
	assert_int_equal(binding_table_by_name(&kit->bindings, put.name, &other)->index, 6);
	assert_non_null(binding_table_by_name(&kit->bindings, put.name, &nobody));
	assert_int_equal(binding_table_by_name(&kit->bindings, twin.name, &other)->index, 8);
	assert_null(binding_table_by_name(&kit->bindings, put.name + 1, &user));
	put.name = 7;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_null(binding_table_by_name(&kit->bindings, 0x01020304, &user));
	assert_int_equal(binding_table_by_name(&kit->bindings, 7, &user)->index, 5);
	assert_int_equal(binding_table_by_name(&kit->bindings, 0x01020304, &other)->index, 6);
	assert_int_equal(binding_table_delete(&kit->bindings, 6, twin.generation), RESULT_OK);
	assert_null(binding_table_by_name(&kit->bindings, 0x01020304, &other));
	assert_int_equal(binding_table_by_name(&kit->bindings, twin.name, &other)->index, 8);
}

static uint32_t index_in_clear(struct gateway_kit *kit, const char *address, uint16_t port)
{
	struct sip_address at = kit_address(address, port);
	const struct binding *binding = binding_table_in_clear(&kit->bindings, &at);

	return binding ? binding->index : 0;
}

static void clear_terminal_is_found_where_it_sends_from_as_long_as_it_is_one(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding put = made(kit);

	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_int_equal(index_in_clear(kit, "2001:1234::10", 5060), 0);
	put.sa_index = 0;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_int_equal(index_in_clear(kit, "2001:1234::10", 5060), 5);
	assert_int_equal(index_in_clear(kit, "2001:1234::10", 5061), 0);
	assert_int_equal(index_in_clear(kit, "2001:1234::11", 5060), 0);
	put.address.bytes[15] = 0x11;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_int_equal(index_in_clear(kit, "2001:1234::10", 5060), 0);
	assert_int_equal(index_in_clear(kit, "2001:1234::11", 5060), 5);
	put.sa_index = 5;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_int_equal(index_in_clear(kit, "2001:1234::11", 5060), 0);
	put.sa_index = 0;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	assert_int_equal(index_in_clear(kit, "2001:1234::11", 5060), 5);
	assert_int_equal(binding_table_delete(&kit->bindings, 5, 1), RESULT_OK);
	assert_int_equal(index_in_clear(kit, "2001:1234::11", 5060), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(binding_says_again_what_was_put),
		KIT_TEST(identities_of_the_binding_are_its_own_and_no_others),
		KIT_TEST(another_generation_is_not_found),
		KIT_TEST(clear_terminal_is_found_where_it_sends_from_as_long_as_it_is_one),
		KIT_TEST(largest_binding_fits_into_a_record),
		KIT_TEST(values_out_of_range_are_refused),
		KIT_TEST(terminal_costs_less_than_half_a_kilobyte),
		cmocka_unit_test_setup_teardown(binding_is_found_by_its_name_as_long_as_it_has_it,
						kit_make, kit_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
