#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A "user-a@abc.com"

static struct contract_sa sa_of(uint32_t index)
{
	struct contract_sa sa = {.index = index,
				 .generation = 1,
				 .directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
				 .owner_kind = CONTRACT_OWNER_TERMINAL,
				 .suite = CONTRACT_SUITE_AES_128_GCM_16,
				 .mode = CONTRACT_TRANSPORT,
				 .level = 3,
				 .spi_out = 0x40000000 + index,
				 .owner_index = index,
				 .owner_generation = 1,
				 .key_in = {1},
				 .key_out = {2},
				 .subscriber = A};

	sa.inner_remote = (struct contract_address){6, 0, 5060, {0x20, 0x01, 0x12, 0x34, [15] = 0x10}};
	return sa;
}

static struct contract_binding binding_of(uint32_t index, uint64_t now_s)
{
	return (struct contract_binding){.index = index,
					 .generation = 1,
					 .level = 3,
					 .name = index,
					 .sa_index = index,
					 .sa_generation = 1,
					 .identity_count = 1,
					 .expires_s = now_s + 1000000,
					 .identity = {A},
					 .contact = "sip:me@[2001:1234::10]",
					 .subscriber = A};
}

static enum result add(struct scene *s, uint32_t index)
{
	struct contract_sa sa = sa_of(index);
	struct contract_binding binding = binding_of(index, s->now_s);

	return registrar_add_static(s->registrar, &sa, &binding, s->now_s);
}

static void a_static_terminal_is_put_and_can_be_reached(void **state)
{
	struct scene *s = *state;
	uint16_t generation;
	uint32_t index;

	assert_int_equal(add(s, 5), RESULT_OK);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 1);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 1);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.is_refill, 0);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.owner_index, 5);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 5);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, 5);
	assert_true(registrar_primary(s->registrar, SLICE(A), &index, &generation));
	assert_int_equal(index, 5);
	assert_int_equal(generation, 1);
	/* nobody has to register for it */
	registrar_tick(s->registrar, s->now_s + 999999);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
}

static void a_static_terminal_registers_like_any_other(void **state)
{
	struct scene *s = *state;

	assert_int_equal(add(s, 5), RESULT_OK);
	assert_int_equal(
		scene_request(s, 5, A, A, "Contact: <sip:me@[2001:1234::10]>\r\nExpires: 600\r\n"),
		200);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.expires_s, s->now_s + 600);
	registrar_tick(s->registrar, s->now_s + 601);
	assert_int_equal(registrar_sa_count(s->registrar), 0);
}

static void a_place_that_is_taken_stays_as_it_is(void **state)
{
	struct scene *s = *state;

	assert_int_equal(add(s, 5), RESULT_OK);
	scene_forget(s);
	assert_int_equal(add(s, 5), RESULT_EXISTS);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 0);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 0);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
}

static void without_a_place_for_its_binding_no_sa_stays(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = sa_of(6);
	struct contract_binding binding = binding_of(5, s->now_s);

	assert_int_equal(add(s, 5), RESULT_OK);
	scene_forget(s);
	assert_int_equal(registrar_add_static(s->registrar, &sa, &binding, s->now_s),
			 RESULT_EXISTS);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 0);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	assert_int_equal(s->released, 1);
}

static void one_in_the_clear_is_bound_to_no_sa(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = sa_of(5);
	struct contract_binding binding = binding_of(5, s->now_s);
	const struct contract_binding *put;

	sa.directions = 0;
	sa.level = 0;
	assert_int_equal(registrar_add_static(s->registrar, &sa, &binding, s->now_s), RESULT_OK);
	put = &scene_last(s, CONTRACT_BINDING_PUT)->binding;
	assert_int_equal(put->index, 5);
	assert_int_equal(put->sa_index, 0);
	assert_int_equal(put->sa_generation, 0);
	assert_int_equal(put->level, 0);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, 5);
	registrar_refill(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 2);
	registrar_evict(s->registrar, SLICE(A), "disabled", s->now_s);
	registrar_settle(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 1);
	assert_int_equal(s->released, 1);
	/* at no time was the data plane told of an SA */
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 0);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 0);
}

static void an_empty_data_plane_gets_it_as_a_new_one(void **state)
{
	struct scene *s = *state;

	assert_int_equal(add(s, 5), RESULT_OK);
	scene_register(s, 6, "user-b@abc.com", 11, "one");
	scene_forget(s);
	registrar_refill(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 2);
	/* the last is the one that came by key exchange */
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.is_refill, 1);
	assert_int_equal(s->sent[0].sa.index, 5);
	assert_int_equal(s->sent[0].sa.is_refill, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(a_static_terminal_is_put_and_can_be_reached),
		SCENE(a_static_terminal_registers_like_any_other),
		SCENE(a_place_that_is_taken_stays_as_it_is),
		SCENE(without_a_place_for_its_binding_no_sa_stays),
		SCENE(one_in_the_clear_is_bound_to_no_sa),
		SCENE(an_empty_data_plane_gets_it_as_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
