/*
 * Any sequence of authentic inner packets at the terminal: each is u8(length of the rest, a rest of 0
 * ends a tick) ‖ bytes that are put over a fragment's header, so that most are nearly right.
 */
#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/inner_fragments.h"
#include "tests/fuzz/target.h"

#define PAYLOAD_BYTES 64

static const struct sip_address from = {.family = 6, .bytes = {0x20, 1, [15] = 1}};
static const struct sip_address to = {.family = 6, .bytes = {0x20, 1, [15] = 2}};

/* An IPv6 header and a fragment header as they should be, before a payload. */
static size_t packet_make(uint8_t packet[48 + PAYLOAD_BYTES], const uint8_t *bytes, size_t len)
{
	size_t payload = PAYLOAD_BYTES;

	memset(packet, 0, 48 + PAYLOAD_BYTES);
	packet[0] = 0x60;
	packet[6] = 44;
	memcpy(packet + 8, from.bytes, 16);
	memcpy(packet + 24, to.bytes, 16);
	packet[40] = 17;
	if (len >= 3) {
		/* Offset and flags, and how much of the payload there is. */
		memcpy(packet + 42, bytes, 2);
		payload = bytes[2] % (PAYLOAD_BYTES + 1);
		bytes += 3;
		len -= 3;
	}
	bytes_put_u16(packet + 4, (uint16_t)(8 + payload));
	/* What is left goes over the rest, the length field and all if there is enough of it. */
	for (size_t i = 0; i < len && i < 48; i++)
		packet[47 - i] ^= bytes[i];
	return 48 + payload;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct inner_fragments fragments;
	uint64_t now_ms = 1;

	memset(&fragments, 0, sizeof(fragments));
	while (size > 0) {
		size_t len = data[0];
		uint8_t packet[48 + PAYLOAD_BYTES];
		const uint8_t *udp = NULL;
		size_t udp_len = 0;

		data++;
		size--;
		if (len == 0) {
			now_ms += 1000;
			continue;
		}
		if (len > size)
			len = size;
		if (inner_fragments_take(&fragments, now_ms, packet, packet_make(packet, data, len),
					 &from, &to, &udp, &udp_len) == RESULT_OK) {
			MUST(udp != NULL && udp_len <= INNER_FRAGMENTS_BYTES);
			/* All of it can be read. */
			for (size_t i = 0; i < udp_len; i++)
				now_ms += udp[i] & 1;
		}
		for (unsigned i = 0; i < INNER_FRAGMENTS_DATAGRAMS; i++) {
			const struct inner_datagram *d = &fragments.datagrams[i];

			MUST(d->piece_count <= INNER_FRAGMENTS_PIECES);
			MUST(d->len == 0 || d->filled <= d->len || d->end_ms == 0);
		}
		data += len;
		size -= len;
	}
	return 0;
}
