#include "controlplane/ctl/admin_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool user_is_in(const uid_t *list, uint32_t count, uid_t uid)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == uid)
			return true;
	return false;
}

/* Who is at the other end? */
static bool peer_read(int fd, struct ucred *peer)
{
	socklen_t length = sizeof(*peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &length) == 0;
}

bool admin_socket_role(const struct control_admin *config, int fd, enum ctl_role *role)
{
	struct ucred peer;

	if (!peer_read(fd, &peer))
		return false;
	if (peer.uid == 0 || peer.uid == geteuid() ||
	    user_is_in(config->administrator, config->administrator_count, peer.uid)) {
		*role = CTL_ADMINISTRATOR;
		return true;
	}
	*role = CTL_READER;
	return user_is_in(config->reader, config->reader_count, peer.uid) ||
	       (config->has_group && peer.gid == config->group);
}

void admin_socket_from(int fd, char text[CTL_FROM_BYTES])
{
	struct ucred peer;

	if (!peer_read(fd, &peer))
		text[0] = '\0';
	else
		snprintf(text, CTL_FROM_BYTES, "user %u, process %d", peer.uid, (int)peer.pid);
}

/* Is somebody listening at that address? */
static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_connected =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return is_connected;
}

/* A listening socket that nobody could have connected to before it had its mode; -1 with errno. */
static int socket_make(const struct control_admin *config, int backlog)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old_mask = umask(0177);
	bool is_bound;
	int error;

	strcpy(address.sun_path, config->socket);
	is_bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	error = errno;
	umask(old_mask);
	if (is_bound &&
	    (!config->has_group || (chown(config->socket, (uid_t)-1, config->group) == 0 &&
				    chmod(config->socket, 0660) == 0)) &&
	    listen(fd, backlog) == 0)
		return fd;
	if (is_bound) {
		error = errno;
		unlink(config->socket);
	}
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

enum result admin_socket_listen(const struct control_admin *config, int backlog, int *out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	int fd;

	strcpy(address.sun_path, config->socket);
	if (is_alive(&address))
		return RESULT_EXISTS;
	if (lstat(config->socket, &status) == 0 && S_ISSOCK(status.st_mode))
		unlink(config->socket);
	fd = socket_make(config, backlog);
	if (fd < 0)
		return RESULT_IO;
	*out = fd;
	return RESULT_OK;
}
