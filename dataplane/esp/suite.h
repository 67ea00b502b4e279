/* What the ESP steps must know of a cipher suite: the one place where suites differ in shape. */
#ifndef SEKISHO_DATAPLANE_ESP_SUITE_H
#define SEKISHO_DATAPLANE_ESP_SUITE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"

struct esp_suite {
	uint8_t key_bytes;   /* encryption key; 0: this data plane does not have the suite */
	uint8_t salt_bytes;  /* RFC 4106 4: first bytes of the nonce */
	uint8_t iv_bytes;    /* in the packet, after the sequence number */
	uint8_t icv_bytes;   /* at the packet's end */
	uint8_t align_bytes; /* of what is encrypted: payload, padding and trailer */
};

/* The shape of a suite, or NULL if it is none that this data plane has. */
static inline const struct esp_suite *esp_suite_get(unsigned int suite)
{
	static const struct esp_suite suites[] = {
		[CONTRACT_SUITE_AES_128_GCM_16] = {16, 4, 8, 16, 4},
		[CONTRACT_SUITE_AES_256_GCM_16] = {32, 4, 8, 16, 4},
	};

	if (suite >= sizeof(suites) / sizeof(suites[0]) || suites[suite].key_bytes == 0)
		return NULL;
	return &suites[suite];
}

#endif
