/* The engine behind which a device works (device.h): a burst is handed over, and waited for. */
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <rte_cryptodev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/esp/device.h"
#include "dataplane/esp/engine.h"
#include "dataplane/esp/outer.h"

/* What an operation carries besides itself. */
struct companion {
	uint8_t iv[16];
	uint8_t aad[16];
	uint8_t icv[16]; /* HMAC's and GMAC's, apart from the packet */
	uint8_t before[8];
	struct esp_job *job;
};

#define COMPANION_OFFSET (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define IV_OFFSET	 (COMPANION_OFFSET + offsetof(struct companion, iv))

struct device_engine {
	struct esp_engine engine; /* first */
	const struct esp_device *device;
	uint16_t queue;
	struct rte_mempool *operations; /* NULL: this one only prepares keys */
};

static struct device_engine *of(struct esp_engine *engine)
{
	return (struct device_engine *)engine;
}


static void cipher_set(struct rte_crypto_sym_xform *xform, const struct esp_suite *suite,
		       bool is_sealing, const uint8_t *material)
{
	xform->type = RTE_CRYPTO_SYM_XFORM_CIPHER;
	xform->cipher.op =
		is_sealing ? RTE_CRYPTO_CIPHER_OP_ENCRYPT : RTE_CRYPTO_CIPHER_OP_DECRYPT;
	xform->cipher.algo = RTE_CRYPTO_CIPHER_AES_CBC;
	xform->cipher.key.data = material;
	xform->cipher.key.length = suite->key_bytes;
	xform->cipher.iv.offset = IV_OFFSET;
	xform->cipher.iv.length = suite->iv_bytes;
}

static void auth_set(struct rte_crypto_sym_xform *xform, const struct esp_suite *suite,
		     bool is_sealing, const uint8_t *material)
{
	xform->type = RTE_CRYPTO_SYM_XFORM_AUTH;
	xform->auth.op = is_sealing ? RTE_CRYPTO_AUTH_OP_GENERATE : RTE_CRYPTO_AUTH_OP_VERIFY;
	xform->auth.digest_length = suite->icv_bytes;
	if (suite->kind == ESP_KIND_GMAC) {
		xform->auth.algo = RTE_CRYPTO_AUTH_AES_GMAC;
		xform->auth.key.data = material;
		xform->auth.key.length = suite->key_bytes;
		xform->auth.iv.offset = IV_OFFSET;
		xform->auth.iv.length = GCM_SALT_BYTES + GCM_IV_BYTES;
		return;
	}
	xform->auth.algo = suite->digest == ESP_DIGEST_SHA_1 ? RTE_CRYPTO_AUTH_SHA1_HMAC
							     : RTE_CRYPTO_AUTH_SHA256_HMAC;
	xform->auth.key.data = material + suite->key_bytes;
	xform->auth.key.length = suite->integrity_bytes;
}

static void aead_set(struct rte_crypto_sym_xform *xform, const struct esp_suite *suite,
		     bool is_sealing, const uint8_t *material)
{
	xform->type = RTE_CRYPTO_SYM_XFORM_AEAD;
	xform->aead.op = is_sealing ? RTE_CRYPTO_AEAD_OP_ENCRYPT : RTE_CRYPTO_AEAD_OP_DECRYPT;
	xform->aead.algo = RTE_CRYPTO_AEAD_AES_GCM;
	xform->aead.key.data = material;
	xform->aead.key.length = suite->key_bytes;
	xform->aead.iv.offset = IV_OFFSET;
	xform->aead.iv.length = GCM_SALT_BYTES + GCM_IV_BYTES;
	xform->aead.digest_length = suite->icv_bytes;
	xform->aead.aad_length = GCM_AAD_BYTES;
}

/* What is to be done first stands first: encrypt then authenticate, and the other way round. */
static struct rte_crypto_sym_xform *steps_set(struct rte_crypto_sym_xform steps[2],
					      const struct esp_suite *suite, bool is_sealing,
					      const uint8_t *material)
{
	memset(steps, 0, 2 * sizeof(*steps));
	if (suite->kind == ESP_KIND_GCM) {
		aead_set(&steps[0], suite, is_sealing, material);
		return steps;
	}
	auth_set(&steps[0], suite, is_sealing, material);
	if (suite->kind != ESP_KIND_CBC)
		return steps;
	cipher_set(&steps[1], suite, is_sealing, material);
	steps[is_sealing ? 1 : 0].next = &steps[is_sealing ? 0 : 1];
	return &steps[is_sealing ? 1 : 0];
}

static enum result key_expand(struct esp_engine *engine, const struct esp_suite *suite,
			      bool is_sealing, const uint8_t *material, struct esp_key *key)
{
	const struct esp_device *device = of(engine)->device;
	struct rte_crypto_sym_xform steps[2];
	void *session = rte_cryptodev_sym_session_create(
		device->id, steps_set(steps, suite, is_sealing, material), device->sessions);

	OPENSSL_cleanse(steps, sizeof(steps));
	if (session == NULL)
		return rte_mempool_empty(device->sessions) ? RESULT_MEMORY : RESULT_BAD;
	memset(key, 0, sizeof(*key));
	key->device.session = session;
	memcpy(key->device.material, material, esp_suite_key_bytes(suite));
	return RESULT_OK;
}

static void key_wipe(struct esp_engine *engine, struct esp_key *key)
{
	const struct esp_device *device = of(engine)->device;
	void *session = key->device.session;

	/* Freeing leaves the key where it was; nobody but this lcore takes sessions from there. */
	if (session != NULL && rte_cryptodev_sym_session_free(device->id, session) == 0)
		OPENSSL_cleanse(session, device->sessions->elt_size);
	OPENSSL_cleanse(key, sizeof(*key));
}

static void key_material(const struct esp_suite *suite, const struct esp_key *key,
			 uint8_t *material)
{
	memcpy(material, key->device.material, esp_suite_key_bytes(suite));
}

static struct companion *companion_of(struct rte_crypto_op *operation)
{
	return rte_crypto_op_ctod_offset(operation, struct companion *, COMPANION_OFFSET);
}

static uint8_t *icv_of(const struct esp_job *job)
{
	return job->esp + ESP_HEADER_BYTES + job->suite->iv_bytes + job->len;
}

static uint32_t offset_of(const struct esp_job *job, const uint8_t *at)
{
	return (uint32_t)(at - rte_pktmbuf_mtod(job->mbuf, const uint8_t *));
}

/* Salt and explicit IV, or the IV as it stands in the packet. */
static void iv_set(const struct esp_job *job, struct companion *companion)
{
	const uint8_t *salt = job->key->device.material + job->suite->key_bytes;

	memcpy(companion->iv, salt, job->suite->salt_bytes);
	memcpy(companion->iv + job->suite->salt_bytes, job->esp + ESP_HEADER_BYTES,
	       job->suite->iv_bytes);
}

static void aead_fill(struct rte_crypto_sym_op *sym, const struct esp_job *job,
		      struct companion *companion)
{
	uint32_t spi_be32;

	memcpy(&spi_be32, job->esp, sizeof(spi_be32));
	gcm_aad_write(companion->aad, spi_be32, job->number);
	sym->aead.data.offset = offset_of(job, icv_of(job) - job->len);
	sym->aead.data.length = job->len;
	sym->aead.digest.data = icv_of(job);
	sym->aead.digest.phys_addr =
		rte_pktmbuf_iova_offset(job->mbuf, offset_of(job, icv_of(job)));
	sym->aead.aad.data = companion->aad;
	sym->aead.aad.phys_addr = rte_mempool_virt2iova(companion) + offsetof(struct companion, aad);
}

/* The number's high half where the ICV is to stand, or (GMAC) before the packet: engine_direct.c. */
static void auth_fill(struct rte_crypto_sym_op *sym, const struct esp_job *job,
		      struct companion *companion)
{
	uint32_t high_be32 = htonl((uint32_t)(job->number >> 32));
	uint8_t *icv = icv_of(job), *start = job->esp;

	memcpy(companion->icv, icv, job->suite->icv_bytes);
	if (job->suite->kind == ESP_KIND_GMAC) {
		start -= 4;
		memcpy(companion->before, start, sizeof(companion->before));
		memcpy(start, job->esp, 4);
		memcpy(job->esp, &high_be32, 4);
	} else {
		memcpy(icv, &high_be32, 4);
	}
	sym->auth.data.offset = offset_of(job, start);
	sym->auth.data.length =
		(uint32_t)(icv - start) + (job->suite->kind == ESP_KIND_GMAC ? 0 : 4);
	sym->auth.digest.data = companion->icv;
	sym->auth.digest.phys_addr =
		rte_mempool_virt2iova(companion) + offsetof(struct companion, icv);
	if (job->suite->kind != ESP_KIND_CBC)
		return;
	sym->cipher.data.offset = offset_of(job, icv - job->len);
	sym->cipher.data.length = job->len;
}

static void operation_fill(struct rte_crypto_op *operation, struct esp_job *job)
{
	struct companion *companion = companion_of(operation);

	companion->job = job;
	iv_set(job, companion);
	(void)rte_crypto_op_attach_sym_session(operation, job->key->device.session);
	operation->sym->m_src = job->mbuf;
	if (job->suite->kind == ESP_KIND_GCM)
		aead_fill(operation->sym, job, companion);
	else
		auth_fill(operation->sym, job, companion);
}

static void operation_end(struct rte_crypto_op *operation, bool is_sealing)
{
	struct companion *companion = companion_of(operation);
	struct esp_job *job = companion->job;

	job->is_done = operation->status == RTE_CRYPTO_OP_STATUS_SUCCESS;
	if (job->suite->kind == ESP_KIND_GMAC)
		memcpy(job->esp - 4, companion->before, sizeof(companion->before));
	if (job->suite->kind != ESP_KIND_GCM && is_sealing)
		memcpy(icv_of(job), companion->icv, job->suite->icv_bytes);
}

/* Hand over what the device takes, take back what it has done, until all is done. */
static void run(struct device_engine *device, struct rte_crypto_op **operations, uint16_t count,
		bool is_sealing)
{
	uint8_t id = device->device->id;
	uint16_t given = 0, taken = 0;

	while (taken < count) {
		struct rte_crypto_op *done[ESP_BURST];
		uint16_t some;

		if (given < count)
			given = (uint16_t)(given + rte_cryptodev_enqueue_burst(
							   id, device->queue, &operations[given],
							   (uint16_t)(count - given)));
		some = rte_cryptodev_dequeue_burst(id, device->queue, done, ESP_BURST);
		for (uint16_t i = 0; i < some; i++)
			operation_end(done[i], is_sealing);
		taken = (uint16_t)(taken + some);
	}
}

static void work(struct esp_engine *engine, struct esp_job *jobs, uint32_t count, bool is_sealing)
{
	struct device_engine *device = of(engine);
	struct rte_crypto_op *operations[ESP_BURST];

	if (count == 0)
		return;
	if (rte_crypto_op_bulk_alloc(device->operations, RTE_CRYPTO_OP_TYPE_SYMMETRIC, operations,
				     (uint16_t)count) != count) {
		for (uint32_t i = 0; i < count; i++)
			jobs[i].is_done = false;
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		operation_fill(operations[i], &jobs[i]);
	run(device, operations, (uint16_t)count, is_sealing);
	rte_mempool_put_bulk(device->operations, (void **)operations, count);
}

static void device_open(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	work(engine, jobs, count, false);
}

static void device_seal(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	work(engine, jobs, count, true);
}

static void device_destroy(struct esp_engine *engine)
{
	rte_mempool_free(of(engine)->operations);
	cbc_destroy(engine->cbc);
	free(engine);
}

/* Twice a burst: one that waits behind the other is more than there ever is. */
static enum result operations_make(struct device_engine *made)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "sk_operations_%u", made->queue);
	made->operations = rte_crypto_op_pool_create(name, RTE_CRYPTO_OP_TYPE_SYMMETRIC,
						     2 * ESP_BURST, 0, sizeof(struct companion),
						     rte_cryptodev_socket_id(made->device->id));
	return made->operations != NULL ? RESULT_OK : RESULT_MEMORY;
}

enum result esp_engine_create_device(const struct esp_device *device, uint16_t queue,
				     struct esp_engine **engine)
{
	static const struct esp_engine_ops ops = {
		.key_expand = key_expand,
		.key_wipe = key_wipe,
		.key_material = key_material,
		.open = device_open,
		.seal = device_seal,
		.destroy = device_destroy,
	};
	struct device_engine *made = calloc(1, sizeof(*made));
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	made->engine.ops = &ops;
	made->device = device;
	made->queue = queue;
	result = cbc_create(&made->engine.cbc);
	if (result == RESULT_OK && queue != ESP_ENGINE_KEYS_ONLY)
		result = operations_make(made);
	if (result != RESULT_OK) {
		device_destroy(&made->engine);
		return result;
	}
	*engine = &made->engine;
	return RESULT_OK;
}
