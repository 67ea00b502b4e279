#include "terminal/channel/tun.h"

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

enum result tun_open(const struct overlay *own, struct tun *out)
{
	struct tun tun = {.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)};
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};

	if (tun.fd < 0)
		return RESULT_IO;
	memcpy(request.ifr_name, "sk%d", sizeof("sk%d"));
	if (ioctl(tun.fd, TUNSETIFF, &request) == 0) {
		memcpy(tun.name, request.ifr_name, TUN_NAME_BYTES);
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

enum result tun_read(const struct tun *tun, uint8_t *buffer, size_t size, size_t *len)
{
	ssize_t got = read(tun->fd, buffer, size);

	if (got < 0)
		return RESULT_NOT_FOUND;
	*len = (size_t)got;
	return RESULT_OK;
}

void tun_write(const struct tun *tun, const uint8_t *packet, size_t len)
{
	ssize_t written = write(tun->fd, packet, len);

	(void)written; /* lost, as on any wire */
}
