/* The one spelling of an identity: sip_uri_canonical_aor, sip_uri_aor. */
#include "shared/sip/uri.h"

#include "shared/sip/chars.h"
#include "shared/sip/escape.h"
#include "shared/sip/host.h"

/* Characters reserved inside a user part stay as written: an escaped one is another (2396 2.2). */
static void userinfo_write(struct slice text, struct writer *w)
{
	size_t at = 0;

	while (at < text.len)
		sip_escape_write(sip_escape_next(text, &at), w);
}

static void sip_write(const struct sip_uri *uri, struct writer *w)
{
	uint16_t own_port = uri->scheme == SIP_SCHEME_SIPS ? 5061 : 5060;

	if (uri->user.len != 0) {
		userinfo_write(uri->user, w);
		if (uri->has_password) {
			writer_char(w, ':');
			userinfo_write(uri->password, w);
		}
		writer_char(w, '@');
	}
	sip_host_write_canonical(uri->host, w);
	if (uri->port != 0 && uri->port != own_port) {
		writer_char(w, ':');
		writer_u32(w, uri->port);
	}
}

static void lower_write(struct slice text, struct writer *w)
{
	for (size_t i = 0; i < text.len; i++)
		writer_char(w, sip_char_lower(text.at[i]));
}

/* Digits of a number, visual separators left out (RFC 3966 5.1.1); how many there were. */
static unsigned phone_write(struct slice number, struct writer *w)
{
	unsigned digits = 0;

	for (size_t i = 0; i < number.len; i++) {
		char c = sip_char_lower(number.at[i]);

		if (c == '-' || c == '.' || c == '(' || c == ')')
			continue;
		writer_char(w, c);
		digits += c != '+';
	}
	return digits;
}

/* A parameter that is part of the number; false if it is there without a value. */
static bool tel_param_write(const struct sip_uri *uri, struct slice name, bool is_number,
			    struct writer *w)
{
	struct slice value;

	if (!sip_uri_param(uri, name, &value))
		return true;
	writer_char(w, ';');
	writer_slice(w, name);
	writer_char(w, '=');
	if (is_number || (value.len != 0 && value.at[0] == '+'))
		return phone_write(value, w) != 0;
	lower_write(value, w);
	return value.len != 0;
}

static enum result tel_write(const struct sip_uri *uri, struct writer *w)
{
	WRITER_LITERAL(w, "tel:");
	if (phone_write(uri->user, w) == 0 || !tel_param_write(uri, SLICE("ext"), true, w) ||
	    !tel_param_write(uri, SLICE("isub"), false, w) ||
	    !tel_param_write(uri, SLICE("phone-context"), false, w))
		return RESULT_BAD;
	return RESULT_OK;
}

enum result sip_uri_canonical_aor(const struct sip_uri *uri, struct writer *w)
{
	switch (uri->scheme) {
	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		sip_write(uri, w);
		return RESULT_OK;
	case SIP_SCHEME_TEL:
		return tel_write(uri, w);
	case SIP_SCHEME_URN:
		lower_write(uri->text, w);
		return RESULT_OK;
	case SIP_SCHEME_OTHER:
		break;
	}
	return RESULT_BAD;
}

enum result sip_uri_aor(const struct sip_uri *uri, char room[LIMIT_AOR_BYTES], struct slice *aor)
{
	struct writer w = writer_make(room, LIMIT_AOR_BYTES);
	enum result result = sip_uri_canonical_aor(uri, &w);

	return result == RESULT_OK ? writer_finish(&w, aor) : result;
}
