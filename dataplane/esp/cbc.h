/*
 * AES-CBC (RFC 3602) or no encryption, with HMAC-SHA-256-128 (RFC 4868) or HMAC-SHA-1-96
 * (RFC 2404), on IPsec-MB's bursts: CBC cannot go on before the block before, and a hash neither, so
 * what makes them fast is many packets side by side, of whatever SAs.
 */
#ifndef SEKISHO_DATAPLANE_ESP_CBC_H
#define SEKISHO_DATAPLANE_ESP_CBC_H

#include <rte_prefetch.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/esp/job.h"
#include "dataplane/esp/suite.h"
#include "shared/result.h"

#define CBC_SCHEDULE_BYTES 240 /* of AES-256; AES-128's has 176 */
#define CBC_STATE_BYTES	   32  /* of SHA-256; SHA-1's has 20 */
#define CBC_MATERIAL_BYTES CONTRACT_SA_KEY_BYTES

struct cbc_key {
	/* The hash's state after the key's inner and outer block (RFC 2104 4). */
	uint8_t inner[CBC_STATE_BYTES];
	uint8_t outer[CBC_STATE_BYTES];
	uint8_t encrypt[CBC_SCHEDULE_BYTES + 16]; /* whole cache lines */
	uint8_t decrypt[CBC_SCHEDULE_BYTES + 16];
	uint8_t material[CBC_MATERIAL_BYTES];
} __attribute__((aligned(64)));

/* One thread's way into IPsec-MB's bursts, and its secrets for IVs and probes. */
struct cbc;

/* RESULT_OK, RESULT_MEMORY, or RESULT_IO: no randomness. */
enum result cbc_create(struct cbc **cbc) SEKISHO_MUST_USE;
void cbc_destroy(struct cbc *cbc);

/* Expand esp_suite_key_bytes(suite) bytes of material. RESULT_BAD: a suite of another kind. */
enum result cbc_key_expand(struct cbc *cbc, const struct esp_suite *suite, const uint8_t *material,
			   struct cbc_key *key) SEKISHO_MUST_USE;

/*
 * Open or seal up to ESP_BURST packets, jobs of ESP_KIND_CBC and ESP_KIND_NULL, in place; is_done
 * says how it went. The ICV covers the packet from the SPI on and the high half of the number
 * (RFC 4303 2.2.1). Opening decrypts only what is authentic, and leaves the ICV's place changed.
 */
void cbc_open(struct cbc *cbc, struct esp_job *const *jobs, uint32_t count);
void cbc_seal(struct cbc *cbc, struct esp_job *const *jobs, uint32_t count);

/*
 * An IV that nobody can foresee (RFC 3602 3) and that does not come twice: the packet's SPI and
 * number, encrypted under a key that this thread made for itself at its start.
 */
void cbc_iv_make(struct cbc *cbc, uint32_t spi_be32, uint64_t number, uint8_t iv[16]);

/* A MAC over 32 bytes, no more and no less, under another key of this thread's own making. */
void cbc_mac_make(const struct cbc *cbc, const uint8_t said[32], uint8_t mac[16]);

/* Ask for the cache lines of a key that opening (or sealing) will use. */
static inline void cbc_key_prefetch(const struct cbc_key *key, const struct esp_suite *suite,
				    bool is_sealing)
{
	const uint8_t *schedule = is_sealing ? key->encrypt : key->decrypt;
	unsigned int bytes = suite->key_bytes == 0 ? 0 : suite->key_bytes == 16 ? 176 : 240;

	rte_prefetch0(key->inner);
	for (unsigned int i = 0; i < bytes; i += 64)
		rte_prefetch0(schedule + i);
}

#endif
