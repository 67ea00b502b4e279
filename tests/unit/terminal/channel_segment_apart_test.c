/* Segments that are not joined, or not with those behind them: each is written as it came. */
#include "tests/unit/terminal/joined.h"

/* PSH or FIN in the middle: what was held goes with it at once, what follows begins anew. */
static void behind_an_end_nothing_is_joined(void **state)
{
	static const uint8_t ends[] = {TCP_PSH, TCP_FIN, TCP_PSH | TCP_FIN};

	(void)state;
	for (unsigned end = 0; end < sizeof(ends); end++) {
		struct segment_shape shape = stream(6);

		begin(NULL);
		take_nth(shape, 0);
		shape.flags |= ends[end];
		take_nth(shape, 1);
		assert_int_equal(count, 1);
		expect_joined(0, 0, 2);
		shape.flags = TCP_ACK;
		take_nth(shape, 2);
		take_nth(shape, 3);
		segment_join_end(&join);
		assert_int_equal(count, 2);
		expect_joined(1, 2, 2);
	}
}

static void one_that_ends_at_once_goes_at_once(void **state)
{
	struct segment_shape shape = stream(6);

	(void)state;
	shape.flags = TCP_ACK | TCP_PSH; /* a key pressed */
	take_nth(shape, 0);
	assert_int_equal(count, 1);
	expect_alone(0, 0, segment_header_bytes(&shape) + SEGMENT);
}

/* Flags that make a segment more than a piece of a stream. */
static void segments_with_a_meaning_of_their_own_are_never_joined(void **state)
{
	static const uint8_t flags[] = {TCP_ACK | TCP_SYN, TCP_ACK | TCP_RST, TCP_ACK | TCP_URG,
					TCP_ACK | TCP_CWR, TCP_SYN,	      0};

	(void)state;
	for (size_t i = 0; i < sizeof(flags); i++) {
		struct segment_shape shape = stream(4);
		size_t len = segment_header_bytes(&shape) + SEGMENT;

		begin(NULL);
		take_nth(shape, 0);
		shape.flags = flags[i];
		take_nth(shape, 1);
		shape.flags = TCP_ACK;
		take_nth(shape, 2);
		segment_join_end(&join);
		assert_int_equal(count, 3);
		for (unsigned n = 0; n < 3; n++)
			expect_alone(n, n, len);
	}
}

static void an_answer_without_payload_is_not_joined_and_keeps_its_place(void **state)
{
	struct segment_shape shape = stream(6);
	size_t len;

	(void)state;
	take_nth(shape, 0);
	take_nth(shape, 1);
	shape.sequence = 2 * SEGMENT;
	shape.payload = 0;
	len = segment_make(&shape, packets[2]);
	take(2, len);
	assert_int_equal(count, 2);
	expect_joined(0, 0, 2);
	expect_alone(1, 2, len);
}

/* Each is changed in one thing in the second of two, and its checksums put right again. */
static void whatever_differs_is_not_joined(void **state)
{
	static const struct {
		unsigned version, at;
		uint8_t flip;
	} changes[] = {
		{4, 1, 0x03},	/* congestion */
		{4, 6, 0x40},	/* DF */
		{4, 8, 1},	/* hops */
		{4, 15, 1},	/* from */
		{4, 19, 1},	/* to */
		{4, 20 + 1, 1}, /* ports */
		{4, 20 + 3, 1},
		{4, 20 + 7, 1},	 /* sequence */
		{4, 20 + 11, 1}, /* acknowledged */
		{4, 20 + 12, 1}, /* reserved */
		{4, 20 + 13, TCP_ECE},
		{4, 20 + 15, 1}, /* window */
		{4, 20 + 18, 1}, /* urgent, though nobody says that it counts */
		{4, 20 + 21, 1}, /* an option */
		{6, 0, 0x01},	 /* class */
		{6, 2, 1},	 /* flow label */
		{6, 7, 1},
		{6, 23, 2},
		{6, 39, 1},
		{6, 40 + 1, 1},
		{6, 40 + 4, 1},
		{6, 40 + 8, 1},
		{6, 40 + 13, TCP_ECE},
		{6, 40 + 14, 1},
		{6, 40 + 31, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct segment_shape shape = stream(changes[i].version);
		size_t len;

		begin(NULL);
		take_nth(shape, 0);
		len = make_nth(shape, 1);
		packets[1][changes[i].at] ^= changes[i].flip;
		sum_again(&shape, packets[1], len);
		assert_true(segment_is_right(&shape, packets[1], len));
		take(1, len);
		segment_join_end(&join);
		assert_int_equal(count, 2);
		/* Either is written alone; of one connection in the order in which they came. */
		expect_alone(written[0].bytes[changes[i].at] == packets[0][changes[i].at] ? 0 : 1,
			     0, len);
	}
}

static void a_wrong_checksum_is_left_for_the_kernel_to_find(void **state)
{
	static const unsigned places[] = {16 + 20, 700, 10}; /* TCP's, a byte, IPv4's */

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct segment_shape shape = stream(4);
		size_t len;

		begin(NULL);
		take_nth(shape, 0);
		len = make_nth(shape, 1);
		packets[1][places[i]] ^= 1;
		take(1, len);
		take_nth(shape, 2);
		segment_join_end(&join);
		assert_int_equal(count, 3);
		for (unsigned n = 0; n < 3; n++)
			expect_alone(n, n, len);
	}
}

static void a_lost_or_repeated_segment_begins_anew(void **state)
{
	(void)state;
	take_nth(stream(6), 0);
	take_nth(stream(6), 2); /* 1 was lost */
	take_nth(stream(6), 3);
	take_nth(stream(6), 1);
	take_nth(stream(6), 1); /* and came twice */
	segment_join_end(&join);
	assert_int_equal(count, 4);
	expect_alone(
		0, 0,
		segment_header_bytes(&(struct segment_shape){.version = 6, .tcp_options = 12}) +
			SEGMENT);
	expect_joined(1, 2, 2);
	assert_int_equal(bytes_get_u32(written[2].bytes + 44), SEGMENT);
	assert_int_equal(bytes_get_u32(written[3].bytes + 44), SEGMENT);
}

/* Media are not kept waiting: they are written before what is held. */
static void what_is_not_tcp_goes_at_once_and_as_it_is(void **state)
{
	struct segment_shape udp = {.version = 4, .protocol = SEGMENTS_UDP, .payload = 172};
	struct segment_shape options = stream(4);
	size_t len = segment_make(&udp, packets[1]);

	(void)state;
	take_nth(stream(4), 0);
	take(1, len);
	assert_int_equal(count, 1);
	expect_alone(0, 1, len);
	options.ip_options = 8;
	len = segment_make(&options, packets[2]);
	take(2, len);
	expect_alone(1, 2, len);
	options = stream(6);
	options.ip_options = 8; /* destination options */
	len = segment_make(&options, packets[3]);
	take(3, len);
	expect_alone(2, 3, len);
	len = make_nth(stream(4), 4);
	packets[4][6] = 0x20; /* the first fragment */
	take(4, len);
	expect_alone(3, 4, len);
	segment_join_end(&join);
	assert_int_equal(count, 5);
}

static void what_is_no_whole_tcp_is_handed_on_as_it_is(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		size_t len = make_nth(stream(version), 0);

		for (size_t cut_off = 0; cut_off < len; cut_off += cut_off < 100 ? 1 : 97) {
			begin(NULL);
			take(0, cut_off);
			assert_int_equal(count, 1);
			expect_alone(0, 0, cut_off);
		}
		/* And with lengths that agree with where it ends. */
		for (size_t end = version == 4 ? 20 : 40; end < 70; end++) {
			begin(NULL);
			bytes_put_u16(packets[0] + (version == 4 ? 2 : 4),
				      (uint16_t)(version == 4 ? end : end - 40));
			take(0, end);
			segment_join_end(&join);
			assert_int_equal(count, 1);
			expect_alone(0, 0, end);
		}
	}
}

/* Two that would continue one another, both with one byte changed and right checksums. */
static void expect_two_alone(struct segment_shape shape, unsigned at, uint8_t value)
{
	size_t len[2];

	begin(NULL);
	for (unsigned i = 0; i < 2; i++) {
		len[i] = make_nth(shape, i);
		packets[i][at] = value;
		sum_again(&shape, packets[i], len[i]);
		take(i, len[i]);
	}
	segment_join_end(&join);
	assert_int_equal(count, 2);
	for (unsigned i = 0; i < 2; i++)
		expect_alone(i, i, len[i]);
}

static void what_only_looks_like_a_stream_is_not_joined_however_right_its_sums(void **state)
{
	(void)state;
	expect_two_alone(stream(4), 0, 0x46);	      /* a header of 24 bytes */
	expect_two_alone(stream(4), 2, 1);	      /* another length than it has */
	expect_two_alone(stream(4), 9, SEGMENTS_UDP); /* not TCP */
	expect_two_alone(stream(4), 7, 1);	      /* a fragment */
	expect_two_alone(stream(6), 4, 1);	      /* another length */
	expect_two_alone(stream(6), 6, SEGMENTS_UDP); /* not TCP */
	expect_two_alone(stream(6), 40 + 12, 0x81);   /* reserved, in both */
	expect_two_alone(stream(6), 40 + 12, 0x40);   /* a TCP header of 16 bytes */
	expect_two_alone(stream(6), 40 + 13, TCP_ACK | TCP_SYN);
}

static void a_tcp_header_longer_than_the_packet_is_handed_on_as_it_is(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (unsigned words = 0; words < 16; words++) {
			struct segment_shape shape = stream(version);
			size_t len;

			begin(NULL);
			shape.payload = 4;
			shape.tcp_options = 0;
			len = segment_make(&shape, packets[0]);
			packets[0][segment_ip_bytes(&shape) + 12] = (uint8_t)(words << 4);
			sum_again(&shape, packets[0], len);
			take(0, len);
			/* Only what is TCP with a payload may be held. */
			assert_int_equal(count, words == 5 ? 0 : 1);
			segment_join_end(&join);
			assert_int_equal(count, 1);
			expect_alone(0, 0, len);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(behind_an_end_nothing_is_joined, begin),
		cmocka_unit_test_setup(one_that_ends_at_once_goes_at_once, begin),
		cmocka_unit_test_setup(segments_with_a_meaning_of_their_own_are_never_joined,
				       begin),
		cmocka_unit_test_setup(an_answer_without_payload_is_not_joined_and_keeps_its_place,
				       begin),
		cmocka_unit_test_setup(whatever_differs_is_not_joined, begin),
		cmocka_unit_test_setup(a_wrong_checksum_is_left_for_the_kernel_to_find, begin),
		cmocka_unit_test_setup(a_lost_or_repeated_segment_begins_anew, begin),
		cmocka_unit_test_setup(what_is_not_tcp_goes_at_once_and_as_it_is, begin),
		cmocka_unit_test_setup(what_is_no_whole_tcp_is_handed_on_as_it_is, begin),
		cmocka_unit_test_setup(
			what_only_looks_like_a_stream_is_not_joined_however_right_its_sums, begin),
		cmocka_unit_test_setup(a_tcp_header_longer_than_the_packet_is_handed_on_as_it_is,
				       begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
