#include "controlplane/peers/link_state.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/peers/frame.h"
#include "controlplane/peers/peer_world.h"
#include "controlplane/peers/tls_fault.h"

#define HELLO_WITHIN_S 10 /* TLS handshake and hello, or nobody is there */
#define HANDSHAKE_LATE "no TLS handshake in time"
#define OUTPUT_MAX     (4 * FRAME_BYTES_MAX) /* a side that does not read is cut off */

static void link_free(struct link *link)
{
	epoch_destroy(link->pending);
	keying_wipe(&link->keying);
	if (link->ping)
		event_free(link->ping);
	if (link->bev)
		bufferevent_free(link->bev);
	free(link);
}

void link_close(struct link *link, const char *reason)
{
	if (link->is_closing)
		return;
	link->is_closing = true;
	link->events.closed(link->events.ctx, link, reason);
	link_free(link);
}

bool link_send(struct link *link, const struct peer_message *message)
{
	struct evbuffer *output = bufferevent_get_output(link->bev);
	size_t length = 0;
	char *text = peer_message_encode(message, &length);
	bool is_sent = text && evbuffer_get_length(output) < OUTPUT_MAX &&
		       frame_add(output, text, length) == RESULT_OK;

	free(text);
	return is_sent;
}

static void link_greet(struct link *link)
{
	struct peer_message hello = {.type = PEER_HELLO,
				     .gateway = link->config.gateway_id,
				     .workers = link->config.workers};
	const X509 *own = SSL_get_certificate(link_ssl(link));

	snprintf(hello.domain, sizeof(hello.domain), "%s", link->config.domain);
	if (tls_certificate_hash(own, link->own_hash) != RESULT_OK || !link_send(link, &hello))
		link_close(link, "could not say hello");
}

/* TLS stands, but what is spoken over it is something else. */
static void link_hand_over(struct link *link)
{
	struct bufferevent *bev = link->bev;

	if (link->is_opener) {
		link_close(link, "it does not speak sekisho/1");
		return;
	}
	link->is_closing = true;
	link->bev = NULL;
	bufferevent_disable(bev, EV_READ | EV_WRITE);
	bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
	bufferevent_set_timeouts(bev, NULL, NULL);
	link->events.other_kind(link->events.ctx, link, bev);
	link_free(link);
}

static void link_event(struct bufferevent *bev, short what, void *arg)
{
	struct link *link = arg;
	char fault[TLS_FAULT_BYTES];

	if (what & BEV_EVENT_ERROR)
		tls_fault_tell(bev, link->is_up, fault);
	if (what & BEV_EVENT_CONNECTED && tls_speaks_sekisho(link_ssl(link)))
		link_greet(link);
	else if (what & BEV_EVENT_CONNECTED)
		link_hand_over(link);
	else if (what & BEV_EVENT_TIMEOUT)
		link_close(link, link->is_up ? "it fell silent" : HANDSHAKE_LATE);
	else if (what & BEV_EVENT_EOF)
		link_close(link, "it closed the connection");
	else
		link_close(link, fault);
}

static void time_passed(evutil_socket_t fd, short what, void *arg)
{
	static const struct peer_message ping = {.type = PEER_PING};
	struct link *link = arg;

	(void)fd, (void)what;
	if (!link->is_up) /* however busily bytes of it drop in */
		link_close(link, HANDSHAKE_LATE);
	else if (!link_send(link, &ping))
		link_close(link, "the other side does not read");
}

struct link *link_create(struct event_base *base, SSL_CTX *context, int fd, bool is_opener,
			 const struct link_config *config, const struct link_events *events)
{
	struct link *link = calloc(1, sizeof(*link));
	SSL *ssl = link ? SSL_new(context) : NULL;

	if (ssl)
		link->bev = bufferevent_openssl_socket_new(
			base, fd, ssl,
			is_opener ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING,
			BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!ssl || !link->bev) {
		SSL_free(ssl);
		free(link);
		close(fd);
		return NULL;
	}
	link->config = *config;
	link->events = *events;
	link->is_opener = is_opener;
	link->ping = event_new(base, -1, EV_PERSIST, time_passed, link);
	struct timeval hello = {HELLO_WITHIN_S, 0};

	if (!link->ping || event_add(link->ping, &hello) != 0) {
		link_free(link);
		return NULL;
	}
	bufferevent_setcb(link->bev, link_read, NULL, link_event, link);
	bufferevent_set_timeouts(link->bev, &hello, &hello);
	bufferevent_setwatermark(link->bev, EV_READ, 0, FRAME_BYTES_MAX + 4);
	bufferevent_enable(link->bev, EV_READ | EV_WRITE);
	return link;
}

bool link_is_opener(const struct link *link)
{
	return link->is_opener;
}

bool link_is_up(const struct link *link)
{
	return link->is_up;
}

SSL *link_ssl(struct link *link)
{
	return bufferevent_openssl_get_ssl(link->bev);
}

const uint8_t *link_own_hash(const struct link *link)
{
	return link->own_hash;
}

const uint8_t *link_other_hash(const struct link *link)
{
	return link->other_hash;
}

void link_set_suite(struct link *link, uint8_t suite)
{
	link->config.suite = suite;
}

void link_set_peer(struct link *link, void *peer)
{
	link->peer = peer;
}

void *link_peer(const struct link *link)
{
	return link->peer;
}
