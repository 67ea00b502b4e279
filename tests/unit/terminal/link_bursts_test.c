/* Bursts of ESP through the kernel's raw sockets, over both versions of IP. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/udp.h>
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

/* Receives until all that was sent is here, each packet once and in order; returns by how many
 * calls that brought something. */
static unsigned expect(const struct sockets *sockets, bool is_in_udp, uint8_t packets[][40],
		       unsigned count)
{
	unsigned seen = 0, calls = 0;

	for (unsigned turn = 0; turn < 1000 && seen < count; turn++) {
		struct received packet;

		if (!inbox_receive(&inbox, sockets, is_in_udp)) {
			usleep(1000);
			continue;
		}
		calls++;
		for (; inbox_next(&inbox, &packet) == RESULT_OK; seen++) {
			assert_true(seen < count);
			assert_int_equal(packet.from.port == 0, !is_in_udp);
			assert_int_equal(packet.len, 40);
			assert_memory_equal(packet.at, packets[seen], 40);
		}
		assert_int_equal(inbox_next(&inbox, &packet), RESULT_NOT_FOUND);
	}
	assert_int_equal(seen, count);
	assert_false(inbox_receive(&inbox, sockets, is_in_udp));
	return calls;
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
	expect(&(struct sockets){-1, fd, -1}, false, packets, BURST_PACKETS);
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
	expect(&sockets, false, plain, 2);
	expect(&sockets, true, packets + 1, 2);
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
	expect(&(struct sockets){-1, fd, -1}, false, arriving, 2);
	close(fd);
}

static void without_a_socket_there_is_nothing(void **state)
{
	struct received packet;

	(void)state;
	assert_false(inbox_receive(&inbox, &(struct sockets){-1, -1, -1}, false));
	assert_int_equal(inbox_next(&inbox, &packet), RESULT_NOT_FOUND);
}

/* A packet that has come as the kernel hands it over. */
static void arrive(const uint8_t *bytes, size_t len, int flags)
{
	struct sip_address from = address("192.0.2.1");

	memset(&inbox, 0, sizeof(inbox));
	endpoint_make(&from, 4500, &inbox.from[0]);
	memcpy(inbox.bytes, bytes, len);
	inbox.count = 1;
	inbox.vectors[0] = (struct iovec){inbox.bytes, BURST_ROOM_BYTES};
	inbox.headers[0].msg_len = (unsigned)len;
	inbox.headers[0].msg_hdr.msg_flags = flags;
}

static void expect_next(enum result result, const uint8_t *bytes, size_t len)
{
	struct received packet;

	assert_int_equal(inbox_next(&inbox, &packet), result);
	if (result != RESULT_OK)
		return;
	assert_int_equal(packet.len, len);
	assert_memory_equal(packet.at, bytes, len);
}

static void a_packet_without_a_whole_ip_header_is_bad(void **state)
{
	static const uint8_t short_header[] = {0x44, [24] = 1};
	static const uint8_t long_header[] = {0x4f, [40] = 1};
	uint8_t whole[24] = {0x45, [20] = 7};

	(void)state;
	arrive(whole, 0, 0);
	expect_next(RESULT_BAD, NULL, 0);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
	arrive(short_header, sizeof(short_header), 0);
	expect_next(RESULT_BAD, NULL, 0);
	arrive(long_header, sizeof(long_header), 0);
	expect_next(RESULT_BAD, NULL, 0);
	arrive(whole, sizeof(whole), MSG_TRUNC);
	expect_next(RESULT_BAD, NULL, 0);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
	arrive(whole, sizeof(whole), 0);
	expect_next(RESULT_OK, whole + 20, 4);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
}

/* What the kernel says of how it has joined datagrams in UDP. */
static void arrive_joined(const uint8_t *bytes, size_t len, int size, int flags)
{
	struct cmsghdr *header = &inbox.controls[0].header;

	arrive(bytes, len, flags);
	inbox.is_in_udp = true;
	inbox.headers[0].msg_hdr.msg_control = header;
	inbox.headers[0].msg_hdr.msg_controllen = sizeof(inbox.controls[0]);
	header->cmsg_level = SOL_UDP;
	header->cmsg_type = UDP_GRO;
	header->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(header), &size, sizeof(size));
}

static void joined_datagrams_are_taken_apart(void **state)
{
	uint8_t bytes[100];

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	arrive_joined(bytes, 100, 40, 0);
	expect_next(RESULT_OK, bytes, 40);
	expect_next(RESULT_OK, bytes + 40, 40);
	expect_next(RESULT_OK, bytes + 80, 20);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
	arrive_joined(bytes, 80, 40, 0);
	expect_next(RESULT_OK, bytes, 40);
	expect_next(RESULT_OK, bytes + 40, 40);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
	arrive_joined(bytes, 3, 1, 0);
	for (unsigned i = 0; i < 3; i++)
		expect_next(RESULT_OK, bytes + i, 1);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
}

static void a_size_that_cannot_be_leaves_one_datagram(void **state)
{
	static const int sizes[] = {0, -1, 100, 101, INT_MAX, INT_MIN};
	uint8_t bytes[100] = {1};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		arrive_joined(bytes, sizeof(bytes), sizes[i], 0);
		expect_next(RESULT_OK, bytes, sizeof(bytes));
		expect_next(RESULT_NOT_FOUND, NULL, 0);
	}
	arrive_joined(bytes, 0, 40, 0);
	expect_next(RESULT_OK, bytes, 0);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
	arrive_joined(bytes, sizeof(bytes), 40, MSG_TRUNC);
	expect_next(RESULT_BAD, NULL, 0);
	expect_next(RESULT_NOT_FOUND, NULL, 0);
}

/* Sockets for ESP in UDP at one address, as sockets_open makes them, on ports of their own. */
static struct sockets open_encap(const char *text, bool is_plain, struct sip_address *place)
{
	struct sockets sockets = {-1, -1, -1};
	struct sip_address own = address(text);
	const int on = 1;
	union endpoint endpoint;
	socklen_t len = endpoint_make(&own, 0, &endpoint);

	sockets.encap = socket(own.family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(sockets.encap, &endpoint.any, len), 0);
	assert_int_equal(getsockname(sockets.encap, &endpoint.any, &len), 0);
	*place = endpoint_address(&endpoint);
	if (!is_plain) {
		sockets.cuts = true;
		sockets.joins = setsockopt(sockets.encap, SOL_UDP, UDP_GRO, &on, sizeof(on)) == 0;
	}
	return sockets;
}

/* A burst in UDP, the last packet shorter, between two ends that have the kernel's help or not. */
static void pass_in_udp(const char *text, bool is_sender_plain, bool is_receiver_plain)
{
	struct sip_address from, to;
	struct sockets sender = open_encap(text, is_sender_plain, &from);
	struct sockets receiver = open_encap(text, is_receiver_plain, &to);
	uint8_t packets[BURST_PACKETS][40];
	unsigned calls;

	for (unsigned i = 0; i < BURST_PACKETS; i++) {
		memset(packets[i], (int)i + 1, sizeof(packets[i]));
		outbox_add(&outbox, &to, packets[i], sizeof(packets[i]));
	}
	outbox_send(&outbox, &sender);
	assert_int_equal(sender.cuts, !is_sender_plain);
	calls = expect(&receiver, true, packets, BURST_PACKETS);
	/* Loopback leaves one piece in one piece. */
	if (!is_sender_plain && receiver.joins)
		assert_int_equal(calls, 1);
	close(sender.encap);
	close(receiver.encap);
}

static void a_burst_in_udp_arrives_whatever_either_kernel_does(void **state)
{
	static const char *const ends[] = {"127.0.0.1", "::1"};

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned way = 0; way < 4; way++)
			pass_in_udp(ends[i], way & 1, way & 2);
}

/* Of several lengths and to two places: only what belongs together is one piece. */
static void pieces_end_where_length_or_place_changes(void **state)
{
	static const size_t lengths[] = {40, 40, 20, 40, 41, 41, 7, 7, 7};
	static uint8_t bytes[64];
	struct sip_address from, place[2];
	struct sockets sender = open_encap("127.0.0.1", false, &from);
	struct sockets receivers[] = {open_encap("127.0.0.1", true, &place[0]),
				      open_encap("127.0.0.1", true, &place[1])};

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		outbox_add(&outbox, &place[i > 6], bytes, lengths[i]);
	outbox_send(&outbox, &sender);
	for (unsigned i = 0, turn = 0; i < 9; turn++) {
		struct received packet;

		assert_true(turn < 1000);
		if (!inbox_receive(&inbox, &receivers[i > 6], true))
			usleep(1000);
		for (; inbox_next(&inbox, &packet) == RESULT_OK; i++) {
			assert_true(i < 9);
			assert_int_equal(packet.len, lengths[i]);
		}
	}
	close(sender.encap);
	close(receivers[0].encap);
	close(receivers[1].encap);
}

/* The kernel refuses the piece, and takes each packet by itself. */
static void what_the_kernel_does_not_cut_goes_one_by_one(void **state)
{
	static uint8_t bytes[200];
	struct sip_address from, to;
	struct sockets sender = open_encap("127.0.0.1", false, &from);
	struct sockets receiver = open_encap("127.0.0.1", true, &to);
	const int on = 1;
	struct received packet;
	unsigned seen = 0;

	(void)state;
	/* A socket that has no checksums does not cut (SO_NO_CHECK). */
	assert_int_equal(setsockopt(sender.encap, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	for (unsigned i = 0; i < 6; i++)
		outbox_add(&outbox, &to, bytes + i, 100);
	outbox_send(&outbox, &sender);
	for (unsigned turn = 0; turn < 1000 && seen < 6; turn++) {
		if (!inbox_receive(&inbox, &receiver, true))
			usleep(1000);
		for (; inbox_next(&inbox, &packet) == RESULT_OK; seen++)
			assert_int_equal(packet.len, 100);
	}
	assert_int_equal(seen, 6);
	close(sender.encap);
	close(receiver.encap);
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
		cmocka_unit_test(joined_datagrams_are_taken_apart),
		cmocka_unit_test(a_size_that_cannot_be_leaves_one_datagram),
		cmocka_unit_test(a_burst_in_udp_arrives_whatever_either_kernel_does),
		cmocka_unit_test(pieces_end_where_length_or_place_changes),
		cmocka_unit_test(what_the_kernel_does_not_cut_goes_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
