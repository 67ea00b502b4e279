#include "controlplane/peers/keying.h"

#include <string.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/random.h"
#include "shared/keyexchange/suites.h"

enum result keying_start(uint32_t epoch, uint8_t suite, struct keying *keying)
{
	const struct random_source random = random_system();
	struct x25519 *own;
	enum result result = x25519_generate(&random, &own);

	if (result != RESULT_OK)
		return result;
	keying_wipe(keying);
	result = random_fill(&random, keying->nonce, sizeof(keying->nonce));
	if (result != RESULT_OK) {
		x25519_destroy(own);
		return result;
	}
	keying->epoch = epoch;
	keying->suite = suite;
	keying->own = own;
	memcpy(keying->share, x25519_share(own), PEER_SHARE_BYTES);
	return RESULT_OK;
}

enum result keying_agree(struct keying *keying, SSL *ssl, const struct peer_message *other,
			 bool is_offerer)
{
	uint8_t nonces[2][PEER_NONCE_BYTES], exported[TLS_EXPORTER_BYTES];
	uint8_t input[SECRET_BYTES + TLS_EXPORTER_BYTES];
	struct secret shared;
	enum result result = x25519_derive(keying->own, other->share, &shared);

	if (result != RESULT_OK)
		return result;
	memcpy(nonces[is_offerer ? 0 : 1], keying->nonce, PEER_NONCE_BYTES);
	memcpy(nonces[is_offerer ? 1 : 0], other->nonce, PEER_NONCE_BYTES);
	result = tls_export(ssl, nonces[0], sizeof(nonces), exported);
	if (result == RESULT_OK) {
		memcpy(input, shared.bytes, SECRET_BYTES);
		memcpy(input + SECRET_BYTES, exported, TLS_EXPORTER_BYTES);
		result = kdf_extract(slice_make(nonces, sizeof(nonces)),
				     slice_make(input, sizeof(input)), &keying->prk);
	}
	secret_wipe(&shared);
	secret_wipe_bytes(exported, sizeof(exported));
	secret_wipe_bytes(input, sizeof(input));
	return result;
}

static uint8_t *u32_write(uint8_t *at, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(value >> shift);
	return at;
}

enum result keying_sa_key(const struct keying *keying, const uint8_t sender[TLS_HASH_BYTES],
			  const uint8_t receiver[TLS_HASH_BYTES], uint8_t worker, uint32_t spi,
			  uint8_t out[CONTRACT_SA_KEY_BYTES])
{
	uint8_t info[2 * TLS_HASH_BYTES + 4 + 1 + 4], *at = info;
	const struct suite_properties *suite = suite_find(keying->suite);

	memcpy(at, sender, TLS_HASH_BYTES);
	memcpy(at + TLS_HASH_BYTES, receiver, TLS_HASH_BYTES);
	at = u32_write(at + 2 * (size_t)TLS_HASH_BYTES, keying->epoch);
	*at++ = worker;
	u32_write(at, spi);
	memset(out, 0, CONTRACT_SA_KEY_BYTES);
	if (!suite)
		return RESULT_BAD;
	return kdf_expand(&keying->prk, slice_make(info, sizeof(info)), out,
			  suite_key_bytes(suite));
}

void keying_wipe(struct keying *keying)
{
	x25519_destroy(keying->own);
	keying->own = NULL;
	secret_wipe(&keying->prk);
}
