#include "shared/sip/name_addr.h"

#include "shared/sip/chars.h"
#include "shared/sip/params.h"

/* A display name without quotes: tokens and space, and UTF-8, which is carried untouched. */
static const char *display_skip(const char *at, const char *end)
{
	while (at < end && (sip_char_is(*at, SIP_CHAR_TOKEN | SIP_CHAR_LWS) || (*at & 0x80) != 0))
		at++;
	return at;
}

/* "<" URI ">" and what follows; at is at the "<". */
static enum result angles_parse(const char *at, const char *end, struct sip_name_addr *addr)
{
	const char *close = memchr(at, '>', (size_t)(end - at));

	if (close == NULL)
		return RESULT_BAD;
	addr->has_angles = true;
	addr->uri = slice_make(at + 1, (size_t)(close - at - 1));
	addr->params = slice_make(close + 1, (size_t)(end - close - 1));
	return RESULT_OK;
}

/* A bare URI: what follows its first ";" belongs to the header (RFC 3261 20.10). */
static enum result bare_parse(const char *at, const char *end, struct sip_name_addr *addr)
{
	const char *past = at, *next;

	while (past < end && *past != ';' && !sip_char_is(*past, SIP_CHAR_LWS)) {
		if (*past == '?' || *past == ',' || *past == '<' || *past == '>' || *past == '"')
			return RESULT_BAD;
		past++;
	}
	next = sip_chars_skip(past, end, SIP_CHAR_LWS);
	if (past == at || (next < end && *next != ';'))
		return RESULT_BAD;
	addr->uri = slice_make(at, (size_t)(past - at));
	addr->params = slice_make(past, (size_t)(end - past));
	return RESULT_OK;
}

enum result sip_name_addr_parse(struct slice text, struct sip_name_addr *out)
{
	const char *at, *end, *past;

	out->text = sip_slice_trim(text);
	at = past = out->text.at;
	end = at + out->text.len;
	out->display = slice_make(at, 0);
	out->has_angles = false;
	if (at < end && *at == '<')
		return angles_parse(at, end, out);
	if (at < end && *at == '"') {
		past = sip_quoted_skip(at, end);
		if (past == NULL)
			return RESULT_BAD;
		out->display = slice_make(at, (size_t)(past - at));
		past = sip_chars_skip(past, end, SIP_CHAR_LWS);
		return past < end && *past == '<' ? angles_parse(past, end, out) : RESULT_BAD;
	}
	past = display_skip(at, end);
	if (past == end || *past != '<')
		return bare_parse(at, end, out);
	out->display = sip_slice_trim(slice_make(at, (size_t)(past - at)));
	return angles_parse(past, end, out);
}

enum result sip_name_addr_param(const struct sip_name_addr *addr, struct slice name,
				struct slice *value)
{
	struct sip_params params = sip_params_begin(addr->params);
	struct sip_param param;
	enum result result;

	while ((result = sip_params_next(&params, &param)) == RESULT_OK) {
		if (slice_is_equal_nocase(param.name, name)) {
			*value = param.value;
			return RESULT_OK;
		}
	}
	return result;
}

enum result sip_party_parse(struct slice text, struct sip_party *out)
{
	struct sip_name_addr addr;
	struct sip_params params;
	struct sip_param param;
	enum result result;

	if (sip_name_addr_parse(text, &addr) != RESULT_OK ||
	    sip_uri_parse(addr.uri, &out->uri) != RESULT_OK)
		return RESULT_BAD;
	out->display = addr.display;
	out->tag = slice_make(text.at, 0);
	params = sip_params_begin(addr.params);
	while ((result = sip_params_next(&params, &param)) == RESULT_OK) {
		if (!slice_is_equal_nocase(param.name, SLICE("tag")))
			continue;
		if (out->tag.len != 0 || param.value.len == 0)
			return RESULT_BAD;
		out->tag = param.value;
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : RESULT_BAD;
}
