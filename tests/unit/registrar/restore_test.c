#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A "user-a@abc.com"

/* The dump of what a registrar has told, as the data plane would give it. */
static void restart_with_dump_of(struct scene *s, bool has_keys)
{
	static union scene_sent told[SCENE_SENT_MAX];
	unsigned count = s->sent_count;

	memcpy(told, s->sent, sizeof(told));
	scene_restart(s);
	scene_forget(s);
	for (unsigned i = 0; i < count; i++) {
		if (told[i].header.id == CONTRACT_SA_PUT && told[i].sa.owner_index != 0) {
			struct contract_sa_record record = {.sa = told[i].sa};

			if (!has_keys) {
				memset(record.sa.key_in, 0, sizeof(record.sa.key_in));
				memset(record.sa.key_out, 0, sizeof(record.sa.key_out));
			}
			assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s),
					 RESULT_OK);
		}
	}
	for (unsigned i = 0; i < count; i++)
		if (told[i].header.id == CONTRACT_BINDING_PUT)
			assert_int_equal(
				registrar_restore_binding(s->registrar, &told[i].binding),
				RESULT_OK);
	registrar_restored(s->registrar);
}

static void restart_with_dump(struct scene *s)
{
	restart_with_dump_of(s, false);
}

static void after_a_restart_terminals_go_on_as_they_were(void **state)
{
	struct scene *s = *state;
	struct contract_binding before;
	uint32_t index;
	uint16_t generation;

	scene_register(s, 5, A, 10, "one");
	before = scene_last(s, CONTRACT_BINDING_PUT)->binding;
	restart_with_dump(s);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	assert_int_equal(registrar_binding_count(s->registrar), 1);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index,
			 before.index);
	assert_true(registrar_primary(s->registrar, SLICE(A), &index, &generation));
	assert_int_equal(generation, before.generation);
	registrar_tick(s->registrar, s->now_s + 60);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	scene_forget(s);
	assert_int_equal(scene_request(s, 5, A, A,
				       "Contact: <sip:me@[2001:1234::10]>;"
				       "+sip.instance=\"one\"\r\n"),
			 200);
	assert_true(scene_reply_has(s, "+sip.instance=\"one\""));
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.index, before.index);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.generation,
			 before.generation);
	/* its owner is known there already, and its keys are not known here */
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 0);
}

static void a_restored_registration_expires_in_its_time(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	restart_with_dump(s);
	scene_forget(s);
	registrar_tick(s->registrar, s->now_s + 3600);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 1);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 1);
}

static void terminal_of_a(struct scene *s, unsigned number, const char *q)
{
	const struct exchange_sa sa = scene_sa(number, A, number);
	char lines[128];

	snprintf(lines, sizeof(lines),
		 "Contact: <sip:me@[2001:1234::%u]>;q=%s;+sip.instance=\"%u\"\r\n", number, q,
		 number);
	scene_attach(s, &sa);
	assert_int_equal(scene_request(s, number, A, A, lines), 200);
	s->now_s++;
}

/* Of three terminals the first is the primary, though the least preferred. */
static void three_terminals_of_a(struct scene *s)
{
	terminal_of_a(s, 1, "0.3");
	terminal_of_a(s, 2, "0.9");
	terminal_of_a(s, 3, "0.9");
}

/* As a data plane dumps its tables, but the last place first; without the binding of one SA. */
static void restart_backwards_without(struct scene *s, uint32_t missing)
{
	static union scene_sent told[SCENE_SENT_MAX];
	bool is_done[8] = {false};
	unsigned count = s->sent_count;

	memcpy(told, s->sent, sizeof(told));
	scene_restart(s);
	for (unsigned i = 0; i < count; i++) {
		const struct contract_sa_record record = {.sa = told[i].sa};

		if (told[i].header.id == CONTRACT_SA_PUT && told[i].sa.owner_index != 0)
			assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s),
					 RESULT_OK);
	}
	scene_forget(s);
	for (unsigned i = count; i-- > 0;) {
		const struct contract_binding *binding = &told[i].binding;

		if (told[i].header.id != CONTRACT_BINDING_PUT || binding->sa_index == missing ||
		    is_done[binding->index])
			continue;
		is_done[binding->index] = true;
		assert_int_equal(registrar_restore_binding(s->registrar, binding), RESULT_OK);
	}
	registrar_restored(s->registrar);
}

static uint32_t primary_of_a(const struct scene *s)
{
	uint32_t index;
	uint16_t generation;

	return registrar_primary(s->registrar, SLICE(A), &index, &generation) ? index : 0;
}

static void the_primary_of_several_terminals_stays_so(void **state)
{
	struct scene *s = *state;
	uint32_t before;

	three_terminals_of_a(s);
	before = primary_of_a(s);
	assert_int_not_equal(before, 0);
	restart_backwards_without(s, 0);
	assert_int_equal(primary_of_a(s), before);
	/* told once, and the right one: a CANCEL meanwhile goes where its INVITE went */
	assert_int_equal(scene_count(s, CONTRACT_IDENTITY_PUT), 1);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, before);
}

static void preference_and_age_are_known_as_before(void **state)
{
	struct scene *s = *state;
	uint16_t q;

	three_terminals_of_a(s);
	restart_backwards_without(s, 0);
	assert_true(registrar_primary_q(s->registrar, SLICE(A), &q));
	assert_int_equal(q, 300);
	registrar_sa_gone(s->registrar, 1, 1, s->now_s);
	/* of two that are liked as well the one that is longer there; and a dump would say so */
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 2);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.registration[0].is_primary,
			 1);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index,
			 scene_last(s, CONTRACT_BINDING_PUT)->binding.index);
}

static void a_name_whose_primary_is_not_in_the_dump_gets_the_best(void **state)
{
	struct scene *s = *state;

	three_terminals_of_a(s);
	restart_backwards_without(s, 1);
	assert_int_equal(scene_count(s, CONTRACT_IDENTITY_PUT), 1);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 2);
	assert_int_equal(primary_of_a(s), scene_last(s, CONTRACT_BINDING_PUT)->binding.index);
}

static void each_identity_expires_in_its_own_time(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	assert_int_equal(scene_request(s, 5, "user-a2@abc.com", "user-a2@abc.com",
				       "Contact: <sip:me@[2001:1234::10]>;expires=60\r\n"),
			 200);
	restart_backwards_without(s, 0);
	registrar_tick(s->registrar, s->now_s + 60);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.identity_count, 1);
	assert_string_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.identity[0], A);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 0);
}

static void a_rekey_under_way_is_carried_on(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(6, A, 10);

	scene_register(s, 5, A, 10, "one");
	sa.replaces.index = 5;
	sa.replaces.generation = 1;
	scene_attach(s, &sa);
	restart_with_dump(s);
	scene_forget(s);
	registrar_sa_used(s->registrar, 6, 1, s->now_s);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 6);
}

static void what_cannot_be_kept_is_ended(void **state)
{
	struct scene *s = *state;
	struct contract_sa_record record;
	struct contract_binding binding;

	scene_register(s, 5, A, 10, "one");
	memset(&record, 0, sizeof(record));
	record.sa = scene_last(s, CONTRACT_SA_PUT)->sa;
	binding = scene_last(s, CONTRACT_BINDING_PUT)->binding;
	scene_restart(s);
	scene_forget(s);

	/* a binding without its SA */
	assert_int_equal(registrar_restore_binding(s->registrar, &binding), RESULT_BAD);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 1);
	/* an SA of a peer: not ours to touch */
	record.sa.owner_kind = CONTRACT_OWNER_PEER;
	assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s), RESULT_DENIED);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 0);
	/* an SA that had not registered yet */
	record.sa.owner_kind = CONTRACT_OWNER_TERMINAL;
	record.sa.owner_index = 0;
	assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s), RESULT_BAD);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 1);
	/* an SA whose binding never comes */
	record.sa.owner_index = binding.index;
	assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s), RESULT_OK);
	assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s), RESULT_EXISTS);
	registrar_tick(s->registrar, s->now_s + 30);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 2);
}

static void a_binding_of_another_subscriber_gets_no_sa(void **state)
{
	struct scene *s = *state;
	struct contract_sa_record record;
	struct contract_binding binding;

	scene_register(s, 5, A, 10, "one");
	memset(&record, 0, sizeof(record));
	record.sa = scene_last(s, CONTRACT_SA_PUT)->sa;
	binding = scene_last(s, CONTRACT_BINDING_PUT)->binding;
	scene_restart(s);
	snprintf(binding.subscriber, sizeof(binding.subscriber), "user-b@abc.com");
	assert_int_equal(registrar_restore_sa(s->registrar, &record, s->now_s), RESULT_OK);
	assert_int_equal(registrar_restore_binding(s->registrar, &binding), RESULT_BAD);
}

static void an_empty_data_plane_is_filled_again(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	scene_register(s, 6, "user-b@abc.com", 20, "one");
	scene_forget(s);
	registrar_refill(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 2);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 2);
	assert_int_equal(scene_count(s, CONTRACT_IDENTITY_PUT), 2);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.is_refill, 1);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.key_in[0], 1);
	assert_int_not_equal(scene_last(s, CONTRACT_SA_PUT)->sa.owner_index, 0);
}

static void both_planes_may_restart_one_after_the_other(void **state)
{
	struct scene *s = *state;
	struct contract_sa before;

	scene_register(s, 5, A, 10, "one");
	before = scene_last(s, CONTRACT_SA_PUT)->sa;
	restart_with_dump_of(s, true);
	scene_forget(s);
	registrar_refill(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 1);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.is_refill, 1);
	assert_memory_equal(scene_last(s, CONTRACT_SA_PUT)->sa.key_in, before.key_in,
			    sizeof(before.key_in));
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 1);
	assert_int_equal(s->released, 0);
}

static void an_sa_without_keys_cannot_be_filled_in_and_ends(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	restart_with_dump(s);
	scene_forget(s);
	registrar_refill(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_SA_PUT), 0);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_PUT), 0);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, 0);
	assert_int_equal(registrar_sa_count(s->registrar), 0);
	assert_int_equal(s->released, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(after_a_restart_terminals_go_on_as_they_were),
		SCENE(a_restored_registration_expires_in_its_time),
		SCENE(the_primary_of_several_terminals_stays_so),
		SCENE(preference_and_age_are_known_as_before),
		SCENE(a_name_whose_primary_is_not_in_the_dump_gets_the_best),
		SCENE(each_identity_expires_in_its_own_time),
		SCENE(a_rekey_under_way_is_carried_on),
		SCENE(what_cannot_be_kept_is_ended),
		SCENE(a_binding_of_another_subscriber_gets_no_sa),
		SCENE(an_empty_data_plane_is_filled_again),
		SCENE(both_planes_may_restart_one_after_the_other),
		SCENE(an_sa_without_keys_cannot_be_filled_in_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
