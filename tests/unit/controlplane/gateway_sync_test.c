/* controlplane/gateway_sync.c: either plane was away, or both. */
#include "tests/unit/controlplane/gatewayed.h"

#include "controlplane/gateway_state.h"
#include "tests/unit/controlplane/store/stored.h"

static void control_plane_that_comes_back_carries_on(void **state)
{
	struct gatewayed *g = *state;
	uint32_t index = 0;
	uint16_t generation = 0;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	gatewayed_serve(g);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 1);
	assert_int_equal(registrar_binding_count(gateway_registrar(g->gateway)), 1);
	assert_true(registrar_primary(gateway_registrar(g->gateway), SLICE("user-a@abc.com"),
				      &index, &generation));
	assert_int_equal(index, 3);
	assert_int_equal(generation, 4);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_DELETE), 0);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 0);
	assert_int_equal(g->told.identity.binding_index, 3);
	assert_int_equal(g->told.identity.binding_generation, 4);
}

static void sa_of_nobody_is_ended(void **state)
{
	struct gatewayed *g = *state;

	live_put(g);
	g->sas[0].sa.subscriber[0] = '\0';
	g->binding_count = 0;
	gatewayed_serve(g);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_DELETE), 1);
}

/* The data plane dies and comes anew, with what its welcome says by now. */
static void data_plane_restart(struct gatewayed *g)
{
	plane_die(&g->plane);
	gatewayed_serve(g);
	g->told.count = 0;
	g->plane.welcome.boot_id[0]++;
	plane_listen(&g->plane);
	for (int i = 0; i < 20 && told_count(&g->told, CONTRACT_POLICY_PUT) == 0; i++)
		gatewayed_serve(g);
}

/* Somebody is registered, of whom a data plane that comes anew will know nothing. */
static void registered_and_forgotten(struct gatewayed *g)
{
	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	gatewayed_serve(g);
	g->sa_count = g->binding_count = 0;
}

static void data_plane_started_anew_loses_what_nobody_has_keys_for(void **state)
{
	struct gatewayed *g = *state;

	registered_and_forgotten(g);
	data_plane_restart(g);
	assert_int_equal(told_count(&g->told, CONTRACT_DUMP), 0);
	assert_int_equal(told_count(&g->told, CONTRACT_SETTINGS_PUT), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 0);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
}

/* A control plane that was restarted and has the keys from the dump, then a data plane that was. */
static struct contract_sa both_killed_begin(struct gatewayed *g)
{
	struct contract_sa *sa = &g->sas[0].sa;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	memset(sa->key_in, 0xaa, 20);
	memset(sa->key_out, 0xbb, 20);
	gatewayed_serve(g);
	data_plane_restart(g);
	return *sa;
}

static void both_killed_one_after_the_other_lose_nothing(void **state)
{
	struct gatewayed *g = *state;
	struct contract_sa with_keys = both_killed_begin(g);

	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_BINDING_PUT), 1);
	assert_int_equal(g->told.sa.index, 5);
	assert_int_equal(g->told.sa.generation, 7);
	assert_int_equal(g->told.sa.is_refill, 1);
	assert_memory_equal(g->told.sa.key_in, with_keys.key_in, CONTRACT_SA_KEY_BYTES);
	assert_memory_equal(g->told.sa.key_out, with_keys.key_out, CONTRACT_SA_KEY_BYTES);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 1);
}

static void sa_the_data_plane_cannot_resume_is_given_up(void **state)
{
	struct gatewayed *g = *state;

	g->sa_result = RESULT_STALE;
	both_killed_begin(g);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 1);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
}

static void data_plane_of_another_shape_is_asked_what_it_has(void **state)
{
	struct gatewayed *g = *state;

	gatewayed_serve(g);
	g->plane.welcome.sa_capacity = 128;
	data_plane_restart(g);
	assert_int_equal(told_count(&g->told, CONTRACT_DUMP), 2);
	assert_int_equal(told_count(&g->told, CONTRACT_POLICY_PUT), 1);
}

/* MTU, device and RSS are only shown: whoever changes them loses nobody. */
static void data_plane_with_another_mtu_is_told_everything(void **state)
{
	struct gatewayed *g = *state;

	registered_and_forgotten(g);
	g->plane.welcome.port[0].mtu += 100;
	g->plane.welcome.port[0].spread = CONTRACT_SPREAD_SPI;
	g->plane.welcome.port[0].device[0] = 'x';
	data_plane_restart(g);
	assert_int_equal(told_count(&g->told, CONTRACT_DUMP), 0);
	assert_int_equal(gateway_welcome(g->gateway)->port[0].spread, CONTRACT_SPREAD_SPI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		GATEWAYED_TEST(control_plane_that_comes_back_carries_on),
		GATEWAYED_TEST(sa_of_nobody_is_ended),
		GATEWAYED_TEST(data_plane_started_anew_loses_what_nobody_has_keys_for),
		GATEWAYED_TEST(both_killed_one_after_the_other_lose_nothing),
		GATEWAYED_TEST(sa_the_data_plane_cannot_resume_is_given_up),
		GATEWAYED_TEST(data_plane_of_another_shape_is_asked_what_it_has),
		GATEWAYED_TEST(data_plane_with_another_mtu_is_told_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
