/*
 * Any bytes as a packet of the wire, and any bytes as what an authentic sender encrypted: the first
 * byte says by which link, the rest is the plaintext, trailer included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/target.h"
#include "tests/unit/dataplane/esp_kit.h"

/* What is left lies within the packet, and only what was authentic has an SA's name. */
static void outcome_check(const struct kit_ends *ends, const struct kit_buffer *buffer,
			  const struct esp_open_packet *packet, size_t len)
{
	const struct rte_mbuf *mbuf = &buffer->mbuf;

	MUST(mbuf->data_off >= KIT_HEADROOM);
	MUST(mbuf->data_off + mbuf->data_len <= KIT_HEADROOM + len);
	MUST(mbuf->data_len == mbuf->pkt_len);
	MUST(packet->verdict <= ESP_OPEN_DROP);
	MUST((packet->verdict == ESP_OPEN_DROP) == (packet->reason != DROP_NONE));
	MUST(packet->sa_handle == 0 || packet->sa_handle == ends->handle);
}

static void packet_check(struct kit_ends *ends, struct kit_buffer *buffer, const uint8_t *data,
			 size_t size)
{
	struct esp_open_packet packet;

	kit_buffer_fill(buffer, data, size);
	kit_gateway_open(ends, buffer, &packet);
	outcome_check(ends, buffer, &packet, size);
	MUST(packet.verdict == ESP_OPEN_DROP); /* nobody guesses a key */
	MUST(packet.sa_handle == 0);
}

static void plain_check(struct kit_ends *ends, struct kit_buffer *buffer, const uint8_t *plain,
			size_t len)
{
	struct esp_open_packet packet;
	size_t sealed;

	kit_terminal_seal_raw(ends, buffer, 1, plain, len);
	sealed = buffer->mbuf.data_len;
	kit_gateway_open(ends, buffer, &packet);
	outcome_check(ends, buffer, &packet, sealed);
	MUST(packet.sa_handle == ends->handle);
	MUST(packet.is_first);
	/* Never more than was encrypted, less the trailer and (but for a fragment) the UDP header.
	 */
	if (packet.verdict != ESP_OPEN_DROP)
		MUST(buffer->mbuf.data_len + (packet.verdict == ESP_OPEN_PASS ? 10u : 2u) <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kit_buffer buffer;
	const struct kit_link *link;
	struct kit_ends ends;
	size_t align;

	if (size < 5 || size > KIT_PLAIN_BYTES)
		return 0;
	kit_ends_make(&ends, NULL);
	link = &kit_links[data[0] % kit_link_count];
	align = esp_suite_get(link->suite)->align_bytes;
	kit_ends_link(&ends, link);
	packet_check(&ends, &buffer, data, size);
	packet_check(&ends, &buffer, data + 1, size - 1);
	if (size - 1 >= align)
		plain_check(&ends, &buffer, data + 1, (size - 1) & ~(align - 1));
	kit_ends_free(&ends);
	return 0;
}
