#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"

struct esp_outbound {
	struct esp_cipher *cipher;
	uint32_t spi;
	uint64_t sequence; /* the last one used */
	uint64_t bytes;
};

enum result esp_outbound_create(const struct esp_suite *suite, uint32_t spi, const uint8_t *keys,
				struct esp_outbound **out)
{
	struct esp_outbound *sa = calloc(1, sizeof(*sa));
	enum result result;

	if (!sa)
		return RESULT_MEMORY;
	sa->spi = spi;
	result = esp_cipher_create(suite, keys, true, &sa->cipher);
	if (result != RESULT_OK) {
		free(sa);
		return result;
	}
	*out = sa;
	return RESULT_OK;
}

void esp_outbound_destroy(struct esp_outbound *sa)
{
	if (!sa)
		return;
	esp_cipher_destroy(sa->cipher);
	free(sa);
}

uint32_t esp_outbound_spi(const struct esp_outbound *sa)
{
	return sa->spi;
}

uint64_t esp_outbound_packets(const struct esp_outbound *sa)
{
	return sa->sequence;
}

uint64_t esp_outbound_bytes(const struct esp_outbound *sa)
{
	return sa->bytes;
}

size_t esp_outbound_front(const struct esp_outbound *sa)
{
	return (size_t)ESP_HEADER_BYTES + esp_cipher_suite(sa->cipher)->iv_bytes;
}

size_t esp_outbound_payload_most(const struct esp_outbound *sa, size_t packet_bytes)
{
	const struct esp_suite *suite = esp_cipher_suite(sa->cipher);
	size_t sealed = packet_bytes - ESP_HEADER_BYTES - suite->iv_bytes - suite->icv_bytes;

	return sealed - sealed % suite->block_bytes - 2;
}

/* GCM's IV is the number, so it never repeats; CBC's must not be foreseeable (RFC 3602 3). */
static bool iv_write(const struct esp_suite *suite, uint64_t sequence, uint8_t *iv)
{
	if (!suite->digest) {
		bytes_put_u64(iv, sequence);
		return true;
	}
	return suite->iv_bytes == 0 || RAND_bytes(iv, suite->iv_bytes) == 1;
}

/* Padding 1, 2, 3 ..., its length and the next header (RFC 4303 2.4); returns the bytes. */
static size_t trailer_write(const struct esp_suite *suite, size_t payload_len, uint8_t next_header,
			    uint8_t *at)
{
	size_t over = (payload_len + 2) % suite->block_bytes;
	size_t pad = over ? suite->block_bytes - over : 0;

	for (size_t i = 0; i < pad; i++)
		at[i] = (uint8_t)(i + 1);
	at[pad] = (uint8_t)pad;
	at[pad + 1] = next_header;
	return pad + 2;
}

enum result esp_outbound_seal(struct esp_outbound *sa, uint8_t next_header, const uint8_t *payload,
			      size_t len, uint8_t *packet, size_t room, size_t *packet_len)
{
	const struct esp_suite *suite = esp_cipher_suite(sa->cipher);
	size_t at = esp_outbound_front(sa);
	uint64_t sequence = sa->sequence + 1;
	enum result result;

	if (room < ESP_GROWTH_BYTES || room - ESP_GROWTH_BYTES < len)
		return RESULT_SPACE;
	if (sequence == 0)
		return RESULT_STALE;
	bytes_put_u32(packet, sa->spi);
	bytes_put_u32(packet + 4, (uint32_t)sequence);
	if (!iv_write(suite, sequence, packet + ESP_HEADER_BYTES))
		return RESULT_MEMORY;
	if (payload != packet + at)
		memcpy(packet + at, payload, len);
	at += len;
	at += trailer_write(suite, len, next_header, packet + at);
	/* Counted before it is used: a failure may waste a number but never lends one twice. */
	sa->sequence = sequence;
	result = esp_cipher_seal(sa->cipher, sequence, packet, at);
	if (result != RESULT_OK)
		return result;
	sa->bytes += len;
	*packet_len = at + suite->icv_bytes;
	return RESULT_OK;
}
