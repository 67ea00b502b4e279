#include "dataplane/tables/key_table.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>

enum result key_table_init(struct key_table *table, const IMB_MGR *mb, struct deferred *deferred)
{
	struct key_picture *picture = calloc(1, sizeof(*picture));

	if (!picture)
		return RESULT_MEMORY;
	table->mb = mb;
	table->deferred = deferred;
	atomic_store_explicit(&table->picture, picture, memory_order_release);
	return RESULT_OK;
}

static void picture_free(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static void persistent_free(void *context, void *memory)
{
	(void)context;
	if (memory)
		keyed_hash_key_wipe(memory);
	free(memory);
}

static void rotating_free(void *context, void *memory)
{
	struct rotating_key *key = memory;

	(void)context;
	if (key)
		keyed_hash_key_wipe(&key->hash);
	free(key);
}

void key_table_fini(struct key_table *table)
{
	struct key_picture *picture = atomic_load_explicit(&table->picture, memory_order_relaxed);

	if (!picture)
		return;
	persistent_free(NULL, picture->branch);
	persistent_free(NULL, picture->to_tag);
	for (unsigned i = 0; i < 256; i++) {
		rotating_free(NULL, picture->sk.by_id[i]);
		rotating_free(NULL, picture->token.by_id[i]);
	}
	free(picture);
	atomic_store_explicit(&table->picture, NULL, memory_order_relaxed);
}

/*
 * HKDF-Expand (RFC 5869 2.3) of one block and one label: HMAC(secret, label || 0x01), 32 bytes.
 * RESULT_MEMORY if OpenSSL could not.
 */
static enum result expand(const uint8_t secret[32], const char *label, uint8_t out[32])
{
	unsigned char info[32];
	size_t length = strlen(label);
	unsigned int out_length;

	memcpy(info, label, length);
	info[length] = 1;
	if (!HMAC(EVP_sha256(), secret, 32, info, length + 1, out, &out_length))
		return RESULT_MEMORY;
	return RESULT_OK;
}

static struct keyed_hash_key *persistent_make(const IMB_MGR *mb, const uint8_t secret[32],
					      const char *label)
{
	struct keyed_hash_key *made = aligned_alloc(64, (sizeof(*made) + 63) & ~(size_t)63);
	uint8_t expanded[32];

	if (made && expand(secret, label, expanded) == RESULT_OK) {
		keyed_hash_key_set(made, mb, expanded);
	} else {
		free(made);
		made = NULL;
	}
	OPENSSL_cleanse(expanded, sizeof(expanded));
	return made;
}

static struct key_picture *picture_copy(const struct key_table *table)
{
	struct key_picture *copy;

	/* Three things at most are freed by one change: two keys and a picture. */
	if (deferred_reserve(table->deferred, 3) != RESULT_OK)
		return NULL;
	copy = malloc(sizeof(*copy));
	if (copy)
		*copy = *key_table_view(table);
	return copy;
}

static void picture_publish(struct key_table *table, struct key_picture *made)
{
	deferred_put(table->deferred, picture_free, NULL,
		     atomic_exchange_explicit(&table->picture, made, memory_order_acq_rel));
}

static enum result persistent_put(struct key_table *table, const uint8_t secret[32])
{
	struct key_picture *copy = picture_copy(table);
	struct keyed_hash_key *branch = persistent_make(table->mb, secret, "sekisho branch");
	struct keyed_hash_key *to_tag = persistent_make(table->mb, secret, "sekisho to-tag");
	struct keyed_hash_key *old_branch, *old_to_tag;

	if (!copy || !branch || !to_tag) {
		free(copy);
		persistent_free(NULL, branch);
		persistent_free(NULL, to_tag);
		return RESULT_MEMORY;
	}
	old_branch = copy->branch;
	old_to_tag = copy->to_tag;
	copy->branch = branch;
	copy->to_tag = to_tag;
	copy->has_persistent = true;
	picture_publish(table, copy);
	deferred_put(table->deferred, persistent_free, NULL, old_branch);
	deferred_put(table->deferred, persistent_free, NULL, old_to_tag);
	return RESULT_OK;
}

/* Latest activation first; of two at once the higher id. At most 256: sorted by insertion. */
static void keys_order(struct rotating_keys *keys)
{
	keys->count = 0;
	for (unsigned id = 0; id < 256; id++) {
		const struct rotating_key *key = keys->by_id[id];
		unsigned at = keys->count;

		if (!key)
			continue;
		for (; at > 0; at--) {
			uint8_t before = keys->newest_first[at - 1];

			if (keys->by_id[before]->active_from_s > key->active_from_s)
				break;
			keys->newest_first[at] = before;
		}
		keys->newest_first[at] = (uint8_t)id;
		keys->count++;
	}
}

static struct rotating_keys *keys_of(struct key_picture *picture, uint8_t purpose)
{
	if (purpose == CONTRACT_KEY_SK)
		return &picture->sk;
	if (purpose == CONTRACT_KEY_TOKEN)
		return &picture->token;
	return NULL;
}

/* Publishes the picture with this key in place of the one of that id; NULL takes it out. */
static enum result rotating_change(struct key_table *table, uint8_t purpose, uint8_t id,
				   struct rotating_key *made)
{
	struct key_picture *copy = picture_copy(table);
	struct rotating_keys *keys;
	struct rotating_key *old;

	if (!copy)
		return RESULT_MEMORY;
	keys = keys_of(copy, purpose);
	old = keys->by_id[id];
	keys->by_id[id] = made;
	keys_order(keys);
	picture_publish(table, copy);
	deferred_put(table->deferred, rotating_free, NULL, old);
	return RESULT_OK;
}

static enum result rotating_put(struct key_table *table, const struct contract_key *put)
{
	struct rotating_key *made = aligned_alloc(64, (sizeof(*made) + 63) & ~(size_t)63);
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	keyed_hash_key_set(&made->hash, table->mb, put->key);
	made->active_from_s = put->active_from_s;
	made->expires_s = put->expires_s;
	made->id = put->id;
	result = rotating_change(table, put->purpose, put->id, made);
	if (result != RESULT_OK)
		rotating_free(NULL, made);
	return result;
}

enum result key_table_put(struct key_table *table, const struct contract_key *put)
{
	switch (put->purpose) {
	case CONTRACT_KEY_PERSISTENT:
		return persistent_put(table, put->key);
	case CONTRACT_KEY_SK:
	case CONTRACT_KEY_TOKEN:
		return rotating_put(table, put);
	default:
		return RESULT_BAD;
	}
}

enum result key_table_delete(struct key_table *table, uint8_t purpose, uint8_t id)
{
	struct key_picture *picture = atomic_load_explicit(&table->picture, memory_order_relaxed);
	struct rotating_keys *keys = keys_of(picture, purpose);

	if (!keys)
		return RESULT_BAD;
	if (!keys->by_id[id])
		return RESULT_NOT_FOUND;
	return rotating_change(table, purpose, id, NULL);
}

const struct rotating_key *rotating_keys_maker(const struct rotating_keys *keys, uint64_t now_s)
{
	for (unsigned i = 0; i < keys->count; i++) {
		const struct rotating_key *key = keys->by_id[keys->newest_first[i]];

		if (key->active_from_s <= now_s && (key->expires_s == 0 || now_s < key->expires_s))
			return key;
	}
	return NULL;
}

const struct rotating_key *rotating_keys_verifier(const struct rotating_keys *keys, uint8_t id,
						  uint64_t now_s)
{
	const struct rotating_key *key = keys->by_id[id];

	return key && (key->expires_s == 0 || now_s < key->expires_s) ? key : NULL;
}
