/* Probes: what is asked where, and what is an answer. */
#include "dataplane/esp/probe.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

#define KIND_AT ESP_PROBE_LABEL_BYTES

static const struct esp_probe_place there = {{198, 51, 100, 9}, 0x409c};

static struct esp_engine *make(void)
{
	struct esp_engine *engine = NULL;

	assert_int_equal(esp_engine_create_direct(&engine), RESULT_OK);
	return engine;
}

static struct slice slice_of(const uint8_t content[ESP_PROBE_BYTES])
{
	return slice_make(content, ESP_PROBE_BYTES);
}

static void an_answer_counts_for_its_sa_its_place_and_its_time(void **state)
{
	struct esp_engine *engine = make();
	uint8_t content[ESP_PROBE_BYTES];
	struct esp_probe_place elsewhere = there;

	(void)state;
	esp_probe_ask(engine, 0x01000005, &there, 1000, content);
	assert_false(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &there, 1000));
	content[KIND_AT] = 1;
	assert_true(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &there, 1000));
	assert_true(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &there,
					1000 + ESP_PROBE_LIFE_S));
	assert_false(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &there,
					 1001 + ESP_PROBE_LIFE_S));
	assert_false(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &there, 999));
	assert_false(esp_probe_is_answer(engine, slice_of(content), 0x02000005, &there, 1000));
	elsewhere.port_be16++;
	assert_false(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &elsewhere, 1000));
	elsewhere = there;
	elsewhere.address[15] = 1;
	assert_false(esp_probe_is_answer(engine, slice_of(content), 0x01000005, &elsewhere, 1000));
	esp_engine_destroy(engine);
}

static void anything_changed_is_no_answer(void **state)
{
	struct esp_engine *engine = make(), *other = make();
	uint8_t content[ESP_PROBE_BYTES + 1] = {0};

	(void)state;
	esp_probe_ask(engine, 0x01000005, &there, 1000, content);
	content[KIND_AT] = 1;
	for (size_t i = 0; i < ESP_PROBE_BYTES; i++) {
		content[i] ^= 0x20;
		assert_false(
			esp_probe_is_answer(engine, slice_of(content), 0x01000005, &there, 1000));
		content[i] ^= 0x20;
	}
	for (size_t len = 0; len <= sizeof(content); len++)
		assert_int_equal(esp_probe_is_answer(engine, slice_make(content, len), 0x01000005,
						     &there, 1000),
				 len == ESP_PROBE_BYTES);
	/* Another worker (or another start) has another key. */
	assert_false(esp_probe_is_answer(other, slice_of(content), 0x01000005, &there, 1000));
	esp_engine_destroy(engine);
	esp_engine_destroy(other);
}

/* Seals a dummy with this content at the terminal and opens it at the gateway, from that port. */
static void dummy_pass(struct kit_ends *ends, const uint8_t *content, size_t len, uint16_t port,
		       struct esp_open_packet *packet)
{
	static struct kit_buffer buffer;
	struct esp_seal_packet seal = {.mbuf = &buffer.mbuf,
				       .sa_handle = ends->handle,
				       .is_inner_datagram = true,
				       .next_header = 59};

	kit_buffer_fill(&buffer, content, len);
	esp_seal_burst(&ends->terminal_seal, &seal, 1);
	assert_int_equal(seal.reason, DROP_NONE);
	if (ends->terminal_seal.table->out[SA_INDEX(ends->handle)].flags & SA_IS_IN_UDP)
		memcpy(rte_pktmbuf_mtod_offset(&buffer.mbuf, uint8_t *, 20),
		       &(uint16_t){htons(port)}, 2);
	kit_gateway_open(ends, &buffer, packet);
}

static void an_answer_through_the_sa_confirms_where_it_comes_from(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint8_t content[ESP_PROBE_BYTES] = {0};
	struct esp_probe_place place = {.port_be16 = htons(40000)};

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[7]);
	dummy_pass(&ends, content, sizeof(content), 40000, &packet);
	assert_int_equal(packet.reason, DROP_esp_dummy);
	assert_true(packet.is_moved);
	assert_false(packet.is_confirmed);
	memcpy(place.address, packet.outer_source, sizeof(place.address));
	esp_probe_ask(ends.engine, packet.sa_handle, &place, ends.gateway_open.now_s, content);
	dummy_pass(&ends, content, sizeof(content), 40000, &packet);
	assert_int_equal(packet.reason, DROP_esp_dummy); /* a question is no answer */
	assert_false(packet.is_confirmed);
	content[KIND_AT] = 1;
	dummy_pass(&ends, content, sizeof(content), 40001, &packet);
	assert_int_equal(packet.reason, DROP_esp_dummy); /* asked elsewhere */
	assert_false(packet.is_confirmed);
	dummy_pass(&ends, content, sizeof(content), 40000, &packet);
	assert_int_equal(packet.verdict, ESP_OPEN_DROP);
	assert_int_equal(packet.reason, DROP_esp_probe);
	assert_true(packet.is_confirmed);
	assert_int_equal(packet.outer_port_be16, htons(40000));
	dummy_pass(&ends, content, sizeof(content) - 1, 40000, &packet);
	assert_int_equal(packet.reason, DROP_esp_dummy);
	kit_ends_free(&ends);
}

static void where_the_sa_goes_already_nothing_is_confirmed(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint8_t content[ESP_PROBE_BYTES];
	struct esp_probe_place place = {.port_be16 = htons(31000)};
	struct contract_sa sa;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[7]);
	kit_sa(&kit_links[7], false, &sa);
	memcpy(place.address, sa.outer_remote.bytes, sizeof(place.address));
	esp_probe_ask(ends.engine, ends.handle, &place, ends.gateway_open.now_s, content);
	content[KIND_AT] = 1;
	dummy_pass(&ends, content, sizeof(content), 31000, &packet);
	assert_int_equal(packet.reason, DROP_esp_probe);
	assert_false(packet.is_confirmed);
	assert_false(packet.is_moved);
	kit_ends_free(&ends);
}

static void an_answer_about_a_path_counts_for_its_sa_its_length_and_its_time(void **state)
{
	/* The seconds' last sixteen bits are all that travels: wherever they turn over. */
	static const uint64_t nows[] = {1000, 1800000000, 0x6b4a0000, 0x6b4a0003, 0x6b49ffff};
	struct esp_engine *engine = make(), *other = make();
	uint8_t content[ESP_PROBE_BYTES];
	const struct slice all = slice_of(content);
	struct esp_probe_place nowhere = {.port_be16 = 0};
	uint32_t sa = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(nows) / sizeof(nows[0]); i++) {
		uint64_t now = nows[i];

		esp_probe_ask_path(engine, 0x01000005, 1498, now, content);
		assert_int_equal(esp_probe_path_answered(engine, all, now, &sa), 0);
		content[KIND_AT] = 1;
		assert_int_equal(esp_probe_path_answered(engine, all, now, &sa), 1498);
		assert_int_equal(sa, 0x01000005);
		assert_int_equal(
			esp_probe_path_answered(engine, all, now + ESP_PROBE_LIFE_S, &sa), 1498);
		sa = 0;
		assert_int_equal(
			esp_probe_path_answered(engine, all, now + ESP_PROBE_LIFE_S + 1, &sa), 0);
		assert_int_equal(esp_probe_path_answered(engine, all, now - 1, &sa), 0);
		/* Eighteen hours on, the same sixteen bits. */
		assert_int_equal(esp_probe_path_answered(engine, all, now + 65536, &sa), 0);
		assert_int_equal(esp_probe_path_answered(other, all, now, &sa), 0);
		/* The one kind of answer is never the other. */
		assert_false(esp_probe_is_answer(engine, all, 0x01000005, &nowhere, now));
		for (size_t byte = 0; byte < ESP_PROBE_BYTES; byte++) {
			content[byte] ^= 0x20;
			assert_int_equal(esp_probe_path_answered(engine, all, now, &sa), 0);
			content[byte] ^= 0x20;
		}
		esp_probe_ask(engine, 0x01000005, &nowhere, now, content);
		content[KIND_AT] = 1;
		assert_int_equal(esp_probe_path_answered(engine, all, now, &sa), 0);
		assert_int_equal(sa, 0);
	}
	esp_engine_destroy(engine);
	esp_engine_destroy(other);
}

static void only_a_question_is_answered_with_its_own_bytes(void **state)
{
	struct esp_engine *engine = make();
	uint8_t asked[1400] = {0}, answer[ESP_PROBE_BYTES] = {0};
	uint32_t sa = 0;

	(void)state;
	esp_probe_ask_path(engine, 0x01000005, 1498, 1000, asked);
	assert_false(esp_probe_answer(slice_make((char *)asked, ESP_PROBE_BYTES - 1), answer));
	assert_true(esp_probe_answer(slice_make((char *)asked, sizeof(asked)), answer));
	assert_int_equal(answer[KIND_AT], 1);
	assert_memory_equal(answer, asked, KIND_AT);
	assert_memory_equal(answer + KIND_AT + 1, asked + KIND_AT + 1,
			    ESP_PROBE_BYTES - KIND_AT - 1);
	assert_int_equal(esp_probe_path_answered(engine, slice_of(answer), 1000, &sa), 1498);
	/* Not an answer, nor anything else. */
	asked[KIND_AT] = 1;
	assert_false(esp_probe_answer(slice_make((char *)asked, sizeof(asked)), answer));
	asked[KIND_AT] = 0;
	asked[0] ^= 1;
	assert_false(esp_probe_answer(slice_make((char *)asked, sizeof(asked)), answer));
	esp_engine_destroy(engine);
}

static void an_answer_about_a_path_is_told_in_every_mode(void **state)
{
	static const size_t links[] = {0, 7};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kit_ends ends;
		struct esp_open_packet packet;
		uint8_t content[ESP_PROBE_BYTES];

		kit_ends_make(&ends, NULL);
		kit_ends_link(&ends, &kit_links[links[i]]);
		esp_probe_ask_path(ends.gateway_open.table->engine, ends.handle, 1400,
				   ends.gateway_open.now_s, content);
		dummy_pass(&ends, content, sizeof(content), 31000, &packet);
		assert_int_equal(packet.reason, DROP_esp_dummy); /* a question is no answer */
		assert_int_equal(packet.path_bytes, 0);
		content[KIND_AT] = 1;
		dummy_pass(&ends, content, sizeof(content), 31000, &packet);
		assert_int_equal(packet.verdict, ESP_OPEN_DROP);
		assert_int_equal(packet.reason, DROP_esp_probe);
		assert_int_equal(packet.path_bytes, 1400);
		assert_int_equal(packet.path_of, ends.handle);
		assert_false(packet.is_confirmed);
		/* A terminal says nothing about the path of another's SA. */
		esp_probe_ask_path(ends.gateway_open.table->engine, ends.handle + 1, 1400,
				   ends.gateway_open.now_s, content);
		content[KIND_AT] = 1;
		dummy_pass(&ends, content, sizeof(content), 31000, &packet);
		assert_int_equal(packet.reason, DROP_esp_dummy);
		assert_int_equal(packet.path_bytes, 0);
		kit_ends_free(&ends);
	}
}

static void a_gateway_asks_and_answers_by_sas_of_one_direction(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint8_t content[200] = {0}, expected[ESP_PROBE_BYTES];

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[0]);
	ends.gateway->in[SA_INDEX(ends.handle)].owner_kind = CONTRACT_OWNER_PEER;
	/* Its question, however long it is, is answered, and once a second. */
	esp_probe_ask_path(ends.engine, 0x07000009, 1400, ends.gateway_open.now_s, content);
	dummy_pass(&ends, content, sizeof(content), 31000, &packet);
	assert_int_equal(packet.verdict, ESP_OPEN_DROP);
	assert_int_equal(packet.reason, DROP_esp_probe);
	assert_true(packet.is_path_asked);
	assert_true(esp_probe_answer(slice_of(content), expected));
	assert_memory_equal(packet.answer, expected, sizeof(expected));
	dummy_pass(&ends, content, sizeof(content), 31000, &packet);
	assert_false(packet.is_path_asked);
	assert_int_equal(packet.reason, DROP_esp_dummy);
	/* Its answer names whatever SA of ours it was asked by. */
	esp_probe_ask_path(ends.gateway_open.table->engine, 0x07000009, 1400,
			   ends.gateway_open.now_s, content);
	content[KIND_AT] = 1;
	dummy_pass(&ends, content, ESP_PROBE_BYTES, 31000, &packet);
	assert_int_equal(packet.reason, DROP_esp_probe);
	assert_int_equal(packet.path_bytes, 1400);
	assert_int_equal(packet.path_of, 0x07000009);
	assert_false(packet.is_path_asked);
	kit_ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_counts_for_its_sa_its_place_and_its_time),
		cmocka_unit_test(anything_changed_is_no_answer),
		cmocka_unit_test(an_answer_through_the_sa_confirms_where_it_comes_from),
		cmocka_unit_test(where_the_sa_goes_already_nothing_is_confirmed),
		cmocka_unit_test(an_answer_about_a_path_counts_for_its_sa_its_length_and_its_time),
		cmocka_unit_test(only_a_question_is_answered_with_its_own_bytes),
		cmocka_unit_test(an_answer_about_a_path_is_told_in_every_mode),
		cmocka_unit_test(a_gateway_asks_and_answers_by_sas_of_one_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
