#include "terminal/ua/naming.h"

bool naming_is_here(const struct sip_uri *uri)
{
	static const uint8_t ipv6[16] = {[15] = 1};
	struct sip_address address;

	if (slice_is_equal_nocase(uri->host, SLICE("localhost")))
		return true;
	if (sip_address_parse(uri->host, &address) != RESULT_OK)
		return false;
	return address.family == 4 ? address.bytes[0] == 127
				   : memcmp(address.bytes, ipv6, sizeof(ipv6)) == 0;
}

static bool is_sip(const struct sip_uri *uri)
{
	return uri->scheme == SIP_SCHEME_SIP || uri->scheme == SIP_SCHEME_SIPS;
}

static bool is_our_name(const struct ua *ua, const struct sip_uri *uri)
{
	char canonical[LIMIT_AOR_BYTES], own[LIMIT_AOR_BYTES];
	struct slice a, b;
	struct sip_uri ours;

	return sip_uri_parse(text_slice(&ua->uri), &ours) == RESULT_OK &&
	       sip_uri_aor(uri, canonical, &a) == RESULT_OK &&
	       sip_uri_aor(&ours, own, &b) == RESULT_OK && slice_is_equal(a, b);
}

bool naming_from(const struct ua *ua, const struct sip_uri *from, struct slice *out)
{
	*out = text_slice(&ua->uri);
	if (sip_uri_is_anonymous(from)) {
		*out = from->text;
		return true;
	}
	if (is_sip(from) && naming_is_here(from))
		return slice_is_equal(from->user, text_slice(&ua->user));
	return is_our_name(ua, from);
}

bool naming_to(const struct ua *ua, const struct sip_uri *to, struct writer *w)
{
	if (to->scheme == SIP_SCHEME_OTHER || to->headers.len)
		return false;
	if (!is_sip(to) || !naming_is_here(to)) {
		writer_slice(w, to->text);
		return !w->is_full;
	}
	WRITER_LITERAL(w, "sip:");
	writer_slice(w, to->user);
	writer_char(w, '@');
	writer_slice(w, text_slice(&ua->domain));
	return to->user.len != 0 && !w->is_full;
}
