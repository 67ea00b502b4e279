#include "shared/keyexchange/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* RESULT_OK or RESULT_DENIED with a sentence. */
static enum result look(const struct stat *status, const char *path, char *why, size_t size)
{
	if (!S_ISREG(status->st_mode))
		snprintf(why, size, "%s: it is no file", path);
	else if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		snprintf(why, size,
			 "%s: others than its owner may read it, and it holds a secret: chmod 600 "
			 "it",
			 path);
	else if (status->st_uid != geteuid() && status->st_uid != 0)
		snprintf(why, size,
			 "%s: it is another user's, and holds a secret: chown it to user %u", path,
			 (unsigned)geteuid());
	else
		return RESULT_OK;
	return RESULT_DENIED;
}

enum result secret_file_open(const char *path, int *fd, char *why, size_t size)
{
	/* a pipe is not waited for */
	int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum result result;
	struct stat status;

	if (opened < 0 || fstat(opened, &status) != 0) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		result = RESULT_IO;
	} else {
		result = look(&status, path, why, size);
	}
	if (result == RESULT_OK)
		*fd = opened;
	else if (opened >= 0)
		close(opened);
	return result;
}
