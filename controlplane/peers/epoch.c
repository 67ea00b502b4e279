#include "controlplane/peers/epoch.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct epoch *epoch_create(uint32_t number, const struct peers_out *out)
{
	struct epoch *epoch = OPENSSL_zalloc(sizeof(*epoch));

	if (!epoch)
		return NULL;
	epoch->number = number;
	epoch->peers_out = out;
	return epoch;
}

static enum result take_one(struct epoch *epoch, struct contract_sa *sa, uint8_t direction)
{
	const struct peers_out *out = epoch->peers_out;

	sa->directions = direction;
	sa->owner_kind = CONTRACT_OWNER_PEER;
	return out->sa_take(out->ctx, &sa->index, &sa->generation);
}

enum result epoch_take_indices(struct epoch *epoch, uint32_t in_count, uint32_t out_count)
{
	for (; epoch->in_count < in_count; epoch->in_count++) {
		enum result result = take_one(epoch, &epoch->in[epoch->in_count], CONTRACT_SA_IN);

		if (result != RESULT_OK)
			return result;
	}
	for (; epoch->out_count < out_count; epoch->out_count++) {
		enum result result =
			take_one(epoch, &epoch->out[epoch->out_count], CONTRACT_SA_OUT);

		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

void epoch_forget(struct epoch *epoch)
{
	if (epoch && epoch->pending)
		epoch->is_abandoned = true; /* install_answered frees it */
	else if (epoch)
		OPENSSL_clear_free(epoch, sizeof(*epoch));
}

static void install_answered(void *arg, enum result result)
{
	struct epoch *epoch = arg;

	if (result != RESULT_OK && epoch->worst == RESULT_OK)
		epoch->worst = result;
	if (--epoch->pending)
		return;
	if (epoch->is_abandoned)
		epoch_forget(epoch);
	else
		epoch->done(epoch->done_arg, epoch->worst);
}

static void put_one(struct epoch *epoch, struct contract_sa *sa, bool is_refill)
{
	sa->is_refill = is_refill;
	epoch->peers_out->sa_put(epoch->peers_out->ctx, sa, install_answered, epoch);
}

void epoch_install(struct epoch *epoch, bool is_refill, peers_done *done, void *arg)
{
	uint32_t in_count = epoch->in_count, out_count = epoch->out_count;

	epoch->done = done;
	epoch->done_arg = arg;
	epoch->worst = RESULT_OK;
	epoch->pending = in_count + out_count + 1; /* one of ours: answers may come at once */
	for (uint32_t i = 0; i < in_count; i++)
		put_one(epoch, &epoch->in[i], is_refill);
	for (uint32_t i = 0; i < out_count; i++)
		put_one(epoch, &epoch->out[i], is_refill);
	install_answered(epoch, RESULT_OK);
}

static void give_back(const struct peers_out *out, const struct contract_sa *sa)
{
	out->sa_delete(out->ctx, sa->index, sa->generation);
	out->sa_release(out->ctx, sa->index, sa->generation);
}

void epoch_destroy(struct epoch *epoch)
{
	if (!epoch)
		return;
	for (uint32_t i = 0; i < epoch->in_count; i++)
		give_back(epoch->peers_out, &epoch->in[i]);
	for (uint32_t i = 0; i < epoch->out_count; i++)
		give_back(epoch->peers_out, &epoch->out[i]);
	epoch_forget(epoch);
}
