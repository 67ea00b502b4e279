#include "controlplane/contract/wire.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
	struct event_base *base;
	struct wire *wire;
	int other;
	int messages, closed;
	uint32_t last_request;
	char reason[128];
};

static void message(void *ctx, const struct contract_header *header)
{
	struct ends *ends = ctx;

	ends->messages++;
	ends->last_request = header->request;
}

static void closed(void *ctx, const char *reason)
{
	struct ends *ends = ctx;

	ends->closed++;
	snprintf(ends->reason, sizeof(ends->reason), "%s", reason);
	wire_destroy(ends->wire);
	ends->wire = NULL;
}

static int ends_make(void **state)
{
	static struct ends ends;
	const struct wire_events events = {&ends, message, closed};
	int fds[2];

	memset(&ends, 0, sizeof(ends));
	ends.base = event_base_new();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	ends.wire = wire_create(ends.base, fds[0], &events);
	assert_non_null(ends.wire);
	ends.other = fds[1];
	*state = &ends;
	return 0;
}

static int ends_remove(void **state)
{
	struct ends *ends = *state;

	wire_destroy(ends->wire);
	if (ends->other >= 0)
		close(ends->other);
	event_base_free(ends->base);
	return 0;
}

static struct contract_answer answer_of(uint32_t request)
{
	struct contract_answer answer = {0};

	contract_header_set(&answer.header, CONTRACT_ANSWER, sizeof(answer), request);
	return answer;
}

static void sound_messages_are_passed_on(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer = answer_of(7);

	assert_int_equal(send(ends->other, &answer, sizeof(answer), 0), sizeof(answer));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->messages, 1);
	assert_int_equal(ends->last_request, 7);
}

static void unknown_id_is_passed_over(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer = answer_of(7);

	answer.header.id = 999;
	assert_int_equal(send(ends->other, &answer, sizeof(answer), 0), sizeof(answer));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->messages, 0);
	assert_int_equal(ends->closed, 0);
}

static void malformed_message_ends_the_connection(void **state)
{
	struct ends *ends = *state;

	assert_int_equal(send(ends->other, "garbage, not a header at all", 28, 0), 28);
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->closed, 1);
	assert_string_equal(ends->reason, "the data plane sent a malformed message");
}

static void short_and_long_messages_end_the_connection(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer = answer_of(7);

	assert_int_equal(send(ends->other, &answer, sizeof(answer) - 1, 0), sizeof(answer) - 1);
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->closed, 1);
	assert_int_equal(ends->messages, 0);
}

static void another_version_is_named(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer = answer_of(7);

	answer.header.version = CONTRACT_VERSION + 1;
	assert_int_equal(send(ends->other, &answer, sizeof(answer), 0), sizeof(answer));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->closed, 1);
	assert_string_equal(ends->reason, "the data plane speaks another version of the contract");
}

static void closing_is_told_once(void **state)
{
	struct ends *ends = *state;

	close(ends->other);
	ends->other = -1;
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->closed, 1);
	assert_string_equal(ends->reason, "the data plane closed it");
}

static void sending_into_a_closed_connection_is_told_by_the_loop(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer = answer_of(1);

	close(ends->other);
	ends->other = -1;
	assert_int_equal(wire_send(ends->wire, &answer.header, -1), RESULT_IO);
	assert_int_equal(ends->closed, 0);
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->closed, 1);
}

static void slow_other_side_gets_all_in_order(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer;
	uint32_t received = 0;

	for (uint32_t i = 1; i <= 5000; i++) {
		answer = answer_of(i);
		assert_int_equal(wire_send(ends->wire, &answer.header, -1), RESULT_OK);
	}
	while (received < 5000) {
		event_base_loop(ends->base, EVLOOP_NONBLOCK);
		while (recv(ends->other, &answer, sizeof(answer), 0) == sizeof(answer))
			assert_int_equal(answer.header.request, ++received);
	}
	assert_int_equal(ends->closed, 0);
}

static void descriptor_goes_along_also_when_queued(void **state)
{
	struct ends *ends = *state;
	struct contract_answer answer = answer_of(1);
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	int pipes[2], sent = 0, found = 0;

	assert_int_equal(pipe(pipes), 0);
	for (; sent < 1000; sent++)
		assert_int_equal(wire_send(ends->wire, &answer.header, -1), RESULT_OK);
	assert_int_equal(wire_send(ends->wire, &answer.header, pipes[1]), RESULT_OK);
	close(pipes[1]);
	for (int i = 0; i <= sent;) {
		struct iovec iov = {&answer, sizeof(answer)};
		struct msghdr in = {.msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof(control)};

		event_base_loop(ends->base, EVLOOP_NONBLOCK);
		if (recvmsg(ends->other, &in, 0) != sizeof(answer))
			continue;
		i++;
		if (CMSG_FIRSTHDR(&in) == NULL)
			continue;
		memcpy(&found, CMSG_DATA(CMSG_FIRSTHDR(&in)), sizeof(int));
		assert_int_equal(i, sent + 1);
	}
	assert_int_equal(write(found, "x", 1), 1);
	assert_int_equal(read(pipes[0], &control, 1), 1);
	close(found);
	close(pipes[0]);
}

/* The other side in a process of its own: answers count requests, slower than they are sent. */
static pid_t answering(struct ends *ends, uint32_t count)
{
	static _Alignas(8) char request[CONTRACT_MESSAGE_BYTES];
	pid_t child = fork();

	if (child != 0)
		return child;
	fcntl(ends->other, F_SETFL, 0);
	for (uint32_t i = 0; i < count; i++) {
		struct contract_answer answer;

		if (recv(ends->other, request, sizeof(request), 0) <= 0)
			_exit(1);
		answer = answer_of(((struct contract_header *)request)->request);
		if (send(ends->other, &answer, sizeof(answer), 0) != sizeof(answer))
			_exit(1);
	}
	_exit(0);
}

static void flood_of_requests_waits_for_the_other_side(void **state)
{
	const uint32_t count = 60000; /* 160 MB */
	struct contract_binding binding = {.index = 1, .generation = 1};
	struct ends *ends = *state;
	pid_t child = answering(ends, count);
	int status = -1;

	for (uint32_t i = 1; i <= count; i++) {
		contract_header_set(&binding.header, CONTRACT_BINDING_PUT, sizeof(binding), i);
		assert_int_equal(wire_send(ends->wire, &binding.header, -1), RESULT_OK);
	}
	assert_int_equal(ends->messages, 0);
	for (int turn = 0; turn < 100000 && ends->messages < (int)count; turn++)
		event_base_loop(ends->base, EVLOOP_ONCE);
	assert_int_equal(ends->messages, count);
	assert_int_equal(ends->last_request, count);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(ends->closed, 0);
}

#define ENDS_TEST(name) cmocka_unit_test_setup_teardown(name, ends_make, ends_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENDS_TEST(sound_messages_are_passed_on),
		ENDS_TEST(unknown_id_is_passed_over),
		ENDS_TEST(malformed_message_ends_the_connection),
		ENDS_TEST(short_and_long_messages_end_the_connection),
		ENDS_TEST(another_version_is_named),
		ENDS_TEST(closing_is_told_once),
		ENDS_TEST(sending_into_a_closed_connection_is_told_by_the_loop),
		ENDS_TEST(slow_other_side_gets_all_in_order),
		ENDS_TEST(descriptor_goes_along_also_when_queued),
		ENDS_TEST(flood_of_requests_waits_for_the_other_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
