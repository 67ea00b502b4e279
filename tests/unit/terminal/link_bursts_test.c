/* Bursts of ESP through the kernel's raw sockets, over both versions of IP. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "terminal/link/bursts.h"

static struct inbox inbox;
static struct outbox outbox;

static struct sip_address address(const char *text)
{
	struct sip_address address;

	assert_int_equal(sip_address_parse(slice_make(text, strlen(text)), &address), RESULT_OK);
	return address;
}

/* ESP on an address of this machine; the test is skipped without the right to it. */
static int open_esp(const struct sip_address *own)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(own, 0, &endpoint);
	int fd = socket(own->family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK,
			IPPROTO_ESP);

	if (fd < 0)
		skip();
	assert_int_equal(bind(fd, &endpoint.any, len), 0);
	return fd;
}

/* Receives until all that was sent is here, each packet once and in order. */
static void expect(int fd, uint8_t packets[][40], unsigned count)
{
	const struct sockets sockets = {-1, fd, -1};
	unsigned seen = 0;

	for (unsigned turn = 0; turn < 1000 && seen < count; turn++) {
		unsigned got = inbox_receive(&inbox, &sockets, false);

		for (unsigned i = 0; i < got; i++, seen++) {
			struct received packet;

			assert_int_equal(inbox_view(&inbox, i, &packet), RESULT_OK);
			assert_int_equal(packet.from.port, 0);
			assert_int_equal(packet.len, 40);
			assert_memory_equal(packet.at, packets[seen], 40);
		}
		if (got == 0)
			usleep(1000);
	}
	assert_int_equal(seen, count);
	assert_int_equal(inbox_receive(&inbox, &sockets, false), 0);
}

static void pass_burst(const char *text)
{
	struct sip_address own = address(text);
	uint8_t packets[BURST_PACKETS][40];
	int fd = open_esp(&own);

	for (unsigned i = 0; i < BURST_PACKETS; i++) {
		memset(packets[i], (int)i + 1, sizeof(packets[i]));
		outbox_add(&outbox, &own, packets[i], sizeof(packets[i]));
	}
	outbox_send(&outbox, &(struct sockets){-1, fd, -1});
	assert_int_equal(outbox.count, 0);
	expect(fd, packets, BURST_PACKETS);
	close(fd);
}

static void a_burst_arrives_whole_and_in_order_over_ipv4(void **state)
{
	(void)state;
	pass_burst("127.0.0.1");
}

static void a_burst_arrives_whole_and_in_order_over_ipv6(void **state)
{
	(void)state;
	pass_burst("::1");
}

/* A burst to both ways: each goes by its own socket, and what was in UDP says from which port. */
static void what_goes_in_udp_leaves_by_its_own_socket(void **state)
{
	struct sip_address own = address("127.0.0.1"), place = own;
	uint8_t packets[4][40] = {{1}, {2}, {3}, {4}}, plain[2][40];
	struct sockets sockets = {-1, open_esp(&own),
				  socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
	union endpoint endpoint;
	socklen_t len = endpoint_make(&own, 0, &endpoint);
	struct received packet;

	(void)state;
	assert_int_equal(bind(sockets.encap, &endpoint.any, len), 0);
	assert_int_equal(getsockname(sockets.encap, &endpoint.any, &len), 0);
	place = endpoint_address(&endpoint);
	outbox_add(&outbox, &own, packets[0], 40);
	outbox_add(&outbox, &place, packets[1], 40);
	outbox_add(&outbox, &place, packets[2], 40);
	outbox_add(&outbox, &own, packets[3], 40);
	outbox_send(&outbox, &sockets);
	memcpy(plain[0], packets[0], 40);
	memcpy(plain[1], packets[3], 40);
	expect(sockets.esp, plain, 2);
	assert_int_equal(inbox_receive(&inbox, &sockets, true), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(inbox_view(&inbox, i, &packet), RESULT_OK);
		assert_int_equal(packet.from.port, place.port);
		assert_int_equal(packet.len, 40);
		assert_memory_equal(packet.at, packets[i + 1], 40);
	}
	close(sockets.esp);
	close(sockets.encap);
}

static void one_that_cannot_be_sent_takes_no_other_with_it(void **state)
{
	struct sip_address own = address("127.0.0.1"), other = address("::1");
	uint8_t packets[3][40] = {{1}, {2}, {3}}, arriving[2][40];
	int fd = open_esp(&own);

	(void)state;
	outbox_add(&outbox, &own, packets[0], 40);
	outbox_add(&outbox, &other, packets[1], 40); /* not on this socket */
	outbox_add(&outbox, &own, packets[2], 40);
	outbox_send(&outbox, &(struct sockets){-1, fd, -1});
	memcpy(arriving[0], packets[0], 40);
	memcpy(arriving[1], packets[2], 40);
	expect(fd, arriving, 2);
	close(fd);
}

static void without_a_socket_there_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(inbox_receive(&inbox, &(struct sockets){-1, -1, -1}, false), 0);
}

/* A packet that has come as the kernel hands it over. */
static void arrive(const uint8_t *bytes, size_t len, int flags)
{
	struct sip_address from = address("192.0.2.1");

	endpoint_make(&from, 0, &inbox.from[0]);
	memcpy(inbox.rooms[0], bytes, len);
	inbox.headers[0].msg_len = (unsigned)len;
	inbox.headers[0].msg_hdr.msg_flags = flags;
}

static void a_packet_without_a_whole_ip_header_is_bad(void **state)
{
	static const uint8_t short_header[] = {0x44, [24] = 1};
	static const uint8_t long_header[] = {0x4f, [40] = 1};
	uint8_t whole[24] = {0x45, [20] = 7};
	struct received packet;

	(void)state;
	arrive(whole, 0, 0);
	assert_int_equal(inbox_view(&inbox, 0, &packet), RESULT_BAD);
	arrive(short_header, sizeof(short_header), 0);
	assert_int_equal(inbox_view(&inbox, 0, &packet), RESULT_BAD);
	arrive(long_header, sizeof(long_header), 0);
	assert_int_equal(inbox_view(&inbox, 0, &packet), RESULT_BAD);
	arrive(whole, sizeof(whole), MSG_TRUNC);
	assert_int_equal(inbox_view(&inbox, 0, &packet), RESULT_BAD);
	arrive(whole, sizeof(whole), 0);
	assert_int_equal(inbox_view(&inbox, 0, &packet), RESULT_OK);
	assert_int_equal(packet.len, 4);
	assert_int_equal(packet.at[0], 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_arrives_whole_and_in_order_over_ipv4),
		cmocka_unit_test(a_burst_arrives_whole_and_in_order_over_ipv6),
		cmocka_unit_test(what_goes_in_udp_leaves_by_its_own_socket),
		cmocka_unit_test(one_that_cannot_be_sent_takes_no_other_with_it),
		cmocka_unit_test(without_a_socket_there_is_nothing),
		cmocka_unit_test(a_packet_without_a_whole_ip_header_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
