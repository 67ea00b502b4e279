#include "shared/sip/uri.h"

#include "shared/sip/chars.h"
#include "shared/sip/host.h"

/* Past the run of characters of these classes and whole escapes; NULL at a broken escape. */
static const char *escaped_skip(const char *at, const char *end, unsigned classes)
{
	for (;;) {
		at = sip_chars_skip_many(at, end, classes);
		if (at == end || *at != '%')
			return at;
		if (end - at < 3 || !sip_char_is(at[1], SIP_CHAR_HEX) ||
		    !sip_char_is(at[2], SIP_CHAR_HEX))
			return NULL;
		at += 3;
	}
}

/* user [":" password] in [at, end), which the "@" ends. */
static bool userinfo_parse(const char *at, const char *end, struct sip_uri *uri)
{
	const char *past = escaped_skip(at, end, SIP_CHAR_USER);

	if (past == NULL || past == at)
		return false;
	uri->user = slice_make(at, (size_t)(past - at));
	if (past == end)
		return true;
	if (*past != ':')
		return false;
	uri->has_password = true;
	uri->password = slice_make(past + 1, (size_t)(end - past - 1));
	return escaped_skip(past + 1, end, SIP_CHAR_PASSWORD) == end;
}

const char *sip_uri_params_skip(const char *at, const char *end)
{
	while (at < end && *at == ';') {
		const char *name = at + 1;

		at = escaped_skip(name, end, SIP_CHAR_URI_PARAM);
		if (at == NULL || at == name)
			return NULL;
		if (at < end && *at == '=') {
			const char *value = at + 1;

			at = escaped_skip(value, end, SIP_CHAR_URI_PARAM);
			if (at == NULL || at == value)
				return NULL;
		}
	}
	return at;
}

/* name "=" [value] *("&" name "=" [value]) up to the end. */
static bool uri_headers_are_legal(const char *at, const char *end)
{
	for (;;) {
		const char *name = at;

		at = escaped_skip(at, end, SIP_CHAR_URI_HEADER);
		if (at == NULL || at == name || at == end || *at != '=')
			return false;
		at = escaped_skip(at + 1, end, SIP_CHAR_URI_HEADER);
		if (at == NULL)
			return false;
		if (at == end)
			return true;
		if (*at++ != '&')
			return false;
	}
}

static bool sip_parse(const char *at, const char *end, struct sip_uri *uri)
{
	const char *sign = memchr(at, '@', (size_t)(end - at)), *past;

	if (sign != NULL) {
		if (!userinfo_parse(at, sign, uri))
			return false;
		at = sign + 1;
	}
	at = sip_host_scan(at, end, &uri->host);
	if (at == NULL)
		return false;
	if (at < end && *at == ':') {
		at = sip_port_scan(at + 1, end, &uri->port);
		if (at == NULL)
			return false;
	}
	past = sip_uri_params_skip(at, end);
	if (past == NULL)
		return false;
	uri->params = slice_make(at, (size_t)(past - at));
	if (past == end)
		return true;
	uri->headers = slice_make(past + 1, (size_t)(end - past - 1));
	return *past == '?' && uri_headers_are_legal(past + 1, end);
}

static bool tel_parse(const char *at, const char *end, struct sip_uri *uri)
{
	const char *past = at;

	if (past < end && *past == '+')
		past++;
	past = sip_chars_skip(past, end, SIP_CHAR_PHONE);
	if (past == at)
		return false;
	uri->user = slice_make(at, (size_t)(past - at));
	uri->params = slice_make(past, (size_t)(end - past));
	return sip_uri_params_skip(past, end) == end;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ); past the ":", or NULL. */
static const char *scheme_scan(struct slice text, struct sip_uri *uri)
{
	const char *end = text.at + text.len, *at = text.at;
	struct slice name;

	if (text.len > 4 && at[3] == ':' &&
	    slice_is_equal_nocase(slice_make(at, 3), SLICE("sip"))) {
		uri->scheme = SIP_SCHEME_SIP;
		return at + 4;
	}
	while (at < end && (*at == '+' || (*at != '_' && sip_char_is(*at, SIP_CHAR_HOST))))
		at++;
	if (at == text.at || at == end || *at != ':' ||
	    (unsigned char)(sip_char_lower(text.at[0]) - 'a') > 25)
		return NULL;
	name = slice_make(text.at, (size_t)(at - text.at));
	if (slice_is_equal_nocase(name, SLICE("sip")))
		uri->scheme = SIP_SCHEME_SIP;
	else if (slice_is_equal_nocase(name, SLICE("sips")))
		uri->scheme = SIP_SCHEME_SIPS;
	else if (slice_is_equal_nocase(name, SLICE("tel")))
		uri->scheme = SIP_SCHEME_TEL;
	else if (slice_is_equal_nocase(name, SLICE("urn")))
		uri->scheme = SIP_SCHEME_URN;
	else
		uri->scheme = SIP_SCHEME_OTHER;
	return at + 1;
}

/* Field by field: clearing the whole first costs more than parsing a short URI. */
static void uri_clear(struct slice text, struct sip_uri *uri)
{
	struct slice none = slice_make(text.at, 0);

	uri->text = text;
	uri->user = uri->password = uri->host = uri->params = uri->headers = none;
	uri->has_password = false;
	uri->is_canonical = false;
	uri->port = 0;
}

enum result sip_uri_parse(struct slice text, struct sip_uri *out)
{
	const char *end = text.at + text.len, *at;
	bool is_legal;

	uri_clear(text, out);
	at = scheme_scan(text, out);
	if (at == NULL || at == end)
		return RESULT_BAD;
	if (out->scheme == SIP_SCHEME_SIP || out->scheme == SIP_SCHEME_SIPS) {
		is_legal = sip_parse(at, end, out);
	} else if (out->scheme == SIP_SCHEME_TEL) {
		is_legal = tel_parse(at, end, out);
	} else {
		out->user = slice_make(at, (size_t)(end - at));
		is_legal = escaped_skip(at, end, SIP_CHAR_URI | SIP_CHAR_USER) == end;
	}
	return is_legal ? RESULT_OK : RESULT_BAD;
}

bool sip_uri_is_anonymous(const struct sip_uri *uri)
{
	return slice_is_equal_nocase(uri->host, SLICE("anonymous.invalid"));
}

bool sip_uri_param(const struct sip_uri *uri, struct slice name, struct slice *value)
{
	const char *at = uri->params.at, *end = at + uri->params.len;

	while (at < end) {
		const char *next = memchr(at + 1, ';', (size_t)(end - at - 1)), *sign;

		if (next == NULL)
			next = end;
		sign = memchr(at, '=', (size_t)(next - at));
		if (sign == NULL)
			sign = next;
		if (slice_is_equal_nocase(slice_make(at + 1, (size_t)(sign - at - 1)), name)) {
			*value = slice_make(sign, 0);
			if (sign < next)
				*value = slice_make(sign + 1, (size_t)(next - sign - 1));
			return true;
		}
		at = next;
	}
	return false;
}
