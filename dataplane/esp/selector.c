#include "dataplane/esp/selector.h"

#include <string.h>

#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define FRAGMENT_BYTES 8
#define UDP_BYTES      8

#define PROTOCOL_UDP	  17
#define PROTOCOL_FRAGMENT 44

static uint16_t read_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

bool esp_selector_has_hosts(const struct sa_in *sa, bool is_ipv4, const uint8_t *from,
			    const uint8_t *to)
{
	if (is_ipv4 != ((sa->flags & SA_IS_INNER_IPV4) != 0))
		return false;
	if (is_ipv4)
		return memcmp(from, sa->inner_remote, 4) == 0 &&
		       memcmp(to, sa->inner_local, 4) == 0;
	return memcmp(from, sa->inner_remote, 16) == 0 && memcmp(to, sa->inner_local, 16) == 0;
}

enum drop_reason esp_selector_udp(const struct sa_in *sa, struct slice udp, struct slice *payload)
{
	const uint8_t *at = (const uint8_t *)udp.at;

	if (udp.len < UDP_BYTES || read_u16(at + 4) != udp.len ||
	    memcmp(at, &sa->inner_remote_port_be16, 2) != 0 ||
	    memcmp(at + 2, &sa->inner_local_port_be16, 2) != 0)
		return DROP_esp_selector;
	*payload = slice_make(at + UDP_BYTES, udp.len - UDP_BYTES);
	return DROP_NONE;
}

static enum drop_reason selector_ipv4(const struct sa_in *sa, struct slice ip, struct slice *udp,
				      bool *is_fragment)
{
	const uint8_t *at = (const uint8_t *)ip.at;

	/* No options: nobody who speaks SIP to us writes any. */
	if (ip.len < IPV4_BYTES || at[0] != 0x45 || read_u16(at + 2) != ip.len ||
	    at[9] != PROTOCOL_UDP || !esp_selector_has_hosts(sa, true, at + 12, at + 16))
		return DROP_esp_selector;
	*is_fragment = (read_u16(at + 6) & 0x3fff) != 0;
	*udp = slice_make(at + IPV4_BYTES, ip.len - IPV4_BYTES);
	return DROP_NONE;
}

static enum drop_reason selector_ipv6(const struct sa_in *sa, struct slice ip, struct slice *udp,
				      bool *is_fragment)
{
	const uint8_t *at = (const uint8_t *)ip.at;
	bool has_fragment_header;

	if (ip.len < IPV6_BYTES || at[0] >> 4 != 6 || read_u16(at + 4) != ip.len - IPV6_BYTES ||
	    !esp_selector_has_hosts(sa, false, at + 8, at + 24))
		return DROP_esp_selector;
	has_fragment_header = at[6] == PROTOCOL_FRAGMENT && ip.len >= IPV6_BYTES + FRAGMENT_BYTES;
	if (has_fragment_header ? at[IPV6_BYTES] != PROTOCOL_UDP : at[6] != PROTOCOL_UDP)
		return DROP_esp_selector;
	*is_fragment = has_fragment_header;
	*udp = slice_make(at + IPV6_BYTES, ip.len - IPV6_BYTES);
	return DROP_NONE;
}

enum drop_reason esp_selector_ip(const struct sa_in *sa, struct slice ip, struct slice *udp,
				 bool *is_fragment)
{
	if (sa->flags & SA_IS_INNER_IPV4)
		return selector_ipv4(sa, ip, udp, is_fragment);
	return selector_ipv6(sa, ip, udp, is_fragment);
}
