#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A	      "user-a@abc.com"
#define CONTACT(rest) "Contact: <sip:me@[2001:1234::10]:5060>" rest "\r\n"

static void an_sa_that_never_registers_ends(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);

	scene_attach(s, &sa);
	s->now_s += 29;
	registrar_tick(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 0);
	s->now_s += 1;
	registrar_tick(s->registrar, s->now_s);
	assert_int_equal(scene_last(s, CONTRACT_SA_DELETE)->sa_ref.index, 5);
	assert_int_equal(s->released, 1);
}

/* Two addresses to give: which are taken shows in what is still to be had. */
static struct inner_pool *pool_take(struct scene *s)
{
	static const struct inner_prefix prefixes[2] = {
		{{.family = 6, .bytes = {0xfd, 0, 0, 1}}, 126}};
	struct inner_pool *pool;

	assert_int_equal(inner_pool_create(prefixes, 256, &pool), RESULT_OK);
	s->settings.inner_pool = pool;
	scene_restart(s);
	return pool;
}

static void an_inner_address_is_held_until_the_last_sa_with_it_is_gone(void **state)
{
	struct scene *s = *state;
	struct inner_pool *pool = pool_take(s);
	struct exchange_sa sa = scene_sa(5, A, 10), again = scene_sa(6, A, 10);
	struct sip_address out;

	assert_int_equal(inner_pool_find(pool, 6, &sa.inner), RESULT_OK);
	again.inner = sa.inner;
	again.replaces.index = 5;
	again.replaces.generation = 1;
	scene_attach(s, &sa);
	scene_attach(s, &again);
	for (unsigned left = 2; left-- > 0;) {
		assert_int_equal(inner_pool_find(pool, 6, &out), RESULT_OK);
		assert_false(sip_address_is_same_host(&out, &sa.inner));
		registrar_sa_gone(s->registrar, left == 1 ? 5 : 6, 1, s->now_s);
	}
	for (unsigned n = 0; n < 2 && !sip_address_is_same_host(&out, &sa.inner); n++)
		assert_int_equal(inner_pool_find(pool, 6, &out), RESULT_OK);
	assert_true(sip_address_is_same_host(&out, &sa.inner));
	s->settings.inner_pool = NULL;
	scene_restart(s);
	inner_pool_destroy(pool);
}

static struct exchange_sa rekeyed(uint32_t index, uint32_t old)
{
	struct exchange_sa sa = scene_sa(index, A, 10);

	sa.replaces.index = old;
	sa.replaces.generation = 1;
	return sa;
}

static void a_rekey_goes_where_the_terminal_has_moved(void **state)
{
	struct scene *s = *state;
	struct exchange_sa first = scene_sa(5, A, 10), sa = rekeyed(6, 5);
	struct contract_address there = {.family = 6, .port = 40000, .bytes = {0x20, 1, 9}};

	first.mode = KEYEXCHANGE_UDP_TUNNEL;
	sa.mode = KEYEXCHANGE_UDP_TUNNEL;
	scene_attach(s, &first);
	registrar_sa_moved(s->registrar, 5, 2, &there); /* another generation's */
	registrar_sa_moved(s->registrar, 7, 1, &there);
	assert_int_not_equal(scene_last(s, CONTRACT_SA_PUT)->sa.outer_remote.port, 40000);
	registrar_sa_moved(s->registrar, 5, 1, &there);
	scene_attach(s, &sa);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.index, 6);
	assert_memory_equal(&scene_last(s, CONTRACT_SA_PUT)->sa.outer_remote, &there,
			    sizeof(there));
}

static void a_rekeyed_sa_takes_over_with_its_first_packet_and_the_old_one_lingers(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = rekeyed(6, 5);
	uint32_t index;

	scene_register(s, 5, A, 10, "one");
	index = scene_last(s, CONTRACT_BINDING_PUT)->binding.index;
	scene_forget(s);
	s->now_s += 2700;
	scene_attach(s, &sa);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(s->sent[0].sa.owner_index, index);
	registrar_sa_used(s->registrar, 6, 1, s->now_s);
	assert_int_equal(s->sent_count, 2);
	assert_int_equal(s->sent[1].binding.sa_index, 6);
	assert_int_equal(s->sent[1].binding.index, index);
	/* a late packet on the old one turns nothing back */
	registrar_sa_used(s->registrar, 5, 1, s->now_s);
	assert_int_equal(s->sent_count, 2);
	registrar_tick(s->registrar, s->now_s + 31);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 0);
	registrar_tick(s->registrar, s->now_s + 32);
	assert_int_equal(scene_last(s, CONTRACT_SA_DELETE)->sa_ref.index, 5);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 0);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
}

static void a_rekeyed_sa_that_is_never_used_ends_alone(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = rekeyed(6, 5);

	scene_register(s, 5, A, 10, "one");
	scene_attach(s, &sa);
	registrar_tick(s->registrar, s->now_s + 30);
	assert_int_equal(scene_last(s, CONTRACT_SA_DELETE)->sa_ref.index, 6);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 0);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
}

static void when_the_old_sa_is_lost_the_new_one_carries_on(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = rekeyed(6, 5);

	scene_register(s, 5, A, 10, "one");
	scene_attach(s, &sa);
	registrar_sa_gone(s->registrar, 5, 1, s->now_s);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 6);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 0);
}

static void a_terminal_that_attaches_again_keeps_its_place(void **state)
{
	struct scene *s = *state;
	struct contract_binding first;

	scene_register(s, 5, A, 10, "one");
	first = scene_last(s, CONTRACT_BINDING_PUT)->binding;
	scene_forget(s);
	scene_register(s, 6, A, 20, "one");
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.index, first.index);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.generation, first.generation);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.name, first.name);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 6);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.address.bytes[15], 0x20);
	assert_string_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.contact,
			    "sip:me@[2001:1234::20]:5060");
	registrar_settle(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 1);
	assert_int_equal(scene_last(s, CONTRACT_SA_DELETE)->sa_ref.index, 5);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 0);
	/* the name still leads there: nothing to tell */
	assert_int_equal(scene_count(s, CONTRACT_IDENTITY_PUT), 0);
}

static void registering_over_and_over_leaks_nothing(void **state)
{
	struct scene *s = *state;

	for (unsigned n = 0; n < 1000; n++) {
		scene_register(s, 5 + n % 2, A, 10 + n % 2, "one");
		registrar_settle(s->registrar, s->now_s);
		scene_forget(s);
		s->now_s += 10;
		registrar_tick(s->registrar, s->now_s);
		assert_int_equal(registrar_sa_count(s->registrar), 1);
		assert_int_equal(registrar_binding_count(s->registrar), 1);
	}
}

static void one_subscriber_cannot_fill_the_table(void **state)
{
	struct scene *s = *state;

	scene_register(s, 1, A, 10, "one");
	for (uint32_t index = 2; index < 200; index++) {
		struct exchange_sa sa = scene_sa(index, A, 10);

		scene_attach(s, &sa);
		registrar_settle(s->registrar, s->now_s);
		assert_in_range(registrar_sa_count(s->registrar), 1, 32);
	}
	/* what is registered outlives what is not */
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(an_sa_that_never_registers_ends),
		SCENE(an_inner_address_is_held_until_the_last_sa_with_it_is_gone),
		SCENE(a_rekey_goes_where_the_terminal_has_moved),
		SCENE(a_rekeyed_sa_takes_over_with_its_first_packet_and_the_old_one_lingers),
		SCENE(a_rekeyed_sa_that_is_never_used_ends_alone),
		SCENE(when_the_old_sa_is_lost_the_new_one_carries_on),
		SCENE(a_terminal_that_attaches_again_keeps_its_place),
		SCENE(registering_over_and_over_leaks_nothing),
		SCENE(one_subscriber_cannot_fill_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
