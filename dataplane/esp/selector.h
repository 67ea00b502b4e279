/*
 * Is what was decrypted what its SA may carry: UDP from the bound address and port to our SIP port,
 * nothing else (signalling "After esp_open")?
 */
#ifndef SEKISHO_DATAPLANE_ESP_SELECTOR_H
#define SEKISHO_DATAPLANE_ESP_SELECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/drop_reason.h"
#include "dataplane/tables/sa.h"
#include "shared/slice.h"

/* Are these the SA's addresses, in its family? At from and to lie 4 or 16 bytes. */
bool esp_selector_has_hosts(const struct sa_in *sa, bool is_ipv4, const uint8_t *from,
			    const uint8_t *to);

/* The payload of the UDP datagram that must fill `udp` to the last byte. */
enum drop_reason esp_selector_udp(const struct sa_in *sa, struct slice udp, struct slice *payload);

/*
 * The UDP datagram in the IP datagram that must fill `ip`. A fragment with the SA's addresses gives
 * DROP_NONE and *is_fragment, and *udp is not set.
 */
enum drop_reason esp_selector_ip(const struct sa_in *sa, struct slice ip, struct slice *udp,
				 bool *is_fragment);

#endif
