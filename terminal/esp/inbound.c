#include <stdlib.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"
#include "terminal/esp/window.h"

struct esp_inbound {
	struct esp_cipher *cipher;
	uint32_t spi;
	uint64_t packets, bytes;
	struct esp_window window;
};

enum result esp_inbound_create(const struct esp_suite *suite, uint32_t spi, const uint8_t *keys,
			       struct esp_inbound **out)
{
	struct esp_inbound *sa = calloc(1, sizeof(*sa));
	enum result result;

	if (!sa)
		return RESULT_MEMORY;
	sa->spi = spi;
	result = esp_cipher_create(suite, keys, false, &sa->cipher);
	if (result != RESULT_OK) {
		free(sa);
		return result;
	}
	*out = sa;
	return RESULT_OK;
}

void esp_inbound_destroy(struct esp_inbound *sa)
{
	if (!sa)
		return;
	esp_cipher_destroy(sa->cipher);
	free(sa);
}

uint32_t esp_inbound_spi(const struct esp_inbound *sa)
{
	return sa->spi;
}

uint64_t esp_inbound_packets(const struct esp_inbound *sa)
{
	return sa->packets;
}

uint64_t esp_inbound_bytes(const struct esp_inbound *sa)
{
	return sa->bytes;
}

/* Takes the trailer off len bytes of plaintext (RFC 4303 2.4: padding is 1, 2, 3 ...). */
static enum result trailer_take(const uint8_t *plain, size_t len, struct esp_opened *out)
{
	size_t pad;

	if (len < 2)
		return RESULT_BAD;
	pad = plain[len - 2];
	if (pad > len - 2)
		return RESULT_BAD;
	for (size_t i = 0; i < pad; i++)
		if (plain[len - 2 - pad + i] != i + 1)
			return RESULT_BAD;
	*out = (struct esp_opened){plain, len - 2 - pad, plain[len - 1]};
	return RESULT_OK;
}

enum result esp_inbound_open(struct esp_inbound *sa, uint8_t *packet, size_t len,
			     struct esp_opened *out)
{
	const struct esp_suite *suite = esp_cipher_suite(sa->cipher);
	size_t front = (size_t)ESP_HEADER_BYTES + suite->iv_bytes;
	uint64_t sequence;
	enum result result;

	if (len < front + 2 + suite->icv_bytes)
		return RESULT_BAD;
	if (bytes_get_u32(packet) != sa->spi)
		return RESULT_NOT_FOUND;
	len -= suite->icv_bytes;
	if ((len - front) % suite->block_bytes != 0)
		return RESULT_BAD;
	result = esp_window_check(&sa->window, bytes_get_u32(packet + 4), &sequence);
	if (result != RESULT_OK)
		return result;
	result = esp_cipher_open(sa->cipher, sequence, packet, len);
	if (result != RESULT_OK)
		return result;
	esp_window_mark(&sa->window, sequence);
	sa->packets++;
	sa->bytes += len - front;
	return trailer_take(packet + front, len - front, out);
}
