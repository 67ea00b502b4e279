#include "terminal/local/local.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"

/* Messages taken from one client in one turn, so that nothing else waits for long. */
#define MESSAGES_A_TURN 32

void local_init(struct local *local)
{
	*local = (struct local){.udp = {-1, -1}, .tcp = {-1, -1}};
	connections_init(&local->connections);
}

/* Errors of datagrams are kept with where these were to go. */
static void want_errors(int fd, unsigned family)
{
	const int yes = 1;

	/* Without it a client that is gone is found out by its silence. */
	if (family == 4)
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof(yes));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &yes, sizeof(yes));
}

static int listen_at(const struct sip_address *own, int type)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(own, own->port, &endpoint);
	int fd = socket(own->family == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);
	const int yes = 1;
	int reason;

	if (fd < 0)
		return -1;
	if (type == SOCK_DGRAM)
		want_errors(fd, own->family);
	if ((type != SOCK_STREAM ||
	     setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0) &&
	    bind(fd, &endpoint.any, len) == 0 && (type != SOCK_STREAM || listen(fd, 8) == 0))
		return fd;
	reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

enum result local_open(struct local *local, uint16_t port)
{
	local->own[0] = (struct sip_address){.family = 4, .port = port, .bytes = {127, 0, 0, 1}};
	local->own[1] = (struct sip_address){.family = 6, .port = port, .bytes = {[15] = 1}};
	for (unsigned i = 0; i < 2; i++) {
		local->udp[i] = listen_at(&local->own[i], SOCK_DGRAM);
		local->tcp[i] = listen_at(&local->own[i], SOCK_STREAM);
		if (local->udp[i] >= 0 && local->tcp[i] >= 0)
			continue;
		if (i == 0 || (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT)) {
			int reason = errno;

			local_close(local);
			errno = reason;
			return RESULT_IO;
		}
		local->own[i].family = 0;
	}
	return RESULT_OK;
}

void local_close(struct local *local)
{
	for (unsigned i = 0; i < 2; i++) {
		if (local->udp[i] >= 0)
			close(local->udp[i]);
		if (local->tcp[i] >= 0)
			close(local->tcp[i]);
		local->udp[i] = local->tcp[i] = -1;
	}
	connections_end(&local->connections);
}

static void send_udp(struct local *local, const struct flow *flow, struct slice message)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(&flow->peer, flow->peer.port, &endpoint);
	int fd = local->udp[flow->peer.family == 4 ? 0 : 1];
	ssize_t sent = fd < 0 ? 0 : sendto(fd, message.at, message.len, 0, &endpoint.any, len);

	/* The error of an earlier one comes up here; this one has not been tried then. */
	if (sent < 0 && errno == ECONNREFUSED)
		sent = sendto(fd, message.at, message.len, 0, &endpoint.any, len);
	(void)sent; /* lost, as on any wire */
}

void local_send(struct local *local, uint64_t now_ms, const struct flow *flow, struct slice message)
{
	struct local_connection *connection;

	if (flow->kind == FLOW_UDP) {
		send_udp(local, flow, message);
		return;
	}
	connection = connections_find(&local->connections, flow);
	if (!connection)
		connection = connections_open(&local->connections, now_ms, flow);
	if (connection)
		connection_send(connection, message);
	if (!connection || connection->fd < 0)
		local->lost(local->context, flow);
}

unsigned local_poll_fill(const struct local *local, struct pollfd *fds)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2; i++) {
		fds[count++] = (struct pollfd){.fd = local->udp[i], .events = POLLIN};
		fds[count++] = (struct pollfd){.fd = local->tcp[i], .events = POLLIN};
	}
	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++) {
		const struct local_connection *connection = &local->connections.at[i];

		fds[count++] = (struct pollfd){
			.fd = connection->fd,
			.events = (short)(POLLIN | (connection->unsent_len ? POLLOUT : 0)),
		};
	}
	return count;
}

static void receive_udp(struct local *local, unsigned index)
{
	char buffer[LIMIT_SIP_MESSAGE_BYTES];
	union endpoint endpoint;
	socklen_t len = sizeof(endpoint);
	struct flow flow = {.kind = FLOW_UDP};

	for (unsigned i = 0; i < MESSAGES_A_TURN; i++) {
		ssize_t got = recvfrom(local->udp[index], buffer, sizeof(buffer), MSG_TRUNC,
				       &endpoint.any, &len);

		if (got < 0)
			return;
		flow.peer = endpoint_address(&endpoint);
		if ((size_t)got <= sizeof(buffer))
			local->take(local->context, &flow, slice_make(buffer, (size_t)got));
	}
}

/* Where datagrams have found nobody. */
static void take_errors(struct local *local, unsigned index)
{
	for (unsigned i = 0; i < MESSAGES_A_TURN; i++) {
		union endpoint endpoint;
		char control[512];
		struct msghdr error = {
			.msg_name = &endpoint,
			.msg_namelen = sizeof(endpoint),
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		struct flow flow = {.kind = FLOW_UDP};

		if (recvmsg(local->udp[index], &error, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		if (error.msg_namelen == 0)
			continue;
		flow.peer = endpoint_address(&endpoint);
		local->lost(local->context, &flow);
	}
}

static void accept_one(struct local *local, uint64_t now_ms, unsigned index)
{
	union endpoint endpoint;
	socklen_t len = sizeof(endpoint);
	int fd = accept4(local->tcp[index], &endpoint.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct sip_address peer;

	if (fd < 0)
		return;
	peer = endpoint_address(&endpoint);
	/* Without memory it is closed, and the client sees it. */
	if (!connections_add(&local->connections, now_ms, fd, &peer))
		return;
}

/* Messages that are whole. The connection may end in between: what is sent may find it gone. */
static void take_messages(struct local *local, uint64_t now_ms, struct local_connection *connection)
{
	struct flow flow = {FLOW_TCP, connection->peer, connection->number};
	struct slice message;

	connection_receive(connection, now_ms);
	for (;;) {
		enum stream_verdict verdict =
			connection->fd < 0 || connection->number != flow.connection
				? STREAM_MORE
				: stream_next(connection->stream, &message);

		switch (verdict) {
		case STREAM_MORE:
			return;
		case STREAM_PING:
			connection_send(connection, SLICE("\r\n"));
			break;
		case STREAM_BAD:
			connection_end(connection);
			return;
		case STREAM_MESSAGE: {
			size_t len = message.len;

			local->take(local->context, &flow, message);
			if (connection->fd >= 0 && connection->number == flow.connection)
				stream_skip(connection->stream, len);
			break;
		}
		}
	}
}

void local_poll_done(struct local *local, uint64_t now_ms, const struct pollfd *fds)
{
	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++) {
		struct local_connection *connection = &local->connections.at[i];
		const struct pollfd *ready = &fds[4 + i];

		if (connection->fd < 0 || connection->fd != ready->fd)
			continue;
		if (ready->revents & (POLLERR | POLLHUP) && connection->unsent_len) {
			struct flow flow = {FLOW_TCP, connection->peer, 0};

			connection_end(connection);
			local->lost(local->context, &flow);
			continue;
		}
		if (ready->revents & POLLOUT && connection->unsent_len)
			connection_flush(connection);
		if (connection->fd >= 0 && ready->revents & (POLLIN | POLLERR | POLLHUP))
			take_messages(local, now_ms, connection);
	}
	for (unsigned i = 0; i < 2; i++) {
		if (local->udp[i] >= 0 && fds[2 * i].revents & POLLERR)
			take_errors(local, i);
		if (local->udp[i] >= 0 && fds[2 * i].revents)
			receive_udp(local, i);
		if (local->tcp[i] >= 0 && fds[2 * i + 1].revents)
			accept_one(local, now_ms, i);
	}
}
