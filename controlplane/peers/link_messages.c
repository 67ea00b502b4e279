/* What the other side of a link says, one message after another. */
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <string.h>

#include "controlplane/peers/frame.h"
#include "controlplane/peers/link_state.h"

#define PING_EVERY_S 5
#define SILENT_FOR_S 15

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
		return link_offer_received(link, message);
	case PEER_ANSWER:
		return link->is_opener && link->pending && !link->pending->has_keys &&
		       message->epoch == link->epoch_number && link_epoch_key(link, message);
	case PEER_READY:
		if (link->is_opener || !link->is_installed || !link->pending ||
		    message->epoch != link->epoch_number)
			return false;
		link_epoch_use(link);
		return true;
	case PEER_WANT:
		return link_want_received(link);
	case PEER_PING:
		return link_send(link, &pong);
	case PEER_PONG:
		return true;
	case PEER_HELLO:
		break;
	}
	return false;
}

void link_read(struct bufferevent *bev, void *arg)
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
				      link->is_opener ? link_epoch_installed
						      : link_answer_installed,
				      link);
			return;
		}
		if (message.type == PEER_HELLO)
			link_rekey(link);
	}
	if (result != RESULT_MORE)
		link_close(link, "it sent a frame of no legal length");
}
