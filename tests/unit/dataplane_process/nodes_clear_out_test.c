#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_header.h"
#include "dataplane/nodes/clear_out.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static struct packet *packet_make(struct plane_kit *kit, size_t length, const char *from,
				  const char *to)
{
	static char sip[4096];
	struct packet *packet = plane_packet(kit->workers[0], memset(sip, 'x', length), length);

	packet->egress = (struct egress){.origin = CONTRACT_ORIGIN_CLEAR,
					 .source = plane_address(from, 5060),
					 .destination = plane_address(to, 40000)};
	return packet;
}

static void the_message_leaves_in_a_sound_datagram(void **state)
{
	static const char *const ends[2][2] = {{"192.0.2.60", "198.51.100.1"},
					       {"2001:db8::60", "2001:db8:1::1"}};
	struct plane_kit *kit = *state;

	kit->workers[0]->dscp = 24;
	for (size_t family = 0; family < 2; family++) {
		struct packet *packet = packet_make(kit, 501, ends[family][0], ends[family][1]);
		struct contract_address to = plane_address(ends[family][1], 0);
		struct ip_header header;
		const uint8_t *at;

		assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_TX);
		at = rte_pktmbuf_mtod(packet->mbuf, const uint8_t *);
		assert_int_equal(ip_header_parse(at, packet->mbuf->data_len, &header), RESULT_OK);
		assert_int_equal(header.length, packet->mbuf->data_len);
		assert_int_equal(header.protocol, IPPROTO_UDP);
		assert_memory_equal(&header.destination, &to, sizeof(to));
		at += header.payload;
		assert_int_equal(at[0] << 8 | at[1], 5060);
		assert_int_equal(at[2] << 8 | at[3], 40000);
		assert_int_equal(at[4] << 8 | at[5], 509);
		assert_true(ip_udp_is_intact(&header.source, &header.destination, at, 509));
		plane_packet_end(kit->workers[0], packet);
	}
	kit->workers[0]->dscp = 0;
}

static void what_is_too_long_for_its_path_goes_to_be_cut(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, 1233, "2001:db8::60", "2001:db8:1::1");

	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_FRAGMENT);
	plane_packet_end(kit->workers[0], packet);
	packet = packet_make(kit, 1232, "2001:db8::60", "2001:db8:1::1");
	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_TX);
	plane_packet_end(kit->workers[0], packet);
	packet = packet_make(kit, 1472, "192.0.2.60", "198.51.100.1");
	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_TX);
	plane_packet_end(kit->workers[0], packet);
}

static void nothing_leaves_from_an_address_or_port_that_is_not_ours(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, 10, "192.0.2.61", "198.51.100.1");

	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_DROP);
	assert_int_equal(packet->drop_reason, DROP_not_ours);
	plane_packet_end(kit->workers[0], packet);
	packet = packet_make(kit, 10, "192.0.2.60", "198.51.100.1");
	packet->egress.port = 1;
	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_DROP);
	plane_packet_end(kit->workers[0], packet);
	packet = packet_make(kit, 10, "192.0.2.60", "2001:db8:1::1");
	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_DROP);
	plane_packet_end(kit->workers[0], packet);
	packet = packet_make(kit, 10, "192.0.2.60", "198.51.100.1");
	packet->egress.destination.port = 0;
	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_DROP);
	plane_packet_end(kit->workers[0], packet);
}

static void without_headroom_it_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, 10, "192.0.2.60", "198.51.100.1");

	packet->mbuf->data_off = 27;
	assert_int_equal(clear_out_step(kit->workers[0], packet), CLEAR_OUT_DROP);
	assert_int_equal(packet->drop_reason, DROP_no_headroom);
	plane_packet_end(kit->workers[0], packet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_message_leaves_in_a_sound_datagram),
		cmocka_unit_test(what_is_too_long_for_its_path_goes_to_be_cut),
		cmocka_unit_test(nothing_leaves_from_an_address_or_port_that_is_not_ours),
		cmocka_unit_test(without_headroom_it_is_dropped),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
