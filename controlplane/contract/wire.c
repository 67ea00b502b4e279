#include "controlplane/contract/wire.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/contract/packet_queue.h"
#include "shared/contract/packet.h"

/* Messages told before other events get their turn, and packets read by one system call. */
#define READ_BURST 64
#define READ_ONCE  4

/* The data plane stands still for so long: what is said queues up without waiting for it. */
#define PRESS_WAIT_MS 1000

/* Room for a packet and a byte more, so that one that is too long shows; whole words. */
#define READ_BYTES (CONTRACT_PACKET_BYTES + 8u)

/* What has been read and not told yet. */
struct unread {
	char *at;
	size_t left;
};

struct wire {
	int fd;
	struct event *readable, *writable;
	struct wire_events events;
	struct contract_packet packet;	 /* being written: of this turn of the loop */
	struct packet_queue queue, held; /* to be sent; read while sending */
	int error;			 /* broken while sending: errno */
	/* Messages are being told, or the loop will come: what is sent goes out together, then. */
	bool is_telling, is_flush_due;
	struct mmsghdr headers[READ_ONCE];
	struct iovec parts[READ_ONCE];
	unsigned read_count, read_next; /* packets read last: how many, and the next to be told */
	struct unread unread;		/* of the one before that */
	char holding[READ_BYTES];	/* on its way to be held */
	_Alignas(8) char buffer[READ_ONCE][READ_BYTES]; /* read as contract structs */
};

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
static void flush(struct wire *wire)
{
	enum result result = wire->error == 0 ? packet_end(wire, -1) : RESULT_IO;

	queue_send(wire);
	if (packet_queue_first(&wire->queue) != NULL ||
	    (result != RESULT_OK && wire->error == 0))
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

static void wire_writable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	(void)fd, (void)what;
	wire->is_flush_due = false;
	flush(wire);
}

/* As many as are there, up to READ_ONCE, into the buffers; like recv(). */
static ssize_t packets_read(struct wire *wire)
{
	int count;

	for (unsigned i = 0; i < READ_ONCE; i++) {
		wire->parts[i] = (struct iovec){wire->buffer[i], READ_BYTES};
		wire->headers[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &wire->parts[i], .msg_iovlen = 1}};
	}
	wire->read_next = wire->read_count = 0;
	count = recvmmsg(wire->fd, wire->headers, READ_ONCE, MSG_DONTWAIT, NULL);
	if (count > 0)
		wire->read_count = (unsigned)count;
	return count;
}

/* The next packet: of those read before, else held, else of the socket; as recv() says it. */
static ssize_t packet_take(struct wire *wire)
{
	struct packet_waiting *held = packet_queue_first(&wire->held);

	if (wire->read_next == wire->read_count && held == NULL && packets_read(wire) < 0)
		return -1;
	if (wire->read_next < wire->read_count) {
		wire->unread.at = wire->buffer[wire->read_next];
		wire->unread.left = wire->headers[wire->read_next++].msg_len;
	} else if (held != NULL) {
		wire->unread = (struct unread){wire->buffer[0], held->length};
		memcpy(wire->unread.at, held->bytes, held->length);
		packet_queue_drop_first(&wire->held);
	}
	return (ssize_t)wire->unread.left;
}

/* What is wrong with a message as received, or NULL: it has been told, if it is one of those we
 * know. */
static const char *message_tell(struct wire *wire, const char *at, size_t length)
{
	switch (contract_validate(at, length)) {
	case RESULT_OK:
		wire->events.message(wire->events.ctx, (const struct contract_header *)at);
		return NULL;
	case RESULT_NOT_FOUND: /* an id we do not know is a newer data plane's affair */
		return NULL;
	case RESULT_VERSION:
		return "the data plane speaks another version of the contract";
	default:
		return "the data plane sent a malformed message";
	}
}

/* Tell what is there, a burst of it; NULL, or why the connection is over. */
static const char *messages_tell(struct wire *wire)
{
	struct unread *unread = &wire->unread;
	const char *reason = NULL;

	for (int i = 0; i < READ_BURST && reason == NULL; i++) {
		ssize_t left = unread->left > 0 ? (ssize_t)unread->left : packet_take(wire);
		size_t length, step;

		if (wire->error != 0)
			return strerror(wire->error);
		if (left < 0)
			return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
		if (left == 0)
			return "the data plane closed it";
		if (left > CONTRACT_PACKET_BYTES)
			return "the data plane sent too long a packet";
		length = contract_packet_message(unread->at, unread->left);
		step = contract_packet_step(length, unread->left);
		reason = message_tell(wire, unread->at, length);
		OPENSSL_cleanse(unread->at, length); /* it may have held keys */
		*unread = (struct unread){unread->at + step, unread->left - step};
	}
	return reason;
}

static bool has_more(const struct wire *wire)
{
	return wire->unread.left > 0 || wire->read_next < wire->read_count ||
	       packet_queue_first(&wire->held) != NULL;
}

static void wire_readable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;
	const char *reason;

	(void)fd, (void)what;
	wire->is_telling = true;
	reason = messages_tell(wire);
	wire->is_telling = false;
	flush(wire);
	if (reason != NULL)
		wire->events.closed(wire->events.ctx, reason);
	else if (has_more(wire))
		event_active(wire->readable, EV_READ, 1);
}

struct wire *wire_create(struct event_base *base, int fd, const struct wire_events *events)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL) {
		close(fd);
		return NULL;
	}
	wire->fd = fd;
	wire->events = *events;
	packet_queue_init(&wire->queue);
	packet_queue_init(&wire->held);
	wire->readable = event_new(base, fd, EV_READ | EV_PERSIST, wire_readable, wire);
	wire->writable = event_new(base, fd, EV_WRITE, wire_writable, wire);
	if (wire->readable == NULL || wire->writable == NULL ||
	    event_add(wire->readable, NULL) != 0) {
		wire_destroy(wire);
		return NULL;
	}
	return wire;
}

void wire_destroy(struct wire *wire)
{
	if (wire == NULL)
		return;
	if (wire->readable != NULL)
		event_free(wire->readable);
	if (wire->writable != NULL)
		event_free(wire->writable);
	if (wire->error == 0 && packet_queue_first(&wire->queue) == NULL && wire->packet.length > 0)
		(void)packet_send(wire->fd, wire->packet.bytes, wire->packet.length, -1);
	packet_queue_fini(&wire->queue);
	packet_queue_fini(&wire->held);
	OPENSSL_cleanse(&wire->packet, sizeof(wire->packet));
	OPENSSL_cleanse(wire->buffer, sizeof(wire->buffer));
	close(wire->fd);
	free(wire);
}
