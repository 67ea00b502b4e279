#include "controlplane/contract/wire.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/contract/wire_state.h"

/* Messages told before other events get their turn. */
#define READ_BURST 64

/* As many as are there, up to WIRE_READ_ONCE, into the buffers; like recv(). */
static ssize_t packets_read(struct wire *wire)
{
	int count;

	for (unsigned i = 0; i < WIRE_READ_ONCE; i++) {
		wire->parts[i] = (struct iovec){wire->buffer[i], WIRE_READ_BYTES};
		wire->headers[i] =
			(struct mmsghdr){.msg_hdr = {.msg_iov = &wire->parts[i], .msg_iovlen = 1}};
	}
	wire->read_next = wire->read_count = 0;
	count = recvmmsg(wire->fd, wire->headers, WIRE_READ_ONCE, MSG_DONTWAIT, NULL);
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
	wire_flush(wire);
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
