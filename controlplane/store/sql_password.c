#include "controlplane/store/sql_password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/keyexchange/secret_file.h"

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
	int fd;
	enum result result = secret_file_open(path, &fd, why, size);

	out[0] = '\0';
	if (result != RESULT_OK)
		return result;
	result = line_read(fd, path, out, why, size);
	close(fd);
	return result;
}
