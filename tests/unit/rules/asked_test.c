/* Under what the findings of patterns are remembered (dataplane/rules/asked.h). */
#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/asked.h"

#define TARGET "sip:user-e@abc.com"

static struct gateway_kit *patterned(void **state)
{
	static const struct kit_rule rules[] = {{POLICY_ALLOW, "~user-.*", "*", 0, 0}};
	struct gateway_kit *kit = *state;

	gateway_kit_policy(kit, rules, 1);
	return kit;
}

static struct policy_print print_now(struct gateway_kit *kit)
{
	struct policy_print print;

	assert_true(kit->rules.is_asked);
	asked_print(&kit->rules, kit->policy_state, &print);
	return print;
}

/* Of a request as it comes to step 6 and passes it. */
static struct policy_print print_by(struct gateway_kit *kit, enum example_sender sender,
				    const struct request_text *request)
{
	struct kit_result result;

	example_send(kit, sender, request, &result);
	expect_sent(&result, kit->rules.egress.kind);
	return print_now(kit);
}

static struct policy_print print_of(struct gateway_kit *kit, const char *method, const char *target)
{
	return print_by(kit, BY_TERMINAL_1,
			&(struct request_text){.method = method, .target = target});
}

static bool is_same(const struct policy_print *a, const struct policy_print *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool is_same_but_for_the_place(struct policy_print a, const struct policy_print *b)
{
	a.place = b->place;
	return is_same(&a, b);
}

static void same_question_has_the_same_print_and_another_has_not(void **state)
{
	struct gateway_kit *kit = patterned(state);
	struct policy_print invite = print_of(kit, "INVITE", TARGET), other;

	assert_int_not_equal(invite.record, 0);
	other = print_of(kit, "INVITE", TARGET);
	assert_true(is_same(&invite, &other));
	other = print_of(kit, "CANCEL", TARGET);
	assert_true(is_same(&invite, &other));
	other = print_of(kit, "MESSAGE", TARGET);
	assert_false(is_same_but_for_the_place(invite, &other));
	other = print_of(kit, "INVITE", "sip:user-b@xyz.com");
	assert_false(is_same_but_for_the_place(invite, &other));
}

/* Index and generation stay while names change: what was found for the old ones is not his. */
static void another_record_of_the_same_binding_has_another_print(void **state)
{
	struct gateway_kit *kit = patterned(state);
	struct policy_print before = print_of(kit, "INVITE", TARGET), after;
	struct ingress_sa from = gateway_kit_from_terminal(kit, 1);
	const struct binding *there = binding_table_at(&kit->bindings, from.owner_index);
	struct contract_binding put = {0};

	binding_record_fill(there, &put);
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	after = print_of(kit, "INVITE", TARGET);
	assert_memory_equal(before.half, after.half, sizeof(before.half));
	assert_int_equal(before.place, after.place);
	assert_int_not_equal(before.record, after.record);
}

/* Of whom patterns see the domain alone, so that is what is remembered. */
static void callees_of_one_domain_of_others_have_one_print(void **state)
{
	struct gateway_kit *kit = patterned(state);
	struct policy_print first = print_of(kit, "INVITE", "sip:user-b@xyz.com"), other;

	other = print_of(kit, "INVITE", "sip:user-c@xyz.com");
	assert_true(is_same(&first, &other));
	other = print_of(kit, "MESSAGE", "sip:user-c@xyz.com");
	assert_false(is_same_but_for_the_place(first, &other));
}

/* Whose domain the callee's is may change, and with it what the patterns see. */
static void callee_whose_domain_is_no_longer_ours_has_another_print(void **state)
{
	struct gateway_kit *kit = patterned(state);
	struct policy_print ours = print_of(kit, "INVITE", TARGET), others;
	struct kit_result result;

	snprintf(kit->set.domain[0], sizeof(kit->set.domain[0]), "abc.org");
	gateway_kit_settings(kit);
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = TARGET}, &result);
	others = print_now(kit);
	assert_false(is_same_but_for_the_place(ours, &others));
}

/* A peer's callers are known by their names. */
static void caller_without_a_record_is_known_by_his_name(void **state)
{
	struct gateway_kit *kit = patterned(state);
	struct request_text request = {.method = "INVITE",
				       .target = "sip:user-a@abc.com",
				       .from = "<sip:user-b@xyz.com>",
				       .route_security = ROUTE_SECURITY_B};
	struct policy_print first = print_by(kit, BY_PEER, &request), other;

	assert_int_equal(first.record, 0);
	other = print_by(kit, BY_PEER, &request);
	assert_true(is_same(&first, &other));
	request.from = "<sip:user-c@xyz.com>";
	other = print_by(kit, BY_PEER, &request);
	assert_false(is_same_but_for_the_place(first, &other));
}

static void methods_without_a_number_are_told_apart_by_their_names(void **state)
{
	struct gateway_kit *kit = patterned(state);
	struct policy_print first = print_of(kit, "FIRST", TARGET);
	struct policy_print other = print_of(kit, "OTHER", TARGET);

	assert_int_equal(first.place, other.place);
	assert_false(is_same(&first, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(same_question_has_the_same_print_and_another_has_not),
		KIT_TEST(another_record_of_the_same_binding_has_another_print),
		KIT_TEST(callees_of_one_domain_of_others_have_one_print),
		KIT_TEST(callee_whose_domain_is_no_longer_ours_has_another_print),
		KIT_TEST(caller_without_a_record_is_known_by_his_name),
		KIT_TEST(methods_without_a_number_are_told_apart_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
