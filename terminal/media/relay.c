#include "terminal/media/relay.h"

#include <string.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"

/* Packets taken from one socket in one turn, so that nothing else waits for long. */
#define PACKETS_A_TURN 32

/* The kernel picks a port; half of them are odd, and some have a neighbour. */
#define PORT_TRIES 64

static void close_pair(int fds[RELAY_PORTS])
{
	for (unsigned i = 0; i < RELAY_PORTS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int bind_at(const struct sip_address *address, uint16_t port, uint16_t *bound)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(address, port, &endpoint);
	int fd = socket(address->family == 4 ? AF_INET : AF_INET6,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, &endpoint.any, len) == 0 && getsockname(fd, &endpoint.any, &len) == 0) {
		*bound = endpoint_address(&endpoint).port;
		return fd;
	}
	close(fd);
	return -1;
}

/* An even port and the odd one after it; own gets the even one. */
static bool open_pair(struct sip_address *own, int fds[RELAY_PORTS])
{
	for (unsigned i = 0; i < PORT_TRIES; i++) {
		uint16_t even, odd;

		fds[0] = bind_at(own, 0, &even);
		if (fds[0] < 0)
			break;
		fds[1] = even % 2 == 0 ? bind_at(own, (uint16_t)(even + 1), &odd) : -1;
		if (fds[1] >= 0) {
			own->port = even;
			return true;
		}
		close_pair(fds);
	}
	fds[0] = fds[1] = -1;
	return false;
}

static void stream_end(struct relay_stream *stream)
{
	close_pair(stream->outer);
	close_pair(stream->inner);
	*stream = (struct relay_stream){.outer = {-1, -1}, .inner = {-1, -1}};
}

static struct relay_stream *stream_find(struct relay *relay, unsigned call, unsigned medium)
{
	for (unsigned i = 0; i < RELAY_STREAMS; i++) {
		struct relay_stream *stream = &relay->streams[i];

		if (stream->is_used && stream->call == call && stream->medium == medium)
			return stream;
	}
	return NULL;
}

/* The stream of a medium, made on first use. outer_family is what the other side reads. */
static struct relay_stream *stream_get(struct relay *relay, unsigned call, unsigned medium,
				       unsigned outer_family, unsigned inner_family)
{
	struct relay_stream *stream = stream_find(relay, call, medium);

	if (stream)
		return stream;
	for (unsigned i = 0; i < RELAY_STREAMS && !stream; i++)
		if (!relay->streams[i].is_used)
			stream = &relay->streams[i];
	if (!stream || !relay->outside(relay->context, call, outer_family, &stream->outer_own))
		return NULL;
	stream->inner_own = inner_family == 4
				    ? (struct sip_address){.family = 4, .bytes = {127, 0, 0, 1}}
				    : (struct sip_address){.family = 6, .bytes = {[15] = 1}};
	stream->outer_own.port = 0;
	if (!open_pair(&stream->outer_own, stream->outer) ||
	    !open_pair(&stream->inner_own, stream->inner)) {
		stream_end(stream);
		return NULL;
	}
	stream->is_used = true;
	stream->call = call;
	stream->medium = medium;
	return stream;
}

/* Where the medium goes from now on; what is held or refused goes nowhere. */
static void aim(struct sip_address *target, const struct description_medium *medium)
{
	*target = medium->address;
	if (medium->is_held || medium->address.port == 0)
		target->family = 0;
}

/* The family of the address that the other side reads: its own, if that is known already. */
static unsigned outer_family(struct relay *relay, unsigned call,
			     const struct description_medium *medium)
{
	for (unsigned i = 0; i < DESCRIPTION_MEDIA; i++) {
		const struct relay_stream *stream = stream_find(relay, call, i);

		if (stream)
			return stream->outer_own.family;
	}
	return medium->address.family;
}

static bool is_astray(void *context, unsigned call)
{
	struct relay *relay = context;
	bool is_any = false;

	for (unsigned i = 0; i < RELAY_STREAMS; i++) {
		struct relay_stream *stream = &relay->streams[i];
		struct sip_address own;

		if (!stream->is_used || stream->call != call ||
		    !relay->outside(relay->context, call, stream->outer_own.family, &own) ||
		    sip_address_is_same_host(&own, &stream->outer_own))
			continue;
		own.port = 0;
		close_pair(stream->outer);
		/* Without ports there the medium stands still, as it did before. */
		if (!open_pair(&own, stream->outer))
			continue;
		stream->outer_own = own;
		stream->moves++;
		is_any = true;
	}
	return is_any;
}

static bool carry(void *context, unsigned call, enum ua_way way, unsigned family, struct slice sdp,
		  struct writer *out)
{
	struct relay *relay = context;
	struct sip_address media[DESCRIPTION_MEDIA] = {0};
	struct description was;
	unsigned moves = 0;

	if (description_read(sdp, &was) != RESULT_OK || was.count == 0)
		return false;
	for (unsigned i = 0; i < was.count; i++) {
		struct relay_stream *stream = stream_get(
			relay, call, i, outer_family(relay, call, &was.media[i]), family);

		if (!stream)
			return false;
		aim(way == UA_OUTWARD ? &stream->phone : &stream->remote, &was.media[i]);
		media[i] = way == UA_OUTWARD ? stream->outer_own : stream->inner_own;
		moves = stream->moves > moves ? stream->moves : moves;
	}
	description_write(sdp, &was, media, way == UA_OUTWARD ? moves : 0, out);
	return !out->is_full;
}

static void ended(void *context, unsigned call)
{
	struct relay *relay = context;

	for (unsigned i = 0; i < RELAY_STREAMS; i++)
		if (relay->streams[i].is_used && relay->streams[i].call == call)
			stream_end(&relay->streams[i]);
}

void relay_init(struct relay *relay)
{
	*relay = (struct relay){.media = {relay, carry, is_astray, ended}};
	for (unsigned i = 0; i < RELAY_STREAMS; i++)
		relay->streams[i] = (struct relay_stream){.outer = {-1, -1}, .inner = {-1, -1}};
}

void relay_close(struct relay *relay)
{
	for (unsigned i = 0; i < RELAY_STREAMS; i++)
		stream_end(&relay->streams[i]);
}

unsigned relay_poll_fill(const struct relay *relay, struct pollfd *fds)
{
	unsigned count = 0;

	for (unsigned i = 0; i < RELAY_STREAMS; i++) {
		for (unsigned k = 0; k < RELAY_PORTS; k++) {
			const struct relay_stream *stream = &relay->streams[i];

			fds[count++] = (struct pollfd){.fd = stream->outer[k], .events = POLLIN};
			fds[count++] = (struct pollfd){.fd = stream->inner[k], .events = POLLIN};
		}
	}
	return count;
}

static bool send_to(int fd, const struct sip_address *to, unsigned k, const void *packet,
		    size_t len)
{
	union endpoint endpoint;
	socklen_t endpoint_len;

	if (to->family == 0)
		return false;
	endpoint_len = endpoint_make(to, (uint16_t)(to->port + k), &endpoint);
	return sendto(fd, packet, len, 0, &endpoint.any, endpoint_len) == (ssize_t)len;
}

/* From the other side to the client: only what comes from where its description says. */
static void pass_in(struct relay_stream *stream, unsigned k, const struct sip_address *from,
		    const void *packet, size_t len)
{
	if (!sip_address_is_same_host(from, &stream->remote))
		stream->strangers++;
	else
		stream->received += send_to(stream->inner[k], &stream->phone, k, packet, len);
}

/* From the client to the other side; only this machine reaches the loopback. */
static void pass_out(struct relay_stream *stream, unsigned k, const void *packet, size_t len)
{
	stream->sent += send_to(stream->outer[k], &stream->remote, k, packet, len);
}

static void pass(struct relay_stream *stream, unsigned k, bool is_in)
{
	char packet[RELAY_PACKET_BYTES];

	for (unsigned i = 0; i < PACKETS_A_TURN; i++) {
		union endpoint endpoint;
		socklen_t len = sizeof(endpoint);
		ssize_t got = recvfrom(is_in ? stream->outer[k] : stream->inner[k], packet,
				       sizeof(packet), MSG_TRUNC, &endpoint.any, &len);
		struct sip_address from;

		if (got < 0)
			return;
		if ((size_t)got > sizeof(packet))
			continue;
		from = endpoint_address(&endpoint);
		if (is_in)
			pass_in(stream, k, &from, packet, (size_t)got);
		else
			pass_out(stream, k, packet, (size_t)got);
	}
}

void relay_poll_done(struct relay *relay, const struct pollfd *fds)
{
	for (unsigned i = 0; i < RELAY_STREAMS; i++) {
		struct relay_stream *stream = &relay->streams[i];

		for (unsigned k = 0; k < RELAY_PORTS; k++, fds += 2) {
			if (stream->is_used && fds[0].fd == stream->outer[k] && fds[0].revents)
				pass(stream, k, true);
			if (stream->is_used && fds[1].fd == stream->inner[k] && fds[1].revents)
				pass(stream, k, false);
		}
	}
}

void relay_count(const struct relay *relay, unsigned call, uint64_t *sent, uint64_t *received)
{
	*sent = *received = 0;
	for (unsigned i = 0; i < RELAY_STREAMS; i++) {
		if (relay->streams[i].is_used && relay->streams[i].call == call) {
			*sent += relay->streams[i].sent;
			*received += relay->streams[i].received;
		}
	}
}
