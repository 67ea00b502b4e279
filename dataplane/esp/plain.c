#include "dataplane/esp/plain.h"

#include <rte_byteorder.h>
#include <string.h>

#include "dataplane/esp/selector.h"

/*
 * 1, 2, 3 ... before the trailer (RFC 4303 2.4). Up to seven as one word: what stands before them, if
 * only the ESP header, is shifted out.
 */
static bool padding_is_right(struct slice plain, uint8_t pad_len)
{
	const uint8_t *end = (const uint8_t *)plain.at + plain.len - ESP_TRAILER_BYTES;
	const unsigned int others = 8 * (7 - (pad_len & 7u));
	uint64_t word;

	if (pad_len > plain.len - ESP_TRAILER_BYTES)
		return false;
	if (pad_len < 8) {
		memcpy(&word, end - 8, sizeof(word));
		return rte_le_to_cpu_64(word) >> 8 >> others ==
		       (UINT64_C(0x0706050403020100) << others) >> 8 >> others;
	}
	for (unsigned int i = 0; i < pad_len; i++) {
		if (end[(int)i - pad_len] != i + 1)
			return false;
	}
	return true;
}

static uint8_t next_header_of(const struct sa_in *sa)
{
	if (!(sa->flags & SA_IS_TUNNEL))
		return ESP_NEXT_HEADER_UDP;
	return sa->flags & SA_IS_INNER_IPV4 ? ESP_NEXT_HEADER_IPV4 : ESP_NEXT_HEADER_IPV6;
}

/* In transport mode the outer addresses, which no ICV covers, are those the SA is bound to. */
static bool outer_hosts_are_right(const struct sa_in *sa, const struct esp_outer *outer)
{
	const uint8_t *from = outer->ip + (outer->is_ipv4 ? 12 : 8);

	return esp_selector_has_hosts(sa, outer->is_ipv4, from, from + (outer->is_ipv4 ? 4 : 16));
}

enum drop_reason esp_plain_check(const struct sa_in *sa, const struct esp_outer *outer,
				 struct slice plain, struct slice *inside, bool *is_fragment)
{
	const uint8_t *trailer = (const uint8_t *)plain.at + plain.len - ESP_TRAILER_BYTES;
	struct slice inner = plain, udp;
	enum drop_reason reason;

	if (!padding_is_right(plain, trailer[0]))
		return DROP_esp_padding;
	inner.len -= (size_t)ESP_TRAILER_BYTES + trailer[0];
	if (trailer[1] == ESP_NEXT_HEADER_DUMMY) {
		*inside = inner;
		return DROP_esp_dummy;
	}
	if (trailer[1] != next_header_of(sa))
		return DROP_esp_next_header;
	*is_fragment = false;
	if (!(sa->flags & SA_IS_TUNNEL))
		return outer_hosts_are_right(sa, outer) ? esp_selector_udp(sa, inner, inside)
							: DROP_esp_selector;
	reason = esp_selector_ip(sa, inner, &udp, is_fragment);
	if (reason != DROP_NONE)
		return reason;
	if (!*is_fragment)
		return esp_selector_udp(sa, udp, inside);
	*inside = inner;
	return DROP_NONE;
}
