#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal/settings.h"

/* Who else can read the file can be us. */
static bool is_private(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* The first line, without its end; false if there is none or it does not fit. */
static bool read_line(int fd, char *out, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, out + len, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || out[len] == '\n') {
			if (len > 0 && out[len - 1] == '\r')
				len--;
			out[len] = 0;
			return len > 0;
		}
		len++;
	}
	return false;
}

enum result settings_read_password(struct settings *s, FILE *report)
{
	bool is_file = strcmp(s->password_file, "-") != 0;
	int fd = is_file ? open(s->password_file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	enum result result = RESULT_OK;

	if (fd < 0) {
		fprintf(report, "%s: %s; it holds the password in one line, mode 0600\n",
			s->password_file, strerror(errno));
		return RESULT_IO;
	}
	if (is_file && !is_private(fd)) {
		fprintf(report, "%s: others may read it; chmod 600 it\n", s->password_file);
		result = RESULT_DENIED;
	} else if (!read_line(fd, s->password, sizeof(s->password))) {
		fprintf(report, "%s: no line of 1 to %zu bytes\n", s->password_file,
			sizeof(s->password) - 1);
		result = RESULT_BAD;
	}
	if (is_file)
		close(fd);
	return result;
}
