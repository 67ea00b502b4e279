#include "terminal/link/sockets.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"

/* A data channel's ESP comes in bursts of a TCP window: what the socket may hold. */
#define ESP_BUFFER_BYTES (4 * 1024 * 1024)

static int socket_bind(const struct sip_address *own, int type, int protocol, uint16_t port)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(own, port, &endpoint);
	int fd = socket(own->family == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			protocol);

	if (fd < 0)
		return -1;
	if (bind(fd, &endpoint.any, len) == 0)
		return fd;
	int reason = errno;

	close(fd);
	errno = reason;
	return -1;
}

enum result sockets_own_address(const struct sip_address *to, struct sip_address *own)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(to, 5060, &endpoint);
	int fd = socket(to->family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_known;

	if (fd < 0)
		return RESULT_IO;
	is_known =
		connect(fd, &endpoint.any, len) == 0 && getsockname(fd, &endpoint.any, &len) == 0;
	close(fd);
	if (!is_known)
		return RESULT_IO;
	*own = endpoint_address(&endpoint);
	own->port = 0;
	return RESULT_OK;
}

/* Without the right to it, the buffers stay as they are. */
static void let_hold(int fd)
{
	const int size = ESP_BUFFER_BYTES;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

/* Where this kernel does not know it, it stays off. */
static void ask_for_work(struct sockets *sockets)
{
	const int on = 1;
	int size;
	socklen_t len = sizeof(size);

	sockets->cuts = getsockopt(sockets->encap, SOL_UDP, UDP_SEGMENT, &size, &len) == 0;
	sockets->joins = setsockopt(sockets->encap, SOL_UDP, UDP_GRO, &on, sizeof(on)) == 0;
}

enum result sockets_open(const struct sip_address *own, bool is_plain, struct sockets *out)
{
	struct sockets sockets = {.encap = -1};

	sockets.udp = socket_bind(own, SOCK_DGRAM, 0, own->port);
	if (sockets.udp < 0)
		return RESULT_IO;
	sockets.esp = socket_bind(own, SOCK_RAW, IPPROTO_ESP, 0);
	if (sockets.esp < 0) {
		int reason = errno;

		close(sockets.udp);
		errno = reason;
		return RESULT_IO;
	}
	let_hold(sockets.esp);
	sockets.encap = socket_bind(own, SOCK_DGRAM, 0, SOCKETS_ENCAP_PORT);
	if (sockets.encap >= 0)
		let_hold(sockets.encap);
	if (sockets.encap >= 0 && !is_plain)
		ask_for_work(&sockets);
	*out = sockets;
	return RESULT_OK;
}

void sockets_close(struct sockets *sockets)
{
	if (sockets->udp >= 0)
		close(sockets->udp);
	if (sockets->esp >= 0)
		close(sockets->esp);
	if (sockets->encap >= 0)
		close(sockets->encap);
	*sockets = (struct sockets){-1, -1, -1};
}

static enum result send_to(int fd, const struct sip_address *to, uint16_t port, const void *at,
			   size_t len)
{
	union endpoint endpoint;
	socklen_t endpoint_len = endpoint_make(to, port, &endpoint);

	return sendto(fd, at, len, 0, &endpoint.any, endpoint_len) == (ssize_t)len ? RESULT_OK
										   : RESULT_IO;
}

enum result sockets_send_udp(const struct sockets *sockets, const struct sip_address *to,
			     struct slice bytes)
{
	return send_to(sockets->udp, to, to->port, bytes.at, bytes.len);
}

enum result sockets_send_esp(const struct sockets *sockets, const struct sip_address *to,
			     const uint8_t *packet, size_t len)
{
	return send_to(to->port ? sockets->encap : sockets->esp, to, to->port, packet, len);
}

enum result sockets_receive_udp(const struct sockets *sockets, uint8_t *buffer, size_t size,
				struct received *out)
{
	union endpoint endpoint;
	socklen_t endpoint_len = sizeof(endpoint);
	ssize_t len = recvfrom(sockets->udp, buffer, size, MSG_TRUNC, &endpoint.any, &endpoint_len);

	/* An ICMP error of an earlier packet may come up here: it is unproved, and passed over. */
	if (len < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? RESULT_NOT_FOUND : RESULT_BAD;
	if ((size_t)len > size)
		return RESULT_BAD;
	*out = (struct received){endpoint_address(&endpoint), buffer, (size_t)len};
	return RESULT_OK;
}
