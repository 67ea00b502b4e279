#include "terminal/esp/suite.h"

static const struct esp_suite suites[] = {
	{ESP_SUITE_AES_128_GCM_16, 16, 4, 0, 8, 16, 4, false, "AES-128-GCM", NULL},
	{ESP_SUITE_AES_256_GCM_16, 32, 4, 0, 8, 16, 4, false, "AES-256-GCM", NULL},
	{ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128, 16, 0, 32, 16, 16, 16, false, "AES-128-CBC",
	 "SHA256"},
	{ESP_SUITE_AES_128_CBC_HMAC_SHA_1_96, 16, 0, 20, 16, 12, 16, false, "AES-128-CBC", "SHA1"},
	{ESP_SUITE_NULL_HMAC_SHA_256_128, 0, 0, 32, 0, 16, 4, true, NULL, "SHA256"},
	{ESP_SUITE_AES_256_CBC_HMAC_SHA_256_128, 32, 0, 32, 16, 16, 16, false, "AES-256-CBC",
	 "SHA256"},
	{ESP_SUITE_NULL_AES_128_GMAC_16, 16, 4, 0, 8, 16, 4, true, "AES-128-GCM", NULL},
};

const struct esp_suite *esp_suite_by_number(unsigned number)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}
