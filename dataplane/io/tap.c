#include "dataplane/io/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

enum result tap_open(const char *name, struct tap *tap)
{
	struct ifreq request = {.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL)};
	int fd, error;

	if (strlen(name) >= sizeof(request.ifr_name)) {
		errno = ENAMETOOLONG;
		return RESULT_IO;
	}
	memcpy(request.ifr_name, name, strlen(name));
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return RESULT_IO;
	if (ioctl(fd, TUNSETIFF, &request) != 0) {
		error = errno;
		close(fd);
		errno = error;
		return error == EBUSY ? RESULT_EXISTS : RESULT_IO;
	}
	*tap = (struct tap){.fd = fd, .ifindex = if_nametoindex(request.ifr_name)};
	return RESULT_OK;
}

void tap_close(struct tap *tap)
{
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}

enum result tap_read(const struct tap *tap, void *at, size_t size, size_t *length)
{
	ssize_t got = read(tap->fd, at, size);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? RESULT_NOT_FOUND : RESULT_IO;
	*length = (size_t)got;
	return RESULT_OK;
}

enum result tap_write(const struct tap *tap, const void *at, size_t length)
{
	ssize_t put = write(tap->fd, at, length);

	return put == (ssize_t)length ? RESULT_OK : RESULT_IO;
}
