#include "controlplane/secrets/secrets.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/secrets/vault.h"

#define KEY_IDS 256
/* What one turn may have to tell the data plane: every key of two rings, there and gone. */
#define PUSHES_MAX (4 * KEY_IDS)

/* Slot by id; id 0 is not used, so that a zeroed thing names no key. */
struct key_ring {
	enum contract_key_purpose purpose;
	uint32_t rotate_s, overlap_s;
	bool has[KEY_IDS];
	struct contract_key key[KEY_IDS];
	uint8_t newest;
};

/* What is to be told when a turn is taken over. */
struct pushes {
	uint32_t count;
	struct contract_key key[PUSHES_MAX];
};

struct secrets {
	struct secrets_settings settings;
	struct pushes *pushes; /* of a turn; NULL: tell at once */
	struct secret vault;
	struct contract_key persistent;
	struct key_ring sk, token;
	enum result load_result;
};

static struct key_ring *ring_of(struct secrets *secrets, uint8_t purpose)
{
	return purpose == CONTRACT_KEY_SK      ? &secrets->sk
	       : purpose == CONTRACT_KEY_TOKEN ? &secrets->token
					       : NULL;
}

static void push(const struct secrets *secrets, const struct contract_key *key, enum contract_id id)
{
	struct contract_key message = *key;

	contract_header_set(&message.header, id, sizeof(message), 0);
	if (secrets->pushes == NULL)
		secrets->settings.send(secrets->settings.ctx, &message);
	else if (secrets->pushes->count < PUSHES_MAX)
		secrets->pushes->key[secrets->pushes->count++] = message;
	OPENSSL_cleanse(&message, sizeof(message));
}

static enum result rest(struct secrets *secrets, const struct contract_key *key)
{
	struct store_key sealed;
	enum result result = vault_seal(&secrets->vault, key, &sealed);

	return result == RESULT_OK ? store_key_put(secrets->settings.store, &sealed) : result;
}

static void ring_note_newest(struct key_ring *ring, uint8_t id)
{
	if (ring->newest == 0 || !ring->has[ring->newest] ||
	    ring->key[id].active_from_s >= ring->key[ring->newest].active_from_s)
		ring->newest = id;
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
		ring_note_newest(ring, sealed->id);
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
	for (unsigned id = 1; id < KEY_IDS; id++) {
		bool is_same = ring->has[id] == stored->has[id] &&
			       (!ring->has[id] || is_same_key(&ring->key[id], &stored->key[id]));

		if (!is_same && stored->has[id])
			push(secrets, &stored->key[id], CONTRACT_KEY_PUT);
		else if (!is_same)
			push(secrets, &ring->key[id], CONTRACT_KEY_DELETE);
		ring->has[id] = stored->has[id];
		ring->key[id] = stored->key[id];
		if (ring->has[id])
			ring_note_newest(ring, (uint8_t)id);
	}
}

/* RESULT_DENIED: they are sealed under another key file; or an error of the store. */
static enum result keys_follow(struct secrets *secrets)
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
	return rest(secrets, key);
}

static uint8_t id_find_free(const struct key_ring *ring)
{
	for (unsigned i = 1; i < KEY_IDS; i++) {
		unsigned id = (ring->newest + i) % KEY_IDS;

		if (id != 0 && !ring->has[id])
			return (uint8_t)id;
	}
	return 0;
}

/* The ones before the new key are to be forgotten in an overlap's time. */
static enum result old_keys_expire(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	enum result result = RESULT_OK;

	for (unsigned id = 1; id < KEY_IDS && result == RESULT_OK; id++) {
		if (!ring->has[id] || id == ring->newest || ring->key[id].expires_s != 0)
			continue;
		ring->key[id].expires_s = now_s + ring->overlap_s;
		result = rest(secrets, &ring->key[id]);
		if (result == RESULT_OK)
			push(secrets, &ring->key[id], CONTRACT_KEY_PUT);
		else
			ring->key[id].expires_s = 0;
	}
	return result;
}

static enum result ring_rotate(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
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
		result = rest(secrets, &key);
	if (result == RESULT_OK) {
		ring->key[id] = key;
		ring->has[id] = true;
		ring->newest = id;
		push(secrets, &key, CONTRACT_KEY_PUT);
		result = old_keys_expire(secrets, ring, now_s);
	}
	OPENSSL_cleanse(&key, sizeof(key));
	return result;
}

static enum result ring_forget(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	enum result result = RESULT_OK;

	for (unsigned id = 1; id < KEY_IDS && result == RESULT_OK; id++) {
		if (!ring->has[id] || ring->key[id].expires_s == 0 ||
		    ring->key[id].expires_s > now_s)
			continue;
		result = store_key_delete(secrets->settings.store, (uint8_t)ring->purpose,
					  (uint8_t)id);
		if (result == RESULT_NOT_FOUND)
			result = RESULT_OK;
		if (result != RESULT_OK)
			break;
		push(secrets, &ring->key[id], CONTRACT_KEY_DELETE);
		OPENSSL_cleanse(&ring->key[id], sizeof(ring->key[id]));
		ring->has[id] = false;
	}
	return result;
}

static enum result ring_tick(struct secrets *secrets, struct key_ring *ring, uint64_t now_s)
{
	const struct contract_key *newest = &ring->key[ring->newest];
	enum result result = ring_forget(secrets, ring, now_s);

	if (result == RESULT_OK &&
	    (ring->newest == 0 || now_s >= newest->active_from_s + ring->rotate_s))
		result = ring_rotate(secrets, ring, now_s);
	/* Again, in case the store could not be written when the newest key was made. */
	if (result == RESULT_OK)
		result = old_keys_expire(secrets, ring, now_s);
	return result;
}

static bool ring_is_due(const struct key_ring *ring, uint64_t now_s)
{
	if (ring->newest == 0 || now_s >= ring->key[ring->newest].active_from_s + ring->rotate_s)
		return true;
	for (unsigned id = 1; id < KEY_IDS; id++) {
		const struct contract_key *key = &ring->key[id];

		if (ring->has[id] && id != ring->newest &&
		    (key->expires_s == 0 || key->expires_s <= now_s))
			return true;
	}
	return false;
}

/* Under the store's lock, so that of two siblings one makes the key and the other finds it. */
static enum result locked(struct secrets *secrets, uint64_t now_s,
			  enum result (*step)(struct secrets *secrets, uint64_t now_s))
{
	struct store *store = secrets->settings.store;
	enum result result = store_keys_lock(store);

	if (result != RESULT_OK)
		return result;
	result = keys_follow(secrets);
	if (result == RESULT_OK)
		result = step(secrets, now_s);
	return store_keys_unlock(store, result);
}

static enum result rings_tick(struct secrets *secrets, uint64_t now_s)
{
	enum result result = ring_tick(secrets, &secrets->sk, now_s);

	return result == RESULT_OK ? ring_tick(secrets, &secrets->token, now_s) : result;
}

static enum result rings_rotate(struct secrets *secrets, uint64_t now_s)
{
	enum result result = ring_rotate(secrets, &secrets->sk, now_s);

	return result == RESULT_OK ? ring_rotate(secrets, &secrets->token, now_s) : result;
}

enum result secrets_tick(struct secrets *secrets, uint64_t now_s)
{
	enum result result = keys_follow(secrets);

	if (result != RESULT_OK ||
	    (!ring_is_due(&secrets->sk, now_s) && !ring_is_due(&secrets->token, now_s)))
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
	result = keys_follow(secrets);
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
	for (unsigned id = 1; id < KEY_IDS; id++)
		if (ring->has[id])
			push(secrets, &ring->key[id], CONTRACT_KEY_PUT);
}

void secrets_refill(const struct secrets *secrets)
{
	push(secrets, &secrets->persistent, CONTRACT_KEY_PUT);
	ring_push(secrets, &secrets->sk);
	ring_push(secrets, &secrets->token);
}
