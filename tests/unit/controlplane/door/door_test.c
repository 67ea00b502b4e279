/* Strangers at the door, over real sockets. */
#include "controlplane/door/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "shared/limits.h"
#include "tests/unit/shared/sip_check.h"

#define REQUEST "REGISTER sip:abc.com SIP/2.0\r\nContent-Length: 3\r\n\r\none"
#define ANSWER	"SIP/2.0 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"

struct fixture {
	struct event_base *base;
	struct door *door;
	struct contract_address at;
	bool is_silent;	 /* answers nothing */
	unsigned messages;
	uint64_t stream; /* of the last */
	char last[LIMIT_SIP_MESSAGE_BYTES];
	size_t last_len;
	struct contract_address source;
};

static void received(void *ctx, uint64_t stream, unsigned at,
		     const struct contract_address *source, struct slice message)
{
	struct fixture *f = ctx;

	assert_int_equal(at, 3);
	assert_int_not_equal(stream, 0);
	f->messages++;
	f->stream = stream;
	f->source = *source;
	f->last_len = message.len;
	memcpy(f->last, message.at, message.len);
	if (!f->is_silent)
		door_answer(f->door, stream, SLICE("SIP/2.0 401 Unauthorized\r\n"),
			    SLICE("Content-Length: 0\r\n\r\n"));
}

static uint16_t free_port(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	close(fd);
	return ntohs(name.sin_port);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct door_settings settings = {.received = received, .ctx = f};

	assert_non_null(f);
	f->base = event_base_new();
	assert_non_null(f->base);
	f->at = (struct contract_address){.family = 4, .port = free_port(), .bytes = {127, 0, 0, 1}};
	settings.base = f->base;
	settings.at[3] = f->at;
	assert_int_equal(door_create(&settings, &f->door), RESULT_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	door_destroy(f->door);
	event_base_free(f->base);
	free(f);
	return 0;
}

/* From 127.0.SOURCE.1; -1: it was shown out at once. */
static int knock(struct fixture *f, uint8_t source)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(0x7f000001u | (uint32_t)source << 8)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	name.sin_port = htons(f->at.port);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void turns(struct fixture *f)
{
	for (int i = 0; i < 20; i++) {
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		poll(NULL, 0, 1);
	}
}

static void say(struct fixture *f, int fd, const char *at, size_t len)
{
	/* one that was shown out meanwhile hears nothing */
	(void)!send(fd, at, len, MSG_NOSIGNAL);
	turns(f);
}

/* What has come back; 0: nothing, -1: it is closed. */
static ssize_t hear(int fd, char *out, size_t size)
{
	ssize_t got = recv(fd, out, size - 1, 0);

	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		out[0] = '\0';
		return 0;
	}
	out[got > 0 ? got : 0] = '\0';
	return got > 0 ? got : -1;
}

static bool is_shown_out(int fd)
{
	char byte[16];

	return hear(fd, byte, sizeof(byte)) < 0;
}

static void message_in_pieces_is_given_up_whole_and_answered(void **state)
{
	struct fixture *f = *state;
	char heard[512];
	int fd = knock(f, 0);

	for (const char *at = REQUEST; at[1]; at++)
		say(f, fd, at, 1);
	assert_int_equal(f->messages, 0);
	say(f, fd, "e", 1);
	assert_int_equal(f->messages, 1);
	assert_int_equal(f->last_len, strlen(REQUEST));
	assert_memory_equal(f->last, REQUEST, f->last_len);
	assert_int_equal(f->source.family, 4);
	assert_true(hear(fd, heard, sizeof(heard)) > 0);
	assert_string_equal(heard, ANSWER);
	close(fd);
	turns(f);
	assert_int_equal(door_counters_get(f->door).open, 0);
}

static void next_message_waits_for_the_answer_to_the_first(void **state)
{
	struct fixture *f = *state;
	char heard[512];
	int fd = knock(f, 0);

	f->is_silent = true;
	say(f, fd, REQUEST REQUEST, 2 * strlen(REQUEST));
	assert_int_equal(f->messages, 1);
	assert_int_equal(hear(fd, heard, sizeof(heard)), 0);
	/* of another stream, and of one that was there before */
	door_answer(f->door, f->stream + 1, SLICE(ANSWER), SLICE(""));
	door_answer(f->door, f->stream + DOOR_CONNECTIONS, SLICE(ANSWER), SLICE(""));
	turns(f);
	assert_int_equal(hear(fd, heard, sizeof(heard)), 0);
	door_answer(f->door, f->stream, SLICE(ANSWER), SLICE(""));
	turns(f);
	assert_int_equal(f->messages, 2);
	assert_int_equal(hear(fd, heard, sizeof(heard)), (ssize_t)strlen(ANSWER));
	/* gone while its answer is made */
	close(fd);
	door_answer(f->door, f->stream, SLICE(ANSWER), SLICE(""));
	turns(f);
	door_answer(f->door, f->stream, SLICE(ANSWER), SLICE(""));
}

static void what_is_no_sip_or_too_long_is_shown_out(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\nHost: abc.com\r\n\r\n",
		"REGISTER sip:abc.com SIP/2.0\r\n\r\n",
		"REGISTER sip:abc.com SIP/2.0\r\nContent-Length: 99999\r\n\r\n",
		"REGISTER sip:abc.com SIP/2.0\r\nContent-Length: -1\r\n\r\n",
	};
	struct fixture *f = *state;
	char noise[LIMIT_SIP_MESSAGE_BYTES];
	int fd;

	for (size_t n = 0; n < COUNT(bad); n++) {
		fd = knock(f, (uint8_t)n);
		say(f, fd, bad[n], strlen(bad[n]));
		assert_true(is_shown_out(fd));
		close(fd);
	}
	memset(noise, 'x', sizeof(noise));
	fd = knock(f, 9);
	for (int n = 0; n < 4; n++)
		say(f, fd, noise, sizeof(noise));
	assert_true(is_shown_out(fd));
	close(fd);
	assert_int_equal(f->messages, 0);
	assert_int_equal(door_counters_get(f->door).bad, COUNT(bad) + 1);
	assert_int_equal(door_counters_get(f->door).open, 0);
}

static void one_has_so_many_messages_and_no_more(void **state)
{
	struct fixture *f = *state;
	char heard[4096];
	int fd = knock(f, 0);

	for (int n = 0; n < DOOR_MESSAGES; n++) {
		say(f, fd, REQUEST, strlen(REQUEST));
		assert_true(hear(fd, heard, sizeof(heard)) > 0);
	}
	say(f, fd, REQUEST, strlen(REQUEST));
	assert_int_equal(f->messages, DOOR_MESSAGES);
	assert_true(is_shown_out(fd));
	close(fd);
}

static void one_source_has_so_many_connections(void **state)
{
	struct fixture *f = *state;
	int fds[DOOR_PER_SOURCE + 2];

	for (int n = 0; n < DOOR_PER_SOURCE + 1; n++)
		fds[n] = knock(f, 0);
	fds[DOOR_PER_SOURCE + 1] = knock(f, 1);
	turns(f);
	assert_int_equal(door_counters_get(f->door).open, DOOR_PER_SOURCE + 1);
	assert_int_equal(door_counters_get(f->door).refused, 1);
	assert_true(is_shown_out(fds[DOOR_PER_SOURCE]));
	assert_false(is_shown_out(fds[DOOR_PER_SOURCE + 1]));
	for (int n = 0; n < DOOR_PER_SOURCE + 2; n++)
		close(fds[n]);
	turns(f);
}

static uint64_t steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void one_source_comes_so_often(void **state)
{
	struct fixture *f = *state;
	const uint64_t begun_ms = steady_ms();
	struct door_counters counters;

	for (int n = 0; n < 2 * DOOR_BURST; n++) {
		int fd = knock(f, 0);

		event_base_loop(f->base, EVLOOP_NONBLOCK);
		close(fd);
		for (int turn = 0; turn < 1000 && door_counters_get(f->door).open > 0; turn++)
			event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	turns(f);
	counters = door_counters_get(f->door);
	assert_int_equal(counters.opened + counters.refused, 2 * DOOR_BURST);
	assert_true(counters.opened >= DOOR_BURST);
	assert_true(counters.opened <=
		    DOOR_BURST + 1 + (steady_ms() - begun_ms) / DOOR_INTERVAL_MS);
	assert_true(counters.refused > 0);
}

static void when_there_is_no_room_the_oldest_goes(void **state)
{
	struct fixture *f = *state;
	int fds[DOOR_CONNECTIONS + 1];

	for (int n = 0; n <= DOOR_CONNECTIONS; n++) {
		fds[n] = knock(f, (uint8_t)(n / DOOR_PER_SOURCE));
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	turns(f);
	assert_int_equal(door_counters_get(f->door).open, DOOR_CONNECTIONS);
	assert_int_equal(door_counters_get(f->door).pushed, 1);
	assert_true(is_shown_out(fds[0]));
	assert_false(is_shown_out(fds[1]));
	say(f, fds[DOOR_CONNECTIONS], REQUEST, strlen(REQUEST));
	assert_int_equal(f->messages, 1);
	for (int n = 0; n <= DOOR_CONNECTIONS; n++)
		close(fds[n]);
}

/* A byte a second, for ever. */
static void who_is_slow_has_so_long_and_no_longer(void **state)
{
	struct fixture *f = *state;
	struct timespec begun, now;
	int fd = knock(f, 0), age = 0;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	do {
		(void)!send(fd, "R", 1, MSG_NOSIGNAL);
		poll(NULL, 0, 250);
		event_base_loop(f->base, EVLOOP_NONBLOCK);
		clock_gettime(CLOCK_MONOTONIC, &now);
		age = (int)(now.tv_sec - begun.tv_sec);
	} while (door_counters_get(f->door).late == 0 && age < DOOR_LIFE_S + 10);
	assert_int_equal(door_counters_get(f->door).late, 1);
	assert_true(age >= DOOR_LIFE_S - 1);
	assert_true(is_shown_out(fd));
	close(fd);
}

static void address_that_is_taken_is_told(void **state)
{
	struct fixture *f = *state;
	struct door_settings settings = {.base = f->base, .received = received, .ctx = f};
	struct door *door;

	settings.at[0] = f->at;
	assert_int_equal(door_create(&settings, &door), RESULT_IO);
	assert_int_equal(errno, EADDRINUSE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(message_in_pieces_is_given_up_whole_and_answered),
		TEST(next_message_waits_for_the_answer_to_the_first),
		TEST(what_is_no_sip_or_too_long_is_shown_out),
		TEST(one_has_so_many_messages_and_no_more),
		TEST(one_source_has_so_many_connections),
		TEST(one_source_comes_so_often),
		TEST(when_there_is_no_room_the_oldest_goes),
		TEST(who_is_slow_has_so_long_and_no_longer),
		TEST(address_that_is_taken_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
