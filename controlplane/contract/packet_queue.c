#include "controlplane/contract/packet_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Packets sent by one system call. */
#define SEND_ONCE 8

void packet_queue_init(struct packet_queue *queue)
{
	STAILQ_INIT(&queue->list);
	queue->bytes = 0;
}

static void waiting_free(struct packet_waiting *waiting)
{
	if (waiting->descriptor >= 0)
		close(waiting->descriptor);
	OPENSSL_cleanse(waiting->bytes, waiting->length);
	free(waiting);
}

void packet_queue_fini(struct packet_queue *queue)
{
	while (packet_queue_first(queue) != NULL)
		packet_queue_drop_first(queue);
}

enum result packet_queue_add(struct packet_queue *queue, const void *at, size_t length,
			     int descriptor)
{
	struct packet_waiting *waiting = malloc(sizeof(*waiting) + length);

	if (waiting == NULL)
		return RESULT_MEMORY;
	waiting->descriptor = descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	waiting->length = length;
	memcpy(waiting->bytes, at, length);
	if (descriptor >= 0 && waiting->descriptor < 0) {
		waiting_free(waiting);
		return RESULT_IO;
	}
	STAILQ_INSERT_TAIL(&queue->list, waiting, next);
	queue->bytes += length;
	return RESULT_OK;
}

struct packet_waiting *packet_queue_first(const struct packet_queue *queue)
{
	return STAILQ_FIRST(&queue->list);
}

void packet_queue_drop_first(struct packet_queue *queue)
{
	struct packet_waiting *first = STAILQ_FIRST(&queue->list);

	STAILQ_REMOVE_HEAD(&queue->list, next);
	queue->bytes -= first->length;
	waiting_free(first);
}

/* No room now is no error. */
static int error_now(void)
{
	return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? EAGAIN : errno;
}

int packet_send(int fd, const void *at, size_t length, int descriptor)
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
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? error_now() : 0;
}

/* Those at the head that have no descriptor, together: how many were sent, or -1. */
static int head_send(const struct packet_queue *queue, int fd)
{
	struct mmsghdr headers[SEND_ONCE] = {0};
	struct iovec parts[SEND_ONCE];
	struct packet_waiting *waiting;
	unsigned count = 0;

	STAILQ_FOREACH(waiting, &queue->list, next)
	{
		if (count == SEND_ONCE || waiting->descriptor >= 0)
			break;
		parts[count] = (struct iovec){waiting->bytes, waiting->length};
		headers[count].msg_hdr.msg_iov = &parts[count];
		headers[count].msg_hdr.msg_iovlen = 1;
		count++;
	}
	return sendmmsg(fd, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int packet_queue_send(struct packet_queue *queue, int fd)
{
	struct packet_waiting *first;

	while ((first = packet_queue_first(queue)) != NULL) {
		int sent = 1, error = 0;

		if (first->descriptor >= 0)
			error = packet_send(fd, first->bytes, first->length, first->descriptor);
		else if ((sent = head_send(queue, fd)) < 0)
			error = error_now();
		if (error != 0)
			return error == EAGAIN ? 0 : error;
		while (sent-- > 0)
			packet_queue_drop_first(queue);
	}
	return 0;
}
