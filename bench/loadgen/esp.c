#include "bench/loadgen/esp.h"

#include <netinet/in.h>
#include <rte_byteorder.h>
#include <string.h>

#define TRAILER_BYTES 2 /* padding's length, protocol */

static void clear_write(uint8_t *at, uint32_t spi_be32, uint64_t number)
{
	uint32_t low_be32 = rte_cpu_to_be_32((uint32_t)number);
	uint64_t iv_be64 = rte_cpu_to_be_64(number);

	memcpy(at, &spi_be32, 4);
	memcpy(at + 4, &low_be32, 4);
	memcpy(at + 8, &iv_be64, 8);
}

size_t esp_close(struct terminals *terminals, uint32_t terminal, uint8_t *at, size_t length)
{
	struct terminal_way *way = terminal_way_out(terminals, terminal);
	uint8_t *plain = at + ESP_CLEAR_BYTES, aad[16];
	size_t pad = -(length + TRAILER_BYTES) & 3;
	uint32_t spi_be32;
	uint64_t number;

	if (!way)
		return 0;
	spi_be32 = rte_cpu_to_be_32(way->spi);
	number = ++way->number;
	for (size_t i = 0; i < pad; i++)
		plain[length++] = (uint8_t)(i + 1);
	plain[length++] = (uint8_t)pad;
	plain[length++] = IPPROTO_UDP;
	clear_write(at, spi_be32, number);
	gcm_aad_write(aad, spi_be32, number);
	gcm_seal(terminals->gcm, &way->key, at + 8, aad, plain, length);
	return ESP_CLEAR_BYTES + length + GCM_ICV_BYTES;
}

/* The trailer of what has been decrypted: RFC 4303 2.4, padding counts up from 1. */
static const char *trailer_read(const uint8_t *plain, size_t length, size_t *text)
{
	size_t pad = plain[length - 2];

	if (plain[length - 1] != IPPROTO_UDP)
		return "an ESP packet has no UDP in it";
	if (pad + TRAILER_BYTES > length)
		return "an ESP packet's padding is longer than it is";
	*text = length - TRAILER_BYTES - pad;
	for (size_t i = 0; i < pad; i++)
		if (plain[*text + i] != i + 1)
			return "an ESP packet's padding is not 1, 2, 3";
	return NULL;
}

/* By the channel that there is, or by the one before: the gateway sends by that until it has heard
 * something by the new one. */
static struct terminal_way *way_find(struct terminals *terminals, uint32_t terminal,
				     uint32_t spi_be32)
{
	struct terminal_way *before = &terminals->before[terminal];

	if (before->is_ready && spi_be32 == rte_cpu_to_be_32(before->spi))
		return before;
	return terminal_way_in(terminals, terminal);
}

const char *esp_open_packet(struct terminals *terminals, uint32_t terminal, uint8_t *at,
			    size_t length, size_t *plain, enum terminal_number *number)
{
	struct terminal_way *way;
	uint32_t spi_be32, low_be32;
	uint64_t whole_be64;
	uint8_t aad[16];
	size_t sealed;

	if (length < ESP_CLEAR_BYTES + TRAILER_BYTES + GCM_ICV_BYTES)
		return "an ESP packet is cut off";
	memcpy(&spi_be32, at, 4);
	way = way_find(terminals, terminal, spi_be32);
	if (!way)
		return "a key cannot be made";
	memcpy(&low_be32, at + 4, 4);
	memcpy(&whole_be64, at + 8, 8);
	if (spi_be32 != rte_cpu_to_be_32(way->spi))
		return "an ESP packet has the SPI of another terminal";
	/* The gateway's IV is its whole number: the high half is not sent otherwise. */
	if (low_be32 != (uint32_t)(whole_be64 >> 32))
		return "an ESP packet's IV is not its number";
	sealed = length - ESP_CLEAR_BYTES - GCM_ICV_BYTES;
	gcm_aad_write(aad, spi_be32, rte_be_to_cpu_64(whole_be64));
	if (!gcm_open(terminals->gcm, &way->key, at + 8, aad, at + ESP_CLEAR_BYTES, sealed))
		return "an ESP packet is not authentic";
	*number = terminal_number_take(way, rte_be_to_cpu_64(whole_be64));
	if (*number == TERMINAL_NUMBER_TWICE)
		return "an ESP packet's number came twice";
	terminals->by_old += way == &terminals->before[terminal];
	return trailer_read(at + ESP_CLEAR_BYTES, sealed, plain);
}
