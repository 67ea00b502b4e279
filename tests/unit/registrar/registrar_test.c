#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A "user-a@abc.com"

struct rows {
	unsigned count, primaries;
	bool has_a;
};

static void note(void *context, const struct registrar_row *row)
{
	struct rows *rows = context;

	rows->count++;
	rows->primaries += row->is_primary;
	if (slice_is_equal(row->identity, SLICE(A))) {
		rows->has_a = true;
		assert_slice(row->subscriber, A);
		assert_slice(row->instance, "one");
		assert_slice(row->contact, "sip:me@[2001:1234::10]:5060");
		assert_int_equal(row->sa->index, 5);
		assert_int_equal(row->q_thousandths, 1000);
		assert_int_equal(row->expires_s, row->registered_s + 3600);
	}
}

static void every_registration_has_a_row(void **state)
{
	struct scene *s = *state;
	struct rows rows = {0};

	scene_register(s, 5, A, 10, "one");
	scene_register(s, 6, "user-b@abc.com", 20, "one");
	scene_register(s, 7, "user-b@abc.com", 30, "two");
	registrar_each(s->registrar, note, &rows);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.primaries, 2);
	assert_true(rows.has_a);
	assert_int_equal(registrar_sa_count(s->registrar), 3);
	assert_int_equal(registrar_binding_count(s->registrar), 3);
}

static void the_hard_end_of_an_sa_takes_its_terminal_along(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);
	uint32_t index;
	uint16_t generation;

	sa.hard_s = 100;
	scene_attach(s, &sa);
	assert_int_equal(scene_request(s, 5, A, A, "Contact: <sip:me@[2001:1234::10]>\r\n"), 200);
	registrar_tick(s->registrar, s->now_s + 99);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	registrar_tick(s->registrar, s->now_s + 100);
	assert_int_equal(registrar_sa_count(s->registrar), 0);
	assert_false(registrar_primary(s->registrar, SLICE(A), &index, &generation));
	assert_int_equal(s->released, 1);
}

static void the_end_of_a_certificate_is_told(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);

	sa.path = (struct trust_path){.until_s = s->now_s + 100, .anchor = 1, .certificate = {2}};
	sa.hard_s = 100;
	scene_attach(s, &sa);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.vouching.certificate[0], 2);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.vouching.until_s, s->now_s + 100);
	assert_int_equal(scene_request(s, 5, A, A, "Contact: <sip:me@[2001:1234::10]>\r\n"), 200);
	registrar_tick(s->registrar, s->now_s + 99);
	assert_int_equal(s->ended, 0);
	registrar_tick(s->registrar, s->now_s + 100);
	assert_int_equal(s->ended, 1);
	assert_string_equal(s->reason, "its certificate has expired");
	assert_int_equal(registrar_sa_count(s->registrar), 0);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 1);
}

static const char *even_ones(void *context, const struct contract_sa *sa)
{
	++*(unsigned *)context;
	return sa->index % 2 == 0 ? "it is even" : NULL;
}

static void a_review_goes_over_all_sas_piece_by_piece(void **state)
{
	struct scene *s = *state;
	unsigned asked = 0, pieces = 0;
	uint32_t from = 1, index;
	uint16_t generation;

	scene_register(s, 5, A, 10, "one");
	scene_register(s, 6, "user-b@abc.com", 20, "one");
	scene_register(s, 200, "user-c@abc.com", 30, "one");
	scene_register(s, 255, "user-d@abc.com", 40, "one");
	for (; from != 0; pieces++)
		from = registrar_review(s->registrar, from, 100, even_ones, &asked, s->now_s);
	assert_int_equal(pieces, 3);
	assert_int_equal(asked, 4);
	assert_int_equal(s->ended, 2);
	assert_int_equal(s->released, 2);
	assert_true(registrar_primary(s->registrar, SLICE(A), &index, &generation));
	assert_false(registrar_primary(s->registrar, SLICE("user-b@abc.com"), &index, &generation));
	assert_int_equal(registrar_binding_count(s->registrar), 2);
	/* beyond the last there is nothing */
	assert_int_equal(registrar_review(s->registrar, 1000, 100, even_ones, &asked, s->now_s), 0);
	assert_int_equal(asked, 4);
}

/* The new SA of a rekey is by another certificate: the terminal stays. */
static const char *the_old_one(void *context, const struct contract_sa *sa)
{
	(void)context;
	return sa->index == 4 ? "revoked" : NULL;
}

static void a_terminal_stays_where_another_sa_leads_to_it(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);
	uint32_t index, at;
	uint16_t generation, after;

	scene_register(s, 4, A, 10, "one");
	assert_true(registrar_primary(s->registrar, SLICE(A), &index, &generation));
	sa.replaces = (struct exchange_through){.index = 4, .generation = 1};
	scene_attach(s, &sa);
	assert_int_equal(
		registrar_review(s->registrar, 1, 256, the_old_one, NULL, s->now_s), 0);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	assert_true(registrar_primary(s->registrar, SLICE(A), &at, &after));
	assert_int_equal(at, index);
	assert_int_equal(after, generation);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.sa_index, 5);
}

static void settings_out_of_range_are_refused(void **state)
{
	struct scene *s = *state;
	struct registrar_settings bad[] = {s->settings, s->settings, s->settings, s->settings,
					   s->settings};
	struct registrar *r;

	bad[0].domain_count = 0;
	bad[1].sa_capacity = 1;
	bad[2].binding_capacity = (1u << 24) + 1;
	bad[3].expires_min_s = bad[3].expires_default_s + 1;
	bad[4].out.send = NULL;
	for (size_t n = 0; n < COUNT(bad); n++)
		assert_int_equal(registrar_create(&bad[n], &r), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(every_registration_has_a_row),
		SCENE(the_hard_end_of_an_sa_takes_its_terminal_along),
		SCENE(the_end_of_a_certificate_is_told),
		SCENE(a_review_goes_over_all_sas_piece_by_piece),
		SCENE(a_terminal_stays_where_another_sa_leads_to_it),
		SCENE(settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
