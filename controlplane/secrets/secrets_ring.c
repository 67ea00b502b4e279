/* A key is made when it is time, used once siblings have it, verified for an overlap, forgotten. */
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "controlplane/secrets/secrets_state.h"

void key_ring_note_newest(struct key_ring *ring, uint8_t id)
{
	if (ring->newest == 0 || !ring->has[ring->newest] ||
	    ring->key[id].active_from_s >= ring->key[ring->newest].active_from_s)
		ring->newest = id;
}

static uint8_t id_find_free(const struct key_ring *ring)
{
	for (unsigned i = 1; i < SECRETS_KEY_IDS; i++) {
		unsigned id = (ring->newest + i) % SECRETS_KEY_IDS;

		if (id != 0 && !ring->has[id])
			return (uint8_t)id;
	}
	return 0;
}

/* The ones before the new key are to be forgotten in an overlap's time. */
static enum result old_keys_expire(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	enum result result = RESULT_OK;

	for (unsigned id = 1; id < SECRETS_KEY_IDS && result == RESULT_OK; id++) {
		if (!ring->has[id] || id == ring->newest || ring->key[id].expires_s != 0)
			continue;
		ring->key[id].expires_s = now_s + ring->overlap_s;
		result = secrets_rest(secrets, &ring->key[id]);
		if (result == RESULT_OK)
			secrets_push(secrets, &ring->key[id], CONTRACT_KEY_PUT);
		else
			ring->key[id].expires_s = 0;
	}
	return result;
}

enum result key_ring_rotate(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	uint8_t id = id_find_free(ring);
	/* Siblings must have it before it is used; the first one has nobody to wait for. */
	struct contract_key key = {
		.purpose = (uint8_t)ring->purpose,
		.id = id,
		.active_from_s = now_s + (ring->newest == 0 ? 0 : secrets->settings.activation_s)};
	enum result result = RESULT_OK;

	if (id == 0)
		return RESULT_EXISTS;
	if (RAND_bytes(key.key, sizeof(key.key)) != 1)
		result = RESULT_IO;
	/* It rests before it is used: what it has signed must verify after a restart. */
	if (result == RESULT_OK)
		result = secrets_rest(secrets, &key);
	if (result == RESULT_OK) {
		ring->key[id] = key;
		ring->has[id] = true;
		ring->newest = id;
		secrets_push(secrets, &key, CONTRACT_KEY_PUT);
		result = old_keys_expire(secrets, ring, now_s);
	}
	OPENSSL_cleanse(&key, sizeof(key));
	return result;
}

static enum result ring_forget(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	enum result result = RESULT_OK;

	for (unsigned id = 1; id < SECRETS_KEY_IDS && result == RESULT_OK; id++) {
		if (!ring->has[id] || ring->key[id].expires_s == 0 ||
		    ring->key[id].expires_s > now_s)
			continue;
		result = store_key_delete(secrets->settings.store, (uint8_t)ring->purpose,
					  (uint8_t)id);
		if (result == RESULT_NOT_FOUND)
			result = RESULT_OK;
		if (result != RESULT_OK)
			break;
		secrets_push(secrets, &ring->key[id], CONTRACT_KEY_DELETE);
		OPENSSL_cleanse(&ring->key[id], sizeof(ring->key[id]));
		ring->has[id] = false;
	}
	return result;
}

enum result key_ring_tick(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	const struct contract_key *newest = &ring->key[ring->newest];
	enum result result = ring_forget(secrets, ring, now_s);

	if (result == RESULT_OK &&
	    (ring->newest == 0 || now_s >= newest->active_from_s + ring->rotate_s))
		result = key_ring_rotate(secrets, ring, now_s);
	/* Again, in case the store could not be written when the newest key was made. */
	if (result == RESULT_OK)
		result = old_keys_expire(secrets, ring, now_s);
	return result;
}

bool key_ring_is_due(const struct key_ring *ring, uint64_t now_s)
{
	if (ring->newest == 0 || now_s >= ring->key[ring->newest].active_from_s + ring->rotate_s)
		return true;
	for (unsigned id = 1; id < SECRETS_KEY_IDS; id++) {
		const struct contract_key *key = &ring->key[id];

		if (ring->has[id] && id != ring->newest &&
		    (key->expires_s == 0 || key->expires_s <= now_s))
			return true;
	}
	return false;
}
