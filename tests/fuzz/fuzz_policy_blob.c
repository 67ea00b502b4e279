/*
 * A policy as it comes over the contract: any bytes at all are refused or can be judged by. Behind
 * the checks of the blob stands Hyperscan's own of its set, which is asked only where those hold.
 */
#include <string.h>

#include "shared/contract/policy_decide.h"
#include "shared/contract/policy_hours.h"
#include "shared/contract/policy_text.h"
#include "tests/fuzz/target.h"

static const uint32_t groups[] = {1, 7, 0xffffffff};

static struct policy_question question_make(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size < 60 ? size : 60);

	return (struct policy_question){
		.caller = {text, text, groups, 3},
		.callee = {text, slice_make(text.at, text.len / 2), groups, 1},
		.is_callee_ours = size % 2 == 0,
		.method = (enum sip_method)(size % SIP_METHOD_COUNT),
		.caller_level = (uint8_t)(size % 4),
		.is_past = size % 3 == 0,
		.now_s = size * 1000003,
	};
}

/* Everything that a validated policy is asked stays inside it. */
static void policy_use(const struct policy_blob *blob, const uint8_t *data, size_t size)
{
	struct policy_question question = question_make(data, size);
	const struct policy_rule *rules = policy_blob_rules(blob);
	struct policy_verdict verdict;
	char text[POLICY_TEXT_BYTES];
	size_t length;

	verdict = policy_decide(blob, &question, NULL);
	MUST(verdict.rule != 0 || !verdict.is_allowed || blob->rule_count > 0);
	(void)policy_limit(blob, &question, NULL);
	for (uint32_t i = 0; i < blob->rule_count; i++) {
		(void)policy_rule_fit(blob, &rules[i], &question);
		if (rules[i].days != 0)
			(void)policy_hours_are_now(blob, &rules[i], question.now_s);
	}
	if (policy_text_write(&question, question.caller.aor, text, &length) == RESULT_OK)
		MUST(length <= sizeof(text) && memchr(text, POLICY_MARK_END[0], length) ==
						       text + length - 1);
	MUST((const char *)policy_blob_screen(blob) + blob->screen_length ==
	     (const char *)blob + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of just this length: what is read behind it a sanitizer sees. */
	void *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	if (policy_blob_validate(copy, size) == RESULT_OK)
		policy_use(copy, data, size);
	free(copy);
	return 0;
}
