/* What stands in an ESP packet once it is decrypted and authentic: is it what its SA may carry? */
#ifndef SEKISHO_DATAPLANE_ESP_PLAIN_H
#define SEKISHO_DATAPLANE_ESP_PLAIN_H

#include <stdbool.h>

#include "dataplane/drop_reason.h"
#include "dataplane/esp/outer.h"
#include "dataplane/tables/sa.h"
#include "shared/slice.h"

#define ESP_TRAILER_BYTES 2 /* pad length, next header */

#define ESP_NEXT_HEADER_IPV4  4
#define ESP_NEXT_HEADER_UDP   17
#define ESP_NEXT_HEADER_IPV6  41
#define ESP_NEXT_HEADER_DUMMY 59

/*
 * Padding (RFC 4303 2.4: 1, 2, 3 ...), next header as the mode has it, selector. plain holds the
 * trailer, so it is at least ESP_TRAILER_BYTES long, and stands behind an ESP header; outer is what
 * the packet came in. DROP_NONE:
 * *inside is the SIP payload, or with *is_fragment an inner IP fragment of the SA's. esp_dummy:
 * *inside is what the dummy holds. Otherwise esp_padding, esp_next_header or esp_selector.
 */
enum drop_reason esp_plain_check(const struct sa_in *sa, const struct esp_outer *outer,
				 struct slice plain, struct slice *inside, bool *is_fragment);

#endif
