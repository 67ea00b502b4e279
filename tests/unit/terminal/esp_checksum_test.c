#include "tests/unit/terminal/segments.h"

#include "terminal/esp/checksum.h"

static uint8_t bytes[4096];

static int fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = segment_byte(i);
	return 0;
}

/* RFC 1071 3. */
static void the_example_of_rfc_1071_has_its_sum(void **state)
{
	static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(checksum_fold(checksum_add(0, example, sizeof(example))), 0xddf2);
	assert_int_equal(checksum_end(checksum_add(0, example, sizeof(example))), 0x220d);
}

static void every_length_and_place_sums_as_the_reference(void **state)
{
	(void)state;
	for (size_t from = 0; from < 9; from++)
		for (size_t len = 0; len < 300; len++)
			assert_int_equal(checksum_fold(checksum_add(0, bytes + from, len)),
					 reference_sum(0, bytes + from, len));
	assert_int_equal(checksum_fold(checksum_add(0, bytes, sizeof(bytes))),
			 reference_sum(0, bytes, sizeof(bytes)));
}

static void a_copy_is_the_same_bytes_and_the_same_sum(void **state)
{
	(void)state;
	for (size_t len = 0; len < 300; len++) {
		uint8_t to[301];

		memset(to, 0xa5, sizeof(to));
		assert_int_equal(checksum_fold(checksum_copy(0, to, bytes + 3, len)),
				 reference_sum(0, bytes + 3, len));
		assert_memory_equal(to, bytes + 3, len);
		assert_int_equal(to[len], 0xa5);
	}
}

static void parts_and_numbers_add_up(void **state)
{
	static const uint8_t number[] = {0x12, 0x34};
	uint64_t sum = checksum_add(0, bytes, 100);

	(void)state;
	sum = checksum_copy(sum, (uint8_t[101]){0}, bytes + 100, 101);
	assert_int_equal(checksum_fold(checksum_add_u16(sum, 0x1234)),
			 reference_sum(reference_sum(0, bytes, 201), number, 2));
}

static void as_many_ones_as_a_packet_holds_do_not_flow_over(void **state)
{
	static uint8_t ones[65536];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(checksum_fold(checksum_add(0, ones, sizeof(ones))), 0xffff);
	assert_int_equal(checksum_end(checksum_add(0, ones, sizeof(ones))), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_1071_has_its_sum),
		cmocka_unit_test(every_length_and_place_sums_as_the_reference),
		cmocka_unit_test(a_copy_is_the_same_bytes_and_the_same_sum),
		cmocka_unit_test(parts_and_numbers_add_up),
		cmocka_unit_test(as_many_ones_as_a_packet_holds_do_not_flow_over),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
