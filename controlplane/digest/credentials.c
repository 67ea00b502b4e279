#include "controlplane/digest/credentials.h"

#include <stdint.h>

#include "shared/sip/chars.h"

enum { USERNAME, REALM, NONCE, URI, RESPONSE, CNONCE, NC, QOP, ALGORITHM, PARAMETERS };

static const struct slice names[PARAMETERS] = {
	[USERNAME] = {"username", 8},
	[REALM] = {"realm", 5},
	[NONCE] = {"nonce", 5},
	[URI] = {"uri", 3},
	[RESPONSE] = {"response", 8},
	[CNONCE] = {"cnonce", 6},
	[NC] = {"nc", 2},
	[QOP] = {"qop", 3},
	[ALGORITHM] = {"algorithm", 9},
};

static const char *space_skip(const char *at, const char *end)
{
	return sip_chars_skip(at, end, SIP_CHAR_LWS);
}

/* A token or a quoted string, quotes taken off. NULL: neither. */
static const char *value_read(const char *at, const char *end, struct slice *out)
{
	const char *after;

	if (at == end || *at != '"') {
		after = sip_chars_skip(at, end, SIP_CHAR_TOKEN);
		*out = slice_make(at, (size_t)(after - at));
		return out->len > 0 ? after : NULL;
	}
	after = sip_quoted_skip(at, end);
	if (after == NULL)
		return NULL;
	*out = slice_make(at + 1, (size_t)(after - at) - 2);
	return after;
}

static bool note(struct slice values[PARAMETERS], struct slice name, struct slice value)
{
	for (int i = 0; i < PARAMETERS; i++) {
		if (!slice_is_equal_nocase(names[i], name))
			continue;
		if (values[i].at != NULL || memchr(value.at, '\\', value.len) != NULL)
			return false;
		values[i] = value;
		return true;
	}
	return true; /* opaque and whatever else: not ours to judge */
}

static enum result parameters_read(const char *at, const char *end, struct slice values[PARAMETERS])
{
	struct slice name, value;

	for (;;) {
		const char *after = sip_chars_skip(at, end, SIP_CHAR_TOKEN);

		name = slice_make(at, (size_t)(after - at));
		at = space_skip(after, end);
		if (name.len == 0 || at == end || *at != '=')
			return RESULT_BAD;
		at = value_read(space_skip(at + 1, end), end, &value);
		if (at == NULL || !note(values, name, value))
			return RESULT_BAD;
		at = space_skip(at, end);
		if (at == end)
			return RESULT_OK;
		if (*at != ',')
			return RESULT_BAD;
		at = space_skip(at + 1, end);
	}
}

static bool are_whole(const struct slice values[PARAMETERS])
{
	for (int i = 0; i < PARAMETERS; i++)
		if (i != ALGORITHM && values[i].len == 0)
			return false;
	return slice_is_equal_nocase(values[QOP], SLICE("auth")) && values[NC].len == 8;
}

enum result digest_credentials_parse(struct slice value, struct digest_credentials *out)
{
	struct slice values[PARAMETERS] = {{0}};
	const char *at, *end = value.at + value.len;
	enum result result;

	value = sip_slice_trim(value);
	if (value.len < 7 || !slice_is_equal_nocase(slice_make(value.at, 6), SLICE("Digest")) ||
	    !sip_char_is(value.at[6], SIP_CHAR_LWS))
		return RESULT_NOT_FOUND;
	at = space_skip(value.at + 6, end);
	end = value.at + value.len;
	result = parameters_read(at, end, values);
	if (result != RESULT_OK)
		return result;
	if (!slice_is_equal_nocase(values[ALGORITHM], SLICE("SHA-256")))
		return RESULT_NOT_FOUND;
	if (!are_whole(values))
		return RESULT_BAD;
	*out = (struct digest_credentials){
		.username = values[USERNAME],
		.realm = values[REALM],
		.nonce = values[NONCE],
		.uri = values[URI],
		.response = values[RESPONSE],
		.cnonce = values[CNONCE],
		.nc = values[NC],
	};
	return RESULT_OK;
}
