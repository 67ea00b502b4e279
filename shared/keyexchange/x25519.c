#include "shared/keyexchange/x25519.h"

#include <stdlib.h>

#include <openssl/evp.h>

struct x25519 {
	EVP_PKEY *own;
	EVP_PKEY_CTX *ctx; /* ready to derive: making one takes a tenth of a derivation */
	EVP_PKEY *peer;	   /* takes one share after the other: making one takes as long */
	uint8_t share[X25519_SHARE_BYTES];
};

static bool make(struct x25519 *x, const struct secret *scalar)
{
	size_t len = X25519_SHARE_BYTES;

	x->own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar->bytes, SECRET_BYTES);
	x->ctx = x->own ? EVP_PKEY_CTX_new(x->own, NULL) : NULL;
	if (!x->ctx || EVP_PKEY_derive_init(x->ctx) != 1 ||
	    EVP_PKEY_get_raw_public_key(x->own, x->share, &len) != 1)
		return false;
	x->peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, x->share, len);
	return x->peer != NULL;
}

enum result x25519_create(const struct secret *scalar, struct x25519 **out)
{
	struct x25519 *x = calloc(1, sizeof(*x));

	if (!x)
		return RESULT_MEMORY;
	if (!make(x, scalar)) {
		x25519_destroy(x);
		return RESULT_IO;
	}
	*out = x;
	return RESULT_OK;
}

enum result x25519_generate(const struct random_source *random, struct x25519 **out)
{
	struct secret scalar;
	enum result result = random_fill(random, scalar.bytes, SECRET_BYTES);

	if (result == RESULT_OK)
		result = x25519_create(&scalar, out);
	secret_wipe(&scalar);
	return result;
}

void x25519_destroy(struct x25519 *own)
{
	if (!own)
		return;
	EVP_PKEY_CTX_free(own->ctx);
	EVP_PKEY_free(own->peer);
	EVP_PKEY_free(own->own); /* libcrypto wipes the private value */
	free(own);
}

const uint8_t *x25519_share(const struct x25519 *own)
{
	return own->share;
}

enum result x25519_derive(const struct x25519 *own, const uint8_t share[X25519_SHARE_BYTES],
			  struct secret *out)
{
	static const struct secret zero;
	size_t len = SECRET_BYTES;
	enum result result = RESULT_IO;

	/* libcrypto refuses an all-zero result by itself; that it does is under test */
	if (EVP_PKEY_set1_encoded_public_key(own->peer, share, X25519_SHARE_BYTES) == 1 &&
	    EVP_PKEY_derive_set_peer_ex(own->ctx, own->peer, 0) == 1)
		result = EVP_PKEY_derive(own->ctx, out->bytes, &len) == 1 && len == SECRET_BYTES &&
					 !secret_is_equal(out, &zero, SECRET_BYTES)
				 ? RESULT_OK
				 : RESULT_DENIED;
	return result;
}
