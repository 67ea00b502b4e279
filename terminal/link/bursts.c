#include "terminal/link/bursts.h"

#include <assert.h>

#define IPV4_BYTES 20

unsigned inbox_receive(struct inbox *inbox, const struct sockets *sockets, bool is_in_udp)
{
	int fd = is_in_udp ? sockets->encap : sockets->esp;
	int count;

	inbox->is_in_udp = is_in_udp;

	for (unsigned i = 0; i < BURST_PACKETS; i++) {
		inbox->vectors[i] = (struct iovec){inbox->rooms[i], BURST_ROOM_BYTES};
		inbox->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->from[i],
			.msg_namelen = sizeof(inbox->from[i]),
			.msg_iov = &inbox->vectors[i],
			.msg_iovlen = 1,
		};
	}
	/* An ICMP error of an earlier packet may come up here: it is unproved, and passed over. */
	count = recvmmsg(fd, inbox->headers, BURST_PACKETS, MSG_DONTWAIT, NULL);
	return count < 0 ? 0 : (unsigned)count;
}

enum result inbox_view(struct inbox *inbox, unsigned index, struct received *out)
{
	const struct mmsghdr *header = &inbox->headers[index];
	struct received packet = {endpoint_address(&inbox->from[index]), inbox->rooms[index],
				  header->msg_len};
	size_t front = 0;

	if (header->msg_hdr.msg_flags & MSG_TRUNC)
		return RESULT_BAD;
	if (!inbox->is_in_udp)
		packet.from.port = 0;
	/* IPv4 comes with its header. */
	if (!inbox->is_in_udp && packet.from.family == 4) {
		front = packet.len ? (size_t)(packet.at[0] & 15) * 4 : 0;
		if (front < IPV4_BYTES || front > packet.len)
			return RESULT_BAD;
	}
	packet.at += front;
	packet.len -= front;
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
	outbox->headers[i].msg_hdr = (struct msghdr){
		.msg_name = &outbox->to[i],
		.msg_namelen = endpoint_make(to, to->port, &outbox->to[i]),
		.msg_iov = &outbox->vectors[i],
		.msg_iovlen = 1,
	};
}

/* How many from there on go by the same socket. */
static unsigned run_of(const struct outbox *outbox, unsigned from)
{
	unsigned end = from + 1;

	while (end < outbox->count && outbox->is_in_udp[end] == outbox->is_in_udp[from])
		end++;
	return end - from;
}

void outbox_send(struct outbox *outbox, const struct sockets *sockets)
{
	unsigned done = 0;

	while (done < outbox->count) {
		int fd = outbox->is_in_udp[done] ? sockets->encap : sockets->esp;
		int sent = sendmmsg(fd, outbox->headers + done, run_of(outbox, done), 0);

		done += sent > 0 ? (unsigned)sent : 1; /* past the one that was not taken */
	}
	outbox->count = 0;
}
