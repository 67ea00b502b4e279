#include "dataplane/esp/engine.h"

#include <openssl/crypto.h>
#include <string.h>

void esp_engine_destroy(struct esp_engine *engine)
{
	if (engine != NULL)
		engine->ops->destroy(engine);
}

bool esp_engine_key_is_from(const struct esp_engine *engine, const struct esp_suite *suite,
			    const struct esp_key *key, const uint8_t *material)
{
	uint8_t of_key[CBC_MATERIAL_BYTES];
	bool is_same;

	esp_engine_key_material(engine, suite, key, of_key);
	is_same = CRYPTO_memcmp(of_key, material, esp_suite_key_bytes(suite)) == 0;
	OPENSSL_cleanse(of_key, sizeof(of_key));
	return is_same;
}

void esp_engine_iv_write(struct esp_engine *engine, const struct esp_suite *suite, uint32_t spi_be32,
			 uint64_t number, uint8_t *iv)
{
	uint64_t number_be64 = __builtin_bswap64(number);

	if (suite->iv_bytes == sizeof(number_be64))
		memcpy(iv, &number_be64, sizeof(number_be64));
	else if (suite->iv_bytes != 0)
		cbc_iv_make(engine->cbc, spi_be32, number, iv);
}
