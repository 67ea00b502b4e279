/* The engine that calls IPsec-MB itself: one packet after the other where the suite allows it, the
 * next keys on their way into the cache, and all together where it does not. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/esp/engine.h"
#include "dataplane/esp/outer.h"

struct direct {
	struct esp_engine engine; /* first */
	struct gcm *gcm;
};

static struct direct *of(struct esp_engine *engine)
{
	return (struct direct *)engine;
}

static enum result key_expand(struct esp_engine *engine, const struct esp_suite *suite,
			      bool is_sealing, const uint8_t *material, struct esp_key *key)
{
	(void)is_sealing;
	if (suite->digest != ESP_DIGEST_NONE)
		return cbc_key_expand(engine->cbc, suite, material, &key->cbc);
	return gcm_key_expand(of(engine)->gcm, material, esp_suite_key_bytes(suite), &key->gcm);
}

static void key_wipe(struct esp_engine *engine, struct esp_key *key)
{
	(void)engine;
	OPENSSL_cleanse(key, sizeof(*key));
}

static void key_material(const struct esp_suite *suite, const struct esp_key *key,
			 uint8_t *material)
{
	if (suite->digest != ESP_DIGEST_NONE)
		memcpy(material, key->cbc.material, esp_suite_key_bytes(suite));
	else
		gcm_key_material(&key->gcm, material);
}

static uint32_t spi_of(const struct esp_job *job)
{
	uint32_t spi_be32;

	memcpy(&spi_be32, job->esp, sizeof(spi_be32));
	return spi_be32;
}

/*
 * GMAC's data is SPI, the whole number, IV and what follows (RFC 4543 3.3): as it lies in the
 * packet but for the number's high half, so for as long as it takes SPI and high half stand four
 * bytes further in front.
 */
static void gmac(struct direct *direct, const struct esp_job *job, uint8_t icv[GCM_ICV_BYTES])
{
	uint8_t *start = job->esp - 4, before[8];
	uint32_t high_be32 = __builtin_bswap32((uint32_t)(job->number >> 32));

	memcpy(before, start, sizeof(before));
	memcpy(start, job->esp, 4);
	memcpy(job->esp, &high_be32, 4);
	gcm_mac(direct->gcm, &job->key->gcm, job->esp + ESP_HEADER_BYTES, start,
		4 + ESP_HEADER_BYTES + GCM_IV_BYTES + job->len, icv);
	memcpy(start, before, sizeof(before));
}

static bool open_one(struct direct *direct, const struct esp_job *job)
{
	uint8_t *iv = job->esp + ESP_HEADER_BYTES, *data = iv + GCM_IV_BYTES;
	uint8_t aad[16], icv[GCM_ICV_BYTES];

	if (job->suite->kind == ESP_KIND_GMAC) {
		gmac(direct, job, icv);
		return gcm_icv_is_equal(icv, data + job->len);
	}
	gcm_aad_write(aad, spi_of(job), job->number);
	return gcm_open(direct->gcm, &job->key->gcm, iv, aad, data, job->len);
}

static void seal_one(struct direct *direct, const struct esp_job *job)
{
	uint8_t *iv = job->esp + ESP_HEADER_BYTES, *data = iv + GCM_IV_BYTES;
	uint8_t aad[16];

	if (job->suite->kind == ESP_KIND_GMAC) {
		gmac(direct, job, data + job->len);
		return;
	}
	gcm_aad_write(aad, spi_of(job), job->number);
	gcm_seal(direct->gcm, &job->key->gcm, iv, aad, data, job->len);
}

static void prefetch(const struct esp_job *job, bool is_sealing)
{
	esp_key_prefetch(job->key, job->suite, is_sealing, job->len);
}

/* Sets apart what goes in bursts, does the others at once. */
static uint32_t go_through(struct direct *direct, struct esp_job *jobs, uint32_t count,
			   bool is_sealing, struct esp_job **later)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count && i < GCM_PREFETCH_AHEAD; i++)
		prefetch(&jobs[i], is_sealing);
	for (uint32_t i = 0; i < count; i++) {
		struct esp_job *job = &jobs[i];

		if (i + GCM_PREFETCH_AHEAD < count)
			prefetch(&jobs[i + GCM_PREFETCH_AHEAD], is_sealing);
		if (job->suite->digest != ESP_DIGEST_NONE) {
			later[found++] = job;
		} else if (is_sealing) {
			seal_one(direct, job);
			job->is_done = true;
		} else {
			job->is_done = open_one(direct, job);
		}
	}
	return found;
}

static void direct_open(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	struct esp_job *later[ESP_BURST];
	uint32_t found = go_through(of(engine), jobs, count, false, later);

	if (found != 0)
		cbc_open(engine->cbc, later, found);
}

static void direct_seal(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	struct esp_job *later[ESP_BURST];
	uint32_t found = go_through(of(engine), jobs, count, true, later);

	if (found != 0)
		cbc_seal(engine->cbc, later, found);
}

static void direct_destroy(struct esp_engine *engine)
{
	gcm_destroy(of(engine)->gcm);
	cbc_destroy(engine->cbc);
	free(engine);
}

enum result esp_engine_create_direct(struct esp_engine **engine)
{
	static const struct esp_engine_ops ops = {
		.key_expand = key_expand,
		.key_wipe = key_wipe,
		.key_material = key_material,
		.open = direct_open,
		.seal = direct_seal,
		.destroy = direct_destroy,
	};
	struct direct *made = calloc(1, sizeof(*made));
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	made->engine.ops = &ops;
	result = gcm_create(&made->gcm);
	if (result == RESULT_OK)
		result = cbc_create(&made->engine.cbc);
	if (result != RESULT_OK) {
		direct_destroy(&made->engine);
		return result;
	}
	*engine = &made->engine;
	return RESULT_OK;
}
