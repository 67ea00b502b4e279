#include "shared/keyexchange/scram.h"

#include <string.h>

#include <openssl/evp.h>

#include "shared/limits.h"

/* A password longer than that is somebody's mistake. */
#define PASSWORD_BYTES 1024

static enum result salted_password(struct slice password, struct slice salt, uint32_t iterations,
				   struct secret *out)
{
	if (iterations < LIMIT_SCRAM_ITERATIONS_MIN || iterations > LIMIT_SCRAM_ITERATIONS_MAX ||
	    password.len == 0 || password.len > PASSWORD_BYTES || salt.len == 0 ||
	    salt.len > SCRAM_SALT_BYTES)
		return RESULT_BAD;
	return PKCS5_PBKDF2_HMAC(password.at, (int)password.len, (const void *)salt.at,
				 (int)salt.len, (int)iterations, EVP_sha256(), SECRET_BYTES,
				 out->bytes) == 1
		       ? RESULT_OK
		       : RESULT_IO;
}

static enum result hmac_label(const struct secret *key, struct slice label, struct secret *out)
{
	return kdf_hmac(slice_make(key->bytes, SECRET_BYTES), &label, 1, out->bytes);
}

static enum result hash_secret(const struct secret *in, struct secret *out)
{
	const struct slice part = slice_make(in->bytes, SECRET_BYTES);

	return kdf_hash(&part, 1, out->bytes);
}

enum result scram_keys_derive(struct slice password, struct slice salt, uint32_t iterations,
			      struct scram_keys *out)
{
	struct secret salted;
	enum result result = salted_password(password, salt, iterations, &salted);

	if (result != RESULT_OK)
		return result;
	result = hmac_label(&salted, SLICE("Client Key"), &out->client_key);
	if (result == RESULT_OK)
		result = hmac_label(&salted, SLICE("Server Key"), &out->server_key);
	if (result == RESULT_OK)
		result = hash_secret(&out->client_key, &out->stored_key);
	secret_wipe(&salted);
	return result;
}

enum result scram_verifier_derive(struct slice password, struct slice salt, uint32_t iterations,
				  struct scram_verifier *out)
{
	struct scram_keys keys;
	enum result result = scram_keys_derive(password, salt, iterations, &keys);

	if (result == RESULT_OK) {
		memset(out, 0, sizeof(*out));
		memcpy(out->salt, salt.at, salt.len);
		out->salt_len = (uint8_t)salt.len;
		out->iterations = iterations;
		out->stored_key = keys.stored_key;
		out->server_key = keys.server_key;
	}
	secret_wipe_bytes(&keys, sizeof(keys));
	return result;
}

/* HMAC(key, AuthMessage). */
static enum result sign(const struct secret *key, const struct scram_auth *auth,
			uint8_t out[KDF_HASH_BYTES])
{
	const struct slice parts[] = {
		auth->client_first_bare, SLICE(","), auth->server_first, SLICE(","),
		auth->client_final_bare,
	};

	return kdf_hmac(slice_make(key->bytes, SECRET_BYTES), parts, 5, out);
}

enum result scram_proof_make(const struct scram_keys *keys, const struct scram_auth *auth,
			     uint8_t proof[KDF_HASH_BYTES])
{
	enum result result = sign(&keys->stored_key, auth, proof);

	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < KDF_HASH_BYTES; i++)
		proof[i] ^= keys->client_key.bytes[i];
	return RESULT_OK;
}

enum result scram_proof_verify(const struct secret *stored_key, const struct scram_auth *auth,
			       const uint8_t proof[KDF_HASH_BYTES])
{
	struct secret client_key, hashed;
	enum result result = sign(stored_key, auth, client_key.bytes);

	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < KDF_HASH_BYTES; i++)
		client_key.bytes[i] ^= proof[i];
	result = hash_secret(&client_key, &hashed);
	if (result == RESULT_OK && !secret_is_equal(&hashed, stored_key, SECRET_BYTES))
		result = RESULT_DENIED;
	secret_wipe(&client_key);
	secret_wipe(&hashed);
	return result;
}

enum result scram_signature_make(const struct secret *server_key, const struct scram_auth *auth,
				 uint8_t signature[KDF_HASH_BYTES])
{
	return sign(server_key, auth, signature);
}
