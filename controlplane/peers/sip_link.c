#include "controlplane/peers/sip_link.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/tls_fault.h"
#include "shared/clock.h"
#include "shared/sip/stream.h"

#define HANDSHAKE_WITHIN_S 10
#define PING_EVERY_S	   1
#define ANSWER_WITHIN_S	   4	 /* of one that has answered a ping before */
#define UNACKED_MS	   5000 /* the host or the way to it is gone (RFC 5482) */
#define STUCK_S		   10	 /* takes nothing of what is to be sent */
#define OUTPUT_MAX	   (64 * LIMIT_SIP_MESSAGE_BYTES)

struct sip_link {
	struct sip_link_events events;
	struct bufferevent *bev;
	struct event *ping;
	bool is_up, is_closing;
	bool is_answering; /* pings are answered: from then on they must be */
	time_t heard_s;
	struct stream stream;
};

static time_t now_s(void)
{
	return (time_t)(clock_steady_ms() / 1000);
}

static void link_free(struct sip_link *link)
{
	if (link->ping)
		event_free(link->ping);
	bufferevent_free(link->bev);
	free(link);
}

void sip_link_close(struct sip_link *link, const char *reason)
{
	if (link->is_closing)
		return;
	link->is_closing = true;
	link->events.closed(link->events.ctx, link, reason);
	link_free(link);
}

enum result sip_link_send(struct sip_link *link, struct slice message)
{
	struct evbuffer *output = bufferevent_get_output(link->bev);

	if (evbuffer_get_length(output) + message.len > OUTPUT_MAX)
		return RESULT_SPACE;
	return evbuffer_add(output, message.at, message.len) == 0 ? RESULT_OK : RESULT_MEMORY;
}

/* Everything whole that has come; false: nothing that follows can be understood. */
static bool messages_take(struct sip_link *link)
{
	static const char pong[] = "\r\n";
	struct stream *stream = &link->stream;
	struct slice message;

	for (;;) {
		switch (stream_next(stream, &message)) {
		case STREAM_MESSAGE:
			link->events.received(link->events.ctx, link, message);
			stream_skip(stream, message.len);
			break;
		case STREAM_PING:
			if (sip_link_send(link, slice_make(pong, 2)) != RESULT_OK)
				return false;
			break;
		case STREAM_MORE:
			return true;
		case STREAM_BAD:
			return false;
		}
	}
}

static void link_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);
	struct sip_link *link = arg;
	struct stream *stream = &link->stream;

	link->heard_s = now_s();
	while (evbuffer_get_length(input) > 0) {
		int got = evbuffer_remove(input, stream->bytes + stream->len,
					  sizeof(stream->bytes) - stream->len);

		if (got == 2 && stream->len == 0 && memcmp(stream->bytes, "\r\n", 2) == 0)
			link->is_answering = true;
		stream->len += got > 0 ? (size_t)got : 0;
		if (got <= 0 || !messages_take(link)) {
			sip_link_close(link, "it sent what is no SIP, has no Content-Length, or is "
					     "longer than may be");
			return;
		}
	}
}

static void ping_due(evutil_socket_t fd, short what, void *arg)
{
	static const char ping[] = "\r\n\r\n";
	struct sip_link *link = arg;

	(void)fd, (void)what;
	if (link->is_answering && now_s() - link->heard_s > ANSWER_WITHIN_S)
		sip_link_close(link, "it fell silent");
	else if (sip_link_send(link, slice_make(ping, 4)) != RESULT_OK)
		sip_link_close(link, "the other side does not read");
}

/* The handshake is done, whoever began it. */
static void link_begin(struct sip_link *link)
{
	struct timeval every = {PING_EVERY_S, 0}, stuck = {STUCK_S, 0};
	int fd = bufferevent_getfd(link->bev), one = 1;
	unsigned unacked_ms = UNACKED_MS;

	/* A connection that has ended meanwhile will say so. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof(unacked_ms));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	link->heard_s = now_s();
	bufferevent_set_timeouts(link->bev, NULL, &stuck);
	event_add(link->ping, &every);
}

static void link_event(struct bufferevent *bev, short what, void *arg)
{
	struct sip_link *link = arg;
	char fault[TLS_FAULT_BYTES];
	const char *why;

	if (what & BEV_EVENT_CONNECTED) {
		link->is_up = true;
		if (link->events.opened(link->events.ctx, link, &why))
			link_begin(link);
		else
			sip_link_close(link, why);
	} else if (what & BEV_EVENT_TIMEOUT) {
		sip_link_close(link, what & BEV_EVENT_READING ? "no TLS handshake in time"
							      : "the other side does not read");
	} else if (what & BEV_EVENT_EOF) {
		sip_link_close(link, "it closed the connection");
	} else {
		tls_fault_tell(bev, link->is_up, fault);
		sip_link_close(link, fault);
	}
}

static struct sip_link *link_make(struct bufferevent *bev, const struct sip_link_events *events)
{
	struct sip_link *link = calloc(1, sizeof(*link));

	if (link)
		link->ping = event_new(bufferevent_get_base(bev), -1, EV_PERSIST, ping_due, link);
	if (!link || !link->ping) {
		free(link);
		bufferevent_free(bev);
		return NULL;
	}
	link->bev = bev;
	link->events = *events;
	bufferevent_setcb(bev, link_read, NULL, link_event, link);
	bufferevent_setwatermark(bev, EV_READ, 0, LIMIT_SIP_MESSAGE_BYTES);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	return link;
}

struct sip_link *sip_link_open(struct event_base *base, SSL_CTX *context, int fd,
			       const struct sip_link_events *events)
{
	struct timeval handshake = {HANDSHAKE_WITHIN_S, 0};
	struct bufferevent *bev = NULL;
	struct sip_link *link;
	SSL *ssl = SSL_new(context);

	/* ALPN is for gateways of our own kind; others may refuse a name they do not know. */
	if (ssl && SSL_set_alpn_protos(ssl, NULL, 0) == 0)
		bev = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_CONNECTING,
						     BEV_OPT_CLOSE_ON_FREE |
							     BEV_OPT_DEFER_CALLBACKS);
	if (!bev) {
		SSL_free(ssl);
		close(fd);
		return NULL;
	}
	link = link_make(bev, events);
	if (link)
		bufferevent_set_timeouts(bev, &handshake, &handshake);
	return link;
}

struct sip_link *sip_link_take(struct bufferevent *bev, const struct sip_link_events *events)
{
	struct sip_link *link = link_make(bev, events);

	if (!link)
		return NULL;
	link->is_up = true;
	link_begin(link);
	bufferevent_trigger(bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	return link;
}

SSL *sip_link_ssl(const struct sip_link *link)
{
	return bufferevent_openssl_get_ssl(link->bev);
}

bool sip_link_ends(const struct sip_link *link, struct contract_address *own,
		   struct contract_address *other)
{
	return dial_ends(bufferevent_getfd(link->bev), own, other);
}
