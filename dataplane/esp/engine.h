/*
 * Who does ESP's cryptography: IPsec-MB called directly, or a device behind DPDK's cryptodev. An
 * engine is one thread's; keys that one engine has expanded serve every other of its kind.
 */
#ifndef SEKISHO_DATAPLANE_ESP_ENGINE_H
#define SEKISHO_DATAPLANE_ESP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/esp/job.h"
#include "dataplane/esp/key.h"
#include "dataplane/esp/suite.h"
#include "shared/result.h"

struct esp_device;
struct esp_engine;

/* What a kind of engine is made of: the functions below, in their words. */
struct esp_engine_ops {
	enum result (*key_expand)(struct esp_engine *engine, const struct esp_suite *suite,
				  bool is_sealing, const uint8_t *material, struct esp_key *key);
	void (*key_wipe)(struct esp_engine *engine, struct esp_key *key);
	void (*key_material)(const struct esp_suite *suite, const struct esp_key *key,
			     uint8_t *material);
	void (*open)(struct esp_engine *engine, struct esp_job *jobs, uint32_t count);
	void (*seal)(struct esp_engine *engine, struct esp_job *jobs, uint32_t count);
	void (*destroy)(struct esp_engine *engine);
};

/* Part of what each kind has of its own. */
struct esp_engine {
	const struct esp_engine_ops *ops;
	struct cbc *cbc; /* IVs, whoever encrypts */
};

/* IPsec-MB, the fastest instruction set picked at run time. RESULT_OK, RESULT_MEMORY, RESULT_IO. */
enum result esp_engine_create_direct(struct esp_engine **engine) SEKISHO_MUST_USE;

#define ESP_ENGINE_KEYS_ONLY UINT16_MAX /* a queue of an engine that opens and seals nothing */

/*
 * The device, by this queue pair of it: a burst is handed over and waited for. The device is
 * borrowed. RESULT_OK, RESULT_MEMORY, RESULT_IO.
 */
enum result esp_engine_create_device(const struct esp_device *device, uint16_t queue,
				     struct esp_engine **engine) SEKISHO_MUST_USE;
void esp_engine_destroy(struct esp_engine *engine);

/*
 * Prepare esp_suite_key_bytes(suite) bytes of key material for use in this process, in one
 * direction. RESULT_OK, RESULT_MEMORY; RESULT_BAD: the engine does not have this suite.
 */
static inline enum result esp_engine_key_expand(struct esp_engine *engine,
						const struct esp_suite *suite, bool is_sealing,
						const uint8_t *material, struct esp_key *key)
{
	return engine->ops->key_expand(engine, suite, is_sealing, material, key);
}

static inline void esp_engine_key_wipe(struct esp_engine *engine, struct esp_key *key)
{
	engine->ops->key_wipe(engine, key);
}

/* The material that this key was expanded from. */
static inline void esp_engine_key_material(const struct esp_engine *engine,
					   const struct esp_suite *suite, const struct esp_key *key,
					   uint8_t *material)
{
	engine->ops->key_material(suite, key, material);
}

/* Was it expanded from this material? In constant time. */
bool esp_engine_key_is_from(const struct esp_engine *engine, const struct esp_suite *suite,
			    const struct esp_key *key, const uint8_t *material);

/*
 * Verify and decrypt, or encrypt and authenticate, up to ESP_BURST packets of whatever suites and
 * SAs, in place. is_done of each says how it went; what was not right is nothing to look at.
 */
static inline void esp_engine_open(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	engine->ops->open(engine, jobs, count);
}

static inline void esp_engine_seal(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	engine->ops->seal(engine, jobs, count);
}

/* The IV of a packet to be sealed, in its place: the number (RFC 4106 3.1), or unforeseeable. */
void esp_engine_iv_write(struct esp_engine *engine, const struct esp_suite *suite, uint32_t spi_be32,
			 uint64_t number, uint8_t *iv);

/*
 * Ask for a key's cache lines, for a packet of about len bytes: as the direct engine keeps them. For a
 * device's it asks for lines in vain, at no harm.
 */
static inline void esp_key_prefetch(const struct esp_key *key, const struct esp_suite *suite,
				    bool is_sealing, size_t len)
{
	if (suite->digest == ESP_DIGEST_NONE)
		gcm_key_prefetch(&key->gcm, len);
	else
		cbc_key_prefetch(&key->cbc, suite, is_sealing);
}

/*
 * Brings a key as far as the second level, long before it is used: the first has no room for a burst's
 * keys, and from the second the engine fetches the next ones in time.
 */
static inline void esp_key_look(const struct esp_key *key)
{
#pragma GCC unroll 16
	for (size_t i = 0; i < sizeof(*key); i += 64)
		rte_prefetch1((const char *)key + i);
}

#endif
