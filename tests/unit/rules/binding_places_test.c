#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/tables/binding_places.h"

static struct sip_address address_make(uint8_t last, uint16_t port, uint8_t family)
{
	struct sip_address address = {.family = family, .port = port};

	address.bytes[0] = 0x20;
	address.bytes[family == 6 ? 15 : 3] = last;
	return address;
}

static void who_was_put_is_found_until_he_is_removed(void **state)
{
	struct binding_places places;

	(void)state;
	assert_int_equal(binding_places_init(&places, 1000, 77), RESULT_OK);
	for (uint32_t i = 1; i < 256; i++) {
		struct sip_address six = address_make((uint8_t)i, 5060, 6);
		struct sip_address four = address_make((uint8_t)i, 5060, 4);

		binding_places_add(&places, &six, i);
		binding_places_add(&places, &four, 0xffff00 + i);
	}
	for (uint32_t i = 1; i < 256; i++) {
		struct sip_address six = address_make((uint8_t)i, 5060, 6);
		struct sip_address four = address_make((uint8_t)i, 5060, 4);

		assert_int_equal(binding_places_find(&places, &six), i);
		assert_int_equal(binding_places_find(&places, &four), 0xffff00 + i);
		binding_places_remove(&places, &six, i);
		assert_int_equal(binding_places_find(&places, &six), 0);
		assert_int_equal(binding_places_find(&places, &four), 0xffff00 + i);
	}
	binding_places_fini(&places);
}

static void another_port_is_another_place(void **state)
{
	struct sip_address one = address_make(1, 5060, 6), other = address_make(1, 5061, 6);
	struct binding_places places;

	(void)state;
	assert_int_equal(binding_places_init(&places, 1000, 77), RESULT_OK);
	binding_places_add(&places, &one, 3);
	assert_int_equal(binding_places_find(&places, &one), 3);
	assert_int_equal(binding_places_find(&places, &other), 0);
	binding_places_remove(&places, &other, 3);
	binding_places_remove(&places, &one, 4);
	assert_int_equal(binding_places_find(&places, &one), 3);
	binding_places_fini(&places);
}

static void of_two_at_one_address_one_is_found_and_the_other_after_him(void **state)
{
	struct sip_address here = address_make(1, 5060, 4);
	struct binding_places places;
	uint32_t found;

	(void)state;
	assert_int_equal(binding_places_init(&places, 8, 1), RESULT_OK);
	binding_places_add(&places, &here, 3);
	binding_places_add(&places, &here, 4);
	found = binding_places_find(&places, &here);
	assert_true(found == 3 || found == 4);
	binding_places_remove(&places, &here, found);
	assert_int_equal(binding_places_find(&places, &here), 7 - found);
	binding_places_fini(&places);
}

static void who_finds_no_room_is_left_out_and_nobody_else(void **state)
{
	struct sip_address late = address_make(99, 5060, 6);
	struct binding_places places;

	(void)state;
	assert_int_equal(binding_places_init(&places, BINDING_PLACES_BUCKET / 2, 1), RESULT_OK);
	assert_int_equal(places.buckets, 1);
	for (uint32_t i = 1; i <= BINDING_PLACES_BUCKET; i++) {
		struct sip_address early = address_make((uint8_t)i, 5060, 6);

		binding_places_add(&places, &early, i);
	}
	binding_places_add(&places, &late, 99);
	assert_int_equal(binding_places_find(&places, &late), 0);
	for (uint32_t i = 1; i <= BINDING_PLACES_BUCKET; i++) {
		struct sip_address early = address_make((uint8_t)i, 5060, 6);

		assert_int_equal(binding_places_find(&places, &early), i);
		binding_places_remove(&places, &early, i);
	}
	binding_places_add(&places, &late, 99);
	assert_int_equal(binding_places_find(&places, &late), 99);
	binding_places_fini(&places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_put_is_found_until_he_is_removed),
		cmocka_unit_test(another_port_is_another_place),
		cmocka_unit_test(of_two_at_one_address_one_is_found_and_the_other_after_him),
		cmocka_unit_test(who_finds_no_room_is_left_out_and_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
