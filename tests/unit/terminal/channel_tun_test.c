/* The device in a network namespace of this program's own; without the right to one, its refusal.
 */
#include "tests/unit/terminal/segments.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include "terminal/channel/segment_cut.h"
#include "terminal/channel/tun.h"

static struct overlay a, b;
static bool has_namespace;
static struct tun_packet packet;

static int prepare(void **state)
{
	(void)state;
	has_namespace = unshare(CLONE_NEWNET) == 0;
	return overlay_of(SLICE("user-a@abc.com"), &a) == RESULT_OK &&
			       overlay_of(SLICE("user-b@xyz.com"), &b) == RESULT_OK
		       ? 0
		       : -1;
}

static void without_the_right_there_is_no_device(void **state)
{
	struct tun tun = {.fd = -1};

	(void)state;
	if (has_namespace)
		skip();
	assert_int_equal(tun_open(&a, false, &tun), RESULT_IO);
	assert_true(errno == EPERM || errno == EACCES || errno == ENOENT);
}

/* The kernel takes a moment until an IPv6 address may be used (RFC 4862 5.4). */
static bool is_usable(const struct overlay *own)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool is_bound;

	memcpy(&address.sin6_addr, own->ipv6.bytes, 16);
	is_bound = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return is_bound;
}

static void tun_make(struct tun *tun, bool is_plain)
{
	if (!has_namespace)
		skip();
	assert_int_equal(tun_open(&a, is_plain, tun), RESULT_OK);
	for (unsigned i = 0; i < 200 && !is_usable(&a); i++)
		poll(NULL, 0, 10);
	assert_true(is_usable(&a));
}

static void the_device_is_there_until_it_is_closed(void **state)
{
	struct tun tun, second;

	(void)state;
	tun_make(&tun, false);
	assert_string_equal(tun.name, "sk0");
	assert_int_equal(tun_open(&b, false, &second), RESULT_OK);
	assert_string_equal(second.name, "sk1");
	tun_close(&second);
	assert_int_equal(if_nametoindex("sk1"), 0);
	tun_close(&tun);
	assert_int_equal(tun.fd, -1);
	assert_int_equal(if_nametoindex("sk0"), 0);
}

/* What the system says to a datagram for the peer: 0 if it has a way. */
static int way_to(const struct overlay *to, int family)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	int fd = socket(family, SOCK_DGRAM, 0);
	int reason = 0;
	ssize_t sent;

	memcpy(&ipv4.sin_addr, to->ipv4.bytes, 4);
	memcpy(&ipv6.sin6_addr, to->ipv6.bytes, 16);
	sent = family == AF_INET ? sendto(fd, "x", 1, 0, (struct sockaddr *)&ipv4, sizeof(ipv4))
				 : sendto(fd, "x", 1, 0, (struct sockaddr *)&ipv6, sizeof(ipv6));
	if (sent < 0)
		reason = errno;
	close(fd);
	return reason;
}

static void there_is_a_way_to_a_peer_only_while_it_is_added(void **state)
{
	struct tun tun;

	(void)state;
	tun_make(&tun, false);
	assert_int_equal(way_to(&b, AF_INET), ENETUNREACH);
	assert_int_equal(way_to(&b, AF_INET6), ENETUNREACH);
	assert_int_equal(tun_add_peer(&tun, &b), RESULT_OK);
	assert_int_equal(way_to(&b, AF_INET), 0);
	assert_int_equal(way_to(&b, AF_INET6), 0);
	tun_remove_peer(&tun, &b);
	assert_int_equal(way_to(&b, AF_INET), ENETUNREACH);
	assert_int_equal(way_to(&b, AF_INET6), ENETUNREACH);
	tun_close(&tun);
}

/* The next packet from a to b; the kernel may have something to say of its own before. */
static void read_own(const struct tun *tun)
{
	unsigned version = 0;

	do
		assert_int_equal(tun_read(tun, &packet), RESULT_OK);
	while (!overlay_is_between(&a, &b, packet.bytes, packet.len, &version));
}

static void what_is_sent_to_the_peer_comes_out_from_our_address(void **state)
{
	struct tun tun;

	(void)state;
	for (unsigned is_plain = 0; is_plain < 2; is_plain++) {
		tun_make(&tun, is_plain);
		assert_int_equal(tun_add_peer(&tun, &b), RESULT_OK);
		assert_int_equal(way_to(&b, AF_INET6), 0);
		read_own(&tun);
		assert_int_equal(packet.bytes[0] >> 4, 6);
		while (tun_read(&tun, &packet) == RESULT_OK)
			;
		assert_int_equal(tun_read(&tun, &packet), RESULT_NOT_FOUND);
		tun_close(&tun);
	}
}

static void a_plain_device_leaves_nothing_to_us(void **state)
{
	struct tun tun;

	(void)state;
	tun_make(&tun, true);
	assert_false(tun.has_header || tun.leaves_checksums || tun.leaves_tcp || tun.leaves_udp);
	assert_int_equal(tun_add_peer(&tun, &b), RESULT_OK);
	assert_int_equal(way_to(&b, AF_INET), 0);
	read_own(&tun);
	assert_int_equal(packet.how.flags, 0);
	assert_int_equal(packet.how.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	tun_close(&tun);
}

/* Six datagrams of 500 bytes by one call. */
static void send_six(int family)
{
	static uint8_t bytes[3000];
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	bool is_ipv4 = family == AF_INET;
	int fd = socket(family, SOCK_DGRAM, 0), size = 500;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = segment_byte(i);
	memcpy(&ipv4.sin_addr, b.ipv4.bytes, 4);
	memcpy(&ipv6.sin6_addr, b.ipv6.bytes, 16);
	assert_int_equal(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), 0);
	assert_int_equal(sendto(fd, bytes, sizeof(bytes), 0,
				is_ipv4 ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6,
				is_ipv4 ? sizeof(ipv4) : sizeof(ipv6)),
			 sizeof(bytes));
	close(fd);
}

/* Whatever the kernel leaves to us is made as it would have made it, down to the checksum. */
static void read_six(const struct tun *tun, unsigned version)
{
	const struct segment_shape shape = {
		.version = version, .protocol = SEGMENTS_UDP, .payload = 500};
	size_t header = segment_header_bytes(&shape), done = 0;

	while (done < 3000) {
		struct segment_cut cut;
		uint8_t out[TUN_MTU_BYTES];
		size_t len;

		read_own(tun);
		assert_int_equal(
			segment_cut_begin(&cut, &packet.how, packet.bytes, packet.len, sizeof(out)),
			RESULT_OK);
		while ((len = segment_cut_next(&cut, out)) > 0) {
			assert_int_equal(len, header + 500);
			assert_true(segment_is_right(&shape, out, len));
			for (size_t i = 0; i < 500; i++)
				assert_int_equal(out[header + i], segment_byte(done + i));
			done += 500;
		}
		/* One of six where the kernel leaves it to us, six where it does not. */
		assert_int_equal(done, tun->leaves_udp ? 3000 : done);
	}
	assert_int_equal(done, 3000);
}

static void datagrams_sent_as_one_come_out_as_what_they_are(void **state)
{
	struct tun tun;

	(void)state;
	for (unsigned is_plain = 0; is_plain < 2; is_plain++) {
		tun_make(&tun, is_plain);
		assert_int_equal(tun_add_peer(&tun, &b), RESULT_OK);
		send_six(AF_INET);
		read_six(&tun, 4);
		send_six(AF_INET6);
		read_six(&tun, 6);
		tun_close(&tun);
	}
}

/* A UDP datagram from the peer, IPv6; its checksum is right for these very bytes. */
static void what_is_written_reaches_a_socket(void **state)
{
	struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons(7)};
	const struct virtio_net_hdr as_it_is = {0};
	uint8_t datagram[49] = {0x60, [5] = 9, [6] = 17, [7] = 64};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint32_t sum = 0;
	struct tun tun;

	(void)state;
	tun_make(&tun, false);
	assert_int_equal(tun_add_peer(&tun, &b), RESULT_OK);
	memcpy(&own.sin6_addr, a.ipv6.bytes, 16);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	memcpy(datagram + 8, b.ipv6.bytes, 16);
	memcpy(datagram + 24, a.ipv6.bytes, 16);
	datagram[41] = datagram[43] = 7; /* ports */
	datagram[45] = 9;
	datagram[48] = 'x';
	for (size_t i = 8; i < 48; i += 2)
		sum += (uint32_t)(datagram[i] << 8 | datagram[i + 1]);
	sum += (uint32_t)('x' << 8) + 9 + 17;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	datagram[46] = (uint8_t)(~sum >> 8);
	datagram[47] = (uint8_t)~sum;
	tun_write(&tun, &as_it_is, &(struct iovec){datagram, sizeof(datagram)}, 1);
	assert_int_equal(poll(&wait, 1, 1000), 1);
	assert_int_equal(recv(fd, datagram, sizeof(datagram), 0), 1);
	assert_int_equal(datagram[0], 'x');
	close(fd);
	tun_close(&tun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_right_there_is_no_device),
		cmocka_unit_test(the_device_is_there_until_it_is_closed),
		cmocka_unit_test(there_is_a_way_to_a_peer_only_while_it_is_added),
		cmocka_unit_test(what_is_sent_to_the_peer_comes_out_from_our_address),
		cmocka_unit_test(a_plain_device_leaves_nothing_to_us),
		cmocka_unit_test(datagrams_sent_as_one_come_out_as_what_they_are),
		cmocka_unit_test(what_is_written_reaches_a_socket),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
