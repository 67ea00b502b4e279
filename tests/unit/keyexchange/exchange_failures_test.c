/* Wrong passwords: who tries too many waits, and nobody else does. */
#include "controlplane/keyexchange/exchange.h"

#include "controlplane/keyexchange/failure_limit.h"
#include "tests/unit/keyexchange/exchange_scene.h"
#include "tests/unit/shared/sip_check.h"

#define OF_ONE "its source was wrong about this subscriber too often"
#define IN_ALL "its source was wrong too often in all"

/* From message 1 to the answer to message 3. */
static enum exchange_verdict attach(struct scene *s, struct initiator_settings settings)
{
	struct initiator *i = scene_initiator(&settings);
	enum exchange_verdict verdict;

	scene_to_message_3(s, i);
	verdict = scene_give(s, initiator_message(i));
	initiator_destroy(i);
	return verdict;
}

static enum exchange_verdict attach_as(struct scene *s, struct slice aor, struct slice password)
{
	return attach(s, scene_terminal(aor, password));
}

static struct initiator_settings carol(struct slice password)
{
	struct initiator_settings settings = scene_terminal(SLICE("user-c@abc.com"), password);

	settings.subscriber = SLICE("carol");
	return settings;
}

static void be_wrong(struct scene *s, struct slice aor, unsigned times)
{
	for (unsigned n = 0; n < times; n++)
		assert_int_equal(attach_as(s, aor, SLICE("wrong horse")), EXCHANGE_REFUSED);
}

static void who_has_a_wrong_password_puts_off_himself_alone(void **state)
{
	struct scene *s = *state;

	be_wrong(s, SCENE_ALICE, FAILURE_LIMIT_BURST);
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_UNAVAILABLE);
	assert_int_equal(scene_status(s), 503);
	assert_string_equal(s->outcome.reason, OF_ONE);
	assert_string_equal(s->outcome.who, "user-a@abc.com");
	/* another of the same address */
	assert_int_equal(attach(s, carol(SCENE_PASSWORD)), EXCHANGE_ESTABLISHED);
	/* and he himself at home */
	s->source.bytes[4] ^= 1;
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_ESTABLISHED);
	s->source.bytes[4] ^= 1;
	s->now_ms += FAILURE_LIMIT_INTERVAL_MS;
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_ESTABLISHED);
}

static void other_spellings_of_a_name_are_no_other_name(void **state)
{
	struct scene *s = *state;
	struct initiator_settings spelled = scene_terminal(SCENE_ALICE, SLICE("wrong horse"));

	spelled.subscriber = SLICE("user-%61@ABC.com");
	for (unsigned n = 0; n < FAILURE_LIMIT_BURST; n++)
		assert_int_equal(attach(s, spelled), EXCHANGE_REFUSED);
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_UNAVAILABLE);
	assert_string_equal(s->outcome.reason, OF_ONE);
}

/* Or else the limit would tell who exists. */
static void the_limit_is_the_same_for_who_is_not_there(void **state)
{
	static const struct {
		const char *aor;
		bool is_disabled;
	} rows[] = {{"user-a@abc.com", false},
		    {"user-x@abc.com", false},
		    {"user-d@abc.com", false}, /* by certificate */
		    {"user-a@abc.com", true}};
	struct scene *s = *state;
	size_t len = 0;

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct slice aor = text_slice(rows[n].aor);
		unsigned reads;

		s->now_ms += 3600000;
		s->alice.is_enabled = !rows[n].is_disabled;
		be_wrong(s, aor, FAILURE_LIMIT_BURST);
		reads = s->store_reads;
		assert_int_equal(attach_as(s, aor, SCENE_PASSWORD), EXCHANGE_UNAVAILABLE);
		assert_string_equal(s->outcome.reason, OF_ONE);
		assert_int_equal(scene_status(s), 503);
		/* one for message 1, and none for message 3 */
		assert_int_equal(s->store_reads, reads + 1);
		if (n == 0)
			len = s->outcome.reply_len;
		assert_int_equal(s->outcome.reply_len, len);
	}
}

static void a_source_that_tries_many_names_waits_as_a_whole(void **state)
{
	struct scene *s = *state;

	for (unsigned n = 0; n < FAILURE_LIMIT_SOURCE_BURST; n++) {
		char aor[32];
		int len = snprintf(aor, sizeof(aor), "user-%u@example.net", n);

		be_wrong(s, slice_make(aor, (size_t)len), 1);
	}
	assert_int_equal(attach(s, carol(SCENE_PASSWORD)), EXCHANGE_UNAVAILABLE);
	assert_string_equal(s->outcome.reason, IN_ALL);
	s->now_ms += FAILURE_LIMIT_SOURCE_INTERVAL_MS;
	assert_int_equal(attach(s, carol(SCENE_PASSWORD)), EXCHANGE_ESTABLISHED);
}

static void a_message_3_that_is_sent_again_counts_once(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SLICE("wrong horse"));

	scene_to_message_3(s, i);
	for (unsigned n = 0; n < 4 * FAILURE_LIMIT_BURST; n++)
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_ESTABLISHED);
}

/* A stranger on the way can turn bits: that is nobody's guess. */
static void what_does_not_open_counts_against_nobody(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	char turned[2048];
	struct slice m;

	scene_to_message_3(s, i);
	m = initiator_message(i);
	memcpy(turned, m.at, m.len);
	for (unsigned n = 1; n <= 4 * FAILURE_LIMIT_BURST; n++) {
		turned[m.len - n] ^= 1;
		assert_int_equal(scene_give(s, slice_make(turned, m.len)), EXCHANGE_REFUSED);
		assert_string_equal(s->outcome.reason, "what is sealed in it does not open");
	}
	assert_int_equal(scene_give(s, m), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

/* Whatever strangers of his network try, who has an SA gets new keys. */
static void who_has_an_sa_renews_it_whatever_strangers_try(void **state)
{
	struct scene *s = *state;

	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_ESTABLISHED);
	be_wrong(s, SCENE_ALICE, FAILURE_LIMIT_BURST);
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_UNAVAILABLE);
	s->through = (struct exchange_through){
		.index = 5,
		.generation = 1,
		.mode = KEYEXCHANGE_TRANSPORT,
		.subscriber = SCENE_ALICE,
	};
	assert_int_equal(attach_as(s, SCENE_ALICE, SCENE_PASSWORD), EXCHANGE_ESTABLISHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(who_has_a_wrong_password_puts_off_himself_alone),
		SCENE_TEST(other_spellings_of_a_name_are_no_other_name),
		SCENE_TEST(the_limit_is_the_same_for_who_is_not_there),
		SCENE_TEST(a_source_that_tries_many_names_waits_as_a_whole),
		SCENE_TEST(a_message_3_that_is_sent_again_counts_once),
		SCENE_TEST(what_does_not_open_counts_against_nobody),
		SCENE_TEST(who_has_an_sa_renews_it_whatever_strangers_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
