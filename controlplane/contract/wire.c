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

#include "controlplane/contract/message_queue.h"

/* Messages read before other events get their turn, and how many by one system call. */
#define READ_BURST 64
#define READ_ONCE  16

/* The data plane stands still for so long: what is said queues up without waiting for it. */
#define PRESS_WAIT_MS 1000

/* Room for a message and a byte more, so that one that is too long shows; whole words. */
#define READ_BYTES ((CONTRACT_MESSAGE_BYTES + 8u) & ~7u)

struct wire {
	int fd;
	struct event *readable, *writable;
	struct wire_events events;
	struct message_queue queue, held; /* to be sent; read while sending */
	int error; /* broken while sending: errno */
	/* Messages are being told: what is sent meanwhile goes out together, at the end. */
	bool is_telling;
	struct mmsghdr headers[READ_ONCE];
	struct iovec parts[READ_ONCE];
	unsigned read_count, read_next; /* of those read last: how many, and the next to be told */
	char holding[CONTRACT_MESSAGE_BYTES]; /* on its way to be held */
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

static enum result queue_add(struct wire *wire, const struct contract_header *message,
			     int descriptor)
{
	enum result result;

	if (wire->queue.bytes + message->length > WIRE_QUEUE_BYTES)
		return RESULT_SPACE;
	result = message_queue_add(&wire->queue, message, message->length, descriptor);
	if (result == RESULT_OK && !wire->is_telling)
		event_add(wire->writable, NULL);
	return result;
}

/* Send of the queue what the socket takes. */
static void queue_send(struct wire *wire)
{
	int error = wire->error == 0 ? message_queue_send(&wire->queue, wire->fd) : 0;

	if (error != 0)
		wire_break(wire, error);
}

/* Read one message without telling anybody yet; false: none is there, or it is for the loop. */
static bool message_hold(struct wire *wire)
{
	ssize_t length = recv(wire->fd, NULL, 0, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
	bool is_held;

	if (length <= 0 || (size_t)length > CONTRACT_MESSAGE_BYTES ||
	    wire->held.bytes + (size_t)length > WIRE_QUEUE_BYTES)
		return false;
	is_held = recv(wire->fd, wire->holding, sizeof(wire->holding), MSG_DONTWAIT) == length &&
		  message_queue_add(&wire->held, wire->holding, (size_t)length, -1) == RESULT_OK;
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
		if ((ready.revents & ~POLLOUT) != 0 && !message_hold(wire))
			break;
	}
	if (message_queue_first(&wire->held) != NULL)
		event_active(wire->readable, EV_READ, 1);
}

enum result wire_send(struct wire *wire, const struct contract_header *message, int descriptor)
{
	enum result result;

	if (wire->error != 0)
		return RESULT_IO;
	if (message_queue_first(&wire->queue) == NULL && !wire->is_telling) {
		int error = message_send(wire->fd, message, message->length, descriptor);

		if (error == 0)
			return RESULT_OK;
		if (error != EAGAIN) {
			wire_break(wire, error);
			return RESULT_IO;
		}
	}
	result = queue_add(wire, message, descriptor);
	if (wire->queue.bytes > WIRE_PRESSED_BYTES)
		wire_press(wire);
	return result;
}

static void wire_writable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	(void)fd, (void)what;
	queue_send(wire);
	if (message_queue_first(&wire->queue) != NULL)
		event_add(wire->writable, NULL);
}

/* As many as are there, up to READ_ONCE, into the buffers; like recv(). */
static ssize_t messages_read(struct wire *wire)
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

/* The next message: of those read before, else of the socket; its length as recv() says it. */
static ssize_t message_take(struct wire *wire, char **at)
{
	struct message_waiting *held = message_queue_first(&wire->held);
	ssize_t length;

	if (wire->read_next == wire->read_count && held == NULL && messages_read(wire) < 0)
		return -1;
	if (wire->read_next < wire->read_count) {
		*at = wire->buffer[wire->read_next];
		return (ssize_t)wire->headers[wire->read_next++].msg_len;
	}
	if (held == NULL)
		return 0;
	length = (ssize_t)held->length;
	*at = wire->buffer[0];
	memcpy(*at, held->bytes, held->length);
	message_queue_drop_first(&wire->held);
	return length;
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
	const char *reason = NULL;

	for (int i = 0; i < READ_BURST && reason == NULL; i++) {
		char *at = NULL;
		ssize_t length;

		if (wire->error != 0)
			return strerror(wire->error);
		length = message_take(wire, &at);
		if (length < 0)
			return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
		if (length == 0)
			return "the data plane closed it";
		reason = message_tell(wire, at, (size_t)length);
		OPENSSL_cleanse(at, (size_t)length); /* it may have held keys */
	}
	return reason;
}

static bool has_more(const struct wire *wire)
{
	return wire->read_next < wire->read_count || message_queue_first(&wire->held) != NULL;
}

static void wire_readable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;
	const char *reason;

	(void)fd, (void)what;
	wire->is_telling = true;
	reason = messages_tell(wire);
	wire->is_telling = false;
	queue_send(wire);
	if (message_queue_first(&wire->queue) != NULL)
		event_add(wire->writable, NULL);
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
	message_queue_init(&wire->queue);
	message_queue_init(&wire->held);
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
	message_queue_fini(&wire->queue);
	message_queue_fini(&wire->held);
	close(wire->fd);
	free(wire);
}
