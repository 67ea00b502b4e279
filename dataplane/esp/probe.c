#include "dataplane/esp/probe.h"

#include <openssl/crypto.h>
#include <string.h>

#define KIND_AT ESP_PROBE_LABEL_BYTES
#define TIME_AT (KIND_AT + 1)
#define MAC_AT	(TIME_AT + 8)

enum { PROBE_QUESTION, PROBE_ANSWER };

/* Address, SA, port, seconds: two blocks, always. */
static void mac_make(const struct esp_engine *engine, uint32_t sa_handle,
		     const struct esp_probe_place *place, uint64_t asked_s,
		     uint8_t mac[ESP_PROBE_MAC_BYTES])
{
	uint8_t said[32] = {0};

	memcpy(said, place->address, sizeof(place->address));
	memcpy(said + 16, &sa_handle, 4);
	memcpy(said + 20, &place->port_be16, 2);
	memcpy(said + 24, &asked_s, 8);
	cbc_mac_make(engine->cbc, said, mac);
}

static void seconds_write(uint8_t *at, uint64_t seconds)
{
	for (int i = 7; i >= 0; i--, seconds >>= 8)
		at[i] = (uint8_t)seconds;
}

static uint64_t seconds_read(const uint8_t *at)
{
	uint64_t seconds = 0;

	for (int i = 0; i < 8; i++)
		seconds = seconds << 8 | at[i];
	return seconds;
}

void esp_probe_ask(const struct esp_engine *engine, uint32_t sa_handle,
		   const struct esp_probe_place *place, uint64_t now_s,
		   uint8_t content[ESP_PROBE_BYTES])
{
	memcpy(content, ESP_PROBE_LABEL, ESP_PROBE_LABEL_BYTES);
	content[KIND_AT] = PROBE_QUESTION;
	seconds_write(content + TIME_AT, now_s);
	mac_make(engine, sa_handle, place, now_s, content + MAC_AT);
}

bool esp_probe_is_answer(const struct esp_engine *engine, struct slice content, uint32_t sa_handle,
			 const struct esp_probe_place *place, uint64_t now_s)
{
	const uint8_t *at = (const uint8_t *)content.at;
	uint8_t mac[ESP_PROBE_MAC_BYTES];
	uint64_t asked_s;

	if (content.len != ESP_PROBE_BYTES ||
	    memcmp(at, ESP_PROBE_LABEL, ESP_PROBE_LABEL_BYTES) != 0 || at[KIND_AT] != PROBE_ANSWER)
		return false;
	asked_s = seconds_read(at + TIME_AT);
	if (asked_s > now_s || now_s - asked_s > ESP_PROBE_LIFE_S)
		return false;
	mac_make(engine, sa_handle, place, asked_s, mac);
	return CRYPTO_memcmp(mac, at + MAC_AT, sizeof(mac)) == 0;
}
