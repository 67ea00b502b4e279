#include "dataplane/rules/asserted.h"

#include "shared/sip/chars.h"

/* Is `id` among the values of Privacy (RFC 3323 4.2, RFC 3325 9.3)? */
static bool is_private(const struct sip_message *message)
{
	struct slice value = sip_message_value(message, SIP_HEADER_PRIVACY);
	const char *at = value.at, *end = value.at + value.len;

	while (at < end) {
		const char *past = memchr(at, ';', (size_t)(end - at));
		struct slice one =
			sip_slice_trim(slice_make(at, (size_t)((past ? past : end) - at)));

		if (slice_is_equal_nocase(one, SLICE("id")))
			return true;
		at = past ? past + 1 : end;
	}
	return false;
}

static bool is_passed(const struct packet_rules *rules)
{
	const struct link *egress = &rules->egress;

	if (rules->ingress.kind != LEG_PEER || !rules->ingress.peer->is_trusted)
		return false;
	if (egress->kind == LEG_PEER)
		return egress->peer->is_trusted;
	return egress->kind == LEG_TERMINAL && !egress->binding->is_untrusted &&
	       !is_private(rules->message);
}

/* Do we say who the caller is: we know, and the peer may? */
static bool is_ours_to_add(const struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	if (!message->is_request || rules->ingress.kind != LEG_TERMINAL ||
	    rules->egress.kind != LEG_PEER || !rules->egress.peer->is_trusted)
		return false;
	if (sip_uri_is_anonymous(&message->from.uri))
		return rules->caller.text.at != rules->from.text.at;
	return rules->settings->is_identity_always_asserted;
}

static void ours_write(const struct packet_rules *rules, struct writer *w)
{
	struct slice caller = rules->caller.text;

	WRITER_LITERAL(w, "P-Asserted-Identity: <");
	if (rules_aor_domain(caller).len > 0)
		WRITER_LITERAL(w, "sip:");
	writer_slice(w, caller);
	WRITER_LITERAL(w, ">\r\n");
}

void asserted_edit(const struct packet_rules *rules, struct sip_edit *edit, uint16_t offset)
{
	const struct sip_message *message = rules->message;

	if (rules->ingress.kind != LEG_PEER) {
		sip_edit_remove_header(edit, message, SIP_HEADER_P_PREFERRED_IDENTITY);
		sip_edit_remove_header(edit, message, SIP_HEADER_REMOTE_PARTY_ID);
	}
	if (sip_message_has(message, SIP_HEADER_P_ASSERTED_IDENTITY) && !is_passed(rules))
		sip_edit_remove_header(edit, message, SIP_HEADER_P_ASSERTED_IDENTITY);
	if (is_ours_to_add(rules)) {
		ours_write(rules, sip_edit_open(edit));
		sip_edit_close(edit, offset, 0);
	}
}
