/*
 * The data plane's end of the contract, played by a test: a real SOCK_SEQPACKET socket in a scratch
 * folder, looked at while the event loop of what is tested runs.
 */
#ifndef SEKISHO_TESTS_CONTROLPLANE_PLANE_H
#define SEKISHO_TESTS_CONTROLPLANE_PLANE_H

#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "shared/contract/packet.h"
#include "tests/unit/controlplane/scratch.h"

#define PLANE_TURNS 2000 /* a millisecond each */

struct plane {
	struct scratch scratch;
	char path[128];
	struct event_base *base;
	int listener, client;
	int descriptor; /* that came with the last message, -1: none */
	_Alignas(8) char packet[CONTRACT_PACKET_BYTES + 1];
	size_t packet_length, packet_at; /* where in it the next message begins */
	_Alignas(8) char message[CONTRACT_MESSAGE_BYTES];
	size_t length;
	struct contract_welcome welcome;
};

static inline void plane_listen(struct plane *plane)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	unlink(plane->path);
	plane->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(plane->listener >= 0);
	strcpy(address.sun_path, plane->path);
	assert_int_equal(bind(plane->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(plane->listener, 4), 0);
}

static inline void plane_make(struct plane *plane)
{
	memset(plane, 0, sizeof(*plane));
	plane->listener = plane->client = plane->descriptor = -1;
	scratch_make(&plane->scratch);
	scratch_path(&plane->scratch, plane->path, "contract");
	plane->base = event_base_new();
	assert_non_null(plane->base);
	plane->welcome = (struct contract_welcome){
		.workers = 2, .sa_capacity = 64, .binding_capacity = 64, .port_count = 1};
	memset(plane->welcome.boot_id, 1, sizeof(plane->welcome.boot_id));
	plane->welcome.port[0] = (struct contract_port){
		.address = {{.family = 4, .port = 5060, .bytes = {127, 0, 0, 1}}},
		.mtu = 1500,
		.spread = CONTRACT_SPREAD_SPI,
		.device = "0000:03:00.0",
		.exception = "sekisho0",
	};
	plane_listen(plane);
}

static inline void plane_hang_up(struct plane *plane)
{
	if (plane->client >= 0)
		close(plane->client);
	plane->client = -1;
	plane->packet_at = plane->packet_length = 0;
}

/* Gone, as after kill -9: nobody listens any more. */
static inline void plane_die(struct plane *plane)
{
	plane_hang_up(plane);
	close(plane->listener);
	plane->listener = -1;
}

static inline void plane_remove(struct plane *plane)
{
	plane_hang_up(plane);
	if (plane->listener >= 0)
		close(plane->listener);
	if (plane->descriptor >= 0)
		close(plane->descriptor);
	event_base_free(plane->base);
	scratch_remove(&plane->scratch);
}

/* One turn of the loop of what is tested. */
static inline void plane_turn(struct plane *plane)
{
	event_base_loop(plane->base, EVLOOP_NONBLOCK);
	usleep(1000);
}

/* The next message of the packet. */
static inline void plane_take(struct plane *plane)
{
	size_t left = plane->packet_length - plane->packet_at;

	plane->length = contract_packet_message(plane->packet + plane->packet_at, left);
	assert_true(plane->length <= sizeof(plane->message));
	memcpy(plane->message, plane->packet + plane->packet_at, plane->length);
	plane->packet_at += contract_packet_step(plane->length, left);
	assert_int_equal(contract_validate(plane->message, plane->length), RESULT_OK);
}

/* Another packet; false: none has come. */
static inline bool packet_receive(struct plane *plane)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {plane->packet, sizeof(plane->packet)};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t length;

	if (plane->client < 0)
		plane->client = accept4(plane->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	length = plane->client < 0 ? -1 : recvmsg(plane->client, &message, MSG_CMSG_CLOEXEC);
	if (length <= 0)
		return false;
	plane->packet_length = (size_t)length;
	plane->packet_at = 0;
	if (plane->descriptor >= 0)
		close(plane->descriptor);
	plane->descriptor = -1;
	if (CMSG_FIRSTHDR(&message) != NULL)
		memcpy(&plane->descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return true;
}

/* What has been sent, in plane->message; false: nothing more. */
static inline bool plane_look(struct plane *plane)
{
	if (plane->packet_at == plane->packet_length && !packet_receive(plane))
		return false;
	plane_take(plane);
	return true;
}

/* What is sent next, in plane->message; false: nothing came in time. */
static inline bool plane_receive(struct plane *plane)
{
	for (int turn = 0; turn < PLANE_TURNS; turn++) {
		if (plane_look(plane))
			return true;
		plane_turn(plane);
	}
	return false;
}

static inline const struct contract_header *plane_header(const struct plane *plane)
{
	return (const struct contract_header *)plane->message;
}

static inline void plane_send(struct plane *plane, void *message, enum contract_id id,
			      size_t length, uint32_t request)
{
	contract_header_set(message, id, length, request);
	assert_int_equal(send(plane->client, message, length, 0), (ssize_t)length);
}

static inline void plane_answer(struct plane *plane, uint16_t to_id, uint32_t request,
				enum result result)
{
	struct contract_answer answer = {.to_id = to_id, .result = (uint16_t)result};

	plane_send(plane, &answer, CONTRACT_ANSWER, sizeof(answer), request);
}

/* Take HELLO, say WELCOME. */
static inline void plane_greet(struct plane *plane)
{
	assert_true(plane_receive(plane));
	assert_int_equal(plane_header(plane)->id, CONTRACT_HELLO);
	plane_send(plane, &plane->welcome, CONTRACT_WELCOME, sizeof(plane->welcome),
		   plane_header(plane)->request);
}

/* Let the other side work until it has nothing more to do. */
static inline void plane_settle(struct plane *plane)
{
	for (int turn = 0; turn < 20; turn++)
		plane_turn(plane);
}

#endif
