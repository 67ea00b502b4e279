#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_fragment.h"
#include "dataplane/ip_header.h"
#include "dataplane/nodes/classify.h"
#include "dataplane/source_set.h"
#include "tests/unit/dataplane_process/plane_kit.h"

struct verdict {
	enum classify_edge edge;
	uint16_t reason;
	uint16_t l4_offset;
	struct contract_address source;
};

static struct verdict classify(struct plane_kit *kit, const uint8_t *frame, size_t length)
{
	struct worker *worker = kit->workers[0];
	struct packet *packet = plane_packet(worker, frame, length);
	struct verdict verdict = {.edge = classify_step(worker, packet)};

	verdict.reason = packet->drop_reason;
	verdict.l4_offset = packet->l4_offset;
	verdict.source = packet->outer_source;
	plane_packet_end(worker, packet);
	return verdict;
}

static const char *const here[] = {"192.0.2.60", "2001:db8::60"};
static const char *const there[] = {"192.0.2.10", "2001:db8::10"};

static struct verdict classify_udp(struct plane_kit *kit, unsigned family, uint16_t port,
				   enum plane_flaw flaw)
{
	struct contract_address from = plane_address(there[family], 40000);
	struct contract_address to = plane_address(here[family], port);
	uint8_t frame[2048];

	return classify(kit, frame, plane_udp(frame, &from, &to, "0123456789", 10, flaw));
}

static struct verdict classify_ip(struct plane_kit *kit, const char *from, const char *to,
				  uint8_t protocol)
{
	struct contract_address source = plane_address(from, 0), destination = plane_address(to, 0);
	uint8_t frame[2048], payload[64] = {0};

	return classify(kit, frame,
			plane_ip(frame, &source, &destination, protocol, payload, sizeof(payload)));
}

static void sip_and_esp_for_the_gateway_are_ours(void **state)
{
	struct plane_kit *kit = *state;

	for (unsigned family = 0; family < 2; family++) {
		struct verdict verdict = classify_udp(kit, family, 5060, FLAW_NONE);

		assert_int_equal(verdict.edge, CLASSIFY_CLEAR_IN);
		assert_int_equal(verdict.source.port, 40000);
		assert_int_equal(verdict.l4_offset, family ? 54 : 34);
		assert_int_equal(classify_udp(kit, family, 4500, FLAW_NONE).edge,
				 CLASSIFY_ESP_OPEN);
		assert_int_equal(classify_ip(kit, there[family], here[family], IPPROTO_ESP).edge,
				 CLASSIFY_ESP_OPEN);
	}
}

/* What is told of the usual packet at once is what its header says; one that is cut is no such. */
static void plain_esp_is_told_as_its_header_has_it(void **state)
{
	struct plane_kit *kit = *state;

	for (unsigned family = 0; family < 2; family++) {
		struct contract_address source = plane_address(there[family], 0);
		struct contract_address destination = plane_address(here[family], 0);
		uint8_t frame[2048], payload[64] = {0};
		size_t length = plane_ip(frame, &source, &destination, IPPROTO_ESP, payload,
					 sizeof(payload));
		struct verdict verdict = classify(kit, frame, length);

		assert_int_equal(verdict.edge, CLASSIFY_ESP_OPEN);
		assert_int_equal(verdict.l4_offset, family ? 54 : 34);
		assert_memory_equal(&verdict.source, &source, sizeof(source));
		verdict = classify(kit, frame, length - 1);
		assert_int_equal(verdict.edge, CLASSIFY_DROP);
		assert_int_equal(verdict.reason, DROP_ip_header);
	}
}

/* Its last half as a buffer of its own: what the short ways leave to the general one. */
static void halve(struct worker *worker, struct packet *packet)
{
	struct rte_mbuf *mbuf = packet->mbuf, *rest = rte_pktmbuf_alloc(worker->small_buffers);
	uint16_t half = mbuf->data_len / 2;

	assert_non_null(rest);
	memcpy(rte_pktmbuf_append(rest, half),
	       rte_pktmbuf_mtod_offset(mbuf, const void *, mbuf->data_len - half), half);
	rte_pktmbuf_trim(mbuf, half);
	assert_int_equal(rte_pktmbuf_chain(mbuf, rest), 0);
}

/* As it is, and in two buffers: the same is said of both. Returns the edge. */
static enum classify_edge classify_both_ways(struct plane_kit *kit, const uint8_t *frame,
					     size_t length)
{
	struct worker *worker = kit->workers[0];
	struct packet *whole = plane_packet(worker, frame, length);
	struct packet *halved = plane_packet(worker, frame, length);
	enum classify_edge edge = classify_step(worker, whole);

	halve(worker, halved);
	assert_int_equal(classify_step(worker, halved), edge);
	assert_int_equal(halved->drop_reason, whole->drop_reason);
	if (edge == CLASSIFY_CLEAR_IN || edge == CLASSIFY_ESP_OPEN) {
		assert_memory_equal(&halved->outer_source, &whole->outer_source,
				    sizeof(whole->outer_source));
		assert_memory_equal(&halved->outer_destination, &whole->outer_destination,
				    sizeof(whole->outer_destination));
		assert_int_equal(halved->l3_offset, whole->l3_offset);
		assert_int_equal(halved->l4_offset, whole->l4_offset);
		assert_int_equal(halved->mbuf->l2_len, whole->mbuf->l2_len);
	}
	plane_packet_end(worker, whole);
	plane_packet_end(worker, halved);
	return edge;
}

/* Whatever bit of their headers is another, the checksum right or not, and wherever they are cut. */
static void short_ways_say_what_the_general_one_says(void **state)
{
	struct plane_kit *kit = *state;
	unsigned taken = 0;

	for (unsigned family = 0; family < 2; family++) {
		struct contract_address from = plane_address(there[family], 40000);
		struct contract_address to = plane_address(here[family], 5060);
		size_t headers = family ? 62 : 42;
		uint8_t frame[2048];
		size_t length = plane_udp(frame, &from, &to, "0123456789", 10, FLAW_NONE);

		assert_int_equal(classify_both_ways(kit, frame, length), CLASSIFY_CLEAR_IN);
		for (size_t bit = 0; bit < 8 * headers; bit++) {
			frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
			taken += classify_both_ways(kit, frame, length) == CLASSIFY_CLEAR_IN;
			if (family == 0 && frame[14] == 0x45) {
				ip_header_checksum_set(frame + 14);
				taken += classify_both_ways(kit, frame, length) ==
					 CLASSIFY_CLEAR_IN;
			}
			frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (family == 0)
				ip_header_checksum_set(frame + 14);
		}
		while (length-- > 2)
			assert_int_not_equal(classify_both_ways(kit, frame, length),
					     CLASSIFY_CLEAR_IN);
	}
	assert_true(taken > 100);
}

static void everything_else_is_the_kernels(void **state)
{
	struct plane_kit *kit = *state;
	uint8_t arp[60] = {[12] = 0x08, [13] = 0x06};

	assert_int_equal(classify(kit, arp, sizeof(arp)).edge, CLASSIFY_EXCEPTION);
	assert_int_equal(classify(kit, arp, 10).edge, CLASSIFY_EXCEPTION);
	for (unsigned family = 0; family < 2; family++) {
		assert_int_equal(classify_udp(kit, family, 53, FLAW_NONE).edge, CLASSIFY_EXCEPTION);
		assert_int_equal(classify_ip(kit, there[family], here[family], IPPROTO_TCP).edge,
				 CLASSIFY_EXCEPTION);
	}
	assert_int_equal(classify_ip(kit, there[1], here[1], IPPROTO_ICMPV6).edge,
			 CLASSIFY_EXCEPTION);
	assert_int_equal(classify_ip(kit, there[0], here[0], IPPROTO_ICMP).edge,
			 CLASSIFY_EXCEPTION);
}

static void what_is_for_another_address_is_the_kernels(void **state)
{
	struct plane_kit *kit = *state;

	assert_int_equal(classify_ip(kit, there[0], "192.0.2.61", IPPROTO_ESP).edge,
			 CLASSIFY_EXCEPTION);
	assert_int_equal(classify_ip(kit, there[1], "2001:db8::61", IPPROTO_ESP).edge,
			 CLASSIFY_EXCEPTION);
}

static void malformed_headers_are_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_address from = plane_address(there[0], 0);
	struct contract_address to = plane_address(here[0], 0);
	uint8_t frame[256];
	struct verdict verdict = classify_udp(kit, 0, 5060, FLAW_IP_CHECKSUM);

	assert_int_equal(verdict.edge, CLASSIFY_DROP);
	assert_int_equal(verdict.reason, DROP_ip_header);
	verdict = classify(kit, frame, plane_ip(frame, &from, &to, IPPROTO_UDP, "1234567", 7));
	assert_int_equal(verdict.edge, CLASSIFY_DROP);
	assert_int_equal(verdict.reason, DROP_udp_header);
}

static void nothing_but_a_fragment_header_may_stand_before_sip_and_esp(void **state)
{
	struct plane_kit *kit = *state;

	for (unsigned family = 0; family < 2; family++) {
		struct verdict verdict = classify_udp(kit, family, 5060, FLAW_OPTIONS);

		assert_int_equal(verdict.edge, CLASSIFY_DROP);
		assert_int_equal(verdict.reason, DROP_ip_options);
		assert_int_equal(classify_udp(kit, family, 53, FLAW_OPTIONS).edge,
				 CLASSIFY_EXCEPTION);
	}
}

/* The second fragment of a packet of this protocol. */
static struct verdict classify_fragment(struct plane_kit *kit, const char *from, uint8_t protocol,
					size_t index)
{
	struct contract_address source = plane_address(from, 0);
	struct contract_address destination = plane_address(here[1], 0);
	static uint8_t payload[2000];
	uint8_t frame[4096], piece[2048];
	size_t length;

	payload[2] = 5060 >> 8;
	payload[3] = (uint8_t)5060;
	length = plane_ip(frame, &source, &destination, protocol, payload, sizeof(payload));
	memcpy(piece, frame, 14);
	length = ip_fragment_write(frame + 14, length - 14, 1280, index, 7, piece + 14);
	return classify(kit, piece, length + 14);
}

static void fragments_count_only_from_where_an_sa_goes(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_address friend = plane_address("2001:db8::77", 0);

	source_set_add(kit->tables->sources, &friend);
	for (size_t index = 0; index < 2; index++) {
		struct verdict verdict = classify_fragment(kit, there[1], IPPROTO_ESP, index);

		assert_int_equal(verdict.edge, CLASSIFY_DROP);
		assert_int_equal(verdict.reason, DROP_fragment_source);
		assert_int_equal(classify_fragment(kit, "2001:db8::77", IPPROTO_ESP, index).edge,
				 CLASSIFY_REASSEMBLE);
		assert_int_equal(classify_fragment(kit, "2001:db8::77", IPPROTO_UDP, index).edge,
				 CLASSIFY_REASSEMBLE);
	}
	assert_int_equal(classify_fragment(kit, there[1], IPPROTO_UDP, 0).reason,
			 DROP_fragment_refused);
	assert_int_equal(classify_fragment(kit, there[1], IPPROTO_UDP, 1).edge, CLASSIFY_EXCEPTION);
	source_set_remove(kit->tables->sources, &friend);
}

/* An IPv4 packet made the first of several fragments, its checksum with it (RFC 1624). */
static void more_fragments_set(uint8_t *ip)
{
	uint32_t sum = (uint32_t)(ip[10] << 8 | ip[11]) ^ 0xffff;

	ip[6] |= 0x20;
	sum += 0x2000;
	sum = ((sum & 0xffff) + (sum >> 16)) ^ 0xffff;
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

static void fragments_behind_options_are_not_put_together(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_address from = plane_address(there[0], 40000);
	struct contract_address to = plane_address(here[0], 4500);
	uint8_t frame[2048];
	struct verdict verdict;
	size_t length;

	source_set_add(kit->tables->sources, &from);
	length = plane_udp(frame, &from, &to, "0123456789abcdef", 16, FLAW_NONE);
	more_fragments_set(frame + 14);
	assert_int_equal(classify(kit, frame, length).edge, CLASSIFY_REASSEMBLE);
	length = plane_udp(frame, &from, &to, "0123456789abcdef", 16, FLAW_OPTIONS);
	more_fragments_set(frame + 14);
	verdict = classify(kit, frame, length);
	assert_int_equal(verdict.edge, CLASSIFY_DROP);
	assert_int_equal(verdict.reason, DROP_ip_options);
	source_set_remove(kit->tables->sources, &from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sip_and_esp_for_the_gateway_are_ours),
		cmocka_unit_test(plain_esp_is_told_as_its_header_has_it),
		cmocka_unit_test(short_ways_say_what_the_general_one_says),
		cmocka_unit_test(everything_else_is_the_kernels),
		cmocka_unit_test(what_is_for_another_address_is_the_kernels),
		cmocka_unit_test(malformed_headers_are_dropped),
		cmocka_unit_test(nothing_but_a_fragment_header_may_stand_before_sip_and_esp),
		cmocka_unit_test(fragments_count_only_from_where_an_sa_goes),
		cmocka_unit_test(fragments_behind_options_are_not_put_together),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
