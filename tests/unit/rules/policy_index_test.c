#include "tests/unit/rules/test_body.h"

#include <x86intrin.h>

#include "dataplane/tables/policy_index.h"

#define RULES	   10000
#define TEXT_BYTES 48

/* A policy of many rules that overlap in every way, from numbers that repeat. */
struct blob {
	struct policy_blob head;
	struct policy_rule rule[RULES];
	char strings[2 * RULES * TEXT_BYTES];
};

static uint32_t random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static void text_of(char *out, enum policy_match match, uint32_t number)
{
	if (match == POLICY_MATCH_AOR)
		snprintf(out, TEXT_BYTES, "user-%u@d%u.example", number, number % 7);
	else
		snprintf(out, TEXT_BYTES, "d%u.example", number % 7);
}

static struct policy_party party_make(struct blob *blob, uint64_t *seed, uint32_t names)
{
	struct policy_party party = {.match = (uint8_t)(POLICY_MATCH_ANY + random_next(seed) % 4)};
	uint32_t number = random_next(seed) % names;

	if (party.match == POLICY_MATCH_ANY && random_next(seed) % 50 != 0)
		party.match = POLICY_MATCH_AOR;
	if (party.match == POLICY_MATCH_GROUP) {
		party.group = number % 100;
	} else if (party.match != POLICY_MATCH_ANY) {
		party.text_at = (uint32_t)blob->head.strings_length;
		text_of(blob->strings + party.text_at, (enum policy_match)party.match, number);
		party.text_length = (uint16_t)strlen(blob->strings + party.text_at);
		blob->head.strings_length += party.text_length;
	}
	return party;
}

static struct blob *blob_make(uint32_t count, uint32_t names, uint64_t seed)
{
	struct blob *blob = calloc(1, sizeof(*blob));
	size_t used = count * sizeof(struct policy_rule);

	blob->head.magic = POLICY_BLOB_MAGIC;
	blob->head.generation = 1;
	blob->head.rule_count = count;
	blob->head.strings_at = sizeof(blob->head) + used;
	for (uint32_t i = 0; i < count; i++) {
		struct policy_rule *rule = &blob->rule[i];

		rule->id = i + 1;
		rule->priority = (int32_t)(count - i);
		rule->action = random_next(&seed) % 2 ? POLICY_ALLOW : POLICY_DENY;
		rule->methods = random_next(&seed) % 3 ? 0 : 1u << SIP_METHOD_INVITE;
		rule->minimum_level = (uint8_t)(random_next(&seed) % 4);
		rule->caller = party_make(blob, &seed, names);
		rule->callee = party_make(blob, &seed, names);
	}
	memmove((char *)blob + blob->head.strings_at, blob->strings, blob->head.strings_length);
	return blob;
}

static struct policy_index *index_make(const struct blob *blob)
{
	struct policy_index *index = NULL;

	assert_int_equal(policy_index_create(
				 blob, blob->head.strings_at + blob->head.strings_length, 1, 1, &index),
			 RESULT_OK);
	return index;
}

/* Somebody to ask about; the texts are the caller's room. */
static void subject_make(struct policy_subject *subject, uint32_t number, char aor[TEXT_BYTES],
			 char domain[TEXT_BYTES], uint32_t groups[4])
{
	text_of(aor, POLICY_MATCH_AOR, number);
	text_of(domain, POLICY_MATCH_DOMAIN, number);
	for (uint32_t i = 0; i < 4; i++)
		groups[i] = (number * 3 + i * 11) % 100;
	subject->aor = slice_make(aor, strlen(aor));
	subject->domain = slice_make(domain, strlen(domain));
	subject->group = groups;
	subject->group_count = number % 5;
}

static void verdicts_compare(uint32_t count, uint32_t names, uint64_t seed, unsigned questions)
{
	struct blob *blob = blob_make(count, names, seed);
	struct policy_index *index = index_make(blob);
	unsigned decided = 0;

	for (unsigned i = 0; i < questions; i++) {
		char aor[2][TEXT_BYTES], domain[2][TEXT_BYTES];
		struct policy_verdict have, expected;
		struct policy_question question = {
			.is_callee_ours = random_next(&seed) % 2,
			.method = random_next(&seed) % 2 ? SIP_METHOD_INVITE : SIP_METHOD_MESSAGE,
			.caller_level = (uint8_t)(random_next(&seed) % 4),
		};
		uint32_t groups[2][4];

		subject_make(&question.caller, random_next(&seed) % (names + 5), aor[0], domain[0],
			     groups[0]);
		subject_make(&question.callee, random_next(&seed) % (names + 5), aor[1], domain[1],
			     groups[1]);
		expected = policy_decide(&blob->head, &question, NULL);
		have = policy_index_decide(index, &question, NULL);
		assert_int_equal(have.is_allowed, expected.is_allowed);
		assert_int_equal(have.rule, expected.rule);
		decided += expected.rule != 0;
	}
	print_message("%u rules: %u of %u questions decided by a rule\n", count, decided,
		      questions);
	policy_index_destroy(index);
	free(blob);
}

static void every_verdict_is_that_of_reading_all_rules(void **state)
{
	(void)state;
	for (uint32_t count = 0; count < 40; count++)
		verdicts_compare(count, 10, count, 300);
	verdicts_compare(1000, 400, 1, 3000);
	verdicts_compare(RULES, 3000, 2, 1000);
}

static void without_a_policy_all_is_denied(void **state)
{
	const struct policy_question question = {.method = SIP_METHOD_INVITE};

	(void)state;
	assert_false(policy_index_decide(NULL, &question, NULL).is_allowed);
}

static void unsound_blob_is_refused(void **state)
{
	struct blob *blob = blob_make(20, 10, 3);
	struct policy_index *index = NULL;
	size_t length = blob->head.strings_at + blob->head.strings_length;

	(void)state;
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(policy_index_create(blob, cut, 1, 1, &index), RESULT_BAD);
	blob->rule[3].caller.text_at = UINT32_MAX;
	blob->rule[3].caller.match = POLICY_MATCH_AOR;
	blob->rule[3].caller.text_length = 9;
	assert_int_equal(policy_index_create(blob, length, 1, 1, &index), RESULT_BAD);
	assert_null(index);
	free(blob);
}

static void ten_thousand_rules_cost_little_more_than_ten(void **state)
{
	struct blob *blob = blob_make(RULES, 100000, 4);
	struct policy_index *index = index_make(blob);
	struct policy_question question = {.is_callee_ours = true, .method = SIP_METHOD_INVITE};
	char aor[2][TEXT_BYTES], domain[2][TEXT_BYTES];
	uint64_t best = UINT64_MAX, seed = 5;
	uint32_t groups[2][4];

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint64_t begun;

		subject_make(&question.caller, random_next(&seed) % 100000 / 5 * 5 + 1, aor[0],
			     domain[0], groups[0]);
		subject_make(&question.callee, random_next(&seed) % 100000 / 5 * 5 + 1, aor[1],
			     domain[1], groups[1]);
		begun = __rdtsc();
		(void)policy_index_decide(index, &question, NULL);
		if (__rdtsc() - begun < best)
			best = __rdtsc() - begun;
	}
	print_message("a verdict of %u rules: %lu cycles\n", RULES, best);
	assert_true(best < 50000);
	policy_index_destroy(index);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_is_that_of_reading_all_rules),
		cmocka_unit_test(without_a_policy_all_is_denied),
		cmocka_unit_test(unsound_blob_is_refused),
		KIT_TEST(ten_thousand_rules_cost_little_more_than_ten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
