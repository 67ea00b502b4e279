#include "controlplane/contract/wire.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages read before other events get their turn, and how many by one system call. */
#define READ_BURST 64
#define READ_ONCE  16

/* Messages sent by one system call. */
#define SEND_ONCE 32

/* The data plane stands still for so long: what is said queues up without waiting for it. */
#define PRESS_WAIT_MS 1000

/* Room for a message and a byte more, so that one that is too long shows; whole words. */
#define READ_BYTES ((CONTRACT_MESSAGE_BYTES + 8u) & ~7u)

struct waiting {
	STAILQ_ENTRY(waiting) next;
	int descriptor;
	size_t length;
	char bytes[];
};

struct wire {
	int fd;
	struct event *readable, *writable;
	struct wire_events events;
	STAILQ_HEAD(waiting_list, waiting) queue, held; /* to be sent; read while sending */
	size_t queue_bytes, held_bytes;
	int error; /* broken while sending: errno */
	/* Messages are being told: what is sent meanwhile goes out together, at the end. */
	bool is_telling;
	struct mmsghdr headers[READ_ONCE];
	struct iovec parts[READ_ONCE];
	unsigned read_count, read_next; /* of those read last: how many, and the next to be told */
	_Alignas(8) char buffer[READ_ONCE][READ_BYTES]; /* read as contract structs */
};

/* Keys may be in it. */
static void waiting_free(struct waiting *waiting)
{
	if (waiting->descriptor >= 0)
		close(waiting->descriptor);
	OPENSSL_cleanse(waiting->bytes, waiting->length);
	free(waiting);
}

static ssize_t socket_send(int fd, const void *at, size_t length, int descriptor)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)at, length};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (descriptor >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(int));
	}
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

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
	struct waiting *waiting;

	if (wire->queue_bytes + message->length > WIRE_QUEUE_BYTES)
		return RESULT_SPACE;
	waiting = malloc(sizeof(*waiting) + message->length);
	if (waiting == NULL)
		return RESULT_MEMORY;
	waiting->descriptor = descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	waiting->length = message->length;
	memcpy(waiting->bytes, message, message->length);
	if (descriptor >= 0 && waiting->descriptor < 0) {
		waiting_free(waiting);
		return RESULT_IO;
	}
	STAILQ_INSERT_TAIL(&wire->queue, waiting, next);
	wire->queue_bytes += message->length;
	if (!wire->is_telling)
		event_add(wire->writable, NULL);
	return RESULT_OK;
}

static void queue_drop_first(struct wire *wire)
{
	struct waiting *first = STAILQ_FIRST(&wire->queue);

	STAILQ_REMOVE_HEAD(&wire->queue, next);
	wire->queue_bytes -= first->length;
	waiting_free(first);
}

/* The messages at the head of the queue, those without a descriptor: how many of them were sent. */
static int queue_send_together(struct wire *wire)
{
	struct mmsghdr headers[SEND_ONCE] = {0};
	struct iovec parts[SEND_ONCE];
	struct waiting *waiting;
	unsigned count = 0;

	STAILQ_FOREACH(waiting, &wire->queue, next) {
		if (count == SEND_ONCE || waiting->descriptor >= 0)
			break;
		parts[count] = (struct iovec){waiting->bytes, waiting->length};
		headers[count].msg_hdr.msg_iov = &parts[count];
		headers[count].msg_hdr.msg_iovlen = 1;
		count++;
	}
	return sendmmsg(wire->fd, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Send of the queue what the socket takes. */
static void queue_send(struct wire *wire)
{
	struct waiting *first;

	while (wire->error == 0 && (first = STAILQ_FIRST(&wire->queue)) != NULL) {
		int sent = 1;

		if (first->descriptor < 0)
			sent = queue_send_together(wire);
		else if (socket_send(wire->fd, first->bytes, first->length, first->descriptor) < 0)
			sent = -1;
		if (sent < 0) {
			if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
				wire_break(wire, errno);
			return;
		}
		while (sent-- > 0)
			queue_drop_first(wire);
	}
}

/* Read one message without telling anybody yet; false: none is there, or it is for the loop. */
static bool message_hold(struct wire *wire)
{
	ssize_t length = recv(wire->fd, NULL, 0, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
	struct waiting *held;

	if (length <= 0 || (size_t)length > CONTRACT_MESSAGE_BYTES ||
	    wire->held_bytes + (size_t)length > WIRE_QUEUE_BYTES)
		return false;
	held = malloc(sizeof(*held) + (size_t)length);
	if (held == NULL)
		return false;
	held->descriptor = -1;
	held->length = (size_t)length;
	if (recv(wire->fd, held->bytes, held->length, MSG_DONTWAIT) != length) {
		waiting_free(held);
		return false;
	}
	STAILQ_INSERT_TAIL(&wire->held, held, next);
	wire->held_bytes += held->length;
	return true;
}

/*
 * Too much waits: give it to the data plane now. Its answers are read meanwhile, since it reads
 * nothing more while they have no room, and told by the loop later.
 */
static void wire_press(struct wire *wire)
{
	while (wire->error == 0 && wire->queue_bytes > WIRE_PRESSED_BYTES / 2) {
		struct pollfd ready = {.fd = wire->fd, .events = POLLIN | POLLOUT};

		if (poll(&ready, 1, PRESS_WAIT_MS) <= 0)
			break;
		if ((ready.revents & POLLOUT) != 0)
			queue_send(wire);
		if ((ready.revents & ~POLLOUT) != 0 && !message_hold(wire))
			break;
	}
	if (!STAILQ_EMPTY(&wire->held))
		event_active(wire->readable, EV_READ, 1);
}

enum result wire_send(struct wire *wire, const struct contract_header *message, int descriptor)
{
	enum result result;

	if (wire->error != 0)
		return RESULT_IO;
	if (STAILQ_EMPTY(&wire->queue) && !wire->is_telling) {
		if (socket_send(wire->fd, message, message->length, descriptor) >= 0)
			return RESULT_OK;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
			wire_break(wire, errno);
			return RESULT_IO;
		}
	}
	result = queue_add(wire, message, descriptor);
	if (wire->queue_bytes > WIRE_PRESSED_BYTES)
		wire_press(wire);
	return result;
}

static void wire_writable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	(void)fd, (void)what;
	queue_send(wire);
	if (!STAILQ_EMPTY(&wire->queue))
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
	struct waiting *held = STAILQ_FIRST(&wire->held);
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
	STAILQ_REMOVE_HEAD(&wire->held, next);
	wire->held_bytes -= held->length;
	waiting_free(held);
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
	return wire->read_next < wire->read_count || !STAILQ_EMPTY(&wire->held);
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
	if (!STAILQ_EMPTY(&wire->queue))
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
	STAILQ_INIT(&wire->queue);
	STAILQ_INIT(&wire->held);
	wire->readable = event_new(base, fd, EV_READ | EV_PERSIST, wire_readable, wire);
	wire->writable = event_new(base, fd, EV_WRITE, wire_writable, wire);
	if (wire->readable == NULL || wire->writable == NULL ||
	    event_add(wire->readable, NULL) != 0) {
		wire_destroy(wire);
		return NULL;
	}
	return wire;
}

static void list_free(struct waiting_list *list)
{
	struct waiting *first;

	while ((first = STAILQ_FIRST(list)) != NULL) {
		STAILQ_REMOVE_HEAD(list, next);
		waiting_free(first);
	}
}

void wire_destroy(struct wire *wire)
{
	if (wire == NULL)
		return;
	if (wire->readable != NULL)
		event_free(wire->readable);
	if (wire->writable != NULL)
		event_free(wire->writable);
	list_free(&wire->queue);
	list_free(&wire->held);
	close(wire->fd);
	free(wire);
}
