/* dataplane/nodes/esp_open.c and esp_seal.c: what a verdict means for the packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/esp/probe.h"
#include "dataplane/nodes/esp_open.h"
#include "dataplane/nodes/esp_seal.h"
#include "dataplane/sa_tag.h"
#include "dataplane/tables/peer_table.h"
#include "tests/unit/dataplane_process/plane_kit.h"
#include "tests/unit/event_taken.h"

#define HANDLE SA_HANDLE(5, 3)

static struct packet *packet_make(struct plane_kit *kit)
{
	return plane_packet(kit->workers[0], "SIP", 3);
}

static void an_opened_packet_is_tagged_with_its_sa(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct contract_sa sa = plane_sa(5, 3, 0);
	struct packet *packet = packet_make(kit);
	struct esp_open_packet opened = {
		.mbuf = packet->mbuf, .sa_handle = HANDLE, .verdict = ESP_OPEN_PASS};

	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	assert_int_equal(esp_open_step(worker, packet, &opened), ESP_OPEN_EDGE_SIP);
	assert_int_equal(*sa_tag(packet->mbuf, worker->sa_tag_offset), HANDLE);
	assert_int_equal(packet->sa_handle, HANDLE);
	assert_int_equal(packet->origin, CONTRACT_ORIGIN_SA);
	assert_memory_equal(&packet->source, &sa.inner_remote, sizeof(sa.inner_remote));
	assert_memory_equal(&packet->destination, &sa.inner_local, sizeof(sa.inner_local));
	assert_int_equal(packet->sip.len, 3);
	plane_packet_end(worker, packet);
	assert_int_equal(sa_table_delete(kit->tables->sas, 5, 3), RESULT_OK);
}

static void what_another_worker_owns_is_handed_off(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit);
	struct esp_open_packet opened = {.mbuf = packet->mbuf,
					 .sa_handle = HANDLE,
					 .worker = 1,
					 .verdict = ESP_OPEN_HANDOFF};

	assert_int_equal(esp_open_step(kit->workers[0], packet, &opened), ESP_OPEN_EDGE_HANDOFF);
	assert_int_equal(packet->origin, 0);
	plane_packet_end(kit->workers[0], packet);
}

static void what_does_not_open_is_dropped_for_its_reason(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit);
	struct esp_open_packet opened = {
		.mbuf = packet->mbuf, .verdict = ESP_OPEN_DROP, .reason = DROP_esp_icv};

	assert_int_equal(esp_open_step(kit->workers[0], packet, &opened), ESP_OPEN_EDGE_DROP);
	assert_int_equal(packet->drop_reason, DROP_esp_icv);
	assert_int_equal(packet->origin, 0);
	plane_packet_end(kit->workers[0], packet);
}

static void the_first_packet_of_an_sa_is_told_whatever_it_holds(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);
	struct esp_open_packet opened = {.mbuf = packet->mbuf,
					 .sa_handle = HANDLE,
					 .is_first = true,
					 .verdict = ESP_OPEN_DROP,
					 .reason = DROP_esp_dummy};
	struct contract_event event;

	assert_int_equal(esp_open_step(worker, packet, &opened), ESP_OPEN_EDGE_DROP);
	assert_true(event_taken(worker->events, &event));
	assert_int_equal(event.kind, CONTRACT_EVENT_SA_FIRST_PACKET);
	assert_int_equal(event.sa_index, 5);
	assert_int_equal(event.time_ms, worker->now_ms);
	assert_true(worker->is_control_due);
	plane_packet_end(worker, packet);
}

static void an_answer_about_its_path_raises_what_an_sa_sends_and_never_lowers_it(void **state)
{
	static const uint16_t answered[] = {1400, 1500, 1340};
	struct plane_kit *kit = *state;
	struct contract_sa sa = plane_sa(8, 3, 0);
	struct sa_out *out;

	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	out = sa_table_find_out(kit->tables->sas, SA_HANDLE(8, 3));
	assert_int_equal(out->path_bytes, 1280);
	for (size_t i = 0; i < 3; i++) {
		struct packet *packet = packet_make(kit);
		struct esp_open_packet opened = {.mbuf = packet->mbuf,
						 .sa_handle = SA_HANDLE(8, 3),
						 .path_bytes = answered[i],
						 .path_of = SA_HANDLE(8, 3),
						 .verdict = ESP_OPEN_DROP,
						 .reason = DROP_esp_probe};

		assert_int_equal(esp_open_step(kit->workers[0], packet, &opened),
				 ESP_OPEN_EDGE_DROP);
		assert_int_equal(out->path_answered, answered[i]);
		assert_int_equal(out->path_bytes, i == 0 ? 1400 : 1500);
		plane_packet_end(kit->workers[0], packet);
	}
	assert_int_equal(sa_table_delete(kit->tables->sas, 8, 3), RESULT_OK);
}

static void a_sealed_packet_leaves_by_the_sas_port(void **state)
{
	struct plane_kit *kit = *state;
	uint8_t ip[1281] = {0x60};
	struct packet *packet = plane_packet(kit->workers[0], ip, 1280);
	struct esp_seal_packet sealed = {.mbuf = packet->mbuf};

	packet->egress.port = 9;
	assert_int_equal(esp_seal_step(kit->workers[0], packet, &sealed), ESP_SEAL_EDGE_TX);
	assert_int_equal(packet->egress.port, 0);
	plane_packet_end(kit->workers[0], packet);
	packet = plane_packet(kit->workers[0], ip, 1281);
	sealed.mbuf = packet->mbuf;
	assert_int_equal(esp_seal_step(kit->workers[0], packet, &sealed), ESP_SEAL_EDGE_FRAGMENT);
	plane_packet_end(kit->workers[0], packet);
}

static void what_is_not_sealed_does_not_leave(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit);
	struct esp_seal_packet sealed = {.mbuf = packet->mbuf, .reason = DROP_esp_sa_gone};

	assert_int_equal(esp_seal_step(kit->workers[0], packet, &sealed), ESP_SEAL_EDGE_DROP);
	assert_int_equal(packet->drop_reason, DROP_esp_sa_gone);
	sealed = (struct esp_seal_packet){.mbuf = packet->mbuf, .port = 1};
	assert_int_equal(esp_seal_step(kit->workers[0], packet, &sealed), ESP_SEAL_EDGE_DROP);
	assert_int_equal(packet->drop_reason, DROP_not_ours);
	plane_packet_end(kit->workers[0], packet);
}

static struct esp_open_packet moved(struct packet *packet)
{
	return (struct esp_open_packet){.mbuf = packet->mbuf,
					.sa_handle = HANDLE,
					.is_outer_ipv4 = true,
					.outer_port_be16 = rte_cpu_to_be_16(40000),
					.outer_source = {198, 51, 100, 9},
					.verdict = ESP_OPEN_DROP,
					.reason = DROP_esp_probe};
}

static void a_confirmed_address_is_told_to_who_moves_the_sa(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);
	struct esp_open_packet opened = moved(packet);
	struct contract_address there = plane_address("198.51.100.9", 40000);
	struct contract_event event;

	assert_int_equal(esp_open_step(worker, packet, &opened), ESP_OPEN_EDGE_DROP);
	assert_false(event_taken(worker->moves, &event));
	opened.is_confirmed = true;
	assert_int_equal(esp_open_step(worker, packet, &opened), ESP_OPEN_EDGE_DROP);
	assert_int_equal(packet->drop_reason, DROP_esp_probe);
	assert_true(event_taken(worker->moves, &event));
	assert_int_equal(event.kind, CONTRACT_EVENT_SA_MOVED);
	assert_int_equal(event.sa_index, 5);
	assert_int_equal(event.sa_generation, 3);
	assert_memory_equal(&event.outer, &there, sizeof(there));
	plane_packet_end(worker, packet);
}

static void a_probe_asks_where_the_packet_came_from(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit), *probe;
	struct esp_open_packet opened = moved(packet);
	struct contract_address there = plane_address("198.51.100.9", 40000);
	struct esp_probe_place place = {{198, 51, 100, 9}, rte_cpu_to_be_16(40000)};
	uint8_t *content;

	opened.is_moved = true;
	probe = esp_open_probe(worker, &opened);
	assert_non_null(probe);
	assert_true(probe->is_probe && probe->is_inner);
	assert_int_equal(probe->egress.sa_handle, HANDLE);
	assert_memory_equal(&probe->outer_source, &there, sizeof(there));
	assert_int_equal(probe->mbuf->data_len, ESP_PROBE_BYTES);
	content = rte_pktmbuf_mtod(probe->mbuf, uint8_t *);
	content[ESP_PROBE_LABEL_BYTES] = 1;
	assert_true(esp_probe_is_answer(worker->engine, slice_make(content, ESP_PROBE_BYTES),
					HANDLE, &place, worker->now_s));
	plane_packet_end(worker, probe);
	plane_packet_end(worker, packet);
}

static void who_asks_from_where_he_is_seen_is_told_there(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit), *answer;
	struct esp_open_packet opened = moved(packet);
	struct contract_address there = plane_address("198.51.100.9", 40000);
	const uint8_t *content;

	opened.is_asking = true;
	memcpy(opened.cookie, "12345678", sizeof(opened.cookie));
	answer = esp_open_probe(worker, &opened);
	assert_non_null(answer);
	assert_true(answer->is_probe && answer->is_inner);
	assert_memory_equal(&answer->outer_source, &there, sizeof(there));
	assert_int_equal(answer->mbuf->data_len, ESP_WHERE_BYTES);
	content = rte_pktmbuf_mtod(answer->mbuf, const uint8_t *);
	assert_memory_equal(content, "sekisho where\0011234567\070\004\x9c\x40\xc6\x33\x64\x09",
			    29);
	plane_packet_end(worker, answer);
	plane_packet_end(worker, packet);
}

/* A gateway that we have a link to, its SAs those of two workers. */
static void peer_add(struct plane_kit *kit, uint32_t sa_out_count)
{
	struct contract_peer put = {.index = 7, .level = 3, .domain_count = 1, .address_count = 1,
				    .sa_out_count = sa_out_count, .sa_out = {20, 21},
				    .sa_out_generation = {4, 5},
				    .address = {plane_address("2001:db8::10", 5060)},
				    .name = "b.xyz.com", .domain = {"xyz.com"}};

	assert_int_equal(peer_table_put(kit->tables->peers, &put), RESULT_OK);
}

static void a_gateway_that_asks_about_its_path_is_answered_by_the_workers_own_sa(void **state)
{
	static const uint32_t expected[] = {SA_HANDLE(20, 4), SA_HANDLE(21, 5)};
	struct plane_kit *kit = *state;
	struct contract_sa sa = plane_sa(9, 3, 0);
	struct esp_open_packet opened = {.sa_handle = SA_HANDLE(9, 3), .is_path_asked = true};

	sa.owner_kind = CONTRACT_OWNER_PEER;
	sa.directions = CONTRACT_SA_IN;
	sa.owner_index = 7;
	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	memset(opened.answer, 0x5a, sizeof(opened.answer));
	assert_null(esp_open_answer(kit->workers[0], &opened)); /* no such gateway */
	peer_add(kit, 0);
	assert_null(esp_open_answer(kit->workers[0], &opened)); /* no way to it */
	peer_add(kit, 2);
	for (unsigned i = 0; i < KIT_WORKERS; i++) {
		struct packet *answer = esp_open_answer(kit->workers[i], &opened);

		assert_non_null(answer);
		assert_true(answer->is_probe && answer->is_inner);
		assert_int_equal(answer->egress.origin, CONTRACT_ORIGIN_SA);
		assert_int_equal(answer->egress.sa_handle, expected[i]);
		assert_int_equal(answer->outer_source.family, 0);
		assert_int_equal(answer->mbuf->data_len, ESP_PROBE_BYTES);
		assert_memory_equal(rte_pktmbuf_mtod(answer->mbuf, uint8_t *), opened.answer,
				    ESP_PROBE_BYTES);
		plane_packet_end(kit->workers[i], answer);
	}
	assert_int_equal(peer_table_delete(kit->tables->peers, 7), RESULT_OK);
	assert_int_equal(sa_table_delete(kit->tables->sas, 9, 3), RESULT_OK);
}

static void an_inner_fragment_goes_to_be_put_together(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit);
	struct esp_open_packet opened = {
		.mbuf = packet->mbuf, .sa_handle = HANDLE, .verdict = ESP_OPEN_FRAGMENT};

	assert_int_equal(esp_open_step(kit->workers[0], packet, &opened), ESP_OPEN_EDGE_FRAGMENT);
	assert_int_equal(packet->sa_handle, HANDLE);
	assert_int_equal(packet->origin, 0);
	plane_packet_end(kit->workers[0], packet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_opened_packet_is_tagged_with_its_sa),
		cmocka_unit_test(what_another_worker_owns_is_handed_off),
		cmocka_unit_test(what_does_not_open_is_dropped_for_its_reason),
		cmocka_unit_test(the_first_packet_of_an_sa_is_told_whatever_it_holds),
		cmocka_unit_test(a_confirmed_address_is_told_to_who_moves_the_sa),
		cmocka_unit_test(a_probe_asks_where_the_packet_came_from),
		cmocka_unit_test(who_asks_from_where_he_is_seen_is_told_there),
		cmocka_unit_test(
			a_gateway_that_asks_about_its_path_is_answered_by_the_workers_own_sa),
		cmocka_unit_test(an_inner_fragment_goes_to_be_put_together),
		cmocka_unit_test(an_answer_about_its_path_raises_what_an_sa_sends_and_never_lowers_it),
		cmocka_unit_test(a_sealed_packet_leaves_by_the_sas_port),
		cmocka_unit_test(what_is_not_sealed_does_not_leave),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
