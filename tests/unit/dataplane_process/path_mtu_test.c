/* What is known of the path of an SA: who may change it, how far, and for how long. */
#include "dataplane/path_mtu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane_process/icmp_kit.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define NOW_MS UINT64_C(1800000000000)

/* Each test has SAs of its own: an index rests before it comes again. */
static uint32_t index_last;

struct scene {
	struct plane_kit *kit;
	struct path_mtu_counts counts;
	struct path_mtu paths;
	uint32_t index;
	struct sa_out *out;
	struct icmp_said said; /* what would be believed */
};

/* A terminal's SA that has sent a hundred packets, and is said to carry this much. */
static void scene_make(struct scene *scene, void **state, int family, uint16_t path_bytes)
{
	struct contract_sa sa = plane_sa(++index_last, 1, 0);

	*scene = (struct scene){.kit = *state, .index = index_last};
	scene->paths = (struct path_mtu){.sas = scene->kit->tables->sas,
					 .ports = scene->kit->tables->ports,
					 .workers = scene->kit->workers,
					 .counts = &scene->counts};
	scene->said = icmp_said(family, false);
	scene->said.spi = sa.spi_out = 0x5000 + index_last;
	if (family == 4) {
		sa.inner_local = scene->said.source;
		sa.inner_remote = scene->said.destination;
		sa.outer_local = sa.inner_local;
		sa.outer_remote = sa.inner_remote;
		sa.inner_local.port = sa.inner_remote.port = 5060;
	}
	assert_int_equal(sa_table_put(scene->paths.sas, &sa), RESULT_OK);
	scene->out = &scene->paths.sas->out[index_last];
	scene->out->next += 100;
	if (path_bytes != 0)
		scene->out->path_bytes = path_bytes;
}

static void scene_end(struct scene *scene)
{
	assert_int_equal(sa_table_delete(scene->paths.sas, scene->index, 1), RESULT_OK);
}

static void tell(struct scene *scene, const struct icmp_said *said, uint64_t now_ms)
{
	uint8_t frame[14 + ICMP_KIT_BYTES] = {0};
	size_t length = icmp_write(said, frame + 14);

	path_mtu_frame(&scene->paths, frame, 14 + length, now_ms);
}

/* The size that a visit asked about, 0 if it asked nothing. */
static uint16_t visit(struct scene *scene, uint64_t now_ms)
{
	struct rte_ring *ring = scene->kit->workers[0]->injected;
	uint16_t asked;
	void *taken;
	struct rte_mbuf *mbuf;

	path_mtu_visit(&scene->paths, scene->index, now_ms);
	if (rte_ring_dequeue(ring, &taken) != 0)
		return 0;
	mbuf = taken;
	asked = mbuf_note(mbuf)->path_bytes;
	assert_int_equal(mbuf_note(mbuf)->kind, MBUF_NOTE_PATH);
	assert_int_equal(mbuf_note(mbuf)->sa_handle, SA_HANDLE(scene->index, 1));
	/* Plain ESP over IPv6 with AES-GCM: 40 + 8 + 8 before, 2 + 16 behind. */
	assert_int_equal(mbuf->data_len + 74, asked);
	rte_pktmbuf_free(mbuf);
	assert_int_equal(rte_ring_count(ring), 0);
	return asked;
}

/* As the owner worker does when the answer has come. */
static void answer(struct scene *scene, uint16_t bytes)
{
	scene->out->path_answered = bytes;
	if (bytes > scene->out->path_bytes)
		scene->out->path_bytes = bytes;
}

static void a_quote_of_what_was_sent_lately_narrows_the_path_of_that_sa(void **state)
{
	for (int family = 4; family <= 6; family += 2) {
		struct scene scene, other;

		scene_make(&scene, state, family, 1500);
		scene_make(&other, state, family, 1500);
		tell(&scene, &scene.said, NOW_MS);
		assert_int_equal(scene.out->path_bytes, 1400);
		assert_int_equal(other.out->path_bytes, 1500);
		assert_int_equal(scene.counts.narrowed, 1);
		assert_int_equal(scene.counts.refused, 0);
		/* It says more now: nobody is believed who makes it wider. */
		scene.said.path_bytes = 1450;
		tell(&scene, &scene.said, NOW_MS);
		assert_int_equal(scene.out->path_bytes, 1400);
		assert_int_equal(scene.counts.narrowed, 1);
		scene_end(&scene);
		scene_end(&other);
	}
}

static void what_quotes_no_live_sas_packet_is_refused(void **state)
{
	struct scene scene;
	struct icmp_said forged[7];

	scene_make(&scene, state, 6, 1500);
	for (size_t i = 0; i < 7; i++)
		forged[i] = scene.said;
	forged[0].spi++;
	forged[1].destination.bytes[15]++;
	forged[2].source.bytes[15]++;
	forged[3].sequence = 101; /* not sent yet */
	forged[4].sequence = 0;
	forged[5].sequence = 0xfffffff0;
	forged[6].quoted_bytes = 1400; /* was not too long */
	for (size_t i = 0; i < 7; i++) {
		tell(&scene, &forged[i], NOW_MS);
		assert_int_equal(scene.counts.refused, i + 1);
		assert_int_equal(scene.out->path_bytes, 1500);
	}
	scene.said.sequence = 100; /* the last one */
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.out->path_bytes, 1400);
	scene_end(&scene);
	scene.said.path_bytes = 1300;
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.counts.refused, 8);
}

static void a_packet_of_long_ago_is_no_proof(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 1500);
	scene.out->next += UINT64_C(3) << 32;
	scene.said.sequence = (uint32_t)(scene.out->next - 1 - PATH_MTU_QUOTED_LATELY);
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.counts.refused, 1);
	scene.said.sequence++;
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.out->path_bytes, 1400);
	scene_end(&scene);
}

static void nobody_brings_a_path_below_its_familys_floor(void **state)
{
	static const struct {
		int family;
		uint32_t said;
		uint16_t path;
	} rows[] = {{6, 1279, 1280}, {6, 0, 1280}, {6, 68, 1280},	  {4, 1279, 1279},
		    {4, 577, 577},   {4, 68, 576}, {4, 0xffffffff, 1500}, {4, 0, 1280}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		scene_make(&scene, state, rows[i].family, 1500);
		scene.said.path_bytes = rows[i].said;
		tell(&scene, &scene.said, NOW_MS);
		assert_int_equal(scene.out->path_bytes, rows[i].path);
		assert_true(sa_table_narrowest_path(scene.paths.sas) <= rows[i].path);
		scene_end(&scene);
	}
}

static void a_narrowed_path_is_tried_again_after_ten_minutes(void **state)
{
	const uint64_t later = NOW_MS + PATH_MTU_KEPT_S * 1000;
	struct scene scene;

	scene_make(&scene, state, 6, 1500);
	scene.out->is_path_wanted = 1;
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(visit(&scene, later - 1000), 0);
	assert_int_equal(scene.out->path_bytes, 1400);
	assert_int_equal(visit(&scene, later), 1500);
	answer(&scene, 1500);
	assert_int_equal(visit(&scene, later + 2000), 0);
	assert_int_equal(scene.out->path_bytes, 1500);
	scene_end(&scene);
	/* Over IPv4 it may have come below where it began: that far it rises by itself. */
	scene_make(&scene, state, 4, 0);
	scene.said.path_bytes = 900;
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.out->path_bytes, 900);
	path_mtu_visit(&scene.paths, scene.index, later - 1000);
	assert_int_equal(scene.out->path_bytes, 900);
	path_mtu_visit(&scene.paths, scene.index, later);
	assert_int_equal(scene.out->path_bytes, 1280);
	scene_end(&scene);
}

static void only_where_long_messages_go_a_terminal_is_asked(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 0);
	assert_int_equal(visit(&scene, NOW_MS), 0);
	scene.out->is_path_wanted = 1;
	assert_int_equal(visit(&scene, NOW_MS + 2000), 1500);
	assert_int_equal(scene.out->path_bytes, 1280); /* asking proves nothing */
	answer(&scene, 1500);
	assert_int_equal(visit(&scene, NOW_MS + 4000), 0);
	assert_int_equal(scene.out->is_path_wanted, 0);
	/* And then not for ten minutes, then again, if somebody still wants it. */
	scene.out->is_path_wanted = 1;
	assert_int_equal(visit(&scene, NOW_MS + 6000), 0);
	assert_int_equal(visit(&scene, NOW_MS + 4000 + PATH_MTU_KEPT_S * 1000), 1500);
	assert_int_equal(scene.out->path_bytes, 1500);
	scene_end(&scene);
}

static void what_is_not_answered_is_asked_thrice_and_then_less(void **state)
{
	static const uint16_t sizes[] = {1500, 1492, 1460, 1420, 1400, 1340};
	uint64_t now = NOW_MS;
	struct scene scene;

	scene_make(&scene, state, 6, 0);
	scene.out->is_path_wanted = 1;
	for (size_t i = 0; i < 6; i++)
		for (unsigned ask = 0; ask < PATH_MTU_ASKS; ask++, now += 2000)
			assert_int_equal(visit(&scene, now), sizes[i]);
	assert_int_equal(visit(&scene, now), 0);
	assert_int_equal(scene.out->is_path_wanted, 0);
	assert_int_equal(scene.out->path_bytes, 1280);
	assert_int_equal(scene.counts.asked, 18);
	scene_end(&scene);
}

static void a_router_that_says_how_much_saves_the_search(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 0);
	scene.out->is_path_wanted = 1;
	assert_int_equal(visit(&scene, NOW_MS), 1500);
	scene.said.quoted_bytes = 1500;
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.out->path_bytes, 1280); /* proved is nothing yet */
	assert_int_equal(visit(&scene, NOW_MS + 2000), 1400);
	answer(&scene, 1400);
	assert_int_equal(visit(&scene, NOW_MS + 4000), 0);
	assert_int_equal(scene.out->path_bytes, 1400);
	scene_end(&scene);
	/* There is nothing to gain: the search is over for now. */
	scene_make(&scene, state, 6, 0);
	scene.out->is_path_wanted = 1;
	assert_int_equal(visit(&scene, NOW_MS), 1500);
	scene.said.quoted_bytes = 1500;
	scene.said.path_bytes = 1280;
	tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(visit(&scene, NOW_MS + 2000), 0);
	assert_int_equal(visit(&scene, NOW_MS + PATH_MTU_KEPT_S * 1000), 1500);
	scene_end(&scene);
}

static void a_path_that_silently_carries_less_is_found_out(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 1500);
	scene.out->is_path_wanted = 1;
	for (unsigned ask = 0; ask < PATH_MTU_ASKS; ask++)
		assert_int_equal(visit(&scene, NOW_MS + ask * 2000), 1500);
	assert_int_equal(scene.out->path_bytes, 1500);
	assert_int_equal(visit(&scene, NOW_MS + 6000), 1492);
	assert_int_equal(scene.out->path_bytes, 1280);
	assert_int_equal(scene.counts.lost, 1);
	scene_end(&scene);
}

static void a_moved_terminals_path_is_learned_anew(void **state)
{
	struct scene scene;
	struct contract_sa sa = plane_sa(++index_last, 1, 0);
	struct contract_address elsewhere;

	scene = (struct scene){.kit = *state};
	sa.mode = CONTRACT_UDP_TUNNEL;
	sa.spi_out = 0x5000 + index_last;
	sa.outer_local.port = sa.outer_remote.port = 4500;
	assert_int_equal(sa_table_put(scene.kit->tables->sas, &sa), RESULT_OK);
	scene.out = &scene.kit->tables->sas->out[index_last];
	scene.out->path_bytes = 1500;
	elsewhere = sa.outer_remote;
	elsewhere.port = 31000;
	assert_int_equal(sa_table_move(scene.kit->tables->sas, index_last, 1, &elsewhere),
			 RESULT_OK);
	assert_int_equal(scene.out->path_bytes, 1280);
	assert_int_equal(sa_table_delete(scene.kit->tables->sas, index_last, 1), RESULT_OK);
}

static void a_gateway_is_asked_by_the_worker_that_sends_to_it(void **state)
{
	struct scene scene;
	struct contract_sa sa = plane_sa(++index_last, 1, 1);
	struct rte_ring *ring;
	void *taken;

	scene = (struct scene){.kit = *state, .index = index_last};
	scene.paths = (struct path_mtu){.sas = scene.kit->tables->sas,
					.ports = scene.kit->tables->ports,
					.workers = scene.kit->workers,
					.counts = &scene.counts};
	sa.owner_kind = CONTRACT_OWNER_PEER;
	sa.directions = CONTRACT_SA_OUT;
	sa.spi_out = 0x5000 + index_last;
	assert_int_equal(sa_table_put(scene.paths.sas, &sa), RESULT_OK);
	scene.out = &scene.paths.sas->out[scene.index];
	scene.out->is_path_wanted = 1;
	ring = scene.kit->workers[1]->injected;
	assert_int_equal(visit(&scene, NOW_MS), 0); /* not by the first */
	assert_int_equal(rte_ring_dequeue(ring, &taken), 0);
	assert_int_equal(mbuf_note(taken)->path_bytes, 1500);
	assert_int_equal(mbuf_note(taken)->sa_handle, SA_HANDLE(scene.index, 1));
	rte_pktmbuf_free(taken);
	answer(&scene, 1500);
	assert_int_equal(visit(&scene, NOW_MS + 2000), 0);
	assert_int_equal(rte_ring_count(ring), 0);
	assert_int_equal(scene.out->is_path_wanted, 0);
	assert_int_equal(scene.counts.asked, 1);
	scene_end(&scene);
}

static void who_has_but_one_direction_and_is_no_gateway_is_not_asked(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 0);
	scene.paths.sas->info[scene.index].directions = CONTRACT_SA_OUT;
	scene.out->is_path_wanted = 1;
	assert_int_equal(visit(&scene, NOW_MS), 0);
	scene.paths.sas->info[scene.index].directions = CONTRACT_SA_IN | CONTRACT_SA_OUT;
	scene_end(&scene);
}

/* As a rekey puts it: the same subscriber at the same address, another index and other keys. */
static void an_sa_after_another_asks_when_that_one_would_have(void **state)
{
	struct scene scene, next;

	scene_make(&scene, state, 6, 0);
	scene.out->is_path_wanted = 1;
	assert_int_equal(visit(&scene, NOW_MS), 1500);
	answer(&scene, 1500);
	assert_int_equal(visit(&scene, NOW_MS + 2000), 0);
	scene_make(&next, state, 6, 0);
	assert_int_equal(next.out->path_bytes, 1500);
	scene_end(&scene);
	next.out->is_path_wanted = 1;
	assert_int_equal(visit(&next, NOW_MS + 4000), 0);
	assert_int_equal(visit(&next, NOW_MS + 1000 + PATH_MTU_KEPT_S * 1000), 0);
	assert_int_equal(visit(&next, NOW_MS + 2000 + PATH_MTU_KEPT_S * 1000), 1500);
	scene_end(&next);
	/* What ICMP has narrowed stays so as long as it would have. */
	scene_make(&scene, state, 6, 1500);
	tell(&scene, &scene.said, NOW_MS);
	scene_make(&next, state, 6, 0);
	assert_int_equal(next.out->path_bytes, 1400);
	scene_end(&scene);
	next.out->is_path_wanted = 1;
	assert_int_equal(visit(&next, NOW_MS + PATH_MTU_KEPT_S * 1000 - 1000), 0);
	assert_int_equal(visit(&next, NOW_MS + PATH_MTU_KEPT_S * 1000), 1500);
	scene_end(&next);
}

static void what_the_operator_says_stands(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 0);
	scene.out->is_path_wanted = 1;
	scene.paths.sas->config.path_bytes[0] = 1500;
	assert_int_equal(visit(&scene, NOW_MS), 0); /* nothing is left to prove */
	assert_int_equal(scene.out->path_bytes, 1500);
	scene.paths.sas->config.path_bytes[0] = 0;
	scene_end(&scene);
}

static void what_is_looked_at_and_asked_is_bounded(void **state)
{
	struct scene scene;

	scene_make(&scene, state, 6, 1500);
	scene.said.spi++;
	for (unsigned i = 0; i < PATH_MTU_TOLD_A_SECOND + 5; i++)
		tell(&scene, &scene.said, NOW_MS);
	assert_int_equal(scene.counts.refused, PATH_MTU_TOLD_A_SECOND);
	assert_int_equal(scene.counts.too_many, 5);
	tell(&scene, &scene.said, NOW_MS + 1000);
	assert_int_equal(scene.counts.too_many, 5);
	scene.out->is_path_wanted = 1;
	scene.paths.turn_ms = NOW_MS;
	scene.paths.asks = PATH_MTU_ASKS_A_TURN - 1;
	assert_int_equal(visit(&scene, NOW_MS), 1500);
	assert_int_equal(visit(&scene, NOW_MS), 0);
	assert_int_equal(visit(&scene, NOW_MS + 100), 1500);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quote_of_what_was_sent_lately_narrows_the_path_of_that_sa),
		cmocka_unit_test(what_quotes_no_live_sas_packet_is_refused),
		cmocka_unit_test(a_packet_of_long_ago_is_no_proof),
		cmocka_unit_test(nobody_brings_a_path_below_its_familys_floor),
		cmocka_unit_test(a_narrowed_path_is_tried_again_after_ten_minutes),
		cmocka_unit_test(only_where_long_messages_go_a_terminal_is_asked),
		cmocka_unit_test(what_is_not_answered_is_asked_thrice_and_then_less),
		cmocka_unit_test(a_router_that_says_how_much_saves_the_search),
		cmocka_unit_test(a_path_that_silently_carries_less_is_found_out),
		cmocka_unit_test(a_moved_terminals_path_is_learned_anew),
		cmocka_unit_test(a_gateway_is_asked_by_the_worker_that_sends_to_it),
		cmocka_unit_test(who_has_but_one_direction_and_is_no_gateway_is_not_asked),
		cmocka_unit_test(an_sa_after_another_asks_when_that_one_would_have),
		cmocka_unit_test(what_the_operator_says_stands),
		cmocka_unit_test(what_is_looked_at_and_asked_is_bounded),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
