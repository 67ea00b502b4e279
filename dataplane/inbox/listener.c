#include "dataplane/inbox/listener.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BACKLOG 4

/* Does somebody listen there? */
static bool is_taken(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool is_connected;

	if (fd < 0)
		return false;
	is_connected = connect(fd, (const void *)address, sizeof(*address)) == 0;
	close(fd);
	return is_connected;
}

static enum result listen_at(const struct sockaddr_un *address, int fd)
{
	mode_t mask = umask(0177);
	int error = bind(fd, (const void *)address, sizeof(*address));

	umask(mask);
	return error == 0 && listen(fd, BACKLOG) == 0 ? RESULT_OK : RESULT_IO;
}

enum result inbox_listener_open(const char *path, int *fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	enum result result;

	*fd = -1;
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return RESULT_IO;
	}
	strcpy(address.sun_path, path);
	if (lstat(path, &status) == 0) {
		if (!S_ISSOCK(status.st_mode) || is_taken(&address))
			return RESULT_EXISTS;
		unlink(path);
	}
	*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return RESULT_IO;
	result = listen_at(&address, *fd);
	if (result != RESULT_OK) {
		close(*fd);
		*fd = -1;
	}
	return result;
}

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

int inbox_listener_accept(int fd, bool *is_foreign)
{
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	*is_foreign = client >= 0 && !is_ours(client);
	if (*is_foreign) {
		close(client);
		client = -1;
	}
	return client;
}
