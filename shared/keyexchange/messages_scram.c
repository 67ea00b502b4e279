/* Authorization and WWW-Authenticate with SCRAM-SHA-256 (RFC 7804 5). */
#include "shared/keyexchange/messages.h"

#include <string.h>

#include "shared/base64url.h"
#include "shared/sip/chars.h"

#define SCHEME SLICE("SCRAM-SHA-256")

static void write_data(struct writer *w, struct slice scram)
{
	WRITER_LITERAL(w, "data=\"");
	base64_encode(w, scram.at, scram.len);
	writer_char(w, '"');
}

void scram_authorization_write(struct writer *w, struct slice scram)
{
	writer_slice(w, SCHEME);
	writer_char(w, ' ');
	write_data(w, scram);
}

void scram_challenge_write(struct writer *w, struct slice realm, struct slice scram)
{
	writer_slice(w, SCHEME);
	WRITER_LITERAL(w, " realm=\"");
	writer_slice(w, realm);
	WRITER_LITERAL(w, "\",");
	write_data(w, scram);
}

struct auth_param {
	struct slice name;
	struct slice value; /* quotes taken off */
};

/* Reads name=token or name="text" at at; NULL where the grammar breaks (RFC 3261 25.1). */
static const char *scan_param(const char *at, const char *end, struct auth_param *out)
{
	const char *start = at;

	at = sip_chars_skip(at, end, SIP_CHAR_TOKEN);
	out->name = slice_make(start, (size_t)(at - start));
	at = sip_chars_skip(at, end, SIP_CHAR_LWS);
	if (out->name.len == 0 || at == end || *at++ != '=')
		return NULL;
	at = sip_chars_skip(at, end, SIP_CHAR_LWS);
	if (at == end)
		return NULL;
	start = at;
	if (*at == '"') {
		at = sip_quoted_skip(at, end);
		if (at)
			out->value = slice_make(start + 1, (size_t)(at - start) - 2);
		return at;
	}
	at = sip_chars_skip(at, end, SIP_CHAR_TOKEN);
	out->value = slice_make(start, (size_t)(at - start));
	return out->value.len ? at : NULL;
}

/* The value of the one data parameter. */
static bool find_data(const char *at, const char *end, struct slice *data)
{
	bool is_found = false;

	for (;;) {
		struct auth_param param;

		at = scan_param(sip_chars_skip(at, end, SIP_CHAR_LWS), end, &param);
		if (!at)
			return false;
		if (slice_is_equal_nocase(param.name, SLICE("data"))) {
			if (is_found)
				return false;
			is_found = true;
			*data = param.value;
		}
		at = sip_chars_skip(at, end, SIP_CHAR_LWS);
		if (at == end)
			return is_found;
		if (*at++ != ',')
			return false;
	}
}

enum result scram_data_parse(struct slice value, void *buffer, size_t cap, struct slice *out)
{
	const size_t scheme_len = SCHEME.len;
	struct slice data;
	size_t len;

	if (value.len <= scheme_len ||
	    !slice_is_equal_nocase(slice_make(value.at, scheme_len), SCHEME) ||
	    !sip_char_is(value.at[scheme_len], SIP_CHAR_LWS) ||
	    !find_data(value.at + scheme_len, value.at + value.len, &data) ||
	    base64_decode(data, buffer, cap, &len) != RESULT_OK)
		return RESULT_BAD;
	*out = slice_make(buffer, len);
	return RESULT_OK;
}
