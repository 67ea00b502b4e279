#include "dataplane/esp/probe.h"

#include <openssl/crypto.h>
#include <string.h>

#define KIND_AT ESP_PROBE_LABEL_BYTES
#define TIME_AT (KIND_AT + 1)
#define MAC_AT	(TIME_AT + 8)

/* What asks about a path has a length where seconds have zeros, its SA, and the seconds' last bits. */
#define LENGTH_SHIFT 48
#define SA_SHIFT     16

enum { PROBE_QUESTION, PROBE_ANSWER };

/* Address, SA, port, length of a path, seconds: two blocks, always. */
static void mac_make(const struct esp_engine *engine, uint32_t sa_handle,
		     const struct esp_probe_place *place, uint16_t path_bytes, uint64_t asked_s,
		     uint8_t mac[ESP_PROBE_MAC_BYTES])
{
	uint8_t said[32] = {0};

	memcpy(said, place->address, sizeof(place->address));
	memcpy(said + 16, &sa_handle, 4);
	memcpy(said + 20, &place->port_be16, 2);
	memcpy(said + 22, &path_bytes, 2);
	memcpy(said + 24, &asked_s, 8);
	cbc_mac_make(engine->cbc, said, mac);
}

static void word_write(uint8_t *at, uint64_t word)
{
	for (int i = 7; i >= 0; i--, word >>= 8)
		at[i] = (uint8_t)word;
}

static uint64_t word_read(const uint8_t *at)
{
	uint64_t word = 0;

	for (int i = 0; i < 8; i++)
		word = word << 8 | at[i];
	return word;
}

static void question_begin(uint64_t asked, uint8_t content[ESP_PROBE_BYTES])
{
	memcpy(content, ESP_PROBE_LABEL, ESP_PROBE_LABEL_BYTES);
	content[KIND_AT] = PROBE_QUESTION;
	word_write(content + TIME_AT, asked);
}

void esp_probe_ask(const struct esp_engine *engine, uint32_t sa_handle,
		   const struct esp_probe_place *place, uint64_t now_s,
		   uint8_t content[ESP_PROBE_BYTES])
{
	question_begin(now_s, content);
	mac_make(engine, sa_handle, place, 0, now_s, content + MAC_AT);
}

void esp_probe_ask_path(const struct esp_engine *engine, uint32_t sa_handle, uint16_t path_bytes,
			uint64_t now_s, uint8_t content[ESP_PROBE_BYTES])
{
	const struct esp_probe_place nowhere = {.port_be16 = 0};

	question_begin((uint64_t)path_bytes << LENGTH_SHIFT | (uint64_t)sa_handle << SA_SHIFT |
			       (now_s & UINT16_MAX),
		       content);
	mac_make(engine, sa_handle, &nowhere, path_bytes, now_s, content + MAC_AT);
}

/* Is an answer's MAC that of a question about this, neither too old nor from the future? */
static bool is_answer(const struct esp_engine *engine, const uint8_t *at, uint32_t sa_handle,
		      const struct esp_probe_place *place, uint16_t path_bytes, uint64_t asked_s,
		      uint64_t now_s)
{
	uint8_t mac[ESP_PROBE_MAC_BYTES];

	if (asked_s > now_s || now_s - asked_s > ESP_PROBE_LIFE_S)
		return false;
	mac_make(engine, sa_handle, place, path_bytes, asked_s, mac);
	return CRYPTO_memcmp(mac, at + MAC_AT, sizeof(mac)) == 0;
}

static bool is_shaped(struct slice content, uint8_t kind)
{
	const uint8_t *at = (const uint8_t *)content.at;

	return content.len >= ESP_PROBE_BYTES &&
	       memcmp(at, ESP_PROBE_LABEL, ESP_PROBE_LABEL_BYTES) == 0 && at[KIND_AT] == kind;
}

static bool is_shaped_answer(struct slice content)
{
	return content.len == ESP_PROBE_BYTES && is_shaped(content, PROBE_ANSWER);
}

bool esp_probe_is_answer(const struct esp_engine *engine, struct slice content, uint32_t sa_handle,
			 const struct esp_probe_place *place, uint64_t now_s)
{
	const uint8_t *at = (const uint8_t *)content.at;

	return is_shaped_answer(content) &&
	       is_answer(engine, at, sa_handle, place, 0, word_read(at + TIME_AT), now_s);
}

uint16_t esp_probe_path_answered(const struct esp_engine *engine, struct slice content,
				 uint64_t now_s, uint32_t *sa_handle)
{
	const struct esp_probe_place nowhere = {.port_be16 = 0};
	const uint8_t *at = (const uint8_t *)content.at;
	uint64_t word = is_shaped_answer(content) ? word_read(at + TIME_AT) : 0;
	uint16_t path_bytes = (uint16_t)(word >> LENGTH_SHIFT);
	uint64_t asked_s = now_s - (uint16_t)(now_s - word); /* the last that ends so */

	/* 0: about a place, which is not for us to verify */
	if (path_bytes == 0 || !is_answer(engine, at, (uint32_t)(word >> SA_SHIFT), &nowhere,
					  path_bytes, asked_s, now_s))
		return 0;
	*sa_handle = (uint32_t)(word >> SA_SHIFT);
	return path_bytes;
}

bool esp_probe_answer(struct slice content, uint8_t answer[ESP_PROBE_BYTES])
{
	if (!is_shaped(content, PROBE_QUESTION))
		return false;
	memcpy(answer, content.at, ESP_PROBE_BYTES);
	answer[KIND_AT] = PROBE_ANSWER;
	return true;
}
