/* A terminal that asks from where it is seen: what is a question, and what it is told. */
#include "dataplane/esp/where.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static const uint8_t question[ESP_WHERE_BYTES] = "sekisho where\0cookie88";

static bool is_question(const uint8_t *content, size_t len)
{
	uint8_t cookie[ESP_WHERE_COOKIE_BYTES];

	return esp_where_is_question(slice_make(content, len), cookie);
}

static void only_a_whole_question_is_one(void **state)
{
	uint8_t content[ESP_WHERE_BYTES + 1] = {0}, cookie[ESP_WHERE_COOKIE_BYTES];

	(void)state;
	memcpy(content, question, sizeof(question));
	assert_true(esp_where_is_question(slice_make(content, sizeof(question)), cookie));
	assert_memory_equal(cookie, "cookie88", sizeof(cookie));
	for (size_t len = 0; len <= sizeof(content); len++)
		assert_int_equal(is_question(content, len), len == ESP_WHERE_BYTES);
	for (size_t i = 0; i <= ESP_WHERE_LABEL_BYTES; i++) {
		content[i] ^= 1;
		assert_false(is_question(content, sizeof(question)));
		content[i] ^= 1;
	}
}

static void an_answer_holds_address_port_and_cookie_and_is_no_question(void **state)
{
	const struct esp_probe_place ipv4 = {{198, 51, 100, 9}, htons(40000)};
	const struct esp_probe_place ipv6 = {{0x20, 1, [15] = 9}, htons(4500)};
	uint8_t content[ESP_WHERE_BYTES];
	const uint8_t *told = content + ESP_WHERE_LABEL_BYTES + 1 + ESP_WHERE_COOKIE_BYTES;

	(void)state;
	esp_where_answer(&ipv4, true, (const uint8_t *)"cookie88", content);
	assert_memory_equal(content, "sekisho where\001cookie88", 22);
	assert_memory_equal(told, "\x04\x9c\x40\xc6\x33\x64\x09\0\0\0\0\0\0\0\0\0\0\0\0", 19);
	assert_false(is_question(content, sizeof(content)));
	esp_where_answer(&ipv6, false, (const uint8_t *)"cookie88", content);
	assert_memory_equal(told, "\x06\x11\x94\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x09", 19);
}

/* Seals the question at the terminal and opens it at the gateway, from that port. */
static enum drop_reason ask(struct kit_ends *ends, uint16_t port, struct esp_open_packet *packet)
{
	static struct kit_buffer buffer;
	struct esp_seal_packet seal = {.mbuf = &buffer.mbuf,
				       .sa_handle = ends->handle,
				       .is_inner_datagram = true,
				       .next_header = 59};

	kit_buffer_fill(&buffer, question, sizeof(question));
	esp_seal_burst(&ends->terminal_seal, &seal, 1);
	assert_int_equal(seal.reason, DROP_NONE);
	memcpy(rte_pktmbuf_mtod_offset(&buffer.mbuf, uint8_t *, 20), &(uint16_t){htons(port)}, 2);
	kit_gateway_open(ends, &buffer, packet);
	return packet->reason;
}

static void who_asks_is_answered_once_a_second(void **state)
{
	struct esp_open_packet packet;
	struct kit_ends ends;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[7]);
	assert_int_equal(ask(&ends, 31000, &packet), DROP_esp_where);
	assert_true(packet.is_asking);
	assert_false(packet.is_moved);
	assert_int_equal(packet.outer_port_be16, htons(31000));
	assert_memory_equal(packet.cookie, "cookie88", sizeof(packet.cookie));
	assert_int_equal(ask(&ends, 31000, &packet), DROP_esp_dummy);
	assert_false(packet.is_asking);
	ends.gateway_open.now_s++;
	assert_int_equal(ask(&ends, 31000, &packet), DROP_esp_where);
	kit_ends_free(&ends);
}

static void who_has_moved_is_probed_and_not_told_in_the_same_second(void **state)
{
	struct esp_open_packet packet;
	struct kit_ends ends;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[7]);
	assert_int_equal(ask(&ends, 40000, &packet), DROP_esp_dummy);
	assert_true(packet.is_moved);
	assert_false(packet.is_asking);
	kit_ends_free(&ends);
}

static void where_no_nat_can_be_nobody_is_told(void **state)
{
	struct esp_open_packet packet;
	struct kit_ends ends;
	static struct kit_buffer buffer;
	struct esp_seal_packet seal = {
		.mbuf = &buffer.mbuf, .is_inner_datagram = true, .next_header = 59};

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[0]);
	seal.sa_handle = ends.handle;
	kit_buffer_fill(&buffer, question, sizeof(question));
	esp_seal_burst(&ends.terminal_seal, &seal, 1);
	kit_gateway_open(&ends, &buffer, &packet);
	assert_int_equal(packet.reason, DROP_esp_dummy);
	assert_false(packet.is_asking);
	kit_ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_whole_question_is_one),
		cmocka_unit_test(an_answer_holds_address_port_and_cookie_and_is_no_question),
		cmocka_unit_test(who_asks_is_answered_once_a_second),
		cmocka_unit_test(who_has_moved_is_probed_and_not_told_in_the_same_second),
		cmocka_unit_test(where_no_nat_can_be_nobody_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
