/* The engine on IPsec-MB: bursts of every suite at once, nothing touched that is not the packet's. */
#include "dataplane/esp/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BEFORE 8
#define AFTER  8
#define BYTES  1600

struct packet {
	uint8_t bytes[BEFORE + BYTES + AFTER];
	struct esp_key in, out;
	struct esp_job job;
	uint32_t total; /* SPI to ICV */
};

static struct packet packets[ESP_BURST];

static uint8_t filler(unsigned int i, size_t at)
{
	return (uint8_t)(i * 17 + at * 3);
}

static void packet_make(struct esp_engine *engine, unsigned int i)
{
	const struct esp_suite *suite = esp_suite_get(1 + i % ESP_SUITE_MAX);
	struct packet *packet = &packets[i];
	uint8_t material[CONTRACT_SA_KEY_BYTES];

	for (unsigned int j = 0; j < sizeof(material); j++)
		material[j] = (uint8_t)(j * i + 1);
	assert_int_equal(esp_engine_key_expand(engine, suite, false, material, &packet->in),
			 RESULT_OK);
	assert_int_equal(esp_engine_key_expand(engine, suite, true, material, &packet->out),
			 RESULT_OK);
	for (size_t j = 0; j < sizeof(packet->bytes); j++)
		packet->bytes[j] = filler(i, j);
	packet->job = (struct esp_job){.key = &packet->out,
				       .suite = suite,
				       .esp = packet->bytes + BEFORE,
				       .len = 16 * (1 + i),
				       .number = (uint64_t)i << 33 | i};
	packet->total = 8 + (uint32_t)suite->iv_bytes + packet->job.len + suite->icv_bytes;
}

static void all(struct esp_engine *engine,
		void (*what)(struct esp_engine *, struct esp_job *, uint32_t), bool is_opening)
{
	struct esp_job jobs[ESP_BURST];

	for (unsigned int i = 0; i < ESP_BURST; i++) {
		jobs[i] = packets[i].job;
		jobs[i].key = is_opening ? &packets[i].in : &packets[i].out;
	}
	what(engine, jobs, ESP_BURST);
	for (unsigned int i = 0; i < ESP_BURST; i++)
		packets[i].job.is_done = jobs[i].is_done;
}

static void a_burst_of_every_suite_is_sealed_and_opened(void **state)
{
	struct esp_engine *engine = NULL;

	(void)state;
	assert_int_equal(esp_engine_create_direct(&engine), RESULT_OK);
	for (unsigned int i = 0; i < ESP_BURST; i++)
		packet_make(engine, i);
	all(engine, esp_engine_seal, false);
	for (unsigned int i = 0; i < ESP_BURST; i++) {
		const struct packet *packet = &packets[i];
		uint32_t clear = 8 + (uint32_t)packet->job.suite->iv_bytes;
		bool is_hidden = false;

		assert_true(packet->job.is_done);
		for (size_t at = 0; at < BEFORE + clear; at++)
			assert_int_equal(packet->bytes[at], filler(i, at));
		for (size_t at = BEFORE + packet->total; at < sizeof(packet->bytes); at++)
			assert_int_equal(packet->bytes[at], filler(i, at));
		for (size_t at = BEFORE + clear; at < BEFORE + clear + packet->job.len; at++)
			is_hidden |= packet->bytes[at] != filler(i, at);
		assert_int_equal(is_hidden, packet->job.suite->level == 3);
		if (i % 3 == 1)
			packets[i].bytes[BEFORE + 8 + i % 16] ^= 0x10;
	}
	all(engine, esp_engine_open, true);
	for (unsigned int i = 0; i < ESP_BURST; i++) {
		const struct packet *packet = &packets[i];
		uint32_t icv_at = packet->total - packet->job.suite->icv_bytes;

		assert_int_equal(packet->job.is_done, i % 3 != 1);
		for (size_t at = 0; at < BEFORE + icv_at && i % 3 != 1; at++)
			assert_int_equal(packet->bytes[at], filler(i, at));
		for (size_t at = BEFORE + packet->total; at < sizeof(packet->bytes); at++)
			assert_int_equal(packet->bytes[at], filler(i, at));
	}
	esp_engine_destroy(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_of_every_suite_is_sealed_and_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
