#include "shared/sip/params.h"

#include "shared/sip/chars.h"

/* Past the value that starts at at; NULL if there is none. */
static const char *value_skip(const char *at, const char *end)
{
	const char *past;

	if (at == end)
		return NULL;
	if (*at == '"')
		return sip_quoted_skip(at, end);
	past = sip_chars_skip_many(at, end, SIP_CHAR_VALUE);
	return past == at ? NULL : past;
}

enum result sip_params_next(struct sip_params *params, struct sip_param *out)
{
	const char *end = params->end;
	const char *at = sip_chars_skip(params->at, end, SIP_CHAR_LWS), *name, *past;

	if (at == end) {
		params->at = end;
		return RESULT_NOT_FOUND;
	}
	if (*at != ';')
		return RESULT_BAD;
	name = sip_chars_skip(at + 1, end, SIP_CHAR_LWS);
	past = sip_chars_skip(name, end, SIP_CHAR_TOKEN);
	if (past == name)
		return RESULT_BAD;
	out->name = slice_make(name, (size_t)(past - name));
	out->value = slice_make(past, 0);
	at = sip_chars_skip(past, end, SIP_CHAR_LWS);
	if (at < end && *at == '=') {
		const char *value = sip_chars_skip(at + 1, end, SIP_CHAR_LWS);

		past = value_skip(value, end);
		if (past == NULL)
			return RESULT_BAD;
		out->value = slice_make(value, (size_t)(past - value));
	}
	out->text = slice_make(name, (size_t)(past - name));
	params->at = past;
	return RESULT_OK;
}
