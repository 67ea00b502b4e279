#include "terminal/local/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"

void connections_init(struct local_connections *connections)
{
	*connections = (struct local_connections){0};
	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++)
		connections->at[i].fd = -1;
}

void connections_end(struct local_connections *connections)
{
	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++)
		connection_end(&connections->at[i]);
}

/* A free one; else the one that was quiet for longest is let go. */
static struct local_connection *make_room(struct local_connections *connections)
{
	struct local_connection *quietest = &connections->at[0];

	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++) {
		struct local_connection *connection = &connections->at[i];

		if (connection->fd < 0)
			return connection;
		if (connection->heard_ms < quietest->heard_ms)
			quietest = connection;
	}
	connection_end(quietest);
	return quietest;
}

struct local_connection *connections_add(struct local_connections *connections, uint64_t now_ms,
					 int fd, const struct sip_address *peer)
{
	struct local_connection *connection = make_room(connections);

	connection->stream = calloc(1, sizeof(*connection->stream));
	if (!connection->stream) {
		close(fd);
		return NULL;
	}
	connection->fd = fd;
	connection->number = ++connections->last_number;
	connection->peer = *peer;
	connection->heard_ms = now_ms;
	return connection;
}

struct local_connection *connections_find(struct local_connections *connections,
					  const struct flow *flow)
{
	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++)
		if (connections->at[i].fd >= 0 && flow->connection &&
		    connections->at[i].number == flow->connection)
			return &connections->at[i];
	for (unsigned i = 0; i < LOCAL_CONNECTIONS; i++)
		if (connections->at[i].fd >= 0 && connections->at[i].peer.port == flow->peer.port &&
		    sip_address_is_same_host(&connections->at[i].peer, &flow->peer))
			return &connections->at[i];
	return NULL;
}

struct local_connection *connections_open(struct local_connections *connections, uint64_t now_ms,
					  const struct flow *flow)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(&flow->peer, flow->peer.port, &endpoint);
	int fd = socket(flow->peer.family == 4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return NULL;
	if (connect(fd, &endpoint.any, len) != 0 && errno != EINPROGRESS) {
		close(fd);
		return NULL;
	}
	return connections_add(connections, now_ms, fd, &flow->peer);
}
