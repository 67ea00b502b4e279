/* Keys agreed over a link, epoch after epoch: offered, answered, installed, used. */
#include <string.h>

#include "controlplane/peers/link_state.h"
#include "controlplane/peers/peer_world.h"

#define WANTED_EVERY_S 2 /* a side that asks for keys more often is not heard */

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
bool link_want_received(struct link *link)
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
bool link_epoch_key(struct link *link, const struct peer_message *other)
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

void link_epoch_use(struct link *link)
{
	struct epoch *epoch = link->pending;

	link->pending = NULL;
	link->events.use(link->events.ctx, link, epoch);
}

void link_epoch_installed(void *arg, enum result result)
{
	struct link *link = arg;
	struct peer_message ready = {.type = PEER_READY, .epoch = link->epoch_number};

	if (result != RESULT_OK) {
		link_close(link, "the data plane refused the new SAs");
		return;
	}
	link->is_installed = true;
	if (link->is_opener) {
		link_epoch_use(link);
		if (!link_send(link, &ready))
			link_close(link, "the other side does not read");
	}
}

/* The answerer's part: key, say what the opener needs, install; the opener's READY follows. */
bool link_offer_received(struct link *link, const struct peer_message *offer)
{
	if (offer->suite != link->config.suite)
		link->refusal = "it offers another suite than is configured for it";
	if (link->is_opener || link->pending || offer->epoch <= link->epoch_number ||
	    offer->suite != link->config.suite || !epoch_begin(link, offer->epoch, offer->suite))
		return false;
	return link_epoch_key(link, offer);
}

void link_answer_installed(void *arg, enum result result)
{
	struct link *link = arg;

	if (result != RESULT_OK || !keying_message_send(link, PEER_ANSWER)) {
		link_close(link, "the data plane refused the new SAs");
		return;
	}
	link->is_installed = true;
}
