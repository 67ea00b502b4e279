#include "shared/keyexchange/secret.h"

#include <openssl/crypto.h>

void secret_wipe(struct secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}

void secret_wipe_bytes(void *at, size_t len)
{
	OPENSSL_cleanse(at, len);
}

bool secret_is_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
