#include "terminal/control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/clock.h"

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error = ENAMETOOLONG;

	if (fd < 0)
		return -1;
	if (strlen(path) < sizeof(address.sun_path)) {
		strcpy(address.sun_path, path);
		if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
			return fd;
		error = errno;
	}
	close(fd);
	errno = error;
	return -1;
}

static bool send_request(int fd, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0, sent = 0;

	if (!text)
		return false;
	text[len++] = '\n';
	while (sent < len) {
		ssize_t done = send(fd, text + sent, len - sent, MSG_NOSIGNAL);

		if (done <= 0)
			break;
		sent += (size_t)done;
	}
	free(text);
	return sent == len;
}

/* Prints a line of the instance; true with its exit status if it was the last. */
static bool take_line(const char *line, bool is_json, int *status)
{
	json_t *said = json_loads(line, 0, NULL);
	json_t *last = json_object_get(said, "exit"), *text = json_object_get(said, "text");
	bool is_last = json_is_integer(last);

	if (is_last)
		*status = (int)json_integer_value(last);
	else if (is_json)
		puts(line);
	else if (json_is_string(text))
		puts(json_string_value(text));
	fflush(stdout);
	json_decref(said);
	return is_last;
}

static double now_s(void)
{
	return (double)clock_steady_us() / 1e6;
}

/* Is there input before the deadline? */
static bool wait_for_input(int fd, double deadline_s)
{
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		double left_ms = (deadline_s - now_s()) * 1000;
		int count = left_ms <= 0 ? 0 : poll(&ready, 1, (int)left_ms + 1);

		if (count < 0 && errno == EINTR)
			continue;
		return count > 0;
	}
}

static int read_answers(FILE *stream, double deadline_s, bool is_json, bool is_time_normal)
{
	char *line = NULL;
	size_t size = 0;
	bool is_any = false;
	int status = CONTROL_EXIT_ABSENT;

	for (;;) {
		ssize_t len;

		if (!wait_for_input(fileno(stream), deadline_s)) {
			status = is_time_normal && is_any ? CONTROL_EXIT_DONE : CONTROL_EXIT_TIME;
			break;
		}
		len = getline(&line, &size, stream);
		if (len <= 0)
			break;
		line[len - 1] = 0;
		if (take_line(line, is_json, &status))
			break;
		is_any = true;
	}
	free(line);
	return status;
}

int control_ask(const char *path, const json_t *request, double timeout_s, bool is_json,
		bool is_time_normal)
{
	int fd = connect_to(path);
	FILE *stream = fd >= 0 ? fdopen(fd, "r") : NULL;
	int status = CONTROL_EXIT_ABSENT, error = errno;

	if (!stream) {
		fprintf(stderr,
			"sekisho-terminal: %s: no instance answers here (%s); \"sekisho-terminal "
			"run\" begins one, --socket names another\n",
			path, strerror(error));
		if (fd >= 0)
			close(fd);
		return status;
	}
	/* Unbuffered: poll sees whatever getline has not taken. */
	setvbuf(stream, NULL, _IONBF, 0);
	if (send_request(fd, request))
		status = read_answers(stream, now_s() + timeout_s, is_json, is_time_normal);
	fclose(stream);
	if (status == CONTROL_EXIT_TIME)
		fprintf(stderr,
			"sekisho-terminal: no end of it within %g s (--timeout); what was begun "
			"goes on\n",
			timeout_s);
	return status;
}
