#include "controlplane/policy/workshop.h"

#include <event2/event.h>
#include <time.h>

#include "controlplane/policy/rule_text.h"
#include "tests/unit/controlplane/store/stored.h"

struct done {
	struct event_base *base;
	unsigned count;
	uint64_t generation[8];
	enum result result;
	struct policy_fault fault;
	uint64_t wanted; /* the loop ends with this one */
};

static void work_done(void *ctx, struct policy_work *work)
{
	struct done *done = ctx;

	assert_true(done->count < 8);
	done->generation[done->count++] = work->generation;
	done->result = work->result;
	done->fault = work->fault;
	if (work->result == RESULT_OK) {
		assert_int_equal(work->compiled.blob->generation, work->generation);
		policy_compiled_free(&work->compiled);
	}
	policy_source_free(work->source);
	if (work->generation == done->wanted)
		event_base_loopbreak(done->base);
}

static void rule_put(struct store *store, const char *caller)
{
	struct store_rule rule = {.priority = 1, .action = POLICY_ALLOW};
	uint32_t id;

	rule.callee.match = POLICY_MATCH_ANY;
	rule.caller.match = POLICY_MATCH_PATTERN;
	strcpy(rule.caller.text, caller);
	assert_int_equal(store_rule_add(store, &rule, &id), RESULT_OK);
}

static struct policy_source *source_read(struct store *store)
{
	struct policy_source *source = NULL;
	struct policy_fault fault;

	assert_int_equal(policy_source_read(store, &source, &fault), RESULT_OK);
	return source;
}

static void newest_order_is_built_and_what_waited_gives_way(void **state)
{
	struct stored *s = *state;
	struct done done = {.base = event_base_new()};
	struct policy_workshop *workshop = NULL;

	assert_int_equal(policy_workshop_create(done.base, work_done, &done, &workshop), RESULT_OK);
	assert_int_equal(policy_workshop_generation(workshop), 0);
	for (int i = 0; i < 20; i++) {
		struct policy_source *source;

		rule_put(s->store, "user-[0-9]+@abc\\.com");
		source = source_read(s->store);
		done.wanted = policy_source_generation(source);
		policy_workshop_order(workshop, source);
	}
	assert_int_equal(policy_workshop_generation(workshop), done.wanted);
	event_base_dispatch(done.base);
	assert_int_equal(done.result, RESULT_OK);
	assert_int_equal(done.generation[done.count - 1], done.wanted);
	/* At most the first and the last: twenty orders came while one was built. */
	assert_in_range(done.count, 1, 7);
	for (unsigned i = 1; i < done.count; i++)
		assert_true(done.generation[i] > done.generation[i - 1]);
	assert_int_equal(policy_workshop_generation(workshop), 0);
	policy_workshop_destroy(workshop);
	event_base_free(done.base);
}

static void what_cannot_be_built_is_told_with_its_rule(void **state)
{
	struct stored *s = *state;
	struct done done = {.base = event_base_new()};
	struct policy_workshop *workshop = NULL;
	struct policy_source *source;

	rule_put(s->store, "a(b");
	assert_int_equal(policy_workshop_create(done.base, work_done, &done, &workshop), RESULT_OK);
	source = source_read(s->store);
	done.wanted = policy_source_generation(source);
	policy_workshop_order(workshop, source);
	event_base_dispatch(done.base);
	assert_int_equal(done.result, RESULT_BAD);
	assert_int_equal(done.fault.rule, 1);
	policy_workshop_destroy(workshop);
	event_base_free(done.base);
}

static void loop_goes_on_while_much_is_built(void **state)
{
	struct stored *s = *state;
	struct done done = {.base = event_base_new()};
	struct policy_workshop *workshop = NULL;
	struct policy_source *source;
	unsigned turns = 0;
	char caller[64];

	for (int i = 0; i < 200; i++) {
		snprintf(caller, sizeof(caller), "user-%d[0-9]*@abc\\.com", i);
		rule_put(s->store, caller);
	}
	assert_int_equal(policy_workshop_create(done.base, work_done, &done, &workshop), RESULT_OK);
	source = source_read(s->store);
	assert_false(policy_source_is_quick(source));
	policy_workshop_order(workshop, source);
	while (done.count == 0) {
		const struct timespec moment = {.tv_nsec = 1000000};

		event_base_loop(done.base, EVLOOP_NONBLOCK);
		nanosleep(&moment, NULL);
		turns++;
	}
	assert_int_equal(done.result, RESULT_OK);
	assert_true(turns > 3);
	policy_workshop_destroy(workshop);
	event_base_free(done.base);
}

static void closing_gives_up_what_waits(void **state)
{
	struct stored *s = *state;
	struct done done = {.base = event_base_new()};
	struct policy_workshop *workshop = NULL;

	rule_put(s->store, "x");
	assert_int_equal(policy_workshop_create(done.base, work_done, &done, &workshop), RESULT_OK);
	for (int i = 0; i < 3; i++)
		policy_workshop_order(workshop, source_read(s->store));
	policy_workshop_destroy(workshop);
	assert_int_equal(done.count, 0);
	event_base_free(done.base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(newest_order_is_built_and_what_waited_gives_way),
		STORED_TEST(what_cannot_be_built_is_told_with_its_rule),
		STORED_TEST(loop_goes_on_while_much_is_built),
		STORED_TEST(closing_gives_up_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
