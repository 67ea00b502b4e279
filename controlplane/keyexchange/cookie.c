#include "controlplane/keyexchange/cookie.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/keyexchange/cookie_text.h"
#include "shared/base64url.h"
#include "shared/keyexchange/seal.h"

/* On the wire: key id, nonce, ciphertext, tag. The nonce is random and serves as cookie id. */
#define HEAD_BYTES   (1 + SEAL_NONCE_BYTES)
#define SEALED_BYTES (HEAD_BYTES + COOKIE_TEXT_BYTES + SEAL_TAG_BYTES)

static_assert(COOKIE_ID_BYTES == SEAL_NONCE_BYTES, "a cookie's id is its nonce");

struct jar_key {
	struct secret secret;
	bool is_live;
	uint8_t id;
	uint64_t seals_until_ms;
	uint64_t opens_until_ms; /* no cookie under it lives longer */
};

struct cookie_jar {
	struct jar_key keys[2]; /* the newest and the one before */
	uint8_t next_id;
	uint64_t lifetime_ms;
	struct random_source random;
};

enum result cookie_jar_create(uint64_t lifetime_ms, struct random_source random,
			      struct cookie_jar **out)
{
	struct cookie_jar *jar;

	if (lifetime_ms == 0 || lifetime_ms > COOKIE_LIFETIME_MS_MAX)
		return RESULT_BAD;
	jar = calloc(1, sizeof(*jar));
	if (!jar)
		return RESULT_MEMORY;
	jar->lifetime_ms = lifetime_ms;
	jar->random = random;
	*out = jar;
	return RESULT_OK;
}

void cookie_jar_destroy(struct cookie_jar *jar)
{
	if (!jar)
		return;
	secret_wipe_bytes(jar, sizeof(*jar));
	free(jar);
}

void cookie_jar_expire(struct cookie_jar *jar, uint64_t now_ms)
{
	for (size_t i = 0; i < 2; i++)
		if (jar->keys[i].is_live && now_ms >= jar->keys[i].opens_until_ms)
			secret_wipe_bytes(&jar->keys[i], sizeof(jar->keys[i]));
}

/* The key to seal with, a new one if it is due. */
static enum result current_key(struct cookie_jar *jar, uint64_t now_ms, const struct jar_key **out)
{
	struct jar_key fresh;
	enum result result = RESULT_OK;

	if (!jar->keys[0].is_live || now_ms >= jar->keys[0].seals_until_ms) {
		result = random_fill(&jar->random, fresh.secret.bytes, SECRET_BYTES);
		fresh.is_live = true;
		fresh.id = jar->next_id++;
		fresh.seals_until_ms = now_ms + COOKIE_KEY_MS;
		fresh.opens_until_ms = fresh.seals_until_ms + jar->lifetime_ms;
		if (result == RESULT_OK) {
			jar->keys[1] = jar->keys[0];
			jar->keys[0] = fresh;
		}
		secret_wipe_bytes(&fresh, sizeof(fresh));
	}
	*out = &jar->keys[0];
	return result;
}

static const struct jar_key *find_key(const struct cookie_jar *jar, uint64_t now_ms, uint8_t id)
{
	for (size_t i = 0; i < 2; i++) {
		const struct jar_key *key = &jar->keys[i];

		if (key->is_live && key->id == id && now_ms < key->opens_until_ms)
			return key;
	}
	return NULL;
}

static enum result seal_text(struct cookie_jar *jar, uint64_t now_ms,
			     const struct cookie_text *text, struct writer *w)
{
	char plain[COOKIE_TEXT_BYTES];
	uint8_t sealed[SEALED_BYTES];
	struct writer p = writer_make(plain, sizeof(plain));
	const struct jar_key *key;
	struct slice bytes;
	enum result result = current_key(jar, now_ms, &key);

	cookie_text_write(&p, text);
	if (result == RESULT_OK)
		result = writer_finish(&p, &bytes);
	if (result == RESULT_OK &&
	    BASE64URL_CHARS(HEAD_BYTES + bytes.len + SEAL_TAG_BYTES) > KEYEXCHANGE_COOKIE_CHARS)
		result = RESULT_SPACE;
	sealed[0] = key->id;
	if (result == RESULT_OK)
		result = random_fill(&jar->random, sealed + 1, SEAL_NONCE_BYTES);
	if (result == RESULT_OK)
		result = seal_close(&key->secret, sealed + 1, slice_make(sealed, 1), bytes,
				    sealed + HEAD_BYTES);
	if (result != RESULT_OK)
		return result;
	base64url_encode(w, sealed, HEAD_BYTES + bytes.len + SEAL_TAG_BYTES);
	return writer_finish(w, &bytes);
}

static bool is_same_source(const struct cookie_source *a, const struct cookie_source *b)
{
	return a->sa_index == b->sa_index && a->sa_generation == b->sa_generation &&
	       a->address.port == b->address.port &&
	       sip_address_is_same_host(&a->address, &b->address);
}

static enum result open_text(const struct cookie_jar *jar, uint64_t now_ms, struct slice text,
			     enum cookie_kind kind, const struct cookie_source *source,
			     struct cookie_text *out, uint8_t id[COOKIE_ID_BYTES])
{
	uint8_t sealed[SEALED_BYTES], plain[COOKIE_TEXT_BYTES];
	const struct jar_key *key;
	enum result result;
	size_t len;

	if (base64url_decode(text, sealed, sizeof(sealed), &len) != RESULT_OK ||
	    len < HEAD_BYTES + SEAL_TAG_BYTES)
		return RESULT_DENIED;
	key = find_key(jar, now_ms, sealed[0]);
	if (!key)
		return RESULT_DENIED;
	result = seal_open(&key->secret, sealed + 1, slice_make(sealed, 1),
			   slice_make(sealed + HEAD_BYTES, len - HEAD_BYTES), plain);
	if (result != RESULT_OK)
		return RESULT_DENIED;
	result = cookie_text_parse(slice_make(plain, len - HEAD_BYTES - SEAL_TAG_BYTES), out);
	if (result != RESULT_OK || out->kind != kind || !is_same_source(&out->source, source))
		return RESULT_DENIED;
	if (now_ms >= out->expires_ms)
		return RESULT_STALE;
	memcpy(id, sealed + 1, COOKIE_ID_BYTES);
	return RESULT_OK;
}

enum result cookie_seal(struct cookie_jar *jar, uint64_t now_ms, const struct cookie *cookie,
			struct writer *w)
{
	const struct cookie_text text = {
		.kind = COOKIE_EXCHANGE,
		.expires_ms = now_ms + jar->lifetime_ms,
		.source = cookie->source,
		.cookie = *cookie,
	};

	return seal_text(jar, now_ms, &text, w);
}

enum result cookie_open(const struct cookie_jar *jar, uint64_t now_ms, struct slice text,
			const struct cookie_source *source, struct cookie *out,
			uint8_t id[COOKIE_ID_BYTES], uint64_t *expires_ms)
{
	struct cookie_text opened;
	enum result result = open_text(jar, now_ms, text, COOKIE_EXCHANGE, source, &opened, id);

	if (result != RESULT_OK)
		return result;
	*out = opened.cookie;
	*expires_ms = opened.expires_ms;
	return RESULT_OK;
}

enum result cookie_seal_address(struct cookie_jar *jar, uint64_t now_ms,
				const struct cookie_source *source, struct writer *w)
{
	const struct cookie_text text = {
		.kind = COOKIE_ADDRESS,
		.expires_ms = now_ms + jar->lifetime_ms,
		.source = *source,
	};

	return seal_text(jar, now_ms, &text, w);
}

enum result cookie_open_address(const struct cookie_jar *jar, uint64_t now_ms, struct slice text,
				const struct cookie_source *source)
{
	struct cookie_text opened;
	uint8_t id[COOKIE_ID_BYTES];

	return open_text(jar, now_ms, text, COOKIE_ADDRESS, source, &opened, id);
}
