#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "controlplane/registrar/registrar_state.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A "user-a@abc.com"

static void registrations_expire_and_the_sa_goes_with_the_last(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	assert_int_equal(scene_request(s, 5, "user-a2@abc.com", "user-a2@abc.com",
				       "Contact: <sip:me@[2001:1234::10]>;expires=60\r\n"),
			 200);
	scene_forget(s);
	registrar_tick(s->registrar, s->now_s + 59);
	assert_int_equal(s->sent_count, 0);
	registrar_tick(s->registrar, s->now_s + 60);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.identity_count, 1);
	assert_string_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.aor, "user-a2@abc.com");
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, 0);
	registrar_tick(s->registrar, s->now_s + 3600);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 1);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 1);
	assert_int_equal(registrar_sa_count(s->registrar), 0);
}

static void a_place_comes_back_under_another_generation(void **state)
{
	struct scene *s = *state;
	struct contract_binding first;

	scene_register(s, 5, A, 10, "one");
	first = scene_last(s, CONTRACT_BINDING_PUT)->binding;
	registrar_evict(s->registrar, SLICE(A), "disabled", s->now_s);
	registrar_settle(s->registrar, s->now_s);
	for (unsigned n = 0; n < 63; n++) {
		scene_register(s, 5, A, 10, "one");
		if (scene_last(s, CONTRACT_BINDING_PUT)->binding.index == first.index)
			break;
		registrar_evict(s->registrar, SLICE(A), "disabled", s->now_s);
		registrar_settle(s->registrar, s->now_s);
		scene_forget(s);
	}
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.index, first.index);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.generation,
			 first.generation + 1);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.name, first.name);
}

static void when_places_are_out_nobody_is_pushed_out(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(100, "user-z@abc.com", 100);

	for (unsigned n = 0; n < 63; n++) {
		char aor[32];

		snprintf(aor, sizeof(aor), "user-%u@abc.com", n);
		scene_register(s, 5 + n, aor, 10 + n, "one");
	}
	scene_attach(s, &sa);
	assert_int_equal(scene_request(s, 100, "user-z@abc.com", "user-z@abc.com",
				       "Contact: <sip:me@[2001:1234::100]>\r\n"),
			 503);
	assert_int_equal(registrar_binding_count(s->registrar), 63);
	assert_int_equal(scene_request(s, 5, "user-0@abc.com", "user-0@abc.com",
				       "Contact: <sip:me@[2001:1234::10]>;expires=0\r\n"),
			 200);
	assert_int_equal(scene_request(s, 100, "user-z@abc.com", "user-z@abc.com",
				       "Contact: <sip:me@[2001:1234::100]>\r\n"),
			 200);
}

/* docs/protocol.md 3.2, computed elsewhere: SHA-256("user-a@abc.com\0one"). */
static void a_terminals_name_is_the_hash_of_subscriber_and_instance(void **state)
{
	(void)state;
	uint32_t name, other;

	assert_int_equal(binding_name(SLICE(A), SLICE("one"), &name), RESULT_OK);
	assert_int_equal(name, 0x5efd2609);
	assert_int_equal(binding_name(SLICE(A), SLICE(""), &other), RESULT_OK);
	assert_int_not_equal(name, other);
}

static void mark_of_a_legacy_phone_goes_with_its_binding_and_again_when_it_changes(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.is_legacy, 0);
	scene_forget(s);
	s->is_legacy = true;
	registrar_retell(s->registrar, SLICE(A));
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 1);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.is_legacy, 1);
	registrar_retell(s->registrar, SLICE("nobody@abc.com"));
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 1);
	scene_register(s, 6, A, 11, "two");
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.is_legacy, 1);
	scene_register(s, 7, "user-c@abc.com", 12, "one");
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.is_legacy, 0);
}

static void eviction_ends_all_that_a_subscriber_has(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(7, A, 30);

	scene_register(s, 5, A, 10, "one");
	scene_register(s, 6, A, 20, "two");
	scene_register(s, 8, "user-b@abc.com", 40, "one");
	scene_attach(s, &sa);
	scene_forget(s);
	registrar_evict(s->registrar, SLICE(A), "disabled", s->now_s);
	registrar_evict(s->registrar, SLICE("nobody"), "disabled", s->now_s);
	registrar_settle(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 3);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 2);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	assert_int_equal(registrar_binding_count(s->registrar), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(registrations_expire_and_the_sa_goes_with_the_last),
		SCENE(a_place_comes_back_under_another_generation),
		SCENE(when_places_are_out_nobody_is_pushed_out),
		SCENE(a_terminals_name_is_the_hash_of_subscriber_and_instance),
		SCENE(mark_of_a_legacy_phone_goes_with_its_binding_and_again_when_it_changes),
		SCENE(eviction_ends_all_that_a_subscriber_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
