#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/drop_reason.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/port.h"
#include "dataplane/ip_header.h"
#include "dataplane/nodes/tx.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static const uint8_t router_mac[6] = {2, 0, 0, 0, 0, 1};

static struct packet *packet_make(struct plane_kit *kit, const char *from, const char *to)
{
	struct contract_address source = plane_address(from, 0), destination = plane_address(to, 0);
	uint8_t bytes[100] = {0};

	ip_header_write(bytes, &source, &destination, IPPROTO_ESP, 0, 40);
	return plane_packet(kit->workers[0], bytes, sizeof(bytes));
}

static void without_a_route_it_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, "192.0.2.60", "198.51.100.1");

	assert_int_equal(tx_step(kit->workers[0], packet), TX_DROP);
	assert_int_equal(packet->drop_reason, DROP_next_hop_unknown);
	plane_packet_end(kit->workers[0], packet);
}

static void a_packet_gets_the_header_of_its_next_hop(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet;
	const uint8_t *frame;

	plane_route(kit, "192.0.2.1", router_mac);
	plane_route(kit, "2001:db8::1", router_mac);
	packet = packet_make(kit, "192.0.2.60", "198.51.100.1");
	assert_int_equal(tx_step(kit->workers[0], packet), TX_SEND);
	frame = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
	assert_int_equal(packet->mbuf->data_len, 114);
	assert_memory_equal(frame, router_mac, 6);
	assert_memory_equal(frame + 6, kit->tables->ports->ports[0].mac.addr_bytes, 6);
	assert_int_equal(frame[12] << 8 | frame[13], 0x0800);
	plane_packet_end(kit->workers[0], packet);
	packet = packet_make(kit, "2001:db8::60", "2001:db8:1::1");
	assert_int_equal(tx_step(kit->workers[0], packet), TX_SEND);
	frame = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
	assert_int_equal(frame[12] << 8 | frame[13], 0x86dd);
	plane_packet_end(kit->workers[0], packet);
}

static void a_header_may_begin_at_any_byte(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet;
	const uint8_t *frame;

	plane_route(kit, "2001:db8::1", router_mac);
	for (uint16_t odd = 0; odd < 4; odd++) {
		packet = packet_make(kit, "2001:db8::60", "2001:db8:1::1");
		memmove(rte_pktmbuf_mtod(packet->mbuf, uint8_t *) + odd,
			rte_pktmbuf_mtod(packet->mbuf, void *), 100);
		packet->mbuf->data_off = (uint16_t)(packet->mbuf->data_off + odd);
		assert_int_equal(tx_step(kit->workers[0], packet), TX_SEND);
		frame = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
		assert_memory_equal(frame, router_mac, 6);
		assert_memory_equal(frame + 6, kit->tables->ports->ports[0].mac.addr_bytes, 6);
		assert_int_equal(frame[12] << 8 | frame[13], 0x86dd);
		plane_packet_end(kit->workers[0], packet);
	}
}

static void while_the_next_hop_is_not_known_it_waits_for_that(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_address router = plane_address("192.0.2.1", 0);
	struct packet *packet = packet_make(kit, "192.0.2.60", "198.51.100.1");

	next_hop_neighbour_clear(kit->tables->next_hops, 0, &router);
	assert_int_equal(tx_step(kit->workers[0], packet), TX_UNRESOLVED);
	assert_memory_equal(&packet->egress.destination, &router, sizeof(router));
	assert_int_equal(packet->mbuf->data_len, 100);
	plane_packet_end(kit->workers[0], packet);
}

static void a_whole_frame_leaves_as_it_is(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = plane_packet(kit->workers[0], "whatever the kernel made", 24);

	packet->is_framed = true;
	assert_int_equal(tx_step(kit->workers[0], packet), TX_SEND);
	assert_int_equal(packet->mbuf->data_len, 24);
	plane_packet_end(kit->workers[0], packet);
}

static void without_headroom_it_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, "2001:db8::60", "2001:db8:1::1");

	memmove((uint8_t *)packet->mbuf->buf_addr + 13, rte_pktmbuf_mtod(packet->mbuf, void *),
		100);
	packet->mbuf->data_off = 13;
	assert_int_equal(tx_step(kit->workers[0], packet), TX_DROP);
	assert_int_equal(packet->drop_reason, DROP_no_headroom);
	plane_packet_end(kit->workers[0], packet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_route_it_is_dropped),
		cmocka_unit_test(a_packet_gets_the_header_of_its_next_hop),
		cmocka_unit_test(a_header_may_begin_at_any_byte),
		cmocka_unit_test(while_the_next_hop_is_not_known_it_waits_for_that),
		cmocka_unit_test(a_whole_frame_leaves_as_it_is),
		cmocka_unit_test(without_headroom_it_is_dropped),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
