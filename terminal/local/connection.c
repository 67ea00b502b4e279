#include "terminal/local/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void connection_end(struct local_connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	free(connection->stream);
	free(connection->unsent);
	*connection = (struct local_connection){.fd = -1};
}

void connection_send(struct local_connection *connection, struct slice bytes)
{
	ssize_t sent = 0;
	size_t rest;
	char *unsent;

	if (connection->unsent_len == 0)
		sent = send(connection->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
	if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS))
		sent = 0;
	if (sent < 0) {
		connection_end(connection);
		return;
	}
	rest = bytes.len - (size_t)sent;
	if (rest == 0)
		return;
	unsent = connection->unsent_len + rest <= CONNECTION_UNSENT_BYTES
			 ? realloc(connection->unsent, connection->unsent_len + rest)
			 : NULL;
	if (!unsent) {
		connection_end(connection);
		return;
	}
	memcpy(unsent + connection->unsent_len, bytes.at + sent, rest);
	connection->unsent = unsent;
	connection->unsent_len += rest;
}

void connection_flush(struct local_connection *connection)
{
	ssize_t sent =
		send(connection->fd, connection->unsent, connection->unsent_len, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN) {
		connection_end(connection);
		return;
	}
	if (sent <= 0)
		return;
	connection->unsent_len -= (size_t)sent;
	memmove(connection->unsent, connection->unsent + sent, connection->unsent_len);
}

void connection_receive(struct local_connection *connection, uint64_t now_ms)
{
	struct stream *stream = connection->stream;
	ssize_t got = recv(connection->fd, stream->bytes + stream->len,
			   sizeof(stream->bytes) - stream->len, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		connection_end(connection);
		return;
	}
	stream->len += (size_t)got;
	connection->heard_ms = now_ms;
}
