/* The keys that rest in the store, which a sibling may have changed, are those in use. */
#include <openssl/crypto.h>
#include <stdlib.h>

#include "controlplane/secrets/secrets_state.h"

static struct key_ring *ring_of(struct secrets *secrets, uint8_t purpose)
{
	return purpose == CONTRACT_KEY_SK      ? &secrets->sk
	       : purpose == CONTRACT_KEY_TOKEN ? &secrets->token
					       : NULL;
}

static bool key_load(void *ctx, const struct store_key *sealed)
{
	struct secrets *secrets = ctx;
	struct key_ring *ring = ring_of(secrets, sealed->purpose);
	struct contract_key plain;

	secrets->load_result = vault_unseal(&secrets->vault, sealed, &plain);
	if (secrets->load_result != RESULT_OK)
		return false;
	if (sealed->purpose == CONTRACT_KEY_PERSISTENT && sealed->id == 0) {
		secrets->persistent = plain;
	} else if (ring != NULL && sealed->id != 0) {
		ring->key[sealed->id] = plain;
		ring->has[sealed->id] = true;
		key_ring_note_newest(ring, sealed->id);
	}
	OPENSSL_cleanse(&plain, sizeof(plain));
	return true;
}

static bool is_same_key(const struct contract_key *a, const struct contract_key *b)
{
	return a->active_from_s == b->active_from_s && a->expires_s == b->expires_s &&
	       CRYPTO_memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* The ring as the store has it, which a sibling may have changed. */
static void ring_follow(struct secrets *secrets, struct key_ring *ring, struct key_ring *stored)
{
	ring->newest = 0;
	for (unsigned id = 1; id < SECRETS_KEY_IDS; id++) {
		bool is_same = ring->has[id] == stored->has[id] &&
			       (!ring->has[id] || is_same_key(&ring->key[id], &stored->key[id]));

		if (!is_same && stored->has[id])
			secrets_push(secrets, &stored->key[id], CONTRACT_KEY_PUT);
		else if (!is_same)
			secrets_push(secrets, &ring->key[id], CONTRACT_KEY_DELETE);
		ring->has[id] = stored->has[id];
		ring->key[id] = stored->key[id];
		if (ring->has[id])
			key_ring_note_newest(ring, (uint8_t)id);
	}
}

enum result secrets_follow(struct secrets *secrets)
{
	struct secrets *stored = calloc(1, sizeof(*stored));
	enum result result;

	if (stored == NULL)
		return RESULT_MEMORY;
	stored->vault = secrets->vault;
	result = store_keys_each(secrets->settings.store, key_load, stored);
	if (result == RESULT_OK)
		result = stored->load_result;
	if (result == RESULT_OK) {
		ring_follow(secrets, &secrets->sk, &stored->sk);
		ring_follow(secrets, &secrets->token, &stored->token);
		if (stored->persistent.purpose == CONTRACT_KEY_PERSISTENT &&
		    secrets->settings.persistent_file[0] == '\0')
			secrets->persistent = stored->persistent;
	}
	OPENSSL_cleanse(stored, sizeof(*stored));
	free(stored);
	return result;
}
