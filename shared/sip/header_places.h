/* Where a header's name is found: for sip_header_find and for the head read by vectors. */
#ifndef SEKISHO_SHARED_SIP_HEADER_PLACES_H
#define SEKISHO_SHARED_SIP_HEADER_PLACES_H

#include <stdint.h>

#include "shared/sip/header.h"

/* Half a vector register's worth: the name as the RFCs write it, a colon, zeros. */
struct sip_header_text {
	char text[31];
	uint8_t len; /* of the name */
};

extern const struct sip_header_text sip_header_texts[SIP_HEADER_COUNT];

/* By sip_header_place; what stands there is the only name that it can be. */
extern const uint8_t sip_header_places[256];

/*
 * A place for each name by its length and its last four characters in lower case, read as a word,
 * none of them for two: that way a name is compared with one other, whole. Before a shorter name
 * stand CR and LF, or "-*" in lower case. The factor was found by trying.
 */
#define SIP_HEADER_PLACE(len, tail)                                                                \
	(((uint32_t)(tail) + ((uint32_t)(len) << 8)) * UINT32_C(0xaecb6137) >> 24)

#endif
