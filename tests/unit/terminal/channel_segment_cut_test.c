/* What a kernel may hand over, cut: each segment a packet of its own, right to the last checksum.
 */
#include "tests/unit/terminal/segments.h"

#include "terminal/channel/segment_cut.h"

#define MOST 1500

static uint8_t packet[65536];

/* Says of the packet what the kernel would, and leaves the checksum to be made as it does. */
static struct virtio_net_hdr hand_over(const struct segment_shape *shape, uint16_t segment)
{
	size_t len = segment_make(shape, packet), ip = segment_ip_bytes(shape);
	bool is_udp = shape->protocol == SEGMENTS_UDP;
	struct virtio_net_hdr how = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = is_udp		  ? VIRTIO_NET_HDR_GSO_UDP_L4
			    : shape->version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
						  : VIRTIO_NET_HDR_GSO_TCPV6,
		.gso_size = segment,
		.csum_start = (uint16_t)ip,
		.csum_offset = is_udp ? 6 : 16,
	};

	if (segment == 0)
		how.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	bytes_put_u16(packet + ip + how.csum_offset, segment_pseudo(shape, packet, len));
	return how;
}

static size_t whole_of(const struct segment_shape *shape)
{
	return segment_header_bytes(shape) + shape->payload;
}

/* Header fields of segment number index, whose payload begins at done. */
static void expect_header(const struct segment_shape *shape, const uint8_t *out, size_t len,
			  unsigned index, size_t done)
{
	const uint8_t *transport = out + segment_ip_bytes(shape);
	size_t payload = len - segment_header_bytes(shape);
	bool is_last = done + payload == shape->payload;
	uint8_t flags = shape->flags;

	if (shape->version == 4) {
		assert_int_equal(bytes_get_u16(out + 2), len);
		assert_int_equal(bytes_get_u16(out + 4), (uint16_t)(shape->id + index));
	} else {
		assert_int_equal(bytes_get_u16(out + 4), len - 40);
	}
	if (shape->protocol == SEGMENTS_UDP) {
		assert_int_equal(bytes_get_u16(transport + 4), 8 + payload);
		return;
	}
	if (!is_last)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (index > 0)
		flags &= (uint8_t)~TCP_CWR;
	assert_int_equal(transport[13], flags);
	assert_int_equal(bytes_get_u32(transport + 4), (uint32_t)(shape->sequence + done));
	assert_int_equal(bytes_get_u32(transport + 8), 0x01020304);
	assert_int_equal(bytes_get_u16(transport + 14), 501);
}

/* Cuts it, judges each segment, and that together they are the whole; returns how many. */
static unsigned cut_all(const struct segment_shape *shape, uint16_t segment)
{
	struct virtio_net_hdr how = hand_over(shape, segment);
	size_t header = segment_header_bytes(shape), done = 0, len;
	struct segment_cut cut;
	uint8_t out[MOST + 1];
	unsigned count = 0;

	assert_int_equal(segment_cut_begin(&cut, &how, packet, whole_of(shape), MOST), RESULT_OK);
	for (; out[MOST] = 0xa5, (len = segment_cut_next(&cut, out)) > 0; count++) {
		assert_in_range(len, header, MOST);
		assert_int_equal(out[MOST], 0xa5);
		assert_true(segment_is_right(shape, out, len));
		expect_header(shape, out, len, count, done);
		assert_memory_equal(out + header, packet + header + done, len - header);
		done += len - header;
		if (done < shape->payload && segment)
			assert_int_equal(len - header, segment);
	}
	assert_int_equal(done, shape->payload);
	assert_int_equal(segment_cut_next(&cut, out), 0);
	return count;
}

static void a_stream_is_cut_at_every_size(void **state)
{
	static const size_t payloads[] = {1, 1000, 1001, 1348, 1349, 2696, 2697, 5000, 64000};

	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
			for (uint16_t segment = 997; segment <= 1348; segment += 351) {
				struct segment_shape shape = {.version = version,
							      .protocol = SEGMENTS_TCP,
							      .tcp_options = 12,
							      .payload = payloads[i],
							      .flags = TCP_ACK};

				assert_int_equal(cut_all(&shape, segment),
						 (payloads[i] + segment - 1) / segment);
			}
}

static void options_stand_in_every_segment(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (unsigned ip = 0; ip <= 40; ip += 8)
			for (unsigned tcp = 0; tcp <= 40; tcp += 4) {
				struct segment_shape shape = {.version = version,
							      .protocol = SEGMENTS_TCP,
							      .ip_options = ip,
							      .tcp_options = tcp,
							      .payload = 3001,
							      .flags = TCP_ACK};

				assert_int_equal(cut_all(&shape, 1000), 4);
			}
}

static void the_end_is_said_by_the_last_segment_and_a_smaller_window_by_the_first(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		struct segment_shape shape = {.version = 6,
					      .protocol = SEGMENTS_TCP,
					      .payload = 3000,
					      .flags = (uint8_t)flags};

		assert_int_equal(cut_all(&shape, 1000), 3); /* judged by expect_header */
	}
}

static void numbers_go_over_their_end(void **state)
{
	struct segment_shape shape = {.version = 4,
				      .protocol = SEGMENTS_TCP,
				      .payload = 5000,
				      .sequence = 0xfffffe00,
				      .id = 0xfffe,
				      .flags = TCP_ACK};

	(void)state;
	assert_int_equal(cut_all(&shape, 1000), 5);
}

static void datagrams_of_one_size_are_cut(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (size_t payload = 1; payload < 4000; payload += 333) {
			struct segment_shape shape = {
				.version = version, .protocol = SEGMENTS_UDP, .payload = payload};

			assert_int_equal(cut_all(&shape, 500), (payload + 499) / 500);
		}
}

static void a_single_packet_gets_only_its_checksum(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (unsigned protocol = SEGMENTS_TCP; protocol <= SEGMENTS_UDP; protocol += 11)
			for (size_t payload = 0; payload < 40; payload++) {
				struct segment_shape shape = {.version = version,
							      .protocol = protocol,
							      .payload = payload,
							      .flags = TCP_ACK | TCP_PSH};

				assert_int_equal(cut_all(&shape, 0), 1);
			}
}

static void without_a_word_of_the_kernel_a_packet_stays_as_it_is(void **state)
{
	const struct segment_shape shape = {.version = 4, .protocol = SEGMENTS_UDP, .payload = 77};
	const struct virtio_net_hdr how = {0};
	struct segment_cut cut;
	uint8_t out[MOST];

	(void)state;
	segment_make(&shape, packet);
	assert_int_equal(segment_cut_begin(&cut, &how, packet, whole_of(&shape), MOST), RESULT_OK);
	assert_int_equal(segment_cut_next(&cut, out), whole_of(&shape));
	assert_memory_equal(out, packet, whole_of(&shape));
	assert_int_equal(segment_cut_next(&cut, out), 0);
	assert_int_equal(segment_cut_begin(&cut, &how, packet, 0, MOST), RESULT_OK);
	assert_int_equal(segment_cut_next(&cut, out), 0);
}

/* A datagram whose sum is zero says 0xffff: 0 would be none (RFC 768). */
static void a_checksum_of_zero_is_written_as_its_other_self(void **state)
{
	struct segment_shape shape = {.version = 6, .protocol = SEGMENTS_UDP, .payload = 2};
	size_t len = whole_of(&shape);
	struct virtio_net_hdr how = hand_over(&shape, 0);
	struct segment_cut cut;
	uint8_t out[MOST];
	uint16_t sum;

	(void)state;
	memset(packet + 48, 0, 2);
	sum = reference_sum(0, packet + 40, len - 40);
	bytes_put_u16(packet + 48, (uint16_t)~sum);
	assert_int_equal(segment_cut_begin(&cut, &how, packet, len, MOST), RESULT_OK);
	assert_int_equal(segment_cut_next(&cut, out), len);
	assert_int_equal(bytes_get_u16(out + 46), 0xffff);
	assert_true(segment_is_right(&shape, out, len));
}

/* A good one of 3,000 bytes in segments of 1,000, to be bent. */
static struct virtio_net_hdr good(struct segment_shape *shape, unsigned version, unsigned protocol)
{
	*shape = (struct segment_shape){
		.version = version, .protocol = protocol, .payload = 3000, .flags = TCP_ACK};
	return hand_over(shape, 1000);
}

static void expect_bad(const struct virtio_net_hdr *how, size_t len, enum result result)
{
	struct segment_cut cut = {.len = 12345};

	assert_int_equal(segment_cut_begin(&cut, how, packet, len, MOST), result);
	assert_int_equal(cut.len, 12345);
}

static void what_the_header_says_must_be_able_to_be(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2)
		for (unsigned protocol = SEGMENTS_TCP; protocol <= SEGMENTS_UDP; protocol += 11) {
			struct segment_shape shape;
			const struct virtio_net_hdr right = good(&shape, version, protocol);
			struct virtio_net_hdr how = right;
			size_t len = whole_of(&shape);

			how.gso_size = 0;
			expect_bad(&how, len, RESULT_BAD);
			how = right;
			how.flags = 0;
			expect_bad(&how, len, RESULT_BAD);
			how = right;
			how.csum_offset ^= 2;
			expect_bad(&how, len, RESULT_BAD);
			for (unsigned start = 0; start < 65536; start++) {
				how = right;
				how.csum_start = (uint16_t)start;
				/* Behind IPv6's header another one might end there. */
				if (start < right.csum_start || start + 8 > len ||
				    (version == 4 && start != right.csum_start))
					expect_bad(&how, len, RESULT_BAD);
			}
			how = right;
			how.gso_type = VIRTIO_NET_HDR_GSO_UDP; /* fragments of UDP */
			expect_bad(&how, len, RESULT_BAD);
			how.gso_type = 77;
			expect_bad(&how, len, RESULT_BAD);
		}
}

static void the_kind_must_be_the_packets(void **state)
{
	struct segment_shape shape;
	struct virtio_net_hdr how;

	(void)state;
	how = good(&shape, 4, SEGMENTS_TCP);
	how.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
	how = good(&shape, 6, SEGMENTS_TCP);
	how.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
	how = good(&shape, 4, SEGMENTS_TCP);
	packet[9] = 17;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
	how = good(&shape, 6, SEGMENTS_UDP);
	packet[6] = 6;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
	how = good(&shape, 4, SEGMENTS_TCP);
	packet[0] = 0x55;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
}

static void lengths_must_agree(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 6; version += 2) {
		struct segment_shape shape;
		struct virtio_net_hdr how = good(&shape, version, SEGMENTS_TCP);
		size_t transport = segment_ip_bytes(&shape);

		/* Cut off anywhere. */
		for (size_t len = 0; len < whole_of(&shape); len++)
			expect_bad(&how, len, RESULT_BAD);
		expect_bad(&how, whole_of(&shape) + 1, RESULT_BAD);
		packet[transport + 12] = 0x40; /* a TCP header of 16 bytes */
		expect_bad(&how, whole_of(&shape), RESULT_BAD);
	}
}

static void a_header_longer_than_the_packet_is_bad(void **state)
{
	struct segment_shape shape = {.version = 4, .protocol = SEGMENTS_TCP, .payload = 3};
	struct virtio_net_hdr how = hand_over(&shape, 1);

	(void)state;
	packet[32] = 0x60;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
	how = hand_over(&shape, 1);
	packet[0] = 0x44; /* an IP header of 16 bytes */
	how.csum_start = 16;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
}

static void a_fragment_is_not_cut(void **state)
{
	struct segment_shape shape;
	struct virtio_net_hdr how;

	(void)state;
	how = good(&shape, 4, SEGMENTS_TCP);
	packet[6] = 0x20; /* more of them */
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
	packet[6] = 0;
	packet[7] = 1;
	expect_bad(&how, whole_of(&shape), RESULT_BAD);
}

static void a_checksum_outside_the_packet_is_bad(void **state)
{
	struct segment_shape shape = {.version = 6, .protocol = SEGMENTS_UDP, .payload = 2};
	struct virtio_net_hdr how = hand_over(&shape, 0);

	(void)state;
	for (unsigned start = 0; start < 65536; start += 13)
		for (unsigned offset = 0; offset < 65536; offset += 257) {
			how.csum_start = (uint16_t)start;
			how.csum_offset = (uint16_t)offset;
			if (start + offset + 2 > whole_of(&shape) || start + offset == 0)
				expect_bad(&how, whole_of(&shape), RESULT_BAD);
		}
}

static void a_segment_longer_than_its_room_is_refused(void **state)
{
	struct segment_shape shape = {
		.version = 6, .protocol = SEGMENTS_TCP, .payload = 3000, .flags = TCP_ACK};
	struct virtio_net_hdr how = hand_over(&shape, MOST - 60 + 1);

	(void)state;
	expect_bad(&how, whole_of(&shape), RESULT_SPACE);
	assert_int_equal(cut_all(&shape, MOST - 60), 3);
	how = (struct virtio_net_hdr){0};
	expect_bad(&how, whole_of(&shape), RESULT_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_cut_at_every_size),
		cmocka_unit_test(options_stand_in_every_segment),
		cmocka_unit_test(
			the_end_is_said_by_the_last_segment_and_a_smaller_window_by_the_first),
		cmocka_unit_test(numbers_go_over_their_end),
		cmocka_unit_test(datagrams_of_one_size_are_cut),
		cmocka_unit_test(a_single_packet_gets_only_its_checksum),
		cmocka_unit_test(without_a_word_of_the_kernel_a_packet_stays_as_it_is),
		cmocka_unit_test(a_checksum_of_zero_is_written_as_its_other_self),
		cmocka_unit_test(what_the_header_says_must_be_able_to_be),
		cmocka_unit_test(the_kind_must_be_the_packets),
		cmocka_unit_test(lengths_must_agree),
		cmocka_unit_test(a_header_longer_than_the_packet_is_bad),
		cmocka_unit_test(a_fragment_is_not_cut),
		cmocka_unit_test(a_checksum_outside_the_packet_is_bad),
		cmocka_unit_test(a_segment_longer_than_its_room_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
