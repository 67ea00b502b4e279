#include "dataplane/esp/probe.h"

#include <openssl/crypto.h>
#include <string.h>

#define KIND_AT ESP_PROBE_LABEL_BYTES
#define TIME_AT (KIND_AT + 1)
#define MAC_AT	(TIME_AT + 8)

/* What asks about a path says of which length, before the seconds, which need no more than six bytes. */
#define PATH_SHIFT   48
#define SECONDS_MASK ((UINT64_C(1) << PATH_SHIFT) - 1)

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

static void write(const struct esp_engine *engine, uint32_t sa_handle,
		  const struct esp_probe_place *place, uint64_t asked,
		  uint8_t content[ESP_PROBE_BYTES])
{
	memcpy(content, ESP_PROBE_LABEL, ESP_PROBE_LABEL_BYTES);
	content[KIND_AT] = PROBE_QUESTION;
	seconds_write(content + TIME_AT, asked);
	mac_make(engine, sa_handle, place, asked, content + MAC_AT);
}

void esp_probe_ask(const struct esp_engine *engine, uint32_t sa_handle,
		   const struct esp_probe_place *place, uint64_t now_s,
		   uint8_t content[ESP_PROBE_BYTES])
{
	write(engine, sa_handle, place, now_s & SECONDS_MASK, content);
}

void esp_probe_ask_path(const struct esp_engine *engine, uint32_t sa_handle, uint16_t path_bytes,
			uint64_t now_s, uint8_t content[ESP_PROBE_BYTES])
{
	const struct esp_probe_place nowhere = {.port_be16 = 0};

	write(engine, sa_handle, &nowhere, (uint64_t)path_bytes << PATH_SHIFT | (now_s & SECONDS_MASK),
	      content);
}

/* Is it an answer, neither too old nor changed, to what was asked about this SA and place? */
static bool is_answer(const struct esp_engine *engine, const uint8_t *at, uint32_t sa_handle,
		      const struct esp_probe_place *place, uint64_t now_s)
{
	uint64_t asked = seconds_read(at + TIME_AT), asked_s = asked & SECONDS_MASK;
	uint8_t mac[ESP_PROBE_MAC_BYTES];

	if (asked_s > now_s || now_s - asked_s > ESP_PROBE_LIFE_S)
		return false;
	mac_make(engine, sa_handle, place, asked, mac);
	return CRYPTO_memcmp(mac, at + MAC_AT, sizeof(mac)) == 0;
}

static bool is_shaped(struct slice content)
{
	const uint8_t *at = (const uint8_t *)content.at;

	return content.len == ESP_PROBE_BYTES &&
	       memcmp(at, ESP_PROBE_LABEL, ESP_PROBE_LABEL_BYTES) == 0 &&
	       at[KIND_AT] == PROBE_ANSWER;
}

bool esp_probe_is_answer(const struct esp_engine *engine, struct slice content, uint32_t sa_handle,
			 const struct esp_probe_place *place, uint64_t now_s)
{
	const uint8_t *at = (const uint8_t *)content.at;

	return is_shaped(content) && seconds_read(at + TIME_AT) >> PATH_SHIFT == 0 &&
	       is_answer(engine, at, sa_handle, place, now_s);
}

uint16_t esp_probe_path_answered(const struct esp_engine *engine, struct slice content,
				 uint32_t sa_handle, uint64_t now_s)
{
	const struct esp_probe_place nowhere = {.port_be16 = 0};
	const uint8_t *at = (const uint8_t *)content.at;
	uint16_t path_bytes =
		is_shaped(content) ? (uint16_t)(seconds_read(at + TIME_AT) >> PATH_SHIFT) : 0;

	/* 0: about a place, which is not for us to verify */
	return path_bytes != 0 && is_answer(engine, at, sa_handle, &nowhere, now_s) ? path_bytes : 0;
}
