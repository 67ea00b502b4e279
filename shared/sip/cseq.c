#include "shared/sip/cseq.h"

#include "shared/sip/chars.h"

enum result sip_cseq_parse(struct slice text, struct sip_cseq *out)
{
	struct slice whole = sip_slice_trim(text);
	const char *end = whole.at + whole.len, *digits_end = whole.at, *name;
	uint64_t number = 0;

	while (digits_end < end && sip_char_is(*digits_end, SIP_CHAR_DIGIT)) {
		number = number * 10 + (uint64_t)(*digits_end++ - '0');
		if (number > INT32_MAX)
			return RESULT_BAD;
	}
	name = sip_chars_skip(digits_end, end, SIP_CHAR_LWS);
	if (digits_end == whole.at || name == digits_end || name == end)
		return RESULT_BAD;
	out->number = (uint32_t)number;
	out->method_name = slice_make(name, (size_t)(end - name));
	out->method = sip_method_find(out->method_name);
	if (out->method == SIP_METHOD_OTHER && sip_chars_skip(name, end, SIP_CHAR_TOKEN) != end)
		return RESULT_BAD;
	return RESULT_OK;
}
