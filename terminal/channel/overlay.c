#include "terminal/channel/overlay.h"

#include <string.h>

#include "shared/keyexchange/kdf.h"
#include "terminal/esp/bytes.h"

#define IPV4_BYTES 20
#define IPV6_BYTES 40

enum result overlay_of(struct slice aor, struct overlay *out)
{
	static const uint8_t prefix[6] = {0xfd, 0x73, 0x65, 0x6b, 0x69, 0x73};
	const struct slice parts[] = {SLICE("sekisho overlay "), aor};
	uint8_t hash[KDF_HASH_BYTES];
	enum result result = kdf_hash(parts, 2, hash);
	uint32_t host;

	if (result != RESULT_OK)
		return result;
	*out = (struct overlay){{.family = 6}, {.family = 4}};
	memcpy(out->ipv6.bytes, prefix, sizeof(prefix));
	memcpy(out->ipv6.bytes + sizeof(prefix), hash, 10);
	/* 22 bits, neither all zero nor all one. */
	host = bytes_get_u32(hash + 16) % ((UINT32_C(1) << 22) - 2) + 1;
	bytes_put_u32(out->ipv4.bytes, UINT32_C(0x64400000) | host);
	return RESULT_OK;
}

static bool is_between_ipv4(const struct overlay *from, const struct overlay *to,
			    const uint8_t *packet, size_t len)
{
	return len >= IPV4_BYTES && bytes_get_u16(packet + 2) == len &&
	       memcmp(packet + 12, from->ipv4.bytes, 4) == 0 &&
	       memcmp(packet + 16, to->ipv4.bytes, 4) == 0;
}

static bool is_between_ipv6(const struct overlay *from, const struct overlay *to,
			    const uint8_t *packet, size_t len)
{
	return len >= IPV6_BYTES && (size_t)bytes_get_u16(packet + 4) + IPV6_BYTES == len &&
	       memcmp(packet + 8, from->ipv6.bytes, 16) == 0 &&
	       memcmp(packet + 24, to->ipv6.bytes, 16) == 0;
}

bool overlay_is_between(const struct overlay *from, const struct overlay *to, const uint8_t *packet,
			size_t len, unsigned *version)
{
	*version = len > 0 ? packet[0] >> 4 : 0;
	switch (*version) {
	case 4:
		return is_between_ipv4(from, to, packet, len);
	case 6:
		return is_between_ipv6(from, to, packet, len);
	default:
		*version = 0;
		return false;
	}
}
