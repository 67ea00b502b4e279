/* controlplane/registrar/uas.c: messages 3 and 4, and the SA that the data plane takes between
 * them. */
#include "controlplane/registrar/uas.h"

#include "tests/unit/registrar/uas_scene.h"

static void message_3_twice_makes_one_sa_and_one_answer(void **state)
{
	struct scene *s = *state;
	struct sent first;

	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	first = *answer(s);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(s->verdict, EXCHANGE_REPEATED);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(answer(s)->sip_len, first.sip_len);
	assert_memory_equal(answer(s)->text, first.text, first.sip_len);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
}

/* Up to message 3, which goes up; what the data plane says of the SA is for the test to say. */
static struct contract_sa ask_for_sa(struct scene *s)
{
	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	s->is_silent = true;
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(s->sent[0].id, CONTRACT_SA_PUT);
	return s->sent[0].m.sa;
}

static void message_4_waits_until_the_data_plane_has_the_sa(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = ask_for_sa(s);

	assert_int_equal(s->verdict, EXCHANGE_CHALLENGED); /* nobody has said that it is established */
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(s->verdict, EXCHANGE_AWAITED);
	assert_int_equal(s->sent_count, 0);
	/* of another SA, and of another life of this one */
	uas_sa_answered(s->uas, sa.index + 1, sa.generation, RESULT_OK, s->now_ms);
	uas_sa_answered(s->uas, sa.index, sa.generation + 1, RESULT_OK, s->now_ms);
	assert_int_equal(s->sent_count, 0);
	assert_string_equal(s->proved, "");
	uas_sa_answered(s->uas, sa.index, sa.generation, RESULT_OK, s->now_ms);
	assert_int_equal(s->verdict, EXCHANGE_ESTABLISHED);
	assert_string_equal(s->proved, A);
	assert_int_equal(give_terminal(s), INITIATOR_ESTABLISHED);
	/* once */
	uas_sa_answered(s->uas, sa.index, sa.generation, RESULT_OK, s->now_ms);
	assert_int_equal(s->sent_count, 1);
}

static void an_sa_that_the_data_plane_refuses_is_no_message_4(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = ask_for_sa(s);

	s->sent_count = 0;
	uas_sa_answered(s->uas, sa.index, sa.generation, RESULT_SPACE, s->now_ms);
	assert_int_equal(status_of(answer(s)), 503);
	assert_int_equal(s->verdict, EXCHANGE_UNAVAILABLE);
	assert_string_equal(s->proved, "");
	assert_string_equal(s->reason, "the data plane does not take the SA");
	assert_non_null(memmem(answer(s)->text, answer(s)->sip_len, "Retry-After: 10", 15));
	registrar_sa_gone(s->registrar, sa.index, sa.generation, s->now_ms / 1000);
	assert_int_equal(sa_allocator_used(s->allocator), 0);
	/* and its message 3 is worth nothing any more */
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(status_of(answer(s)), 401);
	s->is_silent = false;
	attach(s, 0, 0);
}

static void several_wait_each_for_its_own(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa[3];
	char bytes[3][2048];
	size_t len[3];

	for (int i = 0; i < 3; i++) {
		sa[i] = ask_for_sa(s);
		len[i] = initiator_message(s->terminal).len;
		memcpy(bytes[i], initiator_message(s->terminal).at, len[i]);
	}
	s->sent_count = 0;
	uas_sa_answered(s->uas, sa[1].index, sa[1].generation, RESULT_IO, s->now_ms);
	assert_int_equal(status_of(answer(s)), 503);
	assert_string_equal(s->reason, "the data plane is away");
	s->sent_count = 0;
	uas_sa_answered(s->uas, sa[2].index, sa[2].generation, RESULT_OK, s->now_ms);
	assert_int_equal(give_terminal(s), INITIATOR_ESTABLISHED);
	hand_up(s, slice_make(bytes[0], len[0]), 0, 0);
	assert_int_equal(s->sent_count, 0);
	uas_sa_answered(s->uas, sa[0].index, sa[0].generation, RESULT_OK, s->now_ms);
	assert_int_equal(status_of(answer(s)), 200);
	/* one that nobody answers goes with the whole */
	ask_for_sa(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(message_3_twice_makes_one_sa_and_one_answer),
		SCENE(message_4_waits_until_the_data_plane_has_the_sa),
		SCENE(an_sa_that_the_data_plane_refuses_is_no_message_4),
		SCENE(several_wait_each_for_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
