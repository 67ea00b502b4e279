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

#include "shared/contract/packet.h"

struct ends {
	struct event_base *base;
	struct wire *wire;
	int other;
	int messages, closed;
	uint32_t last_request;
	char reason[128];
	/* what the other side has received, and where in it the next message begins */
	_Alignas(8) char packet[CONTRACT_PACKET_BYTES];
	size_t packet_length, packet_at;
	unsigned packets;
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

/* The next message that the other side receives; NULL: there is none. */
static const struct contract_header *other_receive(struct ends *ends)
{
	const char *at;
	size_t left, length;

	if (ends->packet_at == ends->packet_length) {
		ssize_t got = recv(ends->other, ends->packet, sizeof(ends->packet), 0);

		if (got <= 0)
			return NULL;
		ends->packet_length = (size_t)got;
		ends->packet_at = 0;
		ends->packets++;
	}
	at = ends->packet + ends->packet_at;
	left = ends->packet_length - ends->packet_at;
	length = contract_packet_message(at, left);
	assert_int_equal(contract_validate(at, length), RESULT_OK);
	ends->packet_at += contract_packet_step(length, left);
	return (const struct contract_header *)at;
}

static enum result answer_send(struct ends *ends, uint32_t request, int descriptor)
{
	struct contract_answer answer = answer_of(0);

	return wire_send(ends->wire, &answer.header, request, descriptor);
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

	close(ends->other);
	ends->other = -1;
	assert_int_equal(answer_send(ends, 1, -1), RESULT_OK);
	assert_int_equal(ends->closed, 0);
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->closed, 1);
}

static void what_is_sent_in_a_turn_goes_out_together_at_its_end(void **state)
{
	struct ends *ends = *state;

	for (uint32_t i = 1; i <= 100; i++)
		assert_int_equal(answer_send(ends, i, -1), RESULT_OK);
	assert_null(other_receive(ends));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	for (uint32_t i = 1; i <= 100; i++)
		assert_int_equal(other_receive(ends)->request, i);
	assert_null(other_receive(ends));
	assert_int_equal(ends->packets, 1);
}

static void a_full_packet_goes_out_at_once(void **state)
{
	struct contract_binding binding = {.index = 1, .generation = 1};
	struct ends *ends = *state;
	unsigned most = CONTRACT_PACKET_BYTES / sizeof(binding);

	contract_header_set(&binding.header, CONTRACT_BINDING_PUT, sizeof(binding), 0);
	for (uint32_t i = 1; i <= most; i++)
		assert_int_equal(wire_send(ends->wire, &binding.header, i, -1), RESULT_OK);
	assert_null(other_receive(ends));
	assert_int_equal(wire_send(ends->wire, &binding.header, most + 1, -1), RESULT_OK);
	for (uint32_t i = 1; i <= most; i++)
		assert_int_equal(other_receive(ends)->request, i);
	assert_null(other_receive(ends));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(other_receive(ends)->request, most + 1);
}

static void what_was_said_last_goes_out_before_the_end(void **state)
{
	struct ends *ends = *state;

	assert_int_equal(answer_send(ends, 5, -1), RESULT_OK);
	wire_destroy(ends->wire);
	ends->wire = NULL;
	assert_int_equal(other_receive(ends)->request, 5);
}

static void messages_of_one_packet_are_told_one_by_one(void **state)
{
	static struct contract_packet packet;
	struct ends *ends = *state;

	packet.length = 0;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct contract_answer answer = answer_of(i);

		memcpy(contract_packet_room(&packet, sizeof(answer)), &answer, sizeof(answer));
		contract_packet_take(&packet, sizeof(answer));
	}
	assert_int_equal(send(ends->other, packet.bytes, packet.length, 0), packet.length);
	/* other events get their turn in between, but nothing more has to come for the rest */
	for (int turn = 0; turn < 100; turn++)
		event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->messages, 1000);
	assert_int_equal(ends->last_request, 1000);
}

static void nonsense_behind_a_sound_message_ends_the_connection(void **state)
{
	struct ends *ends = *state;
	struct {
		struct contract_answer answer;
		char rest[16];
	} packet = {answer_of(3), "nonsense"};

	assert_int_equal(send(ends->other, &packet, sizeof(packet), 0), sizeof(packet));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->messages, 1);
	assert_int_equal(ends->closed, 1);
	assert_string_equal(ends->reason, "the data plane sent a malformed message");
}

static void a_packet_that_is_too_long_ends_the_connection(void **state)
{
	static char packet[CONTRACT_PACKET_BYTES + 100];
	struct contract_answer answer = answer_of(3);
	struct ends *ends = *state;

	memcpy(packet, &answer, sizeof(answer));
	assert_int_equal(send(ends->other, packet, sizeof(packet), 0), sizeof(packet));
	event_base_loop(ends->base, EVLOOP_NONBLOCK);
	assert_int_equal(ends->messages, 0);
	assert_int_equal(ends->closed, 1);
	assert_string_equal(ends->reason, "the data plane sent too long a packet");
}

static void slow_other_side_gets_all_in_order(void **state)
{
	struct contract_binding binding = {.index = 1, .generation = 1};
	struct ends *ends = *state;
	const struct contract_header *received;
	uint32_t count = 0;

	contract_header_set(&binding.header, CONTRACT_BINDING_PUT, sizeof(binding), 0);
	for (uint32_t i = 1; i <= 5000; i++)
		assert_int_equal(wire_send(ends->wire, &binding.header, i, -1), RESULT_OK);
	while (count < 5000) {
		event_base_loop(ends->base, EVLOOP_NONBLOCK);
		while ((received = other_receive(ends)) != NULL)
			assert_int_equal(received->request, ++count);
	}
	assert_int_equal(ends->closed, 0);
}

static void descriptor_goes_along_alone_in_its_packet(void **state)
{
	struct ends *ends = *state;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	int pipes[2], found = 0;
	unsigned packets = 0, with_descriptor = 0;

	assert_int_equal(pipe(pipes), 0);
	for (uint32_t i = 1; i <= 50000; i++)
		assert_int_equal(answer_send(ends, i, i == 40001 ? pipes[1] : -1), RESULT_OK);
	close(pipes[1]);
	while (ends->last_request != 50000) {
		struct iovec iov = {ends->packet, sizeof(ends->packet)};
		struct msghdr in = {.msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof(control)};
		ssize_t got;

		event_base_loop(ends->base, EVLOOP_NONBLOCK);
		got = recvmsg(ends->other, &in, 0);
		if (got <= 0)
			continue;
		packets++;
		ends->packet_length = (size_t)got;
		ends->packet_at = 0;
		while (ends->packet_at < ends->packet_length)
			assert_int_equal(other_receive(ends)->request, ++ends->last_request);
		if (CMSG_FIRSTHDR(&in) == NULL)
			continue;
		memcpy(&found, CMSG_DATA(CMSG_FIRSTHDR(&in)), sizeof(int));
		with_descriptor++;
		assert_int_equal(ends->last_request, 40001);
		assert_int_equal(got, sizeof(struct contract_answer));
	}
	assert_int_equal(with_descriptor, 1);
	assert_in_range(packets, 3, 100);
	assert_int_equal(write(found, "x", 1), 1);
	assert_int_equal(read(pipes[0], &control, 1), 1);
	close(found);
	close(pipes[0]);
}

/* The other side in a process of its own: answers count requests, slower than they are sent. */
static pid_t answering(struct ends *ends, uint32_t count)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	fcntl(ends->other, F_SETFL, 0);
	for (uint32_t i = 0; i < count; i++) {
		const struct contract_header *request = other_receive(ends);
		struct contract_answer answer;

		if (request == NULL)
			_exit(1);
		answer = answer_of(request->request);
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

	contract_header_set(&binding.header, CONTRACT_BINDING_PUT, sizeof(binding), 0);
	for (uint32_t i = 1; i <= count; i++)
		assert_int_equal(wire_send(ends->wire, &binding.header, i, -1), RESULT_OK);
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
		ENDS_TEST(what_is_sent_in_a_turn_goes_out_together_at_its_end),
		ENDS_TEST(a_full_packet_goes_out_at_once),
		ENDS_TEST(what_was_said_last_goes_out_before_the_end),
		ENDS_TEST(messages_of_one_packet_are_told_one_by_one),
		ENDS_TEST(nonsense_behind_a_sound_message_ends_the_connection),
		ENDS_TEST(a_packet_that_is_too_long_ends_the_connection),
		ENDS_TEST(slow_other_side_gets_all_in_order),
		ENDS_TEST(descriptor_goes_along_alone_in_its_packet),
		ENDS_TEST(flood_of_requests_waits_for_the_other_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
