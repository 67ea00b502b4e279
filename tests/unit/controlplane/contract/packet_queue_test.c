/* controlplane/contract/packet_queue.c, over a real pair of sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/contract/packet_queue.h"

struct pair {
	struct packet_queue queue;
	int near, far;
};

static int set_up(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	int ends[2];

	assert_non_null(pair);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	pair->near = ends[0];
	pair->far = ends[1];
	packet_queue_init(&pair->queue);
	*state = pair;
	return 0;
}

static int tear_down(void **state)
{
	struct pair *pair = *state;

	packet_queue_fini(&pair->queue);
	close(pair->near);
	if (pair->far >= 0)
		close(pair->far);
	free(pair);
	return 0;
}

static void numbered_add(struct pair *pair, unsigned number)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "message %u", number);

	assert_int_equal(packet_queue_add(&pair->queue, text, (size_t)length, -1), RESULT_OK);
}

static void numbered_comes(const struct pair *pair, unsigned number)
{
	char text[32], wanted[32];
	ssize_t length = recv(pair->far, text, sizeof(text), 0);

	snprintf(wanted, sizeof(wanted), "message %u", number);
	assert_int_equal(length, strlen(wanted));
	assert_memory_equal(text, wanted, strlen(wanted));
}

static void packets_go_out_in_order_and_whole(void **state)
{
	struct pair *pair = *state;

	for (unsigned i = 0; i < 100; i++)
		numbered_add(pair, i);
	assert_true(pair->queue.bytes > 900);
	assert_int_equal(packet_queue_send(&pair->queue, pair->near), 0);
	assert_null(packet_queue_first(&pair->queue));
	assert_int_equal(pair->queue.bytes, 0);
	for (unsigned i = 0; i < 100; i++)
		numbered_comes(pair, i);
}

static void a_descriptor_travels_with_its_message_and_between_the_others(void **state)
{
	struct pair *pair = *state;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char text[32];
	struct iovec iov = {text, sizeof(text)};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	int file = open("/dev/null", O_RDONLY), passed;

	numbered_add(pair, 1);
	assert_int_equal(packet_queue_add(&pair->queue, "with", 4, file), RESULT_OK);
	close(file); /* the queue has its own */
	numbered_add(pair, 2);
	assert_int_equal(packet_queue_send(&pair->queue, pair->near), 0);
	numbered_comes(pair, 1);
	assert_int_equal(recvmsg(pair->far, &message, 0), 4);
	assert_int_equal(control.header.cmsg_type, SCM_RIGHTS);
	memcpy(&passed, CMSG_DATA(&control.header), sizeof(passed));
	assert_true(fcntl(passed, F_GETFD) >= 0);
	close(passed);
	numbered_comes(pair, 2);
}

static void what_the_socket_does_not_take_waits(void **state)
{
	struct pair *pair = *state;
	static char large[4000];
	unsigned came = 0;

	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(packet_queue_add(&pair->queue, large, sizeof(large), -1),
				 RESULT_OK);
	assert_int_equal(packet_queue_send(&pair->queue, pair->near), 0);
	assert_non_null(packet_queue_first(&pair->queue));
	while (came < 200) {
		if (recv(pair->far, large, sizeof(large), 0) == sizeof(large))
			came++;
		else
			assert_int_equal(packet_queue_send(&pair->queue, pair->near), 0);
	}
	assert_null(packet_queue_first(&pair->queue));
}

static void a_connection_that_is_over_is_told(void **state)
{
	struct pair *pair = *state;

	close(pair->far);
	pair->far = -1;
	numbered_add(pair, 1);
	assert_int_equal(packet_queue_send(&pair->queue, pair->near), EPIPE);
	assert_int_equal(packet_send(pair->near, "x", 1, -1), EPIPE);
}

static void a_descriptor_that_is_none_is_refused(void **state)
{
	struct pair *pair = *state;

	assert_int_equal(packet_queue_add(&pair->queue, "x", 1, 1 << 20), RESULT_IO);
	assert_null(packet_queue_first(&pair->queue));
	assert_int_equal(pair->queue.bytes, 0);
}

#define PAIR(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR(packets_go_out_in_order_and_whole),
		PAIR(a_descriptor_travels_with_its_message_and_between_the_others),
		PAIR(what_the_socket_does_not_take_waits),
		PAIR(a_connection_that_is_over_is_told),
		PAIR(a_descriptor_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
