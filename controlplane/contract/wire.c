#include "controlplane/contract/wire.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages read before other events get their turn. */
#define READ_BURST 64

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
	STAILQ_HEAD(, waiting) queue;
	size_t queue_bytes;
	int error; /* broken while sending: errno */
	_Alignas(8) char buffer[CONTRACT_MESSAGE_BYTES + 1]; /* read as contract structs */
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
	event_add(wire->writable, NULL);
	return RESULT_OK;
}

enum result wire_send(struct wire *wire, const struct contract_header *message, int descriptor)
{
	if (wire->error != 0)
		return RESULT_IO;
	if (STAILQ_EMPTY(&wire->queue)) {
		if (socket_send(wire->fd, message, message->length, descriptor) >= 0)
			return RESULT_OK;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
			wire_break(wire, errno);
			return RESULT_IO;
		}
	}
	return queue_add(wire, message, descriptor);
}

static void wire_writable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;
	struct waiting *first;

	(void)what;
	while (wire->error == 0 && (first = STAILQ_FIRST(&wire->queue)) != NULL) {
		if (socket_send(fd, first->bytes, first->length, first->descriptor) < 0) {
			if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
				event_add(wire->writable, NULL);
			else
				wire_break(wire, errno);
			return;
		}
		STAILQ_REMOVE_HEAD(&wire->queue, next);
		wire->queue_bytes -= first->length;
		waiting_free(first);
	}
}

/* What is wrong with a message as received, or NULL: pass it on. */
static const char *message_fault(const struct wire *wire, size_t length)
{
	switch (contract_validate(wire->buffer, length)) {
	case RESULT_OK:
	case RESULT_NOT_FOUND:
		return NULL;
	case RESULT_VERSION:
		return "the data plane speaks another version of the contract";
	default:
		return "the data plane sent a malformed message";
	}
}

static void wire_readable(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;
	const char *reason = NULL;

	(void)what;
	for (int i = 0; i < READ_BURST && reason == NULL; i++) {
		ssize_t length;

		if (wire->error != 0) {
			reason = strerror(wire->error);
			break;
		}
		length = recv(fd, wire->buffer, sizeof(wire->buffer), MSG_DONTWAIT);
		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (length < 0)
			reason = strerror(errno);
		else if (length == 0)
			reason = "the data plane closed it";
		else
			reason = message_fault(wire, (size_t)length);
		/* An id we do not know is a newer data plane's affair. */
		if (reason == NULL && contract_validate(wire->buffer, (size_t)length) == RESULT_OK)
			wire->events.message(wire->events.ctx,
					     (const struct contract_header *)wire->buffer);
		if (length > 0)
			OPENSSL_cleanse(wire->buffer, (size_t)length); /* it may have held keys */
	}
	if (reason != NULL)
		wire->events.closed(wire->events.ctx, reason);
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
	struct waiting *first;

	if (wire == NULL)
		return;
	if (wire->readable != NULL)
		event_free(wire->readable);
	if (wire->writable != NULL)
		event_free(wire->writable);
	while ((first = STAILQ_FIRST(&wire->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&wire->queue, next);
		waiting_free(first);
	}
	close(wire->fd);
	free(wire);
}
