#include "terminal/control/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Does somebody answer at the socket that is there? */
static bool is_live(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_answering =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return is_answering;
}

static enum result listen_at(struct control_server *server, const struct sockaddr_un *address)
{
	mode_t mask = umask(0177);
	int fd, error;
	bool is_listening;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	is_listening = fd >= 0 && bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
		       listen(fd, 8) == 0;
	error = errno;
	umask(mask);
	if (is_listening) {
		server->listener = fd;
		return RESULT_OK;
	}
	if (fd >= 0)
		close(fd);
	errno = error;
	return RESULT_IO;
}

enum result control_open(struct control_server *server, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;

	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		server->clients[i] = (struct control_client){.fd = -1};
	server->listener = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return RESULT_SPACE;
	strcpy(address.sun_path, path);
	if (is_live(&address))
		return RESULT_EXISTS;
	/* What is no socket stays, and bind() says that it is there. */
	if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode))
		unlink(path);
	strcpy(server->path, path);
	return listen_at(server, &address);
}

static void client_drop(struct control_server *server, unsigned index)
{
	struct control_client *client = &server->clients[index];

	if (client->fd < 0)
		return;
	close(client->fd);
	free(client->buffer);
	*client = (struct control_client){.fd = -1};
	server->on_gone(server->context, index);
}

void control_close(struct control_server *server)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		client_drop(server, i);
	if (server->listener >= 0) {
		close(server->listener);
		unlink(server->path);
	}
	server->listener = -1;
}

unsigned control_poll_fill(const struct control_server *server, struct pollfd *fds)
{
	unsigned count = 0;

	fds[count++] = (struct pollfd){.fd = server->listener, .events = POLLIN};
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		fds[count++] = (struct pollfd){.fd = server->clients[i].fd, .events = POLLIN};
	return count;
}

/* Only who runs us, or root, may command us: the mode says so, and the credentials again. */
static bool is_allowed(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static void client_accept(struct control_server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS && is_allowed(fd); i++) {
		if (server->clients[i].fd < 0) {
			server->clients[i].fd = fd;
			return;
		}
	}
	close(fd);
}

/* The request is whole with its line end. */
static void client_ask(struct control_server *server, unsigned index)
{
	struct control_client *client = &server->clients[index];
	char *end = memchr(client->buffer, '\n', client->len);
	json_t *request;

	if (!end) {
		if (client->len == CONTROL_REQUEST_BYTES)
			client_drop(server, index);
		return;
	}
	client->is_asked = true;
	request = json_loadb(client->buffer, (size_t)(end - client->buffer), 0, NULL);
	if (json_is_object(request))
		server->on_request(server->context, index, request);
	else
		client_drop(server, index);
	json_decref(request);
}

static void client_read(struct control_server *server, unsigned index)
{
	struct control_client *client = &server->clients[index];
	char spill[256];
	ssize_t got;

	if (!client->buffer)
		client->buffer = malloc(CONTROL_REQUEST_BYTES);
	if (!client->buffer) {
		client_drop(server, index);
		return;
	}
	/* After its request a client has nothing to say; its end is what is waited for. */
	got = client->is_asked ? read(client->fd, spill, sizeof(spill))
			       : read(client->fd, client->buffer + client->len,
				      CONTROL_REQUEST_BYTES - client->len);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_drop(server, index);
		return;
	}
	if (client->is_asked)
		return;
	client->len += (size_t)got;
	client_ask(server, index);
}

void control_poll_done(struct control_server *server, const struct pollfd *fds, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		if (fds[i].revents && server->clients[i - 1].fd == fds[i].fd)
			client_read(server, i - 1);
	if (fds[0].revents)
		client_accept(server);
}

void control_say(struct control_server *server, unsigned index, const json_t *line)
{
	struct control_client *client = &server->clients[index];
	char *text = json_dumps(line, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	bool is_sent = false;

	if (text && client->fd >= 0) {
		text[len++] = '\n'; /* in the terminator's place */
		is_sent = send(client->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
	}
	free(text);
	if (!is_sent)
		client_drop(server, index);
}

void control_end(struct control_server *server, unsigned index, int status)
{
	json_t *line = json_pack("{s:i}", "exit", status);

	if (line)
		control_say(server, index, line);
	json_decref(line);
	client_drop(server, index);
}
