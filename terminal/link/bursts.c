#include "terminal/link/bursts.h"

#include <assert.h>
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#define IPV4_BYTES 20

/* One piece that is cut behind us: a datagram of UDP is not longer, and older kernels take no more
 * of them. */
#define PIECE_BYTES 65000

bool inbox_receive(struct inbox *inbox, const struct sockets *sockets, bool is_in_udp)
{
	bool is_joined = is_in_udp && sockets->joins;
	unsigned rooms = is_joined ? BURST_JOINED : BURST_PACKETS;
	size_t room = is_joined ? BURST_JOINED_BYTES : BURST_ROOM_BYTES;
	int count;

	for (unsigned i = 0; i < rooms; i++) {
		inbox->vectors[i] = (struct iovec){inbox->bytes + i * room, room};
		inbox->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->from[i],
			.msg_namelen = sizeof(inbox->from[i]),
			.msg_iov = &inbox->vectors[i],
			.msg_iovlen = 1,
			.msg_control = is_joined ? &inbox->controls[i] : NULL,
			.msg_controllen = is_joined ? sizeof(inbox->controls[i]) : 0,
		};
	}
	/* An ICMP error of an earlier packet may come up here: it is unproved, and passed over. */
	count = recvmmsg(is_in_udp ? sockets->encap : sockets->esp, inbox->headers, rooms,
			 MSG_DONTWAIT, NULL);
	inbox->count = count < 0 ? 0 : (unsigned)count;
	inbox->next = 0;
	inbox->at = 0;
	inbox->is_in_udp = is_in_udp;
	return inbox->count > 0;
}

/* How long each of the datagrams is that the kernel has joined, but for the last; len: just one. */
static size_t joined_size(struct msghdr *message, size_t len)
{
	int size = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&size, CMSG_DATA(c), sizeof(size));
	return size > 0 && (size_t)size < len ? (size_t)size : len;
}

/* IPv4 comes with its header. */
static enum result take_header_off(struct received *packet)
{
	size_t front = packet->len ? (size_t)(packet->at[0] & 15) * 4 : 0;

	if (front < IPV4_BYTES || front > packet->len)
		return RESULT_BAD;
	packet->at += front;
	packet->len -= front;
	return RESULT_OK;
}

enum result inbox_next(struct inbox *inbox, struct received *out)
{
	unsigned i = inbox->next;
	struct msghdr *message = &inbox->headers[i].msg_hdr;
	struct received packet;
	size_t rest, size;

	if (i >= inbox->count)
		return RESULT_NOT_FOUND;
	rest = inbox->headers[i].msg_len - inbox->at;
	size = joined_size(message, inbox->headers[i].msg_len);
	packet = (struct received){endpoint_address(&inbox->from[i]),
				   (uint8_t *)inbox->vectors[i].iov_base + inbox->at,
				   size < rest ? size : rest};
	inbox->at += packet.len;
	if (inbox->at == inbox->headers[i].msg_len || (message->msg_flags & MSG_TRUNC)) {
		inbox->next++;
		inbox->at = 0;
	}
	if (message->msg_flags & MSG_TRUNC)
		return RESULT_BAD;
	if (!inbox->is_in_udp)
		packet.from.port = 0;
	if (!inbox->is_in_udp && packet.from.family == 4 && take_header_off(&packet) != RESULT_OK)
		return RESULT_BAD;
	*out = packet;
	return RESULT_OK;
}

void outbox_add(struct outbox *outbox, const struct sip_address *to, const uint8_t *packet,
		size_t len)
{
	unsigned i = outbox->count++;

	assert(i < BURST_PACKETS);
	outbox->is_in_udp[i] = to->port != 0;
	/* The vector is not written through when sending. */
	outbox->vectors[i] = (struct iovec){(void *)(uintptr_t)packet, len};
	outbox->to_len[i] = endpoint_make(to, to->port, &outbox->to[i]);
}

/* How many from there on are one piece: to one place, of one length, only the last may be shorter.
 */
static unsigned piece_of(const struct outbox *outbox, unsigned from)
{
	size_t size = outbox->vectors[from].iov_len, total = size;
	unsigned end = from + 1;

	while (end < outbox->count && outbox->is_in_udp[end] &&
	       outbox->vectors[end - 1].iov_len == size && outbox->vectors[end].iov_len <= size &&
	       total + outbox->vectors[end].iov_len <= PIECE_BYTES &&
	       memcmp(&outbox->to[end], &outbox->to[from], sizeof(outbox->to[from])) == 0)
		total += outbox->vectors[end++].iov_len;
	return end - from;
}

/* Tells the kernel where to cut. */
static void set_size(struct msghdr *message, union burst_control *control, uint16_t size)
{
	struct cmsghdr *header = &control->header;

	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(sizeof(size));
	header->cmsg_level = SOL_UDP;
	header->cmsg_type = UDP_SEGMENT;
	header->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(header), &size, sizeof(size));
}

/* Makes messages of the packets from there on that go by one socket; returns how many. */
static unsigned gather(struct outbox *outbox, unsigned from, bool cuts)
{
	bool is_in_udp = outbox->is_in_udp[from];
	unsigned count = 0, packets;

	for (; from < outbox->count && outbox->is_in_udp[from] == is_in_udp; from += packets) {
		struct msghdr *message = &outbox->headers[count].msg_hdr;

		packets = is_in_udp && cuts ? piece_of(outbox, from) : 1;
		*message = (struct msghdr){
			.msg_name = &outbox->to[from],
			.msg_namelen = outbox->to_len[from],
			.msg_iov = &outbox->vectors[from],
			.msg_iovlen = packets,
		};
		if (packets > 1)
			set_size(message, &outbox->controls[count],
				 (uint16_t)outbox->vectors[from].iov_len);
		count++;
	}
	return count;
}

static unsigned packets_of(const struct outbox *outbox, unsigned messages)
{
	unsigned packets = 0;

	for (unsigned i = 0; i < messages; i++)
		packets += (unsigned)outbox->headers[i].msg_hdr.msg_iovlen;
	return packets;
}

void outbox_send(struct outbox *outbox, struct sockets *sockets)
{
	bool cuts = sockets->cuts;
	unsigned done = 0;

	while (done < outbox->count) {
		unsigned messages = gather(outbox, done, cuts);
		int fd = outbox->is_in_udp[done] ? sockets->encap : sockets->esp;
		int sent = sendmmsg(fd, outbox->headers, messages, 0);

		if (sent > 0) {
			done += packets_of(outbox, (unsigned)sent);
		} else if (packets_of(outbox, 1) > 1) {
			/* Its packets once more, one by one: the way may be too narrow for them. */
			cuts = false;
			if (errno == EIO) /* a device without checksums, before Linux 6.11 */
				sockets->cuts = false;
		} else {
			done++; /* past the one that was not taken */
		}
	}
	outbox->count = 0;
}
