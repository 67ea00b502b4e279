/* The sending side of a wire: messages gather in packets, packets wait for the data plane. */
#include <errno.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "controlplane/contract/wire_state.h"

/* The data plane stands still for so long: what is said queues up without waiting for it. */
#define PRESS_WAIT_MS 1000

/* The callback of the read event tells of it: never the function that found it. */
static void wire_break(struct wire *wire, int error)
{
	if (wire->error == 0) {
		wire->error = error;
		event_active(wire->readable, EV_READ, 1);
	}
}

/* Send of the queue what the socket takes. */
static void queue_send(struct wire *wire)
{
	int error = wire->error == 0 ? packet_queue_send(&wire->queue, wire->fd) : 0;

	if (error != 0)
		wire_break(wire, error);
}

/* Read one packet without telling anybody yet; false: none is there, or it is for the loop. */
static bool packet_hold(struct wire *wire)
{
	ssize_t length = recv(wire->fd, NULL, 0, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
	bool is_held;

	if (length <= 0 || (size_t)length > CONTRACT_PACKET_BYTES ||
	    wire->held.bytes + (size_t)length > WIRE_QUEUE_BYTES)
		return false;
	is_held = recv(wire->fd, wire->holding, sizeof(wire->holding), MSG_DONTWAIT) == length &&
		  packet_queue_add(&wire->held, wire->holding, (size_t)length, -1) == RESULT_OK;
	OPENSSL_cleanse(wire->holding, (size_t)length);
	return is_held;
}

/*
 * Too much waits: give it to the data plane now. Its answers are read meanwhile, since it reads
 * nothing more while they have no room, and told by the loop later.
 */
static void wire_press(struct wire *wire)
{
	while (wire->error == 0 && wire->queue.bytes > WIRE_PRESSED_BYTES / 2) {
		struct pollfd ready = {.fd = wire->fd, .events = POLLIN | POLLOUT};

		if (poll(&ready, 1, PRESS_WAIT_MS) <= 0)
			break;
		if ((ready.revents & POLLOUT) != 0)
			queue_send(wire);
		if ((ready.revents & ~POLLOUT) != 0 && !packet_hold(wire))
			break;
	}
	if (packet_queue_first(&wire->held) != NULL)
		event_active(wire->readable, EV_READ, 1);
}

static enum result queue_add(struct wire *wire, int descriptor)
{
	const struct contract_packet *packet = &wire->packet;
	enum result result;

	if (wire->queue.bytes + packet->length > WIRE_QUEUE_BYTES)
		return RESULT_SPACE;
	result = packet_queue_add(&wire->queue, packet->bytes, packet->length, descriptor);
	if (result == RESULT_OK)
		event_add(wire->writable, NULL);
	return result;
}

/* The packet leaves, or queues up behind those that wait; if neither, it stays as it is. */
static enum result packet_end(struct wire *wire, int descriptor)
{
	struct contract_packet *packet = &wire->packet;
	enum result result = RESULT_OK;
	int error = EAGAIN;

	if (packet->length == 0)
		return RESULT_OK;
	if (packet_queue_first(&wire->queue) == NULL)
		error = packet_send(wire->fd, packet->bytes, packet->length, descriptor);
	if (error == EAGAIN) {
		result = queue_add(wire, descriptor);
	} else if (error != 0) {
		wire_break(wire, error);
		return RESULT_IO;
	}
	if (result != RESULT_OK)
		return result;
	OPENSSL_cleanse(packet->bytes, packet->length); /* it may have held keys */
	packet->length = 0;
	if (wire->queue.bytes > WIRE_PRESSED_BYTES)
		wire_press(wire);
	return RESULT_OK;
}

/* The loop comes to wire_writable() when those have had their turn who are before us in it. */
static void flush_soon(struct wire *wire)
{
	if (wire->is_telling || wire->is_flush_due)
		return;
	wire->is_flush_due = true;
	event_active(wire->writable, EV_WRITE, 1);
}

/* What does not get out now stays, with an event that will try again. */
void wire_flush(struct wire *wire)
{
	enum result result = wire->error == 0 ? packet_end(wire, -1) : RESULT_IO;

	queue_send(wire);
	if (packet_queue_first(&wire->queue) != NULL || (result != RESULT_OK && wire->error == 0))
		event_add(wire->writable, NULL);
}

enum result wire_send(struct wire *wire, const struct contract_header *message, uint32_t request,
		      int descriptor)
{
	struct contract_packet *packet = &wire->packet;
	enum result result = RESULT_OK;
	struct contract_header *copy;

	if (wire->error != 0)
		return RESULT_IO;
	copy = descriptor < 0 ? contract_packet_room(packet, message->length) : NULL;
	if (copy == NULL) {
		result = packet_end(wire, -1);
		copy = contract_packet_room(packet, message->length);
	}
	if (result != RESULT_OK)
		return result;
	memcpy(copy, message, message->length);
	copy->request = request;
	contract_packet_take(packet, message->length);
	if (descriptor >= 0)
		result = packet_end(wire, descriptor);
	else
		flush_soon(wire);
	if (result != RESULT_OK) /* it was alone in it */
		packet->length = 0;
	return result;
}

void wire_writable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	(void)fd, (void)what;
	wire->is_flush_due = false;
	wire_flush(wire);
}
