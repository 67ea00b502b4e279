/* Policies swapped under traffic: the writer in one thread, a worker in another. */
#include "tests/unit/rules/test_body.h"

#include <pthread.h>
#include <stdatomic.h>

#include "dataplane/rules/policy.h"

#define SWAPS 100

/* Both let user-a reach user-e, one by a pattern, one by name; they differ in user-b@xyz.com. */
static const struct kit_rule policies[2][3] = {
	{{POLICY_ALLOW, "~user-a@abc\\.com", "~user-e@.*", 0, 0},
	 {POLICY_ALLOW, "~user-a@.*", "xyz.com", 0, 0},
	 {POLICY_DENY, "~.*", "*", 0, 0}},
	{{POLICY_ALLOW, "user-a@abc.com", "user-e@abc.com", 0, 0},
	 {POLICY_DENY, "~user-[a-z]@.*", "xyz.com", 0, 0},
	 {POLICY_ALLOW, "*", "*", 0, 0}},
};

struct traffic {
	struct gateway_kit *kit;
	atomic_bool is_ending;
	unsigned long sent, both_ways[2], lost;
};

/* As a worker walks: messages, then a quiescent state. */
static void *traffic_run(void *context)
{
	struct traffic *traffic = context;
	struct kit_result *result = malloc(sizeof(*result));

	while (!atomic_load(&traffic->is_ending)) {
		example_send(traffic->kit, BY_TERMINAL_1,
			     &(struct request_text){.method = "MESSAGE",
						    .target = "sip:user-e@abc.com"},
			     result);
		traffic->sent++;
		/* As time goes: what a new policy makes the worker scan anew is bounded a second. */
		traffic->kit->now_ms += 20;
		traffic->lost += result->end != KIT_SENT || result->status != 0;
		example_send(traffic->kit, BY_TERMINAL_1,
			     &(struct request_text){.method = "MESSAGE",
						    .target = "sip:user-b@xyz.com"},
			     result);
		if (result->end != KIT_SENT || (result->status != 0 && result->status != 404))
			traffic->lost++;
		else
			traffic->both_ways[result->status == 404]++;
		rte_rcu_qsbr_quiescent(traffic->kit->readers, 0);
	}
	rte_rcu_qsbr_thread_offline(traffic->kit->readers, 0);
	free(result);
	return NULL;
}

static void hundred_swaps_lose_no_message_and_mix_no_policies(void **state)
{
	struct gateway_kit *kit = *state;
	struct traffic traffic = {.kit = kit};
	const struct timespec moment = {.tv_nsec = 2000000};
	pthread_t thread;

	gateway_kit_policy(kit, policies[0], 3);
	assert_int_equal(rte_rcu_qsbr_thread_register(kit->readers, 0), 0);
	rte_rcu_qsbr_thread_online(kit->readers, 0);
	assert_int_equal(pthread_create(&thread, NULL, traffic_run, &traffic), 0);
	for (unsigned i = 1; i <= SWAPS; i++) {
		gateway_kit_policy(kit, policies[i % 2], 3);
		nanosleep(&moment, NULL);
		(void)deferred_poll(kit->deferred);
	}
	atomic_store(&traffic.is_ending, true);
	pthread_join(thread, NULL);
	assert_int_equal(deferred_poll(kit->deferred), 0);
	print_message("%lu messages during %d swaps, %lu one way and %lu the other\n",
		      2 * traffic.sent, SWAPS, traffic.both_ways[0], traffic.both_ways[1]);
	assert_int_equal(traffic.lost, 0);
	assert_true(traffic.sent > SWAPS);
	assert_true(traffic.both_ways[0] > 0 && traffic.both_ways[1] > 0);
	rte_rcu_qsbr_thread_unregister(kit->readers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(hundred_swaps_lose_no_message_and_mix_no_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
