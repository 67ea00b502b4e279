/* The engine behind which a device works, on the software device that needs no hardware. */
#include <rte_eal.h>
#include <rte_mempool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/eal_init.h"
#include "dataplane/esp/device.h"
#include "dataplane/esp/engine.h"
#include "dataplane/esp/self_test.h"
#include "tests/unit/dataplane/esp_kit.h"

#define DEVICE "crypto_aesni_mb"
#define SAS    64

static struct esp_device device;

static int device_begin(void **state)
{
	char *const arguments[] = {"test", "--no-huge", "-m", "64", "--no-pci", "--no-telemetry",
				   "--no-shconf", "--log-level=error", "--file-prefix",
				   "sekisho-device-test"};

	(void)state;
	if (eal_init(10, (char **)(uintptr_t)arguments) < 0)
		return -1;
	return esp_device_open(DEVICE, 2, SAS, &device) == RESULT_OK ? 0 : -1;
}

static int device_end(void **state)
{
	(void)state;
	esp_device_close(&device);
	return rte_eal_cleanup();
}

static struct esp_engine *make(uint16_t queue)
{
	struct esp_engine *engine = NULL;

	assert_int_equal(esp_engine_create_device(&device, queue, &engine), RESULT_OK);
	return engine;
}

static void the_known_answers_come_out_of_the_device(void **state)
{
	struct esp_engine *engine = make(0), *other = make(1);

	(void)state;
	assert_int_equal(esp_self_test(engine), RESULT_OK);
	assert_int_equal(esp_self_test(other), RESULT_OK);
	esp_engine_destroy(engine);
	esp_engine_destroy(other);
}

/* The i-th link; towards the terminal none in UDP, whose packets only a terminal takes. */
static const struct kit_link *link_of(unsigned int way, unsigned int i)
{
	const struct kit_link *link = &kit_links[i % kit_link_count];

	while (way == 0 && link->mode >= CONTRACT_UDP_TUNNEL)
		link = link == &kit_links[0] ? &kit_links[kit_link_count - 1] : link - 1;
	return link;
}

/* Packets of every link, by the device at one end and directly at the other, both ways. */
static void each_engine_opens_what_the_other_sealed(void **state)
{
	static struct kit_buffer buffers[ESP_BURST];
	struct esp_engine *by_device = make(0);
	struct sa_table_config config = {.capacity = SAS, .workers = 2, .device = &device};
	struct sa_table *table = NULL;
	struct kit_ends ends;
	struct esp_seal seal;
	struct esp_open open;

	(void)state;
	assert_int_equal(sa_table_create(&config, &table), RESULT_OK);
	kit_ends_make(&ends, NULL);
	seal = (struct esp_seal){table, by_device};
	open = (struct esp_open){table, by_device, 0, 1000};
	for (size_t i = 0; i < kit_link_count; i++) {
		struct contract_sa sa;

		kit_ends_link(&ends, &kit_links[i]);
		kit_sa(&kit_links[i], false, &sa);
		assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
		assert_int_equal(sa_table_put(table, &sa), RESULT_OK); /* known again */
		sa.key_in[0] ^= 1;
		assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	}
	for (unsigned int way = 0; way < 2; way++) {
		struct esp_seal_packet out[ESP_BURST];
		struct esp_open_packet in[ESP_BURST];
		char text[1500];

		for (unsigned int i = 0; i < ESP_BURST; i++) {
			const struct kit_link *link = link_of(way, i);

			memset(text, 'a' + (int)(i % 26), sizeof(text));
			kit_buffer_fill(&buffers[i], text, 1 + i * 21);
			out[i] = (struct esp_seal_packet){
				.mbuf = &buffers[i].mbuf,
				.sa_handle = SA_HANDLE(link->index, link->generation)};
			in[i] = (struct esp_open_packet){.mbuf = &buffers[i].mbuf};
		}
		esp_seal_burst(way == 0 ? &seal : &ends.terminal_seal, out, ESP_BURST);
		for (unsigned int i = 0; i < ESP_BURST; i++)
			assert_int_equal(out[i].reason, DROP_NONE);
		buffers[9].bytes[buffers[9].mbuf.data_off + buffers[9].mbuf.data_len - 1] ^= 1;
		esp_open_burst(way == 0 ? &ends.terminal_open : &open, in, ESP_BURST);
		for (unsigned int i = 0; i < ESP_BURST; i++) {
			assert_int_equal(in[i].reason, i == 9 ? DROP_esp_icv : DROP_NONE);
			if (i == 9)
				continue;
			assert_int_equal(buffers[i].mbuf.data_len, 1 + i * 21);
			memset(text, 'a' + (int)(i % 26), sizeof(text));
			assert_memory_equal(rte_pktmbuf_mtod(&buffers[i].mbuf, char *), text,
					    1 + i * 21);
		}
	}
	kit_ends_free(&ends);
	sa_table_destroy(table);
	esp_engine_destroy(by_device);
}

static void a_key_is_given_back_and_its_place_used_again(void **state)
{
	struct esp_engine *engine = make(ESP_ENGINE_KEYS_ONLY);
	const struct esp_suite *suite = esp_suite_get(CONTRACT_SUITE_AES_128_GCM_16);
	static const struct esp_key zero;
	static struct esp_key keys[2 * SAS + 1];
	uint8_t material[CONTRACT_SA_KEY_BYTES] = {1, 2, 3}, back[CONTRACT_SA_KEY_BYTES];
	unsigned int made = 0;
	const void *session;

	(void)state;
	for (unsigned int round = 0; round < 3; round++) {
		made = 0;
		while (made < 2 * SAS && esp_engine_key_expand(engine, suite, true, material,
							       &keys[made]) == RESULT_OK)
			made++;
		assert_int_equal(made, 2 * SAS);
		assert_int_equal(esp_engine_key_expand(engine, suite, true, material, &keys[made]),
				 RESULT_MEMORY);
		esp_engine_key_material(engine, suite, &keys[3], back);
		assert_memory_equal(back, material, esp_suite_key_bytes(suite));
		session = keys[3].device.session;
		assert_non_null(memmem(session, device.sessions->elt_size, material, 16));
		while (made > 0)
			esp_engine_key_wipe(engine, &keys[--made]);
		assert_null(memmem(session, device.sessions->elt_size, material, 16));
		assert_memory_equal(&keys[0], &zero, sizeof(zero));
	}
	esp_engine_destroy(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_answers_come_out_of_the_device),
		cmocka_unit_test(each_engine_opens_what_the_other_sealed),
		cmocka_unit_test(a_key_is_given_back_and_its_place_used_again),
	};

	return cmocka_run_group_tests(tests, device_begin, device_end);
}
