#include "dataplane/inbox/link.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <sys/socket.h>

#include "dataplane/bounds.h"
#include "shared/clock.h"

/* The packet being worked on is done with. */
static void packet_forget(struct inbox_link *link)
{
	if (link->in_fd >= 0)
		close(link->in_fd);
	link->in_fd = -1;
	OPENSSL_cleanse(link->in, link->in_length);
	link->in_at = link->in_length = 0;
}

void inbox_link_init(struct inbox_link *link, atomic_bool *has_client,
		     struct inbox_complaints *complaints)
{
	link->fd = link->in_fd = -1;
	link->has_client = has_client;
	link->complaints = complaints;
}

void inbox_link_open(struct inbox_link *link, int fd)
{
	link->fd = fd;
	link->since_ms = clock_steady_ms();
}

void inbox_link_close(struct inbox_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	link->has_greeted = false;
	OPENSSL_cleanse(link->out.bytes, link->out.length);
	link->out.length = 0;
	link->is_blocked = false;
	packet_forget(link);
	atomic_store_explicit(link->has_client, false, memory_order_relaxed);
}

void inbox_link_greet(struct inbox_link *link)
{
	link->has_greeted = true;
	atomic_store_explicit(link->has_client, true, memory_order_relaxed);
}

bool inbox_link_is_dead(const struct inbox_link *link)
{
	char byte;

	return link->fd >= 0 && recv(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool inbox_link_is_idle(const struct inbox_link *link)
{
	return link->fd >= 0 && (!link->has_greeted || link->is_blocked) &&
	       clock_steady_ms() - link->since_ms >= INBOX_PATIENCE_MS;
}

void inbox_link_flush(struct inbox_link *link)
{
	bool was_blocked = link->is_blocked;
	ssize_t sent;

	if (link->fd < 0 || link->out.length == 0)
		return;
	sent = send(link->fd, link->out.bytes, link->out.length, MSG_DONTWAIT | MSG_NOSIGNAL);
	link->is_blocked = sent < 0;
	if (link->is_blocked && !was_blocked)
		link->since_ms = clock_steady_ms();
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		inbox_link_close(link);
	if (sent < 0)
		return;
	OPENSSL_cleanse(link->out.bytes, link->out.length);
	link->out.length = 0;
}

void *inbox_link_begin(struct inbox_link *link, size_t length)
{
	void *room = contract_packet_room(&link->out, length);

	assert(room != NULL && !link->is_blocked);
	return room;
}

void inbox_link_end(struct inbox_link *link, size_t length)
{
	contract_packet_take(&link->out, length);
	if (contract_packet_room(&link->out, CONTRACT_MESSAGE_BYTES) == NULL)
		inbox_link_flush(link);
}

void inbox_link_put(struct inbox_link *link, const void *message, size_t length)
{
	memcpy(inbox_link_begin(link, length), message, length);
	inbox_link_end(link, length);
}

void inbox_link_answer(struct inbox_link *link, uint16_t to_id, uint32_t request,
		       enum result result)
{
	struct contract_answer message = {.to_id = to_id, .result = (uint16_t)result};

	contract_header_set(&message.header, CONTRACT_ANSWER, sizeof(message), request);
	inbox_link_put(link, &message, sizeof(message));
}

/* The descriptor that came with a message; further ones are closed. */
static int descriptor_take(struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int found = -1;

	for (; control; control = CMSG_NXTHDR(message, control)) {
		size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
			if (found < 0)
				found = fd;
			else
				close(fd);
		}
	}
	return found;
}

/* Another packet to work on; false: none waits, or the client is gone. */
static bool packet_read(struct inbox_link *link)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = link->in, .iov_len = sizeof(link->in)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t got = recvmsg(link->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got > CONTRACT_PACKET_BYTES)
		inbox_complain(link->complaints, INBOX_COMPLAINT_packet_long);
	if (got <= 0 || got > CONTRACT_PACKET_BYTES) {
		inbox_link_close(link);
		return false;
	}
	link->in_fd = descriptor_take(&message);
	link->in_at = 0;
	link->in_length = (size_t)got;
	return true;
}

bool inbox_link_next(struct inbox_link *link, struct inbox_message *message)
{
	size_t left;

	if (link->in_length == 0 && !packet_read(link))
		return false;
	left = link->in_length - link->in_at;
	message->at = link->in + link->in_at;
	message->length = contract_packet_message(message->at, left);
	message->fd = link->in_fd;
	link->in_at += contract_packet_step(message->length, left);
	return true;
}

void inbox_link_done(struct inbox_link *link)
{
	if (link->in_at == link->in_length)
		packet_forget(link);
}
