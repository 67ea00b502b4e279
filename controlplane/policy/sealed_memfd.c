#include "controlplane/policy/sealed_memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

static bool write_whole(int fd, const char *at, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, at, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		at += written;
		length -= (size_t)written;
	}
	return true;
}

enum result sealed_memfd_create(const char *name, const void *at, size_t length, uint8_t sha256[32],
				int *out)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd < 0)
		return RESULT_IO;
	if (!write_whole(fd, at, length) || fcntl(fd, F_ADD_SEALS, seals) != 0) {
		error = errno;
		close(fd);
		errno = error;
		return RESULT_IO;
	}
	SHA256(at, length, sha256);
	*out = fd;
	return RESULT_OK;
}
