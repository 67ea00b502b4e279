#include "controlplane/cli/admin_link.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum result admin_link_open(const char *path, struct admin_link *link)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return RESULT_BAD;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return RESULT_IO;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		link->stream = fdopen(fd, "r");
	else
		link->stream = NULL;
	if (link->stream == NULL) {
		error = errno;
		close(fd);
		errno = error;
		return RESULT_IO;
	}
	link->fd = fd;
	return RESULT_OK;
}

void admin_link_close(struct admin_link *link)
{
	fclose(link->stream);
}

static bool write_whole(int fd, const char *at, size_t length)
{
	while (length > 0) {
		ssize_t written = send(fd, at, length, MSG_NOSIGNAL);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		at += written;
		length -= (size_t)written;
	}
	return true;
}

enum result admin_link_ask(struct admin_link *link, const json_t *request, json_t **answer)
{
	char *text = json_dumps(request, JSON_COMPACT | JSON_ENSURE_ASCII), *line = NULL;
	size_t size = 0, length = text == NULL ? 0 : strlen(text);
	bool is_written = text != NULL && write_whole(link->fd, text, length) &&
			  write_whole(link->fd, "\n", 1);
	json_error_t error;
	ssize_t got = -1;

	if (text != NULL)
		OPENSSL_cleanse(text, length);
	free(text);
	if (is_written)
		got = getline(&line, &size, link->stream);
	if (got <= 0) {
		free(line);
		return RESULT_IO;
	}
	*answer = json_loadb(line, (size_t)got, 0, &error);
	free(line);
	if (!json_is_object(*answer)) {
		json_decref(*answer);
		return RESULT_BAD;
	}
	return RESULT_OK;
}
