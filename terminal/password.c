#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shared/keyexchange/secret_file.h"
#include "terminal/settings.h"

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
	char why[SECRET_FILE_WHY_BYTES];
	int fd = STDIN_FILENO;
	enum result result =
		is_file ? secret_file_open(s->password_file, &fd, why, sizeof(why)) : RESULT_OK;

	if (result != RESULT_OK) {
		fprintf(report, "%s\n", why);
		return result;
	}
	if (!read_line(fd, s->password, sizeof(s->password))) {
		fprintf(report, "%s: no line of 1 to %zu bytes\n", s->password_file,
			sizeof(s->password) - 1);
		result = RESULT_BAD;
	}
	if (is_file)
		close(fd);
	return result;
}
