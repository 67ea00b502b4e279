/* A handful of simulated terminals, for tests: their file's content without the file. */
#ifndef SEKISHO_TESTS_UNIT_BENCH_LOADGEN_KIT_H
#define SEKISHO_TESTS_UNIT_BENCH_LOADGEN_KIT_H

#include <string.h>

#include "tests/unit/bench/cmocka_setup.h"

#include "bench/loadgen/frame.h"

static inline struct static_terminals kit_statics(uint8_t family)
{
	struct static_terminals statics = {
		.count = 8,
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.is_replay_checked = true,
		.is_secure = true,
		.domain = "bench.example",
		.gateway = {.family = family, .port = 5060, .bytes = {10, 255, 0, 1}},
		.first = {.family = family, .port = 5060, .bytes = {10, 0, 0, 1}},
	};

	if (family == 6) {
		statics.gateway.bytes[15] = 0x60;
		statics.first.bytes[15] = 0x10;
	}
	memset(statics.secret.bytes, 0x5a, sizeof(statics.secret.bytes));
	return statics;
}

static inline struct terminals *kit_terminals(uint8_t family, enum contract_suite suite)
{
	struct static_terminals statics = kit_statics(family);
	struct terminals *terminals;

	statics.suite = suite;
	assert_int_equal(terminals_create(&statics, &terminals), RESULT_OK);
	return terminals;
}

#endif
