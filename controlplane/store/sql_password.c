#include "controlplane/store/sql_password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum result complain(enum result result, const char *path, const char *what, char *why,
			    size_t size)
{
	snprintf(why, size, "the file %s %s", path, what);
	return result;
}

static enum result line_read(int fd, const char *path, char out[SQL_PASSWORD_BYTES], char *why,
			     size_t size)
{
	ssize_t got = read(fd, out, SQL_PASSWORD_BYTES - 1);

	if (got < 0)
		return complain(RESULT_IO, path, strerror(errno), why, size);
	out[got] = '\0';
	if (got == SQL_PASSWORD_BYTES - 1 && strchr(out, '\n') == NULL)
		return complain(RESULT_BAD, path, "has a line that is too long", why, size);
	out[strcspn(out, "\r\n")] = '\0';
	if (out[0] == '\0')
		return complain(RESULT_BAD, path, "has no password in its first line", why, size);
	return RESULT_OK;
}

enum result sql_password_read(const char *path, char out[SQL_PASSWORD_BYTES], char *why,
			      size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum result result;
	struct stat status;

	out[0] = '\0';
	if (fd < 0)
		return complain(RESULT_IO, path, strerror(errno), why, size);
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 077) != 0 ||
	    (status.st_uid != geteuid() && status.st_uid != 0))
		result = complain(RESULT_DENIED, path,
				  "holds a secret: it must be its owner's alone, mode 0600", why,
				  size);
	else
		result = line_read(fd, path, out, why, size);
	close(fd);
	return result;
}
