#include "dataplane/rules/emergency.h"

static bool is_sos(struct slice text)
{
	const struct slice sos = SLICE("urn:service:sos");

	return text.len >= sos.len && slice_is_equal_nocase(slice_make(text.at, sos.len), sos) &&
	       (text.len == sos.len || text.at[sos.len] == '.');
}

static bool is_number(const struct settings *settings, struct slice number)
{
	for (unsigned i = 0; i < settings->emergency_count; i++)
		if (slice_is_equal(number, settings->emergency[i]))
			return true;
	return false;
}

static bool is_at_ours(const struct settings *settings, struct slice host)
{
	for (unsigned i = 0; i < settings->domain_count; i++)
		if (slice_is_equal_nocase(host, settings->domain[i]))
			return true;
	return false;
}

static bool is_one(const struct settings *settings, const struct sip_uri *uri)
{
	switch (uri->scheme) {
	case SIP_SCHEME_URN:
		return is_sos(uri->text);
	case SIP_SCHEME_TEL:
		return is_number(settings, uri->user);
	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		return is_number(settings, uri->user) && is_at_ours(settings, uri->host);
	case SIP_SCHEME_OTHER:
		break;
	}
	return false;
}

bool emergency_is(const struct settings *settings, const struct sip_uri *uri)
{
	return settings->emergency_peer != 0 && is_one(settings, uri);
}

static bool is_of_who_answers(const struct settings *settings, const struct link *link)
{
	return link->kind == LEG_PEER && link->peer->index == settings->emergency_peer;
}

bool emergency_is_urgent(const struct packet_rules *rules)
{
	const struct settings *settings = rules->settings;
	const struct sip_message *message = rules->message;
	const struct sip_uri *named = message->is_request ? &message->uri : &message->to.uri;

	if (settings->emergency_peer == 0)
		return emergency_is_answered_here(settings, named);
	if (!is_of_who_answers(settings, &rules->ingress) &&
	    !is_of_who_answers(settings, &rules->egress))
		return false;
	return is_one(settings, named) || is_one(settings, &message->to.uri) ||
	       is_one(settings, &message->from.uri);
}

bool emergency_is_answered_here(const struct settings *settings, const struct sip_uri *uri)
{
	return settings->emergency_peer == 0 && settings->emergency_count > 0 &&
	       is_one(settings, uri);
}
