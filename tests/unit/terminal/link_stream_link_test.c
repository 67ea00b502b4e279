/* The terminal's TCP connection, to a listener of the test's own. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/stream_link.h"

#define ANSWER "SIP/2.0 401 Unauthorized\r\nContent-Length: 4\r\n\r\nbody"

struct fixture {
	int listener, other; /* other: the gateway's end */
	struct sip_address own, to;
	struct stream_link link;
};

static int listen_at(struct sip_address *at)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	*at = (struct sip_address){.family = 4, .port = ntohs(name.sin_port), .bytes = {127, 0, 0, 1}};
	return fd;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture.other = -1;
	fixture.listener = listen_at(&fixture.to);
	fixture.own = (struct sip_address){.family = 4, .port = 5060, .bytes = {127, 0, 0, 1}};
	stream_link_init(&fixture.link);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stream_link_close(&f->link);
	close(f->other);
	close(f->listener);
	return 0;
}

static void turn(struct fixture *f)
{
	struct pollfd poller = stream_link_poll(&f->link);

	if (poll(&poller, 1, 2000) > 0)
		stream_link_turn(&f->link, poller.revents);
}

static void send_one(struct fixture *f, const char *text)
{
	char got[64] = "";

	assert_int_equal(stream_link_send(&f->link, &f->own, &f->to,
					  slice_make(text, strlen(text))),
			 RESULT_OK);
	if (f->other < 0)
		f->other = accept(f->listener, NULL, NULL);
	if (stream_link_poll(&f->link).events & POLLOUT)
		turn(f);
	assert_int_equal(recv(f->other, got, strlen(text), MSG_WAITALL), (ssize_t)strlen(text));
	assert_string_equal(got, text);
}

static void assert_next(struct fixture *f, const char *text)
{
	struct slice message;

	while (!stream_link_next(&f->link, &message)) {
		assert_true(f->link.fd >= 0);
		turn(f);
	}
	assert_int_equal(message.len, strlen(text));
	assert_memory_equal(message.at, text, message.len);
}

static void message_goes_and_its_answer_comes_in_however_many_pieces(void **state)
{
	struct fixture *f = *state;
	struct slice message;

	send_one(f, "one");
	for (const char *at = ANSWER; *at; at++)
		assert_int_equal(send(f->other, at, 1, 0), 1);
	assert_next(f, ANSWER);
	assert_false(stream_link_next(&f->link, &message));
	/* by the same connection, two at once */
	send_one(f, "two");
	assert_int_equal(send(f->other, ANSWER ANSWER, 2 * strlen(ANSWER), 0), 2 * strlen(ANSWER));
	assert_next(f, ANSWER);
	assert_next(f, ANSWER);
}

static void last_words_of_one_that_ends_are_heard(void **state)
{
	struct fixture *f = *state;
	struct slice message;

	send_one(f, "one");
	assert_int_equal(send(f->other, ANSWER, strlen(ANSWER), 0), strlen(ANSWER));
	close(f->other);
	f->other = -1;
	assert_next(f, ANSWER);
	for (int i = 0; i < 10 && f->link.fd >= 0; i++) {
		turn(f);
		assert_false(stream_link_next(&f->link, &message));
	}
	assert_int_equal(f->link.fd, -1);
	/* and the next message has a connection of its own */
	send_one(f, "two");
}

static void what_is_no_sip_ends_it(void **state)
{
	struct fixture *f = *state;
	struct slice message;

	send_one(f, "one");
	assert_int_equal(send(f->other, "no SIP at all\r\n\r\n", 17, 0), 17);
	turn(f);
	assert_false(stream_link_next(&f->link, &message));
	assert_int_equal(f->link.fd, -1);
}

static void another_gateway_has_another_connection(void **state)
{
	struct fixture *f = *state;

	send_one(f, "one");
	f->to.bytes[3] = 2;
	/* nobody listens there, whether that is known at once or later */
	enum result result = stream_link_send(&f->link, &f->own, &f->to, SLICE("two"));

	assert_true(result == RESULT_OK || result == RESULT_IO);
	char byte;

	assert_int_equal(recv(f->other, &byte, 1, 0), 0);
}

static void nobody_there_ends_it(void **state)
{
	struct fixture *f = *state;
	struct slice message;

	close(f->listener);
	f->listener = -1;
	if (stream_link_send(&f->link, &f->own, &f->to, SLICE("one")) == RESULT_OK) {
		for (int i = 0; i < 10 && f->link.fd >= 0; i++)
			turn(f);
		assert_false(stream_link_next(&f->link, &message));
	}
	assert_int_equal(f->link.fd, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(message_goes_and_its_answer_comes_in_however_many_pieces),
		TEST(last_words_of_one_that_ends_are_heard),
		TEST(what_is_no_sip_ends_it),
		TEST(another_gateway_has_another_connection),
		TEST(nobody_there_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
