#include "terminal/channel/tun.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_BITS_IPV6 128

/* Younger (6.2) than some kernels' headers. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#define LEAVES_TCP (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)
#define LEAVES_UDP (TUN_F_USO4 | TUN_F_USO6)

/* linux/ipv6.h has it, but cannot be had beside netinet/in.h. */
struct in6_interface_address {
	struct in6_addr address;
	uint32_t prefix_bits;
	int interface;
};

static struct sockaddr_in endpoint_ipv4(const uint8_t *bytes)
{
	struct sockaddr_in endpoint = {.sin_family = AF_INET};

	memcpy(&endpoint.sin_addr, bytes, 4);
	return endpoint;
}

static bool set_ipv4(int fd, const char *name, const struct overlay *own)
{
	static const uint8_t one_host[4] = {255, 255, 255, 255};
	struct sockaddr_in address = endpoint_ipv4(own->ipv4.bytes);
	struct sockaddr_in mask = endpoint_ipv4(one_host);
	struct ifreq request = {0};

	memcpy(request.ifr_name, name, TUN_NAME_BYTES);
	memcpy(&request.ifr_addr, &address, sizeof(address));
	if (ioctl(fd, SIOCSIFADDR, &request) != 0)
		return false;
	memcpy(&request.ifr_netmask, &mask, sizeof(mask));
	if (ioctl(fd, SIOCSIFNETMASK, &request) != 0)
		return false;
	request.ifr_mtu = TUN_MTU_BYTES;
	if (ioctl(fd, SIOCSIFMTU, &request) != 0)
		return false;
	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_POINTOPOINT | IFF_NOARP;
	return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

static bool set_ipv6(int fd, const char *name, const struct overlay *own)
{
	struct in6_interface_address request = {
		.prefix_bits = HOST_BITS_IPV6,
		.interface = (int)if_nametoindex(name),
	};

	memcpy(&request.address, own->ipv6.bytes, 16);
	return ioctl(fd, SIOCSIFADDR, &request) == 0;
}

/* Runs one of the two with a socket of its family; errno stays that of what failed. */
static bool with_socket(int family, bool (*set)(int fd, const char *name, const struct overlay *of),
			const char *name, const struct overlay *of)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_set;
	int reason;

	if (fd < 0)
		return false;
	is_set = set(fd, name, of);
	reason = errno;
	close(fd);
	errno = reason;
	return is_set;
}

/* A device that says with each packet what is to be done with it, or one that does not. */
static bool make(struct tun *tun, bool has_header)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};

	if (has_header)
		request.ifr_flags |= IFF_VNET_HDR;
	memcpy(request.ifr_name, "sk%d", sizeof("sk%d"));
	if (ioctl(tun->fd, TUNSETIFF, &request) != 0)
		return false;
	memcpy(tun->name, request.ifr_name, TUN_NAME_BYTES);
	tun->has_header = has_header;
	return true;
}

/* As much of the work on our packets as this kernel leaves to others. */
static void take_work(struct tun *tun)
{
	if (!tun->has_header)
		return;
	tun->leaves_udp = ioctl(tun->fd, TUNSETOFFLOAD, LEAVES_TCP | LEAVES_UDP) == 0;
	tun->leaves_tcp = tun->leaves_udp || ioctl(tun->fd, TUNSETOFFLOAD, LEAVES_TCP) == 0;
	tun->leaves_checksums = tun->leaves_tcp || ioctl(tun->fd, TUNSETOFFLOAD, TUN_F_CSUM) == 0;
}

enum result tun_open(const struct overlay *own, bool is_plain, struct tun *out)
{
	struct tun tun = {.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)};

	if (tun.fd < 0)
		return RESULT_IO;
	if ((!is_plain && make(&tun, true)) || make(&tun, false)) {
		take_work(&tun);
		if (with_socket(AF_INET, set_ipv4, tun.name, own) &&
		    with_socket(AF_INET6, set_ipv6, tun.name, own)) {
			*out = tun;
			return RESULT_OK;
		}
	}
	int reason = errno;

	close(tun.fd);
	errno = reason;
	return RESULT_IO;
}

void tun_close(struct tun *tun)
{
	if (tun->fd >= 0)
		close(tun->fd);
	tun->fd = -1;
}

static bool route_ipv4(int fd, const char *name, const struct overlay *peer, unsigned long verb)
{
	struct sockaddr_in to = endpoint_ipv4(peer->ipv4.bytes);
	char device[TUN_NAME_BYTES];
	struct rtentry route = {.rt_flags = RTF_UP | RTF_HOST, .rt_dev = device};

	memcpy(device, name, sizeof(device));
	memcpy(&route.rt_dst, &to, sizeof(to));
	return ioctl(fd, verb, &route) == 0;
}

static bool route_ipv6(int fd, const char *name, const struct overlay *peer, unsigned long verb)
{
	struct in6_rtmsg route = {
		.rtmsg_dst_len = HOST_BITS_IPV6,
		.rtmsg_metric = 1,
		.rtmsg_flags = RTF_UP | RTF_HOST,
		.rtmsg_ifindex = (int)if_nametoindex(name),
	};

	memcpy(&route.rtmsg_dst, peer->ipv6.bytes, 16);
	return ioctl(fd, verb, &route) == 0;
}

static bool add_ipv4(int fd, const char *name, const struct overlay *peer)
{
	return route_ipv4(fd, name, peer, SIOCADDRT);
}

static bool add_ipv6(int fd, const char *name, const struct overlay *peer)
{
	return route_ipv6(fd, name, peer, SIOCADDRT);
}

static bool remove_ipv4(int fd, const char *name, const struct overlay *peer)
{
	return route_ipv4(fd, name, peer, SIOCDELRT);
}

static bool remove_ipv6(int fd, const char *name, const struct overlay *peer)
{
	return route_ipv6(fd, name, peer, SIOCDELRT);
}

enum result tun_add_peer(const struct tun *tun, const struct overlay *peer)
{
	return with_socket(AF_INET, add_ipv4, tun->name, peer) &&
			       with_socket(AF_INET6, add_ipv6, tun->name, peer)
		       ? RESULT_OK
		       : RESULT_IO;
}

void tun_remove_peer(const struct tun *tun, const struct overlay *peer)
{
	with_socket(AF_INET, remove_ipv4, tun->name, peer);
	with_socket(AF_INET6, remove_ipv6, tun->name, peer);
}

enum result tun_read(const struct tun *tun, struct tun_packet *packet)
{
	struct iovec parts[] = {{&packet->how, sizeof(packet->how)},
				{packet->bytes, sizeof(packet->bytes)}};
	unsigned first = tun->has_header ? 0 : 1;
	size_t front = tun->has_header ? sizeof(packet->how) : 0;
	ssize_t got = readv(tun->fd, parts + first, 2 - (int)first);

	if (got < 0)
		return RESULT_NOT_FOUND;
	if ((size_t)got < front)
		return RESULT_BAD;
	if (!tun->has_header)
		packet->how = (struct virtio_net_hdr){0};
	packet->len = (size_t)got - front;
	return RESULT_OK;
}

void tun_write(const struct tun *tun, const struct virtio_net_hdr *how, const struct iovec *parts,
	       unsigned count)
{
	/* A vector of a write is not written through. */
	struct iovec all[1 + TUN_PARTS] = {{(void *)(uintptr_t)how, sizeof(*how)}};
	unsigned first = tun->has_header ? 0 : 1;
	ssize_t written;

	assert(count <= TUN_PARTS);
	memcpy(all + 1, parts, count * sizeof(*parts));
	written = writev(tun->fd, all + first, (int)(1 + count - first));
	(void)written; /* lost, as on any wire */
}
