#include "dataplane/esp/self_test.h"

#include <rte_mbuf.h>
#include <string.h>

#include "dataplane/esp/outer.h"
#include "shared/hex.h"

/* The longest of the known packets, of their plaintexts and of their keys. */
#define PACKET_BYTES   120
#define PLAIN_BYTES    80
#define MATERIAL_BYTES 64

struct known_answer {
	enum contract_suite suite;
	uint64_t number;
	const char *material, *plain, *packet; /* hexadecimal; plain with padding and trailer */
};

/*
 * GCM: draft-mcgrew-gcm-test-01 4, the cases with extended numbers. CBC's plaintext, key, IV and
 * ciphertext under AES-128: RFC 3602 4, case 5. No RFC has ICVs with extended numbers: those, and
 * GMAC, are another implementation's (OpenSSL).
 */
static const struct known_answer known_answers[] = {
	{
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.number = 0x8765432100000000,
		.material =
			"4c80cdefbb5d10da906ac73c3613a6342e443b68",
		.plain =
			"45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000"
			"00000000045f736970045f756470037369700963796265726369747902646b00"
			"0021000101020201",
		.packet =
			"00004321000000004956ed7e3b244cfefecf537e729d5b07dc30df528dd22b76"
			"8d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d"
			"15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe72"
			"2fd04796562dfdb4",
	},
	{
		.suite = CONTRACT_SUITE_AES_256_GCM_16,
		.number = 0x156f3126dd0db99b,
		.material =
			"abbccddef00112233445566778899aababbccddef00112233445566778899aab"
			"73616c74",
		.plain =
			"45080028732c00004006e9f90a0106120a01038f06b88023dd6bafbecb712602"
			"50101f646d540001",
		.packet =
			"17405e67dd0db99b616e640169766563f2d69ecdbd5a0d5b8d5ef38bad4da58d"
			"1f278fde98ef67549d524a3018d9a57ff4d3a31ce673119e451626c2415771e3"
			"b7eebca614c89b35",
	},
	{
		.suite = CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128,
		.number = 0x0000000187654321,
		.material =
			"90d382b410eeba7ad938c46cec1a82bf0102030405060708090a0b0c0d0e0f10"
			"1112131415161718191a1b1c1d1e1f20",
		.plain =
			"08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
			"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
			"0102030405060708090a0b0c0d0e0e01",
		.packet =
			"0000432187654321e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6"
			"a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db08"
			"0b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d59"
			"13ac19b7cfbad4a69903f48003db3be6adcc6686c8e4f1eb",
	},
	{
		.suite = CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_1_96,
		.number = 0x0000000187654321,
		.material =
			"90d382b410eeba7ad938c46cec1a82bf0102030405060708090a0b0c0d0e0f10"
			"11121314",
		.plain =
			"08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
			"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
			"0102030405060708090a0b0c0d0e0e01",
		.packet =
			"0000432187654321e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6"
			"a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db08"
			"0b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d59"
			"13ac19b7cfbad4a6639bb6244ada674bd471a503",
	},
	{
		.suite = CONTRACT_SUITE_NULL_HMAC_SHA_256_128,
		.number = 0x0000000187654321,
		.material =
			"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
		.plain =
			"08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
			"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
			"0102030405060708090a0b0c0d0e0e01",
		.packet =
			"000043218765432108000ebda70a00008e9c083db95b070008090a0b0c0d0e0f"
			"101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
			"30313233343536370102030405060708090a0b0c0d0e0e01b78e523bb39b066e"
			"fd01a56d49304254",
	},
	{
		.suite = CONTRACT_SUITE_AES_256_CBC_HMAC_SHA_256_128,
		.number = 0x0000000187654321,
		.material =
			"90d382b410eeba7ad938c46cec1a82bf0123456789abcdef0f1e2d3c4b5a6978"
			"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
		.plain =
			"08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
			"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
			"0102030405060708090a0b0c0d0e0e01",
		.packet =
			"0000432187654321e96e8c08ab465763fd098d45dd3ff8934233dd71cf74e0c3"
			"e3fac1685fdfe2c2a1b5597dcbda43d5d66d664ac007c585784b58fcc11a5f2b"
			"95cdd8341d5c463fbfc37097454c62ae55d287bde8467b2e536dde1232053ffb"
			"127e9078355f5d1c404156d71a2ef7b0b0086b999ad1f478",
	},
	{
		.suite = CONTRACT_SUITE_NULL_AES_128_GMAC_16,
		.number = 0x0000000187654321,
		.material =
			"90d382b410eeba7ad938c46cec1a82bf22433c64",
		.plain =
			"08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
			"18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
			"0102030405060708090a0b0c0d0e0e01",
		.packet =
			"0000432187654321000000018765432108000ebda70a00008e9c083db95b0700"
			"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
			"28292a2b2c2d2e2f30313233343536370102030405060708090a0b0c0d0e0e01"
			"9218f1103f272a1a5fc42d174a4053b4",
	},
};

static uint32_t read_hex(const char *text, uint8_t *bytes, uint32_t most)
{
	uint32_t len = 0;

	for (; text[2 * len] != '\0' && len < most; len++)
		bytes[len] = (uint8_t)(hex_digit(text[2 * len]) << 4 |
				       hex_digit(text[2 * len + 1]));
	return len;
}

/* A known packet's parts, and its cryptography as a job. */
struct trial {
	uint8_t before[8]; /* what an engine may borrow */
	uint8_t packet[PACKET_BYTES];
	uint8_t known[PACKET_BYTES];
	uint8_t plain[PLAIN_BYTES];
	uint32_t packet_len, plain_len;
	struct rte_mbuf mbuf;
	struct esp_key key;
	struct esp_job job;
};

static void trial_set(struct trial *trial, const struct known_answer *known)
{
	const struct esp_suite *suite = esp_suite_get(known->suite);
	struct rte_mbuf *mbuf = &trial->mbuf;

	memset(trial, 0, sizeof(*trial));
	trial->packet_len = read_hex(known->packet, trial->known, PACKET_BYTES);
	trial->plain_len = read_hex(known->plain, trial->plain, PLAIN_BYTES);
	mbuf->buf_addr = trial->before;
	mbuf->buf_len = sizeof(trial->before) + PACKET_BYTES;
	mbuf->nb_segs = 1;
	mbuf->data_len = (uint16_t)(sizeof(trial->before) + trial->packet_len);
	mbuf->pkt_len = mbuf->data_len;
	trial->job = (struct esp_job){
		.key = &trial->key,
		.suite = suite,
		.mbuf = mbuf,
		.esp = trial->packet,
		.len = trial->plain_len,
		.number = known->number,
	};
}

static bool seals(struct esp_engine *engine, struct trial *trial)
{
	uint32_t clear = ESP_HEADER_BYTES + (uint32_t)trial->job.suite->iv_bytes;

	memcpy(trial->packet, trial->known, clear);
	memcpy(trial->packet + clear, trial->plain, trial->plain_len);
	esp_engine_seal(engine, &trial->job, 1);
	return trial->job.is_done &&
	       memcmp(trial->packet, trial->known, trial->packet_len) == 0;
}

/* Give the engine the known packet to open, one bit of it flipped unless at is beyond it. */
static bool is_taken(struct esp_engine *engine, struct trial *trial, uint32_t at, uint64_t number)
{
	memcpy(trial->packet, trial->known, trial->packet_len);
	if (at < trial->packet_len)
		trial->packet[at] ^= 1;
	trial->job.number = number;
	esp_engine_open(engine, &trial->job, 1);
	return trial->job.is_done;
}

static bool is_right(struct esp_engine *engine, struct trial *trial, const uint8_t *material)
{
	const uint32_t clear = ESP_HEADER_BYTES + (uint32_t)trial->job.suite->iv_bytes;
	const uint32_t beyond = trial->packet_len;
	const uint64_t number = trial->job.number;

	return esp_engine_key_is_from(engine, trial->job.suite, &trial->key, material) &&
	       is_taken(engine, trial, beyond, number) &&
	       memcmp(trial->packet + clear, trial->plain, trial->plain_len) == 0 &&
	       !is_taken(engine, trial, trial->packet_len - 1, number) && /* ICV */
	       !is_taken(engine, trial, clear, number) &&		  /* data */
	       !is_taken(engine, trial, 0, number) &&			  /* SPI */
	       !is_taken(engine, trial, beyond, number ^ UINT64_C(1) << 32);
}

/* One key a direction: an engine may prepare them differently. */
static enum result known_answer_check(struct esp_engine *engine, const struct known_answer *known)
{
	const struct esp_suite *suite = esp_suite_get(known->suite);
	uint8_t material[MATERIAL_BYTES];
	struct trial trial;
	enum result result;
	bool is_sealed;

	trial_set(&trial, known);
	if (suite == NULL || read_hex(known->material, material, MATERIAL_BYTES) !=
				     esp_suite_key_bytes(suite))
		return RESULT_BAD;
	result = esp_engine_key_expand(engine, suite, true, material, &trial.key);
	if (result != RESULT_OK)
		return result;
	is_sealed = seals(engine, &trial);
	esp_engine_key_wipe(engine, &trial.key);
	result = esp_engine_key_expand(engine, suite, false, material, &trial.key);
	if (result != RESULT_OK)
		return result;
	if (!is_sealed || !is_right(engine, &trial, material))
		result = RESULT_BAD;
	esp_engine_key_wipe(engine, &trial.key);
	return result;
}

enum result esp_self_test(struct esp_engine *engine)
{
	enum result result = RESULT_OK;

	for (size_t i = 0; i < sizeof(known_answers) / sizeof(known_answers[0]); i++) {
		result = known_answer_check(engine, &known_answers[i]);
		if (result != RESULT_OK)
			break;
	}
	return result;
}
