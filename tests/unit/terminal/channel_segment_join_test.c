/* terminal/channel/segment_join.c: segments in, packets out; what is joined and cut again is what
 * came. What is not joined: channel_segment_apart_test.c. */
#include "tests/unit/terminal/joined.h"

static void a_stream_becomes_one_packet(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		begin(NULL);
		for (unsigned i = 0; i < 40; i++)
			take_nth(stream(version), i);
		assert_int_equal(count, 0);
		segment_join_end(&join);
		assert_int_equal(count, 1);
		expect_joined(0, 0, 40);
		segment_join_end(&join);
		assert_int_equal(count, 1);
	}
}

static void tcp_options_of_every_length_are_kept(void **state)
{
	(void)state;
	for (unsigned options = 0; options <= 40; options += 4) {
		struct segment_shape shape = stream(6);

		shape.tcp_options = options;
		begin(NULL);
		for (unsigned i = 0; i < 3; i++)
			take_nth(shape, i);
		segment_join_end(&join);
		expect_joined(0, 0, 3);
	}
}

static void the_checksum_of_the_whole_is_left_as_a_kernel_expects_it(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		struct segment_shape shape = stream(version);
		const struct written *one = &written[0];
		size_t ip = segment_ip_bytes(&shape);

		begin(NULL);
		take_nth(shape, 0);
		take_nth(shape, 1);
		segment_join_end(&join);
		assert_int_equal(one->how.csum_start, ip);
		assert_int_equal(one->how.csum_offset, 16);
		assert_int_equal(one->how.gso_size, SEGMENT);
		assert_int_equal(bytes_get_u16(one->bytes + ip + 16),
				 segment_pseudo(&shape, one->bytes, one->len));
		if (version == 4)
			assert_int_equal(reference_sum(0, one->bytes, ip), 0xffff);
	}
}

static void a_single_segment_stays_as_it_is(void **state)
{
	struct segment_shape shape = stream(4);

	(void)state;
	take_nth(shape, 0);
	segment_join_end(&join);
	assert_int_equal(count, 1);
	expect_alone(0, 0, segment_header_bytes(&shape) + SEGMENT);
}

static void numbers_go_over_their_end(void **state)
{
	struct segment_shape shape = stream(4);

	(void)state;
	shape.sequence = 0xfffffe00;
	shape.id = 0xfffe;
	for (unsigned i = 0; i < 5; i++)
		take_nth(shape, i);
	segment_join_end(&join);
	assert_int_equal(count, 1);
	expect_joined(0, 0, 5);
}

static void no_packet_is_longer_than_ip_can_say(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		struct segment_shape shape = stream(version);

		begin(NULL);
		shape.payload = 1400; /* 46 of them and a header are 64,4xx bytes */
		for (unsigned i = 0; i < 47; i++) {
			shape.sequence = i * 1400;
			shape.id = (uint16_t)i;
			take(i, segment_make(&shape, packets[i]));
		}
		segment_join_end(&join);
		assert_int_equal(count, 2);
		expect_joined(0, 0, 46);
		expect_alone(1, 46, segment_header_bytes(&shape) + 1400);
	}
}

static void no_packet_has_more_parts_than_its_vector(void **state)
{
	struct segment_shape shape = stream(6);

	(void)state;
	shape.payload = 10;
	for (unsigned i = 0; i < SEGMENTS; i++) {
		shape.sequence = i * 10;
		take(i, segment_make(&shape, packets[i]));
	}
	segment_join_end(&join);
	assert_int_equal(count, 2);
	expect_joined(0, 0, SEGMENT_JOIN_PARTS);
	expect_joined(1, SEGMENT_JOIN_PARTS, SEGMENTS - SEGMENT_JOIN_PARTS);
}

static void a_shorter_segment_is_the_last(void **state)
{
	struct segment_shape shape = stream(4);

	(void)state;
	take_nth(shape, 0);
	shape.sequence = SEGMENT;
	shape.id = 1;
	shape.payload = 1;
	take(1, segment_make(&shape, packets[1]));
	assert_int_equal(count, 1);
	expect_joined(0, 0, 2);
}

static void a_longer_segment_begins_anew(void **state)
{
	struct segment_shape shape = stream(4);

	(void)state;
	take_nth(shape, 0);
	shape.sequence = SEGMENT;
	shape.payload = SEGMENT + 1;
	take(1, segment_make(&shape, packets[1]));
	assert_int_equal(count, 1);
	expect_alone(0, 0, segment_header_bytes(&shape) + SEGMENT);
	segment_join_end(&join);
	assert_int_equal(count, 2);
	expect_alone(1, 1, segment_header_bytes(&shape) + SEGMENT + 1);
}

static void connections_are_joined_side_by_side(void **state)
{
	struct segment_shape one = stream(6), other = stream(6);

	(void)state;
	other.source_port = 1;
	for (unsigned i = 0; i < 10; i++) {
		struct segment_shape shape = i % 2 ? other : one;

		shape.sequence = i / 2 * SEGMENT;
		take(i / 2 + (i % 2) * 5, segment_make(&shape, packets[i / 2 + (i % 2) * 5]));
	}
	segment_join_end(&join);
	assert_int_equal(count, 2);
	expect_joined(0, 0, 5);
	expect_joined(1, 5, 5);
}

static void one_connection_too_many_ends_the_oldest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SEGMENT_JOIN_FLOWS + 3; i++) {
		struct segment_shape shape = stream(4);

		shape.source_port = (uint8_t)i;
		take(i, segment_make(&shape, packets[i]));
		assert_int_equal(count, i < SEGMENT_JOIN_FLOWS ? 0 : i + 1 - SEGMENT_JOIN_FLOWS);
	}
	segment_join_end(&join);
	assert_int_equal(count, SEGMENT_JOIN_FLOWS + 3);
	for (unsigned i = 0; i < count; i++)
		assert_memory_equal(written[i].bytes, packets[i], written[i].len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_stream_becomes_one_packet, begin),
		cmocka_unit_test_setup(tcp_options_of_every_length_are_kept, begin),
		cmocka_unit_test_setup(the_checksum_of_the_whole_is_left_as_a_kernel_expects_it,
				       begin),
		cmocka_unit_test_setup(a_single_segment_stays_as_it_is, begin),
		cmocka_unit_test_setup(numbers_go_over_their_end, begin),
		cmocka_unit_test_setup(no_packet_is_longer_than_ip_can_say, begin),
		cmocka_unit_test_setup(no_packet_has_more_parts_than_its_vector, begin),
		cmocka_unit_test_setup(a_shorter_segment_is_the_last, begin),
		cmocka_unit_test_setup(a_longer_segment_begins_anew, begin),
		cmocka_unit_test_setup(connections_are_joined_side_by_side, begin),
		cmocka_unit_test_setup(one_connection_too_many_ends_the_oldest, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
