#include "controlplane/peers/link.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/peers/frame.h"
#include "controlplane/peers/keying.h"
#include "controlplane/peers/peer_message.h"
#include "controlplane/peers/peer_world.h"
#include "controlplane/peers/tls_fault.h"

#define HELLO_WITHIN_S 10 /* TLS handshake and hello, or nobody is there */
#define PING_EVERY_S   5
#define SILENT_FOR_S   15
#define WANTED_EVERY_S 2 /* a side that asks for keys more often is not heard */
#define OUTPUT_MAX     (4 * FRAME_BYTES_MAX) /* a side that does not read is cut off */

struct link {
	struct link_config config;
	struct link_events events;
	struct bufferevent *bev;
	struct event *ping;
	void *peer;
	bool is_opener, is_up, is_closing;
	uint32_t other_workers;
	uint32_t epoch_number; /* the last one offered */
	uint8_t own_hash[TLS_HASH_BYTES], other_hash[TLS_HASH_BYTES];
	struct keying keying;
	struct epoch *pending; /* being agreed or installed */
	bool is_installed;     /* pending stands in our data plane */
	uint64_t offered_s;    /* when the last offer was made */
	const char *refusal; /* why the other side's hello was not taken; NULL: no more is known */
};

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

static bool link_send(struct link *link, const struct peer_message *message)
{
	struct evbuffer *output = bufferevent_get_output(link->bev);
	size_t length = 0;
	char *text = peer_message_encode(message, &length);
	bool is_sent = text && evbuffer_get_length(output) < OUTPUT_MAX &&
		       frame_add(output, text, length) == RESULT_OK;

	free(text);
	return is_sent;
}

static bool keying_message_send(struct link *link, enum peer_message_type type)
{
	const struct epoch *epoch = link->pending;
	struct peer_message message = {
		.type = type, .epoch = epoch->number, .suite = link->keying.suite};

	memcpy(message.share, link->keying.share, PEER_SHARE_BYTES);
	memcpy(message.nonce, link->keying.nonce, PEER_NONCE_BYTES);
	message.spi_count = epoch->in_count;
	for (uint32_t i = 0; i < epoch->in_count; i++)
		message.spi[i] = (uint32_t)epoch->in[i].generation << 24 | epoch->in[i].index;
	return link_send(link, &message);
}

/* A share, a nonce and SA indices of ours for a new epoch. */
static bool epoch_begin(struct link *link, uint32_t number, uint8_t suite)
{
	link->epoch_number = number;
	link->is_installed = false;
	link->pending = epoch_create(number, link->config.out);
	return link->pending && keying_start(number, suite, &link->keying) == RESULT_OK &&
	       epoch_take_indices(link->pending, link->other_workers, link->config.workers) ==
		       RESULT_OK;
}

void link_rekey(struct link *link)
{
	if (!link->is_up || !link->is_opener || link->pending)
		return;
	if (!epoch_begin(link, link->epoch_number + 1, link->config.suite) ||
	    !keying_message_send(link, PEER_OFFER))
		link_close(link, "could not offer new keys");
	else
		link->offered_s = peer_now_s();
}

void link_renew(struct link *link)
{
	static const struct peer_message want = {.type = PEER_WANT};

	if (link->is_opener)
		link_rekey(link);
	else if (link->is_up && !link->pending && !link_send(link, &want))
		link_close(link, "the other side does not read");
}

/* The other side wants fresh keys. */
static bool want_received(struct link *link)
{
	if (!link->is_opener || link->pending || link->offered_s + WANTED_EVERY_S > peer_now_s())
		return true;
	if (!epoch_begin(link, link->epoch_number + 1, link->config.suite) ||
	    !keying_message_send(link, PEER_OFFER))
		return false;
	link->offered_s = peer_now_s();
	return true;
}

/* Keys of every SA of the pending epoch, from what both sides have now said. */
static bool epoch_key(struct link *link, const struct peer_message *other)
{
	struct epoch *epoch = link->pending;
	bool is_good =
		other->spi_count == epoch->out_count &&
		keying_agree(&link->keying, link_ssl(link), other, link->is_opener) == RESULT_OK;

	for (uint32_t i = 0; is_good && i < epoch->in_count; i++) {
		struct contract_sa *sa = &epoch->in[i];
		uint32_t spi = (uint32_t)sa->generation << 24 | sa->index;

		sa->suite = link->keying.suite;
		sa->worker = (uint8_t)(i % link->config.workers);
		is_good = keying_sa_key(&link->keying, link->other_hash, link->own_hash, (uint8_t)i,
					spi, sa->key_in) == RESULT_OK;
	}
	for (uint32_t i = 0; is_good && i < epoch->out_count; i++) {
		struct contract_sa *sa = &epoch->out[i];

		sa->suite = link->keying.suite;
		sa->worker = (uint8_t)i;
		sa->spi_out = other->spi[i];
		is_good = keying_sa_key(&link->keying, link->own_hash, link->other_hash, (uint8_t)i,
					sa->spi_out, sa->key_out) == RESULT_OK;
	}
	epoch->has_keys = is_good;
	keying_wipe(&link->keying);
	return is_good && link->events.dress(link->events.ctx, link, epoch) == RESULT_OK;
}

static void epoch_use(struct link *link)
{
	struct epoch *epoch = link->pending;

	link->pending = NULL;
	link->events.use(link->events.ctx, link, epoch);
}

static void epoch_installed(void *arg, enum result result)
{
	struct link *link = arg;
	struct peer_message ready = {.type = PEER_READY, .epoch = link->epoch_number};

	if (result != RESULT_OK) {
		link_close(link, "the data plane refused the new SAs");
		return;
	}
	link->is_installed = true;
	if (link->is_opener) {
		epoch_use(link);
		if (!link_send(link, &ready))
			link_close(link, "the other side does not read");
	}
}

/* The answerer's part: key, say what the opener needs, install; the opener's READY follows. */
static bool offer_received(struct link *link, const struct peer_message *offer)
{
	if (offer->suite != link->config.suite)
		link->refusal = "it offers another suite than is configured for it";
	if (link->is_opener || link->pending || offer->epoch <= link->epoch_number ||
	    offer->suite != link->config.suite || !epoch_begin(link, offer->epoch, offer->suite))
		return false;
	return epoch_key(link, offer);
}

static void answer_installed(void *arg, enum result result)
{
	struct link *link = arg;

	if (result != RESULT_OK || !keying_message_send(link, PEER_ANSWER)) {
		link_close(link, "the data plane refused the new SAs");
		return;
	}
	link->is_installed = true;
}

static bool hello_received(struct link *link, const struct peer_message *hello)
{
	const X509 *other = SSL_get0_peer_certificate(link_ssl(link));

	if (link->is_up || tls_certificate_hash(other, link->other_hash) != RESULT_OK)
		return false;
	/* Keys are told apart by whose certificate sends: with one for both, directions may meet.
	 */
	if (memcmp(link->own_hash, link->other_hash, TLS_HASH_BYTES) == 0) {
		link->refusal = "it has our own certificate: each gateway needs one of its own";
		return false;
	}
	if (!link->events.accept(link->events.ctx, link, hello->domain, &link->refusal))
		return false;
	link->refusal = NULL;
	link->other_workers = hello->workers;
	link->is_up = true;
	struct timeval silent = {SILENT_FOR_S, 0}, every = {PING_EVERY_S, 0};

	bufferevent_set_timeouts(link->bev, &silent, &silent);
	event_add(link->ping, &every);
	return true;
}

/* Act on one message; false: it has no place here. Must not be followed by a use of link if it
 * closed itself, so closing is left to link_read but for the installs, which answer later. */
static bool message_take(struct link *link, const struct peer_message *message)
{
	static const struct peer_message pong = {.type = PEER_PONG};

	if (message->type == PEER_HELLO)
		return hello_received(link, message);
	if (!link->is_up)
		return false;
	switch (message->type) {
	case PEER_OFFER:
		return offer_received(link, message);
	case PEER_ANSWER:
		return link->is_opener && link->pending && !link->pending->has_keys &&
		       message->epoch == link->epoch_number && epoch_key(link, message);
	case PEER_READY:
		if (link->is_opener || !link->is_installed || !link->pending ||
		    message->epoch != link->epoch_number)
			return false;
		epoch_use(link);
		return true;
	case PEER_WANT:
		return want_received(link);
	case PEER_PING:
		return link_send(link, &pong);
	case PEER_PONG:
		return true;
	case PEER_HELLO:
		break;
	}
	return false;
}

static void link_read(struct bufferevent *bev, void *arg)
{
	struct link *link = arg;
	struct evbuffer *input = bufferevent_get_input(bev);
	const char *at;
	size_t length;
	enum result result;

	while ((result = frame_view(input, &at, &length)) == RESULT_OK) {
		struct peer_message message;

		if (peer_message_decode(at, length, &message) != RESULT_OK ||
		    !message_take(link, &message)) {
			link_close(link, link->refusal ? link->refusal
						       : "it said what has no place here");
			return;
		}
		frame_drop(input, length);
		/* Installing may end in closing the link at once: nothing of it is touched after,
		 * and what else has arrived is read by the next call. */
		if (message.type == PEER_OFFER || message.type == PEER_ANSWER) {
			bufferevent_trigger(bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
			epoch_install(link->pending, false,
				      link->is_opener ? epoch_installed : answer_installed, link);
			return;
		}
		if (message.type == PEER_HELLO)
			link_rekey(link);
	}
	if (result != RESULT_MORE)
		link_close(link, "it sent a frame of no legal length");
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
		link_close(link, link->is_up ? "it fell silent" : "no TLS handshake in time");
	else if (what & BEV_EVENT_EOF)
		link_close(link, "it closed the connection");
	else
		link_close(link, fault);
}

static void ping_send(evutil_socket_t fd, short what, void *arg)
{
	static const struct peer_message ping = {.type = PEER_PING};

	(void)fd, (void)what;
	if (!link_send(arg, &ping))
		link_close(arg, "the other side does not read");
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
	link->ping = event_new(base, -1, EV_PERSIST, ping_send, link);
	struct timeval hello = {HELLO_WITHIN_S, 0};

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
