/*
 * AES-GCM with 16-byte ICV as ESP uses it (RFC 4106), and GMAC (RFC 4543), on IPsec-MB's direct
 * API. A key is expanded for the instruction set of the machine it runs on: it never leaves the
 * process expanded.
 */
#ifndef SEKISHO_DATAPLANE_ESP_GCM_H
#define SEKISHO_DATAPLANE_ESP_GCM_H

#include <emmintrin.h>
#include <rte_prefetch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/result.h"

#define GCM_IV_BYTES		8
#define GCM_SALT_BYTES		4
#define GCM_AAD_BYTES		12 /* SPI and the 64-bit sequence number, RFC 4106 5 */
#define GCM_ICV_BYTES		16
#define GCM_KEY_SCHEDULE_BYTES	1008 /* struct gcm_key_data of IPsec-MB */
#define GCM_KEY_HASH_KEYS_BYTES 768  /* its last part: powers of the hash key */
#define GCM_KEY_HASH_KEYS_AT	(GCM_KEY_SCHEDULE_BYTES - GCM_KEY_HASH_KEYS_BYTES)
/* A message of so many blocks uses every line of a key. */
#define GCM_KEY_ALL_BLOCKS (GCM_KEY_HASH_KEYS_BYTES / 16 - 4)

/* Keys are asked for this many packets ahead: one is too late where they come from memory. */
#define GCM_PREFETCH_AHEAD 2

/* An expanded key and its salt. */
struct gcm_key {
	uint8_t schedule[GCM_KEY_SCHEDULE_BYTES];
	uint8_t salt[GCM_SALT_BYTES];
	uint8_t key_bytes; /* 16 or 32 */
	uint8_t pad[11];
} __attribute__((aligned(64)));

/* One thread's way into IPsec-MB: the functions chosen for this machine. */
struct gcm;

/* Picks the fastest instruction set at run time. RESULT_OK, or RESULT_MEMORY. */
enum result gcm_create(struct gcm **gcm) SEKISHO_MUST_USE;
void gcm_destroy(struct gcm *gcm);

/* The name of the instruction set that was picked, for the start-up log. */
const char *gcm_isa_name(const struct gcm *gcm);

/*
 * Expand key material (key of 16 or 32 bytes, then 4 of salt) for use in this process.
 * RESULT_OK, or RESULT_BAD for another length.
 */
enum result gcm_key_expand(struct gcm *gcm, const uint8_t *material, size_t len,
			   struct gcm_key *key) SEKISHO_MUST_USE;
/* Wipe. */
void gcm_key_wipe(struct gcm_key *key);

/* The key material (key, then salt) that this is the expanded form of: key_bytes and 4. */
void gcm_key_material(const struct gcm_key *key, uint8_t *material);

/*
 * Decrypt len bytes at data in place; the ICV follows them at data + len. False: the ICV does not
 * fit, and what stands at data is nothing to look at.
 */
bool gcm_open(struct gcm *gcm, const struct gcm_key *key, const uint8_t iv[GCM_IV_BYTES],
	      const uint8_t aad[GCM_AAD_BYTES], uint8_t *data, size_t len) SEKISHO_MUST_USE;

/* Encrypt len bytes at data in place and write the ICV at data + len. */
void gcm_seal(struct gcm *gcm, const struct gcm_key *key, const uint8_t iv[GCM_IV_BYTES],
	      const uint8_t aad[GCM_AAD_BYTES], uint8_t *data, size_t len);

/*
 * GMAC: the ICV of len bytes that are not encrypted (a whole packet as RFC 4543 3.3 lays it out,
 * IV included). Whether it fits is the caller's to compare.
 */
void gcm_mac(struct gcm *gcm, const struct gcm_key *key, const uint8_t iv[GCM_IV_BYTES],
	     const uint8_t *data, size_t len, uint8_t icv[GCM_ICV_BYTES]);

/* Are two ICVs equal? Without branches on what is compared. */
static inline bool gcm_icv_is_equal(const uint8_t *a, const uint8_t *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/*
 * The AAD of a packet with an extended number (RFC 4106 5): SPI as it lies in the packet, number.
 * One store of 16 bytes: IPsec-MB loads it as a vector, which would wait for smaller stores.
 */
static inline void gcm_aad_write(uint8_t aad[16], uint32_t spi_be32, uint64_t number)
{
	uint64_t number_be64 = __builtin_bswap64(number);

	_mm_storeu_si128((__m128i *)(void *)aad,
			 _mm_set_epi64x((long long)(number_be64 >> 32),
					(long long)(spi_be32 | number_be64 << 32)));
}

/*
 * Ask for the cache lines that a message of about len bytes will use of a key. With
 * rte_prefetch0(), which is assembly: gcc 12 takes a function of nothing but __builtin_prefetch for
 * one without effect and leaves the call out.
 */
static inline void gcm_key_prefetch(const struct gcm_key *key, size_t len)
{
	const uint8_t *at = key->schedule;
	size_t blocks = (len >> 4) + 4;

	if (blocks >= GCM_KEY_ALL_BLOCKS) {
#pragma GCC unroll 16
		for (size_t i = 0; i < sizeof(*key); i += 64)
			rte_prefetch0(at + i);
		return;
	}
	for (size_t i = 0; i < GCM_KEY_HASH_KEYS_AT; i += 64)
		rte_prefetch0(at + i);
	for (size_t i = (GCM_KEY_SCHEDULE_BYTES - blocks * 16) & ~(size_t)63; i < sizeof(*key);
	     i += 64)
		rte_prefetch0(at + i);
}

#endif
