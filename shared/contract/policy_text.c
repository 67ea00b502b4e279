#include "shared/contract/policy_text.h"

#include <string.h>

struct text {
	char *at;
	size_t length;
	bool is_bad;
};

static void mark_add(struct text *text, const char *mark)
{
	text->at[text->length++] = mark[0];
}

static void part_add(struct text *text, struct slice part, size_t most)
{
	unsigned controls = 0;

	for (size_t i = 0; i < part.len; i++)
		controls += (unsigned char)part.at[i] < ' ';
	if (part.len > most || controls > 0) {
		text->is_bad = true;
		return;
	}
	if (part.len > 0)
		memcpy(text->at + text->length, part.at, part.len);
	text->length += part.len;
}

enum result policy_text_write(const struct policy_question *question, struct slice method_name,
			      char out[POLICY_TEXT_BYTES], size_t *length)
{
	struct text text = {.at = out};

	mark_add(&text, POLICY_MARK_CALLER);
	part_add(&text, question->caller.aor, LIMIT_AOR_BYTES);
	mark_add(&text, POLICY_MARK_CALLEE);
	if (question->is_callee_ours) {
		part_add(&text, question->callee.aor, LIMIT_AOR_BYTES);
	} else {
		mark_add(&text, "@");
		part_add(&text, question->callee.domain, LIMIT_AOR_BYTES - 1);
	}
	mark_add(&text, POLICY_MARK_METHOD);
	part_add(&text,
		 question->method == SIP_METHOD_OTHER ? method_name
						      : sip_method_name(question->method),
		 LIMIT_SIP_METHOD_BYTES);
	mark_add(&text, POLICY_MARK_END);
	if (text.is_bad)
		return RESULT_BAD;
	*length = text.length;
	return RESULT_OK;
}
