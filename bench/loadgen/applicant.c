#include "bench/loadgen/applicant.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define T1_MS	   500
#define T2_MS	   4000
#define TIMEOUT_MS 32000

static uint64_t now_s(void)
{
	return (uint64_t)time(NULL);
}

/* What all of them have in common. */
struct maker {
	const struct static_terminals *statics;
	const struct issuer *issuer;
	struct scram_keys keys;
};

/* By certificate, and the gateway by one of the same authority. */
static enum result certificate_give(const struct maker *maker, const char *aor,
				    struct initiator_settings *settings,
				    struct applicant *applicant)
{
	enum result result = issuer_make(maker->issuer, aor, &applicant->signer);

	settings->signer = applicant->signer;
	settings->trust = issuer_trust(maker->issuer);
	settings->gateway = issuer_gateway(maker->issuer);
	settings->now_s = now_s;
	return result;
}

static enum result applicant_make(const struct maker *maker, uint32_t number,
				  struct applicant *applicant)
{
	struct contract_address from = static_terminal_address(maker->statics, number);
	const char *domain = maker->statics->domain;
	struct initiator_settings settings = {
		.domain = slice_make(domain, strlen(domain)),
		.address = {.family = from.family, .port = from.port},
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.random = random_system(),
	};
	char aor[LIMIT_AOR_BYTES + 1];
	enum result result = RESULT_OK;

	static_terminal_aor(maker->statics, number, aor);
	memcpy(settings.address.bytes, from.bytes, sizeof(from.bytes));
	settings.aor = slice_make(aor, strlen(aor));
	if (maker->issuer)
		result = certificate_give(maker, aor, &settings, applicant);
	else
		settings.password = SLICE(APPLICANT_PASSWORD);
	if (result == RESULT_OK)
		result = initiator_create(&settings, &applicant->initiator);
	if (result != RESULT_OK)
		return result;
	if (!maker->issuer)
		initiator_keys_put(applicant->initiator, SLICE(APPLICANT_SALT),
				   APPLICANT_ITERATIONS, &maker->keys);
	return initiator_start(applicant->initiator);
}

enum result applicants_make(const struct static_terminals *statics, const struct issuer *issuer,
			    uint32_t first, uint32_t count, struct applicant **out)
{
	struct applicant *applicants = calloc(count, sizeof(*applicants));
	struct maker maker = {.statics = statics, .issuer = issuer};
	enum result result = RESULT_OK;

	if (!applicants)
		return RESULT_MEMORY;
	if (!issuer)
		result = scram_keys_derive(SLICE(APPLICANT_PASSWORD), SLICE(APPLICANT_SALT),
					   APPLICANT_ITERATIONS, &maker.keys);
	for (uint32_t i = 0; result == RESULT_OK && i < count; i++)
		result = applicant_make(&maker, first + i, &applicants[i]);
	secret_wipe_bytes(&maker.keys, sizeof(maker.keys));
	if (result != RESULT_OK) {
		applicants_free(applicants, count);
		return result;
	}
	*out = applicants;
	return RESULT_OK;
}

static void again_set(struct applicant *applicant, uint64_t now, uint64_t hz)
{
	applicant->again_tsc = now + hz / 1000 * applicant->interval_ms;
}

void applicant_wait(struct applicant *applicant, uint64_t now, uint64_t hz)
{
	applicant->step_tsc = now;
	applicant->interval_ms = T1_MS;
	again_set(applicant, now, hz);
}

void applicant_wait_on(struct applicant *applicant, uint64_t now, uint64_t hz)
{
	applicant->interval_ms *= 2;
	if (applicant->interval_ms > T2_MS)
		applicant->interval_ms = T2_MS;
	again_set(applicant, now, hz);
}

bool applicant_is_unheard(const struct applicant *applicant, uint64_t now, uint64_t hz)
{
	return now > applicant->step_tsc + hz / 1000 * TIMEOUT_MS;
}

void applicants_free(struct applicant *applicants, uint32_t count)
{
	for (uint32_t i = 0; applicants && i < count; i++) {
		if (applicants[i].initiator)
			initiator_destroy(applicants[i].initiator);
		signer_destroy(applicants[i].signer);
	}
	free(applicants);
}
