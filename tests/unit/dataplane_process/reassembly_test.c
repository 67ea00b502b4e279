#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include <rte_mempool.h>

#include "dataplane/bounds.h"
#include "dataplane/ip_fragment.h"
#include "dataplane/reassembly.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define PAYLOAD 6000

struct fixture {
	struct plane_kit *kit;
	struct reassembly *reassembly;
	uint8_t packet[PAYLOAD + 40];
	size_t length;
	size_t count;
};

static struct fixture *fixture_make(void **state, const char *from)
{
	static struct fixture fixture;
	struct contract_address source = plane_address(from, 0);
	struct contract_address destination =
		plane_address(source.family == 4 ? "192.0.2.60" : "2001:db8::60", 0);
	size_t header;

	fixture.kit = *state;
	assert_int_equal(
		reassembly_create(fixture.kit->workers[0]->large_buffers, &fixture.reassembly),
		RESULT_OK);
	header = ip_header_write(fixture.packet, &source, &destination, IPPROTO_ESP, 0, PAYLOAD);
	for (size_t i = 0; i < PAYLOAD; i++)
		fixture.packet[header + i] = (uint8_t)(i * 11 + (i >> 8));
	fixture.length = header + PAYLOAD;
	fixture.count = ip_fragment_count(fixture.packet, fixture.length, 1280);
	return &fixture;
}

static void fixture_end(struct fixture *fixture)
{
	struct rte_mempool *pool = fixture->kit->workers[0]->large_buffers;

	reassembly_destroy(fixture->reassembly);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

struct outcome {
	enum result result;
	enum drop_reason reason;
	struct rte_mbuf *whole;
};

static struct outcome take(struct fixture *fixture, const uint8_t *piece, size_t bytes,
			   uint64_t now_ms)
{
	struct outcome outcome = {.reason = DROP_NONE};
	struct ip_header header;

	assert_int_equal(ip_header_parse(piece, bytes, &header), RESULT_OK);
	outcome.result = reassembly_take(fixture->reassembly, 0, piece, &header, now_ms,
					 &outcome.whole, &outcome.reason);
	return outcome;
}

static struct outcome take_piece(struct fixture *fixture, size_t index, uint32_t id,
				 uint64_t now_ms)
{
	uint8_t piece[1280];
	size_t bytes = ip_fragment_write(fixture->packet, fixture->length, 1280, index, id, piece);

	return take(fixture, piece, bytes, now_ms);
}

static void check_whole(struct fixture *fixture, struct outcome outcome)
{
	assert_int_equal(outcome.result, RESULT_OK);
	assert_int_equal(outcome.whole->data_len, fixture->length);
	/* Past the IPv4 identification and checksum, which fragments have of their own. */
	assert_memory_equal(rte_pktmbuf_mtod_offset(outcome.whole, uint8_t *, 12),
			    fixture->packet + 12, fixture->length - 12);
	rte_pktmbuf_free(outcome.whole);
}

static void pieces_in_order_make_the_packet(void **state)
{
	static const char *const sources[] = {"192.0.2.10", "2001:db8::10"};

	for (size_t family = 0; family < 2; family++) {
		struct fixture *fixture = fixture_make(state, sources[family]);

		for (size_t i = 0; i + 1 < fixture->count; i++)
			assert_int_equal(take_piece(fixture, i, 7, 1).result, RESULT_MORE);
		check_whole(fixture, take_piece(fixture, fixture->count - 1, 7, 1));
		fixture_end(fixture);
	}
}

static void pieces_in_reverse_order_make_the_packet(void **state)
{
	struct fixture *fixture = fixture_make(state, "2001:db8::10");

	for (size_t i = fixture->count - 1; i > 0; i--)
		assert_int_equal(take_piece(fixture, i, 7, 1).result, RESULT_MORE);
	check_whole(fixture, take_piece(fixture, 0, 7, 1));
	fixture_end(fixture);
}

static void datagrams_are_kept_apart_by_identification_and_channel(void **state)
{
	struct fixture *fixture = fixture_make(state, "2001:db8::10");

	for (size_t i = 0; i + 1 < fixture->count; i++) {
		assert_int_equal(take_piece(fixture, i, 7, 1).result, RESULT_MORE);
		assert_int_equal(take_piece(fixture, i, 8, 1).result, RESULT_MORE);
	}
	check_whole(fixture, take_piece(fixture, fixture->count - 1, 8, 1));
	check_whole(fixture, take_piece(fixture, fixture->count - 1, 7, 1));
	fixture_end(fixture);
}

static void a_piece_that_comes_twice_ends_its_datagram(void **state)
{
	struct fixture *fixture = fixture_make(state, "2001:db8::10");
	struct outcome outcome;

	assert_int_equal(take_piece(fixture, 1, 7, 1).result, RESULT_MORE);
	outcome = take_piece(fixture, 1, 7, 1);
	assert_int_equal(outcome.result, RESULT_BAD);
	assert_int_equal(outcome.reason, DROP_fragment_overlap);
	fixture_end(fixture);
}

/* Every overlap of one byte with a piece that is there, from either side. */
static void any_overlap_ends_its_datagram(void **state)
{
	struct fixture *fixture = fixture_make(state, "192.0.2.10");
	uint8_t piece[1280];
	size_t bytes = ip_fragment_write(fixture->packet, fixture->length, 1280, 1, 7, piece);
	size_t offset = ((size_t)(piece[6] & 0x1f) << 8 | piece[7]) * 8;

	for (int side = -1; side <= 1; side += 2) {
		uint8_t other[1280];
		size_t start = side < 0 ? offset - (bytes - 20) + 8 : offset + (bytes - 20) - 8;

		assert_int_equal(take(fixture, piece, bytes, 1).result, RESULT_MORE);
		memcpy(other, piece, bytes);
		other[6] = (uint8_t)(0x20 | start >> 11);
		other[7] = (uint8_t)(start >> 3);
		ip_header_checksum_set(other);
		assert_int_equal(take(fixture, other, bytes, 1).reason, DROP_fragment_overlap);
	}
	fixture_end(fixture);
}

static void two_ends_or_bytes_behind_the_end_do_not_fit(void **state)
{
	struct fixture *fixture = fixture_make(state, "192.0.2.10");
	uint8_t piece[1280];
	size_t bytes = ip_fragment_write(fixture->packet, fixture->length, 1280, 1, 7, piece);

	piece[6] &= (uint8_t)~0x20; /* it says that it is the last one */
	ip_header_checksum_set(piece);
	assert_int_equal(take(fixture, piece, bytes, 1).result, RESULT_MORE);
	assert_int_equal(take_piece(fixture, 2, 7, 1).reason, DROP_fragment_overlap);
	assert_int_equal(take_piece(fixture, 2, 7, 1).result, RESULT_MORE);
	assert_int_equal(take(fixture, piece, bytes, 1).reason, DROP_fragment_overlap);
	fixture_end(fixture);
}

static void a_piece_of_odd_length_that_is_not_the_last_does_not_fit(void **state)
{
	struct fixture *fixture = fixture_make(state, "192.0.2.10");
	uint8_t piece[1280];
	size_t bytes = ip_fragment_write(fixture->packet, fixture->length, 1280, 0, 7, piece);

	piece[3]--;
	ip_header_checksum_set(piece);
	assert_int_equal(take(fixture, piece, bytes, 1).reason, DROP_fragment_overlap);
	fixture_end(fixture);
}

static void what_is_longer_than_a_buffer_does_not_fit(void **state)
{
	struct fixture *fixture = fixture_make(state, "192.0.2.10");
	uint8_t piece[1280];
	size_t bytes = ip_fragment_write(fixture->packet, fixture->length, 1280, 0, 7, piece);

	piece[6] = 0x20 | 65000 >> 11;
	piece[7] = (uint8_t)(65000 >> 3);
	ip_header_checksum_set(piece);
	assert_int_equal(take(fixture, piece, bytes, 1).reason, DROP_fragment_overlap);
	fixture_end(fixture);
}

static void a_source_has_only_so_many_at_a_time(void **state)
{
	struct fixture *fixture = fixture_make(state, "2001:db8::10");

	for (uint32_t id = 0; id < 20; id++)
		assert_int_equal(take_piece(fixture, 0, id, id).result, RESULT_MORE);
	assert_int_equal(reassembly_late_take(fixture->reassembly), 20 - REASSEMBLY_PER_SOURCE);
	assert_int_equal(reassembly_late_take(fixture->reassembly), 0);
	fixture_end(fixture);
}

static void what_is_not_whole_in_time_is_given_up(void **state)
{
	struct fixture *fixture = fixture_make(state, "2001:db8::10");

	for (size_t i = 0; i + 1 < fixture->count; i++)
		assert_int_equal(take_piece(fixture, i, 7, 1).result, RESULT_MORE);
	assert_int_equal(take_piece(fixture, fixture->count - 1, 7, 1 + REASSEMBLY_MS).result,
			 RESULT_MORE);
	assert_int_equal(reassembly_late_take(fixture->reassembly), 1);
	fixture_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_in_order_make_the_packet),
		cmocka_unit_test(pieces_in_reverse_order_make_the_packet),
		cmocka_unit_test(datagrams_are_kept_apart_by_identification_and_channel),
		cmocka_unit_test(a_piece_that_comes_twice_ends_its_datagram),
		cmocka_unit_test(any_overlap_ends_its_datagram),
		cmocka_unit_test(two_ends_or_bytes_behind_the_end_do_not_fit),
		cmocka_unit_test(a_piece_of_odd_length_that_is_not_the_last_does_not_fit),
		cmocka_unit_test(what_is_longer_than_a_buffer_does_not_fit),
		cmocka_unit_test(a_source_has_only_so_many_at_a_time),
		cmocka_unit_test(what_is_not_whole_in_time_is_given_up),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
