#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A "user-a@abc.com"

static void refresh(struct scene *s, uint32_t index, unsigned host, const char *rest)
{
	char lines[256];

	snprintf(lines, sizeof(lines), "Contact: <sip:me@[2001:1234::%u]:5060>%s\r\n", host, rest);
	assert_int_equal(scene_request(s, index, A, A, lines), 200);
}

static uint32_t primary(const struct scene *s)
{
	uint32_t index = 0;
	uint16_t generation;

	if (!registrar_primary(s->registrar, SLICE(A), &index, &generation))
		return 0;
	return index;
}

static void the_primary_terminal_stays_until_it_leaves(void **state)
{
	struct scene *s = *state;
	uint32_t first, second;

	scene_register(s, 5, A, 10, "one");
	first = primary(s);
	refresh(s, 5, 10, ";q=0.1");
	s->now_s++;
	scene_register(s, 6, A, 20, "two");
	second = scene_last(s, CONTRACT_BINDING_PUT)->binding.index;
	assert_int_not_equal(first, second);
	assert_int_equal(primary(s), first);
	refresh(s, 6, 20, ";q=1");
	assert_int_equal(primary(s), first);
	refresh(s, 5, 10, ";expires=0");
	assert_int_equal(primary(s), second);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, second);
}

static void the_highest_q_then_the_earliest_comes_next(void **state)
{
	struct scene *s = *state;
	uint32_t index[4];

	for (unsigned n = 0; n < 4; n++) {
		char instance[8];

		snprintf(instance, sizeof(instance), "%u", n);
		scene_register(s, 5 + n, A, 10 + n, instance);
		index[n] = scene_last(s, CONTRACT_BINDING_PUT)->binding.index;
		s->now_s++;
	}
	refresh(s, 6, 11, ";q=0.5");
	refresh(s, 7, 12, ";q=0.9");
	refresh(s, 8, 13, ";q=0.9");
	assert_int_equal(primary(s), index[0]);
	refresh(s, 5, 10, ";expires=0");
	assert_int_equal(primary(s), index[2]);
	refresh(s, 7, 12, ";expires=0");
	assert_int_equal(primary(s), index[3]);
	refresh(s, 8, 13, ";expires=0");
	assert_int_equal(primary(s), index[1]);
	refresh(s, 6, 11, ";expires=0");
	assert_int_equal(primary(s), 0);
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, 0);
}

static void a_name_has_at_most_so_many_terminals(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(100, A, 100);

	for (unsigned n = 0; n < REGISTRAR_BINDINGS_PER_IDENTITY; n++) {
		char instance[8];

		snprintf(instance, sizeof(instance), "%u", n);
		scene_register(s, 5 + n, A, 10 + n, instance);
	}
	scene_attach(s, &sa);
	scene_forget(s);
	assert_int_equal(scene_request(s, 100, A, A,
				       "Contact: <sip:me@[2001:1234::100]>;"
				       "+sip.instance=\"more\"\r\n"),
			 503);
	assert_int_equal(registrar_binding_count(s->registrar), REGISTRAR_BINDINGS_PER_IDENTITY);
	/* a question shows them all */
	assert_int_equal(scene_request(s, 5, A, A, ""), 200);
	assert_true(scene_reply_has(s, "+sip.instance=\"0\""));
	assert_true(scene_reply_has(s, "+sip.instance=\"15\""));
}

static void names_of_others_are_untouched(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	scene_register(s, 6, "user-b@abc.com", 20, "one");
	scene_forget(s);
	refresh(s, 5, 10, ";expires=0");
	assert_int_equal(scene_count(s, CONTRACT_IDENTITY_PUT), 1);
	assert_string_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.aor, A);
	assert_int_equal(registrar_binding_count(s->registrar), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(the_primary_terminal_stays_until_it_leaves),
		SCENE(the_highest_q_then_the_earliest_comes_next),
		SCENE(a_name_has_at_most_so_many_terminals),
		SCENE(names_of_others_are_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
