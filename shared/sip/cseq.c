#include "shared/sip/cseq.h"

#include "shared/sip/chars.h"

enum result sip_cseq_parse(struct slice text, struct sip_cseq *out)
{
	struct slice whole = sip_slice_trim(text);
	const char *end = whole.at + whole.len;
	const char *digits_end = sip_chars_skip(whole.at, end, SIP_CHAR_DIGIT);
	const char *name = sip_chars_skip(digits_end, end, SIP_CHAR_LWS);
	uint32_t number;

	if (!sip_number_parse(slice_make(whole.at, (size_t)(digits_end - whole.at)), INT32_MAX,
			      &number))
		return RESULT_BAD;
	if (name == digits_end || name == end || sip_chars_skip(name, end, SIP_CHAR_TOKEN) != end)
		return RESULT_BAD;
	out->number = number;
	out->method_name = slice_make(name, (size_t)(end - name));
	out->method = sip_method_find(out->method_name);
	return RESULT_OK;
}
