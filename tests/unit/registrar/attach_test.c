#include "controlplane/registrar/registrar.h"

#include "tests/unit/registrar/registrar_scene.h"
#include "tests/unit/shared/sip_check.h"

#define A "user-a@abc.com"

static void a_new_sa_goes_out_with_all_the_data_plane_needs(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);
	const struct contract_sa *put;

	scene_attach(s, &sa);
	put = &scene_last(s, CONTRACT_SA_PUT)->sa;
	assert_int_equal(put->index, 5);
	assert_int_equal(put->generation, 1);
	assert_int_equal(put->directions, CONTRACT_SA_IN | CONTRACT_SA_OUT);
	assert_int_equal(put->owner_kind, CONTRACT_OWNER_TERMINAL);
	assert_int_equal(put->owner_index, 0);
	assert_int_equal(put->mode, CONTRACT_TRANSPORT);
	assert_int_equal(put->level, 3);
	assert_int_equal(put->worker, 1);
	assert_int_equal(put->port, 3);
	assert_int_equal(put->spi_out, 0x1005);
	assert_int_equal(put->is_replay_checked, 1);
	assert_int_equal(put->is_refill, 0);
	assert_int_equal(put->hard_expiry_s, s->now_s + 36000);
	assert_int_equal(put->inner_local.port, 5060);
	assert_int_equal(put->inner_remote.port, 5060);
	assert_int_equal(put->outer_local.port, 0);
	assert_memory_equal(put->outer_remote.bytes, put->inner_remote.bytes, 16);
	assert_memory_equal(put->key_in, sa.key_in, SUITE_KEY_BYTES);
	assert_memory_equal(put->key_out, sa.key_out, SUITE_KEY_BYTES);
	assert_string_equal(put->subscriber, A);
}

static void behind_a_nat_it_is_a_tunnel_in_udp(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);
	const struct contract_sa *put;
	struct exchange_through through;

	sa.mode = KEYEXCHANGE_UDP_TUNNEL;
	sa.outer = scene_sa(5, A, 99).inner;
	scene_attach(s, &sa);
	put = &scene_last(s, CONTRACT_SA_PUT)->sa;
	assert_int_equal(put->mode, CONTRACT_UDP_TUNNEL);
	assert_int_equal(put->outer_local.port, 4500);
	assert_int_equal(put->outer_remote.port, 4500);
	assert_int_equal(put->outer_remote.bytes[15], 0x99);
	assert_int_equal(put->inner_remote.bytes[15], 0x10);
	assert_int_equal(registrar_through(s->registrar, 5, 1, &through), RESULT_OK);
	assert_int_equal(through.mode, KEYEXCHANGE_UDP_TUNNEL);
	assert_slice(through.subscriber, A);
	assert_int_equal(registrar_through(s->registrar, 5, 2, &through), RESULT_NOT_FOUND);
	assert_int_equal(registrar_through(s->registrar, 6, 1, &through), RESULT_NOT_FOUND);
	assert_int_equal(registrar_through(s->registrar, 100000, 1, &through), RESULT_NOT_FOUND);
}

static void a_rekey_goes_the_way_of_the_sa_it_replaces(void **state)
{
	struct scene *s = *state;
	struct exchange_sa first = scene_sa(5, A, 10), second = scene_sa(6, A, 10);
	struct contract_sa old;

	first.mode = KEYEXCHANGE_UDP_TUNNEL;
	first.outer = scene_sa(5, A, 99).inner;
	scene_attach(s, &first);
	old = scene_last(s, CONTRACT_SA_PUT)->sa;
	/* message 3 came through the old one: what it saw was the inside */
	second.mode = KEYEXCHANGE_UDP_TUNNEL;
	second.replaces.index = 5;
	second.replaces.generation = 1;
	scene_attach(s, &second);
	assert_memory_equal(&scene_last(s, CONTRACT_SA_PUT)->sa.outer_remote, &old.outer_remote,
			    sizeof(old.outer_remote));
	assert_memory_equal(&scene_last(s, CONTRACT_SA_PUT)->sa.inner_remote, &old.inner_remote,
			    sizeof(old.inner_remote));
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.mode, CONTRACT_UDP_TUNNEL);
	/* and one whose predecessor is gone meanwhile is as any new one */
	second.replaces.index = 77;
	second.slot.index = 7;
	scene_attach(s, &second);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.owner_index, 0);
}

static void an_index_that_is_taken_is_given_back(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);
	const struct registrar_way way = {0};

	scene_attach(s, &sa);
	assert_int_equal(registrar_attach(s->registrar, &sa, &way, s->now_s), RESULT_EXISTS);
	assert_int_equal(s->released, 1);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(a_new_sa_goes_out_with_all_the_data_plane_needs),
		SCENE(behind_a_nat_it_is_a_tunnel_in_udp),
		SCENE(a_rekey_goes_the_way_of_the_sa_it_replaces),
		SCENE(an_index_that_is_taken_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
