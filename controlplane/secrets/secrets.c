#include "controlplane/secrets/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/secrets/secrets_state.h"

void secrets_push(const struct secrets *secrets, const struct contract_key *key,
		  enum contract_id id)
{
	struct contract_key message = *key;

	contract_header_set(&message.header, id, sizeof(message), 0);
	if (secrets->pushes == NULL)
		secrets->settings.send(secrets->settings.ctx, &message);
	else if (secrets->pushes->count < PUSHES_MAX)
		secrets->pushes->key[secrets->pushes->count++] = message;
	OPENSSL_cleanse(&message, sizeof(message));
}

enum result secrets_rest(struct secrets *secrets, const struct contract_key *key)
{
	struct store_key sealed;
	enum result result = vault_seal(&secrets->vault, key, &sealed);

	return result == RESULT_OK ? store_key_put(secrets->settings.store, &sealed) : result;
}

/* From its file, from the store, or new: in this order. */
static enum result persistent_ensure(struct secrets *secrets, char *message, size_t size)
{
	struct contract_key *key = &secrets->persistent;
	bool is_there = key->purpose == CONTRACT_KEY_PERSISTENT;

	key->purpose = CONTRACT_KEY_PERSISTENT;
	if (secrets->settings.persistent_file[0] != '\0')
		return vault_read_hex(secrets->settings.persistent_file, key->key, message, size);
	if (is_there)
		return RESULT_OK;
	if (RAND_bytes(key->key, sizeof(key->key)) != 1)
		return RESULT_IO;
	return secrets_rest(secrets, key);
}

/* Under the store's lock, so that of two siblings one makes the key and the other finds it. */
static enum result locked(struct secrets *secrets, uint64_t now_s,
			  enum result (*step)(struct secrets *secrets, uint64_t now_s))
{
	struct store *store = secrets->settings.store;
	enum result result = store_keys_lock(store);

	if (result != RESULT_OK)
		return result;
	result = secrets_follow(secrets);
	if (result == RESULT_OK)
		result = step(secrets, now_s);
	return store_keys_unlock(store, result);
}

static enum result rings_tick(struct secrets *secrets, uint64_t now_s)
{
	enum result result = key_ring_tick(secrets, &secrets->sk, now_s);

	return result == RESULT_OK ? key_ring_tick(secrets, &secrets->token, now_s) : result;
}

static enum result rings_rotate(struct secrets *secrets, uint64_t now_s)
{
	enum result result = key_ring_rotate(secrets, &secrets->sk, now_s);

	return result == RESULT_OK ? key_ring_rotate(secrets, &secrets->token, now_s) : result;
}

enum result secrets_tick(struct secrets *secrets, uint64_t now_s)
{
	enum result result = secrets_follow(secrets);

	if (result != RESULT_OK ||
	    (!key_ring_is_due(&secrets->sk, now_s) && !key_ring_is_due(&secrets->token, now_s)))
		return result;
	return locked(secrets, now_s, rings_tick);
}

enum result secrets_rotate(struct secrets *secrets, uint64_t now_s)
{
	return locked(secrets, now_s, rings_rotate);
}

struct secrets *secrets_turn_begin(const struct secrets *secrets)
{
	struct secrets *turn = malloc(sizeof(*turn));

	if (turn == NULL)
		return NULL;
	*turn = *secrets;
	turn->pushes = calloc(1, sizeof(*turn->pushes));
	if (turn->pushes == NULL) {
		secrets_destroy(turn);
		return NULL;
	}
	return turn;
}

/* Its keys, not its times: those may have been adjusted meanwhile. */
static void ring_take(struct key_ring *ring, const struct key_ring *turned)
{
	memcpy(ring->has, turned->has, sizeof(ring->has));
	memcpy(ring->key, turned->key, sizeof(ring->key));
	ring->newest = turned->newest;
}

void secrets_turn_take(struct secrets *secrets, struct secrets *turn)
{
	secrets->persistent = turn->persistent;
	ring_take(&secrets->sk, &turn->sk);
	ring_take(&secrets->token, &turn->token);
	for (uint32_t i = 0; i < turn->pushes->count; i++)
		secrets->settings.send(secrets->settings.ctx, &turn->pushes->key[i]);
	secrets_destroy(turn);
}

/* What is there, and what is missing of it, in one go. */
static enum result keys_make(struct secrets *secrets, uint64_t now_s, char *message, size_t size)
{
	struct store *store = secrets->settings.store;
	enum result result = store_keys_lock(store);

	if (result != RESULT_OK) {
		snprintf(message, size, "%s", store_message(store));
		return result;
	}
	message[0] = '\0';
	result = secrets_follow(secrets);
	if (result == RESULT_DENIED)
		snprintf(message, size,
			 "the keys in the data base are not sealed under %s/%s: it is another file",
			 secrets->settings.folder, VAULT_FILE_NAME);
	else if (result == RESULT_OK)
		result = persistent_ensure(secrets, message, size);
	if (result == RESULT_OK)
		result = rings_tick(secrets, now_s);
	result = store_keys_unlock(store, result);
	if (result != RESULT_OK && message[0] == '\0')
		snprintf(message, size, "%s", store_message(store));
	return result;
}

void secrets_adjust(struct secrets *secrets, uint32_t sk_s, uint32_t sk_overlap_s, uint32_t token_s,
		    uint32_t token_overlap_s)
{
	secrets->sk.rotate_s = sk_s;
	secrets->sk.overlap_s = sk_overlap_s;
	secrets->token.rotate_s = token_s;
	secrets->token.overlap_s = token_overlap_s;
}

enum result secrets_create(const struct secrets_settings *settings, uint64_t now_s,
			   struct secrets **created, char *message, size_t size)
{
	struct secrets *secrets = calloc(1, sizeof(*secrets));
	enum result result;

	snprintf(message, size, "the gateway's keys cannot be made");
	if (secrets == NULL)
		return RESULT_MEMORY;
	secrets->settings = *settings;
	secrets->sk.purpose = CONTRACT_KEY_SK;
	secrets_adjust(secrets, settings->sk_s, settings->sk_overlap_s, settings->token_s,
		       settings->token_overlap_s);
	secrets->token.purpose = CONTRACT_KEY_TOKEN;
	result = vault_open(settings->folder, &secrets->vault, message, size);
	if (result == RESULT_OK)
		result = keys_make(secrets, now_s, message, size);
	if (result != RESULT_OK) {
		secrets_destroy(secrets);
		return result;
	}
	*created = secrets;
	return RESULT_OK;
}

void secrets_destroy(struct secrets *secrets)
{
	if (secrets == NULL)
		return;
	if (secrets->pushes != NULL)
		OPENSSL_cleanse(secrets->pushes, sizeof(*secrets->pushes));
	free(secrets->pushes);
	OPENSSL_cleanse(secrets, sizeof(*secrets));
	free(secrets);
}

const uint8_t *secrets_persistent(const struct secrets *secrets)
{
	return secrets->persistent.key;
}

static void ring_push(const struct secrets *secrets, const struct key_ring *ring)
{
	for (unsigned id = 1; id < SECRETS_KEY_IDS; id++)
		if (ring->has[id])
			secrets_push(secrets, &ring->key[id], CONTRACT_KEY_PUT);
}

void secrets_refill(const struct secrets *secrets)
{
	secrets_push(secrets, &secrets->persistent, CONTRACT_KEY_PUT);
	ring_push(secrets, &secrets->sk);
	ring_push(secrets, &secrets->token);
}
