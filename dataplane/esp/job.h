/* The cryptography of one packet, as ESP's steps give it to an engine. */
#ifndef SEKISHO_DATAPLANE_ESP_JOB_H
#define SEKISHO_DATAPLANE_ESP_JOB_H

#include <stdbool.h>
#include <stdint.h>

struct esp_key;
struct esp_suite;
struct rte_mbuf;

#define ESP_BURST 64 /* at most this many packets a call, everywhere in ESP */

struct esp_job {
	const struct esp_key *key;
	const struct esp_suite *suite;
	struct rte_mbuf *mbuf; /* in whose data, in one segment, it lies with the bytes before it */
	uint8_t *esp;	 /* SPI, the number's low half, IV, `len` bytes, ICV; 4 bytes before it are
			    ours too, and what stands there is left as it was */
	uint32_t len;	 /* payload, padding and trailer */
	uint64_t number; /* the whole sequence number */
	bool is_done;	 /* out: opened, its ICV right; or sealed */
};

#endif
