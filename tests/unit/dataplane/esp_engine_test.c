/* What every engine has: IVs as the suite wants them, keys that know their material. */
#include "dataplane/esp/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct esp_engine *make(void)
{
	struct esp_engine *engine = NULL;

	assert_int_equal(esp_engine_create_direct(&engine), RESULT_OK);
	return engine;
}

static void an_iv_is_the_number_a_secret_or_nothing(void **state)
{
	struct esp_engine *engine = make();
	const uint64_t number = UINT64_C(0x0102030405060708);

	(void)state;
	for (unsigned int i = 1; i <= ESP_SUITE_MAX; i++) {
		const struct esp_suite *suite = esp_suite_get(i);
		uint8_t iv[ESP_SUITE_IV_BYTES + 1], again[ESP_SUITE_IV_BYTES];

		memset(iv, 0xa5, sizeof(iv));
		esp_engine_iv_write(engine, suite, 0x01000001, number, iv);
		esp_engine_iv_write(engine, suite, 0x01000001, number + 1, again);
		for (unsigned int at = suite->iv_bytes; at < sizeof(iv); at++)
			assert_int_equal(iv[at], 0xa5);
		if (suite->kind == ESP_KIND_GCM || suite->kind == ESP_KIND_GMAC)
			assert_memory_equal(iv, "\1\2\3\4\5\6\7\10", 8);
		else if (suite->kind == ESP_KIND_CBC)
			for (unsigned int at = 0; at < 4; at++) /* not a counter anywhere */
				assert_memory_not_equal(iv + 4 * at, again + 4 * at, 4);
		else
			assert_int_equal(suite->iv_bytes, 0);
	}
	esp_engine_destroy(engine);
	esp_engine_destroy(NULL);
}

static void a_key_knows_its_material_to_the_last_bit(void **state)
{
	struct esp_engine *engine = make();
	static const struct esp_key zero;

	(void)state;
	for (unsigned int i = 1; i <= ESP_SUITE_MAX; i++) {
		const struct esp_suite *suite = esp_suite_get(i);
		uint8_t material[CONTRACT_SA_KEY_BYTES], back[CONTRACT_SA_KEY_BYTES];
		size_t len = esp_suite_key_bytes(suite);
		struct esp_key key;

		assert_in_range(len, 1, CONTRACT_SA_KEY_BYTES);
		for (size_t j = 0; j < sizeof(material); j++)
			material[j] = (uint8_t)(200 - j - i);
		assert_int_equal(esp_engine_key_expand(engine, suite, i % 2, material, &key),
				 RESULT_OK);
		esp_engine_key_material(engine, suite, &key, back);
		assert_memory_equal(back, material, len);
		assert_true(esp_engine_key_is_from(engine, suite, &key, material));
		for (size_t bit = 0; bit < 8 * len; bit++) {
			material[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(esp_engine_key_is_from(engine, suite, &key, material));
			material[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		esp_engine_key_wipe(engine, &key);
		assert_memory_equal(&key, &zero, sizeof(key));
	}
	esp_engine_destroy(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_iv_is_the_number_a_secret_or_nothing),
		cmocka_unit_test(a_key_knows_its_material_to_the_last_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
