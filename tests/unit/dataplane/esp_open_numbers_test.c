/* esp_open and sequence numbers: what was there before, what is too old, what is past 2^32. */
#include "dataplane/esp/open.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static struct kit_buffer buffer, copy;

static void a_packet_seen_before_is_refused(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[1]);
	kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	kit_expect_drop(&ends, &copy, DROP_esp_replay);
	kit_ends_free(&ends);
}

static void the_same_packet_twice_in_one_burst_passes_once(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packets[2] = {{.mbuf = &buffer.mbuf}, {.mbuf = &copy.mbuf}};

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[1]);
	kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
	esp_open_burst(&ends.gateway_open, packets, 2);
	assert_int_equal(packets[0].verdict, ESP_OPEN_PASS);
	assert_int_equal(packets[1].verdict, ESP_OPEN_DROP);
	assert_int_equal(packets[1].reason, DROP_esp_replay);
	kit_ends_free(&ends);
}

static void a_packet_behind_the_window_is_refused(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint8_t plain[256];
	size_t len;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[1]);
	len = kit_plain(&ends, plain);
	kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
	len = kit_plain_close(plain, len, 17);
	kit_terminal_seal_raw(&ends, &buffer, 1025, plain, len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	kit_expect_drop(&ends, &copy, DROP_esp_too_old);
	kit_ends_free(&ends);
}

static void numbers_cross_32_bits(void **state)
{
	static const uint64_t numbers[] = {0xfffff000,	0xfffffffe,  0xffffffff,
					   0x100000000, 0x100000001, 0xfffffffd,
					   0x1000003ff, 0x1ffffffff, 0x200000000};
	struct kit_ends ends;
	uint8_t plain[256];
	size_t len;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[7]);
	len = kit_plain(&ends, plain);
	len = kit_plain_close(plain, len, 4);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct esp_open_packet packet;

		kit_terminal_seal_raw(&ends, &buffer, numbers[i], plain, len);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	}
	kit_ends_free(&ends);
}

static void a_bench_sa_takes_the_same_packet_again(void **state)
{
	struct kit_ends ends;
	struct contract_sa sa;
	struct esp_open_packet packet;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_sa(&kit_links[0], false, &sa);
	sa.is_replay_checked = 0;
	assert_int_equal(sa_table_put(ends.gateway, &sa), RESULT_OK);
	kit_sa(&kit_links[0], true, &sa);
	assert_int_equal(sa_table_put(ends.terminal, &sa), RESULT_OK);
	ends.handle = SA_HANDLE(sa.index, sa.generation);
	kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
	kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_int_equal(kit_gateway_open(&ends, &copy, &packet), ESP_OPEN_PASS);
	kit_ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_seen_before_is_refused),
		cmocka_unit_test(the_same_packet_twice_in_one_burst_passes_once),
		cmocka_unit_test(a_packet_behind_the_window_is_refused),
		cmocka_unit_test(numbers_cross_32_bits),
		cmocka_unit_test(a_bench_sa_takes_the_same_packet_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
