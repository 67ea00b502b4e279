#include "terminal/esp/suite.h"

#include <string.h>

static const struct esp_suite suites[] = {
	{ESP_SUITE_AES_128_GCM_16, 3, 16, 4, 0, 8, 16, 4, false, "aes-128-gcm-16", "AES-128-GCM",
	 NULL},
	{ESP_SUITE_AES_256_GCM_16, 3, 32, 4, 0, 8, 16, 4, false, "aes-256-gcm-16", "AES-256-GCM",
	 NULL},
	{ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128, 3, 16, 0, 32, 16, 16, 16, false,
	 "aes-128-cbc-hmac-sha-256-128", "AES-128-CBC", "SHA256"},
	{ESP_SUITE_AES_128_CBC_HMAC_SHA_1_96, 3, 16, 0, 20, 16, 12, 16, false,
	 "aes-128-cbc-hmac-sha-1-96", "AES-128-CBC", "SHA1"},
	{ESP_SUITE_NULL_HMAC_SHA_256_128, 2, 0, 0, 32, 0, 16, 4, true, "null-hmac-sha-256-128",
	 NULL, "SHA256"},
	{ESP_SUITE_AES_256_CBC_HMAC_SHA_256_128, 3, 32, 0, 32, 16, 16, 16, false,
	 "aes-256-cbc-hmac-sha-256-128", "AES-256-CBC", "SHA256"},
	{ESP_SUITE_NULL_AES_128_GMAC_16, 2, 16, 4, 0, 8, 16, 4, true, "null-aes-128-gmac-16",
	 "AES-128-GCM", NULL},
};

size_t esp_suite_keys_bytes(const struct esp_suite *suite)
{
	return (size_t)suite->key_bytes + suite->salt_bytes + suite->integrity_bytes;
}

const struct esp_suite *esp_suite_by_number(unsigned number)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

const struct esp_suite *esp_suite_by_name(struct slice name)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (slice_is_equal(name, slice_make(suites[i].name, strlen(suites[i].name))))
			return &suites[i];
	return NULL;
}
